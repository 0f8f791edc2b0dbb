"""What a worker does that a stranger's file has wholly taken over; the program must neither run nor believe it."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest import worker_process
from ingest.engine import LocalEngine, UndecodableMessage
from ingest.sandbox import Sandbox, SandboxFailure
from ingest.taking_apart import take_apart
from parsers.answers import DecodedMessage
from parsers.conversion import converter
from parsers.message import decode_message
from parsers.version import PARSER_VERSION
from rules.extraction import Extraction
from rules.findings import Code
from store import extractions, messages
from store.blobs import BlobStore
from store.engine import open_store
from tests.ingest import hostile
from tests.ingest.test_pipeline import pipeline
from tests.ingest.test_sandbox import is_running, needs_landlock, needs_seccomp, new_sandbox, wait_for_text
from tests.patience import SOON


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="module")
def sandbox(folder: Path) -> Iterator[Sandbox]:
    with new_sandbox(folder, timeout_seconds=20, written_mib=64, answer_mib=1) as sandbox:
        yield sandbox


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(8, "little") + data


def failure_of(sandbox: Sandbox, job: Callable[..., object], *arguments: object) -> str:
    """Its reason; the next job runs as if nothing had been."""
    with pytest.raises(SandboxFailure) as caught:
        sandbox.run(job, *arguments, answer=int)
    assert sandbox.run(hostile.double, 21, answer=int) == 42
    return caught.value.reason


def test_a_pickle_for_an_answer_is_never_loaded(sandbox: Sandbox, tmp_path: Path) -> None:
    pickled = pickle.dumps(hostile.OnLoading(str(tmp_path / "control")))
    pickle.loads(pickled)
    assert (tmp_path / "control").is_dir()  # so it would have worked

    pickled = pickle.dumps(hostile.OnLoading(str(tmp_path / "ran")))
    for said in (framed(pickled), framed(b"v" + pickled), framed(b"e" + pickled), pickled.ljust(64, b".")):
        assert failure_of(sandbox, hostile.say, said) in ("crash", "answer")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"?", id="no such kind"),
        pytest.param(b"v", id="no value"),
        pytest.param(b"v{", id="cut"),
        pytest.param(b"v1e999", id="infinite"),
        pytest.param(b"vtrue", id="true for a number"),
        pytest.param(b'v"42"', id="text for a number"),
        pytest.param(b"v\xff\xfe", id="no UTF-8"),
        pytest.param(b"v" + b"9" * 100_000, id="a number without end"),
        pytest.param(b"v" + b"[" * 500_000, id="lists without end"),
        pytest.param(b"v[" + b"[]," * 300_000 + b"[]]", id="many elements"),
        pytest.param(b"e[1]", id="no name of an error"),
        pytest.param(b"e42", id="no error"),
    ],
)
def test_a_garbled_answer_is_a_crash(sandbox: Sandbox, said: bytes) -> None:
    assert failure_of(sandbox, hostile.say, framed(said)) == "crash"


def test_an_answer_of_another_type_is_a_crash(sandbox: Sandbox) -> None:
    assert failure_of(sandbox, hostile.answer_text) == "crash"


@pytest.mark.parametrize("announced", [1024 * 1024 + 1, 2**63, 2**64 - 1])
def test_an_answer_that_is_too_long_is_refused_before_it_is_received(sandbox: Sandbox, announced: int) -> None:
    assert failure_of(sandbox, hostile.say_much, announced) == "answer"


def test_half_an_answer_is_waited_for_until_the_time_is_over(folder: Path) -> None:
    with new_sandbox(folder, timeout_seconds=2) as sandbox:
        assert failure_of(sandbox, hostile.say, framed(b"v42")[:-1]) == "timeout"


def test_a_worker_that_leaves_without_a_word_is_a_crash(sandbox: Sandbox) -> None:
    assert failure_of(sandbox, hostile.end_in_peace) == "crash"


def test_more_than_was_asked_is_not_taken_for_the_next_answer(sandbox: Sandbox) -> None:
    assert failure_of(sandbox, hostile.say, framed(b"v[]") + framed(b"v43")) == "crash"


@contextmanager
def installation(folder: Path, files: dict[str, bytes]) -> Iterator[tuple[BlobStore, object, str]]:
    message = EmailMessage()
    message["From"] = "直溪中心小学 <zxxx@example.com>"
    message["Subject"] = "直溪中心小学工作方案"
    message.set_content("请查收。")
    for name, content in files.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    raw = message.as_bytes()
    blobs = BlobStore(folder / "blobs")
    with closing(blobs), closing(open_store(f"sqlite:///{folder}/baosong.db")) as store:
        sha256 = blobs.put_bytes(raw)
        with store.writing() as session:
            messages.keep_message(
                session,
                account="a",
                folder="INBOX",
                uidvalidity=1,
                uid=1,
                internaldate=datetime(2023, 10, 20, tzinfo=UTC),
                sha256=sha256,
                size_bytes=len(raw),
            )
        yield blobs, store, sha256


def test_only_the_attachment_that_took_its_worker_over_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.engine.read_file", hostile.read_unless_taken_over)
    files = {
        "taken over by an error": framed(b'e["SystemExit","1"]'),
        "taken over by a pickle": framed(b"v" + pickle.dumps(hostile.OnLoading(str(tmp_path / "ran")))),
        "taken over at length": framed(bytes(2 * 1024 * 1024)),
        "方案.txt": "青禾小学活动方案".encode(),
    }
    with installation(tmp_path, files) as (blobs, store, sha256):
        with new_sandbox(blobs.temporary(), answer_mib=1) as sandbox:
            counts = pipeline(store, blobs, sandbox).read_waiting()  # type: ignore[arg-type]
        with store.reading() as session:
            read = {
                part.filename: extractions.load(session, part.sha256, part.filename, PARSER_VERSION)
                for part in messages.parts_of(session, sha256)
                if not part.is_body
            }
    assert (counts.messages, counts.failed) == (1, 0)
    found = {name: [finding.code for finding in one.findings] for name, one in read.items() if one}
    assert found == {
        "taken over by an error": [Code.UNREADABLE],
        "taken over by a pickle": [Code.UNREADABLE],
        "taken over at length": [Code.LIMIT_EXCEEDED],
        "方案.txt": [],
    }
    assert "青禾小学" in read["方案.txt"].text
    assert not (tmp_path / "ran").exists()


def test_an_answer_about_another_file_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("青禾小学活动方案")
    seen = LocalEngine(Answering(Extraction(file="b.txt", media_type="text/plain", kind="plan"))).read(
        tmp_path / "a.txt", "a.txt"
    )
    assert [finding.code for finding in seen.findings] == [Code.UNREADABLE]


class Answering:
    """A sandbox whose worker answers the same to every question."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def run(self, *_job: object, **_how: object) -> object:
        return self._answer


