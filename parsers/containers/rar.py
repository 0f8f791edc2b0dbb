"""RAR archives: rarfile reads the directory (names, sizes, passwords, volumes), unrar's own code the members.

Neither alone is enough: unrar lists an archive whose directory is encrypted as empty, without an error, and rarfile
cannot decompress. Both list the same entries in the same order. One pass over the archive serves solid ones too.
An archive without any file is a failure, never an empty success.

Of a multi-volume archive the volumes that follow each other are read as one, under names by which unrar finds the next
(`read_volumes`); a first one alone as far as it goes: the files that lie in it whole are delivered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, Final

import rarfile
from unrar.cffi import unrarlib

from parsers.charsets import decode_text
from parsers.containers.unpacking import CHUNK_BYTES, DAMAGED, Path, Unpacking, Write, is_system_file, member_path
from parsers.content import Content, EncryptedFile, FormatParser, SourceFile
from parsers.split_archives import rar_head
from parsers.volumes import VolumeSet, incomplete
from rules.extraction import Kind
from rules.findings import Code, Finding

_GO_ON: Final = 1
_STOP: Final = -1
_IN_MISSING: Final = "压缩包内的文件有一部分在缺少的分卷中"
_SAME_AS_ANOTHER: Final = (rarfile.RAR5_XREDIR_HARD_LINK, rarfile.RAR5_XREDIR_FILE_COPY)
_NEXT_VOLUME: Final = (0, 3)  # UCM_CHANGEVOLUME and UCM_CHANGEVOLUMEW of unrar's dll.hpp, which the binding leaves out
_IT_IS_THERE: Final = 1  # RAR_VOL_NOTIFY, likewise
_MAX_PASSES: Final = 20
_SPLIT_BEFORE: Final = 0x01  # the same bits in the file headers of RAR 4 and of rarfile's view on RAR 5
_SPLIT_AFTER: Final = 0x02


Places = dict[int, FilePath | None]
"""Of the members that are to be unpacked, by the entry's identity: where each lies, once it does."""


class DamagedMemberError(Exception):
    """unrar could not read a member."""


def _read(source: SourceFile) -> Content:
    listing = _Listing(source.path)
    if listing.volume > 0:
        number = listing.volume + 1
        finding = Finding(code=Code.UNREADABLE, detail=incomplete([number], range(1, number)))
        return Content(kind=Kind.UNREADABLE, findings=(finding,))
    missing = [2] if listing.goes_on else []
    return _unpacked(source.path, listing, source, [1], missing)


def read_volumes(volumes: VolumeSet, source: SourceFile) -> Content:
    """The archive whose volumes lie in `source`, from the first one on. They are moved."""
    first = _in_a_row(volumes, source.scratch / "volumes")
    listing = _Listing(first, is_alone=False)
    missing = volumes.missing or ([max(volumes.volumes) + 1] if listing.goes_on else [])
    return _unpacked(first, listing, source, list(volumes.volumes), missing)


def _in_a_row(volumes: VolumeSet, folder: FilePath) -> FilePath:
    """The first of the volumes, all named as unrar and rarfile look for them: by what the archive's head says."""
    folder.mkdir()
    head = rar_head(volumes.volumes[1].path)
    for number, file in volumes.volumes.items():
        if head is None or head.has_part_names:
            name = f"volume.part{number}.rar"
        else:
            name = (
                "volume.rar" if number == 1 else f"volume.{chr(ord('r') + (number - 2) // 100)}{(number - 2) % 100:02d}"
            )
        file.path.rename(folder / name)
    return folder / ("volume.part1.rar" if head is None or head.has_part_names else "volume.rar")


def _unpacked(
    path: FilePath, listing: _Listing, source: SourceFile, numbers: Sequence[int], missing: Sequence[int]
) -> Content:
    if not listing.entries:
        if listing.needs_password:
            raise EncryptedFile
        raise rarfile.BadRarFile("no file in it")
    unpacking = Unpacking(source, damage=_IN_MISSING if missing else DAMAGED)
    wanted = [entry for entry in listing.entries if _is_file(entry) and not is_system_file(_path(entry))]
    unpacking.refuse_declared([entry.file_size for entry in wanted])
    if wanted and all(entry.needs_password() for entry in wanted):
        raise EncryptedFile
    copies = [entry for entry in wanted if entry.file_redir]
    place: Places = dict.fromkeys(id(entry) for entry in wanted if not entry.file_redir)
    _unpack(path, listing.entries, place, unpacking)
    _copy(copies, {entry.filename: place.get(id(entry)) for entry in wanted}, unpacking)
    if missing:
        unpacking.complain(Code.UNREADABLE, incomplete(numbers, missing))
    return unpacking.content()


