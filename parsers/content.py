"""What a format parser hands on: blocks of text and tables in document order, and the files found inside.

Every format, from .docx to a photographed page, is brought to this one shape; `parsers.read` then finds the forms,
tells the kind and reads what is inside, the same way for all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from parsers.limits import DEFAULT_LIMITS, Limits
from rules.extraction import Kind, Link, Photo, Place, Video
from rules.findings import Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    """One file to be read. `scratch` is an empty folder that the parser may fill and that its caller removes."""

    path: Path
    name: str
    media_type: str
    scratch: Path
    limits: Limits = DEFAULT_LIMITS


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """A line or paragraph of running text. `level`: 0 for the title, 1… for headings, None for text.

    `certainty` and `place` are there where the text was read from a picture. `reaches_edge`: it is a line of a page
    that ends where all long lines do, so that the next one may go on with it.
    """

    text: str
    level: int | None = None
    reaches_edge: bool = False
    certainty: float | None = None
    place: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell of a table; a merged cell stands once, at its top left, with its spans. Certainty as in `Paragraph`."""

    text: str
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    certainty: float | None = None
    place: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table from any source. `name` is the sheet's name where there is one; `is_hidden` if nobody sees that sheet."""

    cells: tuple[Cell, ...]
    rows: int
    columns: int
    name: str = ""
    is_hidden: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbeddedFile:
    """A file found inside another: a picture in a document, a member of an archive, an attachment of a nested mail."""

    name: str
    path: Path
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """All that a format parser saw. `kind` is set only where the format itself decides it (a video, a logo, …)."""

    blocks: tuple[Paragraph | Table, ...] = ()
    embedded: tuple[EmbeddedFile, ...] = ()
    kind: Kind | None = None
    title: str = ""
    photo: Photo | None = None
    video: Video | None = None
    stamped: bool | None = None
    signed: bool | None = None
    read_by: str = "structure"
    confidence: float | None = None
    links: tuple[Link, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FormatParser:
    """What a module of `parsers.formats` or `parsers.containers` exports as `PARSER`.

    `read` may raise anything on a bad file: `parsers.read` turns it into the finding `unreadable`. It raises
    `EncryptedFile` or `LimitExceeded` where it can tell.
    """

    name: str
    media_types: tuple[str, ...]
    read: Callable[[SourceFile], Content]


class EncryptedFile(Exception):  # noqa: N818 - it names what was found, as the finding does
    """The file wants a password."""


class LimitExceeded(Exception):  # noqa: N818 - as above
    """The file is too big, too deep, or built to explode."""


class ArchiveTooLarge(LimitExceeded):
    """An archive that comes to too much; the message says in Chinese of what."""


class UnsupportedFile(Exception):  # noqa: N818 - as above
    """The file is whole, but nothing here opens it; the message says in Chinese what it is and what to send instead."""
