"""The boxes of a form's table: what stands in which row, from which edge to which, and what is label or fill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from ingest.samples.paper.layouts import Head, Layout, UnitLine
from rules.extraction import Form, FormRow, Kind

UNIT: Final = "unit"  # roles of boxes that the sheet must find again
SIGNATURE: Final = "signature"


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """One cell. `left` and `right` are shares of the table's width; `role` marks where seal and signature belong."""

    row: int
    left: float
    right: float
    text: str
    rows: int = 1
    is_fill: bool = False
    role: str = ""


def table_boxes(form: Form, layout: Layout) -> list[Box]:
    """The whole table, row by row."""
    boxes = list(_unit_row(form, layout)) if layout.unit_line is UnitLine.INSIDE else []
    if form.form is Kind.STATISTICS:
        boxes += _below(boxes, _HEADS[layout.head](form, layout))
    boxes += _below(boxes, _activity_boxes(form, layout))
    return boxes


def _below(above: Sequence[Box], boxes: Iterable[Box]) -> list[Box]:
    first = max((box.row + box.rows for box in above), default=0)
    return [replace(box, row=box.row + first) for box in boxes]


def _unit_row(form: Form, layout: Layout) -> Iterable[Box]:
    name = form.fields["unit_name"]
    yield Box(row=0, left=0, right=0.2, text=layout.unit_label.rstrip("："))
    if form.form is Kind.SCHEDULE:
        yield Box(row=0, left=0.2, right=1, text=name, is_fill=True, role=UNIT)
        return
    yield Box(row=0, left=0.2, right=0.6, text=name, is_fill=True, role=UNIT)
    yield Box(row=0, left=0.6, right=0.78, text=layout.sign_label.rstrip("："))
    yield Box(row=0, left=0.78, right=1, text="", role=SIGNATURE)


def _pairs(form: Form, layout: Layout, row: int, edges: Sequence[float], *names: str) -> list[Box]:
    """Label and value side by side, as many as the edges have room for."""
    boxes = []
    for number, name in enumerate(names):
        left, middle, right = edges[2 * number : 2 * number + 3]
        boxes.append(Box(row=row, left=left, right=middle, text=layout.words[name]))
        boxes.append(Box(row=row, left=middle, right=right, text=form.fields[name], is_fill=True))
    return boxes


def _edges(layout: Layout, *shares: float) -> list[float]:
    """The inner edges, each a little elsewhere in every copy."""
    return [0.0, *(share + shift for share, shift in zip(shares, layout.head_edges, strict=False)), 1.0]


def _notice_head(form: Form, layout: Layout) -> list[Box]:
    edges = _edges(layout, 0.19, 0.36, 0.58, 0.75)
    wide = [edges[0], edges[1], edges[3], edges[4], edges[5]]
    first = [
        *_pairs(form, layout, 0, [0.0, edges[1], 1.0], "organizer"),
        *_pairs(form, layout, 1, [0.0, edges[1], 1.0], "participants"),
        Box(row=2, rows=2, left=0, right=edges[1], text=layout.words["leader"]),
        *_pairs(form, layout, 2, edges[1:], "leader_name", "leader_position"),
        *_pairs(form, layout, 3, edges[1:], "leader_phone", "leader_email"),
    ]
    return [
        *first,
        *_pairs(form, layout, 4, wide, "mobilization_time", "mobilization_place"),
        *_pairs(form, layout, 5, wide, "theme", "mobilization_attendance"),
    ]


def _flat_head(form: Form, layout: Layout) -> list[Box]:
    edges = _edges(layout, 0.2, 0.5, 0.7)
    plain = _plain_leader(layout)
    return [
        *_pairs(form, plain, 0, [0.0, edges[1], 1.0], "organizer"),
        *_pairs(form, plain, 1, [0.0, edges[1], 1.0], "participants"),
        *_pairs(form, plain, 2, edges, "leader_name", "leader_position"),
        *_pairs(form, plain, 3, edges, "leader_phone", "leader_email"),
        *_pairs(form, plain, 4, edges, "mobilization_time", "mobilization_place"),
        *_pairs(form, plain, 5, edges, "theme", "mobilization_attendance"),
    ]


def _paired_head(form: Form, layout: Layout) -> list[Box]:
    edges = _edges(layout, 0.19, 0.52, 0.71)
    plain = _plain_leader(layout)
    return [
        *_pairs(form, plain, 0, edges, "organizer", "participants"),
        *_pairs(form, plain, 1, edges, "leader_name", "leader_position"),
        *_pairs(form, plain, 2, edges, "leader_phone", "leader_email"),
        *_pairs(form, plain, 3, edges, "mobilization_time", "mobilization_place"),
        *_pairs(form, plain, 4, [0.0, edges[1], 1.0], "theme"),
        *_pairs(form, plain, 5, [0.0, edges[1], 1.0], "mobilization_attendance"),
    ]


def _plain_leader(layout: Layout) -> Layout:
    """Without the merged cell the label must say whose name it is."""
    return replace(layout, words=layout.words | {"leader_name": "主要负责人姓名"})


_HEADS: Final = {Head.NOTICE: _notice_head, Head.FLAT: _flat_head, Head.PAIRED: _paired_head}


def _activity_boxes(form: Form, layout: Layout) -> list[Box]:
    edges = [0.0, *(share / sum(layout.widths) for share in accumulate(layout.widths))]
    texts = [[layout.column_words[name] for name in layout.columns]]
    texts += [[row.cells[name] for name in layout.columns] for row in form.rows]
    texts += [[""] * len(layout.columns)] * layout.blank_rows
    texts += [_total(form.rows, layout)] if layout.has_total else []
    merged = _merged_days(form, layout)
    return [
        Box(row=row, rows=merged.get((row, column), 1), left=edges[column], right=edges[column + 1], text=text,
            is_fill=row > 0)
        for row, cells in enumerate(texts)
        for column, text in enumerate(cells)
        if merged.get((row, column), 1)
    ]  # fmt: skip


def _total(rows: Sequence[FormRow], layout: Layout) -> list[str]:
    cells = ["合计", *[""] * (len(layout.columns) - 1)]
    cells[layout.columns.index("attendance")] = str(sum(row.attendance or 0 for row in rows))
    return cells


def _merged_days(form: Form, layout: Layout) -> dict[tuple[int, int], int]:
    """Where neighbours share the time: how many rows the first takes; 0 for those it takes in."""
    column = layout.columns.index("time")
    spans: dict[tuple[int, int], int] = {}
    first = 0
    for number, row in enumerate(form.rows):
        if layout.has_merged_days and number and row.cells["time"] == form.rows[first].cells["time"]:
            spans[first + 1, column] = spans.get((first + 1, column), 1) + 1
            spans[number + 1, column] = 0
        else:
            first = number
    return spans
