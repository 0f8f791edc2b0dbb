"""Reads a roster (.xlsx or .csv; contract, 7) and says what is wrong and what is doubtful in it; writes an empty one.

An error stops the program, because every rate would be wrong: no units, the same name twice, no name column. A doubt is
said by `roster check` and by `check`, and nothing else happens: an unknown parent, an address shared by many units, …
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException

from rules.errors import Problem
from rules.names import normalise_name
from rules.roster import Roster, Unit

COLUMNS: Final[dict[str, str]] = {
    "name": "单位名称",
    "category": "类别",
    "parent": "上级单位",
    "aliases": "别名",
    "emails": "邮箱",
    "contact": "联系人",
    "phone": "电话",
    "exempt": "免报",
}
_OTHER_HEADINGS: Final[dict[str, str]] = {
    "单位": "name",
    "学校": "name",
    "学校名称": "name",
    "名称": "name",
    "单位类别": "category",
    "类型": "category",
    "上级": "parent",
    "简称": "aliases",
    "电子邮箱": "emails",
    "email": "emails",
    "e-mail": "emails",
    "联系电话": "phone",
    "手机": "phone",
}
_HEADINGS: Final[dict[str, str]] = {
    **{field: field for field in COLUMNS},
    **{heading: field for field, heading in COLUMNS.items()},
    **_OTHER_HEADINGS,
}
_SEPARATORS: Final[re.Pattern[str]] = re.compile(r"[;；、\n]")
_ADDRESS_SEPARATORS: Final[re.Pattern[str]] = re.compile(r"[;；、,，\s]+")
_ADDRESS: Final[re.Pattern[str]] = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_HEADING_ROWS: Final = 10  # a title and notes may stand above the headings


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterReading:
    """What a roster file holds: the units that could be read, what is wrong, and what is doubtful."""

    roster: Roster
    problems: tuple[Problem, ...] = ()
    doubts: tuple[Problem, ...] = ()


def read_roster(path: Path, *, deliverable_keys: Iterable[str] = ()) -> RosterReading:
    """Reads `path` and judges it; never raises for what stands in the file."""
    try:
        rows = list(_rows(path))
    except OSError as error:
        return _unusable(path, f"cannot be read: {error.strerror or error}")
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        return _unusable(path, f"is not a readable .xlsx or .csv file ({type(error).__name__})")
    heading = _find_heading(rows)
    if heading is None:
        return _unusable(path, f"has no column {COLUMNS['name']} (or name) in its first {_HEADING_ROWS} rows")
    number, columns = heading
    entries = [
        (row_number, _unit(columns, row))
        for row_number, row in enumerate(rows[number:], start=number + 1)
        if any(cell for cell in row)
    ]
    return _judge(path, entries, frozenset(deliverable_keys))


def _unusable(path: Path, what: str) -> RosterReading:
    return RosterReading(roster=Roster(()), problems=(Problem(file=str(path), key="", what=what),))


def _rows(path: Path) -> Iterator[list[str]]:
    if path.suffix.lower() == ".csv":
        yield from _csv_rows(path.read_bytes())
        return
    workbook = load_workbook(path, read_only=True, data_only=True)
    try:
        for row in workbook.worksheets[0].iter_rows(values_only=True):
            yield ["" if value is None else _text(value) for value in row]
    finally:
        workbook.close()


def _text(value: object) -> str:
    """A cell as written: a phone number that Excel keeps as 82801837.0 is 82801837."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")  # what Excel in Chinese saves as "CSV"
    for row in csv.reader(io.StringIO(text)):
        yield [cell.strip() for cell in row]


def _find_heading(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]] | None:
    """Number of rows up to and including the headings, and field → column."""
    for number, row in enumerate(rows[:_HEADING_ROWS], start=1):
        columns: dict[str, int] = {}
        for index, cell in enumerate(row):
            field = _HEADINGS.get(re.sub(r"\s|[（(].*?[）)]|\*", "", cell).lower())
            if field:
                columns.setdefault(field, index)
        if "name" in columns:
            return number, columns
    return None


def _unit(columns: Mapping[str, int], row: Sequence[str]) -> Unit:
    def cell(field: str) -> str:
        index = columns.get(field)
        return row[index].strip() if index is not None and index < len(row) else ""

    return Unit(
        name=cell("name"),
        category=cell("category"),
        parent=cell("parent") or None,
        aliases=_values(cell("aliases"), _SEPARATORS),
        emails=tuple(address.lower() for address in _values(cell("emails"), _ADDRESS_SEPARATORS)),
        contact=cell("contact"),
        phone=cell("phone"),
        exempt=frozenset(_values(cell("exempt"), _ADDRESS_SEPARATORS)),
    )


