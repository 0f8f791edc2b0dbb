"""Pieces that the samples are made of: packages with fixed bytes, a text PDF without fonts, OLE2 shells, a photo."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from PIL import Image

FIXED_TIME = (2023, 11, 1, 8, 0, 0)


def rezipped(data: bytes, changes: dict[str, bytes] | None = None) -> bytes:
    """The same package with fixed times, and some parts replaced or added."""
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts |= changes or {}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, FIXED_TIME), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def photo(seed: int) -> bytes:
    """A JPEG that a camera might have taken: soft light, edges, noise."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 255, (12, 16, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((640, 480), Image.Resampling.BICUBIC)
    noisy = np.clip(np.asarray(image, dtype=np.int16) + random.integers(-18, 18, (480, 640, 3)), 0, 255)
    buffer = io.BytesIO()
    Image.fromarray(noisy.astype(np.uint8)).save(buffer, "JPEG", quality=60)
    return buffer.getvalue()


def ole2(*streams: str) -> bytes:
    """An OLE2 file's header and directory with these entries; no reader of ours goes further."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[30:32] = (9).to_bytes(2, "little")
    header[48:52] = (0).to_bytes(4, "little")
    entries = b"".join(_ole_entry(name) for name in ("Root Entry", *streams))
    return bytes(header) + entries.ljust(1024, b"\0") + b"\x11" * 2048


def _ole_entry(name: str) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return text.ljust(64, b"\0") + len(text).to_bytes(2, "little") + b"\0" * 62


class PdfPage:
    """Lines of text and rules, measured from the top in points; every character is as wide as it is high."""

    def __init__(self) -> None:
        self.operators: list[str] = []
        self.characters: set[str] = set()

    def text(self, x: float, y: float, line: str, size: float = 10) -> None:
        self.characters.update(line)
        codes = "".join(f"{ord(character):04X}" for character in line)
        self.operators.append(f"BT /F1 {size} Tf 1 0 0 1 {x} {842 - y - size} Tm <{codes}> Tj ET")

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.operators.append(f"0.5 w {x0} {842 - y0} m {x1} {842 - y1} l S")

    def table(self, x: float, y: float, widths: list[float], rows: list[list[str]], height: float = 24) -> None:
        edges = [x + sum(widths[:count]) for count in range(len(widths) + 1)]
        for number in range(len(rows) + 1):
            self.rule(edges[0], y + number * height, edges[-1], y + number * height)
        for edge in edges:
            self.rule(edge, y, edge, y + len(rows) * height)
        for number, row in enumerate(rows):
            for edge, cell in zip(edges, row, strict=False):
                self.text(edge + 3, y + number * height + 7, cell, 8)


def pdf(*pages: PdfPage, image: bytes = b"", encrypt: bool = False) -> bytes:
    """A PDF whose font is named but not embedded; a ToUnicode map gives its text. `image` fills each page."""
    characters = sorted(set().union(*(page.characters for page in pages)))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{8 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H"
        b" /DescendantFonts [4 0 R] /ToUnicode 6 0 R >>"
    )
    objects.append(
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /DW 1000 /FontDescriptor 5 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
    )
    objects.append(
        b"<< /Type /FontDescriptor /FontName /Song /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0"
        b" /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>"
    )
    objects.append(_stream(_to_unicode(characters)))
    objects.append(
        _stream(image, "/Type /XObject /Subtype /Image /Width 640 /Height 480 /ColorSpace /DeviceRGB"
                       " /BitsPerComponent 8 /Filter /DCTDecode") if image else b"null"
    )  # fmt: skip
    for number, page in enumerate(pages):
        drawn = ["q 595 0 0 446 0 200 cm /I1 Do Q"] if image else []
        xobject = "/XObject << /I1 7 0 R >>" if image else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {9 + 2 * number} 0 R"
            f" /Resources << /Font << /F1 3 0 R >> {xobject} >> >>".encode()
        )
        objects.append(_stream("\n".join(drawn + page.operators).encode()))
    return _pdf_file(objects, encrypt=encrypt)


def _stream(data: bytes, extra: str = "") -> bytes:
    return f"<< /Length {len(data)} {extra} >>\nstream\n".encode() + data + b"\nendstream"


def _to_unicode(characters: list[str]) -> bytes:
    groups = [characters[start : start + 100] for start in range(0, len(characters), 100)]
    body = "\n".join(
        f"{len(group)} beginbfchar\n"
        + "\n".join(f"<{ord(sign):04X}> <{ord(sign):04X}>" for sign in group)
        + "\nendbfchar"
        for group in groups
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{body}\nendcmap end end"
    ).encode()


def _pdf_file(objects: list[bytes], *, encrypt: bool) -> bytes:
    out = bytearray(b"%PDF-1.5\n")
    if encrypt:
        key = "5a" * 32
        objects = [*objects, f"<< /Filter /Standard /V 1 /R 2 /P -64 /O <{key}> /U <{key}> >>".encode()]
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    locked = f" /Encrypt {len(objects)} 0 R /ID [<00> <00>]" if encrypt else ""
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R{locked} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
