"""Messages for the tests of fetching: their content does not matter, only their bytes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
MONDAY = datetime(2023, 10, 30, 23, 59, 58, tzinfo=BEIJING)


def message(number: int, body_bytes: int = 100) -> bytes:
    head = f"Message-ID: <{number}@unit.example>\r\nSubject: report {number}\r\n\r\n".encode()
    line = b"%06d " % number + b"x" * 69 + b"\r\n"
    return head + (line * (body_bytes // len(line) + 1))[:body_bytes]