def _values(cell: str, separators: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(value for part in separators.split(cell) if (value := part.strip()))


def _judge(path: Path, entries: Sequence[tuple[int, Unit]], deliverable_keys: frozenset[str]) -> RosterReading:
    file = str(path)
    problems = [Problem(file=file, key=key, what=what) for key, what in _errors(entries, deliverable_keys)]
    doubts = [Problem(file=file, key=key, what=what) for key, what in _doubts(entries)]
    units = {unit.name: unit for _, unit in entries if unit.name}
    return RosterReading(roster=Roster(tuple(units.values())), problems=tuple(problems), doubts=tuple(doubts))


def _errors(entries: Sequence[tuple[int, Unit]], deliverable_keys: frozenset[str]) -> Iterator[tuple[str, str]]:
    if not entries:
        yield "", "lists no units"
    first_row: dict[str, int] = {}
    for number, unit in entries:
        if not unit.name:
            yield f"row {number}", "has no unit name"
            continue
        before = first_row.setdefault(normalise_name(unit.name), number)
        if before != number:
            yield f"row {number}", f"{unit.name} stands already in row {before}"
        unknown = sorted(unit.exempt - deliverable_keys - {"*"}) if deliverable_keys else []
        if unknown:
            keys = ", ".join(sorted(deliverable_keys))
            yield f"row {number}", f"免报 {'、'.join(unknown)} is no deliverable of the campaign (known: {keys}, *)"
    yield from _alias_errors(entries, first_row)


def _alias_errors(entries: Sequence[tuple[int, Unit]], first_row: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    owner: dict[str, str] = {}
    for number, unit in entries:
        for alias in unit.aliases:
            key = normalise_name(alias)
            if key in first_row and first_row[key] != number:
                yield (
                    f"row {number}",
                    f"the alias {alias} of {unit.name} is the name of the unit in row {first_row[key]}",
                )
            elif owner.setdefault(key, unit.name) != unit.name:
                yield f"row {number}", f"the alias {alias} belongs to {owner[key]} already"


def _doubts(entries: Sequence[tuple[int, Unit]]) -> Iterator[tuple[str, str]]:
    names = {unit.name for _, unit in entries}
    addresses = Counter(address for _, unit in entries for address in set(unit.emails))
    for number, unit in entries:
        if unit.parent and unit.parent not in names:
            yield f"row {number}", f"上级单位 {unit.parent} is not in the roster; it only groups the report"
        for address in unit.emails:
            if not _ADDRESS.fullmatch(address):
                yield f"row {number}", f"邮箱 {address} is not a mail address"
            elif addresses[address] > 1:
                yield (
                    f"row {number}",
                    f"邮箱 {address} is shared by {addresses[address]} units: mail must name its unit",
                )
        if not unit.emails:
            yield f"row {number}", f"{unit.name} has no 邮箱: it cannot be reminded by mail"


def write_roster_template(path: Path) -> None:
    """Writes an empty roster with the Chinese headings and one line that explains each."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None  # noqa: S101 - a new Workbook has one sheet; this tells the type checker
    sheet.title = "单位名册"
    sheet.append(list(COLUMNS.values()))
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="2F5D8A")
        cell.alignment = Alignment(horizontal="center")
    for column, width in zip("ABCDEFGH", (30, 12, 26, 26, 30, 12, 16, 14), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "B2"
    _append_help(workbook)
    workbook.save(path)


def _append_help(workbook: Workbook) -> None:
    sheet = workbook.create_sheet("填写说明")
    for line in (
        ("列", "填写说明"),
        ("单位名称", "全称，不得重复；报表按本表顺序排列"),
        ("类别", "如 镇街、学校、幼儿园、局属单位；可用于规定哪些单位报送哪些材料"),
        ("上级单位", "如学校所属的镇社区教育中心；用于分组，其代报视为正常"),
        ("别名", "简称、曾用名，多个用“、”分隔"),
        ("邮箱", "该单位报送时常用的邮箱，多个用“、”分隔"),
        ("联系人", "用于电话催报名单"),
        ("电话", "用于电话催报名单"),
        ("免报", "免报材料的代号（如 plan），多个用“、”分隔；* 表示全部免报"),
    ):
        sheet.append(line)
    sheet.column_dimensions["A"].width = 14
    sheet.column_dimensions["B"].width = 70
