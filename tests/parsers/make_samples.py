"""Makes the golden samples: `python -m tests.parsers.make_samples [--expected]`.

Every sample's truth is known because it is made here; `--expected` also writes down what the parsers see in each, to be
read before it is committed. All units and persons are invented.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import docx
import openpyxl
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Inches
from docx.table import Table as WordTable
from lxml import etree
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from parsers.read import read_file
from rules.codec import extraction_as_json
from tests.parsers.office_samples import OFFICE_MAKERS
from tests.parsers.sample_parts import PdfPage, ole2, pdf, photo, rezipped
from tests.parsers.sample_texts import (
    NOTICE,
    PLAN,
    SCHEDULE_HEAD,
    SCHEDULE_ROWS,
    SCHEDULE_TITLE,
    SCHOOL,
    STATISTICS_FIELDS,
    STATISTICS_HEAD,
    STATISTICS_ROWS,
    STATISTICS_TITLE,
    SUMMARY,
    UNIT,
)

SAMPLES = Path(__file__).parent / "samples"

# --- Word -------------------------------------------------------------------------------------------------------------


def _saved(document: Document, changes: dict[str, bytes] | None = None) -> bytes:
    document.core_properties.created = document.core_properties.modified = datetime(2023, 11, 1, 8)  # noqa: DTZ001
    buffer = io.BytesIO()
    document.save(buffer)
    return rezipped(buffer.getvalue(), changes)


def _paragraphs(document: Document, lines: list[str]) -> None:
    for line in lines:
        document.add_paragraph(line)


def _word_table(document: Document, rows: list[list[str]]) -> WordTable:
    table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    return table


def _schedule(document: Document, unit: str, rows: list[list[str]], head: list[str] = SCHEDULE_HEAD) -> None:
    _paragraphs(document, [*SCHEDULE_TITLE, f"报送地区（单位）：{unit}"])
    _word_table(document, [head, *rows, [""] * len(head)])


def _statistics(document: Document, unit_line: str, fields: dict[str, str], rows: list[list[str]]) -> None:
    """附件2 merged as the notice has it: a leader's block over two rows, labels and values side by side."""
    _paragraphs(document, [*STATISTICS_TITLE, unit_line])
    get = fields.get
    table = _word_table(
        document,
        [
            ["组织单位", get("organizer", "")],
            ["参与单位", get("participants", "")],
            ["“启动周”\n主要负责人", "姓  名\n\n职务1：", get("name", ""), "单位职务", get("position", "")],
            ["", "联系方式\n\n电话：", get("phone", ""), "E-mail", get("email", "")],
            ["动员会时间", get("time", ""), "", "动员会举办地点", get("place", "")],
            ["活动周主题", get("theme", ""), "", "参与动员会人数", get("attendance", "")],
            STATISTICS_HEAD,
            *rows,
            [""] * 5,
        ],
    )
    for row in (0, 1):
        table.cell(row, 1).merge(table.cell(row, 4))
    table.cell(2, 0).merge(table.cell(3, 0))
    for row in (4, 5):
        table.cell(row, 1).merge(table.cell(row, 2))
    document.add_paragraph("注：此表纸质稿盖章拍照后于2023年11月20日前发至区教育局职业教育与终身教育科邮箱。")


def schedule_docx() -> bytes:
    document = docx.Document()
    _schedule(document, SCHOOL, [*SCHEDULE_ROWS, ["4", "社区讲堂", "文化礼堂", "待定", "若干"]])
    return _saved(document)


def statistics_docx() -> bytes:
    document = docx.Document()
    _statistics(document, f"单位名称（盖章）：{SCHOOL}    分管领导（签字）：张小禾", STATISTICS_FIELDS, STATISTICS_ROWS)
    return _saved(document)


def statistics_empty_docx() -> bytes:
    document = docx.Document()
    _statistics(document, "单位名称（盖章）：            分管领导（签字）：", {}, [[""] * 5] * 4)
    return _saved(document)


