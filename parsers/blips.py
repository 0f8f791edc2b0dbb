"""Pictures inside the binary files of Word, Excel and PowerPoint 97-2003, found by their drawing records.

    pictures(data) -> the bytes of every JPEG, PNG or TIFF that is stored as a BLIP ([MS-ODRAW] 2.2.23), in order

Records are searched for instead of walked: where they stand differs between the programs that write them (WPS, too),
while a BLIP's head is unmistakable together with the signature of the picture behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from parsers.content import EmbeddedFile, LimitExceeded, SourceFile

_HEAD: Final = re.compile(rb"(?P<instance>..)(?P<kind>[\x1d\x1e\x29\x2a]\xf0)(?P<size>....)", re.DOTALL)
_SIGNATURES: Final = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"II*\0", "tif"), (b"MM\0*", "tif"))
_PREFIXES: Final = (17, 33)  # one or two checksums of 16 bytes, and a tag
MIN_PICTURE_BYTES: Final = 64


def pictures(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Suffix and bytes of each picture."""
    at = 0
    while match := _HEAD.search(data, at):
        start, size = match.end(), int.from_bytes(match["size"], "little")
        at = match.start() + 1
        if not MIN_PICTURE_BYTES <= size <= len(data) - start:
            continue
        for prefix in _PREFIXES:
            suffix = suffix_of(data[start + prefix : start + prefix + 8])
            if suffix:
                yield suffix, data[start + prefix : start + size]
                at = start + size
                break


def suffix_of(head: bytes) -> str:
    return next((suffix for signature, suffix in _SIGNATURES if head.startswith(signature)), "")


def as_embedded(found: Iterable[tuple[str, bytes]], source: SourceFile) -> tuple[EmbeddedFile, ...]:
    """Writes pictures into scratch, equal ones once, under names that count them."""
    written: dict[bytes, EmbeddedFile] = {}
    for suffix, data in found:
        if data not in written:
            if len(written) >= source.limits.members:
                raise LimitExceeded("too many embedded files")
            number = len(written) + 1
            written[data] = EmbeddedFile(
                name=f"image{number}.{suffix}", path=_written(source.scratch / f"picture-{number}", data)
            )
    return tuple(written.values())


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
