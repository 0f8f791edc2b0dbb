"""How far each value of a form that was read from a picture can be trusted, and which of them a person must look at.

A value is as certain as the least certain text it came from: it is traced back to the cells and lines that hold it,
the rows' cells row by row. What cannot be what its field asks for (a telephone number with letters in it, a time
without a figure) is doubtful however clear the reading seemed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import Levenshtein

from parsers.content import Cell, Paragraph, Table
from parsers.form_headings import names_column
from parsers.form_values import ReadForm
from parsers.forms import SHAPES, FormShape, split_labels, title_rank
from parsers.left_out import beside_fields, is_left_out_of_row, merged_columns
from parsers.plausible import is_plausible
from parsers.tables import Grid
from parsers.wording import fold
from rules.extraction import Form, FormRow, Kind
from rules.findings import Code, Finding

TRUSTED: Final = 0.8
IMPLAUSIBLE: Final = 0.4
MISPLACED: Final = 0.5
MIN_NUMBERED: Final = 0.6  # so many of the rows must be numbered alike before one other is mended
MAX_NAMED: Final = 12
MIN_NAME: Final = 2  # characters
MISREAD: Final = 2  # … in which two names differ that are one
MIN_WRITTEN: Final = 3  # cells with writing in a form of which no row was understood

_NAMES: Final = {
    "unit_name": "单位名称", "supervisor": "分管领导", "organizer": "组织单位", "participants": "参与单位",
    "leader_name": "负责人姓名", "leader_position": "单位职务", "leader_phone": "联系电话", "leader_email": "E-mail",
    "mobilization_time": "动员会时间", "mobilization_place": "动员会地点", "theme": "主题",
    "mobilization_attendance": "动员会人数", "index": "序号", "time": "时间", "activity": "活动项目",
    "content": "形式与内容", "unit": "单位", "place": "地点", "attendance": "人数",
}  # fmt: skip
_LOST_ROWS: Final = Finding(code=Code.LOW_CONFIDENCE, detail="表中的活动一行也没有识别出来，请对照原件核对")
_DATE: Final = re.compile(r"\d{1,2}月\d{1,2}[日号]?|20\d\d[./-]\d{1,2}[./-]\d{1,2}")
_NUMBER: Final = re.compile(r"(\d{1,3})[.、,]?")
_SPAN: Final = re.compile(r"[-—–~至到、和及与,;/]")
_AREA: Final = re.compile(r".+(?:[省市区县镇乡]|街道)")


Written = Cell | Paragraph


def weighed(read: ReadForm, blocks: Sequence[Paragraph | Table]) -> ReadForm:
    """The form with the certainty and place of each value, and a finding that names the doubtful ones."""
    found = {**_of_fields(read, blocks), **_of_rows(read, blocks)}
    mended = _renumbered(read.form)
    certainties = {key: round(_certainty(key, text, source), 3) for key, (text, source) in found.items()}
    certainties |= {f"{place}.index": MISPLACED for place in _changed(read.form, mended)}
    certainties |= {name: min(certainties[name], IMPLAUSIBLE) for name in _disagreeing_names(read.form)}
    if _has_lost_rows(read.form):
        certainties = {key: min(certainty, MISPLACED) for key, certainty in certainties.items()}
    torn = _torn(read, blocks)
    certainties |= {name: min(certainties[name], MISPLACED) for name in torn if name in certainties}
    misplaced = {*map(str, _misplaced(mended)), *torn}
    certainties |= {
        key: min(certainty, MISPLACED) for key, certainty in certainties.items() if key.partition(".")[0] in misplaced
    }
    places = {key: source.place for key, (_text, source) in found.items() if source and source.place}
    form = replace(mended, certainties=certainties, places=places)
    findings = (*read.findings, *doubts_about(read.raw.shape, form), *_lost_columns(read))
    if form.is_empty and _written_cells(form, blocks) >= MIN_WRITTEN:
        findings = (*(one for one in findings if one.code is not Code.FORM_EMPTY), _LOST_ROWS)
    return ReadForm(form=form, findings=findings, raw=read.raw)


def _written_cells(form: Form, blocks: Sequence[Paragraph | Table]) -> int:
    """Cells in which somebody wrote, read or not: with some of them a form is not unfilled but not understood."""
    cells = [cell for block in blocks if isinstance(block, Table) for cell in block.cells]
    return sum(_is_unread(cell) or _is_filled_in(cell.text, form) for cell in cells)


def _is_filled_in(text: str, form: Form) -> bool:
    """Whether a cell holds more than the printed form has: labels, headings, its title, numbers of rows."""
    folded = fold(text)
    is_printed = (
        names_column(text) or bool(split_labels(text)[1]) or any(title_rank(one, text) is not None for one in SHAPES)
    )
    return len(folded) > 1 and not folded.isdecimal() and not is_printed and folded != fold(form.unit_name)


def _disagreeing_names(form: Form) -> tuple[str, ...]:
    """The organiser is the unit itself as a rule, so that each tells of the other what was lost or misread. Only the
    area before a name is written in one place and left out in another: 金坛区东城小学 and 东城小学.
    """
    unit, organizer = (fold(form.fields.get(name, "")) for name in ("unit_name", "organizer"))
    shorter, longer = sorted((unit, organizer), key=len)
    if len(shorter) < MIN_NAME or unit == organizer:
        return ()
    if longer.startswith(shorter):
        goes_on = re.match(r"[一-鿿]", longer[len(shorter) :])
        return () if not goes_on else ("unit_name",) if unit == shorter else ("organizer",)
    if longer.endswith(shorter):
        return () if _AREA.fullmatch(longer[: -len(shorter)]) else ("unit_name", "organizer")
    return ("unit_name", "organizer") if Levenshtein.distance(unit, organizer) <= MISREAD else ()


def _has_lost_rows(form: Form) -> bool:
    """A filled form without a row: the table was cut or misunderstood, and its head may be shifted too."""
    return not (form.rows or form.is_empty or form.nothing_held)


def _changed(before: Form, after: Form) -> Iterator[int]:
    return (
        place for place, pair in enumerate(zip(before.rows, after.rows, strict=True), start=1) if pair[0] != pair[1]
    )


def doubts_about(shape: FormShape, form: Form) -> tuple[Finding, ...]:
    """What a person must look at in a form that was read from a picture; nothing for one with its own text."""
    if not form.certainties:
        return ()
    doubtful = [key for key, certainty in form.certainties.items() if certainty < TRUSTED]
    return (*_named(shape, doubtful), *_numbering(form), *_lost_rows(form))


Traced = dict[str, tuple[str, Written | None]]


def _of_fields(read: ReadForm, blocks: Sequence[Paragraph | Table]) -> Traced:
    """A field that seems empty is named where its label was not found, or there is ink beside it; the unit, which
    every form has, always.
    """
    form, written = read.form, list(_written(blocks))
    found: Traced = {name: (text, _source(text, written)) for name, text in form.fields.items() if text}
    if form.is_empty:
        return found
    for name in sorted(form.fields.keys() - found.keys() - {"supervisor"}):
        unread = _unread_beside(name, blocks)
        if unread is not None or name == "unit_name" or name not in read.raw.labels:
            found[name] = ("", unread)
    return found


def _unread_beside(name: str, blocks: Sequence[Paragraph | Table]) -> Cell | None:
    """The cell right of a field's label, if it holds ink that nobody could read."""
    for block in blocks:
        for row in _rows_of(block):
            for cell, beside in pairwise(sorted(row, key=lambda item: item.column)):
                if _is_unread(beside) and any(found.name == name for found in split_labels(cell.text)[1]):
                    return beside
    return None