def unit_in_page_head_docx() -> bytes:
    """The unit's line stands in the head of the pages; nothing stands behind the table."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = f"报送单位：{SCHOOL}"
    _paragraphs(document, SCHEDULE_TITLE)
    _word_table(document, [SCHEDULE_HEAD, *SCHEDULE_ROWS])
    return _saved(document)


def unit_in_box_of_page_head_docx() -> bytes:
    """The unit's line stands in a text box in the head of the pages."""
    document = docx.Document()
    box = (
        f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:rect style="position:absolute;'
        'margin-left:0;margin-top:0;width:240pt;height:40pt"><v:textbox><w:txbxContent><w:p><w:r>'
        f"<w:t>报送单位：{SCHOOL}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:rect></w:pict></w:r>"
    )
    document.sections[0].header.paragraphs[0]._p.append(parse_xml(box))
    _paragraphs(document, SCHEDULE_TITLE)
    _word_table(document, [SCHEDULE_HEAD, *SCHEDULE_ROWS])
    return _saved(document)


def table_in_text_box_docx() -> bytes:
    """The whole form lies in a text box, as the newer programs draw it and once more for the older ones."""
    document = docx.Document()
    inside = docx.Document()
    _schedule(inside, SCHOOL, SCHEDULE_ROWS)
    content = "".join(etree.tostring(block, encoding="unicode") for block in inside.element.body[:-1])
    spaces = nsdecls("w", "wp", "a") + "".join(
        f' xmlns:{prefix}="{uri}"'
        for prefix, uri in (
            ("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"),
            ("wps", "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"),
            ("v", "urn:schemas-microsoft-com:vml"),
        )
    )
    box = f"<w:txbxContent>{content}</w:txbxContent>"
    drawn = (
        "<w:drawing><wp:inline><a:graphic><a:graphicData uri='x'><wps:wsp><wps:txbx>"
        f"{box}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    old = f"<w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict>"
    choice = f"<mc:Choice Requires='wps'>{drawn}</mc:Choice><mc:Fallback>{old}</mc:Fallback>"
    run = f"<w:r><mc:AlternateContent>{choice}</mc:AlternateContent></w:r>"
    document.element.body.insert(0, parse_xml(f"<w:p {spaces}>{run}</w:p>"))
    return _saved(document)


def schedule_of_nothing_docx() -> bytes:
    """附件1 of a unit that held nothing and says so."""
    document = docx.Document()
    _schedule(document, SCHOOL, [["1", "无", "无", "无", "无"]])
    return _saved(document)


def schedule_without_table_docx() -> bytes:
    """附件1 as numbered paragraphs with labels, one of which goes on in the next line of a page."""
    document = docx.Document()
    _paragraphs(document, [*SCHEDULE_TITLE, f"报送地区（单位）：{UNIT}"])
    long = "“让学习成为一种生活方式”全民终身学习活动周启动仪式暨社区教育学习成果展示活动"
    for number, (_index, theme, place, time, attendance) in enumerate(SCHEDULE_ROWS, start=1):
        head = f"{number}. 活动主题：{theme if number > 1 else long}"
        _paragraphs(document, [f"{head}；活动时间：{time}；活动地点：{place}；参加人数：{attendance}。"])
    return _saved(document)


def statistics_labels_in_cells_docx() -> bytes:
    """Labels and values share cells, the columns are reordered and renamed, a total does not add up."""
    document = docx.Document()
    _paragraphs(document, ["金坛区2022-2023年度全民终身学习活动周活动情况统计表"])
    _word_table(
        document,
        [
            [f"单位名称（盖章）：{SCHOOL}", "组织单位：校办", "参与单位：青禾社区", ""],
            ["姓名：张小禾  职务：副校长", "电话：0519-80000000", "E-mail：qinghe@school.example", ""],
            ["动员会时间：11月10日", "动员会举办地点：报告厅", "参与动员会人数：约60人", "活动周主题：书香校园"],
            ["参与人数", "地 点", "活动名称", "日期"],
            ["100", "操场", "国旗下讲话", "11月14日"],
            ["50", "报告厅", "家长讲座", "11月15日"],
            ["合计：180", "", "", ""],
        ],
    )
    return _saved(document)


def plan_with_schedule_docx() -> bytes:
    document = docx.Document()
    document.add_heading(PLAN[0], 0)
    _paragraphs(document, PLAN[1:])
    document.add_page_break()
    _schedule(document, UNIT, SCHEDULE_ROWS)
    return _saved(document)


def plan_with_empty_schedule_docx() -> bytes:
    document = docx.Document()
    _paragraphs(document, PLAN)
    _schedule(document, "", [[""] * 5] * 3)
    return _saved(document)


def summary_with_pictures_docx() -> bytes:
    document = docx.Document()
    _paragraphs(document, SUMMARY)
    for seed in (1, 2):
        document.add_picture(io.BytesIO(photo(seed)), width=Inches(4))
    return _saved(document)


def notice_docx() -> bytes:
    document = docx.Document()
    _paragraphs(document, NOTICE)
    _schedule(document, "", [[""] * 5] * 5)
    _statistics(document, "单位名称（盖章）：            分管领导（签字）：", {}, [[""] * 5] * 3)
    return _saved(document)


def several_units_docx() -> bytes:
    document = docx.Document()
    _schedule(document, SCHOOL, SCHEDULE_ROWS[:2])
    _schedule(document, "金坛区桃溪幼儿园", SCHEDULE_ROWS[2:])
    _statistics(document, f"单位名称（盖章）：{SCHOOL}", STATISTICS_FIELDS, STATISTICS_ROWS[:1])
    return _saved(document)


def hidden_corners_docx() -> bytes:
    """Unit line in a text box, the table nested and in a content control, a smart tag, a dead relation."""
    document = docx.Document()
    _paragraphs(document, SCHEDULE_TITLE)
    document.sections[0].header.paragraphs[0].text = SCHOOL
    box = document.add_paragraph()
    box._p.append(
        parse_xml(
            f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
            ' xmlns:v="urn:schemas-microsoft-com:vml"><mc:AlternateContent>'
            '<mc:Choice Requires="wps"><w:pict><v:textbox>'
            f"<w:txbxContent><w:p><w:r><w:t>报送单位：{SCHOOL}</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict>"
            "</mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>"
            "<w:p><w:r><w:t>报送单位：另一份</w:t></w:r></w:p>"
            "</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    outer = document.add_table(rows=1, cols=1)
    inner = outer.cell(0, 0).add_table(rows=3, cols=5)
    for number, row in enumerate([SCHEDULE_HEAD, *SCHEDULE_ROWS[:2]]):
        for column, text in enumerate(row):
            inner.cell(number, column).text = text
    tagged = inner.cell(1, 2).paragraphs[0]._p
    tagged.append(parse_xml(f"<w:smartTag {nsdecls('w')}><w:r><w:t>（东侧）</w:t></w:r></w:smartTag>"))
    tagged.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>删</w:delText><w:t>删</w:t></w:r></w:del>"))
    control = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent/></w:sdt>")
    outer._tbl.addprevious(control)
    control[0].append(outer._tbl)
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"'
        b' Target="../NULL"/><Relationship Id="rIdY" TargetMode="External"'
        b' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"'
        b' Target="http://template.invalid/normal.dotm"/></Relationships>'
    )
    return _saved(document, {"word/_rels/fontTable.xml.rels": relations})


def taken_back_docx() -> bytes:
    """Struck through once or twice, hidden: words of a value, a whole cell, a line over the table."""
    document = docx.Document()
    _paragraphs(document, SCHEDULE_TITLE)
    for name, is_void in (("报送单位：金坛区松涛小学", True), (f"报送单位：{SCHOOL}", False)):
        document.add_paragraph().add_run(name).font.strike = is_void
    table = _word_table(document, [SCHEDULE_HEAD, *SCHEDULE_ROWS])
    for row, column, text, switch in (
        (1, 4, "约150人", "strike"), (2, 2, "居民学校", "double_strike"), (3, 1, "亲子阅读", "hidden"),
    ):  # fmt: skip
        run = table.cell(row, column).paragraphs[0].insert_paragraph_before().add_run(text)
        setattr(run.font, switch, True)
    taken_back = table.add_row()
    for cell, text in zip(taken_back.cells, ["4", "取消的活动", "操场", "11月18日", "600"], strict=True):
        cell.paragraphs[0].add_run(text).font.strike = True
    return _saved(document)


# --- Excel, CSV -------------------------------------------------------------------------------------------------------


def _workbook_bytes(workbook: openpyxl.Workbook, changes: dict[str, bytes] | None = None) -> bytes:
    workbook.properties.created = workbook.properties.modified = datetime(2023, 11, 1, 8)  # noqa: DTZ001
    buffer = io.BytesIO()
    workbook.save(buffer)
    return rezipped(buffer.getvalue(), changes)


def both_forms_xlsx() -> bytes:
    """附件1 on a sheet with a two-row heading, floats and real dates; 附件2 on a hidden one."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Sheet1"
    rows = [
        ["附件1"],
        ["金坛区2023-2024年度全民终身学习活动周主要活动安排表"],
        [f"报送单位：{SCHOOL}"],
        ["序号", "活动名称", "活动安排", None, "参 加 人 数（人）", None, "备注"],
        [None, None, "地点", "时间", "线上", "线下", None],
        [1.0, "主题班会", "各班教室", datetime(2023, 11, 14), 100.0, 120.0, ""],  # noqa: DTZ001
        [2, "国旗下讲话", "操场", "11月13日", None, 1200, "全校"],
        [None, "主题讲座", None, "11月15日", "多人", 30, None],
        ["合计", None, None, None, None, 1450, None],
    ]
    for row in rows:
        sheet.append(row)
    for area in ("A1:G1", "A2:G2", "A3:G3", "A4:A5", "B4:B5", "C4:D4", "E4:F4", "G4:G5", "C7:C8"):
        sheet.merge_cells(area)
    sheet.cell(1_048_576, 3, "x")
    second = workbook.create_sheet("附件2")
    second.sheet_state = "hidden"
    for line in (["活动情况统计表"], [f"单位名称（盖章）：{SCHOOL}"], ["组织单位", "校办", "参与单位", "青禾社区"]):
        second.append(line)
    second.append(["动员会时间", "11月10日", "动员会举办地点", "报告厅"])
    second.append(["活动周主题", "书香校园", "参与动员会人数", 60.0])
    second.append(STATISTICS_HEAD)
    for line in STATISTICS_ROWS:
        second.append(line)
    return _workbook_bytes(workbook)


def beside_each_other_xlsx() -> bytes:
    """附件1 left, 附件2 right, a blank column between them; their headings stand in different rows."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    get = STATISTICS_FIELDS.get
    fields = [
        ["组织单位", get("organizer")], ["参与单位", get("participants")],
        ["启动周主要负责人", "姓名", get("name"), "单位职务", get("position")],
        [None, "联系方式", get("phone"), "E-mail", get("email")],
        ["动员会时间", get("time"), None, "动员会举办地点", get("place")],
        ["活动周主题", get("theme"), None, "参与动员会人数", get("attendance")],
    ]  # fmt: skip
    left = [["".join(SCHEDULE_TITLE)], [f"报送单位：{SCHOOL}"], SCHEDULE_HEAD, *SCHEDULE_ROWS]
    right = [["".join(STATISTICS_TITLE)], [f"单位名称：{SCHOOL}"], *fields, STATISTICS_HEAD, *STATISTICS_ROWS]
    for column, rows in ((1, left), (7, right)):
        for row, texts in enumerate(rows, start=1):
            for at, text in enumerate(texts):
                sheet.cell(row, column + at, text)
    for area in ("A1:E1", "G1:K1", "A2:E2", "G2:K2", "H3:K3", "H4:K4", "G5:G6", "H7:I7", "H8:I8"):
        sheet.merge_cells(area)
    return _workbook_bytes(workbook)


def taken_back_xlsx() -> bytes:
    """Struck through or hidden: an activity, a word, a number, a row, a column, and a sheet of last year."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    away, stays = InlineFont(strike=True), InlineFont()
    moved = CellRichText([TextBlock(away, "操场"), TextBlock(stays, "报告厅")])
    for row in [
        ["".join(SCHEDULE_TITLE)], [f"报送单位：{SCHOOL}"], [*SCHEDULE_HEAD[:3], "活动时间", "活动时间", "参加人数"],
        ["1", "亲子共读", "图书室", "2022年11月13日", "2023年11月13日", 80],
        ["2", "讲座", moved, "2022年11月14日", "2023年11月14日", 45],
        ["3", "取消的活动", "操场", "2022年11月15日", "2023年11月15日", 600],
        ["4", "去年的活动", "操场", "2022年11月16日", "2022年11月16日", 500],
        ["4", "班会", "教室", "2022年11月16日", "2023年11月16日", None],
    ]:  # fmt: skip
        sheet.append(row)
    for cell in (*sheet[6], *sheet[5][:1]):
        cell.font = Font(strike=True)
    sheet.row_dimensions[7].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.merge_cells("F4:F5")
    old = workbook.create_sheet("上一年")
    old.sheet_state = "hidden"
    for row in [["".join(SCHEDULE_TITLE)], ["报送单位：金坛区松涛小学"], SCHEDULE_HEAD, *SCHEDULE_ROWS]:
        old.append(row)
    return _workbook_bytes(workbook)


def both_on_one_sheet_xlsx() -> bytes:
    """One form under the other; the total is a formula whose stored result stands in the file."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in [
        ["附件1：主要活动安排表"], [f"报送地区（单位）：{SCHOOL}"], SCHEDULE_HEAD,
        ["1", "亲子共读", "图书室", "2023年11月13日", 80], [], ["2", "讲座", "报告厅", "2023年11月14日", 45],
        ["合计", None, None, None, 777777],
        [], ["附件2：活动情况统计表"], ["单位名称（盖章）：", SCHOOL, None, "分管领导（签字）："],
        ["组织单位", "校办", "参与单位", "青禾社区"], STATISTICS_HEAD, *STATISTICS_ROWS,
    ]:  # fmt: skip
        sheet.append(row)
    plain = _workbook_bytes(workbook)
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(plain)) as package:
        xml = package.read(part)
    return rezipped(plain, {part: xml.replace(b"<v>777777</v>", b"<f>SUM(E4:E6)</f><v>125</v>")})


