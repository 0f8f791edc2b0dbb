"""Photos that were pasted into a mail stand in its HTML."""

from __future__ import annotations

import base64

import pytest

from ingest.samples import media
from parsers.content import LimitExceeded
from parsers.limits import Limits
from parsers.read import read_file
from rules.extraction import Kind

PHOTOS = [media.photo(seed, size=(640, 480)) for seed in (901, 902)]


def shown(*pictures: bytes, kind: str = "jpeg") -> bytes:
    tags = (f'<img src="data:image/{kind};base64,{base64.b64encode(one).decode()}">' for one in pictures)
    return f"<html><body><p>合影如下</p>{''.join(tags)}<p>某某中学</p></body></html>".encode()


def test_pasted_pictures_are_files_and_the_text_around_them_is_read(read, paragraphs):
    content = read(shown(*PHOTOS, PHOTOS[0]), "正文.html")
    assert [file.name for file in content.embedded] == ["image1.jpg", "image2.jpg"]
    assert [file.path.read_bytes() for file in content.embedded] == PHOTOS
    assert paragraphs(content) == ["合影如下", "某某中学"]


def test_text_behind_large_pictures_is_read_too(read, paragraphs):
    assert paragraphs(read(shown(*PHOTOS), "正文.html", text_chars=200))[-1] == "某某中学"


@pytest.mark.parametrize("data", [shown(b"no picture"), shown(b"GIF89a\x01\0", kind="gif"), shown(b"x")[:60] + b"A"])
def test_what_is_no_photograph_is_no_file(data, read):
    assert read(data, "正文.html").embedded == ()


def test_too_many_of_them_are_refused(read):
    with pytest.raises(LimitExceeded):
        read(shown(*PHOTOS), "正文.html", members=1)


def test_each_counts_as_a_photo(tmp_path):
    page = tmp_path / "正文.html"
    page.write_bytes(shown(*PHOTOS))
    seen = read_file(page, page.name, limits=Limits())
    assert [member.kind for member in seen.members] == [Kind.PHOTO, Kind.PHOTO]
