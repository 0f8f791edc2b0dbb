"""What a document still holds although its writer took it back, hid it or never wrote it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.styles import Font
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from parsers.content import Table
from parsers.read import read_file
from parsers.sheets import sheet_table
from rules.findings import Code
from tests.parsers.office_samples import SAMPLES
from tests.parsers.sample_parts import rezipped
from tests.parsers.sample_texts import SCHEDULE_HEAD, SCHEDULE_ROWS

W = nsdecls("w")


def _docx(cell_xml: str, row_xml: str = "") -> bytes:
    document = docx.Document()
    table = document.add_table(2, 1)
    table.cell(0, 0).paragraphs[0]._p.extend(parse_xml(f"<w:p {W}>{cell_xml}</w:p>"))
    table.cell(1, 0).text = "下一行"
    if row_xml:
        table.rows[1]._tr.insert(0, parse_xml(f"<w:trPr {W}>{row_xml}</w:trPr>"))
    buffer = io.BytesIO()
    document.save(buffer)
    return rezipped(buffer.getvalue())


def _texts(content) -> list[str]:
    (table,) = (block for block in content.blocks if isinstance(block, Table))
    return [cell.text for cell in table.cells]


@pytest.mark.parametrize("switch", ["strike", "dstrike", "vanish"])
def test_words_struck_through_or_hidden_are_none(switch, read):
    runs = f"<w:r><w:rPr><w:{switch}/></w:rPr><w:t>150</w:t></w:r><w:r><w:t>130</w:t></w:r>"
    assert _texts(read(_docx(runs), "a.docx"))[0] == "130"
    assert _texts(read(_docx(runs.replace("/></w:rPr>", ' w:val="0"/></w:rPr>')), "a.docx"))[0] == "150130"


def test_a_content_control_that_nobody_filled_in_is_empty(read):
    control = (
        "<w:sdt><w:sdtPr>{}</w:sdtPr><w:sdtContent><w:r><w:t>单击此处输入日期。</w:t></w:r></w:sdtContent></w:sdt>"
    )
    assert _texts(read(_docx(control.format("<w:showingPlcHdr/>")), "a.docx"))[0] == ""
    assert _texts(read(_docx(control.format("")), "a.docx"))[0] == "单击此处输入日期。"


def test_a_row_deleted_under_track_changes_is_gone(read):
    assert _texts(read(_docx("", '<w:del w:id="1" w:author="a"/>'), "a.docx")) == [""]


def test_html_struck_through_does_not_count(read):
    content = read(b"<html><body><table><tr><td><s>150</s>130<del>9</del></td></tr></table></body></html>", "a.html")
    assert _texts(content) == ["130"]


def _xlsx(change: Callable[[Workbook, Worksheet], None]) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    for row in (["去年的", "甲"], ["今年的", "乙"]):
        sheet.append(row)
    change(workbook, sheet)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return rezipped(buffer.getvalue())


def test_a_hidden_row_of_a_sheet_does_not_count(read):
    def hide(_workbook, sheet):
        sheet.row_dimensions[1].hidden = True

    assert _texts(read(_xlsx(hide), "a.xlsx")) == ["今年的", "乙"]


def test_a_hidden_column_of_a_sheet_does_not_count(read):
    def hide(_workbook, sheet):
        sheet.column_dimensions["A"].hidden = True

    assert _texts(read(_xlsx(hide), "a.xlsx")) == ["甲", "乙"]


def test_a_merged_cell_counts_as_long_as_some_of_it_is_seen(read):
    def hide(_workbook, sheet):
        sheet.merge_cells("A1:B1")
        sheet.column_dimensions["A"].hidden = True
        sheet.row_dimensions[2].hidden = True

    assert _texts(read(_xlsx(hide), "a.xlsx")) == ["去年的"]


def test_a_cell_struck_through_does_not_count_in_a_sheet(read):
    def strike(_workbook, sheet):
        sheet["A1"].font = Font(strike=True)

    assert _texts(read(_xlsx(strike), "a.xlsx")) == ["甲", "今年的", "乙"]


def test_a_workbook_with_a_style_whose_font_is_not_there_is_read_all_the_same(read):
    workbook = _xlsx(lambda _workbook, _sheet: None)
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        styles = package.read("xl/styles.xml")
    lacking = re.sub(rb'(<cellXfs.*?fontId=")0', rb"\g<1>7", styles)
    assert lacking != styles
    assert _texts(read(rezipped(workbook, {"xl/styles.xml": lacking}), "a.xlsx")) == [
        "去年的",
        "甲",
        "今年的",
        "乙",
    ]


def test_a_span_turned_round_by_a_broken_file_hides_nothing():
    (cell,) = sheet_table({(0, 0): "甲"}, {(0, 0): (-3, 0)}, "Sheet1").cells
    assert (cell.text, cell.row_span, cell.column_span) == ("甲", 1, 1)


def _schedule(unit: str, sheet: Worksheet) -> None:
    for row in (["主要活动安排表"], [f"报送单位：{unit}"], SCHEDULE_HEAD, *SCHEDULE_ROWS):
        sheet.append(row)


@pytest.mark.parametrize(
    ("is_seen", "unit", "is_told"), [(True, "松涛小学", False), (False, "青禾小学", True)], ids=["beside", "alone"]
)
def test_a_form_on_a_hidden_sheet_counts_where_no_other_is_seen_and_a_person_is_told(is_seen, unit, is_told, tmp_path):
    workbook = openpyxl.Workbook()
    for name in ("松涛小学", "青禾小学")[not is_seen :]:
        _schedule(name, workbook.create_sheet(name))
    workbook["青禾小学"].sheet_state = "hidden"
    path = tmp_path / "安排表.xlsx"
    workbook.save(path)
    extraction = read_file(path, path.name)
    assert [form.unit_name for form in extraction.forms] == [unit]
    assert extraction.unit_names == (unit,)
    assert [one.detail for one in extraction.findings if one.code is Code.LOW_CONFIDENCE] == [
        "工作表“青禾小学”是隐藏的，其中的表格已读取，请核对是否为本次报送的内容"
    ] * is_told


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_what_is_taken_back_in_a_workbook_is_so_in_every_format(suffix):
    seen, source = (read_file(SAMPLES / name, name) for name in (f"划去的内容.{suffix}", "划去的内容.xlsx"))
    assert [list(row.cells.values()) for row in seen.forms[0].rows] == [
        ["1", "亲子共读", "图书室", "80", "2023年11月13日"],
        ["", "讲座", "报告厅", "", "2023年11月14日"],
        ["4", "班会", "教室", "", "2023年11月16日"],
    ]
    assert seen.findings == source.findings == ()


@pytest.mark.parametrize("suffix", ["docx", "doc", "rtf", "odt"])
def test_what_is_taken_back_in_a_text_is_so_in_every_format(suffix):
    seen = read_file(SAMPLES / f"划去的内容.{suffix}", f"a.{suffix}")
    assert seen.unit_names == ("金坛区青禾小学",)
    assert [(row.cells["theme"], row.cells["place"], row.attendance) for row in seen.forms[0].rows] == [
        ("活动周启动仪式", "镇文化广场", 120),
        ("智慧助老手机课堂", "社区学习中心", 200),
        ("亲子共读", "镇图书室", 80),
    ]


def _odt(styles: str, body: str) -> bytes:
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "style")
    )
    content = f"<office:document-content{names}><office:automatic-styles>{styles}</office:automatic-styles>"
    content += f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    return rezipped((SAMPLES / "附件2.odt").read_bytes(), {"content.xml": content.encode()})


def _style(name: str, family: str, properties: str, parent: str = "") -> str:
    inherits = f' style:parent-style-name="{parent}"' if parent else ""
    return f'<style:style style:name="{name}" style:family="{family}"{inherits}>{properties}</style:style>'


STRUCK = '<style:text-properties style:text-line-through-style="solid"/>'


@pytest.mark.parametrize(
    ("styles", "body", "texts"),
    [
        (
            _style("P", "paragraph", STRUCK)
            + _style("T", "text", '<style:text-properties style:text-line-through-type="none"/>'),
            '<text:p text:style-name="P">150<text:span text:style-name="T">130</text:span>0</text:p>',
            ["130"],
        ),
        (
            _style("A", "text", STRUCK) + _style("B", "text", "", parent="A"),
            '<text:p><text:span text:style-name="B">150</text:span>130</text:p>',
            ["130"],
        ),
        ("", '<text:section text:display="none"><text:p>去年</text:p></text:section><text:p>今年</text:p>', ["今年"]),
        ("", '<text:p>1<text:hidden-text text:is-hidden="true">9</text:hidden-text>3</text:p>', ["13"]),
    ],
    ids=["a paragraph with a word that is not", "by a style's parent", "a hidden section", "a hidden word"],
)
def test_words_of_an_opendocument_text_that_are_struck_through_or_hidden_are_none(
    styles, body, texts, read, paragraphs
):
    assert paragraphs(read(_odt(styles, body), "a.odt")) == texts


def test_words_struck_through_on_a_slide_do_not_count(read, paragraphs):
    original, part = (SAMPLES / "幻灯片.pptx").read_bytes(), "ppt/slides/slide2.xml"
    with zipfile.ZipFile(io.BytesIO(original)) as package:
        slide = package.read(part).decode()
    runs = '<a:r><a:rPr strike="sngStrike"/><a:t>2022</a:t></a:r><a:r><a:t>2023</a:t></a:r>'
    changed = slide.replace("<a:r>", f"{runs}<a:r>", 1)
    texts = paragraphs(read(rezipped(original, {part: changed.encode()}), "a.pptx"))
    assert any("2023" in text and "2022" not in text for text in texts)
