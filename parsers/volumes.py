"""Archives that were cut into volumes: which files belong together, which of them is which, and whether all are here.

    volume_sets(files)         → the sets among files that came together, each of two volumes at least
    archives_joined(name)      → of which archive the volumes were put together in the file of that name
    archive_by_name(name)      → whether a name may be that of a volume, without looking into the file
    lone_volume(path, name)    → what to say of a volume without the others; "" for a file that is none

Names tell, as they are when they arrive: 照片.part1.rar, .r00, .7z.001, .z01, in any case, with the (1) of a browser.
RAR's own volumes say in their head that they are some and, from RAR 5 on, which: two whole archives that somebody
called part1 and part2 stay two, and volumes that somebody named anew find together.
"""

from __future__ import annotations

import filecmp
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final

from parsers.content import EmbeddedFile
from parsers.split_archives import RarHead, rar_head, starts_like_an_archive, total_of_pieces, zip_end

PLEASE: Final = "请用同一邮箱在7天内补发缺少的分卷，或解压后直接报送里面的文件"  # days: ingest.scattered_volumes

_COPY: Final = r"\s*(?P<{}>(?:[（(]\d{{1,2}}[)）])?)"
_RAR: Final = re.compile(
    rf"(?P<stem>.+?){_COPY.format('a')}[._ -]?part(?P<number>\d{{1,4}}){_COPY.format('b')}\.(?:rar|exe)"
    rf"{_COPY.format('c')}",
    re.IGNORECASE,
)
_OLD_RAR: Final = re.compile(
    rf"(?P<stem>.+?){_COPY.format('a')}\.(?P<letter>[r-z])(?P<number>\d\d){_COPY.format('b')}", re.IGNORECASE
)
_WHOLE_RAR: Final = re.compile(rf"(?P<stem>.+?){_COPY.format('a')}\.rar{_COPY.format('b')}", re.IGNORECASE)
_SPLIT_ZIP: Final = re.compile(
    rf"(?P<stem>.+?){_COPY.format('a')}\.(?:z(?P<number>\d\d)|zip){_COPY.format('b')}", re.IGNORECASE
)
_PIECE: Final = re.compile(rf"(?P<stem>.+?){_COPY.format('a')}\.(?P<number>\d{{3}}){_COPY.format('b')}", re.IGNORECASE)
BUNDLE: Final = re.compile(r"(?P<stem>.+)（\d{1,4}个分卷）(?:\(\d+\))?\.zip")
"""What `parsers.joining` calls a zip file with volumes."""
_JOINED: Final = re.compile(r"(?P<stem>.+)（\d{1,4}个分卷合并）(?:\(\d+\))?(?P<extension>\.\w{1,5})?")
TAKEN: Final = "（已并入后来的邮件）"
"""Stands in the name of a volume that a later mail has taken over; it is nothing by itself any more."""
_EXTENSION: Final = re.compile(r"\.(?:7z|zip|rar|tar|tgz|gz|bz2|xz)$", re.IGNORECASE)
_COUNTED: Final = re.compile(r"[\s._-]*\d*$")


MOST_VOLUMES: Final = 1000
"""A number beyond comes from no program that cuts archives."""
_TOLD_NUMBERS: Final = 12


class Scheme(Enum):
    """Who cut it: RAR itself, a zip program (.z01 … .zip), or a program that cuts any file into pieces (.001)."""

    RAR = "rar"
    SPLIT_ZIP = "zip"
    PIECES = "pieces"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Volume:
    """`number` from 1; `copy`: the (1) that stood in its name; `total`: how many there are, where it says so."""

    file: EmbeddedFile
    scheme: Scheme
    stem: str
    number: int
    copy: str = ""
    total: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VolumeSet:
    """Volumes of one archive, by number. `repeated`: further copies of the same."""

    scheme: Scheme
    stem: str
    volumes: Mapping[int, EmbeddedFile]
    repeated: tuple[EmbeddedFile, ...] = ()
    total: int | None = None

    @property
    def files(self) -> tuple[EmbeddedFile, ...]:
        """The volumes in their order."""
        return tuple(self.volumes[number] for number in sorted(self.volumes))

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers that are known to be missing. RAR's last volume is told by its own parser only."""
        last = min(max(*self.volumes, self.total or 0), MOST_VOLUMES)
        return tuple(number for number in range(1, last + 1) if number not in self.volumes)


