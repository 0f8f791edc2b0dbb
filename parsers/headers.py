"""The header lines of a message or part as raw bytes, their decoded text and their MIME parameters.

Values stay bytes until a reader asks, since each is decoded in its own way: `text` joins encoded words, `parameters`
brings RFC 2231 pieces together. Raw 8-bit values are turned into text *before* quotes and backslashes are looked at:
the second byte of a GBK character may be a backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from parsers.charsets import Decoded, codec_of, decode_text, decode_words, unfold

MAX_HEADER_BYTES: Final = 512 * 1024
MAX_FIELDS: Final = 5000
MAX_VALUE_BYTES: Final = 64 * 1024

_UNINDENTED_BYTES: Final = 2000  # how far a folded line without its indent may reach; more would cost n² to look for
_FIELD: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_KNOWN_FIELD: Final = re.compile(
    rb"^(?:content-|mime-|x-|from|to|cc|subject|date|message-id|received|reply-to)[!-9;-~]*[ \t]*:", re.IGNORECASE
)
_PARAMETER: Final = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_CONTINUATION: Final = re.compile(r"(?P<name>[^*]+)\*(?P<number>\d{1,4})(?P<is_extended>\*?)$")
_EXTENDED: Final = re.compile(r"([^']*)'[^']*'(.*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Headers:
    """Header fields in order, names in lower case, values raw. The first of several fields of a name counts."""

    fields: tuple[tuple[str, bytes], ...] = ()

    def raw(self, name: str) -> bytes:
        return next((value for field, value in self.fields if field == name), b"")

    def has(self, name: str) -> bool:
        return any(field == name for field, _ in self.fields)

    def text(self, name: str) -> Decoded:
        decoded = decode_words(self.raw(name))
        return Decoded(text=" ".join(decoded.text.split()), codec=decoded.codec, is_guessed=decoded.is_guessed)

    def token(self, name: str) -> str:
        """The value before any parameter, in lower case: `text/plain`, `attachment`, `base64`."""
        value = unfold(self.raw(name)).decode("latin-1")
        return re.sub(r"\([^)]*\)", "", value.partition(";")[0]).strip().strip('"').lower()

    def parameter(self, name: str, parameter: str) -> Decoded | None:
        """One MIME parameter, its RFC 2231 form before its plain one; None when there is none."""
        return next(iter(self.parameters(name, parameter)), None)

    def parameters(self, name: str, parameter: str) -> list[Decoded]:
        """Every way in which this parameter is given: RFC 2231 first, then plain with or without encoded words."""
        raw = self.raw(name)
        if not raw:
            return []
        header = decode_text(unfold(raw))
        found = _parameters(header.text)
        ways = [_rfc_2231(found, parameter), *(_plain(value) for key, value in found if key == parameter)]
        return [
            Decoded(text=way.text, codec=way.codec, is_guessed=way.is_guessed or header.is_guessed)
            for way in ways
            if way is not None
        ]


def split_headers(block: bytes) -> tuple[Headers, int]:
    """The fields at the start of `block`, and where the body starts in it.

    A line that is no field ends the headers, unless known fields follow before the next empty line: then a mail program
    forgot to indent a folded line.
    """
    fields: list[list[bytes]] = []
    at = _skip_separator_line(block)
    while at < len(block):
        end = block.find(b"\n", at)
        end = len(block) if end < 0 else end + 1
        line = block[at:end]
        if not line.strip(b"\r\n"):
            return _headers(fields), end
        if line[:1] in b" \t" and fields:
            fields[-1].append(line)
        elif match := _FIELD.fullmatch(line):
            fields.append([match[1], match[2]])
        elif fields and _more_fields_follow(block, end):
            fields[-1].append(b" " + line)
        else:
            return _headers(fields), at
        at = end
    return _headers(fields), len(block)


def _skip_separator_line(block: bytes) -> int:
    """Where the fields start: behind empty lines and an mbox `From ` line."""
    start = len(block) - len(block.lstrip(b"\r\n"))
    if block.startswith((b"From ", b">From "), start):
        end = block.find(b"\n", start)
        return len(block) if end < 0 else end + 1
    return start


def _more_fields_follow(block: bytes, at: int) -> bool:
    for line in block[at : at + _UNINDENTED_BYTES].splitlines():
        if not line:
            return False
        if _KNOWN_FIELD.match(line):
            return True
    return False


def _headers(fields: list[list[bytes]]) -> Headers:
    return Headers(
        fields=tuple(
            (name.decode("latin-1").lower(), b"".join(value)[:MAX_VALUE_BYTES].strip())
            for name, *value in fields[:MAX_FIELDS]
        )
    )


def _parameters(header: str) -> list[tuple[str, str]]:
    """(name, value) as they stand; a quoted value loses its quotes, also when the closing one is missing."""
    return [(name.lower(), _unquoted(value.strip())) for name, value in _PARAMETER.findall(header[:MAX_VALUE_BYTES])]


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    inner = value[1:-1] if len(value) > 1 and value.endswith('"') else value[1:]
    return re.sub(r'\\(["\\])', r"\1", inner)


def _plain(value: str) -> Decoded:
    if "=?" in value:
        return decode_words(value.encode("utf-8"), "utf-8")
    return Decoded(text=value, codec="ascii" if value.isascii() else "utf-8")


def _rfc_2231(found: list[tuple[str, str]], parameter: str) -> Decoded | None:
    """`name*=charset'language'%XX…` or its pieces `name*0*=`, `name*1=`…, joined as bytes and decoded once."""
    for key, value in found:
        if key == parameter + "*":
            return _decode_extended([(value, True)])
    pieces: dict[int, tuple[str, bool]] = {}
    for key, value in found:
        match = _CONTINUATION.match(key)
        if match and match["name"] == parameter:
            pieces.setdefault(int(match["number"]), (value, bool(match["is_extended"])))
    if not pieces:
        return None
    return _decode_extended([pieces[number] for number in sorted(pieces)])


def _decode_extended(pieces: list[tuple[str, bool]]) -> Decoded:
    first, is_extended = pieces[0]
    match = _EXTENDED.match(first) if is_extended else None
    label, head = (match[1], match[2]) if match else ("", first)
    if not any(extended for _, extended in pieces):
        return _plain("".join(value for value, _ in pieces))
    codec = codec_of(label) or "utf-8"
    data = b"".join(
        unquote_to_bytes(value) if extended else value.encode(codec, "replace")
        for value, extended in [(head, is_extended), *pieces[1:]]
    )
    return decode_words(data) if b"=?" in data else decode_text(data, label)
