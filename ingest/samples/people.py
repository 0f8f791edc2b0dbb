"""Invented contacts. Nobody is called 张老师 by full name, `.example` reaches nobody, and the numbers are a series."""

from __future__ import annotations

import random
from typing import Final

SURNAMES: Final = "张王李赵刘陈杨黄周吴徐孙胡朱高林何郭马罗"
POSITIONS: Final = ("副校长", "主任", "副主任", "教导主任", "园长", "办公室主任", "书记")
NICKNAMES: Final = ("春暖花开", "阳光每一天", "静待花开", "一帆风顺", "HZY", "平安是福", "小桥流水", "云淡风轻")


def dice(*seed: object) -> random.Random:
    """A stream of chance that depends on nothing but its seed."""
    return random.Random("|".join(map(str, seed)))  # noqa: S311 - samples, not secrets


def teacher(number: int) -> str:
    return f"{SURNAMES[number % len(SURNAMES)]}老师"


def phone(number: int) -> str:
    return f"0519-8280{number % 10_000:04d}"
