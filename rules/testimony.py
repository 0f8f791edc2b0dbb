"""What a file itself says about the unit it comes from, the strongest first: form, text, file's name, folders.

In a text only the places count where documents say who they are from: a labelled line (报送单位：…), the title, a
heading that is nothing but a name, the signature. Elsewhere documents speak of partners, venues and the bureau;
`hint_of_file` reads that too, but as a hint that never outweighs what the mail says. A photo's caption
(走进直溪中心小学.jpg) is a hint as well: it says where it was taken; only a bare name says whose it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rules.extraction import TRUSTED_CERTAINTY, Extraction, Form, Kind
from rules.flatten import base_name
from rules.messages import Item
from rules.name_index import NameIndex
from rules.name_reading import SILENT, Reading, read_field, read_label
from rules.names import HAN, NormalText, normalise_name, normalise_text

_LABELLED: Final = re.compile(
    rf"(?:^|[^{HAN}])(?:(?:报送|填报|上报|申报|填表)(?:单位|学校|地区)|单位名称|学校名称|单位全称|学校|单位)(?:\([^)]*\))*:(?P<name>[^:]{{0,40}})"
)
_DATE: Final = re.compile(
    r"(?:20\d\d|二[〇○0零]..)[年./-][\d一二三四五六七八九十]{1,3}[月./-][\d一二三四五六七八九十]{1,3}日?"
)
_STAMP_WORDS: Final = re.compile(r"\((?:盖章|公章|签章|章)\)|[\s(),.:;、·*_-]")
_SENTENCE: Final = re.compile(r"[。;!?]|,.*,")
_CAPTION_FILLER: Final = re.compile(
    r"照片|图片|图|活动|现场|视频|附件|启动周|启动仪式|启动|学习周|全民|终身|学习|年度|材料|报送|img|dsc|jpe?g|png|mp4|[\d\W_]|年|月|日|周|第|张|之"
)
_PARTNER_BEFORE: Final = re.compile(
    r"(?:与|和|同|联合|走进|走入|参观|邀请|前往|来到|在|到|赴|承办|协办|地点:?|会同|向)$"
)
_HEAD_LINES: Final = 3
_HEAD_LINES_OF_FORM: Final = 2
_TAIL_LINES: Final = 8
_HEAD_CHARS: Final = 6000
_TAIL_CHARS: Final = 1500
_LABEL_LINES: Final = 80
_HEADING_CHARS: Final = 40
_TEXT_KINDS: Final = frozenset({Kind.PLAN, Kind.SUMMARY, Kind.DOCUMENT, Kind.SCHEDULE, Kind.STATISTICS})
_MEDIA: Final = frozenset({Kind.PHOTO, Kind.VIDEO})
_ENOUGH_MENTIONS: Final = 3
_EXTENSION: Final = re.compile(r"\.[A-Za-z0-9]{1,5}$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Testimony:
    """One source and what it says. `is_firm`: enough to outweigh a sender that says otherwise."""

    source: str
    reading: Reading
    quote: str = ""
    is_firm: bool = True

    @property
    def unit(self) -> str | None:
        return self.reading.unit


def is_media(item: Item) -> bool:
    return item.extraction.kind in _MEDIA


def testimonies_of_file(index: NameIndex, item: Item) -> list[Testimony]:
    """What the file says of itself; sources that say nothing are left out."""
    found = [_of_forms(index, item.extraction.forms), *_of_text(index, item.extraction)]
    if not item.is_body:
        found += [_of_filename(index, item), _of_folders(index, item.folders)]
    return [testimony for testimony in found if testimony is not None and not testimony.reading.is_silent]


def testimony_of_form(index: NameIndex, form: Form) -> Testimony:
    """A name that was hard to read in a photograph may support a unit; it is no proof of a stranger."""
    reading = read_field(index, form.unit_name)
    if reading.unit is None and form.certainties.get("unit_name", 1.0) < TRUSTED_CERTAINTY:
        reading = replace(reading, stranger="")
    return Testimony(source="form", reading=reading, quote=form.unit_name.strip())


def stem(file: str) -> str:
    """A file's name without folders and extension."""
    return _EXTENSION.sub("", base_name(file))


def _of_forms(index: NameIndex, forms: Sequence[Form]) -> Testimony | None:
    found = [testimony for form in forms if not (testimony := testimony_of_form(index, form)).reading.is_silent]
    if not found:
        return None
    quotes = "、".join(dict.fromkeys(testimony.quote for testimony in found))
    return Testimony(source="form", reading=agreed(testimony.reading for testimony in found), quote=quotes)


def agreed(readings: Iterable[Reading]) -> Reading:
    """The one unit that all name, or every candidate."""
    speaking = [reading for reading in readings if not reading.is_silent]
    units = {reading.unit for reading in speaking}
    if len(units) == 1 and speaking:
        return speaking[0]
    candidates = frozenset().union(*(reading.candidates for reading in speaking))
    stranger = next((reading.stranger for reading in speaking if reading.stranger), "")
    return Reading(candidates=candidates, stranger=stranger, quote="、".join(reading.quote for reading in speaking))


