"""附件1 and 附件2 declared: their titles, columns and labels with what units write instead.

Nothing here knows a position: forms are found by these texts wherever they stand (`parsers.form_reading`). Columns are
patterns over the folded heading without remarks in brackets, best first; labels are texts, matched with any blanks
between their characters, since forms are set as "姓  名".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from parsers.wording import fold, narrow
from rules.extraction import FORM_FIELDS, Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of a form's rows. The first of `headings` is the form's own."""

    name: str
    headings: tuple[str, ...]
    is_joined: bool = False  # several such columns make one text


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A field outside the rows. `is_mark`: only this form has it."""

    name: str
    texts: tuple[str, ...]
    is_mark: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class FormShape:
    """One form of the notice."""

    form: Kind
    name: str  # as the coordinator calls it
    titles: tuple[str, ...]
    columns: tuple[Column, ...]
    required: tuple[tuple[str, str], ...]  # field name, what the coordinator calls it

    @property
    def fields(self) -> tuple[str, ...]:
        return FORM_FIELDS[self.form]


_PLACE: Final = Column(
    name="place",
    headings=("活动地点", "地点", ".{0,6}地点", ".{0,4}(?:场所|场地|地址)", ".{0,4}地方|(?:举办|活动)地"),
)
_TIME: Final = Column(name="time", headings=("活动时间", "时间", ".{0,6}时间", ".{0,4}日期", "日期"))
_ATTENDANCE: Final = Column(
    name="attendance", headings=("参加人数", "参[与加]人数", "人数", ".{0,8}人数", ".{0,4}人次.{0,2}", ".{0,4}规模")
)

SCHEDULE: Final = FormShape(
    form=Kind.SCHEDULE,
    name="附件1（主要活动安排表）",
    titles=("主要活动安排", "活动安排表", "安排表", "安排一览", "附件[1一](?!\\d)"),
    columns=(
        Column(name="index", headings=("序号", "编号|序|顺序|次序|no\\.?")),
        Column(
            name="theme",
            headings=(
                "活动主题", "主题", ".{0,4}主题.{0,4}", "活动名称.{0,3}", "活动项目", "项目名称|名称|项目",
                "活动内容.{0,5}", "内容",
            ),
        ),
        _PLACE,
        _TIME,
        _ATTENDANCE,
    ),
    required=(("unit_name", "报送单位"),),
)  # fmt: skip

STATISTICS: Final = FormShape(
    form=Kind.STATISTICS,
    name="附件2（活动情况统计表）",
    titles=("活动情况统计", "情况统计表", "统计表", "情况汇总表", "附件[2二](?!\\d)"),
    columns=(
        _TIME,
        Column(name="activity", headings=("活动项目", "项目名称|项目", "活动名称", "活动主题|主题", ".{0,4}名称")),
        Column(
            name="content",
            headings=("形式[与及和、]?内容", "内容[与及和、]?形式", ".{0,4}形式.{0,4}", ".{0,4}内容"),
            is_joined=True,
        ),
        _PLACE,
        _ATTENDANCE,
    ),
    required=(
        ("unit_name", "单位名称"), ("organizer", "组织单位"), ("leader_name", "主要负责人姓名"),
        ("leader_phone", "联系电话"), ("theme", "活动周主题"), ("mobilization_time", "动员会时间"),
    ),
)  # fmt: skip

SHAPES: Final = (SCHEDULE, STATISTICS)

LABELS: Final = (
    Label(
        name="unit_name",
        texts=(
            "报送地区",
            "报送单位",
            "单位名称",
            "填报单位",
            "上报单位",
            "申报单位",
            "填表单位",
            "学校名称",
            "单位:",
            "学校:",
        ),
    ),
    Label(
        name="supervisor",
        texts=(
            "分管领导",
            "分管领导签字",
            "分管领导签名",
            "分管领导姓名",
            "分管负责人",
            "单位负责人",
            "负责人签字",
            "领导签字",
        ),
    ),
    Label(name="organizer", texts=("组织单位", "主办单位", "举办单位"), is_mark=True),
    Label(name="participants", texts=("参与单位", "参加单位"), is_mark=True),
    Label(
        name="leader_name",
        texts=("姓名", "负责人姓名", "主要负责人姓名", "启动周主要负责人姓名", "启动周主要负责人", "主要负责人"),
    ),
    Label(name="leader_position", texts=("单位职务", "单位及职务", "职务")),
    Label(name="leader_phone", texts=("联系方式", "联系电话", "电话", "手机号码", "手机号", "手机")),
    Label(name="leader_email", texts=("e-mail", "email", "电子邮箱", "电子邮件", "电子信箱", "邮箱")),
    Label(
        name="mobilization_time",
        texts=("动员会时间", "动员会召开时间", "动员会举办时间", "动员时间", "启动仪式时间"),
        is_mark=True,
    ),
    Label(
        name="mobilization_place",
        texts=("动员会举办地点", "动员会召开地点", "动员会地点", "动员地点", "启动仪式举办地点", "启动仪式地点"),
        is_mark=True,
    ),
    Label(
        name="mobilization_attendance",
        texts=("参与动员会人数", "参加动员会人数", "动员会参加人数", "动员会参与人数", "动员会人数", "启动仪式人数"),
        is_mark=True,
    ),
    Label(name="theme", texts=("活动周主题", "启动周主题", "学习活动周主题", "活动周的主题"), is_mark=True),
)
_ELSE: Final = "else"
"""What units write beside the form's own fields: it ends the value before it and is dropped."""
_PEOPLE_ELSE: Final = ("联系", "填报", "填表", "制表", "经办", "审核", "审批", "上报", "报送", "负责")
_DAYS_ELSE: Final = ("填报", "填表", "报送", "上报", "制表")
_ELSE_LABEL: Final = Label(
    name=_ELSE,
    texts=(
        *(f"{word}人:" for word in _PEOPLE_ELSE),
        *(f"{word}{day}:" for word in _DAYS_ELSE for day in ("时间", "日期")),
        *(f"{word}:" for word in ("校长", "园长", "日期", "审核", "制表", "传真", "邮编", "公章", "盖章")),
    ),
)
MARKS: Final = frozenset(label.name for label in LABELS if label.is_mark)
OUTSIDE: Final = frozenset({"unit_name", "supervisor"})  # may stand in a line over the table

