"""Tells the material of another year's campaign by the years in its title: 2022-2023年度 is not 2023-2024年度."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rules.campaign import Campaign

_SCHOOL_YEAR: Final[re.Pattern[str]] = re.compile(r"(20\d\d)年?[-~/—–―至]+(20\d\d)(?=学?年)")
_SINGLE_YEAR: Final[re.Pattern[str]] = re.compile(r"(?<!\d)(20\d\d)(?=年|届)")


def names_other_year(title: str, campaign: Campaign) -> bool:
    """True only when the title names years and none of them is the campaign's; silence is no evidence."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", title))
    spans = set(_SCHOOL_YEAR.findall(text))
    own_spans = set(_SCHOOL_YEAR.findall(unicodedata.normalize("NFKC", campaign.title)))
    if spans and own_spans:
        return not spans & own_spans
    years = {int(year) for year in _SINGLE_YEAR.findall(text)} | {int(year) for span in spans for year in span}
    own_years = range(campaign.opens.year, campaign.closes.year + 1)
    named_by_title = {int(year) for span in own_spans for year in span}
    return bool(years) and not years & (set(own_years) | named_by_title)
