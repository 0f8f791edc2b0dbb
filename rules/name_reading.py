"""What one short piece of text - a form's unit field, a title, a file's name - says about the unit it comes from.

    unit        exactly one unit is named, its neighbours are clear, nothing else is named
    candidates  units that may be meant: several named, an unclear neighbour, a town, a short form, a likely slip
    stranger    a name of an organisation that is not in the roster; it speaks against putting the file to anyone

A likely slip (直渓中心小学) is a candidate only: the caller accepts it when independent evidence names the same unit. A
character counts as a slip only if no name of the roster has it and it is no number or direction, because 东城实验小学
is not a misspelt 西城实验小学.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from rules.boundaries import Edge
from rules.name_index import Mention, NameIndex
from rules.names import HAN, NormalText, normalise_name, normalise_text
from rules.regions import take_apart

_ORGANISATION: Final = (
    "小学|中学|学校|幼儿园|初中|高中|中专|社区教育中心|社教中心|培训中心"
    "|学院|大学|人民政府|街道办事处|有限公司|居委会|村委会|镇|街道"
)
_STRANGER: Final = re.compile(
    rf"(?:^|(?<=[^{HAN}a-z]))(?P<name>[{HAN}]{{2,12}}?(?:{_ORGANISATION}))(?!生|部|教育|活动|学习)"
)
_NO_STRANGER: Final = re.compile(
    r"全区|各|我[校园镇区们]|本[校园镇区]|家长|市民|老年|学习型|校园|进学校|中小学|示范|书香|文明|智慧|关于|附件|统计|方案|总结"
    r"|照片|活动|安排|材料|报送|学习|教育局|全镇|全市|街道社区|社区学校|农民|道德|开放大学|成人|夜校|乡镇|城镇|党校|年"
)
_LABEL: Final = re.compile(r"^(?:(?:报送|填报|上报|申报)?(?:单位|学校|地区)(?:名称|全称)?|单位名称)(?:\([^)]*\))*:")
_EMPTY_FIELD: Final = frozenset(
    {"", "无", "单位名称", "学校名称", "本校", "我校", "本单位", "单位", "学校", "略", "x", "xx", "xxx"}
)
_VENUE_BEFORE: Final = re.compile(r"(?:在|于|到|赴|走进|来到|前往|参观|走访)$")
_MEANINGFUL: Final = frozenset("东南西北中新老大小前后上下左右一二三四五六七八九十百零第0123456789初高幼")
_SLIP_SHORTEST: Final = 5
_LIKE: Final = 72.0
_MOST_CANDIDATES: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a piece of text says about the unit. `quote`: the name as it stands there."""

    unit: str | None = None
    candidates: frozenset[str] = frozenset()
    stranger: str = ""
    quote: str = ""

    @property
    def is_silent(self) -> bool:
        return self.unit is None and not self.candidates and not self.stranger


SILENT: Final = Reading()


def read_label(index: NameIndex, raw: str) -> Reading:
    """A title, a subject, a file's or folder's name, a display name: a name among other words."""
    text = normalise_text(raw)
    mentions = index.mentions(text)
    if mentions:
        reading = _from_mentions(text, mentions)
        return reading if reading.unit else _by_words(index, raw, reading)
    stranger = next((m["name"] for m in _STRANGER.finditer(text.text) if not _NO_STRANGER.search(m["name"])), "")
    town_units = index.units_of_town_in(text)
    core = take_apart(stranger).core
    if stranger and core not in index.surfaces and not _is_town(index, core):
        return _unknown(index, core)
    if town_units:
        return Reading(candidates=town_units, quote=raw.strip())
    return SILENT


def read_field(index: NameIndex, raw: str) -> Reading:
    """A field that holds a unit's name and nothing else; what it holds and the roster does not know is a stranger."""
    name = _LABEL.sub("", normalise_name(raw))
    if name in _EMPTY_FIELD or not re.search(rf"[{HAN}]", name):
        return SILENT
    text = normalise_text(name)
    mentions = index.mentions(text)
    if mentions:
        reading = _from_mentions(text, mentions)
        is_longer = not any(mention.unit for mention in mentions) and any(mention.edge for mention in mentions)
        return replace(reading, stranger=name, quote=name) if is_longer else reading
    core = take_apart(name).core
    candidates = index.ends_like(core) | index.units_of_town_in(normalise_text(core))
    if core in index.surfaces or _is_town(index, core) or index.ends_like(core):
        return Reading(candidates=candidates, quote=raw.strip())
    return _unknown(index, core)


def _by_words(index: NameIndex, raw: str, joined: Reading) -> Reading:
    """王芳 实验小学.docx: spaces between words say where a name begins, but only if they make no other unit of it."""
    words = raw.split()
    if len(words) < 2 or len(joined.candidates) != 1 or min(map(len, words)) < 2:
        return joined
    text = normalise_text("-".join(words))
    apart = _from_mentions(text, index.mentions(text))
    return apart if apart.unit in joined.candidates else joined


def _from_mentions(text: NormalText, all_mentions: list[Mention]) -> Reading:
    mentions = [
        mention
        for mention in all_mentions
        if mention is all_mentions[0] or not _VENUE_BEFORE.search(text.text[: mention.start])
    ]
    if not mentions:
        return SILENT
    units = frozenset(unit for mention in mentions for unit in mention.units)
    certain = {mention.unit for mention in mentions} - {None}
    first = mentions[0]
    if certain == units and len(units) == 1:
        quote = text.text[first.start : first.end]
        return Reading(unit=next(iter(units)), candidates=units, quote=quote)
    extended = next((m for m in mentions if m.edge is Edge.EXTENDED and not m.units & certain), None)
    if extended is not None and not certain:
        quote = text.text[max(0, extended.start - 4) : extended.end + 4]
        return Reading(candidates=units, stranger=quote, quote=quote)
    return Reading(candidates=units, quote="、".join(dict.fromkeys(text.text[m.start : m.end] for m in mentions)))


def _is_town(index: NameIndex, name: str) -> bool:
    stem = index.towns.of(name)
    return bool(stem) and (name == stem or name in index.towns.full_names[stem])


def _unknown(index: NameIndex, name: str) -> Reading:
    slip = likely_slip(index, name)
    if slip:
        return Reading(candidates=frozenset({slip}), quote=name)
    return Reading(candidates=similar_units(index, name), stranger=name, quote=name)


def likely_slip(index: NameIndex, name: str) -> str | None:
    """The one unit whose name differs by a single character that can only be a slip of the pen or of the OCR."""
    if len(name) < _SLIP_SHORTEST:
        return None
    slips = [
        units
        for spelling, units in index.surfaces.items()
        if abs(len(spelling) - len(name)) <= 1
        and Levenshtein.distance(spelling, name, score_cutoff=1) == 1
        and _is_slip(index, spelling, name)
    ]
    units = frozenset().union(*slips)
    return next(iter(units)) if len(units) == 1 else None


def _is_slip(index: NameIndex, spelling: str, name: str) -> bool:
    changed = {
        character
        for change in Levenshtein.opcodes(name, spelling)
        if change.tag != "equal"
        for character in name[change.src_start : change.src_end]
    }
    return not any(character in _MEANINGFUL or character in index.characters for character in changed)


def similar_units(index: NameIndex, name: str) -> frozenset[str]:
    """Units to offer to a person; never a ground for placing."""
    choices = {unit: unit_name.core for unit, unit_name in index.names.items()}
    best = process.extract(name, choices, scorer=fuzz.ratio, score_cutoff=_LIKE, limit=_MOST_CANDIDATES)
    return frozenset(unit for _, _, unit in best)
