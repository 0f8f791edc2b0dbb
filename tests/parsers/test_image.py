from __future__ import annotations

import io
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from ingest.samples import media
from parsers.content import Content, LimitExceeded, SourceFile
from parsers.formats.image import PARSER
from parsers.inside import take_out
from parsers.limits import DEFAULT_LIMITS, Limits
from parsers.perceptual_hash import distance
from parsers.pictures import open_picture
from parsers.read import read_file
from rules.extraction import Kind, Photo
from rules.findings import Code


def read(data: bytes, folder: Path, limits: Limits = DEFAULT_LIMITS) -> Content:
    path = folder / "picture"
    path.write_bytes(data)
    return PARSER.read(SourceFile(path=path, name="照片", media_type="image/jpeg", scratch=folder, limits=limits))


def photo_of(content: Content) -> Photo:
    assert content.kind is Kind.PHOTO
    assert content.photo is not None
    return content.photo


def saved(image: Image.Image, format_: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "BMP", "HEIC", "AVIF"])
def test_every_format_gives_the_same_photo(format_: str, tmp_path: Path) -> None:
    photo = photo_of(read(media.photo(1, format_), tmp_path))
    reference = photo_of(read(media.photo(1), tmp_path))
    assert (photo.width, photo.height) == media.PHOTO_SIZE
    assert distance(photo.perceptual_hash, reference.perceptual_hash) <= 4


