"""Videos: how long, how large, which codec, read from the packets and not from the header's word.

Every packet of the video stream is passed without being decoded (hundreds of megabytes a second): the length is the end
of the last picture minus the start of the first. A header that was never finished, or that promises more than arrived,
is thereby not believed. Without a video stream the sound is measured, and the file is no video. A cut AVI is measured
as far as it arrived, and said to be cut. A file whose packets
cannot be reached raises, as does an MP4 of which more than 5 % did not arrive: it is unreadable.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from parsers.content import Content, FormatParser, SourceFile
from rules.extraction import Kind, Video
from rules.findings import Code, Finding

MIN_ARRIVED_SHARE: Final = 0.95
_MP4_BOXES: Final = frozenset(
    (b"ftyp", b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"uuid", b"styp", b"sidx")
)
_CONTENT_ID: Final = "com.apple.quicktime.content.identifier"  # as in the photo that the film belongs to
_TAKEN_AT: Final = "com.apple.quicktime.creationdate"  # with its zone; `creation_time` is in UTC and says no local time
_STILL: Final = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


def read(source: SourceFile) -> Content:
    if _arrived_share(source.path) < MIN_ARRIVED_SHARE:
        raise ValueError("the video file is truncated")
    with av.open(str(source.path), mode="r", metadata_errors="ignore") as container:
        pictures = next((stream for stream in container.streams.video if not stream.disposition & _STILL), None)
        if pictures is not None:
            return Content(kind=Kind.VIDEO, video=_video(container, pictures), findings=_cut_short(source.path))
        if container.streams.audio:
            sound = container.streams.audio[0]
            video = Video(seconds=_seconds(container, sound), codec=sound.codec_context.name)
            return Content(kind=Kind.OTHER, video=video, findings=_without_pictures(source.media_type))
    raise ValueError("neither pictures nor sound in it")


def _without_pictures(media_type: str) -> tuple[Finding, ...]:
    """Music is nobody's submission; a film without pictures was meant as one."""
    if not media_type.startswith("video/"):
        return ()
    return (Finding(code=Code.UNREADABLE, detail="文件中只有声音，没有画面，不是视频"),)


def _cut_short(path: Path) -> tuple[Finding, ...]:
    """A cut AVI plays as far as it goes, so a film too long may look short enough: a person must look."""
    with path.open("rb") as file:
        head = file.read(12)
    promised = int.from_bytes(head[4:8], "little") + 8
    is_avi = head.startswith(b"RIFF") and head[8:12] == b"AVI "
    if not is_avi or path.stat().st_size >= promised * MIN_ARRIVED_SHARE:
        return ()
    detail = f"视频文件不完整（收到约{path.stat().st_size * 100 // promised}%），时长以收到的部分计，请人工核对"
    return (Finding(code=Code.LOW_CONFIDENCE, detail=detail),)


def _video(container: InputContainer, stream: VideoStream) -> Video:
    context = stream.codec_context
    return Video(
        seconds=_seconds(container, stream),
        width=context.width or None,
        height=context.height or None,
        codec=context.name,
        content_id=container.metadata.get(_CONTENT_ID, "").upper(),
        taken_at=_local_time(container.metadata.get(_TAKEN_AT, "")),
    )


def _local_time(written: str) -> datetime | None:
    """Of a moment in UTC nobody can say what the clock of the camera showed."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment.replace(tzinfo=None) if moment.utcoffset() else None


def _seconds(container: InputContainer, stream: VideoStream | AudioStream) -> float | None:
    """Length to 0.1 s; None when neither the packets nor the container bear times."""
    per_picture = _seconds_per_picture(stream)
    first, last, count = float("inf"), float("-inf"), 0
    for packet in _shown_packets(container, stream):
        count += 1
        ticks = packet.pts if packet.pts is not None else packet.dts
        if ticks is None or packet.time_base is None:
            continue
        start = float(ticks * packet.time_base)
        length = float((packet.duration or 0) * packet.time_base) or per_picture
        first, last = min(first, start), max(last, start + length)
    if not count:
        raise ValueError("no packet of the stream arrived")
    if last > first:
        return round(last - first, 1)
    if per_picture:
        return round(count * per_picture, 1)
    return round(container.duration / av.time_base, 1) if container.duration else None


def _seconds_per_picture(stream: VideoStream | AudioStream) -> float:
    """What a packet lasts that does not say so, as WMV and FLV often do not; 0 when unknown."""
    rate = stream.average_rate if isinstance(stream, VideoStream) else None
    return float(1 / rate) if rate else 0.0


def _shown_packets(container: InputContainer, stream: VideoStream | AudioStream) -> Iterator[Packet[Any]]:
    """All packets but the closing mark and those that an edit list hides: a phone keeps in the file what it trims."""
    return (packet for packet in container.demux(stream) if packet.size and not packet.is_discard)


def _arrived_share(path: Path) -> float:
    """How much of an MP4 is there, by the sizes of its outer boxes; 1 for every other format.

    With its index in front a cut MP4 still opens and plays, and a video too long would look short enough.
    """
    size = path.stat().st_size
    promised = 0
    with path.open("rb") as file:
        while (length := _box_length(file.read(16))) is not None:
            promised += length
            file.seek(promised)
    return min(1.0, size / promised) if promised else 1.0


def _box_length(header: bytes) -> int | None:
    """None where no box begins that MP4 knows: at the end, in what a camera appended, in another format."""
    if len(header) < 8 or header[4:8] not in _MP4_BOXES:
        return None
    length = int.from_bytes(header[:4], "big")
    if length == 1 and len(header) == 16:  # a box above 4 GiB
        length = int.from_bytes(header[8:], "big")
    return length if length >= 8 else None  # 0: up to the end of the file, whatever that is


PARSER: Final = FormatParser(
    name="video",
    media_types=(
        "video/mp4",
        "video/x-m4v",
        "video/quicktime",
        "video/x-msvideo",
        "video/avi",
        "video/3gpp",
        "video/3gpp2",
        "video/x-ms-wmv",
        "video/x-ms-asf",
        "video/x-flv",
        "video/x-matroska",
        "video/webm",
        "video/mpeg",
        "video/mp2t",
        "video/ogg",
        "application/vnd.rn-realmedia",
        "audio/mpeg",
        "audio/mp4",
        "audio/x-m4a",
        "audio/aac",
        "audio/amr",
        "audio/ogg",
        "audio/x-wav",
        "audio/wav",
        "audio/x-flac",
        "audio/flac",
    ),
    read=read,
)
