"""Log lines: one JSON object a line for machines, or one readable line for people.

Every call names its `action` (a stable key) and ids with their units in `extra`; both shapes show them. Secrets never
reach a log call, so there is nothing to redact here.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final, Literal

_STANDARD: Final[frozenset[str]] = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def set_up_logging(*, style: Literal["human", "json"], level: str) -> None:
    """Logs go to stderr; stdout belongs to what a command prints."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else HumanFormatter())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for noisy in ("apscheduler", "uvicorn", "imapclient", "pdfminer", "PIL", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _facts(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in record.__dict__.items() if key not in _STANDARD}


class JsonFormatter(logging.Formatter):
    """`{"at": …, "level": …, "logger": …, "message": …, "action": …, …}` on one line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class HumanFormatter(logging.Formatter):
    """`2023-10-30 09:12:00 INFO  message  key=value …`, one line but for tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, tz=UTC).astimezone()
        facts = " ".join(f"{key}={value}" for key, value in _facts(record).items() if key != "action")
        line = f"{moment:%Y-%m-%d %H:%M:%S} {record.levelname:<7} {record.getMessage()}  {facts}".rstrip()
        line = line.replace("\n", " ")
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line
