"""The ledger for a terminal: fits 80 columns, breathes in 160, and stays plain and unwrapped when piped.

Strangers' text goes into `Text`, never into markup: a subject such as `[red]` must stay a subject. Colour only repeats
what shape and word already say.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from report.cells import Cell
from report.matrix import Matrix, Row, StrayMail
from report.words import LEGEND, NOTHING, SHAPES
from rules.assessment import STATUS_ZH, Status

STYLES: Final[dict[Status, str]] = {
    Status.ON_TIME: "green",
    Status.LATE: "red",
    Status.INCOMPLETE: "yellow",
    Status.MISSING: "bold red",
    Status.UNKNOWN: "cyan",
    Status.PENDING: "",
    Status.EXEMPT: "dim",
}
NARROWEST: Final = 80
NAME_WIDTH: Final = 20  # on a narrow terminal: nine characters and the indent, `金城镇社区教育中心`
ROOMY: Final = 120  # below it a cell says `未盖章` after its shape and leaves `待补正` to the legend
WIDEST: Final = 240


def table_text(matrix: Matrix, *, width: int | None = None, in_colour: bool = False) -> str:
    """The ledger as text. Without a width it is as wide as its content asks, so that a pipe gets one line a unit."""
    console = _console(width or WIDEST, in_colour=in_colour)
    ledger = _ledger(matrix, width=width)
    if width is None:
        natural = Measurement.get(console, console.options, ledger).maximum
        console = _console(max(NARROWEST, min(natural, WIDEST)), in_colour=in_colour)
    console.print(_document(matrix, ledger))
    lines = console.file.getvalue().splitlines() if isinstance(console.file, StringIO) else []
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _console(width: int, *, in_colour: bool) -> Console:
    return Console(
        file=StringIO(),
        width=width,
        force_terminal=in_colour,
        color_system="standard" if in_colour else None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
    )


def _document(matrix: Matrix, ledger: RenderableType) -> Group:
    parts: list[RenderableType] = [*_heading(matrix), "", ledger, "", _legend()]
    if matrix.stray_mails:
        parts += ["", *_stray_mails(matrix.stray_mails)]
    return Group(*parts)


def _heading(matrix: Matrix) -> Iterable[RenderableType]:
    yield Text(matrix.title, style="bold")
    yield Text(f"统计时点 {matrix.as_of}    邮箱已读至 {matrix.mail_read_until}")
    if matrix.is_blind:
        yield Text("截止之后尚未成功读取邮箱，标“待收信”的材料暂不认定迟报或未报。", style="bold cyan")
    shown = f"{matrix.behind_unit_count} 个单位有迟报、未报或逾期未补正"
    yield Text(f"共 {matrix.unit_count} 个单位，{shown}" + ("（以下只列这些单位）" if matrix.is_late_only else ""))


def _ledger(matrix: Matrix, *, width: int | None) -> Table:
    table = _empty_ledger(matrix, width=width)
    is_narrow = width is not None and width < ROOMY
    for group in matrix.groups:
        if group.name:
            table.add_row(Text(f"{group.name} {group.unit_count}", style="bold"))
        for row in group.rows:
            table.add_row(*_row(row, is_indented=bool(group.name), is_narrow=is_narrow))
    if not matrix.rows:
        table.add_row(Text("没有逾期" if matrix.is_late_only else "名册为空"))
    table.add_section()
    for line in matrix.totals:
        table.add_row(Text(line.label, style="bold"), *line.values)
    return table


def _empty_ledger(matrix: Matrix, *, width: int | None) -> Table:
    """Column widths are fixed on a narrow terminal: left to itself rich starves the last column."""
    is_narrow = width is not None and width < ROOMY
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=0 if is_narrow else (0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="bold",
    )
    name_width = NAME_WIDTH if is_narrow else None
    cell_width = max(6, (width - NAME_WIDTH) // max(1, len(matrix.columns)) - 1) if width and is_narrow else None
    table.add_column("单位", overflow="fold", width=name_width)
    for column in matrix.columns:
        table.add_column(Text(f"{column.label}\n{column.due_day} 止"), overflow="fold", width=cell_width)
    return table


def _row(row: Row, *, is_indented: bool, is_narrow: bool) -> Iterable[RenderableType]:
    name = Text(f"{row.name} {row.contact_note}".rstrip(), overflow="fold")
    yield Padding(name, (0, 0, 0, 2)) if is_indented else name
    for cell in row.cells:
        yield _cell(cell, is_narrow=is_narrow)


def _cell(cell: Cell, *, is_narrow: bool) -> Text:
    if cell.status is None:
        return Text(NOTHING, style="dim")
    text = Text(f"{cell.shape} {cell.short_text if is_narrow else cell.text}", style=STYLES[cell.status])
    for note in cell.notes:
        text.append(f" {note}")
    return text


def _legend() -> Text:
    return Text("图例  ") + Text("  ").join(
        Text(f"{SHAPES[status]} {STATUS_ZH[status]}", style=STYLES[status]) for status in LEGEND
    )


def _stray_mails(mails: tuple[StrayMail, ...]) -> Iterable[RenderableType]:
    yield Text(f"待认领邮件（{len(mails)} 封）：有报送材料，但不能确定属于哪个单位", style="bold")
    for mail in mails:
        yield Padding(Text(f"{mail.received}  {mail.sender}  {mail.subject}", overflow="fold"), (0, 0, 0, 2))
        guess = f"（可能是：{'、'.join(mail.candidates)}）" if mail.candidates else ""
        yield Padding(Text(f"{mail.reason}{guess}", overflow="fold"), (0, 0, 0, 15))