def schedule_gbk_csv() -> bytes:
    lines = ["主要活动安排表,,,,", f"报送单位：{SCHOOL},,,,", ",".join(SCHEDULE_HEAD)]
    return "\r\n".join([*lines, *(",".join(row) for row in SCHEDULE_ROWS)]).encode("gbk")


def statistics_utf16_csv() -> bytes:
    rows = [
        ["活动情况统计表"],
        ["单位名称：", SCHOOL],
        ["组织单位", "校办"],
        ["参与单位", "青禾社区"],
        STATISTICS_HEAD,
        *STATISTICS_ROWS,
    ]
    return "\n".join("\t".join(row) for row in rows).encode("utf-16")


def schedule_semicolon_csv() -> bytes:
    rows = [
        ["人数", "时间", "地点", "主题"],
        ["12", "2023-11-13", "教室", "班会"],
        ["13", "2023-11-14", "操场", "跑步"],
    ]
    return b"\xef\xbb\xbf" + "\n".join(";".join(row) for row in rows).encode()


# --- text, HTML -------------------------------------------------------------------------------------------------------


def plan_gbk_txt() -> bytes:
    return "\r\n".join(PLAN).encode("gb18030")


def covering_note_txt() -> bytes:
    return "老师您好！附件为我校活动周工作方案和安排表，请查收。谢谢！".encode()


