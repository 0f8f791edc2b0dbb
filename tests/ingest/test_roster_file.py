"""A roster is read with Chinese or English headings; what is wrong stops, what is doubtful is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from ingest.roster_file import RosterReading, read_roster, write_roster_template

HEADINGS = "单位名称,类别,上级单位,别名,邮箱,联系人,电话,免报\n"


def reading(folder: Path, text: str, encoding: str = "utf-8", **options: list[str]) -> RosterReading:
    path = folder / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path, **options)


def test_every_column_is_read_and_values_are_split(tmp_path: Path) -> None:
    addresses = "A@Example.com、b@example.com"
    row = f"直溪中心小学,学校,直溪镇社区教育中心,直小；直溪小学,{addresses},张老师,82800001,plan;summary\n"
    (unit,) = reading(tmp_path, HEADINGS + row).roster.units

    assert (unit.name, unit.category, unit.parent) == ("直溪中心小学", "学校", "直溪镇社区教育中心")
    assert unit.aliases == ("直小", "直溪小学")
    assert unit.emails == ("a@example.com", "b@example.com")
    assert unit.exempt == {"plan", "summary"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_as_excel_and_wps_save_it(tmp_path: Path, encoding: str) -> None:
    assert reading(tmp_path, HEADINGS + "直溪中心小学,学校,,,,,,\n", encoding).roster.units[0].name == "直溪中心小学"


def test_english_headings_and_a_title_above_do(tmp_path: Path) -> None:
    text = "2023 roster\n\nemails,name,exempt\na@example.com,直溪中心小学,*\n"
    (unit,) = reading(tmp_path, text).roster.units

    assert unit.emails == ("a@example.com",)
    assert unit.is_exempt_from("plan")


def test_xlsx_keeps_phone_numbers_as_they_are_written(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["单位名称（全称）", "联系电话", "邮箱"])
    sheet.append(["直溪中心小学", 82800001.0, "a@example.com,b@example.com"])
    workbook.save(tmp_path / "roster.xlsx")

    (unit,) = read_roster(tmp_path / "roster.xlsx").roster.units

    assert unit.phone == "82800001"
    assert unit.emails == ("a@example.com", "b@example.com")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "lists no units"),
        ("甲小学,,,,,,,\n甲 小学,,,,,,,\n", "row 3: 甲 小学 stands already in row 2"),
        (",学校,,,,,,\n", "row 2: has no unit name"),
        ("甲小学,,,,,,,plans\n", "免报 plans is no deliverable of the campaign (known: plan, *)"),
        ("甲小学,,,,,,,\n乙小学,,,甲小学,,,,\n", "the alias 甲小学 of 乙小学 is the name of the unit in row 2"),
        ("甲小学,,,一小,,,,\n乙小学,,,一小,,,,\n", "the alias 一小 belongs to 甲小学 already"),
    ],
)
def test_what_would_make_every_rate_wrong_is_an_error(tmp_path: Path, rows: str, words: str) -> None:
    found = reading(tmp_path, HEADINGS + rows, deliverable_keys=["plan"])

    assert words in "\n".join(str(problem) for problem in found.problems)


def test_doubts_are_said_and_stop_nothing(tmp_path: Path) -> None:
    rows = "甲小学,,丙镇,,x@example.com,,,\n乙小学,,,,x@example.com、not-an-address,,,\n丁小学,,,,,,,\n"
    found = reading(tmp_path, HEADINGS + rows)
    doubts = "\n".join(str(doubt) for doubt in found.doubts)

    assert not found.problems
    assert "上级单位 丙镇 is not in the roster" in doubts
    assert "x@example.com is shared by 2 units" in doubts
    assert "not-an-address is not a mail address" in doubts
    assert "丁小学 has no 邮箱" in doubts


def test_files_that_are_no_roster_are_one_sentence_each(tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xff\xff\x00\x81")

    for name in ("broken.xlsx", "binary.csv", "nowhere.xlsx", "folder"):
        (tmp_path / "folder").mkdir(exist_ok=True)
        (problem,) = read_roster(tmp_path / name).problems
        assert str(problem).startswith(f"{tmp_path}/{name}: ")


def test_the_template_reads_back_as_an_empty_roster_with_help(tmp_path: Path) -> None:
    write_roster_template(tmp_path / "roster.xlsx")

    (problem,) = read_roster(tmp_path / "roster.xlsx").problems

    assert "lists no units" in str(problem)
    assert load_workbook(tmp_path / "roster.xlsx").sheetnames == ["单位名册", "填写说明"]
