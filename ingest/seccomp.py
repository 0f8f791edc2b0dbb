"""A filter for system calls, as a small BPF program of our own: no network, no other programs, no way around them.

    install(…) -> bool       False on an architecture or kernel that it is not written for

The program compares the number of each call with a list; a listed call fails with an errno, as if the machine had no
such thing, so that a library that merely tries it goes on. Some calls are looked at more closely: `socket` for its
family (a local stream is let through, and nothing can be connected with it), and `clone` for its flags (threads are
free). What reaches into another process of the same user (signals, limits, priorities, System V's shared memory) is
refused, for Landlock knows some of it only, and that since Linux 6.12; a process may do it to itself. `bind` and
`listen` do nothing and say that they did: LibreOffice does not start unless it can listen in /tmp for a second copy of
itself. Calls of another architecture's table end the process: their numbers would slip through.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass
from typing import Final

from ingest.kernel import install_filter

_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24  # where each lies in what the kernel shows to the filter
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_X32: Final = 0x40000000  # a second table of x86_64 begins here

_AF_UNIX, _SOCK_STREAM, _SOCK_KIND = 1, 1, 0xF
_CLONE_VFORK, _CLONE_THREAD = 0x4000, 0x10000


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """An architecture as the kernel knows it, with its numbers of the calls that are refused."""

    audit: int
    socket: int
    clone: int
    fork: tuple[int, ...]
    vfork: tuple[int, ...]
    execute: tuple[int, ...]
    connect: tuple[int, ...]  # connect, and the calls that send to an address
    listen: tuple[int, ...]  # bind and listen
    kill: int
    on_process: tuple[int, ...]  # other calls whose first argument is the process that they change
    fcntl: int
    group: tuple[int, ...]  # setpgid and setsid, by which a process would get out of reach
    shared: tuple[int, ...]  # memory and messages that outlive a process, or are none of its own; passing open files
    kernel: tuple[int, ...]  # what administrators and debuggers need, and exploits


# pidfd_send_signal open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open pidfd_getfd process_madvise
# mount_setattr process_mrelease
_SAME_EVERYWHERE: Final = (424, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442, 448)
_SET_OWNER: Final = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: signals by way of a file
_MISSING: Final = (425, 435)  # io_uring_setup would open a way around; clone3 hides its flags, and libc then uses clone
_MACHINES: Final = {
    "x86_64": Machine(
        audit=0xC000003E,
        socket=41,
        clone=56,
        fork=(57,),
        vfork=(58,),
        execute=(59, 322),
        connect=(42,),
        listen=(49, 50),
        kill=62,
        # tgkill rt_sigqueueinfo rt_tgsigqueueinfo prlimit64 sched_setparam sched_setscheduler sched_setaffinity
        # sched_setattr
        on_process=(234, 129, 297, 302, 142, 144, 203, 314),
        fcntl=72,
        group=(109, 112),
        # shmget shmat shmctl semget semop semctl shmdt msgget msgsnd msgrcv msgctl semtimedop mq_open mq_unlink
        # memfd_create memfd_secret sendmsg sendmmsg
        shared=(*(29, 30, 31, 64, 65, 66, 67, 68, 69, 70, 71, 220, 240, 241), *(319, 447, 46, 307)),
        # ptrace syslog pivot_root chroot acct settimeofday mount umount2 swapon swapoff reboot sethostname init_module
        # delete_module quotactl clock_settime kexec_load add_key request_key keyctl unshare perf_event_open
        # open_by_handle_at setns process_vm_readv process_vm_writev finit_module kexec_file_load bpf userfaultfd
        # tkill setpriority ioprio_set migrate_pages move_pages kcmp
        kernel=(
            *(101, 103, 155, 161, 163, 164, 165, 166, 167, 168, 169, 170, 175, 176, 179, 227, 246, 248, 249, 250),
            *(272, 298, 304, 308, 310, 311, 313, 320, 321, 323, 200, 141, 251, 256, 279, 312),
        ),
    ),
    "aarch64": Machine(
        audit=0xC00000B7,
        socket=198,
        clone=220,
        fork=(),
        vfork=(),
        execute=(221, 281),
        connect=(203,),
        listen=(200, 201),
        kill=129,
        on_process=(131, 138, 240, 261, 118, 119, 122, 274),
        fcntl=25,
        group=(154, 157),
        shared=(*(194, 196, 195, 190, 193, 191, 197, 186, 189, 188, 187, 192, 180, 181), *(279, 447, 211, 269)),
        kernel=(
            *(117, 116, 41, 51, 89, 170, 40, 39, 224, 225, 142, 161, 105, 106, 60, 112, 104, 217, 218, 219),
            *(97, 241, 265, 268, 270, 271, 273, 294, 280, 282, 130, 140, 30, 238, 239, 272),
        ),
    ),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def is_known(architecture: str) -> bool:
    """Whether there is a filter for it, by the name that `uname -m` gives."""
    return architecture in _MACHINES


def install(*, may_start_programs: bool, may_signal: bool) -> bool:
    """Filters this thread's calls, and those of all that it starts. Which programs may start is not told here.

    `may_signal`: the process may send signals to those that it started, since Landlock keeps them from all others.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    instructions = b"".join(
        filter_of(machine, own_pid=os.getpid(), may_start_programs=may_start_programs, may_signal=may_signal)
    )
    return install_filter(_Program(len(instructions) // 8, instructions))


def filter_of(machine: Machine, *, own_pid: int, may_start_programs: bool, may_signal: bool) -> list[bytes]:
    """The instructions, eight bytes each. Every rule ends in an answer or leaves the call's number loaded."""
    on_process = machine.on_process if may_signal else (machine.kill, *machine.on_process)
    started = () if may_start_programs else (*machine.vfork, *machine.execute)
    refused = (*machine.kernel, *machine.group, *machine.shared, *_SAME_EVERYWHERE)
    return [
        _load(_ARCHITECTURE),
        *_unless(_EQUAL, machine.audit, [_answer(_KILL)]),
        _load(_NUMBER),
        *_if(_AT_LEAST, _X32, [_answer(_KILL)]),
        *_if(_EQUAL, machine.socket, _only_local_streams()),
        *_if(_EQUAL, machine.clone, _only_threads(may_start_programs=may_start_programs)),
        *_if(_EQUAL, machine.fcntl, _no_owner()),
        *(step for number in on_process for step in _if(_EQUAL, number, _only_itself(own_pid))),
        *(step for number in _MISSING for step in _refuse(number, errno.ENOSYS)),
        *(step for number in (*machine.connect, *machine.fork, *started) for step in _refuse(number, errno.EACCES)),
        *(step for number in machine.listen for step in _answer_to(number, _FAIL)),
        *(step for number in refused for step in _refuse(number, errno.EPERM)),
        _answer(_ALLOW),
    ]


def _only_local_streams() -> list[bytes]:
    return [
        _load(_FIRST),
        *_unless(_EQUAL, _AF_UNIX, [_answer(_FAIL | errno.EACCES)]),
        _load(_SECOND),
        _step(_AND, _SOCK_KIND),
        *_unless(_EQUAL, _SOCK_STREAM, [_answer(_FAIL | errno.EACCES)]),
        _answer(_ALLOW),
    ]


def _no_owner() -> list[bytes]:
    return [
        _load(_SECOND),
        *(step for command in _SET_OWNER for step in _refuse(command, errno.EPERM)),
        _answer(_ALLOW),
    ]


def _only_itself(own_pid: int) -> list[bytes]:
    """0 is the caller itself. A program that the worker starts is refused all of it but the 0: it has no need."""
    return [
        _load(_FIRST),
        *_if(_EQUAL, 0, [_answer(_ALLOW)]),
        *_if(_EQUAL, own_pid, [_answer(_ALLOW)]),
        _answer(_FAIL | errno.EPERM),
    ]


def _only_threads(*, may_start_programs: bool) -> list[bytes]:
    """A program is started by a child that shares its parent's memory until then; a copy of us is never wanted."""
    allowed = _CLONE_THREAD | (_CLONE_VFORK if may_start_programs else 0)
    return [_load(_FIRST), _step(_AND, allowed), *_if(_EQUAL, 0, [_answer(_FAIL | errno.EACCES)]), _answer(_ALLOW)]


def _refuse(number: int, error: int) -> list[bytes]:
    return _answer_to(number, _FAIL | error)


def _answer_to(number: int, verdict: int) -> list[bytes]:
    """`_FAIL` with no error makes the call return 0, as if it had been done."""
    return _if(_EQUAL, number, [_answer(verdict)])


def _if(comparison: int, value: int, then: list[bytes]) -> list[bytes]:
    return [_step(comparison, value, otherwise=len(then)), *then]


def _unless(comparison: int, value: int, then: list[bytes]) -> list[bytes]:
    return [_step(comparison, value, so=len(then)), *then]


def _load(offset: int) -> bytes:
    return _step(_LOAD, offset)


def _answer(verdict: int) -> bytes:
    return _step(_RETURN, verdict)


def _step(code: int, value: int, *, so: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, so, otherwise, value)
