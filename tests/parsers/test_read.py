"""Reading a file never fails, never fetches, and never costs more than the limits allow."""

from __future__ import annotations

import io
import random
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pytest

from parsers.content import FormatParser
from parsers.limits import DEFAULT_LIMITS
from parsers.read import read_file
from parsers.registry import ConflictError, index, registry
from parsers.sniff import DOCX, XLSX
from rules.extraction import Kind
from rules.findings import Code
from tests.parsers.make_samples import SAMPLES
from tests.parsers.sample_parts import rezipped
from tests.parsers.sample_texts import SCHEDULE_HEAD, SCHEDULE_ROWS

MUTATIONS = 30


def _write(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def _codes(path: Path, limits: object = DEFAULT_LIMITS) -> set[Code]:
    return {finding.code for finding in read_file(path, path.name, limits=limits).findings}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["附件2.docx", "两表.xlsx", "安排表两页.pdf", "安排表.html", "统计表_utf16.csv"])
def test_a_file_with_flipped_bytes_is_read_without_a_crash(name: str, tmp_path: Path) -> None:
    data = (SAMPLES / name).read_bytes()
    for seed in range(MUTATIONS):
        chance = random.Random(seed)
        broken = bytearray(data)
        for _ in range(20):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        assert read_file(_write(tmp_path, "broken", bytes(broken)), name).kind in Kind


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    seen = read_file(tmp_path / "gone.docx", "gone.docx")
    assert (seen.kind, seen.sha256) == (Kind.UNREADABLE, "")


def test_a_workbook_saved_as_xml_is_not_said_to_be_an_unsupported_xls(tmp_path: Path) -> None:
    data = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    (finding,) = read_file(_write(tmp_path, "a.xls", data), "a.xls").findings
    assert finding.detail == "暂不支持的格式：XML文件（.xls）"


def test_an_unknown_format_is_named_to_the_coordinator(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("OFD.xml", "x")
    (finding,) = read_file(_write(tmp_path, "a.ofd", buffer.getvalue()), "a.ofd").findings
    assert finding.code is Code.UNREADABLE
    assert "OFD版式文件" in finding.detail


def test_a_package_that_would_unpack_to_too_much_is_refused(tmp_path: Path) -> None:
    sample = (SAMPLES / "附件2.docx").read_bytes()
    bomb = _write(tmp_path, "bomb.docx", rezipped(sample, {"word/media/x.bin": bytes(60 << 20)}))
    assert _codes(bomb) == {Code.LIMIT_EXCEEDED}
    plain = _write(tmp_path, "plain.docx", sample)
    assert _codes(plain, replace(DEFAULT_LIMITS, unpacked_bytes=10_000)) == {Code.LIMIT_EXCEEDED}
    assert _codes(plain, replace(DEFAULT_LIMITS, table_cells=5)) == {Code.LIMIT_EXCEEDED}


@pytest.mark.parametrize(
    ("sample", "part"), [("附件2.docx", "word/document.xml"), ("两表.xlsx", "xl/worksheets/sheet1.xml")]
)
def test_an_entity_bomb_ends_quickly_and_unread(sample: str, part: str, tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]>'.encode()
    data = (SAMPLES / sample).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        xml = package.read(part)
    declaration, _, rest = xml.partition(b"?>") if xml.startswith(b"<?xml") else (b"<?xml version='1.0'", b"", xml)
    start = rest.index(b">", rest.index(b"<t>") if b"<t>" in rest else rest.index(b"<w:t>")) + 1
    bomb = declaration + b"?>" + doctype + rest[:start] + b"&e11;" + rest[start:]
    began = time.process_time()
    seen = read_file(_write(tmp_path, sample, rezipped(data, {part: bomb})), sample)
    assert time.process_time() - began < 10
    assert "lollol" not in seen.text


def _with_all_merged(workbook: bytes) -> bytes:
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        xml = package.read(part)
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A5:XFD1048570"/></mergeCells>'
    return rezipped(workbook, {part: xml.replace(b"</sheetData>", merged)})


def test_a_workbook_with_a_stray_cell_in_the_last_row_is_read_at_once(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook(write_only=False)
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["活动安排表"])
    sheet.append(["序号", "活动主题", "活动地点", "活动时间", "参加人数"])
    sheet.append([1, "共读", "馆", "2023-11-12", 30.0])
    sheet.cell(1_048_576, 16_384, "x")
    buffer = io.BytesIO()
    workbook.save(buffer)
    path = _write(tmp_path, "stray.xlsx", _with_all_merged(buffer.getvalue()))
    began = time.process_time()
    seen = read_file(path, path.name)
    assert time.process_time() - began < 5
    assert seen.form is not None
    assert [row.attendance for row in seen.form.rows] == [30]


def test_pictures_beyond_the_limits_are_left_out_with_a_finding() -> None:
    path = SAMPLES / "总结含照片.docx"
    seen = read_file(path, path.name, limits=replace(DEFAULT_LIMITS, depth=0))
    assert (seen.kind, seen.members) == (Kind.SUMMARY, ())
    assert {finding.code for finding in seen.findings} == {Code.LIMIT_EXCEEDED}


def test_text_is_kept_up_to_its_limit() -> None:
    path = SAMPLES / "方案_gbk.txt"
    assert len(read_file(path, path.name, limits=replace(DEFAULT_LIMITS, text_chars=50)).text) == 50


def test_every_office_type_has_one_parser_and_two_claims_fail() -> None:
    assert {DOCX, XLSX, "text/csv", "application/pdf", "text/html", "text/plain"} <= registry().keys()
    parser = next(iter(registry().values()))
    rival = FormatParser(name="rival", media_types=parser.media_types[:1], read=parser.read)
    with pytest.raises(ConflictError, match="rival"):
        index([parser, rival])


@pytest.mark.parametrize("is_by_sheet", [True, False], ids=["sheets", "lines"])
def test_forms_of_several_units_are_told_by_what_stands_over_them(is_by_sheet: bool, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for number, unit in enumerate(("青禾小学", "松涛幼儿园"), start=1):
        sheet = workbook.create_sheet(unit if is_by_sheet else f"Sheet{number}")
        over = [] if is_by_sheet else [[f"{number}、{unit}"]]
        for row in (["主要活动安排表"], *over, SCHEDULE_HEAD, *SCHEDULE_ROWS[:number]):
            sheet.append(row)
    path = tmp_path / "安排表.xlsx"
    workbook.save(path)
    extraction = read_file(path, path.name)
    assert [(form.unit_name, len(form.rows)) for form in extraction.forms] == [("青禾小学", 1), ("松涛幼儿园", 2)]
    assert Code.FIELD_MISSING not in {finding.code for finding in extraction.findings}


def test_a_document_that_only_leads_to_the_cloud_has_its_link(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("活动视频.mp4 链接：https://pan.baidu.com/s/1abc")
    document.save(str(tmp_path / "视频.docx"))
    (link,) = read_file(tmp_path / "视频.docx", "视频.docx").links
    assert (link.provider, link.filename) == ("百度网盘", "活动视频.mp4")


@pytest.mark.parametrize("name", ["活动视频.MP4", "照片/1.jpg"])
def test_a_page_that_was_saved_in_place_of_a_film_is_no_document(name: str, tmp_path: Path) -> None:
    path = _write(tmp_path, "saved", "<html><body>登录超时，请重新登录</body></html>".encode())
    (finding,) = read_file(path, name).findings
    assert (finding.code, finding.detail[:15]) == (Code.UNREADABLE, "文件名是照片、视频或录音，内容")
    assert read_file(path, "说明.html").findings == ()
