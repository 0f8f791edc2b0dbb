"""What a mail says about the unit that its files come from: forwarded mail, subject, sender, display name, body.

A sender that a person has taught (`remembered`) or that the roster lists is as good as a name. Of the body only what
the sender wrote counts, not the mail quoted under it, and nobody to whom something is addressed or passed on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rules.messages import Address, Envelope, Item, ReceivedMessage
from rules.name_index import NameIndex
from rules.name_reading import SILENT, Reading, read_label
from rules.names import normalise_text
from rules.testimony import Testimony, stem

_REPLY_MARKS: Final = re.compile(r"^(?:(?:re|fw|fwd|回复|答复|转发|转)(?:\[\d+\])?[:：]\s*)+", re.IGNORECASE)
_QUOTE: Final = re.compile(
    r"^\s*(?:[-—_=*\s]{3,}.{0,20}(?:原始邮件|原邮件|转发|回复|original message|forwarded message).*|>.*"
    r"|(?:发件人|寄件人|from)\s*[:：].*|在\s?20\d\d.*写道[:：]?|on .{6,80} wrote:)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESSEE: Final = re.compile(r"(?:致|转交|请转|转给|转|抄送|呈报?|发给|交给|尊敬的|@)$")
_BODY_HEAD: Final = 4
_BODY_TAIL: Final = 4
_LONG_BODY: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class MailFacts:
    """What one message says of all its files. `senders` are the units whose mailbox it comes from."""

    testimonies: tuple[Testimony, ...] = ()
    origins: tuple[tuple[Testimony, ...], ...] = ()
    senders: frozenset[str] = frozenset()
    is_remembered: bool = False

    def for_item(self, item: Item) -> tuple[Testimony, ...]:
        """A forwarded mail speaks for its own files; the one that forwards it only where that is silent."""
        origin = self.origins[item.origin] if item.origin is not None and item.origin < len(self.origins) else ()
        if any(testimony.unit for testimony in origin):
            return (*origin, *(testimony for testimony in self.testimonies if testimony.source == "subject"))
        return (*origin, *self.testimonies)


def facts_of_mail(index: NameIndex, message: ReceivedMessage, remembered: Mapping[str, str]) -> MailFacts:
    envelope = message.envelope
    referred = {item.origin for item in message.items}
    inline = [origin for number, origin in enumerate(envelope.origins) if number not in referred]
    quoted = [testimony for origin in inline for testimony in _of_origin(index, origin, remembered)]
    own = [_of_subject(index, envelope.subject), *_of_sender(index, envelope, remembered)]
    own += [_of_display_name(index, envelope.header_from), _of_body(index, message)]
    speaking = _speaking([*quoted, *own])
    return MailFacts(
        testimonies=tuple(speaking),
        origins=tuple(tuple(_of_origin(index, origin, remembered)) for origin in envelope.origins),
        senders=frozenset(
            unit
            for testimony in speaking
            if testimony.source in ("sender", "remembered")
            for unit in testimony.reading.candidates
        ),
        is_remembered=any(testimony.source == "remembered" for testimony in speaking),
    )


def _speaking(testimonies: list[Testimony]) -> list[Testimony]:
    return [testimony for testimony in testimonies if not testimony.reading.is_silent]


def _of_origin(index: NameIndex, origin: Envelope, remembered: Mapping[str, str]) -> list[Testimony]:
    """Who sent the mail that was forwarded; its subject when the sender says nothing."""
    found = [_of_subject(index, origin.subject), *_of_sender(index, origin, remembered)]
    found.append(_of_display_name(index, origin.header_from))
    return [
        Testimony(source="origin", reading=testimony.reading, quote=testimony.quote) for testimony in _speaking(found)
    ]


def _of_subject(index: NameIndex, subject: str) -> Testimony:
    text = _REPLY_MARKS.sub("", subject.strip())
    return Testimony(source="subject", reading=read_label(index, stem(text)), quote=subject.strip())


def _of_sender(index: NameIndex, envelope: Envelope, remembered: Mapping[str, str]) -> list[Testimony]:
    addresses = [one.address.lower() for one in (envelope.header_from, envelope.reply_to) if one]
    for address in addresses:
        unit = remembered.get(address)
        if unit in index.names:
            return [Testimony(source="remembered", reading=_certain(unit), quote=address)]
    for address in addresses:
        units = frozenset(unit.name for unit in index.roster.units_of_address(address))
        if units:
            reading = _certain(next(iter(units))) if len(units) == 1 else Reading(candidates=units, quote=address)
            return [Testimony(source="sender", reading=reading, quote=address)]
    return []


def _certain(unit: str) -> Reading:
    return Reading(unit=unit, candidates=frozenset({unit}), quote=unit)


def _of_display_name(index: NameIndex, sender: Address | None) -> Testimony:
    name = sender.name if sender else ""
    return Testimony(source="display_name", reading=read_label(index, name) if name else SILENT, quote=name)


def _of_body(index: NameIndex, message: ReceivedMessage) -> Testimony:
    quote = _QUOTE.search(message.body_text)
    written = message.body_text[: quote.start()] if quote else message.body_text
    text = normalise_text(written)
    lines = text.lines
    if len(text.text) > _LONG_BODY:
        text = normalise_text("\n".join((*lines[:_BODY_HEAD], *lines[-_BODY_TAIL:])))
    mentions = [
        mention
        for mention in index.mentions(text)
        if not _ADDRESSEE.search(text.text[max(0, mention.start - 4) : mention.start])
    ]
    units = frozenset(unit for mention in mentions for unit in mention.units)
    certain = {mention.unit for mention in mentions} - {None}
    quoted = "、".join(dict.fromkeys(text.text[mention.start : mention.end] for mention in mentions))
    if len(units) == 1 and certain == units:
        return Testimony(
            source="body", reading=Reading(unit=next(iter(units)), candidates=units, quote=quoted), quote=quoted
        )
    signed = [lines[-1 - back] for back in range(min(3, len(lines))) if index.is_whole_name(lines[-1 - back])]
    if signed:
        return Testimony(source="body", reading=read_label(index, signed[0]), quote=signed[0])
    return Testimony(source="body", reading=Reading(candidates=units, quote=quoted), quote=quoted)
