"""What all archive formats share: members go into scratch under numbers, every byte is counted, names are made plain.

    unpacking = Unpacking(source)
    unpacking.refuse_declared(sizes)              what the directory admits needs no unpacking to be refused
    with unpacking.member(path, broken) as write: a member's bytes, as they come; too many raise ArchiveTooLarge
    unpacking.content()                           the files and what was wrong with the others

Paths are only ever told in `folders`: files are written under numbers, so a member called ../../etc/passwd harms
nothing. A member that is corrupt or behind a password costs that member. Bytes are counted while they stream, because
a bomb's directory may lie about sizes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import Final

from parsers.content import ArchiveTooLarge, Content, EmbeddedFile, SourceFile, UnsupportedFile
from parsers.filenames import DistinctNames, is_leaving, safe_name
from parsers.joining import joined
from parsers.limits import MIB, Limits
from rules.extraction import Kind
from rules.findings import Code, Finding

DAMAGED: Final = "压缩包内的文件已损坏"
CHUNK_BYTES: Final = 256 * 1024
_RATIO_FLOOR_BYTES: Final = 10 * MIB
_SEPARATORS: Final = re.compile(r"[\\/]+")
_MAX_FOLDERS: Final = 20

Path = tuple[str, ...]
Write = Callable[[bytes], object]


class Unpacking:
    """Writes the members of one archive and counts what they come to."""

    def __init__(self, source: SourceFile, *, damage: str = DAMAGED) -> None:
        """`damage`: what is said of a member that cannot be unpacked."""
        self._source = source
        self._damage = damage
        self._names = DistinctNames()
        self._left = budget(source.path.stat().st_size, source.limits)
        self._embedded: list[EmbeddedFile] = []
        self._findings: list[Finding] = []
        self._begun = 0

    def refuse_declared(self, sizes: Sequence[int]) -> None:
        """Raises ArchiveTooLarge for what could not be unpacked within the limits."""
        if len(sizes) > self._source.limits.members:
            raise ArchiveTooLarge(f"压缩包内文件过多（{len(sizes)}个）")
        if sum(sizes) > self._left:
            raise ArchiveTooLarge("压缩包解开后过大")

    @contextmanager
    def member(self, path: Path, broken: tuple[type[Exception], ...] = ()) -> Iterator[Write]:
        """Takes one member's bytes; one of `broken` raised meanwhile costs this member only."""
        member = self.begin(path)
        try:
            yield member.write
        except broken as error:
            member.drop()
            if isinstance(error, OSError) and error.errno is not None:
                raise  # a full disk is ours, not the member's; bz2 reports bad data as an OSError without a number
        except BaseException:
            member.close()
            raise
        else:
            member.keep()

    def begin(self, path: Path) -> Member:
        """For libraries that push bytes: the member is to be kept or dropped by its caller."""
        if self._begun >= self._source.limits.members:
            raise ArchiveTooLarge("压缩包内文件过多")
        self._begun += 1
        return Member(self, path, self._source.scratch / f"member-{self._begun:05d}")

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ArchiveTooLarge("压缩包解开后过大")

    def add(self, path: Path, file: FilePath) -> None:
        *folders, name = path
        claimed = self._names.claim(tuple(folders), name)
        self._embedded.append(EmbeddedFile(name=claimed, path=file, folders=tuple(folders)))

    @property
    def left(self) -> int:
        """How many bytes may still be unpacked."""
        return self._left

    @property
    def has_files(self) -> bool:
        return bool(self._embedded)

    def content_of_archive(self) -> Content:
        """As `content`; an archive without a file in it is nobody's submission, and its sender does not know."""
        if not self._embedded and not self._findings:
            raise UnsupportedFile("压缩包内没有文件，请重新压缩后报送")
        return self.content()

    def unsupported(self, path: Path) -> None:
        self.complain(
            Code.UNREADABLE, f"压缩包内的文件用了少见的压缩方式，无法解开，请用普通的zip格式重新压缩：{path[-1]}"
        )

    def corrupt(self, path: Path) -> None:
        self.complain(Code.UNREADABLE, f"{self._damage}：{path[-1]}")

    def locked(self, path: Path) -> None:
        self.complain(Code.ENCRYPTED, f"压缩包内的文件已加密，无法打开：{path[-1]}")

    def complain(self, code: Code, detail: str) -> None:
        self._findings.append(Finding(code=code, detail=detail))

    @property
    def files(self) -> tuple[EmbeddedFile, ...]:
        return tuple(self._embedded)

    def content(self) -> Content:
        """Volumes of an archive that lie beside each other are one file."""
        embedded = joined(self._embedded, self._source.scratch)
        return Content(kind=Kind.ARCHIVE, embedded=embedded, findings=tuple(self._findings))


class Member:
    """One file that is being written."""

    def __init__(self, unpacking: Unpacking, path: Path, target: FilePath) -> None:
        self._unpacking = unpacking
        self._path = path
        self._target = target
        self._file = target.open("wb")

    def write(self, data: bytes) -> None:
        self._unpacking.spend(len(data))
        self._file.write(data)

    def close(self) -> None:
        self._file.close()

    def keep(self) -> None:
        self.close()
        self._unpacking.add(self._path, self._target)

    def drop(self) -> None:
        """It is corrupt."""
        self.close()
        self._target.unlink(missing_ok=True)
        self._unpacking.corrupt(self._path)


def budget(packed_bytes: int, limits: Limits) -> int:
    """How many bytes may come out of an archive of this size."""
    return min(limits.unpacked_bytes, max(_RATIO_FLOOR_BYTES, packed_bytes * limits.ratio))


def is_system_file(path: Path) -> bool:
    """What operating systems and Office leave behind, no one's submission."""
    if not path:
        return True
    return "__MACOSX" in path[:-1] or is_leaving(path[-1])


def member_path(text: str) -> Path:
    """A member's path as plain names, outermost folder first; `..`, drives and empty names fall away."""
    names = [safe_name(name) for name in _SEPARATORS.split(text) if not re.fullmatch(r"\.{1,2}|[A-Za-z]:|", name)]
    names = [name for name in names if name]
    return (*names[:-1][-_MAX_FOLDERS:], *names[-1:])
