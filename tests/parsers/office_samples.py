"""Samples in the older formats of office programs, converted once by LibreOffice from samples whose truth is known.

A converted sample that is there stays as it is: another version of LibreOffice would write other bytes. Encrypted ones
are made of them by the bits that say so.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl
from openpyxl.drawing.image import Image

from tests.parsers.sample_parts import photo, rezipped
from tests.parsers.sample_texts import SCHEDULE_HEAD, SCHEDULE_ROWS, SCHEDULE_TITLE, SCHOOL, UNIT

SAMPLES = Path(__file__).parent / "samples"


def _converted(name: str, source: str) -> bytes:
    """The sample as it is, or `source` converted to what the name's ending says."""
    kept = SAMPLES / name
    if kept.exists():
        return kept.read_bytes()
    suffix = {"wps": "doc", "et": "xls", "dps": "ppt"}.get(kept.suffix[1:], kept.suffix[1:])
    program = shutil.which("soffice")
    assert program is not None, f"{name} needs LibreOffice"
    with tempfile.TemporaryDirectory() as folder:
        original = Path(folder) / source
        original.write_bytes(_SOURCES[source]() if source in _SOURCES else (SAMPLES / source).read_bytes())
        profile = f"-env:UserInstallation={Path(folder).as_uri()}/profile"
        subprocess.run(
            [program, "--headless", profile, "--convert-to", suffix, "--outdir", f"{folder}/out", str(original)],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        return (Path(folder) / "out" / original.with_suffix(f".{suffix}").name).read_bytes()


def slides_pptx() -> bytes:
    """A title, a table, a picture; the second slide stands first in the file."""
    a = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    p = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def related(*targets: tuple[str, str]) -> str:
        rows = "".join(
            f'<Relationship Id="rId{number}" Type="{relations}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(targets, 1)
        )
        return f'<Relationships xmlns="{package}/relationships">{rows}</Relationships>'

    def slide(shapes: str) -> str:
        frame = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        return f'<p:sld {a} {p} xmlns:r="{relations}"><p:cSld><p:spTree>{frame}{shapes}</p:spTree></p:cSld></p:sld>'

    place = '<a:xfrm><a:off x="500000" y="500000"/><a:ext cx="6000000" cy="2000000"/></a:xfrm>'

    def text(*lines: str, kind: str = "") -> str:
        holder = f'<p:ph type="{kind}"/>' if kind else ""
        body = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
        return (
            f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="t"/><p:cNvSpPr/><p:nvPr>{holder}</p:nvPr></p:nvSpPr><p:spPr>{place}'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr/>{body}</p:txBody></p:sp>'
        )

    def cell(words: str) -> str:
        body = f"<a:txBody><a:bodyPr/><a:p><a:r><a:t>{words}</a:t></a:r></a:p></a:txBody>"
        return f"<a:tc>{body}<a:tcPr/></a:tc>"

    lines = [SCHEDULE_HEAD, *SCHEDULE_ROWS]
    rows = "".join(f'<a:tr h="300000">{"".join(map(cell, line))}</a:tr>' for line in lines)
    grid = '<a:gridCol w="1200000"/>' * 5
    table = (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="3" name="g"/><p:cNvGraphicFramePr/><p:nvPr/>'
        "</p:nvGraphicFramePr>"
        f"{place.replace('a:xfrm', 'p:xfrm')}<a:graphic>"
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table">'
        f"<a:tbl><a:tblGrid>{grid}</a:tblGrid>{rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
    picture = (
        '<p:pic><p:nvPicPr><p:cNvPr id="4" name="p"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill>'
        f'<a:blip r:embed="rId1"/></p:blipFill><p:spPr>{place}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</p:spPr></p:pic>"
    )
    main = "application/vnd.openxmlformats-officedocument.presentationml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="jpg" ContentType="image/jpeg"/>'
        f'<Override PartName="/ppt/presentation.xml" ContentType="{main}.presentation.main+xml"/>'
        f'<Override PartName="/ppt/slides/slide1.xml" ContentType="{main}.slide+xml"/>'
        f'<Override PartName="/ppt/slides/slide2.xml" ContentType="{main}.slide+xml"/></Types>',
        "_rels/.rels": related(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f'<p:presentation {a} {p} xmlns:r="{relations}"><p:sldIdLst>'
        '<p:sldId id="256" r:id="rId2"/><p:sldId id="257" r:id="rId1"/></p:sldIdLst>'
        '<p:sldSz cx="9144000" cy="6858000"/>'
        '<p:notesSz cx="6858000" cy="9144000"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": related(("slide", "slides/slide1.xml"), ("slide", "slides/slide2.xml")),
        "ppt/slides/slide1.xml": slide(table + picture),
        "ppt/slides/_rels/slide1.xml.rels": related(("image", "../media/image1.jpg")),
        "ppt/slides/slide2.xml": slide(text("".join(SCHEDULE_TITLE), kind="title") + text(f"报送单位：{UNIT}")),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return rezipped(buffer.getvalue(), {"ppt/media/image1.jpg": photo(5)})


def sheet_with_photo_xlsx() -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (["主要活动安排表"], [f"报送单位：{SCHOOL}"], SCHEDULE_HEAD, *SCHEDULE_ROWS):
        sheet.append(row)
    sheet.add_image(Image(io.BytesIO(photo(6))), "G2")
    buffer = io.BytesIO()
    workbook.save(buffer)
    return rezipped(buffer.getvalue())


def locked_doc() -> bytes:
    """The flag in the head of the text, where Word sets it."""
    data = bytearray((SAMPLES / "附件2.doc").read_bytes())
    data[data.index(b"\xec\xa5", 512) + 0x0B] |= 0x01
    return bytes(data)


def locked_xls() -> bytes:
    """The first record after the beginning becomes the one that asks for a password."""
    data = bytearray((SAMPLES / "两表.xls").read_bytes())
    begin = data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    data[begin + 20 : begin + 22] = b"\x2f\x00"
    return bytes(data)


_SOURCES: dict[str, Callable[[], bytes]] = {"幻灯片.pptx": slides_pptx, "安排表含照片.xlsx": sheet_with_photo_xlsx}

CONVERTED = {
    "附件2.doc": "附件2.docx",
    "附件1.wps": "附件1.docx",
    "方案含附件1.doc": "方案含附件1.docx",
    "总结含照片.doc": "总结含照片.docx",
    "文本框与嵌套表.doc": "文本框与嵌套表.docx",
    "附件2.rtf": "附件2.docx",
    "文本框与嵌套表.rtf": "文本框与嵌套表.docx",
    "附件2.odt": "附件2.docx",
    "总结含照片.odt": "总结含照片.docx",
    "两表.xls": "两表.xlsx",
    "同页两表.et": "同页两表.xlsx",
    "文本框内表.odt": "文本框内表.docx",
    "页眉单位.doc": "页眉单位.docx",
    "页眉单位.odt": "页眉单位.docx",
    "页眉单位.rtf": "页眉单位.docx",
    "页眉文本框.doc": "页眉文本框.docx",
    "页眉文本框.rtf": "页眉文本框.docx",
    "划去的内容.doc": "划去的内容.docx",
    "划去的内容.rtf": "划去的内容.docx",
    "划去的内容.odt": "划去的内容.docx",
    "划去的内容.xls": "划去的内容.xlsx",
    "划去的内容.ods": "划去的内容.xlsx",
    "左右两表.xls": "左右两表.xlsx",
    "左右两表.ods": "左右两表.xlsx",
    "安排表含照片.xls": "安排表含照片.xlsx",
    "两表.ods": "两表.xlsx",
    "逐条安排.pdf": "逐条安排.docx",
    "逐条安排.wps": "逐条安排.docx",
    "幻灯片.ppt": "幻灯片.pptx",
}
"""Sample → what it was converted from: both read the same."""

OFFICE_MAKERS: dict[str, Callable[[], bytes]] = {
    **_SOURCES,
    **{name: partial(_converted, name, source) for name, source in CONVERTED.items()},
    "加密.doc": locked_doc,
    "加密.xls": locked_xls,
}
