"""The headings of 附件1 and 附件2, for showing a form that was read; keyed as in the contract, section 5."""

from __future__ import annotations

from typing import Final

from rules.extraction import UNIT, Kind

FIELD_ZH: Final[dict[str, str]] = {
    "unit_name": "单位名称",
    "supervisor": "分管领导",
    "organizer": "组织单位",
    "participants": "参与单位",
    "leader_name": "负责人姓名",
    "leader_position": "单位职务",
    "leader_phone": "联系电话",
    "leader_email": "E-mail",
    "mobilization_time": "动员会时间",
    "mobilization_place": "动员会举办地点",
    "theme": "活动周主题",
    "mobilization_attendance": "参与动员会人数",
}

COLUMN_ZH: Final[dict[Kind, dict[str, str]]] = {
    Kind.SCHEDULE: {
        "index": "序号",
        "theme": "活动主题",
        "place": "活动地点",
        "time": "活动时间",
        "attendance": "参加人数",
    },
    Kind.STATISTICS: {
        "time": "活动时间",
        "activity": "活动项目",
        "content": "形式与内容",
        "place": "活动地点",
        "attendance": "参加人数",
    },
}


UNIT_ZH: Final = "所写单位"
"""Of whom an activity is, where the table says so beside it."""


def key_words(key: str) -> str:
    """`第3行活动地点` for "3.place", `联系电话` for "leader_phone"."""
    row, _dot, name = key.rpartition(".")
    if not row:
        return FIELD_ZH.get(name, name)
    words = COLUMN_ZH[Kind.SCHEDULE] | COLUMN_ZH[Kind.STATISTICS] | {UNIT: UNIT_ZH}
    return f"第{row}行{words.get(name, name)}"
