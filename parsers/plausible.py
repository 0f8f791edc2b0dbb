"""Whether a text may be what its field or column asks for, however clear its reading seemed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from parsers.forms import LABELS, split_labels
from parsers.numbers import is_vacant, parse_number
from parsers.unit_names import ends_like_unit
from parsers.wording import fold, tidy

MIN_WORDS: Final = 2  # characters of Chinese in what is put in words

_PHONE: Final = re.compile(r"[+(]?[\d() -]{6,}\d(?:[转、,;/ -]+[\d() -]{3,})*")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_DIGIT_IN_WORD: Final = re.compile(r"@.*[a-zA-Z][01](?:[a-zA-Z.]|$)")  # schoo1 is school misread
_CLOCK: Final = re.compile(r"(\d{1,3})[:：](\d{2})(?!\d)")
_DAY: Final = re.compile(r"(\d{1,3})月(?:(\d{1,3})[日号])?")
_FORM_WORDS: Final = re.compile(r"(?:统计|安排|汇总|情况|登记)表|活动情况|附件\d")
_SEAL_NUMBER: Final = re.compile(r"\d{6}")
_STRAY_SIGN: Final = re.compile(r"\S\s\S|.*\S\s\S$")  # 区 金坛区直溪中心小学: a letter of the seal beside it
_UNTOLD: Final = re.compile(r"(?i:[a-z])[01]|[01](?i:[a-z])|[lIoO]\d|\d[lIoO]")  # w15 or wl5: no reading tells
_LONG_LABELS: Final = tuple(text for label in LABELS for text in label.texts if len(text) > 4 and ":" not in text)
_HAN: Final = re.compile("[一-鿿]")
_SURNAMES: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜"
    "倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳"
    "裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉"
    "简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗"
    "匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺水云昌凤酆尚农别狄干诸靖浦晁眭"
)


def _is_plain_address(text: str) -> bool:
    """Whether it is an address in which no letter may be a digit or the other way round."""
    return bool(_EMAIL.fullmatch(text)) and not (_DIGIT_IN_WORD.search(text) or _UNTOLD.search(text.partition("@")[0]))


def _may_be_time(text: str) -> bool:
    """Whether there is a figure in it, and no hour, minute, month or day that no clock or calendar has."""
    clocks = all(int(hour) <= 24 and int(minute) < 60 for hour, minute in _CLOCK.findall(text))
    days = all(1 <= int(month) <= 12 and int(day or 1) <= 31 for month, day in _DAY.findall(text))
    return clocks and days and any(sign.isdigit() or sign in "一二三四五六七八九十" for sign in text)


def _may_be_unit(text: str) -> bool:
    """Whether it ends as names do, and neither the form's title nor letters or a number of a seal were read into it."""
    return ends_like_unit(text) and not (
        _FORM_WORDS.search(text) or _STRAY_SIGN.match(text) or _SEAL_NUMBER.search(text)
    )


def _may_be_name(text: str) -> bool:
    """Whether it is as long as a name, begins with a surname and holds no label."""
    return 2 <= len(text) <= 12 and text[0] in _SURNAMES and not split_labels(text)[1]


def _is_in_words(text: str) -> bool:
    return len(_HAN.findall(text)) >= MIN_WORDS


_PLAUSIBLE: Final[dict[str, Callable[[str], bool]]] = {
    "leader_phone": lambda text: bool(_PHONE.fullmatch(text)) and 7 <= sum(sign.isdigit() for sign in text) <= 26,
    "leader_email": _is_plain_address,
    "unit_name": _may_be_unit,
    "organizer": _may_be_unit,
    "participants": _is_in_words,
    "leader_position": _is_in_words,
    "theme": _is_in_words,
    "mobilization_place": _is_in_words,
    "mobilization_time": _may_be_time,
    "time": _may_be_time,
    "mobilization_attendance": lambda text: parse_number(text) is not None,
    "attendance": lambda text: parse_number(text) is not None,
    "leader_name": _may_be_name,
    "index": lambda text: any(sign.isdigit() or sign in "一二三四五六七八九十" for sign in text),
}


def _holds_label(text: str) -> bool:
    folded = fold(text)
    return bool(split_labels(text)[1]) or any(label in folded for label in _LONG_LABELS)


def is_plausible(key: str, text: str) -> bool:
    """`key`: a field ("theme") or a cell ("3.place"). What holds another field's label, or an address on the net where
    none belongs, was read across the rule between two cells.
    """
    if is_vacant(text):
        return True
    name = key.rpartition(".")[2]
    if name != "leader_email" and ("@" in text or _holds_label(text)):
        return False
    may_be = _PLAUSIBLE.get(name)
    return may_be is None or may_be(tidy(text))
