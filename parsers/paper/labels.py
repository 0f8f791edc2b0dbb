"""The labels and headings of the two forms, as they come back from a reader: found, counted and mended.

A label with one character misread is still that label, since no other differs from it by one. Bullets, brackets and
colons that the reader lost or doubled are put back, so that `parsers.forms` sees labels as documents have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from rapidfuzz.distance import Levenshtein

from parsers.forms import LABELS, SHAPES, column_rank, split_labels, title_rank
from parsers.wording import fold

LONGEST_LABEL: Final = 14
MENDABLE: Final = 4  # characters; with fewer, one wrong makes another word
_OUTSIDE: Final = re.compile(
    r"(单位(?=\s*[(（]?\s*(?:盖章|公章|签章))|报送地区|报送单位|单位名称|填报单位|分管领导|分管负责人|单位负责人)\s*[(（]?\s*(盖章|公章|单位|签字|签名|签章)?\s*[)）]?\s*[:：;；]?\s*"
)
_UNIT_NAME: Final = re.compile(
    r"[一-鿿()]{2,24}(?:学校?|园|中心|中专|学院|大学|街道|办事处|镇|政府|局|馆|公司|机构|会)"
)
_ADDRESS: Final = re.compile(r"([\w.+-]+@[\w.-]+\.)([A-Za-z01]{2,})", re.ASCII)
_DASH: Final = re.compile(r"(?<=[\d日号])一(?=\d{1,2}\s*(?:[日号月时:：周]|$))")  # 10日一12日, never 10日一2班
_STRAY: Final = re.compile(r"[、,，.·]")
_ALONE: Final = re.compile(r"[\s“”\"'‘’:：.·、,，()（）*]+")


@cache
def _known() -> tuple[str, ...]:
    """The form's own words for its columns, and all its labels."""
    headings = [column.headings[0] for shape in SHAPES for column in shape.columns]
    plain = [heading for heading in headings if not re.search(r"[\[\]?.|{}]", heading)]
    labels = [text for label in LABELS for text in label.texts if not text.endswith(":")]
    return tuple(dict.fromkeys([*plain, "形式与内容", *labels]))


def is_label(text: str) -> bool:
    """Whether the text is a label or a column's heading and nothing else."""
    key = _ALONE.sub("", fold(text))
    if not 0 < len(key) <= 2 * LONGEST_LABEL:
        return False
    if key in _known() or any(column_rank(column, text) == 0 for shape in SHAPES for column in shape.columns):
        return True
    lead, found = split_labels(text)
    return bool(found) and not lead.strip(' “”"') and not any(item.value.strip(" :：") for item in found)


def count_labels(texts: Iterable[str]) -> int:
    """How many different labels, headings and titles of our forms the texts hold."""
    found: set[str] = set()
    for text in texts:
        folded = fold(text)
        found.update(item.name for item in split_labels(mended_line(text))[1])
        found.update(column.name for shape in SHAPES for column in shape.columns if column_rank(column, text) == 0)
        if len(folded) <= 40:
            found.update(f"title {shape.form}" for shape in SHAPES if title_rank(shape, text) in (0, 1, 2))
    return len(found)


def mended_cell(text: str) -> str:
    """A cell's text, brought back to the label that it all but is, or as nobody writes it otherwise: no address on the
    net ends in a digit, and a stroke between two dates is a dash.
    """
    text = _DASH.sub("—", text)
    if address := _ADDRESS.fullmatch(text.strip()):
        return address[1] + address[2].replace("1", "l").replace("0", "o")
    key = _ALONE.sub("", fold(text))
    if key in _known():
        return _STRAY.sub("", text)
    if not MENDABLE <= len(key) <= LONGEST_LABEL:
        return text
    near = [
        label for label in _known() if len(label) >= MENDABLE and Levenshtein.distance(key, label, score_cutoff=1) <= 1
    ]
    return near[0] if len(near) == 1 else text


def mended_line(text: str) -> str:
    """A line over or under the table, with the signs of its labels as the form prints them."""
    return _OUTSIDE.sub(lambda match: f"  {match[1]}（{match[2]}）：" if match[2] else f"  {match[1]}：", text).strip()


def begins_with_label(text: str) -> bool:
    """Whether a line's piece opens a labelled value of its own."""
    return bool(_OUTSIDE.match(text.strip()))


def without_signature(text: str) -> str:
    """A line without what was scrawled after its last label, where that label asks for a signature."""
    matches = list(_OUTSIDE.finditer(text))
    if matches and matches[-1][2] in ("签字", "签名", "签章"):
        return text[: matches[-1].end()]
    return text


def unit_labelled(text: str) -> bool:
    """Whether a line names the unit that submits, and says so."""
    return any(item.name == "unit_name" and item.value.strip() for item in split_labels(text)[1])


def is_unit_name(text: str) -> bool:
    """Whether a line is the name of a school, a town's centre or the like, and nothing else."""
    return bool(_UNIT_NAME.fullmatch(fold(text))) and all(title_rank(shape, text) is None for shape in SHAPES)
