"""Tells a form that says that its unit held nothing (无, 本单位未开展活动, 零报告) from one that nobody filled in.

`words_of_none(cells)` → the words in a row of activities that say so; "" for any other row, a blank one too.
`sentence_of_none(text)` → the sentence, where a line beside the table is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from parsers.content import Cell
from parsers.numbers import is_vacant
from parsers.wording import fold, tidy

_WORDS: Final = frozenset({"无", "暂无", "没有", "均无", "无内容"})
_STROKES: Final = frozenset({"/", "\\", "-", "--", "—", "——", "―"})
_MANY_STROKES: Final = 3
"""So many cells of a row did somebody strike out; in a picture a stroke may be a rule of the table."""
_NOBODY: Final = re.compile(r"0(?:人|人次|名)?")
_REMARK: Final = re.compile(r"^(?:备注|说明|注)[:：]")
_WHO: Final = r"(?:[本我](?:单位|校|园|镇|街道|村|社区|中心|局|部门|机构|院|所|处))?"
_WHEN_AND_WHY: Final = r"(?:[本今]年度?|[本此]次|本?(?:学期|活动)?(?:期间|周期间)|目前|现|因[^,。因]{1,20}[,,]?|[,,])*"
_NOT: Final = r"(?:[暂均]?无|没有|[暂尚并]?未|不)"
_DID: Final = r"(?:能|再|有)?(?:开展|举办|举行|组织|安排|参加|涉及)*"
_WHAT: Final = r"(?:任何|相关|此类|此项|该项|有关|本次|终身学习|活动周|启动周|学习|主题|的)*(?:活动|安排|内容)+"
_SENTENCE: Final = re.compile(rf"{_WHO}{_WHEN_AND_WHY}(?:{_NOT}{_DID}{_WHAT}|零报告|不涉及)[。.!]?")
_LONGEST_SENTENCE: Final = 50


def words_of_none(cells: Sequence[Cell]) -> str:
    """`cells`: those with text of one row."""
    texts = {fold(cell.text): tidy(cell.text) for cell in cells if not fold(cell.text).isdigit()}
    if not all(is_vacant(text) or _NOBODY.fullmatch(text) or _says_none(text) for text in texts):
        return ""
    struck = sum(fold(cell.text) in _STROKES and cell.certainty is None for cell in cells)
    told = next((written for text, written in texts.items() if _says_none(text)), "")
    return told or ("/" if struck >= _MANY_STROKES else "")


def sentence_of_none(text: str) -> str:
    return tidy(text) if _is_sentence(fold(text)) else ""


def _says_none(folded: str) -> bool:
    return folded in _WORDS or _is_sentence(folded)


def _is_sentence(folded: str) -> bool:
    return len(folded) <= _LONGEST_SENTENCE and _SENTENCE.fullmatch(_REMARK.sub("", folded)) is not None