def _written(blocks: Iterable[Paragraph | Table]) -> Iterable[Written]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block
        else:
            yield from block.cells


def _source(value: str, written: Iterable[Written]) -> Written | None:
    """The text that is the value, else the shortest that holds it; of several the least certain."""
    key = fold(value)
    holding = [(len(folded), _sure(item), item) for item in written if key in (folded := fold(item.text))]
    return min(holding, key=lambda entry: entry[:2])[2] if holding else None


def _sure(item: Written | None) -> float:
    return 0.0 if item is None else 1.0 if item.certainty is None else item.certainty


def _of_rows(read: ReadForm, blocks: Sequence[Paragraph | Table]) -> Traced:
    found: Traced = {}
    for number, (row, met) in enumerate(zip(read.form.rows, _rows_met(read, blocks), strict=True), start=1):
        cells = met[1] if met is not None else []
        for name, text in row.cells.items():
            source = _source(text, cells) if text else next((cell for cell in cells if _is_unread(cell)), None)
            if text or source is not None:
                found[f"{number}.{name}"] = (text, source)
        found |= {f"{number}.{name}": ("", None) for name in _columns_lost(read)}
    return found


def _rows_met(read: ReadForm, blocks: Sequence[Paragraph | Table]) -> list[tuple[Table, list[Cell]] | None]:
    """Each row of the form is met by the next row of a table that holds all its cells."""
    tables = [block for index in sorted(read.raw.tables) if isinstance(block := blocks[index], Table)]
    lines = [(table, line) for table in tables for line in _rows_of(table)]
    met: list[tuple[Table, list[Cell]] | None] = []
    position = 0
    for row in read.form.rows:
        wanted = [fold(text) for text in row.cells.values() if text]
        at = next((place for place in range(position, len(lines)) if _holds(lines[place][1], wanted)), None)
        met.append(None if at is None else lines[at])
        position = position if at is None else at + 1
    return met


