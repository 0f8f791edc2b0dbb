"""A stranger's HTML mail made harmless: no script, no form, nothing that loads from anywhere but here.

It is shown in a frame of its own, under a policy of its own; this is the second lock on the same door. Pictures that
came with the mail (`cid:`) are served from the raw message, and only when their bytes are a picture's.
"""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from urllib.parse import quote

import nh3

POLICY: Final = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_TAGS: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
    ]
)
_ATTRIBUTES: Final = {
    "*": {"align", "valign", "dir", "lang", "title", "style"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"colspan", "rowspan", "width", "height", "nowrap"},
    "th": {"colspan", "rowspan", "width", "height", "nowrap"},
    "col": {"span", "width"},
    "font": {"color", "size", "face"},
}
_STYLES: Final = frozenset(
    [
        "color",
        "background-color",
        "font-size",
        "font-weight",
        "font-style",
        "font-family",
        "text-align",
        "text-decoration",
        "text-indent",
        "vertical-align",
        "line-height",
        "border",
        "border-top",
        "border-bottom",
        "border-left",
        "border-right",
        "border-color",
        "border-style",
        "border-width",
        "border-collapse",
        "margin",
        "margin-top",
        "margin-bottom",
        "margin-left",
        "margin-right",
        "padding",
        "padding-top",
        "padding-bottom",
        "padding-left",
        "padding-right",
        "width",
        "white-space",
    ]
)
_MAGIC: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)
_PAGE: Final = (
    '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>邮件正文</title><style>'
    "body{{margin:12px;font:14px/1.6 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;color:#1f2933;"
    "overflow-wrap:anywhere}}img{{max-width:100%;height:auto}}</style></head><body>{}</body></html>"
)


def harmless_page(html: str, message_sha256: str) -> str:
    """A whole page that shows the mail."""

    def attribute(tag: str, name: str, value: str) -> str | None:
        if tag == "img" and name == "src":
            cid = value.strip()
            return (
                f"/messages/{message_sha256}/inline/{quote(cid[4:], safe='')}"
                if cid.lower().startswith("cid:")
                else None
            )
        return None if "url(" in value.lower() and name == "style" else value

    return _PAGE.format(
        nh3.clean(
            html,
            tags=set(_TAGS),
            attributes=_ATTRIBUTES,
            attribute_filter=attribute,
            url_schemes={"http", "https", "mailto", "cid"},
            link_rel="noopener noreferrer nofollow",
            set_tag_attribute_values={"a": {"target": "_blank"}},
            filter_style_properties=set(_STYLES),
        )
    )


def inline_picture(raw: Path, content_id: str) -> tuple[bytes, str] | None:
    """The picture that the mail's HTML names, and its type; None for what is none."""
    with raw.open("rb") as file:
        message = email.message_from_binary_file(file, _class=EmailMessage, policy=email.policy.compat32)
    for part in message.walk():
        named = str(part.get("Content-ID", "")).strip().strip("<>")
        if named and named == content_id.strip().strip("<>"):
            payload = part.get_payload(decode=True)
            return _picture(payload) if isinstance(payload, bytes) else None
    return None


def _picture(payload: bytes) -> tuple[bytes, str] | None:
    if payload[:4] == b"RIFF" and payload[8:12] == b"WEBP":
        return payload, "image/webp"
    return next(((payload, kind) for magic, kind in _MAGIC if payload.startswith(magic)), None)