_NEVER_A_HEADING: Final = re.compile("联系|单位|学校|负责人|填[表报]|报送|报名|动员会|启动仪式|活动周主题|备注|责任")
_BRACKETS: Final = re.compile(r"[(（〔\[][^()（）〔〕\[\]]*[)）〕\]]")
_LONGEST_HEADING: Final = 14


def heading_key(text: str) -> str:
    """A heading as the patterns see it: 参 加 人 数（人）： is 参加人数."""
    return _BRACKETS.sub("", fold(text)).strip(":：、,。.*“”\"'/")


def column_rank(column: Column, text: str) -> int | None:
    """How well a heading names a column: 0 is the form's own word; None if it does not."""
    key = heading_key(text)
    if not 0 < len(key) <= _LONGEST_HEADING or _NEVER_A_HEADING.search(key):
        return None
    for rank, pattern in enumerate(column.headings):
        if re.fullmatch(pattern, key):
            return rank
    return None


def title_rank(shape: FormShape, text: str) -> int | None:
    """How well a line names a form; None if it does not."""
    folded = fold(text)
    return next((rank for rank, title in enumerate(shape.titles) if re.search(title, folded)), None)


def _spaced(text: str) -> str:
    """A label that ends in a colon needs it: 学校 alone is as often a place."""
    if text.endswith(":"):
        return _spaced(text[:-1]) + r"(?=\s*[:(])"
    return r"[\s“”\"]*".join(re.escape(sign) for sign in text)


def _label_pattern() -> re.Pattern[str]:
    groups = "|".join(
        f"(?P<{label.name}>" + "|".join(_spaced(text) for text in sorted(label.texts, key=len, reverse=True)) + ")"
        for label in (*LABELS, _ELSE_LABEL)
    )
    note = r"(?:\s*\([^()]{0,12}\))"
    return re.compile(
        rf"(?:(?<![^\s;,。、/|:])[“\"*]*)(?:{groups})[”\"]*\d?(?:{note}+\s*:?|\s*:|\s*(?=/)|[ \t]*(?=\n|$))",
        re.IGNORECASE,
    )


_LABEL: Final = _label_pattern()


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """One label in a text and what follows it up to the next label."""

    name: str
    value: str


def split_labels(text: str) -> tuple[str, tuple[Labelled, ...]]:
    """What stands before the first label, and each label with its value: "职务：副校长 电话：0519" has two."""
    plain = narrow(text)
    matches = list(_LABEL.finditer(plain))
    if not matches:
        return text, ()
    ends = [match.start() for match in matches[1:]] + [len(text)]
    found = tuple(
        Labelled(name=match.lastgroup or "", value=text[match.end() : end])
        for match, end in zip(matches, ends, strict=True)
        if match.lastgroup != _ELSE
    )
    lead = text[: matches[0].start()]
    bare = _LABEL.fullmatch(narrow(lead).strip())  # 姓 名 before 职务: has lost the break between them
    if bare and bare.lastgroup != _ELSE:
        return "", (Labelled(name=bare.lastgroup or "", value=""), *found)
    return lead, found
