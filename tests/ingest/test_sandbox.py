"""A stranger's file that crashes, hangs, eats memory or tries to get out costs its own job only."""

from __future__ import annotations

import errno
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from ingest import jobs, landlock, seccomp, worker_process
from ingest.sandbox import JobError, Sandbox, SandboxFailure, Stopped
from parsers.conversion import converter
from parsers.read import read_file
from rules.codec import extraction_as_json
from rules.extraction import Extraction
from tests.ingest import hostile
from tests.patience import SOON

T = TypeVar("T")

TESTS = Path(__file__).parent.parent
JOBS = TESTS.parent  # from where `tests` is imported: Python lists it anew whenever something in it changed
SAMPLES = TESTS / "parsers/samples"
SECRET = ("geheim-", "0815-baosong")

needs_landlock = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
needs_seccomp = pytest.mark.skipif(not seccomp.is_known(platform.machine()), reason="no filter for this architecture")


class SandboxWithTests(Sandbox):
    """Its jobs are written here: they may read their own code."""

    def run(
        self,
        function: Callable[..., T],
        *arguments: object,
        answer: type[T],
        reading: Sequence[Path] = (),
        writing: Sequence[Path] = (),
    ) -> T:
        return super().run(function, *arguments, answer=answer, reading=[JOBS, *reading], writing=writing)


def new_sandbox(folder: Path, **changes: object) -> Sandbox:
    settings = {"workers": 1, "memory_mib": 3072, "timeout_seconds": 100} | changes
    return SandboxWithTests(scratch_root=folder, **settings)  # type: ignore[arg-type]  # values of several kinds in one dict


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="module")
def sandbox(folder: Path) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("BAOSONG_MAIL_PASSWORD", "".join(SECRET))
        with new_sandbox(folder) as sandbox:
            yield sandbox


def test_a_job_gives_its_value(sandbox: Sandbox) -> None:
    assert sandbox.run(hostile.double, 21, answer=int) == 42


def test_a_jobs_own_error_comes_back_as_it_is(sandbox: Sandbox) -> None:
    with pytest.raises(JobError, match="ValueError: its own error"):
        sandbox.run(hostile.fail, answer=type(None))


@pytest.mark.parametrize(
    ("job", "reason"),
    [(hostile.hang, "timeout"), (hostile.crash, "crash"), (hostile.eat_memory, "memory"), (hostile.spin, "cpu")],
)
def test_what_goes_wrong_is_told_and_the_next_job_runs(tmp_path: Path, job: Callable[[], object], reason: str) -> None:
    limits = {"cpu": {"processor_seconds": 1.0}, "timeout": {"timeout_seconds": 5}}.get(reason, {})
    with new_sandbox(tmp_path, **limits) as sandbox:
        with pytest.raises(SandboxFailure) as caught:
            sandbox.run(job, answer=type(None))
        assert caught.value.reason == reason
        assert sandbox.run(hostile.double, 1, answer=int) == 2


def test_processor_time_is_counted_for_each_job(tmp_path: Path) -> None:
    with new_sandbox(tmp_path, processor_seconds=1.0) as sandbox:
        for _ in range(4):
            sandbox.run(hostile.burn, 0.8, answer=type(None))


def test_a_job_that_fills_the_disk_is_ended(tmp_path: Path) -> None:
    with new_sandbox(tmp_path, written_mib=64) as sandbox:
        assert sandbox.run(hostile.write_one_large_file, 80, answer=str) == "OSError"
        with pytest.raises(SandboxFailure) as caught:
            sandbox.run(hostile.fill_the_disk, answer=type(None))
        assert caught.value.reason == "disk"
        assert sandbox.run(hostile.double, 1, answer=int) == 2


def test_a_job_is_given_up_when_the_program_ends(tmp_path: Path) -> None:
    stopping = threading.Event()
    with new_sandbox(tmp_path, stop=stopping.is_set) as sandbox:
        threading.Timer(0.5, stopping.set).start()
        asked_at = time.monotonic()
        with pytest.raises(Stopped):
            sandbox.run(hostile.hang, answer=type(None))

    assert time.monotonic() - asked_at < SOON


def test_nothing_of_a_job_or_of_the_pool_is_left(tmp_path: Path) -> None:
    with new_sandbox(tmp_path) as sandbox:
        assert not Path(sandbox.run(hostile.write_temporary_file, answer=str)).exists()
    assert list(tmp_path.iterdir()) == []