def summary_body_html() -> bytes:
    body = "".join(f"<p>{line}</p>" for line in SUMMARY)
    return f"<html><head><style>p{{}}</style></head><body><div>{body}<script>x()</script></div></body></html>".encode()


SPANNED_HEAD = (
    ('rowspan="2"', "序号"),
    ('rowspan="2"', "活动主题"),
    ('colspan="2"', "安排"),
    ('rowspan="2"', "人数"),
)


def schedule_html() -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in SCHEDULE_ROWS)
    head = "".join(f"<td {span}>{text}</td>" for span, text in SPANNED_HEAD)
    head = f"<tr>{head}</tr>"
    second = "<tr><td>地点</td><td>时间</td></tr>"
    over = f"活动安排表<br>报送单位：{SCHOOL}"
    return f"<html><meta charset='gb2312'><body>{over}<table>{head}{second}{rows}</table></body></html>".encode("gbk")


# --- PDF, others ------------------------------------------------------------------------------------------------------


def schedule_two_pages_pdf() -> bytes:
    first, second, widths = PdfPage(), PdfPage(), [40.0, 150.0, 110.0, 150.0, 70.0]
    for number, line in enumerate([*SCHEDULE_TITLE, f"报送地区（单位）：{SCHOOL}"]):
        first.text(60, 60 + 22 * number, line)
    first.table(40, 160, widths, [SCHEDULE_HEAD, *SCHEDULE_ROWS[:2]])
    second.table(40, 50, widths, SCHEDULE_ROWS[2:])
    return pdf(first, second)


