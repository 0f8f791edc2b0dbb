"""Takes one message apart: its header facts, its text, and every file in it with its true name.

    decode_message(raw, scratch) -> DecodedMessage
    read_envelope(raw) -> Envelope          the header facts alone, of a message that could not be taken apart

1. The part tree is split by `parsers.mime_tree` on a memory map of `raw`; each payload goes straight into a file of
   `scratch` and is hashed on the way.
2. Header values and names are decoded by `parsers.charsets`. mail-parser reads the structure of address lists, the date
   and the defects of the header; it is used here only, and on the header block only (on whole messages it raises for
   some truncated mail and takes three times their size in memory), and whatever it raises is caught.
3. A message inside (message/rfc822 in any encoding, a file that is one) is taken apart in the same way. Its files carry
   `origin`, the index of its envelope in `Envelope.origins`, and the inner message itself is no file: nothing counts
   twice. All levels stand in the one flat list of the outer envelope; mails forwarded inline follow, without files.
4. Volumes of an archive that came in the same mail are put together (`parsers.joining`) and are one file.
5. Nothing raises for what stands in the message: what is broken is read as far as it goes, and noted in `defects`; one
   with more parts or levels than mail programs make is not taken apart at all, and `excess` says so.
"""

from __future__ import annotations

import hashlib
import logging
import mmap
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import mailparser  # type: ignore[import-untyped]  # ships no type information
from mailparser.utils import get_addresses  # type: ignore[import-untyped]  # as above

from parsers import sniff
from parsers.answers import DecodedMessage, DecodedPart
from parsers.automatic import automatic_reason
from parsers.bodies import Body, choose_bodies, is_body_candidate, leaves
from parsers.bounces import read_bounce
from parsers.charsets import Decoded, decode_text, decode_words, unfold
from parsers.content import EmbeddedFile
from parsers.filenames import DistinctNames, part_name, safe_name, unnamed
from parsers.forwards import inline_forwards
from parsers.headers import MAX_HEADER_BYTES, Headers, split_headers
from parsers.joining import digest_of, join_sets
from parsers.limits import DEFAULT_LIMITS, Limits
from parsers.mime_tree import MAX_PARTS, Bytes, ExcessiveMessage, Part, parse_tree, root_headers, too_many_parts
from parsers.sent_times import sent_time
from parsers.transfer import decoded_chunks
from rules.messages import Address, Envelope

log = logging.getLogger(__name__)

PLAIN_BODY: Final = "正文.txt"
HTML_BODY: Final = "正文.html"
MAX_DEFECTS: Final = 100
_MAX_RECIPIENTS: Final = 200
_MAX_SUBJECT_CHARS: Final = 1000
_MAX_MESSAGE_ID_CHARS: Final = 990
_MAX_REFERENCES: Final = 50
_QUOTED_ID: Final = re.compile(r"<[^<>\s]{1,988}>")
_HEAD_BYTES: Final = 64 * 1024
_MESSAGE_TYPES: Final = frozenset({"message/rfc822", "message/global"})
_PLAIN_ENCODINGS: Final = frozenset({"", "7bit", "8bit", "binary"})
_ADDRESS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_STRUCTURE: Final = ("from", "sender", "reply-to", "to", "cc", "date", "received", "message-id")


def decode_message(raw: Path, scratch: Path, *, limits: Limits = DEFAULT_LIMITS) -> DecodedMessage:
    """Takes the message in the file `raw` apart; its parts are written into `scratch`, an empty folder."""
    decoder = _Decoder(scratch, limits)
    try:
        with _mapped(raw) as data:
            headers = split_headers(data[:MAX_HEADER_BYTES])[0]
            envelope, body_text = decoder.message(data, (0, len(data)), _Place())
    except ExcessiveMessage as error:
        return DecodedMessage(envelope=read_envelope(raw), body_text="", parts=(), excess=str(error))
    envelope = replace(envelope, origins=(*decoder.origins, *_forwarded(body_text, envelope.subject)))
    decoder.join_volumes()
    files = ((part.declared_type, part.payload) for part in decoder.parts)
    return DecodedMessage(
        envelope=envelope,
        bounce=read_bounce(headers, envelope, body_text[: limits.text_chars], files),
        body_text=body_text[: limits.text_chars],
        parts=tuple(decoder.parts),
        defects=tuple(dict.fromkeys(decoder.defects))[:MAX_DEFECTS],
    )


