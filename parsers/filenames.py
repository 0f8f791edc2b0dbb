"""The name of a MIME part: found in any of the places where mail programs put it, decoded, made harmless and distinct.

part_name(headers)        -> what the sender called it, or None
safe_name(text)           -> a plain name: no folder, no control character, of bounded length
distinct(name, taken)     -> `名(2).docx` when the name is taken
is_leaving(name)          -> True for what Office, systems and mail programs leave beside files: `~$名.docx`
unnamed(path, media_type) -> the same name at every replay, made of the part's path and its type by content
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import unquote_to_bytes

from parsers import sniff
from parsers.charsets import Decoded, decode_text
from parsers.headers import Headers

MAX_NAME_CHARS: Final = 160
_MAX_EXTENSION_CHARS: Final = 10
_FOLDERS: Final = re.compile(r"[\\/]+")
_LOOKS_LIKE_PATH: Final = re.compile(r"^(?:[A-Za-z]:|[\\/]|\.\.?[\\/])|[\\/]\.\.?[\\/]|\\")
_PERCENT_RUN: Final = re.compile(r"(?:%[0-9A-Fa-f]{2}){3,}")
_DIRECTION_MARKS: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")

_LEAVINGS: Final = re.compile(
    r"\.ds_store|thumbs\.db|ehthumbs\.db|desktop\.ini|(?:~\$|\.~|\._).*|~wr[a-z]\d+\.tmp|smime\.p7s", re.IGNORECASE
)

_EXTENSIONS: Final = {
    sniff.DOCX: "docx",
    sniff.XLSX: "xlsx",
    sniff.PPTX: "pptx",
    sniff.XLSB: "xlsb",
    sniff.DOC: "doc",
    sniff.XLS: "xls",
    sniff.PPT: "ppt",
    sniff.OFD: "ofd",
    sniff.MSG: "msg",
    sniff.MESSAGE: "eml",
    sniff.ZIP: "zip",
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    "application/vnd.rar": "rar",
    "application/x-7z-compressed": "7z",
    "application/gzip": "gz",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/tiff": "tif",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/jp2": "jp2",
    "image/avif": "avif",
    "image/svg+xml": "svg",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/3gpp": "3gp",
    "video/x-msvideo": "avi",
    "video/x-ms-wmv": "wmv",
    "video/x-flv": "flv",
    "video/x-matroska": "mkv",
    "video/webm": "webm",
    "video/mpeg": "mpg",
    "video/mp2t": "mts",
    "text/html": "html",
    "text/csv": "csv",
    sniff.CALENDAR: "ics",
    sniff.CONTACT: "vcf",
    "text/plain": "txt",
}


class DistinctNames:
    """Gives every file of a folder a name of its own, the first its plain one. Letter case makes no difference."""

    def __init__(self) -> None:
        self._uses: dict[tuple[tuple[str, ...], str], int] = {}

    def claim(self, folders: tuple[str, ...], name: str) -> str:
        stem, dot, extension = name.rpartition(".") if "." in name[1:] else (name, "", "")
        candidate = name
        while (folders, candidate.casefold()) in self._uses:
            number = self._uses[folders, name.casefold()] = self._uses.get((folders, name.casefold()), 1) + 1
            candidate = f"{stem}({number}){dot}{extension}"
        self._uses[folders, candidate.casefold()] = 1
        return candidate


def part_name(headers: Headers) -> Decoded | None:
    """The first exactly decoded name of Content-Disposition's `filename` and Content-Type's `name`, else the first."""
    names = [
        *headers.parameters("content-disposition", "filename"),
        *headers.parameters("content-disposition", "name"),
        *headers.parameters("content-type", "name"),
        *headers.parameters("content-type", "filename"),
    ]
    names = [_percent_decoded(name) for name in names if name.text.strip()]
    whole = [name for name in names if "\ufffd" not in name.text] or names
    return next((name for name in whole if not name.is_guessed), whole[0] if whole else None)


def safe_name(text: str) -> str:
    """`text` as a name that can do no harm; empty when nothing of it is left."""
    if _LOOKS_LIKE_PATH.search(text):
        text = _FOLDERS.split(text.rstrip("\\/. "))[-1]
    text = unicodedata.normalize("NFC", text.replace("/", "_").replace("\\", "_"))
    text = "".join(character for character in text if _is_printable(character))
    text = " ".join(text.split()).rstrip(". ")
    return _shortened(text)


def is_leaving(name: str) -> bool:
    """The lock and temporary files of Word (`~$`, `~WRL0001.tmp`) and WPS (`.~`), and those of macOS and Windows."""
    return bool(_LEAVINGS.fullmatch(name))


def unnamed(path: str, media_type: str) -> str:
    """A name for the part at `path`. It says neither 附件 nor 图: such words would look like the sender's own."""
    if media_type == sniff.TNEF:
        return "winmail.dat"
    return f"未命名-{path}.{_EXTENSIONS.get(media_type, 'bin')}"


def _percent_decoded(name: Decoded) -> Decoded:
    """Plain names that some web mailers percent-encode. `100%25` stays: only three escapes in a row are text."""
    if not _PERCENT_RUN.search(name.text):
        return name
    decoded = decode_text(unquote_to_bytes(name.text))
    if decoded.text.isascii() or "\ufffd" in decoded.text:
        return name
    return Decoded(text=decoded.text, codec=decoded.codec, is_guessed=True)


def _is_printable(character: str) -> bool:
    return character == "\t" or (
        unicodedata.category(character) not in ("Cc", "Cs") and character not in _DIRECTION_MARKS
    )


def _shortened(text: str) -> str:
    if len(text) <= MAX_NAME_CHARS:
        return text
    stem, dot, extension = text.rpartition(".")
    if not dot or len(extension) > _MAX_EXTENSION_CHARS:
        return text[:MAX_NAME_CHARS]
    return stem[: MAX_NAME_CHARS - len(extension) - 1] + dot + extension
