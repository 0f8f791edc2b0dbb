"""Bytes to text in the charsets that people really send, with a mark whether the charset was declared or guessed.

    decode_text(data, label)   a body, a text file, a raw 8-bit header
    decode_words(value)        RFC 2047 encoded words among raw bytes

Every label of the GB family means GB18030, the superset of all of them: mail programs write `gb2312` over GBK bytes,
and a strict decoder then drops the rare characters of names. A label is believed when the bytes fit it; Chinese UTF-8
under a GB label fits too, so there the more ordinary Chinese of both readings wins. Without a usable label the readings
are compared the same way. Encoded words are joined as bytes before decoding: a character may be split over two.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

GB: Final = "gb18030"
_GB_LABELS: Final = frozenset(
    [
        "gb2312",
        "gb231280",
        "gb23121980",
        "gbk",
        "xgbk",
        "cp936",
        "ms936",
        "windows936",
        "936",
        "euccn",
        "xeuccn",
        "csgb2312",
        "csiso58gb231280",
        "isoir58",
        "chinese",
        "csgbk",
        "gb18030",
        "gb180302000",
        "gb180302005",
        "gb180302022",
        "gb",
        "xgb",
        "xmacsimpchinese",
    ]
)
_OTHER_LABELS: Final = {
    "utf8": "utf-8",
    "xutf8": "utf-8",
    "utf8mb4": "utf-8",
    "cp65001": "utf-8",
    "65001": "utf-8",
    "unicode11utf8": "utf-8",
    "hzgb2312": "hz",
    "hz": "hz",
    "big5": "cp950",
    "xxbig5": "cp950",
    "big5hkscs": "big5hkscs",
    "iso88591": "cp1252",
    "latin1": "cp1252",
    "windows1252": "cp1252",
    "cp1252": "cp1252",
}
_NO_LABEL: Final = frozenset(
    [
        "",
        *[
            "usascii",
            "ascii",
            "ansix3.41968",
            "unknown8bit",
            "unknown",
            "xunknown",
            "8bit",
            "7bit",
            "binary",
            "default",
            "none",
            "null",
            "utf",
        ],
    ]
)
_LATIN: Final = "cp1252"
_PLAINLY_CHINESE: Final = 0.5
_HIGH_SHARE: Final = 0.4
_SAMPLE_CHARS: Final = 4000
_HZ: Final = re.compile(rb"~\{(?:[\x21-\x7e]{2})+?~\}")
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]+")
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHINESE_MARKS: Final = frozenset("，。、；：？！“”‘’（）《》【】—…·￥　〔〕①②③④⑤⑥⑦⑧⑨⑩")
_LEVEL_ONE: Final = range(0xB0, 0xD8)  # first bytes of the 3 755 most common hanzi in GB 2312

_WORD: Final = re.compile(rb"=\?([\w.:+*'-]+)\?([bBqQ])\?([^?]*|[^?]*\?[^=][^?]*)\?=")
_NOT_CHARSETS: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape"})
_NOT_BASE64: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """Text, the Python codec that made it, and whether that codec was guessed instead of declared."""

    text: str
    codec: str
    is_guessed: bool = False


def codec_of(label: str) -> str:
    """The codec for a charset label; empty for none, for one that says nothing, and for one that nobody knows."""
    plain = re.sub(r"[\s\"'_-]", "", label.split("*", maxsplit=1)[0]).lower()
    if plain in _NO_LABEL:
        return ""
    if plain in _GB_LABELS:
        return GB
    if plain in _OTHER_LABELS:
        return _OTHER_LABELS[plain]
    return _python_codec(label.strip("\"' "))


def decode_text(data: bytes, label: str = "") -> Decoded:
    """`data` as text. Never raises; what cannot be decoded becomes U+FFFD."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return Decoded(text=data.decode(codec, "replace"), codec=codec)
    codec = codec_of(label)
    if data.isascii() and not _spells_with_ascii(codec, data):
        return _decode_ascii(data)
    declared = _strictly(data, codec) if codec else None
    if declared is not None:
        return _unless_mislabelled(data, codec, declared)
    return _best_guess(data, codec)


def decode_words(value: bytes, label: str = "") -> Decoded:
    """A header value: encoded words decoded and joined, raw 8-bit bytes between them guessed, folding undone."""
    value = unfold(value)
    pieces: list[Decoded] = []
    at = 0
    run: list[re.Match[bytes]] = []
    for match in _WORD.finditer(value):
        between = value[at : match.start()]
        if run and (between.strip() or not _same_charset(run[-1], match)):
            pieces.append(_decode_run(run))
            run = []
        if between.strip() or (not pieces and not run):
            pieces.append(decode_text(between, label))
        run.append(match)
        at = match.end()
    if run:
        pieces.append(_decode_run(run))
    pieces.append(decode_text(value[at:], label))
    return Decoded(
        text="".join(piece.text for piece in pieces),
        codec=next((piece.codec for piece in pieces if piece.codec != "ascii"), "ascii"),
        is_guessed=any(piece.is_guessed for piece in pieces),
    )