def incomplete(numbers: Iterable[int], missing: Iterable[int]) -> str:
    """What to tell the unit: which volumes came, and which are missing."""
    numbers, missing = list(numbers), list(islice(missing, MOST_VOLUMES))
    return f"分卷压缩包不完整：收到第{_listed(numbers)}卷，缺第{_listed(missing)}卷。{PLEASE}"


def lone_volume(path: Path, name: str) -> str:
    """What to say of a volume that came without the others; "" for what is none. Raises OSError."""
    volume = _volume(EmbeddedFile(name=PurePosixPath(name).name, path=path))
    if volume is None or (volume.scheme is Scheme.PIECES and not _is_cut(volume.stem, path)):
        return ""
    return f"分卷压缩包只收到第{volume.number}卷，单独无法打开。{PLEASE}"


def archive_by_name(name: str) -> tuple[str, bool] | None:
    """The name that all volumes of an archive share, and whether it is surely that of a volume; None for other files.

    A name without a number may be that of the first RAR, or of the last zip.
    """
    name = name.replace(TAKEN, "")
    bundle = BUNDLE.fullmatch(name)
    if bundle:
        return bundle["stem"].casefold(), True
    named = next(
        (found for pattern in (_RAR, _OLD_RAR, _SPLIT_ZIP, _PIECE) if (found := pattern.fullmatch(name))), None
    )
    if named and named["number"]:
        return named["stem"].casefold(), True
    named = named or _WHOLE_RAR.fullmatch(name)
    return (named["stem"].casefold(), False) if named else None


def archives_joined(name: str) -> tuple[str, ...]:
    """The names that its volumes may have shared, of a file that `parsers.joining` made; a split zip's has no .zip."""
    bundle, joined = BUNDLE.fullmatch(name), _JOINED.fullmatch(name)
    if bundle or joined is None:
        return (bundle["stem"].casefold(),) if bundle else ()
    stem, extension = joined["stem"].casefold(), (joined["extension"] or "").casefold()
    return (stem, stem + extension) if extension == ".zip" else (stem + extension,)


def as_taken(name: str) -> str:
    """The name of a volume that a later mail has taken over."""
    if TAKEN in name:
        return name
    archive = archive_by_name(name)
    end = len(archive[0]) if archive else 0
    return name[:end] + TAKEN + name[end:]


def which_volume(file: EmbeddedFile) -> tuple[object, ...] | None:
    """Of which archive, and its number; the same for two files that would take one place. Raises OSError."""
    volume = _volume(file)
    return None if volume is None else (*_anywhere(volume), volume.number)


def volume_sets(files: Sequence[EmbeddedFile]) -> tuple[VolumeSet, ...]:
    """Sets of at least two different volumes: those in one folder, then of the others those in any. Raises OSError."""
    volumes = [volume for file in files if (volume := _volume(file)) is not None]
    found = _grouped(volumes, _in_folder)
    taken = {file.path for one in found for file in (*one.files, *one.repeated)}
    return (*found, *_grouped([volume for volume in volumes if volume.file.path not in taken], _anywhere))


def _grouped(volumes: Iterable[_Volume], key: Callable[[_Volume], tuple[object, ...]]) -> tuple[VolumeSet, ...]:
    groups: dict[tuple[object, ...], list[_Volume]] = {}
    for volume in volumes:
        groups.setdefault(key(volume), []).append(volume)
    return tuple(found for group in groups.values() for found in _sets(group))


def _in_folder(volume: _Volume) -> tuple[object, ...]:
    return volume.file.folders, *_anywhere(volume)


def _anywhere(volume: _Volume) -> tuple[object, ...]:
    return volume.scheme, volume.stem.casefold()


def _sets(volumes: Sequence[_Volume]) -> list[VolumeSet]:
    """One set; where volumes of the same number differ, those with the same (1) in their names are one each."""
    whole = _set(volumes)
    if whole is not None:
        return _real([whole])
    copies = sorted({volume.copy for volume in volumes})
    return _real(_set([volume for volume in volumes if volume.copy == copy]) for copy in copies)