def read_envelope(raw: Path) -> Envelope:
    """The header facts of the message in the file `raw`."""
    with _mapped(raw) as data:
        headers, content_type = root_headers(data)
        return _envelope(headers, content_type, data, (0, len(data)), [])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where a message stands in the outermost one."""

    path: str = ""
    origin: int | None = None
    folders: tuple[str, ...] = ()
    depth: int = 0


class _Decoder:
    """Gathers the files of one message and of all messages inside it."""

    def __init__(self, scratch: Path, limits: Limits) -> None:
        self._scratch = scratch
        self._limits = limits
        self._names = DistinctNames()
        self._files = 0
        self.parts: list[DecodedPart] = []
        self.origins: list[Envelope] = []
        self.defects: list[str] = []

    def message(self, data: Bytes, stretch: tuple[int, int], place: _Place) -> tuple[Envelope, str]:
        tree = parse_tree(data, stretch, place.path, self.defects)
        envelope = _envelope(tree.headers, tree.content_type, data, stretch, self.defects)
        if place.origin is not None:
            self.origins[place.origin] = envelope
        bodies = choose_bodies(data, tree, self.defects)
        body_of = {body.part.path: body for body in bodies}
        for leaf in leaves(tree):
            if len(self.parts) + len(self.origins) >= MAX_PARTS:
                raise too_many_parts()
            if leaf.path in body_of:
                self._keep_body(body_of[leaf.path], place)
            elif not is_body_candidate(leaf):
                self._keep_leaf(data, leaf, place)
        return envelope, "\n".join(body.text for body in bodies)

    def _keep_body(self, body: Body, place: _Place) -> None:
        payload, sha256, size = self._write([body.payload])
        name = HTML_BODY if body.is_html else PLAIN_BODY
        part = _decoded_part(body.part, place, payload, self._names.claim(place.folders, name))
        self.parts.append(
            replace(part, sha256=sha256, size_bytes=size, is_body=True, is_inline=False, is_guessed=body.is_guessed)
        )

    def _keep_leaf(self, data: Bytes, leaf: Part, place: _Place) -> None:
        name = part_name(leaf.headers)
        if self._is_plain_message(data, leaf, name, place):
            self._enter(data, (leaf.start, leaf.end), leaf, name, place)
            return
        if leaf.start >= leaf.end and name is None:
            return
        encoding = leaf.headers.token("content-transfer-encoding")
        payload, sha256, size = self._write(decoded_chunks(data, (leaf.start, leaf.end), encoding, self.defects))
        if place.depth < self._limits.depth and _is_message_file(payload, leaf, name):
            with _mapped(payload) as inner:
                self._enter(inner, (0, len(inner)), leaf, name, place)
            payload.unlink()
            return
        plain_name = safe_name(name.text if name else "") or unnamed(leaf.path, sniff.sniff(payload, ""))
        part = _decoded_part(leaf, place, payload, self._names.claim(place.folders, plain_name))
        is_guessed = name is not None and name.is_guessed
        self.parts.append(replace(part, sha256=sha256, size_bytes=size, is_guessed=is_guessed))

    def _is_plain_message(self, data: Bytes, leaf: Part, name: Decoded | None, place: _Place) -> bool:
        """A message that stands in the raw bytes as it is. Some declare base64 and then do not encode."""
        if place.depth >= self._limits.depth or not _claims_to_be_message(leaf, name):
            return False
        head = data[leaf.start : min(leaf.end, leaf.start + _HEAD_BYTES)]
        is_encoded = leaf.headers.token("content-transfer-encoding") not in _PLAIN_ENCODINGS
        return sniff.looks_like_a_message(head) or (not is_encoded and _has_fields(head, leaf))

    def _enter(self, data: Bytes, stretch: tuple[int, int], leaf: Part, name: Decoded | None, place: _Place) -> None:
        self.origins.append(Envelope(message_id="", header_from=None, subject=""))
        origin = len(self.origins) - 1
        subject = _subject_of(data, stretch)
        folder = safe_name(name.text if name else "") or safe_name(subject) or f"转发邮件-{leaf.path}"
        inner = _Place(path=leaf.path, origin=origin, folders=(*place.folders, folder), depth=place.depth + 1)
        self.message(data, stretch, inner)

    def join_volumes(self) -> None:
        """The volumes of an archive become one file, with the section number of the first."""
        of_path = {part.payload: part for part in self.parts if not part.is_body}
        files = [EmbeddedFile(name=part.filename, path=part.payload, folders=part.folders) for part in of_path.values()]
        for joining in join_sets(files, self._scratch):
            first, *others = [of_path[volume.path] for volume in joining.volumes]
            sha256, size = digest_of(joining.whole.path)
            payload, name = joining.whole.path, joining.whole.name
            whole = replace(first, filename=name, payload=payload, sha256=sha256, size_bytes=size)
            joining.remove_volumes()
            self.parts = [whole if part is first else part for part in self.parts if part not in others]

    def _write(self, chunks: Iterable[bytes]) -> tuple[Path, str, int]:
        path = self._scratch / f"part-{self._files:05d}"
        self._files += 1
        digest = hashlib.sha256()
        size = 0
        with path.open("wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += file.write(chunk)
        return path, digest.hexdigest(), size


@contextmanager
def _mapped(path: Path) -> Iterator[Bytes]:
    """The file's bytes; an empty file cannot be mapped."""
    if path.stat().st_size == 0:
        yield b""
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _decoded_part(part: Part, place: _Place, payload: Path, filename: str) -> DecodedPart:
    has_content_id = part.headers.has("content-id") and part.disposition != "attachment"
    return DecodedPart(
        path=part.path,
        filename=filename,
        declared_type=part.headers.token("content-type") or part.content_type,
        payload=payload,
        sha256="",
        size_bytes=0,
        folders=place.folders,
        origin=place.origin,
        is_inline=part.disposition == "inline" or has_content_id,
    )


