"""Pictures: a photograph with its facts, or something that nobody took with a camera (`Kind.OTHER`).

A TIFF of several pages, as scanners make it, is a container of its pages, each a picture of its own.

A picture may be the photograph of a filled form instead. `RECOGNISERS` are asked first, in order; the first one that
knows the picture answers for it, and only what none of them knows is judged as a photo.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from parsers.content import Content, FormatParser, SourceFile
from parsers.paper.photographs import photographed_form
from parsers.perceptual_hash import perceptual_hash
from parsers.picture_kind import is_blurry, is_photograph
from parsers.pictures import Picture, open_picture, tiff_pages
from rules.extraction import Kind, Photo
from rules.findings import Code, Finding

TIFF: Final = "image/tiff"
Recogniser = Callable[[SourceFile, Picture], Content | None]
_CUT: Final = Finding(code=Code.UNREADABLE, detail="文件不完整，后面的页打不开，其余已读取，请重新发送")
RECOGNISERS: Final[tuple[Recogniser, ...]] = (photographed_form,)


def read(source: SourceFile) -> Content:
    if source.media_type == TIFF:
        pages = tiff_pages(source.path, source.scratch, source.limits)
        if pages.files:
            return Content(kind=Kind.ARCHIVE, embedded=pages.files, findings=(_CUT,) if pages.is_cut else ())
    picture = open_picture(source.path, pixels=source.limits.pixels)
    for recognise in RECOGNISERS:
        content = recognise(source, picture)
        if content is not None:
            return content
    return _photo(picture) if is_photograph(picture) else Content(kind=Kind.OTHER)


def _photo(picture: Picture) -> Content:
    photo = Photo(
        width=picture.width,
        height=picture.height,
        taken_at=picture.taken_at,
        perceptual_hash=perceptual_hash(picture.preview),
        content_id=picture.content_id,
    )
    return Content(kind=Kind.PHOTO, photo=photo, findings=_findings(picture))


def _findings(picture: Picture) -> tuple[Finding, ...]:
    if is_blurry(picture.preview):
        return (Finding(code=Code.PHOTO_BLURRY, detail="照片模糊，看不清活动内容"),)
    return ()


PARSER: Final = FormatParser(
    name="image",
    media_types=(
        "image/jpeg",
        "image/png",
        "image/heic",
        "image/heif",
        "image/heic-sequence",
        "image/heif-sequence",
        "image/avif",
        "image/jp2",
        "image/gif",
        "image/bmp",
        "image/x-ms-bmp",
        TIFF,
        "image/webp",
    ),
    read=read,
)