def test_no_job_meets_what_another_has_done_to_its_process(sandbox: Sandbox) -> None:
    workers = {sandbox.run(hostile.take_over_what_follows, answer=int) for _ in range(3)}
    assert len(workers) == 3
    assert sandbox.run(hostile.double, 21, answer=int) == 42


def test_what_the_workers_come_from_has_one_thread_so_that_no_lock_is_lost_between_them(sandbox: Sandbox) -> None:
    assert sandbox.run(hostile.double, 1, answer=int) == 2
    tasks = Path(f"/proc/{worker_process._server()._process.pid}/task")
    assert len(list(tasks.iterdir())) == 1


@needs_seccomp
def test_a_job_reaches_no_network(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert hostile.connect(port) == ""
        assert sandbox.run(hostile.connect, port, answer=str) == "PermissionError"
        assert sandbox.run(hostile.send_datagram, port, answer=str) == "PermissionError"


@needs_seccomp
def test_a_job_reaches_no_service_of_this_machine(sandbox: Sandbox, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(tmp_path / "service"))
        listening.listen()
        assert sandbox.run(hostile.connect_locally, str(tmp_path / "service"), answer=str) == "PermissionError"


@needs_landlock
def test_a_job_writes_nowhere_but_into_its_scratch_folder(sandbox: Sandbox, folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept")
    for target in (tmp_path / "new", kept, folder / "beside", Path("/tmp/baosong-escaped")):
        assert sandbox.run(hostile.write, target, answer=str) == "PermissionError"
    assert sandbox.run(hostile.remove, kept, answer=str) == "PermissionError"
    assert kept.read_text() == "kept"
    assert sandbox.run(hostile.write_and_read_back, Path("inside"), answer=str) == "written"


@needs_landlock
def test_a_job_reads_the_file_that_it_is_given_and_no_other(sandbox: Sandbox, folder: Path) -> None:
    mine, of_another = folder / "mine", folder / "of another"
    for path in (mine, of_another):
        path.write_text(path.name)
    assert sandbox.run(hostile.read_back, mine, answer=str, reading=[mine]) == "mine"
    assert sandbox.run(hostile.read, of_another, answer=str, reading=[mine]) == "PermissionError"
    for path in ("/etc/passwd", "/etc/shadow", "/etc/hosts"):
        assert sandbox.run(hostile.read, Path(path), answer=str) == "PermissionError"


@needs_landlock
def test_a_job_writes_results_into_the_folder_that_it_is_given(sandbox: Sandbox) -> None:
    with sandbox.scratch() as mine, sandbox.scratch() as of_another:
        assert sandbox.run(hostile.write_and_read_back, mine / "result", answer=str, writing=[mine]) == "written"
        assert (mine / "result").read_text() == "written"
        assert sandbox.run(hostile.write, of_another / "result", answer=str, writing=[mine]) == "PermissionError"


def test_no_secret_is_in_a_workers_environment_or_memory(sandbox: Sandbox) -> None:
    assert "BAOSONG_MAIL_PASSWORD" in os.environ
    assert "BAOSONG_MAIL_PASSWORD" not in sandbox.run(hostile.environment, answer=dict[str, str])
    assert sandbox.run(hostile.memory_halves_found, SECRET, answer=list[str]) == []


@needs_landlock
def test_a_job_neither_looks_into_nor_ends_the_program(sandbox: Sandbox) -> None:
    assert sandbox.run(hostile.look_into, os.getpid(), answer=str) == "PermissionError"
    if landlock.version() >= 6:
        assert sandbox.run(hostile.kill, os.getpid(), answer=str) == "PermissionError"


@needs_seccomp
def test_a_job_starts_no_process_and_no_program(sandbox: Sandbox) -> None:
    assert sandbox.run(hostile.fork_bomb, answer=str) == "PermissionError"
    for program in ("/bin/sh", "/usr/bin/env"):
        assert sandbox.run(hostile.start_a_program, program, answer=str) == "PermissionError"


@needs_seccomp
def test_the_kernels_ways_around_are_closed(sandbox: Sandbox) -> None:
    io_uring_setup, clone3 = 425, 435
    assert sandbox.run(hostile.raw_system_call, io_uring_setup, answer=int) == errno.ENOSYS
    assert sandbox.run(hostile.raw_system_call, clone3, answer=int) == errno.ENOSYS
    if platform.machine() == "x86_64":
        ptrace, x32_socket = 101, 0x40000000 + 41
        assert sandbox.run(hostile.raw_system_call, ptrace, answer=int) == errno.EPERM
        with pytest.raises(SandboxFailure):
            sandbox.run(hostile.raw_system_call, x32_socket, answer=int)


@pytest.mark.parametrize(
    "name", sorted(path.name for path in SAMPLES.iterdir() if path.suffix in {".docx", ".doc", ".xls", ".pdf", ".rtf"})
)
def test_ordinary_files_are_read_inside_as_outside(sandbox: Sandbox, name: str) -> None:
    sample = SAMPLES / name
    inside = sandbox.run(read_file, sample, name, answer=Extraction, reading=[sample])
    assert extraction_as_json(inside, with_text=True) == extraction_as_json(read_file(sample, name), with_text=True)


PROGRAM = """
import sys
from pathlib import Path
from ingest.sandbox import Sandbox
from tests.ingest import hostile
folder, tests = Path(sys.argv[1]), Path(sys.argv[2])
with Sandbox(workers=1, memory_mib=2048, timeout_seconds=60, scratch_root=folder) as sandbox:
    with sandbox.scratch() as scratch:
        print(scratch / "pid", flush=True)
        told = scratch / "pid"
        sandbox.run(hostile.pid_then_hang, told, answer=type(None), reading=[tests], writing=[scratch])
"""


def test_a_worker_dies_with_the_program_in_the_middle_of_a_job(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(JOBS)}
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path), str(JOBS)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert program.stdout is not None
    told = Path(program.stdout.readline().strip())
    worker = int(wait_for_text(told, seconds=60))
    assert is_running(worker)

    program.send_signal(signal.SIGKILL)
    program.wait()
    program.stdout.close()
    killed_at = time.monotonic()
    while is_running(worker) and time.monotonic() - killed_at < SOON:
        time.sleep(0.02)
    assert not is_running(worker)


def wait_for_text(path: Path, *, seconds: float) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if path.exists() and (text := path.read_text()):
            return text
        time.sleep(0.05)
    raise AssertionError(f"{path} was not written")


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.skipif(converter() is None, reason="LibreOffice is not installed")
def test_the_converter_works_inside(sandbox: Sandbox) -> None:
    sample = SAMPLES / "附件2.doc"
    with sandbox.scratch() as scratch:
        assert (
            sandbox.run(hostile.convert, sample, scratch, answer=str, reading=[sample], writing=[scratch])
            == "附件2.docx"
        )


@pytest.mark.skipif(converter() is None, reason="LibreOffice is not installed")
def test_the_converter_dies_with_its_worker(tmp_path: Path) -> None:
    with new_sandbox(tmp_path, timeout_seconds=5) as sandbox, sandbox.scratch() as scratch:
        told = scratch / "pid"
        with pytest.raises(SandboxFailure, match="not done within"):
            sandbox.run(hostile.convert_for_ever, told, answer=type(None), writing=[scratch])
        converting = int(wait_for_text(told, seconds=SOON))
        until = time.monotonic() + SOON
        while is_running(converting) and time.monotonic() < until:
            time.sleep(0.02)
        assert not is_running(converting)


@needs_seccomp
def test_every_thread_of_a_worker_is_confined(sandbox: Sandbox) -> None:
    assert sandbox.run(hostile.filters_of_all_threads, answer=list[str]) == ["2"]


def test_a_kernel_without_the_means_is_told_of_once_and_jobs_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    with new_sandbox(tmp_path) as sandbox:
        assert [sandbox.run(hostile.double, number, answer=int) for number in (1, 2)] == [2, 4]
    assert [record.message for record in caplog.records if "lacks" in record.message] == [
        "this machine's kernel lacks Landlock (files); the parsers run with less protection"
    ]


def test_where_the_reader_of_pictures_cannot_be_made_all_else_is_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ImportError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr("parsers.ocr.reader", fail)
    jobs.load_parsers()
    assert [record.message for record in caplog.records] == ["pictures of forms cannot be read on this machine"]