def plan_pdf() -> bytes:
    page = PdfPage()
    for number, line in enumerate([part for text in PLAN for part in (text[:46], text[46:]) if part]):
        page.text(50, 50 + 20 * number, line)
    return pdf(page, image=photo(3))


def scan_pdf() -> bytes:
    return pdf(PdfPage(), image=photo(4))


def locked_pdf() -> bytes:
    return pdf(PdfPage(), encrypt=True)


def locked_docx() -> bytes:
    return ole2("EncryptionInfo", "EncryptedPackage")


def old_doc() -> bytes:
    return ole2("WordDocument", "1Table")


def empty_docx() -> bytes:
    return b""


SAMPLE_MAKERS: dict[str, Callable[[], bytes]] = {
    "附件1.docx": schedule_docx,
    "附件2.docx": statistics_docx,
    "附件2_空表.docx": statistics_empty_docx,
    "统计表_标签与值同格.docx": statistics_labels_in_cells_docx,
    "方案含附件1.docx": plan_with_schedule_docx,
    "方案附件1未填.docx": plan_with_empty_schedule_docx,
    "总结含照片.docx": summary_with_pictures_docx,
    "通知转发.docx": notice_docx,
    "多单位.docx": several_units_docx,
    "文本框与嵌套表.docx": hidden_corners_docx,
    "两表.xlsx": both_forms_xlsx,
    "同页两表.xlsx": both_on_one_sheet_xlsx,
    "文本框内表.docx": table_in_text_box_docx,
    "页眉单位.docx": unit_in_page_head_docx,
    "页眉文本框.docx": unit_in_box_of_page_head_docx,
    "附件1_无活动.docx": schedule_of_nothing_docx,
    "逐条安排.docx": schedule_without_table_docx,
    "划去的内容.docx": taken_back_docx,
    "划去的内容.xlsx": taken_back_xlsx,
    "左右两表.xlsx": beside_each_other_xlsx,
    "安排表_gbk.csv": schedule_gbk_csv,
    "统计表_utf16.csv": statistics_utf16_csv,
    "分号.csv": schedule_semicolon_csv,
    "方案_gbk.txt": plan_gbk_txt,
    "正文.txt": covering_note_txt,
    "正文.html": summary_body_html,
    "安排表.html": schedule_html,
    "安排表两页.pdf": schedule_two_pages_pdf,
    "方案.pdf": plan_pdf,
    "扫描件.pdf": scan_pdf,
    "加密.pdf": locked_pdf,
    "加密.docx": locked_docx,
    "旧版.doc": old_doc,
    "零字节.docx": empty_docx,
    **OFFICE_MAKERS,
}


def main(arguments: list[str]) -> None:
    SAMPLES.mkdir(exist_ok=True)
    for name, make in SAMPLE_MAKERS.items():
        path = SAMPLES / name
        path.write_bytes(make())
        if "--expected" in arguments:
            seen = extraction_as_json(read_file(path, name))
            expected = SAMPLES / f"{name}.json"
            expected.write_text(json.dumps(seen, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
