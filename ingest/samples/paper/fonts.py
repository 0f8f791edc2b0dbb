"""Chinese fonts of the machine, found at run time: none is shipped, and each belongs to a Debian package."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

from rules.errors import InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class FontFile:
    """One face: its file, its family inside a collection, and the package that brings it."""

    file: str
    package: str
    family: str = ""


class Face(Enum):
    """The faces that sample forms are set in, by what offices call them."""

    SONG = FontFile(file="NotoSerifCJK-Regular.ttc", package="fonts-noto-cjk", family="Noto Serif CJK SC")
    SONG_BOLD = FontFile(file="NotoSerifCJK-Bold.ttc", package="fonts-noto-cjk", family="Noto Serif CJK SC")
    HEI = FontFile(file="NotoSansCJK-Regular.ttc", package="fonts-noto-cjk", family="Noto Sans CJK SC")
    HEI_BOLD = FontFile(file="NotoSansCJK-Bold.ttc", package="fonts-noto-cjk", family="Noto Sans CJK SC")
    ZENHEI = FontFile(file="wqy-zenhei.ttc", package="fonts-wqy-zenhei")
    MICROHEI = FontFile(file="wqy-microhei.ttc", package="fonts-wqy-microhei")
    UMING = FontFile(file="uming.ttc", package="fonts-arphic-uming", family="AR PL UMing CN")
    UKAI = FontFile(file="ukai.ttc", package="fonts-arphic-ukai", family="AR PL UKai CN")
    GKAI = FontFile(file="gkai00mp.ttf", package="fonts-arphic-gkai00mp")
    WENKAI = FontFile(file="LXGWWenKai-Regular.ttf", package="fonts-lxgw-wenkai")
    WENKAI_LIGHT = FontFile(file="LXGWWenKai-Light.ttf", package="fonts-lxgw-wenkai")


PRINTED: Final = (Face.SONG, Face.SONG, Face.HEI, Face.ZENHEI, Face.MICROHEI, Face.UMING, Face.UKAI, Face.WENKAI)
BOLD: Final = (Face.SONG_BOLD, Face.HEI_BOLD, Face.HEI, Face.ZENHEI)
WRITTEN: Final = (Face.WENKAI, Face.WENKAI_LIGHT, Face.UKAI, Face.GKAI)


class FontMissing(InputError):  # noqa: N818 - it names what is wrong, as the other errors of the reader do
    """A font of the samples is not installed."""


@cache
def font(face: Face, pixels: int) -> ImageFont.FreeTypeFont:
    """The face at a size, laid out without the system's shaping library, so that every machine sets it alike."""
    path = _path(face)
    if not face.value.family:
        return ImageFont.truetype(path, pixels, layout_engine=ImageFont.Layout.BASIC)
    for index in range(16):
        try:
            found = ImageFont.truetype(path, pixels, index=index, layout_engine=ImageFont.Layout.BASIC)
        except OSError:
            break
        if found.getname()[0] == face.value.family:
            return found
    raise FontMissing(f"{path} holds no {face.value.family}; reinstall the Debian package {face.value.package}")


def missing_packages() -> tuple[str, ...]:
    """The Debian packages without which the samples cannot be drawn."""
    return tuple(sorted({face.value.package for face in Face if face.value.file not in _installed()}))


def _path(face: Face) -> Path:
    path = _installed().get(face.value.file)
    if path is None:
        wanted = face.value
        raise FontMissing(
            f"the font {wanted.file} is not installed; it comes with the Debian package {wanted.package}: "
            f"apt-get install {' '.join(missing_packages())}"
        )
    return path


@cache
def _installed() -> dict[str, Path]:
    """Font files by name, from the folders that fontconfig looks into by default."""
    data = os.environ.get("XDG_DATA_HOME", "~/.local/share")
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", f"{data}/fonts", "~/.fonts")
    paths = [path for folder in folders for path in sorted(Path(folder).expanduser().rglob("*.tt[cf]"))]
    return {path.name: path for path in reversed(paths)}