def _claims_to_be_message(leaf: Part, name: Decoded | None) -> bool:
    return leaf.content_type in _MESSAGE_TYPES or (name is not None and name.text.strip().lower().endswith(".eml"))


def _is_message_file(payload: Path, leaf: Part, name: Decoded | None) -> bool:
    if not _claims_to_be_message(leaf, name):
        return False
    with payload.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return sniff.looks_like_a_message(head) or _has_fields(head, leaf)


def _has_fields(head: bytes, leaf: Part) -> bool:
    """Enough for what is declared as a message; a file that is only called .eml has to look like one."""
    return leaf.content_type in _MESSAGE_TYPES and bool(split_headers(head)[0].fields)


def _subject_of(data: Bytes, stretch: tuple[int, int]) -> str:
    return split_headers(data[stretch[0] : min(stretch[1], stretch[0] + _HEAD_BYTES)])[0].text("subject").text


def _envelope(
    headers: Headers, content_type: str, data: Bytes, stretch: tuple[int, int], defects: list[str]
) -> Envelope:
    subject = headers.text("subject")
    senders, from_guessed = _addresses(headers, "from")
    reply_to, _ = _addresses(headers, "reply-to")
    sender = senders[0] if senders else None
    reason = automatic_reason(headers, content_type, subject.text, sender.address if sender else "")
    return Envelope(
        message_id=_message_id(headers, data, stretch),
        header_from=sender,
        subject=subject.text[:_MAX_SUBJECT_CHARS],
        sent_at=_sent_at(headers, defects),
        reply_to=reply_to[0] if reply_to else None,
        to=_addresses(headers, "to")[0][:_MAX_RECIPIENTS],
        cc=_addresses(headers, "cc")[0][:_MAX_RECIPIENTS],
        in_reply_to=next(iter(_message_ids(headers, "in-reply-to")), ""),
        references=_message_ids(headers, "references")[-_MAX_REFERENCES:],
        is_automatic=bool(reason),
        automatic_reason=reason,
        is_guessed=subject.is_guessed or from_guessed,
    )


