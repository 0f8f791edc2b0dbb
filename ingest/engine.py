"""Where parse jobs run: today a pool of processes on this machine; a cluster fits behind the same two calls.

Whatever happens to a job, there is an answer: a file that crashes or hangs its parser is an `Extraction` with a
finding; a message that cannot even be taken apart raises `UndecodableMessage` and is quarantined by the pipeline.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ingest.config_schema import ParsingTable
from ingest.jobs import (
    decode_message,
    join_scattered,
    make_previews,
    read_envelope,
    read_file,
    take_out,
    volumes_among,
)
from ingest.sandbox import Sandbox, SandboxFailure
from parsers.answers import DecodedMessage, Gathered, MadePreview
from rules.extraction import Extraction, Kind
from rules.findings import Code, Finding
from rules.messages import Envelope
from rules.previews import PreviewKey

if TYPE_CHECKING:  # what parsers are made of is not loaded into the program: see `ingest.jobs`
    from parsers.content import EmbeddedFile

log = logging.getLogger(__name__)

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PATIENCE: Final = 4
"""So many times the processor time that a file may take is it waited for: a busy machine is no bad file."""

_FINDING_OF_FAILURE: Final[dict[str, Finding]] = {
    "timeout": Finding(code=Code.LIMIT_EXCEEDED, detail="文件过于复杂，读取超时"),
    "cpu": Finding(code=Code.LIMIT_EXCEEDED, detail="文件过于复杂，读取所需运算超出限制"),
    "disk": Finding(code=Code.LIMIT_EXCEEDED, detail="文件解压后过大，超出限制"),
    "answer": Finding(code=Code.LIMIT_EXCEEDED, detail="文件内容过多，识别结果超出限制"),
    "memory": Finding(code=Code.LIMIT_EXCEEDED, detail="文件过大，读取所需内存超出限制"),
    "crash": Finding(code=Code.UNREADABLE, detail="文件异常，读取程序无法打开"),
}


def parsing_sandbox(
    parsing: ParsingTable,
    *,
    workers: int,
    scratch_root: Path,
    stop: Callable[[], bool] = lambda: False,
) -> Sandbox:
    """A sandbox with the configured limits."""
    return Sandbox(
        workers=workers,
        memory_mib=parsing.memory_mib,
        processor_seconds=parsing.timeout.total_seconds(),
        timeout_seconds=_PATIENCE * parsing.timeout.total_seconds(),
        scratch_root=scratch_root,
        stop=stop,
    )


def is_of_failed_job(extraction: Extraction) -> bool:
    """True where the parser never came back: the file's fault, or that of a machine that was busy or out of memory."""
    return any(finding in _FINDING_OF_FAILURE.values() for finding in extraction.findings)


class UndecodableMessage(Exception):  # noqa: N818 - names what was found
    """The message could not be taken apart within its limits; the text says why, in Chinese.

    `envelope`: what its headers say all the same; None where not even they could be read.
    """

    def __init__(self, reason: str, envelope: Envelope | None = None) -> None:
        self.envelope = envelope
        super().__init__(reason)


class NotTakenOut(Exception):  # noqa: N818 - as above
    """The file in which something lies could not be unpacked within its limits; the message says why, in Chinese."""


class ParseEngine(Protocol):
    """What the pipeline needs of whoever runs the parsers."""

    def decoded(self, raw: Path) -> AbstractContextManager[DecodedMessage]:
        """One message taken apart into files, which are gone at the end. Raises UndecodableMessage."""

    def gathered(
        self, own: Sequence[EmbeddedFile], earlier: Sequence[EmbeddedFile]
    ) -> AbstractContextManager[tuple[Gathered, ...]]:
        """`parsers.scattered_volumes.join_scattered`, its files gone at the end; nothing where that fails."""

    def volumes_among(self, files: Sequence[EmbeddedFile]) -> frozenset[int]:
        """The places, from 0, of the files that are volumes of an archive; none where that fails."""

    def read(self, path: Path, name: str) -> Extraction:
        """What stands in one file; never raises for what the file does to its parser."""

    def previews(self, path: Path, name: str, wanted: Sequence[PreviewKey]) -> tuple[MadePreview, ...] | None:
        """Those that can be made; None where the job did not come back, for the file's fault or the machine's."""

    def taken_out(self, path: Path, name: str, sha256: str) -> AbstractContextManager[Path | None]:
        """The file with that hash from inside another, gone at the end; None: not in it. Raises NotTakenOut.

        A stranger's file may have had its parser write anything there: compare its hash before it is believed.
        """


