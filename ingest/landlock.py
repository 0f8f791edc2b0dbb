"""Landlock by its three system calls: a thread gives up every access to files that it is not granted here, for ever.

    restrict_this_thread(grants) -> bool        False where the kernel has no Landlock (before 5.13, or not switched on)

What is given up passes on to all threads and processes started later, and cannot be taken back; a second call can only
narrow the first. With files go TCP, abstract sockets and signals to processes outside, as far as the kernel knows how;
and a process so restricted can look into none that is not (`/proc/…/environ`, ptrace).
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Final

from ingest.kernel import forbid_new_privileges, system_call

_CREATE_RULESET: Final = 444  # these numbers are the same on every architecture
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_ASK_VERSION: Final = 1
_PATH_BENEATH: Final = 1


class Access(IntFlag):
    """The kernel's names for what can be done to a file."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14


READ: Final = Access.READ_FILE | Access.READ_DIR
WRITE: Final = (
    READ
    | Access.WRITE_FILE
    | Access.TRUNCATE
    | Access.REMOVE_DIR
    | Access.REMOVE_FILE
    | Access.MAKE_DIR
    | Access.MAKE_REG
    | Access.MAKE_SYM
    | Access.REFER
)
EXECUTE: Final = READ | Access.EXECUTE
_ALL: Final = Access(2**15 - 1)
_OF_FILES: Final = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE
_SINCE: Final = {2: Access.REFER, 3: Access.TRUNCATE}
_TCP_SINCE, _ALL_TCP = 4, 3
_SCOPES_SINCE, _ALL_SCOPES = 6, 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What is allowed with a file, or with a folder and all below it. One that does not exist grants nothing."""

    path: Path
    access: Access


def version() -> int:
    """Of the kernel's Landlock; 0 for none."""
    return max(0, system_call(_CREATE_RULESET, None, 0, _ASK_VERSION))


def keeps_signals() -> bool:
    """Whether a restricted process can send signals to those only that are as restricted (since Linux 6.12)."""
    return version() >= _SCOPES_SINCE


def restrict_this_thread(grants: Iterable[Grant]) -> bool:
    """From here on this thread, and whatever it starts, has these accesses and no other."""
    known = version()
    if not known:
        return False
    handled = _ALL
    for since, access in _SINCE.items():
        handled = handled if known >= since else handled & ~access
    rules = _new_ruleset(known, handled)
    try:
        for grant in grants:
            _allow(rules, grant.path, grant.access & handled)
        forbid_new_privileges()
        return system_call(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _new_ruleset(known: int, handled: Access) -> int:
    tcp = _ALL_TCP if known >= _TCP_SINCE else 0
    scopes = _ALL_SCOPES if known >= _SCOPES_SINCE else 0
    wanted = struct.pack("=QQQ", handled, tcp, scopes)[: 24 if scopes else 16 if tcp else 8]
    rules = system_call(_CREATE_RULESET, wanted, len(wanted), 0)
    if rules < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    return rules


def _allow(rules: int, path: Path, access: Access) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this machine
        return
    try:
        allowed = access if path.is_dir() else access & _OF_FILES
        if system_call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", allowed, handle), 0):
            raise OSError(ctypes.get_errno(), "landlock_add_rule", str(path))
    finally:
        os.close(handle)
