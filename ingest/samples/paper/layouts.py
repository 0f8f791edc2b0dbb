"""How one unit's copy of a form looks: wording, columns, type, lines. All by chance of a seed, none by the content."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from ingest.samples.paper.fonts import BOLD, PRINTED, WRITTEN, Face
from rules.extraction import FORM_COLUMNS, Kind

Colour = tuple[int, int, int]


class UnitLine(Enum):
    """Where 单位名称（盖章） and 分管领导（签字） stand."""

    OVER = "over the table"
    INSIDE = "the table's first row"
    UNDER = "under the table"


class Head(Enum):
    """How the fields over the rows of 附件2 are arranged."""

    NOTICE = "as in the notice: 负责人 merged over two rows"
    FLAT = "负责人 in two plain rows"
    PAIRED = "two labels in every row"


BLACK_INK: Final[Colour] = (38, 38, 42)
BLUE_INK: Final[Colour] = (28, 48, 138)
_WORDS: Final[dict[str, tuple[str, ...]]] = {  # the notice's own word stands first
    "organizer": ("组织单位", "主办单位"),
    "participants": ("参与单位", "参加单位"),
    "leader": ("“启动周”主要负责人", "“启动周”\n主要负责人", "启动周主要负责人"),
    "leader_name": ("姓  名", "姓名"),
    "leader_position": ("单位职务", "职务", "单位及职务"),
    "leader_phone": ("联系方式\n电话", "联系电话", "电话", "联系方式"),
    "leader_email": ("E-mail", "E-mail", "电子邮箱", "邮箱"),
    "mobilization_time": ("动员会时间", "动员会召开时间"),
    "mobilization_place": ("动员会举办地点", "动员会地点"),
    "theme": ("活动周主题",),
    "mobilization_attendance": ("参与动员会人数", "参加动员会人数", "动员会人数"),
}
_COLUMN_WORDS: Final[dict[Kind, dict[str, tuple[str, ...]]]] = {
    Kind.STATISTICS: {
        "time": ("活动时间", "时间"),
        "activity": ("活动项目", "项目", "活动名称"),
        "content": ("形式与内容", "形式及内容", "活动形式与内容"),
        "place": ("活动地点", "地点"),
        "attendance": ("参加人数", "人数", "参与人数"),
    },
    Kind.SCHEDULE: {
        "index": ("序号",),
        "theme": ("活动主题", "活动名称", "主题"),
        "place": ("活动地点", "地点"),
        "time": ("活动时间", "时间"),
        "attendance": ("参加人数", "人数", "参加人数（人）"),
    },
}
_WEIGHTS: Final = {
    "index": 0.45,
    "time": 1.15,
    "activity": 1.15,
    "theme": 1.7,
    "content": 1.9,
    "place": 1.15,
    "attendance": 0.75,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """One copy's look. Sizes in millimetres, type in points."""

    form: Kind
    is_landscape: bool
    side_margin: float
    top_margin: float
    label_face: Face
    title_face: Face
    fill_face: Face
    label_points: float
    title_points: float
    fill_points: float
    is_handwritten: bool
    ink: Colour
    line_width: float
    line_colour: Colour
    row_padding: float
    row_height: float
    words: dict[str, str]
    columns: tuple[str, ...]
    column_words: dict[str, str]
    widths: tuple[float, ...]
    head: Head
    head_edges: tuple[float, ...]
    unit_line: UnitLine
    unit_label: str
    sign_label: str
    is_centred: bool
    blank_rows: int
    has_annex_line: bool
    has_note: bool
    has_total: bool
    has_merged_days: bool
    has_red_heading: bool


