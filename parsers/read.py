"""Reads one file that a stranger sent: sniff → registry → Content → interpret → recurse into what is inside.

`read_file` never raises for what is in a file: that becomes a finding. It does the same for the same bytes and name,
and it spends at most what `limits` allows, over all levels together.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from parsers.content import (
    ArchiveTooLarge,
    Content,
    EmbeddedFile,
    EncryptedFile,
    FormatParser,
    LimitExceeded,
    SourceFile,
    UnsupportedFile,
)
from parsers.filenames import is_leaving
from parsers.interpret import interpret
from parsers.limits import DEFAULT_LIMITS, Limits
from parsers.links import find_links
from parsers.media_names import is_named_as_medium, unreadable_detail
from parsers.registry import registry
from parsers.sniff import CALENDAR, CONTACT, ENCRYPTED_OFFICE, OCTETS, sniff
from parsers.volumes import TAKEN, lone_volume
from rules.extraction import Extraction, Kind
from rules.findings import Code, Finding

log = logging.getLogger(__name__)

_ENCRYPTED: Final = "文件设有密码，无法打开，请去掉密码后重新报送"


def read_file(path: Path, name: str, *, limits: Limits = DEFAULT_LIMITS) -> Extraction:
    """What the parsers see in the file at `path`, which its sender called `name`."""
    extraction, _left = _read(path, name, limits)
    return extraction


def _read(path: Path, name: str, left: Limits) -> tuple[Extraction, Limits]:
    """Reads one file and answers what is left of the limits for those after it."""
    with tempfile.TemporaryDirectory(prefix="baosong-", ignore_cleanup_errors=True) as scratch:
        media_type, content = _content(path, name, Path(scratch), left)
        members, after, problems = _read_members(content.embedded, left)
        extraction = _extraction(path, name, media_type, content, left)
    return replace(extraction, members=members, findings=(*extraction.findings, *problems)), after


def _content(path: Path, name: str, scratch: Path, left: Limits) -> tuple[str, Content]:
    """Whatever goes wrong with a file becomes content that says so."""
    media_type = OCTETS
    try:
        media_type = sniff(path, name)
        return media_type, _parsed(
            SourceFile(path=path, name=name, media_type=media_type, scratch=scratch, limits=left)
        )
    except MemoryError:
        raise  # the sandbox's matter: it knows whether the file or the machine is at fault
    except Exception as error:  # noqa: BLE001 - parsers of strangers' files raise of all kinds
        log.info("file not read", extra={"action": "file_unreadable", "reason": f"{type(error).__name__}: {error}"})
        return media_type, _failed(*_said_of(error, path, name))


def _parsed(source: SourceFile) -> Content:
    if is_leaving(PurePosixPath(source.name).name) or source.media_type in (CALENDAR, CONTACT):
        return Content(kind=Kind.OTHER)
    if source.media_type.startswith("text/") and is_named_as_medium(source.name):
        raise UnsupportedFile("文件名是照片、视频或录音，内容却是网页或文字，可能没有下载完整，请重新发送原文件")
    parser = registry().get(source.media_type)
    if TAKEN in source.name:
        return _taken_over(source, parser)
    return parser.read(source) if parser else _without_parser(source.path, source.media_type, source.name)


def _taken_over(source: SourceFile, parser: FormatParser | None) -> Content:
    """A volume that a later mail completes: nothing is wrong with it, and the files whole in it came with it."""
    try:
        return Content(kind=Kind.OTHER, embedded=parser.read(source).embedded if parser else ())
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - as in `_content`
        log.info("nothing whole in it", extra={"action": "volume_taken", "reason": f"{type(error).__name__}: {error}"})
        return Content(kind=Kind.OTHER)


def _said_of(error: Exception, path: Path, name: str) -> tuple[Code, str]:
    if isinstance(error, EncryptedFile):
        return Code.ENCRYPTED, _ENCRYPTED
    if isinstance(error, ArchiveTooLarge):
        return Code.LIMIT_EXCEEDED, f"{error}，未予读取"
    if isinstance(error, LimitExceeded):
        return Code.LIMIT_EXCEEDED, "文件过大、嵌套过深或解压后异常膨胀，未予读取"
    if isinstance(error, UnsupportedFile):
        return Code.UNREADABLE, str(error)
    return Code.UNREADABLE, _lone_volume(path, name) or "文件损坏，无法打开"


def _lone_volume(path: Path, name: str) -> str:
    try:
        return lone_volume(path, name)
    except OSError:
        return ""


def _without_parser(path: Path, media_type: str, name: str) -> Content:
    if media_type == ENCRYPTED_OFFICE:
        return _failed(Code.ENCRYPTED, _ENCRYPTED)
    of_volume = _lone_volume(path, name) if media_type == OCTETS else ""
    return _failed(Code.UNREADABLE, of_volume or unreadable_detail(media_type, name))


def _failed(code: Code, detail: str) -> Content:
    return Content(kind=Kind.UNREADABLE, findings=(Finding(code=code, detail=detail),))


def _read_members(
    embedded: Iterable[EmbeddedFile], left: Limits
) -> tuple[tuple[Extraction, ...], Limits, tuple[Finding, ...]]:
    members: list[Extraction] = []
    for file in embedded:
        size = file.path.stat().st_size
        if left.depth <= 0 or left.members <= 0 or size > left.unpacked_bytes:
            detail = "文件中嵌套的文件过多、过深或过大，没有全部读取"
            return tuple(members), left, (Finding(code=Code.LIMIT_EXCEEDED, detail=detail),)
        below = replace(left, depth=left.depth - 1, members=left.members - 1, unpacked_bytes=left.unpacked_bytes - size)
        member, after = _read(file.path, "/".join((*file.folders, file.name)), below)
        members.append(member)
        left = replace(after, depth=left.depth)
    return tuple(members), left, ()


def _extraction(path: Path, name: str, media_type: str, content: Content, limits: Limits) -> Extraction:
    seen = interpret(content, name, text_chars=limits.text_chars)
    digest, size = _digest(path)
    return Extraction(
        file=name,
        media_type=media_type,
        kind=seen.kind,
        sha256=digest,
        size_bytes=size,
        title=seen.title,
        unit_names=seen.unit_names,
        forms=seen.forms,
        stamped=content.stamped,
        signed=content.signed,
        read_by=content.read_by,
        confidence=content.confidence,
        also=seen.also,
        photo=content.photo,
        video=content.video,
        links=content.links or (find_links(seen.text) if seen.kind is Kind.DOCUMENT else ()),
        findings=(*content.findings, *seen.findings),
        text=seen.text,
    )


def _digest(path: Path) -> tuple[str, int]:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    except OSError:
        return "", 0
