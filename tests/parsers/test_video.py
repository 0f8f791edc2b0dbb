from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.error import FFmpegError

from ingest.samples import media
from parsers.content import Content, SourceFile
from parsers.formats.video import PARSER
from rules.extraction import Kind, Video
from rules.findings import Code


def read(data: bytes, folder: Path) -> Content:
    path = folder / "film"
    path.write_bytes(data)
    return PARSER.read(SourceFile(path=path, name="视频.mp4", media_type="video/mp4", scratch=folder))


def video_of(content: Content) -> Video:
    assert content.kind is Kind.VIDEO
    assert content.video is not None
    return content.video


def remuxed(data: bytes, muxer: str, **options: str) -> bytes:
    buffer = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(buffer, "w", format=muxer, options=options) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return buffer.getvalue()


def sound(seconds: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        for number in range(seconds):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), dtype=np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 8000, number * 8000, Fraction(1, 8000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


@pytest.mark.parametrize("extension", sorted(media.VIDEO_CODECS))
@pytest.mark.parametrize("seconds", [1, 20])
def test_every_format_tells_its_length_size_and_codec(extension: str, seconds: int, tmp_path: Path) -> None:
    video = video_of(read(media.video(seconds, extension=extension), tmp_path))
    assert video.seconds == pytest.approx(seconds, abs=0.1)
    assert video.codec == media.VIDEO_CODECS[extension]
    assert (video.width, video.height) == ((176, 144) if extension == "3gp" else media.VIDEO_SIZE)


@pytest.mark.parametrize("muxer", ["matroska", "mpegts", "flv"])
def test_h264_in_other_containers_is_measured(muxer: str, tmp_path: Path) -> None:
    film = h264(seconds=12, rate=5)
    assert video_of(read(remuxed(film, muxer), tmp_path)).seconds == pytest.approx(12, abs=0.1)


def h264(*, seconds: int, rate: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(seconds * rate):
            frame = av.VideoFrame.from_image(media.scene(number // rate, (160, 120)))
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


def test_a_length_is_told_to_a_tenth_of_a_second(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mov") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(1804):
            frame = av.VideoFrame(160, 120, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert video_of(read(buffer.getvalue(), tmp_path)).seconds == 180.4


def test_the_packets_are_believed_and_not_the_header(tmp_path: Path) -> None:
    data = bytearray(media.video(20, extension="avi"))
    frames_at = data.index(b"avih") + 8 + 16
    length_at = data.index(b"strh") + 8 + 32
    for place in (frames_at, length_at):
        data[place : place + 4] = (900).to_bytes(4, "little")
    assert video_of(read(bytes(data), tmp_path)).seconds == 20.0


def test_a_cut_avi_tells_what_arrived(tmp_path: Path) -> None:
    data = media.video(120, extension="avi")
    content = read(data[: int(len(data) * 0.7)], tmp_path)
    seconds = video_of(content).seconds
    assert seconds is not None
    assert [finding.code for finding in content.findings] == [Code.LOW_CONFIDENCE]
    assert "约70%" in content.findings[0].detail or "约69%" in content.findings[0].detail
    assert read(data, tmp_path).findings == ()
    assert 40 <= seconds <= 100


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("movflags", ["", "faststart"])
def test_a_truncated_mp4_raises_wherever_its_index_stands(movflags: str, share: float, tmp_path: Path) -> None:
    options = {"movflags": movflags} if movflags else {}
    path = tmp_path / "whole.mp4"
    with av.open(io.BytesIO(media.video(20))) as source, av.open(str(path), "w", options=options) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    data = path.read_bytes()
    assert video_of(read(data, tmp_path)).seconds == 20.0
    with pytest.raises((ValueError, FFmpegError)):
        read(data[: int(len(data) * share)], tmp_path)


def test_what_a_camera_appends_to_its_mp4_does_no_harm(tmp_path: Path) -> None:
    assert video_of(read(media.video(5) + b"SEFT trailer of a camera", tmp_path)).seconds == 5.0


def test_an_index_without_pictures_raises(tmp_path: Path) -> None:
    data = remuxed(media.video(20), "mp4", movflags="frag_keyframe+empty_moov")
    with pytest.raises((ValueError, FFmpegError)):
        read(data[: data.index(b"moof") - 4], tmp_path)


def test_what_is_no_video_raises(tmp_path: Path) -> None:
    with pytest.raises(FFmpegError):
        read("不是视频".encode() * 500, tmp_path)
    with pytest.raises((ValueError, FFmpegError)):
        read(b"", tmp_path)


def test_sound_alone_is_no_video_but_is_measured(tmp_path: Path) -> None:
    content = read(sound(4), tmp_path)
    assert content.kind is Kind.OTHER
    assert content.video is not None
    assert content.video.seconds == pytest.approx(4, abs=0.3)
    assert (content.video.width, content.video.codec) == (None, "aac")
    assert [finding.code for finding in content.findings] == [Code.UNREADABLE]


def test_a_header_that_says_zero_is_not_believed(tmp_path: Path) -> None:
    """As a recorder leaves it that was switched off: the lengths in all headers of the index are zero."""
    data = bytearray(media.video(20))
    for name, offset in ((b"mvhd", 16), (b"tkhd", 20), (b"mdhd", 16)):
        at = data.index(name) + 4 + offset
        data[at : at + 4] = bytes(4)
    assert video_of(read(bytes(data), tmp_path)).seconds == 20.0


def test_a_matroska_that_was_never_finished_is_measured(tmp_path: Path) -> None:
    data = remuxed(h264(seconds=12, rate=5), "matroska", live="1")  # neither a duration nor an index
    assert video_of(read(data, tmp_path)).seconds == pytest.approx(12, abs=0.2)


def test_an_avi_without_its_index_is_measured(tmp_path: Path) -> None:
    data = media.video(20, extension="avi")
    assert video_of(read(data[: data.rindex(b"idx1")], tmp_path)).seconds == 20.0


def test_pictures_at_uneven_intervals_last_from_the_first_to_the_end_of_the_last(tmp_path: Path) -> None:
    """Telephones take more pictures where something moves."""
    buffer = io.BytesIO()
    shown_at = [0.0, 0.1, 0.2, 3.0, 3.1, 9.0, 9.5]
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for seconds in shown_at:
            frame = av.VideoFrame.from_image(media.scene(1, (160, 120)))
            frame.pts, frame.time_base = int(seconds * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    seconds = video_of(read(buffer.getvalue(), tmp_path)).seconds
    assert seconds is not None
    assert 9.5 <= seconds <= 10.1


def test_a_still_cover_beside_the_sound_makes_no_video(tmp_path: Path) -> None:
    """A song with its sleeve has a stream of pictures, too: of one."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 160, 120, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        container.start_encoding()
        container.mux(cover.encode(av.VideoFrame.from_image(media.scene(1, (160, 120)))))
        container.mux(cover.encode())
        for number in range(4):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), dtype=np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 8000, number * 8000, Fraction(1, 8000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    content = read(buffer.getvalue(), tmp_path)
    assert content.kind is Kind.OTHER
