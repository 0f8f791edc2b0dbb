"""Column types that hold what is true on every database: aware UTC instants, any text of strangers, JSON as text."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive datetimes, gives back aware UTC, sorts as time on SQLite too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a naive datetime tells no instant: {value!r}")
        moment = value.astimezone(UTC)
        # SQLite keeps text and would drop the offset in silence.
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """Text that a stranger wrote. PostgreSQL refuses NUL, UTF-8 lone surrogates: both become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else cleaned(value)


class JsonText(TypeDecorator[Any]):
    """JSON in a text column, lossless for every string that Python can hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        return None if value is None else _as_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - as above
        return None if value is None else json.loads(value)


def _as_text(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() or _is_utf8(text) else json.dumps(value, separators=(",", ":"))


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate: only its escape \udc80 can be stored
        return False
    return True


def cleaned(text: str) -> str:
    """The text with what no database holds replaced by U+FFFD."""
    text = text.replace("\0", REPLACEMENT)
    return text if _is_utf8(text) else "".join(REPLACEMENT if "\ud800" <= char <= "\udfff" else char for char in text)


def key_of(*texts: str) -> str:
    """Stands for texts of any length in an index: PostgreSQL refuses to index more than 2,700 bytes a row."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
