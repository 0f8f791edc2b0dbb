"""What a document still holds although its writer took it back, hid it or never wrote it."""

from __future__ import annotations

import io

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from parsers.content import Table
from tests.parsers.sample_parts import rezipped

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


def test_a_hidden_row_of_a_sheet_does_not_count(read):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for text in ("去年的", "今年的"):
        sheet.append([text])
    sheet.row_dimensions[1].hidden = True
    buffer = io.BytesIO()
    workbook.save(buffer)
    assert _texts(read(rezipped(buffer.getvalue()), "a.xlsx")) == ["今年的"]
