"""Tells a file's media type by its content; the name only decides between kinds of plain text.

    sniff(path, name) -> media type, lower case; `application/octet-stream` when nothing is recognised

Senders' types and extensions are often wrong (a .wps that is a .docx, a photo called .docx), so neither is trusted.
Order: signatures at the start; what is inside zip and OLE2 files; ISO media brands; text; last the `filetype` package.
Zip files are told by the names in their directory, because signature tables take any zip that holds a .docx for one.
"""

from __future__ import annotations

import mmap
import re
import zipfile
from pathlib import Path
from typing import Final

import filetype  # type: ignore[import-untyped]  # ships no type information

OCTETS: Final = "application/octet-stream"
EMPTY: Final = "application/x-empty"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSB: Final = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
OFD: Final = "application/ofd"
ZIP: Final = "application/zip"
DOC: Final = "application/msword"
XLS: Final = "application/vnd.ms-excel"
PPT: Final = "application/vnd.ms-powerpoint"
MSG: Final = "application/vnd.ms-outlook"
OLE: Final = "application/x-ole-storage"
ENCRYPTED_OFFICE: Final = "application/x-encrypted-office"  # OOXML behind a password: an OLE2 file around it
MESSAGE: Final = "message/rfc822"
TNEF: Final = "application/ms-tnef"
PROGRAM: Final = "application/x-msdownload"
SHORTCUT: Final = "application/x-ms-shortcut"
CALENDAR: Final = "text/calendar"
CONTACT: Final = "text/vcard"

_HEAD_BYTES: Final = 16 * 1024
_OLE2: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (0, b"\xff\x4f\xff\x51\x00", "image/jp2"),  # the bare stream, .j2k
    (0, b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (40, b" EMF", "image/emf"),
    (0, b"L\0\0\0\x01\x14\x02\0", SHORTCUT),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (257, b"ustar", "application/x-tar"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x78\x9f\x3e\x22", TNEF),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b".RMF", "application/vnd.rn-realmedia"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo", b"WAVE": "audio/x-wav"}
_ODF_PREFIX: Final = "application/vnd.oasis.opendocument."

_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_TYPE_OF_BRAND: Final = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"qt  ": "video/quicktime",
    b"3gp": "video/3gpp",
    b"3g2": "video/3gpp",
    b"M4A": "audio/mp4",
}
_QUICKTIME_ATOMS: Final = frozenset({b"moov", b"mdat", b"wide", b"skip", b"pnot"})

_OLE_STREAMS: Final[tuple[tuple[str, str], ...]] = (
    ("EncryptedPackage", ENCRYPTED_OFFICE),
    ("WordDocument", DOC),
    ("Workbook", XLS),
    ("Book", XLS),
    ("PowerPoint Document", PPT),
    ("__properties_version1.0", MSG),
)
_OLE_DIRECTORY_ENTRY: Final = 128
_OLE_ROOT_CLASSES: Final = {  # the first field of the root's class id, as it stands in the file
    bytes.fromhex("06090200"): DOC,
    bytes.fromhex("00090200"): DOC,
    bytes.fromhex("20080200"): XLS,
    bytes.fromhex("10080200"): XLS,
    bytes.fromhex("108d8164"): PPT,
}

_HTML: Final = re.compile(
    rb"\s*(?:<!--(?:(?!-->).)*-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|body|meta|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEADER_LINE: Final = re.compile(rb"[!-9;-~]{1,80}[ \t]*:")
_MAIL_HEADER: Final = re.compile(
    rb"^(?:received|from|to|subject|date|message-id|mime-version|content-type|return-path|delivered-to)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAIL_HEADERS_WANTED: Final = 2
_PACKET_START: Final = 0x47
_PACKETS_WANTED: Final = 5


def sniff(path: Path, name: str) -> str:
    """The media type of the file at `path`, which its sender called `name`."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        return EMPTY
    return _by_signature(head) or _by_structure(path, head) or _by_text(head, name.lower()) or _by_filetype(head)


def looks_like_a_message(head: bytes) -> bool:
    """True when `head` starts with header lines of which at least two are a mail's."""
    if head.startswith((b"From ", b">From ")):
        head = head.partition(b"\n")[2]
    head = head.lstrip(b"\r\n")
    if not _HEADER_LINE.match(head):
        return False
    block = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    return len({found.lower() for found in _MAIL_HEADER.findall(block)}) >= _MAIL_HEADERS_WANTED


def _by_signature(head: bytes) -> str:
    for offset, signature, media_type in _SIGNATURES:
        if head.startswith(signature, offset):
            return media_type
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], "")
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    return _by_brand(head) or _by_packets(head)


