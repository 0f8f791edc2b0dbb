"""What a unit has to say in its form: the truth of a sample, as `rules.extraction.Form`, exact to the sign."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from ingest.samples.campaign import unit_names
from ingest.samples.people import POSITIONS, SURNAMES
from ingest.samples.prose import ACTIVITIES, PLACES, THEME
from rules.extraction import Form, FormRow, Kind

_REGIONS: Final = ("", "", "金坛区", "常州市金坛区")
_THEMES: Final = (
    THEME, THEME, "全民终身学习 共建书香金坛", "悦读·乐学·善思", "数字赋能，人人皆学", "学习点亮生活，书香浸润校园",
    "推进教育数字化 建设学习型社会",
)  # fmt: skip
_PARTICIPANTS: Final = (
    "各村（社区）居民学校、辖区各中小学、幼儿园", "镇妇联、团委、文体站、各村（社区）", "各年级组、家长委员会",
    "全体教职工及学生家长", "社区居民学校、老年大学教学点", "街道文化站、新时代文明实践所、各社区居委会",
    "教导处、德育处、总务处", "无",
)  # fmt: skip
_MORE: Final = (
    ("防诈骗宣传", "派出所民警讲解典型案例，发放宣传册300份"), ("垃圾分类", "志愿者现场演示，居民互动问答"),
    ("经典诵读", "师生同台诵读《论语》选段"), ("老年合唱", "排练并演出红色歌曲12首"),
    ("摄影沙龙", "作品点评、手机摄影技巧交流"), ("插花体验", "讲座与实践相结合"), ("科普进校园", "参观、实验、展板"),
    ("亲子运动会", "趣味游戏、接力赛"), ("茶艺课堂", "理论讲解 现场冲泡"), ("急救培训", "心肺复苏（CPR）操作演练"),
    ("烘焙课程", "线上直播+线下教学"), ("红色故事会", "老党员宣讲，青少年分享"), ("二十四节气养生", "专题讲座"),
    ("农技下乡", "水稻、茶叶种植技术现场指导"), ("电子商务培训", "直播带货基础知识，共2课时"),
)  # fmt: skip
_MORE_PLACES: Final = (
    "镇文体中心二楼", "建昌村村委会", "学校操场", "3号楼202教室", "社区教育中心", "线上（腾讯会议）",
    "老街小广场", "新时代文明实践站",
)  # fmt: skip

_Written = tuple[str, date, date]
_DayStyle = Callable[[random.Random, date], _Written]


def any_unit(chance: random.Random) -> str:
    return chance.choice(_REGIONS) + chance.choice(unit_names(40))


def statistics(chance: random.Random, unit: str, *, rows: int) -> Form:
    """附件2 filled. `supervisor` is empty: a signature is ink, not text."""
    people, attendance = chance.randrange(15, 420), chance.choice(("{}", "{}", "{}人", "约{}人"))
    day = date(2023, 11, chance.randrange(1, 13))
    fields = {
        "unit_name": unit,
        "supervisor": "",
        "organizer": chance.choice((unit, unit, f"{unit}、直溪镇人民政府" if "直溪" in unit else unit)),
        "participants": chance.choice(_PARTICIPANTS),
        "leader_name": f"{chance.choice(SURNAMES)}{chance.choice(('老师', '老师', '某某', '某', '主任'))}",
        "leader_position": chance.choice((*POSITIONS, "党支部书记、校长", "社区教育中心主任", "副镇长（分管教育）")),
        "leader_phone": _phone(chance),
        "leader_email": _email(chance),
        "mobilization_time": _mobilization_time(chance, day),
        "mobilization_place": chance.choice((*PLACES, *_MORE_PLACES)),
        "theme": chance.choice(_THEMES),
        "mobilization_attendance": attendance.format(people),
    }
    return Form(
        form=Kind.STATISTICS,
        fields=fields,
        rows=tuple(_rows(chance, rows)),
        mobilization_attendance=people,
    )


def schedule(chance: random.Random, unit: str, *, rows: int) -> Form:
    """附件1 filled."""
    numbered = enumerate(_rows(chance, rows), start=1)
    return Form(
        form=Kind.SCHEDULE,
        fields={"unit_name": unit},
        rows=tuple(_schedule_row(number, row) for number, row in numbered),
    )


def _phone(chance: random.Random) -> str:
    number = chance.randrange(10_000)
    return chance.choice(
        (f"0519-8280{number:04d}", f"8280{number:04d}", f"0519-8280{number:04d}", f"1000000{number:04d}")
    )


def _email(chance: random.Random) -> str:
    name = chance.choice(("contact{}", "jyzx_{}", "zxx{}", "sqjy.{}", "JTxx{}"))
    return name.format(chance.randrange(100, 99999)) + chance.choice(
        ("@office.example", "@school.example", "@jt.example")
    )


def _mobilization_time(chance: random.Random, day: date) -> str:
    plain = f"11月{day.day}日"
    return chance.choice(
        (plain, f"{plain}下午", f"2023年{plain}", f"2023年{plain}14:30", f"{plain}上午9:00", f"2023.11.{day.day}")
    )


def _rows(chance: random.Random, count: int) -> list[FormRow]:
    """Rows with every column that either form asks for."""
    write = chance.choice((_plain, _plain, _with_clock, _dotted, _with_year, _mixed))
    attendance = chance.choice(("{}", "{}", "{}", "{}人"))
    day = date(2023, 11, 13)
    result: list[FormRow] = []
    for name, content in chance.sample((*ACTIVITIES, *_MORE), count):
        day += timedelta(days=chance.choice((0, 1, 1)) if result else 0)
        text, starts_on, ends_on = write(chance, day)
        people = chance.choice((chance.randrange(12, 90), chance.randrange(90, 480), chance.randrange(1000, 2400)))
        cells = {
            "time": text,
            "activity": name + chance.choice(("", "", "活动")),
            "content": content,
            "place": chance.choice((*PLACES, *_MORE_PLACES)),
            "attendance": attendance.format(people),
        }
        result.append(FormRow(cells=cells, attendance=people, starts_on=starts_on, ends_on=ends_on))
    return result


def _schedule_row(number: int, row: FormRow) -> FormRow:
    names = {"index": str(number), "theme": row.cells["activity"]}
    cells = names | {name: row.cells[name] for name in ("place", "time", "attendance")}
    return FormRow(cells=cells, attendance=row.attendance, starts_on=row.starts_on, ends_on=row.ends_on)


def _plain(_: random.Random, day: date) -> _Written:
    return f"{day.month}月{day.day}日", day, day


def _with_clock(chance: random.Random, day: date) -> _Written:
    clock = chance.choice(("上午9:00", "下午14:00", "9:00-11:00", "14:30", "下午2:00"))
    return f"{day.month}月{day.day}日{clock}", day, day


def _dotted(_: random.Random, day: date) -> _Written:
    return f"2023.{day.month}.{day.day}", day, day


def _with_year(_: random.Random, day: date) -> _Written:
    return f"2023年{day.month}月{day.day}日", day, day


def _mixed(chance: random.Random, day: date) -> _Written:
    if chance.random() < 0.4:
        last = day + timedelta(days=chance.randrange(1, 4))
        return f"{day.month}月{day.day}日-{last.day}日", day, last
    return _with_clock(chance, day)
