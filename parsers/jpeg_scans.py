"""A JPEG in several scans, as progressive ones are: whether those that came hold the whole picture.

Each scan brings every row, only finer, so the rows do not tell where such a file was cut. Its scans do: which
coefficients of which component they refine, and how far (ITU-T T.81, G.1.1.1). Only within the last scan, the one that
makes everything exact, is a cut harmless near its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_START_OF_SCAN: Final = 0xDA
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the other three are tables
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_IN_SCAN: Final = frozenset({0x00, *range(0xD0, 0xD8)})  # a stuffed 0xFF, and restarts
_END: Final = 0xD9
_COEFFICIENTS: Final = 64
_MOST_SCANS: Final = 500


def scans_of(data: bytes) -> tuple[int, bool]:
    """How many scans the file begins, and whether with them every coefficient becomes exact."""
    components: set[int] = set()
    exact: set[tuple[int, int]] = set()
    count = 0
    for marker, segment in _segments(data):
        if marker in _FRAMES and len(segment) > 5:
            components = set(segment[6 : 6 + 3 * segment[5] : 3])
        elif marker == _START_OF_SCAN and segment:
            count += 1
            exact |= _made_exact(segment)
        if count > _MOST_SCANS:
            break
    wanted = {(component, at) for component in components for at in range(_COEFFICIENTS)}
    return count, bool(wanted) and wanted <= exact


def _made_exact(segment: bytes) -> set[tuple[int, int]]:
    """The (component, coefficient) of which this scan brings the last bit."""
    number = segment[0]
    spectrum = segment[1 + 2 * number :]
    if len(spectrum) < 3 or spectrum[2] & 0x0F:
        return set()
    first, last = spectrum[0], min(spectrum[1], _COEFFICIENTS - 1)
    return {(component, at) for component in segment[1 : 1 + 2 * number : 2] for at in range(first, last + 1)}


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers with what stands in their segments, without the pictures' data between them."""
    at = 2
    while 0 <= at < len(data) - 3:
        if data[at] != 0xFF:
            at = data.find(b"\xff", at)
            continue
        marker = data[at + 1]
        if marker == _END:
            return
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, data[at + 4 : at + 2 + size]
        at += 2 + max(size, 2)
        if marker == _START_OF_SCAN:
            at = _after_scan(data, at)


def _after_scan(data: bytes, at: int) -> int:
    while 0 <= (at := data.find(b"\xff", at)) < len(data) - 1:
        if data[at + 1] not in _IN_SCAN:
            return at
        at += 2
    return len(data)