def any_layout(chance: random.Random, form: Kind, *, is_handwritten: bool) -> Layout:
    """A copy as units make them: most keep the notice's layout, some rebuild it."""
    columns = _columns(chance, form)
    keeps_words = chance.random() < 0.45
    label_face = chance.choice(PRINTED)
    fill_points = chance.uniform(9.5, 12.5)
    return Layout(
        form=form,
        is_landscape=chance.random() < (0.2 if form is Kind.STATISTICS else 0.35),
        side_margin=chance.uniform(12, 26),
        top_margin=chance.uniform(14, 30),
        label_face=label_face,
        title_face=chance.choice(BOLD),
        fill_face=chance.choice(WRITTEN) if is_handwritten else chance.choice((label_face, *PRINTED)),
        label_points=chance.uniform(10.5, 13.5),
        title_points=chance.uniform(15, 21),
        fill_points=fill_points * (1.15 if is_handwritten else 1),
        is_handwritten=is_handwritten,
        ink=chance.choice((BLUE_INK, BLACK_INK)) if is_handwritten else (20, 20, 22),
        line_width=chance.choice((0.12, 0.18, 0.18, 0.25, 0.35, 0.5)),
        line_colour=_line_colour(chance),
        row_padding=chance.uniform(1.2, 3.2),
        row_height=chance.uniform(8, 13),
        words={name: words[0] if keeps_words else chance.choice(words) for name, words in _WORDS.items()},
        columns=columns,
        column_words={
            name: words[0] if keeps_words else chance.choice(words) for name, words in _COLUMN_WORDS[form].items()
        },
        widths=tuple(_WEIGHTS[name] * chance.uniform(0.85, 1.15) for name in columns),
        head=chance.choice((Head.NOTICE, Head.NOTICE, Head.NOTICE, Head.FLAT, Head.PAIRED)),
        head_edges=tuple(chance.uniform(-0.02, 0.02) for _ in range(5)),
        unit_line=chance.choice((*[UnitLine.OVER] * 7, *[UnitLine.INSIDE] * 2, UnitLine.UNDER)),
        unit_label=_unit_label(chance, form, keeps_words=keeps_words),
        sign_label=chance.choice(("分管领导（签字）：", "分管领导（签字）：", "分管领导签字：")),
        is_centred=chance.random() < 0.6,
        blank_rows=chance.choice((0, 0, 1, 2, 4)),
        has_annex_line=chance.random() < 0.7,
        has_note=form is Kind.STATISTICS and chance.random() < 0.6,
        has_total=chance.random() < 0.12 and columns[0] != "attendance",  # 合计 stands in the first column
        has_merged_days=chance.random() < 0.2,
        has_red_heading=chance.random() < 0.08,
    )  # fmt: skip


def with_faint_lines(layout: Layout, chance: random.Random) -> Layout:
    """One copy in four is from a printer that is all but out of toner, its lines a hair thin."""
    if chance.random() > 0.25:
        return layout
    grey = chance.randrange(160, 195)
    return replace(layout, line_colour=(grey, grey, grey), line_width=chance.choice((0.12, 0.18, 0.25)))


def _columns(chance: random.Random, form: Kind) -> tuple[str, ...]:
    columns = list(FORM_COLUMNS[form])
    if chance.random() < 0.25:
        first = 1 if columns[0] == "index" else 0  # a number stands first wherever the rest goes
        rest = columns[first:]
        chance.shuffle(rest)
        columns[first:] = rest
    return tuple(columns)


def _line_colour(chance: random.Random) -> Colour:
    """Black, faint grey as of a printer short of toner, now and then red."""
    way = chance.random()
    if way < 0.06:
        return 190, 40, 45
    grey = chance.randrange(120, 175) if way < 0.2 else chance.randrange(0, 70)
    return grey, grey, grey


def _unit_label(chance: random.Random, form: Kind, *, keeps_words: bool) -> str:
    if form is Kind.SCHEDULE:
        others = ("报送单位（盖章）：", "报送地区（单位）：")
        return "报送地区（单位）：" if keeps_words else chance.choice(others)
    return (
        "单位名称（盖章）："
        if keeps_words
        else chance.choice(("单位名称（盖章）：", "填报单位（盖章）：", "单位（盖章）："))
    )
