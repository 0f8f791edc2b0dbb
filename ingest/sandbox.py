"""Runs strangers' code on strangers' files in processes of their own (design, invariant 9).

A job gets a path, never bytes; its memory, wall-clock time and the size of the files it writes are limited; its scratch
folder is removed whatever happens. A crash, a hang or a memory bomb costs that job only and comes back as a
`SandboxFailure`. Worker processes die with the program: an orphan would go on reading a file that nobody waits for.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import resource
import signal
import tempfile
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

T = TypeVar("T")

MIB: Final = 1024 * 1024
_WRITTEN_FILE_BYTES: Final = 2048 * MIB
_TASKS_PER_PROCESS: Final = 200  # a fresh process now and then bounds what leaking C libraries keep
_PR_SET_PDEATHSIG: Final = 1
_STOP_IS_ASKED_EVERY_SECONDS: Final = 0.5
_PRELOADED: Final = ("parsers.message", "parsers.read")


class SandboxFailure(Exception):  # noqa: N818 - it names what happened to the job; `reason` says which way
    """A job did not come back. `reason` is `timeout`, `memory` or `crash`."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


class Stopped(Exception):  # noqa: N818 - as above
    """The program is ending; the job was given up and says nothing about its file."""


class Sandbox:
    """A pool of limited worker processes. Thread-safe; a context manager that ends the processes."""

    def __init__(
        self,
        *,
        workers: int,
        memory_mib: int,
        timeout_seconds: float,
        scratch_root: Path,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._stop = stop
        self._scratch_root = scratch_root
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(_PRELOADED))  # imports are paid once, not for every new process
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=_TASKS_PER_PROCESS,
            initializer=_limit_this_process,
            initargs=(memory_mib * MIB,),
            context=context,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it untyped
        self._pool.join()

    def scratch(self) -> tempfile.TemporaryDirectory[str]:
        """A folder for one job, on the file system of the blobs, so that results are adopted by a rename."""
        return tempfile.TemporaryDirectory(dir=self._scratch_root, prefix="job-", ignore_cleanup_errors=True)

    def run(self, function: Callable[..., T], *arguments: object) -> T:
        """`function(*arguments)` in a worker process. Raises SandboxFailure, Stopped, or its own errors."""
        with self.scratch() as scratch:
            future = self._pool.schedule(
                _in_scratch, args=(scratch, function, arguments), timeout=self._timeout_seconds
            )
            while not wait([future], timeout=_STOP_IS_ASKED_EVERY_SECONDS).done:
                if self._stop():
                    future.cancel()  # type: ignore[no-untyped-call]  # ends its process; pebble leaves it untyped
                    raise Stopped
            with _as_sandbox_failure(self._timeout_seconds):
                result: T = future.result()
                return result


@contextmanager
def _as_sandbox_failure(timeout_seconds: float):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a generator of nothing
    try:
        yield
    except FutureTimeoutError:
        raise SandboxFailure("timeout", f"not done within {timeout_seconds:g} s") from None
    except MemoryError:
        raise SandboxFailure("memory", "wanted more memory than a worker may use") from None
    except ProcessExpired as error:
        raise SandboxFailure("crash", f"the worker process died (exit code {error.exitcode})") from None


def _limit_this_process(memory_bytes: int) -> None:
    """Runs once in each worker process."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_WRITTEN_FILE_BYTES, _WRITTEN_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing too much is then an OSError, not a death
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _in_scratch(scratch: str, function: Callable[..., T], arguments: tuple[object, ...]) -> T:
    """In the worker: every temporary file of the libraries lands in the job's own folder."""
    tempfile.tempdir = scratch
    return function(*arguments)
