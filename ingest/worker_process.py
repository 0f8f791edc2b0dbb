"""The processes of the sandbox as the program sees them; what runs inside them is `ingest.worker`.

    WorkerProcess       asks one job, waits for its answer in bounded time and memory, ends it

One server for the whole program is started when the first worker is wanted. Whatever a worker sends is bytes here,
never an object: who wants to know what they mean gives them to `ingest.wire`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from ingest.confinement import clean_environment
from ingest.worker import LENGTH, START, STATUS, Job

_CHUNK: Final = 1024 * 1024
_START_SECONDS: Final = 120.0  # the server loads the parsers first; a machine may be very busy
_END_SECONDS: Final = 10.0


class WorkerDied(Exception):  # noqa: N818 - names what happened
    """The process ended without an answer. `exit_code`: negative for a signal, None where nobody could tell."""

    def __init__(self, exit_code: int | None) -> None:
        self.exit_code = exit_code
        super().__init__(f"the worker process died (exit code {exit_code})")


class AnswerTooLong(Exception):  # noqa: N818 - as above
    """It announced more bytes than an answer may have."""


class WorkerProcess:
    """One worker for one job. Raises WorkerDied or OSError where this machine cannot start one.

    `pid` is the worker's; it and all that it starts are one process group.
    """

    def __init__(self) -> None:
        self._channel, channel = socket.socketpair()
        self._life, life = socket.socketpair()
        self._ending = threading.Lock()
        self._exit_code: int | None = None
        self._has_ended = False
        try:
            with channel, life:
                _server().start(channel, life)
            self._life.settimeout(_START_SECONDS)
            self.pid = self._told_number()
        except BaseException:
            self._channel.close()
            self._life.close()
            raise
        self._channel.settimeout(0)

    def ask(self, job: Job, *, max_bytes: int, watch: Callable[[], None], every_seconds: float) -> bytearray:
        """The answer's bytes. `watch` is called again and again and ends the wait by raising.

        Raises WorkerDied or AnswerTooLong.
        """
        waiting = _Waiting(self._channel, self._life, watch, every_seconds)
        asked = pickle.dumps(job)
        left = memoryview(LENGTH.pack(len(asked)) + asked)
        while left:
            waiting.wait_for(select.POLLOUT)
            with self._as_death():
                left = left[self._channel.send(left) :]
        (length,) = LENGTH.unpack(self._received(LENGTH.size, waiting))
        if length > max_bytes:
            raise AnswerTooLong(f"{length} bytes")
        return self._received(length, waiting)

    def end(self) -> int | None:
        """Ends the process and all that it started, and waits for that. The exit code, None where it is not known.

        The sockets stay open, for another thread may be waiting at them.
        """
        with self._ending:
            if not self._has_ended:
                self._has_ended = True
                with contextlib.suppress(OSError):
                    self._life.shutdown(socket.SHUT_WR)
                self._exit_code = self._told_exit_code()
            return self._exit_code

    def close(self) -> None:
        """Ends it; for the thread that asks it, or when nobody does."""
        self.end()
        self._life.close()
        self._channel.close()

    def _told_exit_code(self) -> int | None:
        self._life.settimeout(_END_SECONDS)
        try:
            return self._told_number()
        except (OSError, WorkerDied):
            return None

    def _told_number(self) -> int:
        """By the warden."""
        told = self._life.recv(STATUS.size)
        if len(told) != STATUS.size:
            raise WorkerDied(None)
        return int(STATUS.unpack(told)[0])

    def _received(self, count: int, waiting: _Waiting) -> bytearray:
        """A length that is announced costs no memory before the bytes are there."""
        received = bytearray()
        while len(received) < count:
            waiting.wait_for(select.POLLIN)
            with self._as_death():
                chunk = self._channel.recv(min(_CHUNK, count - len(received)))
                if not chunk:
                    raise ConnectionResetError
                received += chunk
        return received

    @contextlib.contextmanager
    def _as_death(self) -> Iterator[None]:
        try:
            yield
        except BlockingIOError:
            return
        except OSError:
            raise WorkerDied(self.end()) from None


class _Waiting:
    """Waits for one socket, as long as the other is silent and `watch` does not raise."""

    def __init__(
        self, channel: socket.socket, life: socket.socket, watch: Callable[[], None], every_seconds: float
    ) -> None:
        self._channel = channel
        self._life = life
        self._watch = watch
        self._every_seconds = every_seconds
        self._next = time.monotonic() + every_seconds

    def wait_for(self, event: int) -> None:
        """Also when the worker has ended: its last words may still be there, and the channel tells when not."""
        poll = select.poll()
        poll.register(self._channel, event)
        poll.register(self._life, select.POLLIN)
        while True:
            patience = max(0.0, self._next - time.monotonic())
            ready = poll.poll(patience * 1000)
            if time.monotonic() >= self._next:
                self._watch()
                self._next = time.monotonic() + self._every_seconds
            if ready:
                return


class _Server:
    """The process from which workers are forked; it ends when its socket is closed, however we end."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        environment = clean_environment(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(folder) for folder in sys.path)  # noqa: PTH100
        code = f"from ingest.worker import serve; serve({number})"
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-c", code],
                pass_fds=[number],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def start(self, channel: socket.socket, life: socket.socket) -> None:
        socket.send_fds(self._control, [START], [channel.fileno(), life.fileno()])

    def close(self) -> None:
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)


_running: _Server | None = None
_starting: Final = threading.Lock()


def _server() -> _Server:
    """A dead one is replaced: a machine that is out of memory may have ended it."""
    global _running  # noqa: PLW0603 - one for the program, as its parsers are loaded once
    with _starting:
        if _running is None or not _running.is_alive:
            if _running is None:
                atexit.register(_close_server)
            else:
                _running.close()
            _running = _Server()
        return _running


def _close_server() -> None:
    if _running is not None:
        _running.close()
