"""A form as a printed and filled A4 page, before any seal: `draw_sheet(form, layout, seed, dpi)`.

The table's rows grow with what stands in them. A form too long for the page is set smaller, as offices do it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from ingest.samples.paper.ink import Pen, Pixels, inked, print_line, trembling, wrapped, write_line
from ingest.samples.paper.layouts import Layout, UnitLine
from ingest.samples.paper.tables import SIGNATURE, UNIT, Box, table_boxes
from ingest.samples.people import dice
from rules.extraction import Form, Kind

A4: Final = (210.0, 297.0)
PRINT: Final = (22, 22, 24)
RED: Final = (205, 30, 38)
Area = tuple[float, float, float, float]
_TITLES: Final = {
    Kind.SCHEDULE: ("附件1：", "金坛区2023-2024年度全民终身学习活动周", "主要活动安排表"),
    Kind.STATISTICS: ("附件2：", "金坛区2023-2024年度全民终身学习活动", "周活动情况统计表"),
}
_NOTE: Final = "注：此表纸质稿盖章拍照后于2023年11月20日前发至区教育局职业教育与终身教育科邮箱（jtjyjzjk@126.com）。"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A page in RGB. The areas, in pixels, are where the unit's name stands and where a signature belongs."""

    pixels: Pixels
    dpi: int
    unit_area: Area
    sign_area: Area | None


def draw_sheet(form: Form, layout: Layout, *, seed: int, dpi: int = 200) -> Sheet:
    """The same arguments draw the same page."""
    for shrink in (1.0, 0.9, 0.8, 0.7, 0.6):
        drawing = _Drawing(_shrunk(layout, shrink), seed, dpi)
        sheet = drawing.draw(form)
        if drawing.y <= drawing.height - drawing.mm(9):
            break
    return sheet


def _shrunk(layout: Layout, share: float) -> Layout:
    return replace(
        layout,
        label_points=layout.label_points * share,
        fill_points=layout.fill_points * share,
        title_points=layout.title_points * (1 + share) / 2,
        row_padding=layout.row_padding * share**2,
        row_height=layout.row_height * share**2,
        top_margin=layout.top_margin * share,
        blank_rows=layout.blank_rows if share > 0.85 else 0,
    )


