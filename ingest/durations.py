"""Durations as people write them in config.toml: `90s`, `10m`, `2h`, `1d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

_UNITS: Final[dict[str, str]] = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION: Final[re.Pattern[str]] = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")


def parse_duration(text: str) -> timedelta:
    """`"10m"` → ten minutes; `"1h30m"` too. Raises ValueError with a sentence."""
    stripped = text.strip().lower()
    matches = _DURATION.findall(stripped)
    if not matches or _DURATION.sub("", stripped).strip():
        raise ValueError(f"{text!r} is not a duration; write it like '90s', '10m', '2h' or '1d'")
    return sum((timedelta(**{_UNITS[unit]: float(number)}) for number, unit in matches), timedelta())
