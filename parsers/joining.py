"""Puts the volumes of a cut archive together again, wherever files lie beside each other: in a mail, in an archive.

    join_sets(files, scratch)  → what was made of which volumes
    joined(files, scratch)     → the files, with one in the place of all volumes of a set
    only_set(files)            → the set that an archive holds and nothing else, which its parser has to read itself

What a zip program or a plain splitter cut becomes the archive that it was. RAR's volumes, and a set of which some are
missing, become a zip file in which they lie as they came: `containers.zip` reads that as the one archive that they are.
The same volumes make the same bytes every time, so that what lies inside is found again by its hash.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from parsers.content import EmbeddedFile
from parsers.filenames import DistinctNames
from parsers.split_archives import join, join_split_zip
from parsers.volumes import Scheme, VolumeSet, volume_sets

_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
_MAX_EXTENSION_CHARS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Joining:
    """One file that was made of volumes: the first of them, in the place of which it stands, then all others."""

    whole: EmbeddedFile
    volumes: tuple[EmbeddedFile, ...]

    def remove_volumes(self) -> None:
        """What lies on the disk twice counts twice."""
        for file in self.volumes:
            file.path.unlink(missing_ok=True)


def join_sets(files: Sequence[EmbeddedFile], scratch: Path) -> tuple[Joining, ...]:
    """What is joined is written into `scratch`. Raises OSError."""
    names = DistinctNames()
    for file in files:
        names.claim(file.folders, file.name)
    made = (_joined(found, scratch / f"joined-{count:05d}", names) for count, found in enumerate(volume_sets(files)))
    return tuple(joining for joining in made if joining is not None)


def joined(files: Sequence[EmbeddedFile], scratch: Path) -> tuple[EmbeddedFile, ...]:
    """The files, with what was joined in the place of the first volume; the volumes are removed. Raises OSError."""
    joinings = join_sets(files, scratch)
    for joining in joinings:
        joining.remove_volumes()
    whole = {joining.volumes[0].path: joining.whole for joining in joinings}
    gone = {file.path for joining in joinings for file in joining.volumes}
    return tuple(whole.get(file.path, file) for file in files if file.path in whole or file.path not in gone)


def only_set(files: Sequence[EmbeddedFile]) -> VolumeSet | None:
    """None where there is anything else, or where the volumes can be made the archive that they were."""
    found = volume_sets(files)
    if len(found) != 1 or len(found[0].volumes) + len(found[0].repeated) != len(files) or _can_be_whole(found[0]):
        return None
    return found[0]


def _can_be_whole(found: VolumeSet) -> bool:
    return found.scheme is not Scheme.RAR and not found.missing


def _joined(found: VolumeSet, target: Path, names: DistinctNames) -> Joining | None:
    """None for a set whose directory cannot be followed: its volumes stay as they are."""
    stem, extension = _parted(found)
    number = len(found.volumes)
    if _can_be_whole(found):
        name = f"{stem}（{number}个分卷合并）{extension}"
        if not _made_whole(found, target):
            return None
    else:
        name = f"{found.stem}（{number}个分卷）.zip"
        _bundle(found, target)
    folders = found.files[0].folders
    whole = EmbeddedFile(name=names.claim(folders, name), path=target, folders=folders)
    return Joining(whole=whole, volumes=(*found.files, *found.repeated))


def _parted(found: VolumeSet) -> tuple[str, str]:
    if found.scheme is Scheme.SPLIT_ZIP:
        return found.stem, ".zip"
    suffix = Path(found.stem).suffix
    if found.scheme is Scheme.RAR or len(suffix) > _MAX_EXTENSION_CHARS:
        return found.stem, ""
    return found.stem.removesuffix(suffix), suffix


def _made_whole(found: VolumeSet, target: Path) -> bool:
    paths = [file.path for file in found.files]
    try:
        if found.scheme is Scheme.SPLIT_ZIP:
            join_split_zip(paths, target)
        else:
            join(paths, target)
    except (ValueError, struct.error):
        target.unlink()
        return False
    return True


def _bundle(found: VolumeSet, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        for file in found.files:
            entry = zipfile.ZipInfo(file.name, _LONG_AGO)
            with file.path.open("rb") as volume, bundle.open(entry, "w", force_zip64=True) as member:
                while block := volume.read(1 << 20):
                    member.write(block)


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 and size in bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