class LocalEngine:
    """Runs the parsers in this machine's sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    @contextmanager
    def decoded(self, raw: Path) -> Iterator[DecodedMessage]:
        with self._sandbox.scratch() as scratch:
            try:
                message = self._sandbox.run(
                    decode_message, raw, scratch, answer=DecodedMessage, reading=[raw], writing=[scratch]
                )
            except SandboxFailure as failure:
                log.warning(
                    "decode job failed: %s", failure, extra={"action": "decode_failed", "reason": failure.reason}
                )
                reason = _FINDING_OF_FAILURE[failure.reason].detail.replace("文件", "邮件")
                raise UndecodableMessage(reason, self._envelope(raw)) from failure
            if message.excess:
                raise UndecodableMessage(message.excess, message.envelope)
            if any(part.payload.parent != scratch for part in message.parts):  # it would have us adopt a file of ours
                raise UndecodableMessage("读取程序返回的附件位置异常", message.envelope)
            yield message

    def _envelope(self, raw: Path) -> Envelope | None:
        try:
            return self._sandbox.run(read_envelope, raw, answer=Envelope, reading=[raw])
        except SandboxFailure:
            return None

    @contextmanager
    def gathered(self, own: Sequence[EmbeddedFile], earlier: Sequence[EmbeddedFile]) -> Iterator[tuple[Gathered, ...]]:
        with self._sandbox.scratch() as scratch:
            reading = [file.path for file in (*own, *earlier)]
            try:
                found = self._sandbox.run(
                    *(join_scattered, own, earlier, scratch),
                    answer=tuple[Gathered, ...],
                    reading=reading,
                    writing=[scratch],
                )
            except SandboxFailure as failure:
                log.warning("volumes not gathered: %s", failure, extra={"action": "gathering_failed"})
                found = ()
            known = set(range(len(own)))
            yield tuple(
                one for one in found if one.path.parent == scratch and one.places and known.issuperset(one.places)
            )

    def volumes_among(self, files: Sequence[EmbeddedFile]) -> frozenset[int]:
        try:
            reading = [file.path for file in files]
            return frozenset(self._sandbox.run(volumes_among, files, answer=tuple[int, ...], reading=reading))
        except SandboxFailure as failure:
            log.warning("volumes not told: %s", failure, extra={"action": "gathering_failed"})
            return frozenset()

    def read(self, path: Path, name: str) -> Extraction:
        try:
            seen = self._sandbox.run(read_file, path, name, answer=Extraction, reading=[path])
            _raise_unless_of(seen, path, name)
        except SandboxFailure as failure:
            log.warning("parse job failed: %s", failure, extra={"action": "parse_failed", "reason": failure.reason})
            return Extraction(
                file=name,
                media_type="application/octet-stream",
                kind=Kind.UNREADABLE,
                sha256=_digest(path),
                size_bytes=path.stat().st_size,
                findings=(_FINDING_OF_FAILURE[failure.reason],),
            )
        return seen

    def previews(self, path: Path, name: str, wanted: Sequence[PreviewKey]) -> tuple[MadePreview, ...] | None:
        try:
            made = self._sandbox.run(
                make_previews, path, name, tuple(wanted), answer=tuple[MadePreview, ...], reading=[path]
            )
        except SandboxFailure as failure:
            log.warning("preview job failed: %s", failure, extra={"action": "preview_failed", "reason": failure.reason})
            return None
        return tuple({one.key: one for one in made if one.key in wanted}.values())  # no picture of another unit's file

    @contextmanager
    def taken_out(self, path: Path, name: str, sha256: str) -> Iterator[Path | None]:
        with self._sandbox.scratch() as scratch:
            target = scratch / "member"
            try:
                is_there = self._sandbox.run(
                    take_out, path, name, sha256, target, answer=bool, reading=[path], writing=[scratch]
                )
            except SandboxFailure as failure:
                log.warning(
                    "unpacking failed: %s", failure, extra={"action": "unpack_failed", "reason": failure.reason}
                )
                raise NotTakenOut(_FINDING_OF_FAILURE[failure.reason].detail) from failure
            yield target if is_there else None


def _digest(path: Path) -> str:
    """A blob is named by it; any other file is hashed."""
    if _SHA256.fullmatch(path.name):
        return path.name
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _raise_unless_of(seen: Extraction, path: Path, name: str) -> None:
    if (seen.file, seen.sha256) != (name, _digest(path)) or not _has_true_digests(seen):
        raise SandboxFailure("crash", "answered for another file")


def _has_true_digests(seen: Extraction) -> bool:
    """Files are looked up by them later on; what could not be unpacked has none."""
    is_one = not seen.sha256 or _SHA256.fullmatch(seen.sha256)
    return bool(is_one) and all(map(_has_true_digests, seen.members))