class Conquered(LocalEngine):
    """Takes messages apart, and then does to the first file what a worker could do that was taken over."""

    def __init__(self, spoil: Callable[[DecodedMessage], DecodedMessage], folder: Path) -> None:
        self._spoil = spoil
        self._folder = folder

    @contextmanager
    def decoded(self, raw: Path) -> Iterator[DecodedMessage]:
        yield self._spoil(decode_message(raw, self._folder))


def with_link(message: DecodedMessage) -> DecodedMessage:
    secret = message.parts[0].payload.with_name("secret")
    secret.write_bytes(message.parts[0].payload.read_bytes())
    message.parts[0].payload.unlink()
    message.parts[0].payload.symlink_to(secret)
    return message


def with_name_of_another(message: DecodedMessage) -> DecodedMessage:
    return replace(message, parts=(replace(message.parts[0], sha256="a" * 64),))


def with_holes(message: DecodedMessage) -> DecodedMessage:
    with message.parts[0].payload.open("r+b") as file:
        file.truncate(2**40)
    return replace(message, parts=(replace(message.parts[0], size_bytes=2**40),))


@pytest.mark.parametrize("spoil", [with_link, with_name_of_another, with_holes])
def test_no_file_is_taken_over_but_those_of_the_message(
    tmp_path: Path, spoil: Callable[[DecodedMessage], DecodedMessage]
) -> None:
    (tmp_path / "scratch").mkdir()
    with installation(tmp_path, {"方案.txt": b"x"}) as (blobs, _store, sha256):
        victim = blobs.path("a" * 64)
        victim.parent.mkdir(parents=True)
        victim.write_bytes(b"the file of another unit, longer than what is put in its place")
        with pytest.raises(UndecodableMessage, match="读取程序"):
            take_apart(Conquered(spoil, tmp_path / "scratch"), blobs, sha256)
        assert victim.read_bytes().startswith(b"the file of another unit")


