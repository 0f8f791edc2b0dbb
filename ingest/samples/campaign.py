"""The sample campaign: who must report what and when, its roster as a workbook, its config.toml."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from openpyxl import Workbook

from ingest.samples.archives import with_fixed_times
from ingest.samples.people import phone, teacher
from rules.campaign import Campaign, Deliverable, DeliverableKind
from rules.roster import Unit

ZONE: Final = ZoneInfo("Asia/Shanghai")
TITLE: Final = "金坛区2023-2024年度全民终身学习活动"
_TITLES: Final[dict[str, str]] = {
    "plan": "活动周工作方案（含启动仪式方案）",
    "schedule": "活动周主要活动安排表（附件1）",
    "statistics": "活动周活动情况统计表（附件2）",
    "summary": "活动总结",
    "evidence": "五张照片或活动视频",
}
NOTICE_DUE: Final[dict[str, date]] = {
    "plan": date(2023, 10, 30),
    "schedule": date(2023, 10, 30),
    "statistics": date(2023, 11, 20),
    "summary": date(2023, 11, 20),
    "evidence": date(2023, 11, 20),
}
_HEADINGS: Final = ("单位名称", "类别", "上级单位", "别名", "邮箱", "联系人", "电话", "免报")

TOWNS: Final = ("直溪镇", "薛埠镇", "儒林镇", "指前镇", "朱林镇", "金城镇", "西城街道", "东城街道", "尧塘街道")
SCHOOLS: Final = (  # confusable on purpose: what a district's roster really looks like
    "直溪中心小学",
    "直溪初级中学",
    "直溪中心幼儿园",
    "薛埠中心小学",
    "薛埠中学",
    "薛埠中心幼儿园",
    "儒林中心小学",
    "儒林初级中学",
    "指前中心小学",
    "指前实验学校",
    "朱林中心小学",
    "朱林中学",
    "第一中学",
    "第一初级中学",
    "第三中学",
    "华罗庚实验学校",
    "华罗庚实验学校新城分校",
    "实验小学",
    "西城实验小学",
    "东城实验小学",
    "东城实验幼儿园",
    "河滨小学",
    "河头小学",
    "城西小学",
    "朝阳小学",
    "常胜小学",
    "尧塘中心小学",
    "水北中心小学",
    "金城镇中心幼儿园",
    "西城街道中心幼儿园",
)
INSTITUTIONS: Final = ("社区培训学院", "教师发展中心", "青少年活动中心", "图书馆", "博物馆")


STAMPED: Final = "statistics_stamped"
"""The key of the paper form that the towns photograph with its seal on it (盖章拍照)."""


def campaign(due: dict[str, date] | None = None, *, towns_stamp: bool = False) -> Campaign:
    """The notice's five deliverables; `due` moves some of the days; with `towns_stamp` the towns owe `STAMPED` too."""
    days = NOTICE_DUE | (due or {})
    deliverables = [
        Deliverable(key=key, title=_TITLES[key], kind=DeliverableKind(key), due=day) for key, day in days.items()
    ]
    if towns_stamp:
        deliverables.insert(3, _stamped_form(days["statistics"]))
    return Campaign(
        key="2023",
        title=TITLE,
        opens=date(2023, 10, 12),
        closes=date(2023, 12, 31),
        zone=ZONE,
        deliverables=tuple(deliverables),
    )


def _stamped_form(due: date) -> Deliverable:
    return Deliverable(
        key=STAMPED,
        title="统计表盖章拍照件",
        kind=DeliverableKind.STATISTICS,
        due=due,
        required_of=("镇街",),
        is_stamp_required=True,
    )


def unit_names(count: int) -> list[str]:
    """The first `count` of the towns' education centres, the schools and the institutions."""
    names = [*(f"{town}社区教育中心" for town in TOWNS), *SCHOOLS, *INSTITUTIONS]
    if count > len(names):
        raise ValueError(f"there are {len(names)} sample units, not {count}")
    return names[:count]


def unit(number: int, name: str, *, aliases: Iterable[str] = (), exempt: Iterable[str] = ()) -> Unit:
    """The unit with invented contacts."""
    town = next((town for town in TOWNS if name.startswith(town[:2]) and not name.startswith(town)), None)
    return Unit(
        name=name,
        category=_category(name),
        parent=f"{town}社区教育中心" if town and _category(name) != "局属单位" else None,
        aliases=tuple(aliases),
        emails=(f"unit{number:03d}@office.example",),
        contact=teacher(number),
        phone=phone(number),
        exempt=frozenset(exempt),
    )


def _category(name: str) -> str:
    if name.endswith("社区教育中心"):
        return "镇街"
    if name.endswith("幼儿园"):
        return "幼儿园"
    return "局属单位" if name in INSTITUTIONS else "学校"


def roster_workbook(units: Iterable[Unit]) -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "单位名册"
    sheet.append(_HEADINGS)
    for item in units:
        lists = ("、".join(item.aliases), ";".join(item.emails))
        exempt = "、".join(sorted(item.exempt))
        sheet.append([item.name, item.category, item.parent or "", *lists, item.contact, item.phone, exempt])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return with_fixed_times(buffer.getvalue())


def write_roster(units: Iterable[Unit], path: Path) -> None:
    path.write_bytes(roster_workbook(units))


def config_text(campaign: Campaign, *, roster: str = "roster.xlsx", listen: str = "127.0.0.1:8126") -> str:
    """The whole config.toml; it names no real mailbox, since sample mail is imported."""
    main = (
        f'[[campaign]]\nkey = "{campaign.key}"\ntitle = "{campaign.title}"\n'
        f'opens = {campaign.opens}\ncloses = {campaign.closes}\nroster = "{roster}"'
    )
    tables = [
        f'timezone = "{campaign.zone.key}"',
        '[store]\nurl = "sqlite:///data/baosong.db"\nblobs = "data/blobs"',
        main,
        *(_deliverable_text(deliverable) for deliverable in campaign.deliverables),
        f'[desk]\nlisten = "{listen}"',
    ]
    return "\n\n".join(tables) + "\n"


def _deliverable_text(deliverable: Deliverable) -> str:
    lines = [
        "[[campaign.deliverable]]",
        f'key = "{deliverable.key}"',
        f'title = "{deliverable.title}"',
        f'kind = "{deliverable.kind}"',
        f"due = {deliverable.due}",
    ]
    if deliverable.required_of:
        lines.append(f"required_of = {json.dumps(deliverable.required_of, ensure_ascii=False)}")
    if deliverable.is_stamp_required:
        lines.append("stamped = true")
    if deliverable.kind is DeliverableKind.EVIDENCE:
        lines.append(f"photos = {deliverable.photos}")
        lines.append(f'video_max = "{timedelta(seconds=deliverable.video_max_seconds) // timedelta(seconds=1)}s"')
    return "\n".join(lines)
