from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ingest.samples import media
from parsers.answers import MadePreview
from parsers.previews import make_previews
from rules.extraction import Extraction, Form, Kind, Photo, Place, Video
from rules.previews import MAX_PREVIEWS, Preview, PreviewKey, PreviewSize, previews_of
from tests.parsers.paper_forms import jpeg
from tests.parsers.sample_parts import PdfPage, pdf


def key_of(data: bytes, page: int = 0, size: PreviewSize = PreviewSize.THUMB) -> PreviewKey:
    return PreviewKey(sha256=hashlib.sha256(data).hexdigest(), page=page, size=size)


def made_of(data: bytes, name: str, folder: Path, *wanted: PreviewKey) -> tuple[MadePreview, ...]:
    path = folder / "file"
    path.write_bytes(data)
    return make_previews(path, name, wanted)


def picture_of(preview: MadePreview) -> Image.Image:
    picture = Image.open(io.BytesIO(preview.webp))
    assert picture.format == "WEBP"
    assert picture.size == (preview.width, preview.height)
    return picture.convert("RGB")


def marked(width: int, height: int) -> Image.Image:
    """White, with a red box a tenth from the left and two tenths from the top."""
    page = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(page).rectangle((width // 10, height // 5, width // 2, height // 2), fill="red")
    return page


def test_a_thumbnail_fits_into_320_pixels_and_is_small(tmp_path: Path) -> None:
    data = media.encode(media.scene(1, (2400, 1600)))
    (preview,) = made_of(data, "照片.jpg", tmp_path, key_of(data))
    assert picture_of(preview).size == (320, 213)
    assert len(preview.webp) < 30_000
    assert preview.scale == pytest.approx(320 / 2400)


def test_nothing_is_enlarged(tmp_path: Path) -> None:
    data = media.encode(media.scene(1, (200, 100)))
    (preview,) = made_of(data, "照片.jpg", tmp_path, key_of(data))
    assert (preview.width, preview.height, preview.scale) == (200, 100, 1.0)


def test_a_picture_held_sideways_stands_upright_and_places_fit_the_upright_one(tmp_path: Path) -> None:
    turned = marked(1200, 3000).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    turned.save(buffer, "JPEG", exif=exif)
    (made,) = made_of(buffer.getvalue(), "表.jpg", tmp_path, key_of(buffer.getvalue(), size=PreviewSize.PAGE))
    shown = picture_of(made)
    assert shown.size == (800, 2000)
    preview = Preview(key=made.key, blob="", width=made.width, height=made.height, scale=made.scale)
    left, top, width, height = preview.box(Place(left=120, top=600, right=600, bottom=1500))
    inside = np.asarray(shown.crop((round(left) + 3, round(top) + 3, round(left + width) - 3, round(top + height) - 3)))
    around = np.asarray(shown.crop((0, 0, 800, round(top) - 5)))
    assert inside[:, :, 1].max() < 80 < 240 < around[:, :, 1].min()


def test_pages_of_a_scan_are_shown_in_the_scale_of_their_places(tmp_path: Path) -> None:
    page = PdfPage()
    page.rule(72, 720, 500, 720)
    data = pdf(PdfPage(), page)
    wanted = [key_of(data, 0), key_of(data, 1, PreviewSize.PAGE), key_of(data, 7)]
    made = {preview.key: preview for preview in made_of(data, "扫描件.pdf", tmp_path, *wanted)}
    assert set(made) == set(wanted[:2])
    large = made[wanted[1]]
    assert max(large.width, large.height) == 2000
    assert np.asarray(picture_of(large)).min() < 100
    width_of_places = large.width / large.scale  # 200 dots an inch, as the scan is read
    assert width_of_places == pytest.approx(595 / 72 * 200, rel=0.01)


@pytest.mark.parametrize("extension", ["mp4", "mov", "avi"])
def test_a_video_shows_a_picture_from_within_it(extension: str, tmp_path: Path) -> None:
    data = media.video(4, extension=extension)
    (preview,) = made_of(data, f"视频.{extension}", tmp_path, key_of(data))
    assert max(preview.width, preview.height) <= 320
    assert np.asarray(picture_of(preview)).std() > 5


def test_what_lies_inside_archives_is_found_by_its_content(tmp_path: Path) -> None:
    photo, other = media.photo(1), media.photo(2)
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("照片/1.jpg", photo)
        archive.writestr("照片/2.jpg", other)
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("内层.zip", inner.getvalue())
        archive.writestr("坏.zip", b"PK\x03\x04 broken")
    (preview,) = made_of(outer.getvalue(), "材料.zip", tmp_path, key_of(photo))
    assert preview.key == key_of(photo)


def test_photos_set_in_a_pdf_are_found(tmp_path: Path) -> None:
    photo = jpeg(media.scene(3))
    data = pdf(PdfPage(), image=photo)
    (preview,) = made_of(data, "相册.pdf", tmp_path, key_of(photo))
    assert preview.width == 320


def test_what_cannot_be_shown_is_left_out(tmp_path: Path) -> None:
    broken = media.photo(1)[:500]
    assert made_of(broken, "照片.jpg", tmp_path, key_of(broken)) == ()
    text = "活动方案".encode()
    assert made_of(text, "方案.txt", tmp_path, key_of(text)) == ()


# What is worth having


def extraction(sha256: str, **facts: object) -> Extraction:
    given = {"file": "f", "media_type": "image/jpeg", "kind": Kind.PHOTO, "sha256": sha256} | facts
    return Extraction(**given)  # type: ignore[arg-type]  # the facts that a test names are right


def test_photos_videos_and_pages_with_forms_are_wanted() -> None:
    places = {
        "theme": Place(left=0, top=0, right=9, bottom=9),
        "1.place": Place(left=0, top=0, right=9, bottom=9, page=2),
    }
    form = Form(form=Kind.STATISTICS, fields={"theme": "x"}, places=places)
    whole = extraction(
        "a",
        kind=Kind.ARCHIVE,
        members=(
            extraction("b", photo=Photo(width=1, height=1)),
            extraction("c", kind=Kind.VIDEO, video=Video(seconds=3, width=640)),
            extraction("d", kind=Kind.OTHER, video=Video(seconds=3)),  # only sound
            extraction("e", kind=Kind.STATISTICS, read_by="ocr", forms=(form,)),
            extraction("f", kind=Kind.OTHER),
        ),
    )
    pages = [(key.sha256, key.page, key.size) for key in previews_of(whole)]
    thumb, page = PreviewSize.THUMB, PreviewSize.PAGE
    assert pages == [
        ("b", 0, thumb), ("c", 0, thumb), ("e", 0, thumb), ("e", 0, page), ("e", 2, thumb), ("e", 2, page),
    ]  # fmt: skip


def test_a_thousand_photos_of_one_archive_are_not_all_made_at_once() -> None:
    members = tuple(extraction(f"{number}", photo=Photo(width=1, height=1)) for number in range(1000))
    assert len(previews_of(extraction("a", kind=Kind.ARCHIVE, members=members))) == MAX_PREVIEWS
