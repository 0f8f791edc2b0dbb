from __future__ import annotations

from datetime import date, datetime
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from report.extraction_view import print_extraction
from report.form_words import COLUMN_ZH, FIELD_ZH
from rules.extraction import FORM_COLUMNS, FORM_FIELDS, Extraction, Form, FormRow, Kind, Link, Photo, Video
from rules.findings import Code, Finding
from tests.report.builders import HOSTILE

STATISTICS = Extraction(
    file="附件2.jpg",
    media_type="image/jpeg",
    kind=Kind.STATISTICS,
    size_bytes=2 << 20,
    title="活动情况统计表",
    unit_names=("儒林镇社区教育中心",),
    forms=(
        Form(
            form=Kind.STATISTICS,
            fields={"unit_name": "儒林镇社区教育中心", "theme": "让学习成为一种生活方式", "organizer": ""},
            rows=(
                FormRow(
                    cells={"time": "11月14日", "activity": "启动仪式", "attendance": "120人"},
                    attendance=120,
                    starts_on=date(2023, 11, 14),
                    ends_on=date(2023, 11, 14),
                ),
                FormRow(cells={"time": "11月中旬", "activity": "讲座", "attendance": "若干"}),
            ),
        ),
    ),
    stamped=False,
    read_by="ocr",
    confidence=0.97,
    findings=(Finding(code=Code.NOT_STAMPED), Finding(code=Code.NUMBER_UNREADABLE, detail="第 2 行“若干”不是数字")),
)


def printed(extraction: Extraction, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    print_extraction(extraction, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_headings_of_both_forms_have_chinese_words():
    for kind, names in FORM_FIELDS.items():
        assert set(names) <= set(FIELD_ZH), kind
    for kind, names in FORM_COLUMNS.items():
        assert tuple(COLUMN_ZH[kind]) == names


def test_a_form_is_shown_with_fields_rows_and_findings():
    text = printed(STATISTICS)
    for words in ("附件2.jpg  活动情况统计表", "2 项活动", "让学习成为一种生活方式", "启动仪式", "120", "2023-11-14"):
        assert words in text, words
    assert "图像文字识别，可信度 97%" in text
    assert "✗ 未盖章  表上没有看到公章。" in text
    assert "· 数字不清  第 2 行“若干”不是数字。" in text


def test_a_number_that_was_not_read_is_marked_and_never_zero():
    assert "若干（未读出）" in printed(STATISTICS)


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_the_terminal(width):
    assert max(cell_len(line) for line in printed(STATISTICS, width).splitlines()) <= width


def test_members_and_links_are_shown_inside_their_file():
    photo = Extraction(
        file="1.jpg", media_type="image/jpeg", kind=Kind.PHOTO,
        photo=Photo(width=4000, height=3000, taken_at=datetime(2023, 11, 14, 9, 30)),  # noqa: DTZ001 - EXIF has no zone
    )  # fmt: skip
    video = Extraction(
        file="启动仪式.mp4",
        media_type="video/mp4",
        kind=Kind.VIDEO,
        video=Video(seconds=185.0, width=1920, height=1080),
    )
    archive = Extraction(
        file="材料.zip",
        media_type="application/zip",
        kind=Kind.ARCHIVE,
        members=(photo, video),
        links=(
            Link(
                url="https://example.org/x",
                provider="网盘",
                filename="视频.mp4",
                expires_at="2023-11-30T00:00",
                access_code="ab12",
            ),
        ),
    )
    text = printed(archive)
    assert "  1.jpg  照片" in text
    assert "4000×3000 像素，拍摄于 2023-11-14 09:30" in text
    assert "3 分 5 秒，1920×1080" in text
    assert "网盘，视频.mp4，2023-11-30T00:00 到期，https://example.org/x，提取码 ab12" in text


def test_a_plan_that_holds_the_schedule_says_both():
    both = Extraction(file="方案.docx", media_type="x", kind=Kind.PLAN, also=(Kind.SCHEDULE,))
    assert "工作方案，兼活动安排表" in printed(both)


def test_hostile_text_stays_text():
    text = printed(Extraction(file=HOSTILE, media_type="[bold]", kind=Kind.OTHER, title=HOSTILE))
    assert "[red]" in text
    assert "\x1b" not in text
