"""Runs strangers' code on strangers' files in processes of their own (design, invariant 9).

Each job has a process of its own. It gets paths, never bytes; it may read those files and write into its scratch
folder, and nothing else of this machine is there for it (`confinement`); memory, processor time, wall-clock time and
what it writes are limited; its scratch folder is removed whatever happens. A crash, a hang or a memory bomb costs that
job only and comes back as a `SandboxFailure`. What a job answers is data of the expected form, of bounded size, or it
is a failure as well (`wire`). The processes start from a server process with a clean environment, so that no password
is ever in their memory, and die with the program (`worker`): an orphan would go on reading a file that nobody waits
for.
"""

from __future__ import annotations

import logging
import pickle
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from ingest.confinement import Bounds, missing_protection
from ingest.usage import folder_used, processes_used
from ingest.wire import NoAnswer, decoded
from ingest.worker import Job
from ingest.worker_process import AnswerTooLong, WorkerDied, WorkerProcess
from store.removal import remove_tree

log = logging.getLogger(__name__)

T = TypeVar("T")

MIB: Final = 1024 * 1024
_WRITTEN_MIB: Final = 2048
_WRITTEN_FILES: Final = 20_000
_ANSWER_MIB: Final = 64
_THREADS: Final = 256  # of a worker and its converter together; they use some dozens
_LOOKED_AFTER_EVERY_SECONDS: Final = 0.5


class SandboxFailure(Exception):  # noqa: N818 - it names what happened to the job; `reason` says which way
    """A job did not come back. `reason` is `timeout`, `cpu`, `memory`, `disk`, `answer` or `crash`."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


class Stopped(Exception):  # noqa: N818 - as above
    """The program is ending; the job was given up and says nothing about its file."""


class JobError(SandboxFailure):
    """The job raised an error of its own; the message has its name and text, which a stranger's file may have written.

    Only words cross: an exception of the worker's making is code of the worker's making.
    """

    def __init__(self, detail: str) -> None:
        super().__init__("crash", detail)


class Sandbox:
    """Runs `workers` confined processes at a time. Thread-safe; a context manager that ends the processes.

    `scratch_root`: a folder that the next program clears if this one is killed. `processor_seconds`: by default twice
    `timeout_seconds`; our parsers use one thread, but the libraries below them now and then more.
    """

    def __init__(
        self,
        *,
        workers: int,
        memory_mib: int,
        timeout_seconds: float,
        scratch_root: Path,
        processor_seconds: float | None = None,
        written_mib: int = _WRITTEN_MIB,
        answer_mib: int = _ANSWER_MIB,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._stop = stop
        self._answer_bytes = answer_mib * MIB
        self._folder = Path(tempfile.mkdtemp(dir=scratch_root, prefix="sandbox-")).absolute()
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
        self._places = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()  # over the set below
        self._working: set[WorkerProcess] = set()
        self._is_closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_closed.set()
        with self._lock:
            workers = list(self._working)
        for worker in workers:
            worker.end()  # whoever still waits for one sees it, and closes it
        remove_tree(self._folder)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for a job's results, on the file system of the blobs."""
        folder = Path(tempfile.mkdtemp(dir=self._folder, prefix="job-"))
        try:
            yield folder
        finally:
            remove_tree(folder)

    def run(
        self,
        function: Callable[..., T],
        *arguments: object,
        answer: type[T],
        reading: Sequence[Path] = (),
        writing: Sequence[Path] = (),
    ) -> T:
        """`function(*arguments)` in a worker process: an `answer`. Raises SandboxFailure, Stopped or JobError.

        It may read the files `reading`, and write into the folders `writing`, which lie in a `scratch()`.
        """
        with self._place(), self.scratch() as scratch:
            job = Job(
                call=pickle.dumps(partial(function, *arguments)),
                bounds=self._bounds,
                readable=tuple(path.absolute() for path in reading),
                writable=(scratch, *writing),
                scratch=scratch,
            )
            with _as_sandbox_failure(self._is_closed), self._worker() as worker:
                said = worker.ask(
                    job,
                    max_bytes=self._answer_bytes,
                    watch=self._watch(worker, job.writable),
                    every_seconds=_LOOKED_AFTER_EVERY_SECONDS,
                )
                return _understood(said, answer)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """There are no more jobs under way than processes are wanted."""
        while not self._places.acquire(timeout=_LOOKED_AFTER_EVERY_SECONDS):
            self._raise_if_stopped()
        try:
            self._raise_if_stopped()
            yield
        finally:
            self._places.release()

    @contextmanager
    def _worker(self) -> Iterator[WorkerProcess]:
        worker = WorkerProcess()
        try:
            with self._lock:
                self._working.add(worker)
            self._raise_if_stopped()  # meanwhile; nobody else would end it
            yield worker
        finally:
            worker.close()
            with self._lock:
                self._working.discard(worker)

    def _raise_if_stopped(self) -> None:
        if self._stop() or self._is_closed.is_set():
            raise Stopped

    def _watch(self, worker: WorkerProcess, writable: Sequence[Path]) -> Callable[[], None]:
        """Ends the wait for a job that uses up too much, or for which there is no time any more."""
        until = time.monotonic() + self._timeout_seconds

        def watch() -> None:
            self._raise_if_stopped()
            if time.monotonic() > until:
                raise SandboxFailure("timeout", f"not done within {self._timeout_seconds:g} s")
            used = processes_used(worker.pid)
            if used.cpu_seconds > 2 * self._bounds.cpu_seconds + 1:  # with its converter
                raise SandboxFailure("cpu", "used more processor time than a job may use")
            if used.memory_bytes > 2 * self._bounds.memory_bytes or used.threads > _THREADS:
                raise SandboxFailure("memory", "wanted more memory or processes than a job may use")
            self._raise_if_too_much(writable, used.hidden_bytes)

        return watch

    def _raise_if_too_much(self, writable: Sequence[Path], hidden_bytes: int) -> None:
        used = [folder_used(folder, max_files=_WRITTEN_FILES) for folder in writable]
        written = sum(one.size_bytes for one in used) + hidden_bytes
        if written > self._bounds.written_bytes or any(one.is_too_much for one in used):
            raise SandboxFailure("disk", "wrote more than a job may write")


@contextmanager
def _as_sandbox_failure(is_closed: threading.Event) -> Iterator[None]:
    try:
        yield
    except AnswerTooLong as error:
        raise SandboxFailure("answer", f"answered more than a job may answer: {error}") from None
    except NoAnswer as error:
        raise SandboxFailure("crash", f"answered what is no answer: {error}") from None
    except WorkerDied as error:
        if is_closed.is_set():
            raise Stopped from None
        if error.exit_code == -signal.SIGXCPU:
            raise SandboxFailure("cpu", "used more processor time than a job may use") from None
        raise SandboxFailure("crash", str(error)) from None
    except OSError as error:  # out of processes, memory or open files
        if is_closed.is_set():
            raise Stopped from None
        raise SandboxFailure("crash", f"no worker process can be reached: {error}") from None


def _understood(said: bytearray, kind: type[T]) -> T:
    """The first byte says what follows: a value, the name and text of an error, or what there was too little of."""
    what, rest = bytes(said[:1]), said[1:]
    if what == b"v":
        return decoded(rest, kind)
    if what == b"m":
        raise SandboxFailure("memory", "wanted more memory than a worker may use")
    if what == b"d":
        raise SandboxFailure("disk", "wrote more than the kernel lets a job write")
    if what == b"e":
        raise JobError(": ".join(decoded(rest, list[str])))
    raise NoAnswer("neither a value nor an error")
