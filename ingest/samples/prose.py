"""What plans, summaries and covering notes say: put together from sentences that offices write, by chance of a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

THEME: Final = "让学习成为一种生活方式"
PLACES: Final = ("多功能厅", "报告厅", "社区活动室", "文化广场", "一楼会议室", "村民学校", "图书室", "阶梯教室")
ACTIVITIES: Final = (
    ("全民阅读", "开展“我和家人同读书”亲子阅读分享"),
    ("智慧助老", "手把手教老年人使用智能手机"),
    ("健康讲座", "邀请医生讲授秋冬季养生知识"),
    ("家庭教育", "家长学校专题讲座，现场答疑"),
    ("非遗体验", "剪纸、面塑现场教学"),
    ("书法展示", "展出学员书法作品六十余幅"),
    ("主题班会", "围绕终身学习开展主题班会"),
    ("国旗下讲话", "倡议全体师生养成学习习惯"),
    ("法治宣传", "发放资料并开展有奖问答"),
    ("技能培训", "家政服务技能公益培训"),
    ("主题板报", "各班出一期终身学习主题板报"),
    ("广场舞展演", "社区学员文艺汇报演出"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    """One activity, planned or held."""

    day: date
    theme: str
    content: str
    place: str
    attendance: int


def activities(chance: random.Random, count: int, *, first: date = date(2023, 11, 13)) -> tuple[Activity, ...]:
    chosen = chance.sample(ACTIVITIES, count)
    return tuple(
        Activity(
            day=first + timedelta(days=min(number, 6)),
            theme=theme,
            content=content,
            place=chance.choice(PLACES),
            attendance=chance.randrange(30, 400),
        )
        for number, (theme, content) in enumerate(chosen)
    )


def plan_title(chance: random.Random, unit: str) -> str:
    title = chance.choice(
        (
            "{unit}2023-2024年度全民终身学习活动周工作方案",
            "{unit}2023年全民终身学习活动周活动方案",
            "{unit}全民终身学习活动周实施方案",
            "2023年{unit}全民终身学习活动周工作方案",
        )
    )
    return title.format(unit=unit)


def plan_paragraphs(chance: random.Random, unit: str, planned: tuple[Activity, ...]) -> list[str]:
    launch = planned[0]
    opening = chance.choice(
        (
            "为深入贯彻党的二十大精神，加快推进学习型社会建设，根据区教育局文件要求，结合我单位实际，特制定本方案。",
            "根据《关于举办2023-2024年度全民终身学习活动的通知》精神，现就我单位活动周有关工作安排如下。",
            "为营造“人人皆学、处处能学、时时可学”的良好氛围，经研究，制定如下活动方案。",
        )
    )
    steps = [f"{number}.{item.theme}：{item.content}。" for number, item in enumerate(planned, start=1)]
    return [
        opening,
        "一、活动主题",
        THEME,
        "二、活动时间",
        f"2023年11月{planned[0].day.day}日至11月{planned[-1].day.day + 1}日",
        "三、组织领导",
        "成立活动周领导小组，组长由单位主要负责人担任，成员为各部门负责人，办公室设在教导处。",
        "四、活动安排",
        *steps,
        "五、启动仪式方案",
        f"拟于11月{launch.day.day}日上午9:00在{launch.place}举行启动仪式，预计参加{launch.attendance}人。",
        "六、工作要求",
        "高度重视，精心组织，认真做好宣传发动和资料收集整理工作，确保活动周取得实效。",
        unit,
        f"2023年10月{chance.randrange(18, 29)}日",
    ]


def summary_title(chance: random.Random, unit: str) -> str:
    title = chance.choice(
        (
            "{unit}2023年全民终身学习活动周活动总结",
            "{unit}2023-2024年度全民终身学习活动周总结",
            "{unit}全民终身学习活动周工作总结",
            "让学习成为一种生活方式——{unit}全民终身学习活动周总结",
        )
    )
    return title.format(unit=unit)


def summary_paragraphs(chance: random.Random, unit: str, held: tuple[Activity, ...]) -> list[str]:
    opening = chance.choice(
        (
            "活动周期间，我单位紧紧围绕“让学习成为一种生活方式”主题，扎实开展了一系列活动，现将有关情况总结如下。",
            "2023年全民终身学习活动周已圆满结束。回顾本次活动，领导重视、内容丰富、成效明显，现总结如下：",
        )
    )
    told = [
        f"11月{item.day.day}日，在{item.place}开展了{item.theme}活动，{item.content}，共有{item.attendance}人参加。"
        for item in held
    ]
    return [
        opening,
        "一、加强领导，精心部署",
        "我单位成立了活动领导小组，召开专题会议进行动员，明确分工，责任到人。",
        "二、内容丰富，形式多样",
        *told,
        "三、取得的成效",
        f"本次活动共有{sum(item.attendance for item in held)}人次参加，增强了大家的终身学习意识，受到一致好评。",
        "四、存在的不足及今后打算",
        "宣传面还不够广，参与人群以中老年人为主。今后将继续创新形式，让更多的人参与到终身学习中来。",
        unit,
        f"2023年11月{chance.randrange(18, 21)}日",
    ]


def cover_note(chance: random.Random, unit: str, what: str) -> str:
    """What stands in the mail itself; it submits nothing."""
    note = chance.choice(
        (
            "老师您好：\n附件是{unit}的{what}，请查收。谢谢！",
            "您好！现将{unit}{what}上报，请查收，如有问题请联系。\n祝工作愉快！",
            "{unit}{what}见附件。",
            "领导好，{what}已发，收到请回复，谢谢。",
            "请查收附件",
            "",
        )
    )
    return note.format(unit=unit, what=what)
