"""Which parts of a message are its body, and their text.

Of alternatives one is taken: HTML when it holds a table, a pasted picture or a cloud link that the plain text lacks,
else plain text, else HTML. A message may have several bodies one after another (Apple Mail writes text, picture, text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from parsers.charsets import Decoded, decode_text
from parsers.filenames import part_name
from parsers.html_text import html_to_text
from parsers.links import find_links
from parsers.mime_tree import Bytes, Part
from parsers.pasted_pictures import has_pasted_pictures
from parsers.transfer import decoded_chunks

MAX_BODY_BYTES: Final = 8 * 1024 * 1024

_META_CHARSET: Final = re.compile(rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_META_CHARSET_TEXT: Final = re.compile(r"(<meta[^>]{0,500}?charset\s*=\s*[\"']?)[\w.:-]+", re.IGNORECASE)
_TABLE: Final = re.compile(r"<table\b", re.IGNORECASE)
_UTF8_META: Final = '<meta charset="utf-8">'
_HEAD_CHARS: Final = 8192


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """One body part. `source` is its text as sent, `text` what a reader sees."""

    part: Part
    source: str
    text: str
    is_html: bool
    is_guessed: bool

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and not self.has_pictures

    @property
    def has_pictures(self) -> bool:
        return self.is_html and has_pasted_pictures(self.source)

    @property
    def payload(self) -> bytes:
        """As UTF-8; an HTML body says so itself, whatever it said before."""
        return (_in_utf8(self.source) if self.is_html else self.source).encode("utf-8", "replace")


def is_body_candidate(part: Part) -> bool:
    """Text that is shown and not sent as a file."""
    return (
        not part.children
        and part.content_type in ("text/plain", "text/html")
        and part.disposition != "attachment"
        and part.end - part.start <= MAX_BODY_BYTES
        and part_name(part.headers) is None
    )


def choose_bodies(data: Bytes, tree: Part, defects: list[str]) -> list[Body]:
    """The bodies in order, none of them empty."""
    return [body for body in _bodies(data, tree, defects) if not body.is_empty]


def _bodies(data: Bytes, part: Part, defects: list[str]) -> list[Body]:
    if is_body_candidate(part):
        return [_read(data, part, defects)]
    groups = map(partial(_bodies, data, defects=defects), part.children)
    if part.content_type == "multipart/alternative":
        return _best_alternative(list(groups))
    return [body for group in groups for body in group]


def _best_alternative(groups: list[list[Body]]) -> list[Body]:
    groups = [group for group in groups if any(not body.is_empty for body in group)]
    plain = [group for group in groups if not any(body.is_html for body in group)]
    rich = [group for group in groups if any(body.is_html for body in group)]
    if rich and (not plain or _says_more(rich[-1], plain[0])):
        return rich[-1]
    return plain[0] if plain else []


def _says_more(rich: list[Body], plain: list[Body]) -> bool:
    has_more = any(body.has_pictures or _TABLE.search(body.source) for body in rich)
    return has_more or _cloud_links(rich) > _cloud_links(plain)


def _cloud_links(bodies: list[Body]) -> int:
    return sum(len(find_links(body.source)) for body in bodies)


def _read(data: Bytes, part: Part, defects: list[str]) -> Body:
    encoding = part.headers.token("content-transfer-encoding")
    raw = b"".join(decoded_chunks(data, (part.start, part.end), encoding, defects))
    is_html = part.content_type == "text/html"
    decoded = _decode(raw, part, is_html=is_html)
    source = decoded.text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = html_to_text(source) if is_html else source
    return Body(part=part, source=source, text=text, is_html=is_html, is_guessed=decoded.is_guessed)


def _decode(raw: bytes, part: Part, *, is_html: bool) -> Decoded:
    declared = part.headers.parameter("content-type", "charset")
    label = declared.text if declared else ""
    if is_html and not label:
        meta = _META_CHARSET.search(raw[:_HEAD_CHARS])
        label = meta[1].decode("ascii", "replace") if meta else ""
    return decode_text(raw, label)


def _in_utf8(source: str) -> str:
    head, rest = source[:_HEAD_CHARS], source[_HEAD_CHARS:]
    changed, count = _META_CHARSET_TEXT.subn(r"\g<1>utf-8", head)
    return changed + rest if count else _UTF8_META + source


def leaves(part: Part) -> Iterator[Part]:
    """Every part without children, in the order of the message."""
    if not part.children:
        yield part
    for child in part.children:
        yield from leaves(child)
