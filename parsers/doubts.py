"""How far each value of a form that was read from a picture can be trusted, and which of them a person must look at.

A value is as certain as the least certain text it came from: it is traced back to the cells and lines that hold it,
the rows' cells row by row. What cannot be what its field asks for (a telephone number with letters in it, a time
without a figure) is doubtful however clear the reading seemed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from parsers.content import Cell, Paragraph, Table
from parsers.form_values import ReadForm
from parsers.forms import FormShape
from parsers.numbers import is_vacant, parse_number
from parsers.wording import fold, tidy
from rules.extraction import Form, Kind
from rules.findings import Code, Finding

TRUSTED: Final = 0.8
IMPLAUSIBLE: Final = 0.4
MAX_NAMED: Final = 12

_NAMES: Final = {
    "unit_name": "单位名称", "supervisor": "分管领导", "organizer": "组织单位", "participants": "参与单位",
    "leader_name": "负责人姓名", "leader_position": "单位职务", "leader_phone": "联系电话", "leader_email": "E-mail",
    "mobilization_time": "动员会时间", "mobilization_place": "动员会地点", "theme": "主题",
    "mobilization_attendance": "动员会人数", "index": "序号", "time": "时间", "activity": "活动项目",
    "content": "形式与内容", "place": "地点", "attendance": "人数",
}  # fmt: skip
_PHONE: Final = re.compile(r"[+(]?[\d() -]{6,}\d(?:[转、,;/ -]+[\d() -]{3,})*")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_DIGIT_IN_WORD: Final = re.compile(r"@.*[a-zA-Z][01](?:[a-zA-Z.]|$)")  # schoo1 is school misread
_PLAUSIBLE: Final[dict[str, Callable[[str], bool]]] = {
    "leader_phone": lambda text: bool(_PHONE.fullmatch(text)) and 7 <= sum(sign.isdigit() for sign in text) <= 26,
    "leader_email": lambda text: bool(_EMAIL.fullmatch(text)) and not _DIGIT_IN_WORD.search(text),
    "mobilization_time": lambda text: any(sign.isdigit() or sign in "一二三四五六七八九十" for sign in text),
    "time": lambda text: any(sign.isdigit() or sign in "一二三四五六七八九十" for sign in text),
    "mobilization_attendance": lambda text: parse_number(text) is not None,
    "attendance": lambda text: parse_number(text) is not None,
    "leader_name": lambda text: 2 <= len(text) <= 12,
}

Written = Cell | Paragraph


def weighed(read: ReadForm, blocks: Sequence[Paragraph | Table]) -> ReadForm:
    """The form with the certainty and place of each value, and a finding that names the doubtful ones."""
    found = {**_of_fields(read.form, blocks), **_of_rows(read, blocks)}
    certainties = {key: round(_certainty(key, text, source), 3) for key, (text, source) in found.items()}
    places = {key: source.place for key, (_text, source) in found.items() if source and source.place}
    form = replace(read.form, certainties=certainties, places=places)
    return ReadForm(form=form, findings=(*read.findings, *doubts_about(read.raw.shape, form)), raw=read.raw)


def doubts_about(shape: FormShape, form: Form) -> tuple[Finding, ...]:
    """What a person must look at in a form that was read from a picture; nothing for one with its own text."""
    if not form.certainties:
        return ()
    doubtful = [key for key, certainty in form.certainties.items() if certainty < TRUSTED]
    return (*_named(shape, doubtful), *_numbering(form))


Traced = dict[str, tuple[str, Written | None]]


def _of_fields(form: Form, blocks: Sequence[Paragraph | Table]) -> Traced:
    written = list(_written(blocks))
    return {name: (text, _source(text, written)) for name, text in form.fields.items() if text}


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
    """Each row of the form is met by the next row of a table that holds all its cells."""
    lines = [line for index in sorted(read.raw.tables) for line in _rows_of(blocks[index])]
    found: Traced = {}
    position = 0
    for number, row in enumerate(read.form.rows, start=1):
        wanted = [fold(text) for text in row.cells.values() if text]
        at = next((place for place in range(position, len(lines)) if _holds(lines[place], wanted)), None)
        if at is not None:
            position = at + 1
        cells = lines[at] if at is not None else []
        for name, text in row.cells.items():
            source = _source(text, cells) if text else next((cell for cell in cells if _is_unread(cell)), None)
            if text or source is not None:
                found[f"{number}.{name}"] = (text, source)
    return found


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
    plausible = _PLAUSIBLE.get(key.rpartition(".")[2])
    is_odd = plausible is not None and not is_vacant(text) and not plausible(tidy(text))
    return min(_sure(source), IMPLAUSIBLE) if is_odd else _sure(source)


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


def _numbering(form: Form) -> tuple[Finding, ...]:
    """Numbers that do not follow each other tell of a row lost or shifted."""
    if form.form is not Kind.SCHEDULE:
        return ()
    numbers = [row.cells.get("index", "") for row in form.rows]
    read = [(place, int(number)) for place, number in enumerate(numbers) if number.isdecimal()]
    if len(read) < 2 or all(number - place == read[0][1] - read[0][0] for place, number in read):
        return ()
    return (Finding(code=Code.LOW_CONFIDENCE, detail="附件1的序号不连续，可能有行没有识别出来，请对照原件核对"),)