def _real(found: Iterable[VolumeSet | None]) -> list[VolumeSet]:
    return [one for one in found if one is not None and len(one.volumes) > 1 and _is_archive(one)]


def _set(volumes: Sequence[_Volume]) -> VolumeSet | None:
    """None where two volumes of the same number differ."""
    taken: dict[int, _Volume] = {}
    repeated = []
    for volume in volumes:
        first = taken.setdefault(volume.number, volume)
        if first is not volume:
            if not filecmp.cmp(first.file.path, volume.file.path, shallow=False):
                return None
            repeated.append(volume.file)
    found = {number: volume.file for number, volume in taken.items()}
    first = volumes[0]
    total = max((volume.total for volume in volumes if volume.total), default=None)
    if first.scheme is Scheme.PIECES:
        total = total_of_pieces([file.path for _number, file in sorted(found.items())], max(found))
    return VolumeSet(
        scheme=first.scheme, stem=taken[min(taken)].stem, volumes=found, repeated=tuple(repeated), total=total
    )


def _is_archive(found: VolumeSet) -> bool:
    """Files called 扫描.001 and 扫描.002 are no volumes unless the first one begins like something that was cut."""
    first = found.volumes.get(1)
    return found.scheme is not Scheme.PIECES or _is_cut(found.stem, first.path if first else None)


def _is_cut(stem: str, first: Path | None) -> bool:
    return bool(_EXTENSION.search(stem)) or (first is not None and starts_like_an_archive(first))


def _volume(file: EmbeddedFile) -> _Volume | None:
    volume = _rar_volume(file) or _zip_volume(file) or _piece(file)
    return volume if volume and 0 < volume.number <= MOST_VOLUMES else None


def _rar_volume(file: EmbeddedFile) -> _Volume | None:
    head = rar_head(file.path)
    named = _RAR.fullmatch(file.name)
    # The first volume of a program that unpacks itself begins like any program.
    is_volume = head.is_volume if head else file.name.lower().endswith(".exe")
    if named and is_volume:
        return _named(file, Scheme.RAR, named, int(named["number"]))
    return _by_head(file, head) if head and head.is_volume else None


def _by_head(file: EmbeddedFile, head: RarHead) -> _Volume | None:
    """.rar, .r00, .r01 …, and volumes that somebody named anew."""
    old, whole = _OLD_RAR.fullmatch(file.name), _WHOLE_RAR.fullmatch(file.name)
    if old:
        return _named(file, Scheme.RAR, old, 2 + 100 * (ord(old["letter"].lower()) - ord("r")) + int(old["number"]))
    if whole and not head.has_part_names:
        return _named(file, Scheme.RAR, whole, 1)
    if whole and head.number is not None:
        stem = _COUNTED.sub("", whole["stem"])
        return _Volume(file=file, scheme=Scheme.RAR, stem=stem, number=head.number, copy=_copy(whole))
    return None


def _zip_volume(file: EmbeddedFile) -> _Volume | None:
    named = _SPLIT_ZIP.fullmatch(file.name)
    if named is None:
        return None
    if named["number"]:
        return _named(file, Scheme.SPLIT_ZIP, named, int(named["number"])) if int(named["number"]) else None
    end = zip_end(file.path)
    if end is None or not end.disk:
        return None
    last = end.disk + 1
    return replace(_named(file, Scheme.SPLIT_ZIP, named, last), total=last)


def _piece(file: EmbeddedFile) -> _Volume | None:
    named = _PIECE.fullmatch(file.name)
    if named is None or not int(named["number"]):
        return None
    return _named(file, Scheme.PIECES, named, int(named["number"]))


def _named(file: EmbeddedFile, scheme: Scheme, named: re.Match[str], number: int) -> _Volume:
    return _Volume(file=file, scheme=scheme, stem=named["stem"], number=number, copy=_copy(named))


def _copy(named: re.Match[str]) -> str:
    groups = named.groupdict()
    return next((groups[name] for name in ("c", "b", "a") if groups.get(name)), "")


def _listed(numbers: Sequence[int]) -> str:
    told = "、".join(str(number) for number in sorted(numbers)[:_TOLD_NUMBERS])
    return told if len(numbers) <= _TOLD_NUMBERS else f"{told}等{len(numbers)}"
