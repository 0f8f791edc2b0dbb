"""How much one file may cost. Beyond it the file gets the finding `limit_exceeded`, never a full disk or memory."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds for reading one attachment with all that is nested in it."""

    depth: int = 6  # archive in message in archive …
    members: int = 2000  # files inside one attachment, all levels together
    unpacked_bytes: int = 1024 * MIB  # all levels together
    ratio: int = 200  # unpacked to packed, looked at above 10 MiB unpacked
    pixels: int = 120_000_000  # a 100-megapixel photo is still read
    text_chars: int = 200_000  # of one file, kept for placing
    table_cells: int = 200_000
    pages: int = 60  # of one PDF


DEFAULT_LIMITS = Limits()
