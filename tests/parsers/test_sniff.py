from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from openpyxl import Workbook
from PIL import Image

from parsers.sniff import sniff


def _zip(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def _saved(document):
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _picture(kind):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, kind)
    return buffer.getvalue()


def _ole(*streams, root_class=b"\0" * 16):
    """An OLE2 header and a directory sector with these stream names."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 22 + (9).to_bytes(2, "little")
    header = header.ljust(48, b"\0") + (0).to_bytes(4, "little")
    entries = [_ole_entry("Root Entry", root_class), *(_ole_entry(name) for name in streams)]
    return header.ljust(512, b"\0") + b"".join(entries)


def _ole_entry(name, class_id=b"\0" * 16):
    return name.encode("utf-16-le").ljust(80, b"\0") + class_id + b"\0" * 32


WORD_CLASS = bytes.fromhex("0609020000000000c000000000000046")

CASES = {
    "docx": (_saved(Document()), "方案.wps", "wordprocessingml.document"),
    "xlsx": (_saved(Workbook()), "附件2.et", "spreadsheetml.sheet"),
    "pptx": (_zip("[Content_Types].xml", "ppt/presentation.xml"), "a.dps", "presentationml.presentation"),
    "a zip that holds a docx": (_zip("word/方案.docx", "a.docx"), "a.docx", "application/zip"),
    "ofd": (_zip("OFD.xml", "Doc_0/Document.xml"), "a.ofd", "application/ofd"),
    "a cut zip": (_zip("a")[:40], "a.zip", "application/zip"),
    "doc": (_ole("WordDocument"), "a.wps", "application/msword"),
    "xls": (_ole("Workbook"), "a.et", "application/vnd.ms-excel"),
    "doc with a sheet in it": (_ole("Workbook", "WordDocument", root_class=WORD_CLASS), "a", "application/msword"),
    "ppt": (_ole("PowerPoint Document"), "a", "application/vnd.ms-powerpoint"),
    "encrypted docx": (_ole("EncryptionInfo", "EncryptedPackage"), "a.docx", "application/x-encrypted-office"),
    "outlook message": (_ole("__properties_version1.0"), "a.msg", "application/vnd.ms-outlook"),
    "pdf after a stray line": (b"\n\n%PDF-1.4\n\x00\x01", "a.txt", "application/pdf"),
    "jpeg called docx": (_picture("JPEG"), "照片.docx", "image/jpeg"),
    "png": (_picture("PNG"), "a", "image/png"),
    "gif": (_picture("GIF"), "a", "image/gif"),
    "bmp": (_picture("BMP"), "a", "image/bmp"),
    "tiff": (_picture("TIFF"), "a", "image/tiff"),
    "webp": (_picture("WEBP"), "a", "image/webp"),
    "jpeg 2000": (b"\0\0\0\x0cjP  \r\n\x87\n", "a.jpg", "image/jp2"),
    "jpeg 2000 without a box": (b"\xff\x4f\xff\x51\0\x2f", "a.j2k", "image/jp2"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "IMG_1.jpg", "image/heic"),
    "transport stream": ((b"G" + bytes(187)) * 12, "00001.ts", "video/mp2t"),
    "camcorder": ((bytes(4) + b"G" + bytes(187)) * 12, "00001.MTS", "video/mp2t"),
    "one letter again and again": (b"G" * 3000, "a.txt", "text/plain"),
    "mp4": (b"\0\0\0\x18ftypisom\0\0\0\0", "a", "video/mp4"),
    "mov": (b"\0\0\0\x14ftypqt  \0\0\0\0", "a", "video/quicktime"),
    "old mov": (b"\0\0\0\x08wide\0\0\0\0mdat", "a", "video/quicktime"),
    "3gp": (b"\0\0\0\x18ftyp3gp5\0\0\0\0", "a", "video/3gpp"),
    "avi": (b"RIFF\0\0\0\0AVI LIST", "a", "video/x-msvideo"),
    "wmv": (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "a", "video/x-ms-wmv"),
    "flv": (b"FLV\x01\x05\0\0\0\x09", "a", "video/x-flv"),
    "mkv": (b"\x1aE\xdf\xa3\x93B\x82\x88matroska", "a", "video/x-matroska"),
    "rar": (b"Rar!\x1a\x07\x01\x00", "a", "application/vnd.rar"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\x04", "a", "application/x-7z-compressed"),
    "gz": (b"\x1f\x8b\x08\0\0\0\0\0", "a", "application/gzip"),
    "rtf": (b"{\\rtf1\\ansi", "a.doc", "application/rtf"),
    "tnef": (b"\x78\x9f\x3e\x22\x01\0", "winmail.dat", "application/ms-tnef"),
    "html called xls": (b"<html><body><table><tr><td>1</table>", "统计.xls", "text/html"),
    "message": (b"Received: from x\r\n by y\r\nSubject: =?gbk?B?xx?=\r\nFrom: a@b.c\r\n\r\nhi", "a", "message/rfc822"),
    "a note with a colon": ("主题：方案\nSubject: none".encode(), "a.txt", "text/plain"),
    "gbk text": ("工作方案".encode("gbk"), "a.txt", "text/plain"),
    "utf-16 text": ("工作方案".encode("utf-16"), "a.txt", "text/plain"),
    "csv": ("序号,主题\n1,阅读".encode("gbk"), "附件1.CSV", "text/csv"),
    "calendar": (b"BEGIN:VCALENDAR\r\nVERSION:2.0", "a.ics", "text/calendar"),
    "business card": (b"BEGIN:VCARD\r\nVERSION:3.0", "名片.vcf", "text/vcard"),
    "empty": (b"", "a.docx", "application/x-empty"),
    "noise": (bytes(range(7, 200)), "a.docx", "application/octet-stream"),
}


@pytest.mark.parametrize(("content", "name", "expected"), CASES.values(), ids=CASES.keys())
def test_content_decides_the_type_whatever_the_name(tmp_path, content, name, expected):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert sniff(path, name).endswith(expected)
