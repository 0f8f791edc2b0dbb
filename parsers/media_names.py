"""What a file's name says of its format: for a coordinator, where no parser can open it or it is something else."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from parsers import sniff

_FORMATS: Final = {
    sniff.OFD: "OFD版式文件",
    "application/xml": "XML文件",
}

_ARCHIVES: Final = frozenset(
    {".ace", ".alz", ".arj", ".cab", ".egg", ".iso", ".kz", ".lha", ".lzh", ".uue", ".wim", ".z", ".zipx", ".zst"}
)
_MEDIA: Final = frozenset(
    {
        *(".jpg", ".jpeg", ".png", ".heic", ".heif", ".gif", ".bmp", ".tif", ".tiff", ".webp"),
        *(".mp4", ".m4v", ".mov", ".avi", ".wmv", ".mkv", ".flv", ".3gp", ".rm", ".rmvb", ".mpg", ".mpeg"),
        *(".mp3", ".m4a", ".wav"),
    }
)
SHORTCUT: Final = "这是快捷方式，不是文件本身，请重新报送原文件"


def is_named_as_medium(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in _MEDIA


def unreadable_detail(media_type: str, name: str) -> str:
    if media_type == sniff.EMPTY:
        return "文件是空的（0字节）"
    if media_type == sniff.SHORTCUT:
        return SHORTCUT
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _ARCHIVES:
        return f"暂不支持的压缩格式（{suffix}），请改用zip格式压缩后重新报送"
    known = _FORMATS.get(media_type)
    if known:
        return f"暂不支持的格式：{known}" + (f"（{suffix}）" if suffix else "")
    return f"暂不支持的格式（{suffix or media_type}）" if media_type != sniff.OCTETS else "无法识别的文件，可能已损坏"