class _Drawing:
    """One page being drawn from its top to its foot; `y` is how far it has come."""

    def __init__(self, layout: Layout, seed: int, dpi: int) -> None:
        self.layout, self.dpi = layout, dpi
        size = A4[::-1] if layout.is_landscape else A4
        self.width, self.height = (round(self.mm(side)) for side in size)
        self.left, self.right = self.mm(layout.side_margin), self.width - self.mm(layout.side_margin)
        self.y = self.mm(layout.top_margin)
        self.page = Image.new("RGB", (self.width, self.height), (253, 253, 252))
        self.written = Image.new("L", self.page.size)
        self.areas: dict[str, Area] = {}
        self.noise = np.random.default_rng(seed)
        hand = dice("hand", seed) if layout.is_handwritten else None
        self.label = Pen(face=layout.label_face, pixels=self.points(layout.label_points))
        self.title = Pen(face=layout.title_face, pixels=self.points(layout.title_points))
        self.fill = Pen(
            face=layout.fill_face, pixels=self.points(layout.fill_points), hand=hand, spread=1.04 if hand else 1.0
        )

    def mm(self, length: float) -> float:
        return length / 25.4 * self.dpi

    def points(self, size: float) -> int:
        return round(size / 72 * self.dpi)

    def draw(self, form: Form) -> Sheet:
        self._heading(form)
        if self.layout.unit_line is UnitLine.OVER:
            self._unit_line(form)
        self._table(table_boxes(form, self.layout))
        if self.layout.unit_line is UnitLine.UNDER:
            self.y += self.mm(5)
            self._unit_line(form)
        if self.layout.has_note:
            self._note()
        return Sheet(
            pixels=self._finished(), dpi=self.dpi, unit_area=self.areas[UNIT], sign_area=self.areas.get(SIGNATURE)
        )

    def _heading(self, form: Form) -> None:
        annex, first, second = _TITLES[form.form]
        if self.layout.has_red_heading:
            self._red_heading(form.unit_name)
        if self.layout.has_annex_line:
            print_line(self.page, (self.left, self.y), annex, self.label, PRINT)
            self.y += self.label.line_height * 1.3
        lines = [first + second] if self.title.width(first + second) < self.right - self.left else [first, second]
        for line in lines:
            self._centred(line, self.title, PRINT)
        self.y += self.mm(3)

    def _centred(self, text: str, pen: Pen, ink: tuple[int, int, int]) -> None:
        print_line(self.page, ((self.width - pen.width(text)) / 2, self.y), text, pen, ink)
        self.y += pen.line_height

    def _red_heading(self, unit: str) -> None:
        """The letterhead of an office over the form: red, large, and no seal."""
        pen = replace(self.title, pixels=min(self.title.pixels, int((self.right - self.left) / (len(unit) + 2))))
        self._centred(unit + "文件", pen, RED)
        y = int(self.y + self.mm(2))
        ImageDraw.Draw(self.page).line((self.left, y, self.right, y), fill=RED, width=max(2, round(self.mm(0.6))))
        self.y += self.mm(5)

    def _unit_line(self, form: Form) -> None:
        """The unit beside its label, and on the same line, if there is room, the place to sign."""
        layout, x = self.layout, self.left
        print_line(self.page, (x, self.y), layout.unit_label, self.label, PRINT)
        x += self.label.width(layout.unit_label)
        signed = form.form is Kind.STATISTICS
        sign_width = self.label.width(layout.sign_label)
        sign_x = max(x + self.fill.width(form.unit_name) + self.mm(5), self.left + (self.right - self.left) * 0.58)
        self._put((x, self.y + (self.label.line_height - self.fill.line_height) / 2), form.unit_name, self.fill)
        bottom = self.y + self.label.line_height
        self.areas[UNIT] = (x, self.y, x + self.fill.width(form.unit_name), bottom)
        if signed and sign_x + sign_width + self.mm(12) > self.right:
            self.y, sign_x = bottom + self.mm(1), self.left
            bottom = self.y + self.label.line_height
        if signed:
            print_line(self.page, (sign_x, self.y), layout.sign_label, self.label, PRINT)
            self.areas[SIGNATURE] = (sign_x + sign_width, self.y, sign_x + sign_width + self.mm(32), bottom)
        self.y = bottom + self.mm(2.5)

    def _put(self, at: tuple[float, float], text: str, pen: Pen) -> None:
        if pen.hand is None:
            print_line(self.page, at, text, pen, self.layout.ink)
        else:
            write_line(self.written, at, text, pen)

    def _table(self, boxes: list[Box]) -> None:
        tops = self._tops(boxes)
        outline = max(1, round(self.mm(self.layout.line_width)))
        for box in boxes:
            area = (self._x(box.left), tops[box.row], self._x(box.right), tops[box.row + box.rows])
            ImageDraw.Draw(self.page).rectangle(
                (area[0] - outline // 2, area[1] - outline // 2, area[2] + outline // 2, area[3] + outline // 2),
                outline=self.layout.line_colour, width=outline,
            )  # fmt: skip
            if box.role:
                self.areas[box.role] = area
            self._text(box, area)
        self.y = tops[-1] + self.mm(2)

    def _x(self, share: float) -> int:
        return round(self.left + share * (self.right - self.left))

    def _lines(self, box: Box) -> tuple[list[str], Pen]:
        pen = self.fill if box.is_fill else self.label
        return wrapped(box.text, pen, self._x(box.right) - self._x(box.left) - self.mm(2.2)), pen

    def _tops(self, boxes: list[Box]) -> list[int]:
        """Where each row begins, and last where the table ends."""
        heights = [self.mm(self.layout.row_height)] * max(box.row + box.rows for box in boxes)
        for box in boxes:
            lines, pen = self._lines(box)
            needed = len(lines) * pen.line_height + self.mm(self.layout.row_padding)
            heights[box.row] = max(heights[box.row], needed / box.rows)
            if box.rows > 1:
                heights[box.row + 1] = max(heights[box.row + 1], needed / box.rows)
        tops = [self.y]
        for height in heights:
            tops.append(tops[-1] + height)
        return [round(top) for top in tops]

    def _text(self, box: Box, area: tuple[int, int, int, int]) -> None:
        lines, pen = self._lines(box)
        y = (area[1] + area[3] - len(lines) * pen.line_height) / 2
        for line in lines:
            is_centred = self.layout.is_centred or not box.is_fill or len(lines) == 1
            x = (area[0] + area[2] - pen.width(line)) / 2 if is_centred else area[0] + self.mm(1.1)
            if box.is_fill:
                self._put((x, y), line, pen)
            else:
                print_line(self.page, (x, y), line, pen, PRINT)
            y += pen.line_height

    def _note(self) -> None:
        pen = replace(self.label, pixels=round(self.label.pixels * 0.85))
        for line in wrapped(_NOTE, pen, self.right - self.left):
            print_line(self.page, (self.left, self.y), line, pen, PRINT)
            self.y += pen.line_height

    def _finished(self) -> Pixels:
        pixels = np.asarray(self.page)
        if self.layout.is_handwritten:
            layer = trembling(self.written, self.noise, self.fill.pixels)
            pixels = inked(pixels, layer, self.layout.ink)
        return pixels
