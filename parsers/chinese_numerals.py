"""Chinese numerals as whole numbers: 两百, 一万二, 三千五百, 二〇二三, 壹佰贰拾; None for anything out of order."""

from __future__ import annotations

import re
from typing import Final

NUMERALS: Final = "零〇○一二两三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟"
_PLAIN: Final = str.maketrans("○壹贰叁肆伍陆柒捌玖拾佰仟", "〇一二三四五六七八九十百千")
_DIGITS: Final = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_WAN: Final = re.compile(r"(?:(?P<wan>.+)万)?(?P<rest>.*)")


def from_numeral(text: str) -> int | None:
    """The number that `text` writes. 三五 is three to five and no number; 三〇五 is said digit by digit."""
    plain = text.translate(_PLAIN)
    if len(plain) > 1 and ("〇" in plain or "零" in plain) and all(sign in _DIGITS for sign in plain):
        return int("".join(str(_DIGITS[sign]) for sign in plain))
    match = _WAN.fullmatch(plain)
    if len(plain) > 1 and plain[0] in "百千":  # 百十 and 百八十 are about a hundred
        return None
    if match is None or not plain or "万" in (match["wan"] or ""):
        return None
    below = _below_wan(match["rest"], following="万" if match["wan"] else "")
    above = _below_wan(match["wan"]) if match["wan"] else 0
    return None if below is None or above is None else above * 10_000 + below


def _below_wan(text: str, *, following: str = "") -> int | None:
    """三千五百 is 3500, 二百五 is 250, 一百零五 is 105; anything out of order is None."""
    total, digit, last_unit, after_zero = 0, None, 10_000, False
    for sign in text:
        if sign in _UNITS:
            unit = _UNITS[sign]
            if unit >= last_unit or (digit == 0 and not after_zero):
                return None
            total += (1 if digit is None else digit) * unit
            digit, last_unit, after_zero = None, unit, False
        elif sign in "零〇" and (total or following):
            after_zero = True
        elif sign in _DIGITS and digit is None:
            digit = _DIGITS[sign]
        else:
            return None
    if digit is None:
        return total
    shortened = not after_zero and ((following == "万" and last_unit == 10_000) or 10 < last_unit < 10_000)
    return total + digit * (last_unit // 10 if shortened else 1)
