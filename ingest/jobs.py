"""The jobs of the sandbox. Their parsers are loaded into its server, and not in the program that asks for the jobs.

Loading them takes longer than most commands do; and the program, which knows the passwords, holds no code that only
strangers' files need.
"""

# ruff: noqa: PLC0415 - the imports stand inside the jobs: that is what this file is for

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rules.extraction import Extraction
from rules.messages import Envelope
from rules.previews import PreviewKey

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from parsers.answers import DecodedMessage, Gathered, MadePreview
    from parsers.content import EmbeddedFile


def load_parsers() -> None:
    """All that any job loads: paid once where the processes of the jobs come from, and not by each of them.

    Where the reader of pictures cannot be made, the files that want it are told unreadable, and no others.
    """
    import parsers.inside
    import parsers.message
    import parsers.previews
    import parsers.read
    import parsers.scattered_volumes  # noqa: F401 - loaded for those who come after
    from parsers.ocr import reader
    from parsers.registry import registry

    registry()
    try:
        reader()
    except Exception:
        log.exception("pictures of forms cannot be read on this machine", extra={"action": "reader_missing"})


def decode_message(raw: Path, scratch: Path) -> DecodedMessage:
    from parsers.message import decode_message as job

    return job(raw, scratch)


def read_envelope(raw: Path) -> Envelope:
    from parsers.message import read_envelope as job

    return job(raw)


def join_scattered(own: Sequence[EmbeddedFile], earlier: Sequence[EmbeddedFile], scratch: Path) -> tuple[Gathered, ...]:
    from parsers.scattered_volumes import join_scattered as job

    return job(own, earlier, scratch)


def volumes_among(files: Sequence[EmbeddedFile]) -> tuple[int, ...]:
    from parsers.scattered_volumes import volumes_among as job

    return job(files)


def read_file(path: Path, name: str) -> Extraction:
    from parsers.read import read_file as job

    return job(path, name)


def make_previews(path: Path, name: str, wanted: Sequence[PreviewKey]) -> tuple[MadePreview, ...]:
    from parsers.previews import make_previews as job

    return job(path, name, wanted)


def take_out(path: Path, name: str, sha256: str, target: Path) -> bool:
    from parsers.inside import take_out as job

    return job(path, name, sha256, target)
