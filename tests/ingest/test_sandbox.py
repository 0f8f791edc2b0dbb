"""A stranger's file that crashes, hangs or eats memory costs its own job only."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.sandbox import Sandbox, SandboxFailure, Stopped


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    scratch = tmp_path_factory.mktemp("scratch")
    with Sandbox(workers=1, memory_mib=2048, timeout_seconds=3, scratch_root=scratch) as sandbox:
        yield sandbox


def double(number: int) -> int:
    return 2 * number


def fail() -> None:
    raise ValueError("its own error")


def hang() -> None:
    time.sleep(60)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def eat_memory() -> int:
    return len(bytearray(4 * 1024**3))


def write_temporary_file() -> str:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"left behind")
        return file.name


def test_a_job_gives_its_value(sandbox: Sandbox) -> None:
    assert sandbox.run(double, 21) == 42


def test_a_jobs_own_error_comes_back_as_it_is(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="its own error"):
        sandbox.run(fail)


@pytest.mark.parametrize(("job", "reason"), [(hang, "timeout"), (crash, "crash"), (eat_memory, "memory")])
def test_what_goes_wrong_is_told_and_the_next_job_runs(sandbox: Sandbox, job: object, reason: str) -> None:
    with pytest.raises(SandboxFailure) as caught:
        sandbox.run(job)  # type: ignore[arg-type]  # parametrised

    assert caught.value.reason == reason
    assert sandbox.run(double, 1) == 2


def test_a_job_is_given_up_when_the_program_ends(tmp_path: Path) -> None:
    stopping = threading.Event()
    with Sandbox(
        workers=1, memory_mib=2048, timeout_seconds=60, scratch_root=tmp_path, stop=stopping.is_set
    ) as sandbox:
        threading.Timer(0.5, stopping.set).start()
        asked_at = time.monotonic()
        with pytest.raises(Stopped):
            sandbox.run(hang)

    assert time.monotonic() - asked_at < 10


def test_temporary_files_of_a_job_are_gone_afterwards(sandbox: Sandbox) -> None:
    assert not Path(sandbox.run(write_temporary_file)).exists()
