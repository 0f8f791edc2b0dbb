"""The codes without which a cloud link opens nothing (提取码, 访问码, 密码): in its address, or in the words beside it.

    code_in_url(url)               x1y2 of …/s/1abc?pwd=x1y2
    codes_beside(text, spans)      the code of each link, "" for none; `spans` says where the links stand in the text
    without_code(url)              an address without the words that somebody wrote on end with it

A code stands behind its link as a rule; only where the first one stands before the first link and none behind the last
is it the other way round. A password for an archive (解压密码) is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from parsers.wording import narrow

_NEAR: Final = 120  # characters between a link and its code
_SAID: Final = "(?:提取|访问|分享|取件|下载|查看|网盘|链接)(?:密码|码|口令)"
_IS: Final = r"\s*(?P<is>[:=]|是|为|(?:均|都|统一|全部)[是为:])"
_CODE: Final = re.compile(
    rf"(?:{_SAID}(?:{_IS})?|(?<![\u4e00-\u9fff])密码{_IS.replace('<is>', '<too>')})"
    r"\s*[“\"'「【(\[]?(?P<code>[A-Za-z0-9]{4,8})(?![A-Za-z0-9@])"
)
_OF_ALL: Final = re.compile("均|都|统一|全部")
_ON_END: Final = re.compile(rf"[(\[]?(?:{_SAID}|密码[:是为]).*$")
_PARAMETERS: Final = frozenset({"pwd", "password", "passcode", "accesscode", "access_code", "extractcode"})
_VALUE: Final = re.compile("[A-Za-z0-9]{4,8}")


def code_in_url(url: str) -> str:
    try:
        parameters = parse_qsl(urlsplit(url).query)
    except ValueError:
        return ""
    codes = (value for name, value in parameters if name.lower() in _PARAMETERS and _VALUE.fullmatch(value))
    return next(codes, "")


def without_code(url: str) -> str:
    return url[: len(_ON_END.sub("", narrow(url)))]


def codes_beside(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    plain = narrow(text)
    starts, ends = [start for start, _end in spans] + [len(text)], [0] + [end for _start, end in spans]
    gaps = [plain[end:start] for end, start in zip(ends, starts, strict=True)]
    before, after = ([_nearest(gap[-_NEAR:], is_last=True) for gap in gaps], [_nearest(gap[:_NEAR]) for gap in gaps])
    found = before[:-1] if before[0] and not after[-1] else after[1:]
    of_all = next((match["code"] for match in _CODE.finditer(plain) if _OF_ALL.search(_copula(match))), "")
    return [code or of_all for code in found]


def _nearest(gap: str, *, is_last: bool = False) -> str:
    codes = [match["code"] for match in _CODE.finditer(gap)]
    return codes[-1 if is_last else 0] if codes else ""


def _copula(match: re.Match[str]) -> str:
    return match["is"] or match["too"] or ""