def _message_id(headers: Headers, data: Bytes, stretch: tuple[int, int]) -> str:
    given = "".join(decode_text(unfold(headers.raw("message-id"))).text.split())
    if given:
        return given[:_MAX_MESSAGE_ID_CHARS]
    digest = hashlib.sha256(data[stretch[0] : stretch[1]]).hexdigest()
    return f"<{digest[:32]}@no-message-id>"


def _message_ids(headers: Headers, name: str) -> tuple[str, ...]:
    """The Message-IDs that a header quotes, with their angle brackets."""
    return tuple(_QUOTED_ID.findall(decode_text(unfold(headers.raw(name))).text))


def _addresses(headers: Headers, name: str) -> tuple[tuple[Address, ...], bool]:
    """The addresses of a header with their names decoded by us, and whether a charset was guessed for it."""
    header = decode_text(unfold(headers.raw(name)))
    try:
        pairs = [(shown, address) for shown, address in get_addresses(header.text, decode_names=False) if address]
    except Exception:
        log.debug("mail-parser failed on %s", name, exc_info=True)
        pairs = []
    if not pairs:
        pairs = _only_address(decode_words(headers.raw(name)).text)
    names = [decode_words(shown.encode("utf-8", "replace"), "utf-8") for shown, _ in pairs]
    addresses = tuple(
        Address(
            address=address.lower(), name="" if shown.text == address else " ".join(shown.text.split()).strip("\"' ")
        )
        for shown, (_, address) in zip(names, pairs, strict=True)
    )
    return addresses, header.is_guessed or any(shown.is_guessed for shown in names)


def _only_address(text: str) -> list[tuple[str, str]]:
    """The one address in a header that has no valid structure; none when there are several to choose from."""
    found = {address.lower() for address in _ADDRESS.findall(text)}
    if len(found) != 1:
        return []
    shown = _ADDRESS.sub("", text).translate(str.maketrans("", "", '<>[]()";,')).replace("mailto:", "")
    return [(" ".join(shown.split()), found.pop())]


def _sent_at(headers: Headers, defects: list[str]) -> datetime | None:
    """By mail-parser, which also reports what is wrong with addresses, hops and dates; else by our own grammar."""
    block = "".join(
        f"{name}: {' '.join(decode_text(unfold(value)).text.split())}\n"
        for name, value in headers.fields
        if name in _STRUCTURE
    )
    date: datetime | None = None
    try:
        mail = mailparser.parse_from_string(block[:_HEAD_BYTES] + "\n")
        defects.extend(f"header: {category}" for category in sorted(mail.defects_categories))
        date = mail.date
    except Exception:
        log.debug("mail-parser failed on the header block", exc_info=True)
        defects.append("header: mail-parser failed")
    return date or sent_time(decode_words(headers.raw("date")).text)


def _forwarded(body_text: str, subject: str) -> Iterator[Envelope]:
    """The envelopes of mails forwarded inline; they have no Message-ID to be known by."""
    for sender, quoted_subject in inline_forwards(body_text, subject):
        pairs = _only_address(sender)
        yield Envelope(
            message_id="",
            header_from=Address(address=pairs[0][1], name=pairs[0][0].strip("\"'“” :：*")) if pairs else None,
            subject=quoted_subject[:_MAX_SUBJECT_CHARS],
        )
