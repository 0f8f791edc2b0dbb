"""Runs strangers' code on strangers' files in processes of their own (design, invariant 9).

A job gets paths, never bytes. It may read those files and write into its scratch folder, and nothing else of this
machine is there for it (`confinement`); memory, processor time, wall-clock time and what it writes are limited; its
scratch folder is removed whatever happens. A crash, a hang or a memory bomb costs that job only and comes back as a
`SandboxFailure`. The processes start from a server process with a clean environment, so that no password is ever in
their memory, and die with the program: an orphan would go on reading a file that nobody waits for.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from functools import partial
from multiprocessing import forkserver
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from ingest.confinement import Bounds, clean_environment, confine_job, confine_process, missing_protection

log = logging.getLogger(__name__)

T = TypeVar("T")

MIB: Final = 1024 * 1024
_WRITTEN_MIB: Final = 2048
_WRITTEN_FILES: Final = 20_000
_TASKS_PER_PROCESS: Final = 200  # a fresh process now and then bounds what leaking C libraries keep
_LOOKED_AFTER_EVERY_SECONDS: Final = 0.5
_PRELOADED: Final = ("ingest.confinement", "ingest.jobs", "parsers.message", "parsers.read")
_STARTING: Final = threading.Lock()


class SandboxFailure(Exception):  # noqa: N818 - it names what happened to the job; `reason` says which way
    """A job did not come back. `reason` is `timeout`, `cpu`, `memory`, `disk` or `crash`."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


class Stopped(Exception):  # noqa: N818 - as above
    """The program is ending; the job was given up and says nothing about its file."""


class Sandbox:
    """A pool of confined worker processes. Thread-safe; a context manager that ends the processes.

    `readable`: where the files of all jobs lie. Each job sees of them only what it is given. `scratch_root`: a folder
    that the next program clears if this one is killed. `processor_seconds`: by default twice `timeout_seconds`; our
    parsers use one thread, but the libraries below them now and then more.
    """

    def __init__(
        self,
        *,
        workers: int,
        memory_mib: int,
        timeout_seconds: float,
        scratch_root: Path,
        readable: Sequence[Path] = (),
        processor_seconds: float | None = None,
        written_mib: int = _WRITTEN_MIB,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._stop = stop
        self._folder = Path(tempfile.mkdtemp(dir=scratch_root, prefix="sandbox-"))
        self._bounds = Bounds(
            memory_bytes=memory_mib * MIB,
            cpu_seconds=2 * timeout_seconds if processor_seconds is None else processor_seconds,
            written_bytes=written_mib * MIB,
        )
        if missing := missing_protection():
            log.warning(
                "this machine's kernel lacks %s; the parsers run with less protection",
                missing,
                extra={"action": "sandbox_weak", "missing": missing},
            )
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=_TASKS_PER_PROCESS,
            initializer=partial(confine_process, readable=tuple(readable), writable=self._folder),
            initargs=(self._bounds,),
            context=_clean_context(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it untyped
        self._pool.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for a job's results, on the file system of the blobs, so that they are adopted by a rename."""
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="job-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def run(
        self, function: Callable[..., T], *arguments: object, reading: Sequence[Path] = (), writing: Sequence[Path] = ()
    ) -> T:
        """`function(*arguments)` in a worker process. Raises SandboxFailure, Stopped, or its own errors.

        It may read the files `reading`, and write into the folders `writing`, which lie in a `scratch()`.
        """
        with self.scratch() as scratch:
            writable = (scratch, *writing)
            job = partial(_in_scratch, scratch, partial(function, *arguments))
            arranged = partial(confine_job, job, self._bounds, readable=tuple(reading), writable=writable)
            future = self._pool.schedule(arranged, timeout=self._timeout_seconds)
            self._look_after(future, writable)
            with _as_sandbox_failure(self._timeout_seconds):
                result: T = future.result()
                return result

    def _look_after(self, future: Future[T], writable: Sequence[Path]) -> None:
        """Until the job is done. Cancelling it ends its process."""
        while not wait([future], timeout=_LOOKED_AFTER_EVERY_SECONDS).done:
            if self._stop():
                future.cancel()
                raise Stopped
            if _is_too_much(writable, self._bounds.written_bytes):
                future.cancel()
                raise SandboxFailure("disk", "wrote more than a job may write")


def _clean_context() -> multiprocessing.context.ForkServerContext:
    """Starts the server process of all pools, unless it runs already, without our secrets in its environment."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))  # imports are paid once, not for every new process
    with _STARTING:
        ours = dict(os.environ)
        try:
            for name in ours.keys() - clean_environment(ours).keys():
                del os.environ[name]
            forkserver.ensure_running()
        finally:
            os.environ.update(ours)
    return context


@contextmanager
def _as_sandbox_failure(timeout_seconds: float) -> Iterator[None]:
    try:
        yield
    except FutureTimeoutError:
        raise SandboxFailure("timeout", f"not done within {timeout_seconds:g} s") from None
    except MemoryError:
        raise SandboxFailure("memory", "wanted more memory than a worker may use") from None
    except CancelledError:
        raise Stopped from None
    except ProcessExpired as error:
        if error.exitcode == -signal.SIGXCPU:
            raise SandboxFailure("cpu", "used more processor time than a job may use") from None
        raise SandboxFailure("crash", f"the worker process died (exit code {error.exitcode})") from None


def _is_too_much(folders: Sequence[Path], limit: int) -> bool:
    """Blocks on the disk, not lengths: a file with holes costs nothing."""
    total = count = 0
    for folder in folders:
        for place, _folders, names in os.walk(folder):
            for name in names:
                try:
                    total += os.lstat(os.path.join(place, name)).st_blocks * 512  # noqa: PTH118 - run often, on many files
                except OSError:  # the job has removed it meanwhile
                    continue
                count += 1
                if total > limit or count > _WRITTEN_FILES:
                    return True
    return False


def _in_scratch(scratch: Path, job: Callable[[], T]) -> T:
    """In the worker: every temporary file of the libraries, and of a converter, lands in the job's own folder."""
    tempfile.tempdir = str(scratch)
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        os.environ[name] = str(scratch)
    os.chdir(scratch)
    return job()