def unfold(value: bytes) -> bytes:
    """Takes out the line breaks of folding; the white space after them stays (RFC 5322, 2.2.3)."""
    return re.sub(rb"(?:\r\n|\r|\n)+(?=[ \t]|$)", b"", value).replace(b"\r", b" ").replace(b"\n", b" ")


def base64_bytes(text: bytes) -> bytes:
    """Decodes base64 with missing padding and foreign characters in it; a last odd character is dropped."""
    clean = text.translate(None, _NOT_BASE64).rstrip(b"=").replace(b"=", b"")
    clean = clean[: len(clean) - (len(clean) % 4 == 1)]
    return base64.b64decode(clean + b"=" * (-len(clean) % 4))


def _python_codec(label: str) -> str:
    try:
        info = codecs.lookup(label)
        "".encode(info.name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    is_text = getattr(info, "_is_text_encoding", True)  # `base64`, `zip` and the like are codecs too
    return info.name if is_text and info.name not in _NOT_CHARSETS else ""


def _spells_with_ascii(codec: str, data: bytes) -> bool:
    """True for codecs in which ASCII bytes spell other characters; UTF-16 of any real text holds a zero byte."""
    if codec.startswith(("utf-16", "utf-32")):
        return b"\0" in data
    return codec.startswith(("iso2022", "utf-7", "hz"))


def _decode_ascii(data: bytes) -> Decoded:
    text = _strictly(data, "hz") if _HZ.search(data) else None
    if text is not None and _chineseness(text) > _PLAINLY_CHINESE:
        return Decoded(text=text, codec="hz", is_guessed=True)
    return Decoded(text=data.decode("ascii"), codec="ascii")


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        text = data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None
    return text if _has_no_surrogates(text) else None


def _has_no_surrogates(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _unless_mislabelled(data: bytes, codec: str, declared: str) -> Decoded:
    """The declared reading, unless the bytes are plainly something else that the declared codec accepts as well."""
    other = _strictly(data, "utf-8") if codec in (GB, _LATIN, "cp950") and not data.isascii() else None
    if other is not None and (codec == _LATIN or _chineseness(other) > _chineseness(declared)):
        return Decoded(text=other, codec="utf-8", is_guessed=True)
    if codec == _LATIN and _is_double_byte_text(data):
        return _best_guess(data, "")
    return Decoded(text=declared, codec=codec)


def _is_double_byte_text(data: bytes) -> bool:
    """Much of it high bytes that read as ordinary Chinese: no German or French under its own label does."""
    high = sum(len(run) for run in _HIGH_RUN.findall(data))
    text = _strictly(data, GB) if high >= _HIGH_SHARE * len(b"".join(data.split())) else None
    return text is not None and _chineseness(text) > _PLAINLY_CHINESE


def _best_guess(data: bytes, codec: str) -> Decoded:
    if all(len(run) == 1 for run in _HIGH_RUN.findall(data)):  # accents among letters: Chinese is never that thin
        return Decoded(text=data.decode(_LATIN, "replace"), codec=_LATIN, is_guessed=True)
    candidates = dict.fromkeys(name for name in (codec, "utf-8", GB) if name)
    readings = [(data.decode(name, "replace"), name) for name in candidates]
    readings = [reading for reading in readings if _has_no_surrogates(reading[0])]
    text, name = max(readings, key=lambda reading: _chineseness(reading[0]))
    return Decoded(text=text, codec=name, is_guessed=True)


def _chineseness(text: str) -> float:
    """How ordinary the text's non-ASCII characters are, from -1 to 1; a reading with more of it is the truer one."""
    foreign = list(islice((character for character in text if character > "\x7f"), _SAMPLE_CHARS))
    if not foreign:
        return 0.0
    return sum(_weight(character) for character in foreign) / len(foreign)


def _weight(character: str) -> float:
    if character in _CHINESE_MARKS or "\uff01" <= character <= "\uff5e":
        return 1.0
    if character == "\ufffd" or "\ue000" <= character <= "\uf8ff" or "\x80" <= character <= "\x9f":
        return -1.0
    if "\u4e00" <= character <= "\u9fff":
        code = character.encode("gb2312", "ignore")
        return 1.0 if code and code[0] in _LEVEL_ONE else 0.4
    return 0.2 if character >= "\u3400" else 0.0


def _same_charset(first: re.Match[bytes], second: re.Match[bytes]) -> bool:
    return codec_of(first[1].decode("latin-1")) == codec_of(second[1].decode("latin-1"))


def _decode_run(run: list[re.Match[bytes]]) -> Decoded:
    return decode_text(_bytes_of_run(run), run[0][1].decode("latin-1"))


def _bytes_of_run(run: list[re.Match[bytes]]) -> bytes:
    """The bytes of adjacent words of one charset. Base64 cut at any character is joined before it is decoded."""
    result, pending = b"", b""
    for match in run:
        if match[2] in b"bB":
            pending += b"".join(match[3].split())
            if len(pending) % 4 == 0 or pending.endswith(b"="):
                result, pending = result + base64_bytes(pending), b""
        else:
            result, pending = result + base64_bytes(pending) + _quoted(match[3]), b""
    return result + base64_bytes(pending)


def _quoted(text: bytes) -> bytes:
    return binascii.a2b_qp(text, header=True)
