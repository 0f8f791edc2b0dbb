"""A roster of 160 names that are easily taken for one another, and the messages that such units send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rules.extraction import Extraction, Form, FormRow, Kind
from rules.messages import Address, Envelope, Item, ReceivedMessage
from rules.roster import Roster, Unit

TOWNS = ("直溪", "朱林", "薛埠", "指前", "儒林", "尧塘", "金城", "建昌", "社头", "白塔", "洮西", "河头", "茅麓")
STREETS = ("西城", "东城", "华城", "南洲")
TOWN_SCHOOLS = ("中心小学", "初级中学", "中心幼儿园", "实验小学", "第二小学", "村小学", "民办幼儿园", "成人文化学校")
STREET_SCHOOLS = ("实验小学", "实验幼儿园", "中心小学", "初级中学")
PLAIN = (
    *("第一中学", "第一初级中学", "第二中学", "第二初级中学", "第三初级中学", "第五中学", "第四幼儿园", "第四小学"),
    *(
        "实验小学",
        "实验幼儿园",
        "实验初级中学",
        "华罗庚实验学校",
        "华罗庚中学",
        "华罗庚小学",
        "中等专业学校",
        "社区培训学院",
    ),
    *("特殊教育学校", "教师发展中心", "开放大学", "段玉裁中学", "段玉裁初级中学", "段玉裁小学", "良常小学"),
)
STRANGERS = (
    *(
        "滨湖实验小学",
        "第二实验小学",
        "新华实验小学",
        "太和实验小学",
        "求是实验小学",
        "河滨实验幼儿园",
        "直溪中心小学附属幼儿园",
    ),
    *(
        "新直溪中心小学",
        "直溪中心小学东校区",
        "武进区实验小学",
        "常州市实验小学",
        "第六中学",
        "第十一中学",
        "北直溪初级中学",
    ),
    *("第一中学分校", "第一中学教育集团", "东方华罗庚中学", "紫金城中心小学", "大直溪镇社区教育中心", "朱家桥第四小学"),
)
"""Names that hold a name of the roster, and are other organisations."""

HOME = "金坛区"
NOW = datetime(2023, 11, 18, 2, tzinfo=UTC)
MESSAGE_SHA256 = "ab" * 32


def confusable_roster() -> Roster:
    units = [Unit(name=f"{town}镇社区教育中心", category="镇街", emails=(mail_of(town),)) for town in TOWNS]
    units += [Unit(name=f"{street}街道社区教育中心", category="镇街") for street in STREETS]
    for town in TOWNS:
        units += [
            Unit(name=f"{town}{school}", category="学校", parent=f"{town}镇社区教育中心") for school in TOWN_SCHOOLS
        ]
    units += [Unit(name=f"{street}{school}", category="学校") for street in STREETS for school in STREET_SCHOOLS]
    units += [Unit(name=name, category="学校") for name in PLAIN]
    return Roster(tuple(units))


def mail_of(name: str) -> str:
    return f"u{name.encode().hex()[:40]}@example.com"


def file(
    name: str,
    kind: Kind = Kind.PHOTO,
    *,
    unit_name: str | None = None,
    text: str = "",
    title: str = "",
    members: Sequence[Extraction] = (),
    **more: object,
) -> Extraction:
    """One extraction; `unit_name` gives it a filled form of its kind."""
    forms = () if unit_name is None else (form(kind, unit_name),)
    return Extraction(
        file=name,
        media_type="application/octet-stream",
        kind=kind,
        forms=forms,
        text=text,
        title=title,
        members=tuple(members),
        **more,  # type: ignore[arg-type]
    )


def form(kind: Kind, unit_name: str) -> Form:
    return Form(form=kind, fields={"unit_name": unit_name, "theme": "读书"}, rows=(FormRow(cells={"place": "礼堂"}),))


def message(
    *files: Extraction | Item,
    sender: str = "someone@example.net",
    name: str = "",
    subject: str = "",
    body: str = "",
    sent_late: timedelta = timedelta(0),
    **envelope: object,
) -> ReceivedMessage:
    items = tuple(
        one if isinstance(one, Item) else Item(path=str(number), extraction=one)
        for number, one in enumerate(files, start=2)
    )
    return ReceivedMessage(
        sha256=MESSAGE_SHA256,
        received_at=NOW,
        envelope=Envelope(
            message_id="<1@example.net>",
            header_from=Address(address=sender, name=name),
            subject=subject,
            sent_at=NOW - sent_late,
            **envelope,  # type: ignore[arg-type]
        ),
        body_text=body,
        items=items,
    )