def _by_packets(head: bytes) -> str:
    """The transport streams of camcorders (.mts) and television: a sign at the start of each packet."""
    if not _CONTROL.search(head):
        return ""
    for first, step in ((0, 188), (4, 192)):
        starts = range(first, min(len(head), 10 * step), step)
        if len(starts) >= _PACKETS_WANTED and all(head[at] == _PACKET_START for at in starts):
            return "video/mp2t"
    return ""


def _by_brand(head: bytes) -> str:
    """ISO base media files: HEIC, MP4, MOV and 3GP differ in their `ftyp` box only."""
    box, brand = head[4:8], head[8:12]
    if box in _QUICKTIME_ATOMS:
        return "video/quicktime"
    if box != b"ftyp":
        return ""
    if brand in _HEIF_BRANDS:
        return "image/heic"
    return _TYPE_OF_BRAND.get(brand, "") or _TYPE_OF_BRAND.get(brand[:3], "") or "video/mp4"


def _by_structure(path: Path, head: bytes) -> str:
    if head.startswith(_OLE2):
        return _ole_type(path, head)
    if head.startswith(_ZIP_STARTS):
        return _zip_type(path)
    return ""


def _zip_type(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                declared = archive.read("mimetype").decode("ascii", "replace").strip()
                if declared.startswith(_ODF_PREFIX) or declared == "application/epub+zip":
                    return declared
    except Exception:  # noqa: BLE001 - zipfile raises of all kinds on broken files; its reader will say what is wrong
        return ZIP
    return _office_type(names)


def _office_type(names: set[str]) -> str:
    if "[Content_Types].xml" in names:
        if "xl/workbook.bin" in names:
            return XLSB
        for folder, media_type in (("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX)):
            if any(name.startswith(folder) for name in names):
                return media_type
    return OFD if "OFD.xml" in names else ZIP


def _ole_type(path: Path, head: bytes) -> str:
    """By the root's class id; else by the first directory entry with a telling name.

    A Word file may hold an Excel sheet and the other way round, so a name found anywhere is not enough.
    """
    start = _ole_directory_start(head)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        entry = content[start : start + _OLE_DIRECTORY_ENTRY]
        found = {
            media_type: at for stream, media_type in reversed(_OLE_STREAMS) if (at := _ole_entry(content, stream)) >= 0
        }
    if ENCRYPTED_OFFICE in found:
        return ENCRYPTED_OFFICE
    by_class = _OLE_ROOT_CLASSES.get(entry[80:84], "")
    return by_class or min(found, key=lambda media_type: found[media_type], default=OLE)


def _ole_directory_start(head: bytes) -> int:
    sector_bytes = 1 << min(int.from_bytes(head[30:32], "little"), 16)
    return (int.from_bytes(head[48:52], "little") + 1) * sector_bytes


def _ole_entry(content: mmap.mmap, stream: str) -> int:
    """Where the directory entry of that name starts; -1 when there is none. Entries stand at multiples of 128."""
    wanted = stream.encode("utf-16-le") + b"\0\0"
    at = content.find(wanted)
    while at >= 0 and at % _OLE_DIRECTORY_ENTRY:
        at = content.find(wanted, at + 1)
    return at


def _by_text(head: bytes, name: str) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _kind_of_text(name)
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _CONTROL.search(text):
        return ""
    if looks_like_a_message(text):
        return MESSAGE
    if _HTML.match(text):
        return "text/html"
    return _kind_of_markup(text.lstrip()) or _kind_of_text(name)


def _kind_of_markup(text: bytes) -> str:
    if text.startswith(b"BEGIN:VCALENDAR"):
        return CALENDAR
    if text.startswith(b"BEGIN:VCARD"):
        return CONTACT
    if text.startswith((b"<?xml", b"<svg")):
        return "image/svg+xml" if b"<svg" in text else "application/xml"
    return ""


def _kind_of_text(name: str) -> str:
    if name.endswith((".csv", ".tsv")):
        return "text/csv"
    return "text/html" if name.endswith((".htm", ".html")) else "text/plain"


def _by_filetype(head: bytes) -> str:
    return str(filetype.guess_mime(head) or OCTETS)