@needs_seccomp
@needs_landlock
def test_the_program_is_out_of_reach(sandbox: Sandbox) -> None:
    found = sandbox.run(hostile.reach, os.getpid(), answer=dict[str, str])
    assert found == dict.fromkeys(found, "PermissionError")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind("\0baosong-test")
        listening.listen()
        assert sandbox.run(hostile.connect_to_abstract, "baosong-test", answer=str) == "PermissionError"


def test_a_worker_has_no_file_of_the_program_open(sandbox: Sandbox, tmp_path: Path) -> None:
    with (tmp_path / "database").open("wb") as kept, socket.create_server(("127.0.0.1", 0)) as connection:
        os.set_inheritable(kept.fileno(), True)
        os.set_inheritable(connection.fileno(), True)
        with new_sandbox(tmp_path) as another:
            for one in (sandbox, another):
                assert one.run(hostile.open_files, answer=list[str]) == ["/dev/null"] * 3 + ["socket"]


def test_a_worker_says_nothing_in_the_programs_name(sandbox: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    sandbox.run(hostile.write_to_the_terminal, answer=type(None))
    assert capfd.readouterr() == ("", "")


@needs_seccomp
def test_memory_and_process_groups_do_not_escape_the_bounds(sandbox: Sandbox) -> None:
    assert sandbox.run(hostile.hide_memory, answer=str) == "PermissionError"
    assert sandbox.run(hostile.get_out_of_reach, answer=list[str]) == ["PermissionError"] * 2
    assert sandbox.run(hostile.start_a_program, "/bin/su", answer=str) == "PermissionError"
    assert sandbox.run(hostile.protections, answer=list[str]) == ["1", "1000"]


@pytest.mark.parametrize(
    ("job", "arguments", "reason"),
    [
        (hostile.write_without_a_name, (), "disk"),
        (hostile.nest, (200, 80), "disk"),
        (hostile.make_folders, (), "disk"),
        (hostile.start_threads, (300,), "memory"),
    ],
)
def test_what_the_kernels_limits_do_not_count_is_counted(
    sandbox: Sandbox, job: Callable[..., object], arguments: tuple[int, ...], reason: str
) -> None:
    assert failure_of(sandbox, job, *arguments) == reason


@pytest.mark.parametrize(("job", "arguments"), [(hostile.nest, (3000, 0)), (hostile.shut_folder, ())])
def test_no_folder_is_too_deep_or_too_shut_to_be_removed(
    tmp_path: Path, job: Callable[..., object], arguments: tuple[int, ...]
) -> None:
    with new_sandbox(tmp_path) as sandbox, suppress(SandboxFailure):
        sandbox.run(job, *arguments, answer=type(None))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(converter() is None, reason="without a converter no program starts")
@pytest.mark.parametrize("seconds", [0, 60])
def test_nothing_that_a_job_started_outlives_it(tmp_path: Path, seconds: float) -> None:
    with new_sandbox(tmp_path, timeout_seconds=4) as sandbox, sandbox.scratch() as scratch:
        told = scratch / "pid"
        with pytest.raises(SandboxFailure, match="not done within") if seconds else nullcontext():
            sandbox.run(hostile.leave_a_process, told, seconds, answer=type(None), writing=[scratch])
        assert not is_running(int(wait_for_text(told, seconds=SOON)))


def test_a_dead_server_is_replaced(tmp_path: Path) -> None:
    with new_sandbox(tmp_path) as sandbox:
        assert sandbox.run(hostile.double, 1, answer=int) == 2
    server = worker_process._server()._process
    server.send_signal(signal.SIGKILL)
    server.wait()
    time.sleep(0.1)
    with new_sandbox(tmp_path) as sandbox:
        assert sandbox.run(hostile.double, 1, answer=int) == 2
