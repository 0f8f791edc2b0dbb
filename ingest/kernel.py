"""The doors to the kernel that Python does not open: `prctl`, capabilities, and system calls by their number."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Final

_SET_PDEATHSIG: Final = 1
_SET_CHILD_SUBREAPER: Final = 36
_SET_NO_NEW_PRIVS: Final = 38
_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_CAPABILITY_VERSION: Final = 0x20080522  # two words of 32 capabilities each
_ABOUT_FILES: Final = 0b1111  # CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER


def system_call(number: int, *arguments: bytes | int | None) -> int:
    """-1 for an error, as the kernel's own interface says it; `ctypes.get_errno()` tells which."""
    words = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return int(_libc().syscall(ctypes.c_long(number), *words))


def die_with_parent(signal_number: int) -> None:
    """The kernel sends that signal to this process when its parent ends, however it ends."""
    parent = os.getppid()
    _prctl(_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:  # it ended just before
        os.kill(os.getpid(), signal_number)


def adopt_orphans() -> None:
    """What a descendant of this process leaves behind becomes a child of it, not of the machine's first process."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def forbid_new_privileges() -> None:
    """No program started from here gains rights by its file; the kernel wants that before it takes restrictions."""
    _prctl(_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Where the program runs as root: what root may do beyond other people's files is given up for ever.

    Some of it would lead around Landlock: who may measure performance may read any process's environment.
    """
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    held = ctypes.create_string_buffer(24)
    if _libc().capget(header, held):
        return
    effective, permitted, inheritable, *_upper = struct.unpack("=6I", held.raw)
    kept = struct.pack("=6I", effective & _ABOUT_FILES, permitted & _ABOUT_FILES, inheritable & _ABOUT_FILES, 0, 0, 0)
    _libc().capset(header, kept)


def install_filter(program: ctypes.Structure) -> bool:
    """False where the kernel knows no system call filters."""
    forbid_new_privileges()
    return _prctl(_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(program)) == 0


def _prctl(option: int, *arguments: int) -> int:
    words = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return int(_libc().prctl(ctypes.c_int(option), *words))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
