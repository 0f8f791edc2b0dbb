"""Finds files again inside other files by their SHA-256, as deep as they may lie; nothing is recognised here.

    files_inside(path, name)                 →  the file itself and all that is inside it, one after another
    take_out(path, name, sha256, target)     →  the bytes of one of them in `target`

What lies inside a file is unpacked again, one level after another, when it is asked for. Like the reading, this is
strangers' files and belongs into the sandbox.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from parsers.content import EmbeddedFile, SourceFile
from parsers.formats import image, pdf
from parsers.limits import DEFAULT_LIMITS, Limits
from parsers.pictures import tiff_pages
from parsers.registry import registry
from parsers.sniff import sniff

log = logging.getLogger(__name__)

_PDF: Final = "application/pdf"


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFile:
    """Where the file lies until the next one is asked for, its type, its SHA-256."""

    path: Path
    media_type: str
    sha256: str


def files_inside(path: Path, name: str, limits: Limits = DEFAULT_LIMITS) -> Generator[FoundFile]:
    """The file at `path`, then what is inside it. Close the generator, which removes what was unpacked."""
    media_type = sniff(path, name)
    yield FoundFile(path=path, media_type=media_type, sha256=_digest(path))
    if limits.depth <= 0:
        return
    with tempfile.TemporaryDirectory(prefix="baosong-", ignore_cleanup_errors=True) as scratch:
        below = replace(limits, depth=limits.depth - 1)
        source = SourceFile(path=path, name=name, media_type=media_type, scratch=Path(scratch), limits=below)
        for inner in _embedded(source):
            yield from files_inside(inner.path, inner.name, below)


def take_out(path: Path, name: str, sha256: str, target: Path, *, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Writes the file with that SHA-256 from inside the file at `path` to `target`; False where it is not there."""
    with closing(files_inside(path, name, limits)) as found:
        for file in found:
            if file.sha256 == sha256:
                shutil.copyfile(file.path, target)
                return True
    return False


def _embedded(source: SourceFile) -> tuple[EmbeddedFile, ...]:
    """Nothing for a file that cannot be opened: that was said when it was read."""
    parser = registry().get(source.media_type)
    is_tiff = source.media_type == image.TIFF
    if parser is None or (not is_tiff and source.media_type.startswith(("image/", "video/", "audio/"))):
        return ()
    try:
        if is_tiff:
            return tiff_pages(source.path, source.scratch, source.limits).files
        return pdf.pictures(source) if source.media_type == _PDF else parser.read(source).embedded
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - parsers of strangers' files raise of all kinds
        log.info("nothing inside", extra={"action": "inside_unreadable", "reason": f"{type(error).__name__}: {error}"})
        return ()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
