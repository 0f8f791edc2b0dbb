"""What the parsers' jobs answer beside an `Extraction`. Loads no parser: whoever asks for a job needs these too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rules.bouncing import BounceNotice
from rules.messages import Envelope
from rules.previews import PreviewKey


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodedPart:
    """One file of a message. `payload` holds its decoded bytes (a body: its text as UTF-8) in the scratch folder.

    `path` is the IMAP section number. `is_inline`: shown in the text by its sender, which phones do with real photos.
    `is_guessed`: the charset of its name, or of a body's text, was not declared.
    """

    path: str
    filename: str
    declared_type: str
    payload: Path
    sha256: str
    size_bytes: int
    folders: tuple[str, ...] = ()
    origin: int | None = None
    is_body: bool = False
    is_inline: bool = False
    is_guessed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodedMessage:
    """One message taken apart. `body_text` is the text of its own body, quotes of earlier mail included.

    `excess`: why it was not taken apart, in Chinese; then only the envelope is here.
    """

    envelope: Envelope
    body_text: str
    parts: tuple[DecodedPart, ...]
    defects: tuple[str, ...] = ()
    excess: str = ""
    bounce: BounceNotice | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MadePreview:
    """A preview as WebP. `scale` as in `rules.previews.Preview`."""

    key: PreviewKey
    webp: bytes
    width: int
    height: int
    scale: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """One file in the place of those of the mail with the numbers `places`, which count from 0."""

    places: tuple[int, ...]
    name: str
    path: Path
    sha256: str
    size_bytes: int