@pytest.mark.parametrize(("format_", "options"), [("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("GIF", {})])
def test_tiff_and_gif_are_read(format_: str, options: dict[str, object], tmp_path: Path) -> None:
    photo = photo_of(read(saved(media.scene(2), format_, **options), tmp_path))
    assert (photo.width, photo.height) == media.PHOTO_SIZE


def several_pages(*pages: Image.Image, **options: object) -> bytes:
    return saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], **options)


def test_every_page_of_a_tiff_is_read_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "扫描.tif"
    path.write_bytes(several_pages(*(media.scene(seed) for seed in (2, 3)), compression="jpeg"))
    seen = read_file(path, path.name)
    assert [(member.file, member.kind) for member in seen.members] == [
        ("第1页.png", Kind.PHOTO),
        ("第2页.png", Kind.PHOTO),
    ]
    assert take_out(path, path.name, seen.members[1].sha256, tmp_path / "second")


@pytest.mark.parametrize("share", [0.95, 0.6])
def test_of_a_tiff_that_was_cut_the_whole_pages_are_read_and_it_is_said(share: float, tmp_path: Path) -> None:
    path = tmp_path / "扫描.tif"
    whole = several_pages(*(media.scene(seed) for seed in (2, 3)), compression="tiff_lzw")
    path.write_bytes(whole[: int(share * len(whole))])
    seen = read_file(path, path.name)
    assert [(member.file, member.kind) for member in seen.members] == [("第1页.png", Kind.PHOTO)]
    assert [finding.code for finding in seen.findings] == [Code.UNREADABLE]


def test_a_tiff_of_too_many_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "扫描.tif"
    path.write_bytes(several_pages(*[Image.new("1", (100, 100))] * 61))
    assert [finding.code for finding in read_file(path, path.name).findings] == [Code.LIMIT_EXCEEDED]


def test_the_thumbnail_in_a_tiff_is_no_page(tmp_path: Path) -> None:
    path = tmp_path / "照片.tif"
    small = media.scene(2).resize((80, 60))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    path.write_bytes(several_pages(media.scene(2), small))
    assert read_file(path, path.name).kind is Kind.PHOTO


@pytest.mark.parametrize("format_", ["JPEG", "HEIC"])
def test_taken_at_is_the_cameras_local_time(format_: str, tmp_path: Path) -> None:
    taken_at = datetime(2023, 11, 12, 9, 30, 5)  # noqa: DTZ001 - EXIF has no zone
    assert photo_of(read(media.photo(1, format_, taken_at=taken_at), tmp_path)).taken_at == taken_at


def test_a_camera_clock_that_was_never_set_gives_no_time(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "0000:00:00 00:00:00"
    assert photo_of(read(saved(media.scene(1), "JPEG", exif=exif), tmp_path)).taken_at is None


def test_broken_exif_costs_the_time_and_not_the_photo(tmp_path: Path) -> None:
    data = saved(media.scene(1), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")
    assert photo_of(read(data, tmp_path)).taken_at is None


@pytest.mark.parametrize(
    ("orientation", "turned_back"),
    [(6, Image.Transpose.ROTATE_90), (8, Image.Transpose.ROTATE_270), (3, Image.Transpose.ROTATE_180)],
)
def test_a_photo_stored_sideways_is_set_upright(orientation: int, turned_back: Image.Transpose, tmp_path: Path) -> None:
    scene = media.scene(4, (900, 600))
    upright = photo_of(read(media.encode(scene), tmp_path))
    stored = media.encode(scene.transpose(turned_back), orientation=orientation)
    photo = photo_of(read(stored, tmp_path))
    assert (photo.width, photo.height) == (900, 600)
    assert distance(photo.perceptual_hash, upright.perceptual_hash) <= 2


def test_print_colours_are_read(tmp_path: Path) -> None:
    photo = photo_of(read(saved(media.scene(5).convert("CMYK"), "JPEG"), tmp_path))
    plain = photo_of(read(media.photo(5), tmp_path))
    assert distance(photo.perceptual_hash, plain.perceptual_hash) <= 6


def test_sixteen_bit_grey_is_not_clipped_to_white(tmp_path: Path) -> None:
    grey = np.asarray(media.scene(6).convert("L"), dtype=np.uint16) * 257
    photo = photo_of(read(saved(Image.fromarray(grey), "PNG"), tmp_path))
    plain = photo_of(read(media.photo(6), tmp_path))
    assert distance(photo.perceptual_hash, plain.perceptual_hash) <= 4


def test_sixteen_bits_a_colour_and_other_colour_spaces_are_read(tmp_path: Path) -> None:
    plain = photo_of(read(media.photo(6), tmp_path))
    deep = np.asarray(media.scene(6), dtype=np.uint16)[:, :, ::-1] * 257
    png = cv2.imencode(".png", deep)[1].tobytes()
    lab = saved(media.scene(6).convert("LAB"), "TIFF")
    for data in (png, lab):
        assert distance(photo_of(read(data, tmp_path)).perceptual_hash, plain.perceptual_hash) <= 4


def test_transparency_and_palettes_and_animation_are_read(tmp_path: Path) -> None:
    scene = media.scene(7)
    translucent = scene.copy()
    translucent.putalpha(200)
    photo_of(read(saved(translucent, "PNG"), tmp_path))
    photo_of(read(saved(scene.quantize(128), "PNG"), tmp_path))
    photo_of(read(saved(scene, "GIF", save_all=True, append_images=[media.scene(8)]), tmp_path))
    photo_of(read(saved(scene, "WEBP", save_all=True, append_images=[media.scene(8)]), tmp_path))
    photo_of(read(saved(scene, "JPEG", progressive=True), tmp_path))


def test_a_jpeg_without_its_last_bytes_passes(tmp_path: Path) -> None:
    data = media.photo(9)
    assert photo_of(read(data[:-2], tmp_path)) == photo_of(read(data, tmp_path))
    photo_of(read(data[:-40], tmp_path))


@pytest.mark.parametrize("share", [0.05, 0.5, 0.85])
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "BMP", "HEIC"])
def test_a_truncated_picture_raises(format_: str, share: float, tmp_path: Path) -> None:
    data = media.photo(9, format_)
    with pytest.raises((OSError, SyntaxError, ValueError)):
        read(data[: int(len(data) * share)], tmp_path)


PROGRESSIVE = saved(media.scene(9), "JPEG", quality=85, progressive=True)
BY_COLOUR = saved(media.scene(9), "JPEG", quality=85, progressive=True, subsampling=0)


@pytest.mark.parametrize("data", [PROGRESSIVE, BY_COLOUR], ids=["4:2:0", "4:4:4"])
def test_a_progressive_jpeg_is_whole_with_its_last_scan_and_not_before(data: bytes, tmp_path: Path) -> None:
    whole = photo_of(read(data, tmp_path))
    for missing in (2, 40):
        assert distance(photo_of(read(data[:-missing], tmp_path)).perceptual_hash, whole.perceptual_hash) <= 2
    for share in (0.03, 0.1, 0.3, 0.6, 0.9):
        with pytest.raises(OSError, match="truncated"):
            read(data[: int(len(data) * share)], tmp_path)


@pytest.mark.parametrize(
    ("enlarged", "options"), [(3, {}), (3, {"num_resolutions": 1}), (1, {"no_jp2": True}), (1, {"irreversible": True})]
)
def test_jpeg_2000_is_read_and_told_when_it_is_cut(enlarged: int, options: dict[str, object], tmp_path: Path) -> None:
    scene = media.scene(2, (700, 500))
    data = saved(scene.resize((700 * enlarged, 500 * enlarged)), "JPEG2000", **options)
    photo = photo_of(read(data, tmp_path))
    assert (photo.width, photo.height) == (700 * enlarged, 500 * enlarged)
    assert distance(photo.perceptual_hash, photo_of(read(saved(scene, "PNG"), tmp_path)).perceptual_hash) <= 4
    with pytest.raises(OSError, match="broken data"):
        read(data[: len(data) * 3 // 5], tmp_path)


def test_what_is_no_picture_raises(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot identify"):
        read("活动照片".encode() * 100, tmp_path)


def test_more_pixels_than_allowed_are_a_limit_and_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded):
        read(saved(Image.new("1", (20_000, 20_000)), "PNG"), tmp_path)
    with pytest.raises(LimitExceeded):
        read(media.photo(1), tmp_path, Limits(pixels=1000))


def test_a_hundred_megapixels_cost_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    media.scene(1, (1000, 800)).resize((12_000, 8_300)).save(path, quality=60)
    program = (
        "import resource, sys; from pathlib import Path; from parsers.pictures import open_picture\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "picture = open_picture(Path(sys.argv[1])); assert picture.width == 12000, picture\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True, cwd=Path.cwd()
    )
    unit = 1024 if sys.platform == "darwin" else 1
    assert int(done.stdout) / unit < 60 * 1024  # KiB; the full picture alone would be 290 MiB


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(media.tracking_pixel(), id="tracking pixel"),
        pytest.param(media.logo(1), id="logo"),
        pytest.param(media.logo(2, size=(900, 400)), id="large logo"),
        pytest.param(media.encode(media.scene(1, (120, 120))), id="icon"),
        pytest.param(media.encode(media.scene(1, (900, 220))), id="banner"),
        pytest.param(media.encode(media.scene(1, (400, 4000))), id="long screenshot"),
        pytest.param(saved(Image.new("RGB", (800, 600), "white"), "PNG"), id="blank"),
    ],
)
def test_what_nobody_took_with_a_camera_is_no_photo(data: bytes, tmp_path: Path) -> None:
    content = read(data, tmp_path)
    assert content.kind is Kind.OTHER
    assert content.photo is None


@pytest.mark.parametrize("quality", [90, 30])
def test_a_qr_code_is_no_photo(quality: int, tmp_path: Path) -> None:
    squares = np.random.default_rng(1).integers(0, 2, size=(37, 37)).astype(np.uint8) * 255
    code = Image.fromarray(np.kron(squares, np.ones((12, 12), dtype=np.uint8)))
    assert read(saved(code, "JPEG", quality=quality), tmp_path).kind is Kind.OTHER


def test_a_screenshot_of_a_chat_is_no_photo(tmp_path: Path) -> None:
    screen = Image.new("RGB", (1080, 1920), (237, 237, 237))
    draw = ImageDraw.Draw(screen)
    for top in range(100, 1800, 220):
        draw.rounded_rectangle((60, top, 800, top + 140), 20, fill=(149, 236, 105))
        draw.text((90, top + 50), "hello, the materials have been sent", fill=(20, 20, 20), font_size=36)
    assert read(saved(screen, "JPEG"), tmp_path).kind is Kind.OTHER


def test_a_panorama_and_a_night_scene_are_photos(tmp_path: Path) -> None:
    photo_of(read(media.encode(media.scene(3, (2400, 500))), tmp_path))
    night = Image.new("RGB", (1200, 900), (6, 6, 9))
    night.paste(media.scene(2, (300, 200)), (450, 500))
    photo_of(read(saved(night, "JPEG", quality=40), tmp_path))


def test_a_grey_photo_is_a_photo(tmp_path: Path) -> None:
    photo_of(read(saved(media.scene(3).convert("L"), "JPEG"), tmp_path))


def test_a_photo_out_of_focus_is_told_and_a_sharp_one_is_not(tmp_path: Path) -> None:
    assert [finding.code for finding in read(media.blurred(3), tmp_path).findings] == [Code.PHOTO_BLURRY]
    for seed in range(10):
        assert read(media.recompressed(media.photo(seed), quality=30), tmp_path).findings == ()


def test_a_sharp_person_before_a_soft_background_is_not_blurry(tmp_path: Path) -> None:
    with Image.open(io.BytesIO(media.blurred(3))) as image:
        portrait = image.convert("RGB")
    portrait.paste(media.scene(4, (250, 250)), (300, 200))
    assert read(saved(portrait, "JPEG"), tmp_path).findings == ()


def test_the_preview_is_bounded_and_never_enlarged(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(media.photo(1, "PNG"))
    assert open_picture(path).preview.size == media.PHOTO_SIZE
    assert max(open_picture(path, longest_side=256).preview.size) == 256
