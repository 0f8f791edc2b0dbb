"""The processes of the sandbox from the inside. Nothing here runs in the program itself.

    server ──fork──▶ warden ──fork──▶ worker ──▶ converter

    server   has the parsers loaded and none of the program's secrets; starts what the program asks for
    warden   reads nothing of a stranger's; ends the worker with all that it started, whichever way either ends
    worker   confined for ever (`confinement`) to what its one job needs; answers in `wire` and ends

A worker that a file took over could go on giving valid answers, so that none does two jobs: what it says of its own
file is all that it can falsify. That is cheap, because whatever any job loads is loaded before the fork, the reader of
pictures included, which is made for one thread and starts none.

The program talks to a worker by a channel: the job and the answer are each their length and their bytes. Jobs are
pickles, which only the worker loads. A second socket is the warden's: its end means that the program is gone, or wants
the worker gone; the warden says on it who the worker is, and at the very end how it died.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import pickle
import signal
import socket
import struct
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from select import POLLIN, poll
from typing import Final

from ingest.confinement import Bounds, confine_process
from ingest.jobs import load_parsers
from ingest.kernel import adopt_orphans
from ingest.wire import encoded

LENGTH: Final = struct.Struct("<Q")
STATUS: Final = struct.Struct("<i")
START: Final = b"1"
"""The message on the control socket; what matters comes with it: the two sockets of the new worker."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """`call` is the pickle of what is to be called; it is loaded when nothing else can be reached any more."""

    call: bytes
    bounds: Bounds
    readable: Sequence[Path]
    writable: Sequence[Path]
    scratch: Path


def serve(control_number: int) -> None:
    """The server: starts a warden for each message on the control socket; ends when the program closes it."""
    load_parsers()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # wardens tell the program themselves how it ended
    for number in (signal.SIGINT, signal.SIGTERM):  # what is sent to the whole group is the program's to handle
        signal.signal(number, signal.SIG_IGN)
    gc.freeze()
    with socket.socket(fileno=control_number) as control:
        while True:
            message, handles, _flags, _sender = socket.recv_fds(control, len(START), 2)
            if not message:
                return
            if os.fork() == 0:
                _end_process_after(partial(_ward, *handles, unwanted=control))
            for handle in handles:
                os.close(handle)


def _end_process_after(work: Callable[[], object]) -> None:
    """A copy of a process must never come back into what its original does."""
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def _ward(channel_number: int, life_number: int, *, unwanted: socket.socket) -> None:
    """The warden. Its worker is a process group of its own, which none can leave (`seccomp`)."""
    unwanted.close()
    adopt_orphans()
    signal.signal(signal.SIGCHLD, _wake_up)
    woken, waking = os.pipe()
    os.set_blocking(waking, False)
    signal.set_wakeup_fd(waking)
    worker = os.fork()
    if worker == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _end_process_after(partial(_work, channel_number))
    os.close(channel_number)
    with socket.socket(fileno=life_number) as life:
        with contextlib.suppress(OSError):  # the program may be gone already
            life.send(STATUS.pack(worker))
        _wait_for_end(worker, life, woken)
        status = _end_all(worker)
        with contextlib.suppress(OSError):
            life.send(STATUS.pack(status))


def _wake_up(_number: int, _frame: object) -> None:
    """The wake-up pipe says it."""


def _wait_for_end(worker: int, life: socket.socket, woken: int) -> None:
    """Until the worker has ended, or the program lets it go."""
    waiting = poll()
    waiting.register(life, POLLIN)
    waiting.register(woken, POLLIN)
    while os.waitid(os.P_PID, worker, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        ready = [handle for handle, _event in waiting.poll()]
        if life.fileno() in ready:
            return
        os.read(woken, 64)


def _end_all(worker: int) -> int:
    """Ends the worker and whatever it started and left to us; the worker's exit code, negative for a signal."""
    os.kill(worker, signal.SIGKILL)  # not yet waited for, so its number is still its own
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    with contextlib.suppress(OSError):  # until there is no child any more
        while True:
            for child in Path("/proc/thread-self/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
            os.waitpid(-1, 0)
    return status


def _work(channel_number: int) -> None:
    """The worker. Has no file open but the channel: not the terminal, into which it could type."""
    os.setpgid(0, 0)
    nothing = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if number not in (0, 1, 2, channel_number):
            with contextlib.suppress(OSError):  # the one by which the list was read
                os.close(number)
    with socket.socket(fileno=channel_number) as channel, channel.makefile("rb") as asked:
        job = pickle.loads(asked.read(*LENGTH.unpack(asked.read(LENGTH.size))))  # noqa: S301 - the program wrote it
        confine_process(job.bounds, readable=job.readable, writable=job.writable)
        _settle_in(job.scratch)
        answer = _answer(job.call)
        channel.sendall(LENGTH.pack(len(answer)))
        channel.sendall(answer)


def _answer(call: bytes) -> bytes:
    try:
        return b"v" + encoded(pickle.loads(call)())  # noqa: S301 - as above
    except MemoryError:
        return b"m"
    except OSError as error:
        return b"d" if error.errno == errno.EFBIG else _told(error)
    except Exception as error:  # noqa: BLE001 - the program raises it again
        return _told(error)


def _told(error: Exception) -> bytes:
    return b"e" + encoded([type(error).__name__, str(error)[:2000]])


def _settle_in(scratch: Path) -> None:
    """Every temporary file of the libraries, and of a converter, lands in the job's own folder."""
    tempfile.tempdir = str(scratch)
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        os.environ[name] = str(scratch)
    os.chdir(scratch)