def _of_text(index: NameIndex, extraction: Extraction) -> list[Testimony | None]:
    if extraction.kind not in _TEXT_KINDS or (extraction.read_by == "ocr" and extraction.forms):
        return []  # the lines around a photographed form say nothing that its own field does not say better
    lines = normalise_text(_ends_of(extraction.text)).lines
    firm = [
        agreed(read_field(index, name) for name in _labelled_names(lines, has_forms=bool(extraction.forms))),
        read_label(index, extraction.title) if extraction.title else SILENT,
        *(
            read_field(index, name)
            for line in lines[: _HEAD_LINES_OF_FORM if extraction.forms else _HEAD_LINES]
            if (name := _bare_name(index, line))
        ),
    ]
    if not extraction.forms:
        firm.append(agreed(read_field(index, name) for name in _signatures(index, lines[-_TAIL_LINES:])))
    reading = _first_that_names(index, firm)
    soft = SILENT if reading.unit else agreed(_unit_names(index, extraction))
    return [
        Testimony(source="text", reading=reading, quote=reading.quote),
        Testimony(source="text", reading=soft, quote=soft.quote, is_firm=False) if soft.unit else None,
    ]


def _ends_of(text: str) -> str:
    """The beginning and the end of a text, where it says whose it is."""
    return text if len(text) <= _HEAD_CHARS + _TAIL_CHARS else f"{text[:_HEAD_CHARS]}\n{text[-_TAIL_CHARS:]}"


def _labelled_names(lines: Sequence[str], *, has_forms: bool) -> list[str]:
    """What stands behind 报送单位： and the like, or on the line below it; below a form's blank its table begins."""
    found = []
    for number, line in enumerate(lines[:_LABEL_LINES]):
        match = _LABELLED.search(line) if len(line) <= 100 else None
        if match:
            below = lines[number + 1] if number + 1 < len(lines) and not has_forms else ""
            found.append(match["name"] or (below if len(below) <= _HEADING_CHARS and ":" not in below else ""))
    return found


def _signatures(index: NameIndex, lines: Sequence[str]) -> list[str]:
    """Names that stand alone at the end of a text: with a date beside or next to them, or in the very last line."""
    found = []
    for number, line in enumerate(lines):
        near = "\n".join(lines[max(0, number - 1) : number + 2])
        name = _bare_name(index, line)
        if name and (_DATE.search(near) or number == len(lines) - 1):
            found.append(name)
    return found


def _bare_name(index: NameIndex, line: str) -> str:
    """The name on a line that holds a unit's name and at most a date and （盖章） beside it, else nothing."""
    if len(line) > _HEADING_CHARS or _SENTENCE.search(line):
        return ""
    name = _STAMP_WORDS.sub("", _DATE.sub("", line))
    return name if name and index.is_whole_name(name) else ""


def _first_that_names(index: NameIndex, readings: Sequence[Reading]) -> Reading:
    """The first that names a unit, if no other names a different one; the unit above it does not count as different."""
    named = [reading for reading in readings if reading.unit]
    if not named:
        return next((reading for reading in readings if not reading.is_silent), SILENT)
    first = named[0]
    above = index.ancestors(first.unit or "")
    return first if all(other.unit == first.unit or other.unit in above for other in named) else agreed(named)


def _unit_names(index: NameIndex, extraction: Extraction) -> list[Reading]:
    """The names that the parsers took for the document's own, less those that stand in a form's rows as venues."""
    cells = {
        normalise_name(cell) for form in extraction.forms for row in form.rows for cell in row.cells.values() if cell
    }
    return [
        reading
        for name in extraction.unit_names
        if normalise_name(name) not in cells and not (reading := read_field(index, name)).is_silent
    ]


def _of_filename(index: NameIndex, item: Item) -> Testimony | None:
    name = stem(item.filename)
    reading = read_label(index, name)
    if is_media(item):
        return (
            Testimony(source="filename", reading=reading, quote=name, is_firm=False)
            if _is_label(reading, name)
            else None
        )
    return Testimony(source="filename", reading=reading, quote=name)


def _is_label(reading: Reading, name: str) -> bool:
    """True when a photo's name is a unit's name and little beside it."""
    rest = normalise_name(name).replace(reading.quote, "", 1)
    rest = _CAPTION_FILLER.sub("", rest)
    return bool(reading.unit) and (not rest or rest[-1] in "省市区县镇")


def _of_folders(index: NameIndex, folders: Sequence[str]) -> Testimony | None:
    for folder in reversed(folders):
        reading = read_label(index, stem(folder))
        if not reading.is_silent:
            return Testimony(source="folder", reading=reading, quote=folder, is_firm=False)
    return None


def hint_of_file(index: NameIndex, item: Item) -> Testimony | None:
    """The one unit that a caption or a running text is about, if about one; weaker than anything the mail says."""
    if is_media(item):
        caption = read_label(index, stem(item.filename))
        return Testimony(source="filename", reading=caption, quote=stem(item.filename)) if caption.unit else None
    if item.extraction.kind not in (Kind.PLAN, Kind.SUMMARY, Kind.DOCUMENT) or item.extraction.forms:
        return None
    reading = _most_spoken_of(index, normalise_text(item.extraction.text))
    return None if reading.is_silent else Testimony(source="text", reading=reading, quote=reading.quote)


def _most_spoken_of(index: NameIndex, text: NormalText) -> Reading:
    """A text that names one unit of the roster, again and again, and not only as a partner or a venue."""
    counts: Counter[str] = Counter()
    others: set[str] = set()
    quote = ""
    for mention in index.mentions(text):
        if mention.unit is None:
            others |= mention.units
        else:
            is_partner = bool(_PARTNER_BEFORE.search(text.text[max(0, mention.start - 4) : mention.start]))
            counts[mention.unit] += not is_partner
            quote = quote or text.text[mention.start : mention.end]
    units = frozenset(counts) | others
    if len(units) == 1 and sum(counts.values()) >= _ENOUGH_MENTIONS:
        return Reading(unit=next(iter(units)), candidates=units, quote=quote)
    return Reading(candidates=units, quote=quote)
