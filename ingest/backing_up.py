"""A backup: everything that an installation knows, in a folder, taken while it runs; and an installation out of one.

    DEST/baosong.db      every row, as a SQLite database whatever [store] url is; so a backup also moves between the two
    DEST/blobs/          every message and file, by its SHA-256
    DEST/config.toml …   the configuration, rosters and letters, to be read: restoring does not use them. No file with a
                         password is copied, though one may stand in [store] url. What is not beside the configuration
                         stands under elsewhere/, with its whole path
    DEST/backup.json     that it is one, and when it was taken; null before the first is complete

The rows are of one moment. Blobs are kept before the rows that name them and are never changed, so what the rows name
is there, and taking a backup again into the same folder copies only what is new. The new rows take the place of the old
ones when all that they name has been copied: a backup that was interrupted leaves the earlier one. A restored
installation sends no mail until a person switches it on: what went out after the backup was taken is not known to it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ingest.config import Config
from rules.errors import InputError
from store import kept, releasing, sending
from store.blobs import BlobStore, blob_path
from store.copying import copy_rows
from store.engine import Store, open_store
from store.troubles import disk_troubles

_DATABASE: Final = "baosong.db"
_BLOBS: Final = "blobs"
_MANIFEST: Final = "backup.json"
_ELSEWHERE: Final = "elsewhere"
_FORMAT: Final = 1
_MAY_HAVE_GONE: Final = "从备份恢复：备份之后可能已经发出"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupCounts:
    """What was copied. `damaged`: blobs that could not be, missing or not as they were kept."""

    messages: int
    files: int
    damaged: tuple[str, ...] = ()


def back_up(
    config: Config, store: Store, blobs: BlobStore, folder: Path, *, at: datetime, progress: Progress
) -> BackupCounts:
    """Takes a backup into a new folder, or brings an earlier one there up to date. Raises StoreError, InputError."""
    _check_destination(config, folder)
    new = folder / f"new-{_DATABASE}"
    with disk_troubles(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds everything that a stranger must not see
        if not (folder / _MANIFEST).exists():
            _write_manifest(folder / _MANIFEST, {"taken_at": None})
        _remove_journal(new)
        new.unlink(missing_ok=True)
    with closing(open_store(f"sqlite:///{new}")) as copy:
        with store.reading() as reading, copy.writing() as writing:
            copy_rows(reading, writing, name=copy.name)
        contents = _contents(copy)
    with closing(BlobStore(folder / _BLOBS)) as target:
        damaged = tuple(_copied(blobs.root, target, contents.digests, progress))
    with disk_troubles(folder):
        _remove_journal(folder / _DATABASE)
        new.replace(folder / _DATABASE)
        _copy_what_a_person_wrote(config, folder)
        facts = {"taken_at": at.isoformat(), "messages": contents.messages, "files": len(contents.digests)}
        _write_manifest(folder / _MANIFEST, facts)
    return _counts(contents, damaged)


def restore(config: Config, folder: Path, *, at: datetime, by: str, progress: Progress) -> BackupCounts:
    """Fills the configured store, which must be empty, and blobs. Raises InputError for what is no backup."""
    _check_backup(folder)
    with (
        closing(BlobStore(config.blobs)) as blobs,
        closing(open_store(config.store_url)) as store,
        _opened_backup(folder, blobs) as source,
    ):
        _check_is_empty(store)
        contents = _contents(source)
        damaged = tuple(_copied(folder / _BLOBS, blobs, contents.digests, progress))
        with source.reading() as reading, store.writing() as writing:
            copy_rows(reading, writing, name=store.name)
            sending.doubt_approved(writing, at=at, by=by, because=_MAY_HAVE_GONE)
            releasing.set_switch(writing, is_on=False, at=at, by=by)
    return _counts(contents, damaged)


def _remove_journal(database: Path) -> None:
    """SQLite would write what a killed program left there into the database that comes in this one's place."""
    for ending in ("-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _copy_what_a_person_wrote(config: Config, folder: Path) -> None:
    """What lies beside the configuration keeps its place, so that the copy can be used as it is."""
    letters = config.folder / config.letters.folder if config.letters.folder else None
    templates = sorted(letters.glob("*.j2")) if letters else ()
    for file in (config.path, *(entry.roster_path for entry in config.campaigns), *templates):
        place = file.resolve()
        is_beside = place.is_relative_to(config.folder)
        copy = folder / (place.relative_to(config.folder) if is_beside else Path(_ELSEWHERE, *place.parts[1:]))
        copy.parent.mkdir(parents=True, exist_ok=True)
        with _replacing(copy) as new:
            shutil.copyfile(file, new)


def _write_manifest(file: Path, facts: Mapping[str, object]) -> None:
    with _replacing(file) as new:
        new.write_text(json.dumps({"format": _FORMAT, **facts}, indent=2) + "\n", encoding="utf-8")


@contextmanager
def _replacing(file: Path) -> Iterator[Path]:
    """Where its new content is written: on a full disk the old one stays."""
    new = file.with_name(f"new-{file.name}")
    try:
        yield new
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Contents:
    """What the rows of a store count on. What is derived is made again when it is wanted."""

    messages: int
    digests: tuple[str, ...]
    derived: frozenset[str]


def _contents(store: Store) -> _Contents:
    with store.reading() as session:
        return _Contents(
            messages=kept.count_messages(session),
            digests=tuple(sorted(kept.blob_digests(session))),
            derived=frozenset(kept.derived_digests(session)),
        )


def _counts(contents: _Contents, damaged: tuple[str, ...]) -> BackupCounts:
    return BackupCounts(
        messages=contents.messages,
        files=len(contents.digests) - len(damaged),
        damaged=tuple(sha256 for sha256 in damaged if sha256 not in contents.derived),
    )


def _copied(source: Path, target: BlobStore, digests: tuple[str, ...], progress: Progress) -> Iterator[str]:
    """Copies what is not there yet; gives the blobs that could not be copied as they were kept. The source is only
    read: a backup may lie where nobody can write.
    """
    for number, sha256 in enumerate(digests, start=1):
        if not target.exists(sha256) and not _is_copied(blob_path(source, sha256), target, sha256):
            yield sha256
        progress(number, len(digests))


def _is_copied(file: Path, target: BlobStore, sha256: str) -> bool:
    try:
        stream = file.open("rb")
    except OSError:
        return False
    with stream:
        return target.put_copy(sha256, stream)


@contextmanager
def _opened_backup(folder: Path, blobs: BlobStore) -> Iterator[Store]:
    """A copy of its database: an older one is brought up to date, and the backup may lie where nobody can write."""
    with blobs.scratch() as scratch:
        with disk_troubles(scratch):
            shutil.copyfile(folder / _DATABASE, scratch / _DATABASE)
        with closing(open_store(f"sqlite:///{scratch / _DATABASE}")) as store:
            yield store


def _check_destination(config: Config, folder: Path) -> None:
    """Raises InputError for a folder with something else in it, so that a mistyped path harms nothing."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; name a folder for the backup")
    database = config.store_url.removeprefix("sqlite:///")
    running = (config.blobs, *((Path(database),) if database != config.store_url else ()))
    place = folder.resolve()
    if any(one.is_relative_to(place) for one in running) or place.is_relative_to(config.blobs):
        raise InputError(f"{folder}: holds the running installation; name another folder for the backup")
    if folder.is_dir() and any(folder.iterdir()):
        _manifest(folder, otherwise="holds something that is no backup; name an empty or a new folder")


def _check_backup(folder: Path) -> None:
    no_backup = f"is no complete backup (no readable {_MANIFEST} in it)"
    if _manifest(folder, otherwise=no_backup).get("taken_at") is None:
        raise InputError(f"{folder}: was interrupted before it was complete")


def _manifest(folder: Path, *, otherwise: str) -> Mapping[str, object]:
    """Raises InputError for a folder without one, or with one of another version of the program."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{folder}: {otherwise}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise InputError(f"{folder}: was written by another version of baosong; update this program")
    return manifest


def _check_is_empty(store: Store) -> None:
    with store.reading() as session:
        present = kept.count_messages(session)
    if present:
        raise InputError(f"{store.name}: holds {present} messages already; restore into a new database")
