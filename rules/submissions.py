"""Which files of a message are submissions, and which deliverables' kinds each of them serves.

plan, schedule, statistics, summary   those kinds; a form for each form of the file
photo, video                          evidence
unreadable, encrypted, a cloud link   whatever its name, its folders or the subject hint at, else no kind
document                              the same, but only if it plainly belongs to the matter
archive, message                      nothing themselves, unless they could not be opened
other                                 nothing, unless something stands against it: a film without pictures
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rules.expiring_links import link_finding
from rules.extraction import Extraction, Kind, Link
from rules.flatten import base_name
from rules.messages import Item, ReceivedMessage

_SERVES: Final[dict[Kind, str]] = {
    Kind.PLAN: "plan",
    Kind.SCHEDULE: "schedule",
    Kind.STATISTICS: "statistics",
    Kind.SUMMARY: "summary",
    Kind.PHOTO: "evidence",
    Kind.VIDEO: "evidence",
}
_HINTS: Final = (
    ("schedule", re.compile(r"安排表|附件\s*[1一１](?!\d)")),
    ("statistics", re.compile(r"统计表|附件\s*[2二２](?!\d)")),
    ("plan", re.compile(r"方案|计划")),
    ("summary", re.compile(r"总结|小结")),
    (
        "evidence",
        re.compile(r"照片|图片|相片|视频|录像|\.(?:jpe?g|png|heic|bmp|mp4|mov|avi|wmv|mkv|flv)$", re.IGNORECASE),
    ),
)
_MATTER: Final = re.compile(r"方案|总结|小结|统计|安排表|汇总|活动|学习|报送|上报|材料|附件|计划|启动周")
_NOTICE: Final = re.compile(r"通知")
_OWN_MATTER: Final = re.compile(r"方案|总结|小结|计划|统计表|安排表")
_CONTAINERS: Final = frozenset({Kind.ARCHIVE, Kind.MESSAGE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A kind of deliverable that a file serves, by which of its forms; `kind` None: it could not be told."""

    kind: str | None
    form_index: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """A file that was submitted, and what it serves."""

    item: Item
    services: tuple[Service, ...]


def submissions_of(message: ReceivedMessage, *, is_assigned: bool = False) -> tuple[Submission, ...]:
    """The submissions of a message in order. `is_assigned`: a person has said whose it is, so any document counts."""
    subject = message.envelope.subject
    found = [
        Submission(item=item, services=services)
        for item in message.items
        if (services := _services(item, subject, is_assigned=is_assigned))
    ]
    found += [_of_link(path, item, link, subject) for path, item, link in sent_links(message)]
    return tuple(found)


def kind_by_name(item: Item, subject: str) -> str | None:
    """The one kind that the file's name hints at, else its folders, else the subject."""
    for name in (item.filename, *reversed(item.folders), subject):
        hinted = [kind for kind, pattern in _HINTS if pattern.search(name)]
        if hinted:
            return hinted[0] if len(hinted) == 1 else None
    return None


def _services(item: Item, subject: str, *, is_assigned: bool) -> tuple[Service, ...]:
    extraction = item.extraction
    known = tuple(_known_services(extraction))
    if known:
        return known
    if extraction.kind in _CONTAINERS:
        is_blocked = any(finding.is_blocking for finding in extraction.findings)
        return (Service(kind=kind_by_name(item, subject)),) if is_blocked else ()
    is_film_without_pictures = extraction.kind is Kind.OTHER and any(one.is_blocking for one in extraction.findings)
    is_matter = (
        extraction.kind is Kind.UNREADABLE
        or is_film_without_pictures
        or (extraction.kind is Kind.DOCUMENT and (is_assigned or _belongs_to_matter(item, subject)))
    )
    return (Service(kind=kind_by_name(item, subject)),) if is_matter and not item.is_body else ()


def _known_services(extraction: Extraction) -> Iterable[Service]:
    kinds = dict.fromkeys((*extraction.kinds, *(form.form for form in extraction.forms)))
    served = set()
    for kind in kinds:
        service = _SERVES.get(kind)
        if service is None or service in served:
            continue
        served.add(service)
        forms = [number for number, form in enumerate(extraction.forms) if form.form is kind]
        yield from [Service(kind=service, form_index=number) for number in forms] or [Service(kind=service)]


def _belongs_to_matter(item: Item, subject: str) -> bool:
    if _is_notice(item):
        return False
    return bool(_MATTER.search(_own_words(item)) or _MATTER.search(subject))


def _is_notice(item: Item) -> bool:
    """The bureau's own notice, sent back with the material, is nobody's submission."""
    own = _own_words(item)
    return bool(_NOTICE.search(own)) and not _OWN_MATTER.search(own)


def _own_words(item: Item) -> str:
    return f"{item.extraction.title} {base_name(item.filename)}"


def sent_links(message: ReceivedMessage) -> list[tuple[str, Item | None, Link]]:
    """Every cloud link once, with a path of its own; links in a plan or the like are only part of its text.

    What stands in a quoted mail of those to whom this one goes is theirs: a reply to the notice has the notice's links.
    Whoever passes on a colleague's mail, or an older one of their own, may send both of them a copy.
    """
    sender = message.envelope.header_from
    answered = {one.address for one in message.envelope.to} - ({sender.address} if sender else set())
    found: list[tuple[str, Item | None, Link]] = [
        (f"链接{number}", None, link) for number, link in enumerate(message.links, start=1)
    ]
    for item in message.items:
        is_text = item.extraction.kind in (Kind.DOCUMENT, Kind.OTHER) and not _is_notice(item)
        if item.is_body or is_text:
            found += [
                (f"{item.path}/链接{number}", item, link)
                for number, link in enumerate(item.extraction.links, start=1)
                if link.quoted_from not in answered
            ]
    return list({link.url: (path, item, link) for path, item, link in reversed(found)}.values())[::-1]


def _of_link(path: str, source: Item | None, link: Link, subject: str) -> Submission:
    extraction = Extraction(
        file=link.filename or "云附件",
        media_type="text/uri-list",
        kind=Kind.OTHER,
        links=(link,),
        findings=(link_finding(link),),
    )
    item = Item(
        path=path,
        extraction=extraction,
        folders=source.folders if source else (),
        origin=source.origin if source else None,
    )
    return Submission(item=item, services=(Service(kind=kind_by_name(item, subject)),))