def _torn(read: ReadForm, blocks: Sequence[Paragraph | Table]) -> set[str]:
    """Values, and numbers of rows, beside which the table holds writing that is in none of them; and values that have
    a cell in common with others.
    """
    torn = set(beside_fields(read.form, [block for block in blocks if isinstance(block, Table)]))
    for number, (row, met) in enumerate(zip(read.form.rows, _rows_met(read, blocks), strict=True), start=1):
        if met is None:
            continue
        table, cells = met
        torn |= {f"{number}.{name}" for name in merged_columns(row.cells, cells)}
        if is_left_out_of_row(cells, row.cells.values(), Grid(table), read.raw.shape):
            torn.add(str(number))
    return torn


def _columns_lost(read: ReadForm) -> list[str]:
    """Columns that the form has, and of which no heading was found."""
    return [column.name for column in read.raw.shape.columns if column.name not in read.raw.columns | {"index"}]


def _lost_columns(read: ReadForm) -> tuple[Finding, ...]:
    lost = [_NAMES[name] for name in _columns_lost(read)] if read.form.rows else []
    if not lost:
        return ()
    detail = f"{read.raw.shape.name}没有找到“{'、'.join(lost)}”一栏，请对照原件核对"
    return (Finding(code=Code.LOW_CONFIDENCE, detail=detail),)


def _misplaced(form: Form) -> Iterator[int]:
    """Rows, from 1, whose values may belong to others: a rule that was not seen makes two rows one, and every row from
    there on stands in another's place.
    """
    doubled = (number for number, row in enumerate(form.rows, start=1) if _is_doubled(row))
    first = min((*doubled, *_number_gaps(form)), default=None)
    if first is not None:
        yield from range(first, len(form.rows) + 1)


def _is_doubled(row: FormRow) -> bool:
    """Two dates that no sign joins to a span, or two numbers of people, in one row; or one cell under two headings."""
    dates = list(_DATE.finditer(fold(row.cells.get("time", ""))))
    are_apart = any(not _SPAN.search(before.string[before.end() : after.start()]) for before, after in pairwise(dates))
    numbers = re.findall(r"(?<![A-Za-z])\d+(?![A-Za-z])", row.cells.get("attendance", ""))  # 1Z0 is one misread number
    texts = [text for name, text in row.cells.items() if len(text) > 1 and name != "index"]
    number = row.cells.get("index", "")
    return are_apart or (len(numbers) > 1 and row.attendance is None) or (len(number) > 1 and number in texts)


