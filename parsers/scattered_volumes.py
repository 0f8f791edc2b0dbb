"""Volumes of one archive that came in several mails: those of the last one and of the mails before it, put together.

    join_scattered(own, earlier, scratch)  → what takes the place of which of the mail's own files
    volumes_among(files)                   → which files are volumes, by what stands in them

Of two volumes with the same number the newer one counts: who packs anew sends all volumes anew.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from parsers.answers import Gathered
from parsers.content import EmbeddedFile
from parsers.joining import digest_of, join_sets
from parsers.volumes import BUNDLE, TAKEN, which_volume


def join_scattered(own: Sequence[EmbeddedFile], earlier: Sequence[EmbeddedFile], scratch: Path) -> tuple[Gathered, ...]:
    """`earlier`: the files of the mails before, the newest first. Nothing for sets to which the others add nothing."""
    place_of: dict[Path, int] = {}
    volumes: dict[tuple[object, ...], EmbeddedFile] = {}
    for at, file in enumerate(own):
        for volume in _volumes_in(file, scratch / f"own-{at}"):
            place_of[volume.path] = at
            _take(volume, volumes)
    for at, file in enumerate(earlier):
        for volume in _volumes_in(file, scratch / f"earlier-{at}"):
            _take(volume, volumes)
    gathered = []
    for joining in join_sets(list(volumes.values()), scratch):
        places = sorted({place_of[file.path] for file in joining.volumes if file.path in place_of})
        if places and any(file.path not in place_of for file in joining.volumes):
            path, name = joining.whole.path, joining.whole.name
            sha256, size = digest_of(path)
            gathered.append(Gathered(places=tuple(places), name=name, path=path, sha256=sha256, size_bytes=size))
    return tuple(gathered)


def volumes_among(files: Sequence[EmbeddedFile]) -> tuple[int, ...]:
    """Their places, from 0: 表.rar may be the first of several volumes, or all of an archive."""
    return tuple(place for place, file in enumerate(files) if which_volume(file) is not None)


def _take(volume: EmbeddedFile, volumes: dict[tuple[object, ...], EmbeddedFile]) -> None:
    which = which_volume(volume)
    if which is not None:
        volumes.setdefault(which, volume)


def _volumes_in(file: EmbeddedFile, folder: Path) -> Iterator[EmbeddedFile]:
    """The file itself, or the volumes that were put into it when its mail was taken apart."""
    if not BUNDLE.fullmatch(file.name.replace(TAKEN, "")) or not zipfile.is_zipfile(file.path):
        yield EmbeddedFile(name=file.name.replace(TAKEN, ""), path=file.path)
        return
    folder.mkdir()
    with zipfile.ZipFile(file.path) as bundle:
        infos = bundle.infolist()
        if sum(info.file_size for info in infos) > file.path.stat().st_size:
            return  # none of ours, which compress nothing
        for count, info in enumerate(infos):
            path = folder / f"volume-{count:05d}"
            with bundle.open(info) as volume, path.open("wb") as target:
                shutil.copyfileobj(volume, target)
            yield EmbeddedFile(name=info.filename, path=path)
