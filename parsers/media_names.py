"""What to tell a coordinator about a file that no parser can open: which format it is."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from parsers import sniff

_FORMATS: Final = {
    sniff.DOC: "旧版Word文档或WPS文字",
    sniff.XLS: "旧版Excel表格或WPS表格",
    sniff.PPT: "旧版演示文稿",
    sniff.PPTX: "演示文稿",
    sniff.XLSB: "Excel二进制工作簿",
    sniff.OFD: "OFD版式文件",
    sniff.MSG: "Outlook邮件",
    sniff.TNEF: "winmail.dat",
    "application/rtf": "RTF文档",
    "application/vnd.rar": "RAR压缩包",
    "application/x-7z-compressed": "7z压缩包",
    "application/gzip": "gzip压缩包",
    "application/x-bzip2": "bzip2压缩包",
    "application/x-xz": "xz压缩包",
    "application/x-tar": "tar归档",
    "application/vnd.oasis.opendocument.text": "ODT文档",
    "application/vnd.oasis.opendocument.spreadsheet": "ODS表格",
}


def unreadable_detail(media_type: str, name: str) -> str:
    if media_type == sniff.EMPTY:
        return "文件是空的（0字节）"
    suffix = PurePosixPath(name).suffix.lower()
    known = _FORMATS.get(media_type)
    if known:
        return f"暂不支持的格式：{known}" + (f"（{suffix}）" if suffix else "")
    return f"暂不支持的格式（{suffix or media_type}）" if media_type != sniff.OCTETS else "无法识别的文件，可能已损坏"