class _Listing:
    """The directory of one volume, or of all that follow."""

    def __init__(self, path: FilePath, *, is_alone: bool = True) -> None:
        self.volume = 0
        self.goes_on = False
        with rarfile.RarFile(path, part_only=is_alone, info_callback=self._note, errors="stop") as archive:
            self.entries: list[Any] = archive.infolist()
            self.needs_password = archive.needs_password()

    def _note(self, block: Any) -> None:  # noqa: ANN401 - rarfile has no types
        if block.volume:
            self._note_later(block)
        elif block.type == rarfile.RAR_BLOCK_MAIN:
            self.volume = max(self.volume, getattr(block, "main_volume_number", None) or 0)
        elif block.type == rarfile.RAR_BLOCK_ENDARC:
            self.goes_on |= bool(block.flags & rarfile.RAR_ENDARC_NEXT_VOLUME)
            self.volume = max(self.volume, getattr(block, "endarc_volnr", None) or 0)
        elif block.type == rarfile.RAR_BLOCK_FILE:
            self.goes_on |= bool(block.flags & _SPLIT_AFTER)
            if block.flags & _SPLIT_BEFORE:
                self.volume = max(self.volume, 1)

    def _note_later(self, block: Any) -> None:  # noqa: ANN401 - as above
        """Whether it goes on, the last volume says."""
        if block.type == rarfile.RAR_BLOCK_MAIN:
            self.goes_on = False
        elif block.type == rarfile.RAR_BLOCK_ENDARC:
            self.goes_on |= bool(block.flags & rarfile.RAR_ENDARC_NEXT_VOLUME)
        elif block.type == rarfile.RAR_BLOCK_FILE:
            self.goes_on |= bool(block.flags & _SPLIT_AFTER)


def _is_file(entry: Any) -> bool:  # noqa: ANN401 - rarfile has no types
    """Links are none, except those that WinRAR makes of equal files: it keeps one and refers to it."""
    return bool(entry.is_file()) and (not entry.file_redir or entry.file_redir[0] in _SAME_AS_ANOTHER)


def _unpack(path: FilePath, entries: list[Any], place: Places, unpacking: Unpacking) -> None:
    """After a damaged member unrar calls every further one damaged too, so the archive is opened anew behind it."""
    start = 0
    for _ in range(_MAX_PASSES):
        start = _one_pass(path, entries, place, start, unpacking)
        if start >= len(entries):
            return
    for entry in entries[start:]:
        unpacking.corrupt(_path(entry))


def _one_pass(path: FilePath, entries: list[Any], place: Places, start: int, unpacking: Unpacking) -> int:
    """The index behind the first damaged member, or behind all."""
    with unrarlib.RarArchive.open_for_processing(path) as archive:
        headers = archive.iterate_headers()
        for number, entry in enumerate(entries):
            header = next(headers, None)
            if number < start or id(entry) not in place:
                if header is not None:
                    header.skip()
            elif header is None:
                unpacking.corrupt(_path(entry))
            elif entry.needs_password():
                unpacking.locked(_path(entry))
                header.skip()
            elif _unpack_member(header, _path(entry), unpacking):
                place[id(entry)] = unpacking.files[-1].path
            else:
                return number + 1
    return len(entries)


def _copy(copies: list[Any], unpacked: Mapping[str, FilePath | None], unpacking: Unpacking) -> None:
    for entry in copies:
        original = unpacked.get(entry.file_redir[2])
        if original is None:
            unpacking.corrupt(_path(entry))
            continue
        with unpacking.member(_path(entry)) as write, original.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                write(chunk)


def _unpack_member(header: Any, path: Path, unpacking: Unpacking) -> bool:  # noqa: ANN401 - unrar's binding has no types
    with unpacking.member(path, (DamagedMemberError,)) as write:
        _process(header, write)
        return True
    return False  # type: ignore[unreachable]  # member() takes the error, which its type cannot say


def _process(header: Any, write: Write) -> None:  # noqa: ANN401 - unrar's binding has no types
    """Sends a member's bytes to `write`. What that raises cannot pass through C, so it is kept and raised after."""
    raised: list[BaseException] = []

    def receive(message: int, address: Any, size: int) -> int:  # noqa: ANN401 - a pointer of cffi
        if message in _NEXT_VOLUME and size == _IT_IS_THERE:
            return _GO_ON
        if message != unrarlib.UCM_PROCESSDATA or raised:
            return _STOP  # it asks for a password or for a volume that is not there
        try:
            write(bytes(unrarlib.ffi.buffer(unrarlib.ffi.cast("char *", address), size)))
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)
            return _STOP
        return _GO_ON

    handle = unrarlib.ffi.new_handle(receive)
    unrarlib.RARSetCallbackPtr(header.handle, unrarlib.PyUNRARCALLBACKStub, handle)
    code = unrarlib.RARProcessFileW(header.handle, unrarlib.C_RAR_TEST, unrarlib.ffi.NULL, unrarlib.ffi.NULL)
    unrarlib.RARSetCallbackPtr(header.handle, unrarlib.ffi.NULL, unrarlib.ffi.NULL)
    if raised:
        raise raised[0]
    if code != unrarlib.C_ERAR_SUCCESS:
        raise DamagedMemberError(f"unrar says {code}")


def _path(entry: Any) -> Path:  # noqa: ANN401 - rarfile has no types
    """RAR 4 without the Unicode flag holds the name in the sender's charset."""
    raw = entry.orig_filename
    is_local = (
        isinstance(raw, bytes) and isinstance(entry, rarfile.Rar3Info) and not entry.flags & rarfile.RAR_FILE_UNICODE
    )
    return member_path(decode_text(raw).text if is_local else entry.filename)


PARSER: Final = FormatParser(name="rar", media_types=("application/vnd.rar",), read=_read)