def _number_gaps(form: Form) -> Iterator[int]:
    """Rows of 附件1 before which the numbers do not go on, from 1."""
    if (numbers := _numbers(form)) and numbers[0][1] > numbers[0][0]:
        yield 1
    for (place, number), (later, following) in pairwise(_numbers(form)):
        if following - number != later - place:
            yield place + 1


def _numbers(form: Form) -> list[tuple[int, int]]:
    """The rows of 附件1, from 1, with their numbers as far as they are numbers."""
    texts = [row.cells.get("index", "") for row in form.rows] if form.form is Kind.SCHEDULE else []
    found = [(place, _NUMBER.fullmatch(fold(text))) for place, text in enumerate(texts, start=1)]
    return [(place, int(match[1])) for place, match in found if match]


def _renumbered(form: Form) -> Form:
    """附件1 with a single number mended that was misread: those around it go on as if it were right."""
    numbers = _numbers(form)
    offsets = Counter(number - place for place, number in numbers).most_common(1)
    if not offsets or offsets[0][1] < MIN_NUMBERED * len(form.rows):
        return form
    right = {place for place, number in numbers if number - place == offsets[0][0]}
    rows = tuple(
        replace(row, cells=row.cells | {"index": str(place + offsets[0][0])})
        if place not in right and place + 1 in right and (place - 1 in right or (place == 1 and offsets[0][0] == 0))
        else row
        for place, row in enumerate(form.rows, start=1)
    )
    return replace(form, rows=rows)


def _rows_of(block: Paragraph | Table) -> list[list[Cell]]:
    if isinstance(block, Paragraph):
        return []
    rows: dict[int, list[Cell]] = {}
    for cell in block.cells:
        for row in range(cell.row, cell.row + min(cell.row_span, 50)):
            rows.setdefault(row, []).append(cell)
    return [rows[row] for row in sorted(rows)]


def _holds(cells: Sequence[Cell], wanted: Sequence[str]) -> bool:
    texts = [fold(cell.text) for cell in cells]
    return all(any(part in text for text in texts) for key in wanted for part in key.split("；"))


def _is_unread(cell: Cell) -> bool:
    """Ink without text."""
    return not cell.text and cell.certainty is not None and cell.certainty < TRUSTED


def _certainty(key: str, text: str, source: Written | None) -> float:
    return _sure(source) if is_plausible(key, text) else min(_sure(source), IMPLAUSIBLE)


def _named(shape: FormShape, doubtful: Sequence[str]) -> tuple[Finding, ...]:
    if not doubtful:
        return ()
    names = [_name(key) for key in doubtful]
    listed = "、".join(names[:MAX_NAMED]) + (f"等{len(names)}处" if len(names) > MAX_NAMED else "")
    detail = f"{shape.name}由照片或扫描件识别，以下内容不够清楚，请对照原件核对：{listed}"
    return (Finding(code=Code.LOW_CONFIDENCE, detail=detail),)


def _name(key: str) -> str:
    row, _dot, column = key.rpartition(".")
    return f"第{row}行{_NAMES.get(column, column)}" if row else _NAMES.get(column, column)


def _lost_rows(form: Form) -> tuple[Finding, ...]:
    return (_LOST_ROWS,) if _has_lost_rows(form) else ()


def _numbering(form: Form) -> tuple[Finding, ...]:
    """Numbers that do not follow each other tell of a row lost or shifted."""
    if not any(_number_gaps(form)):
        return ()
    return (Finding(code=Code.LOW_CONFIDENCE, detail="附件1的序号不连续，可能有行没有识别出来，请对照原件核对"),)
