from __future__ import annotations

import io
import struct
from datetime import datetime
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ingest.samples import media
from parsers.apple_note import apple_content_id
from parsers.read import read_file
from rules.codec import extraction_as_json, extraction_from_json

CONTENT_ID = "8C2A6E3B-54F0-4B0E-9B0C-2F1D7A9E0C11"


def note(content_id: str = CONTENT_ID, *, entries: int = 2) -> bytes:
    """As a telephone writes it: a number, then the identifier."""
    text = content_id.encode() + b"\0"
    at = 14 + 2 + 12 * entries + 4
    directory = struct.pack(">H", entries) + struct.pack(">HHII", 0x0001, 9, 1, 14)
    directory += struct.pack(">HHII", 0x0011, 2, len(text), at) + struct.pack(">I", 0)
    return b"Apple iOS\x00\x00\x01MM" + directory + text


def live_photo(format_: str) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x927C] = note()
    buffer = io.BytesIO()
    media.scene(1).save(buffer, format_, exif=exif.tobytes())
    return buffer.getvalue()


def live_film(created: str = "2023-11-13T09:30:15+0800") -> bytes:
    buffer = io.BytesIO()
    options = {"movflags": "use_metadata_tags"}
    with av.open(io.BytesIO(media.video(3))) as source, av.open(buffer, "w", format="mov", options=options) as target:
        target.metadata["com.apple.quicktime.content.identifier"] = CONTENT_ID
        target.metadata["com.apple.quicktime.creationdate"] = created
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return buffer.getvalue()


@pytest.mark.parametrize("format_", ["JPEG", "HEIF"])
def test_both_halves_of_a_live_photo_bear_one_identifier(format_: str, tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(live_photo(format_))
    (tmp_path / "film").write_bytes(live_film())
    photo = read_file(tmp_path / "photo", "1.heic").photo
    film = read_file(tmp_path / "film", "3.mov")
    assert photo is not None
    assert film.video is not None
    assert photo.content_id == film.video.content_id == CONTENT_ID
    assert film.media_type == "video/quicktime"


@pytest.mark.parametrize(
    ("created", "local"),
    [
        ("2023-11-13T09:30:15+0800", datetime(2023, 11, 13, 9, 30, 15)),  # noqa: DTZ001 - the camera's local time
        ("2023-11-13T01:30:15Z", None),
        ("yesterday", None),
    ],
)
def test_a_film_tells_when_it_was_taken_by_the_clock_of_the_camera(created, local, tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(live_film(created))
    film = read_file(tmp_path / "film", "3.mov")
    assert film.video is not None
    assert film.video.taken_at == local
    assert extraction_from_json(extraction_as_json(film, with_text=True)) == film


def test_other_pictures_and_films_have_none(tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(media.photo(1))
    photo = read_file(tmp_path / "photo", "1.jpg").photo
    assert photo is not None
    assert photo.content_id == ""


def test_a_note_of_another_maker_or_a_broken_one_says_nothing() -> None:
    assert apple_content_id(note()) == CONTENT_ID
    assert apple_content_id(b"Nikon" + note()) == ""
    assert apple_content_id(note(entries=65)[:40]) == ""
    assert apple_content_id(note("not an identifier")) == ""


@given(st.binary(max_size=80), st.integers(0, 90))
def test_nothing_in_a_note_makes_it_fail(tail: bytes, cut: int) -> None:
    apple_content_id(b"Apple iOS\x00\x00\x01MM" + tail)
    apple_content_id(note()[:cut] + tail)
