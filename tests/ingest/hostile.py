"""What a file would do if it had taken over its parser: jobs for the sandbox, run in its processes."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from parsers.content import SourceFile
from parsers.conversion import converted, converter
from parsers.read import read_file
from rules.extraction import Extraction

LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")


def refused(attempt: Callable[[], object]) -> str:
    """The name of the error that the attempt met; empty when it succeeded."""
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return ""


def double(number: int) -> int:
    return 2 * number


def take_over_what_follows() -> int:
    """Answers rightly, which process it was in, and would have every later job here answer what it likes."""
    global double  # noqa: PLW0603 - that is the point
    double = repr  # type: ignore[assignment]  # as above
    return os.getpid()


def fail() -> None:
    raise ValueError("its own error")


def hang() -> None:
    time.sleep(60)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def eat_memory() -> int:
    return len(bytearray(4 * 1024**3))


def spin() -> None:
    while True:
        pass


def burn(seconds: float) -> None:
    began = time.process_time()
    while time.process_time() - began < seconds:
        pass


def fill_the_disk() -> None:
    """Many files, each below the limit of one."""
    for number in range(10_000):
        Path(f"{number}.bin").write_bytes(os.urandom(1024 * 1024))


def write_one_large_file(mib: int) -> str:
    def write() -> None:
        with Path("large.bin").open("wb") as file:
            file.writelines(bytes(1024 * 1024) for _ in range(mib))

    return refused(write)


def write_temporary_file() -> str:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"left behind")
        return file.name


def connect(port: int) -> str:
    return refused(lambda: socket.create_connection(("127.0.0.1", port), timeout=2).close())


def send_datagram(port: int) -> str:
    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(b"secret", ("127.0.0.1", port))

    return refused(send)


def connect_locally(path: str) -> str:
    def knock() -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as out:
            out.connect(path)

    return refused(knock)


def write(path: Path) -> str:
    return refused(lambda: path.write_bytes(b"written"))


def remove(path: Path) -> str:
    return refused(path.unlink)


def read(path: Path) -> str:
    return refused(path.read_bytes)


def read_back(path: Path) -> str:
    return path.read_text()


def write_and_read_back(path: Path) -> str:
    path.write_bytes(b"written")
    return path.read_text()


def environment() -> dict[str, str]:
    return dict(os.environ)


def memory_halves_found(halves: tuple[str, str]) -> list[str]:
    """The places in this process's own memory where the two halves stand together, and in what it was started with."""
    first_half, second_half = (half.encode() for half in halves)
    blocks = {"environ": Path("/proc/self/environ").read_bytes()} | _writable_memory()
    return [name for name, block in blocks.items() if _stand_together(block, first_half, second_half)]


def _stand_together(block: bytes, first: bytes, second: bytes) -> bool:
    """The secret is never put together here, or it would be found here."""
    start = block.find(first)
    while start >= 0:
        if block.startswith(second, start + len(first)):
            return True
        start = block.find(first, start + 1)
    return False


def _writable_memory() -> dict[str, bytes]:
    found = {}
    with Path("/proc/self/mem").open("rb", buffering=0) as memory:
        for line in Path("/proc/self/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            first, last = (int(word, 16) for word in span.split("-"))
            if rights.startswith("rw") and last - first < 512 * 1024 * 1024:
                with contextlib.suppress(OSError):
                    memory.seek(first)
                    found[line] = memory.read(last - first)
    return found


def look_into(pid: int) -> str:
    return refused(Path(f"/proc/{pid}/environ").read_bytes)


def kill(pid: int) -> str:
    return refused(lambda: os.kill(pid, signal.SIGTERM))


def fork_bomb() -> str:
    return refused(os.fork)


def start_a_program(program: str) -> str:
    return refused(lambda: subprocess.run([program], check=False, capture_output=True))


def raw_system_call(number: int) -> int:
    """The errno of a call that is made past all libraries."""
    libc = ctypes.CDLL(None, use_errno=True)
    return ctypes.get_errno() if libc.syscall(number, 0, 0, 0, 0, 0) == -1 else 0


def pid_then_hang(path: Path) -> None:
    path.write_text(str(os.getpid()))
    time.sleep(60)


def convert(sample: Path, scratch: Path) -> str:
    source = SourceFile(path=sample, name=sample.name, media_type="application/msword", scratch=scratch)
    done = converted(source, "docx")
    return done.name if done and done.stat().st_size else ""


def convert_for_ever(told: Path) -> None:
    """A converter that never comes to its end; its number is written into `told`."""
    program = converter()
    assert program is not None
    profile = f"-env:UserInstallation={(told.parent / 'profile').as_uri()}"
    command = ["setpriv", "--pdeathsig", "KILL", "--", str(program), "--headless", "--norestore", profile]
    with subprocess.Popen(command) as process:
        while Path(f"/proc/{process.pid}/exe").resolve() != program:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGSTOP)
        told.write_text(str(process.pid))
        time.sleep(60)


def filters_of_all_threads() -> list[str]:
    """What the kernel says of the system call filter of each thread: "2" is a filter like ours."""
    texts = [path.read_text() for path in Path("/proc/self/task").glob("*/status")]
    found = {line.split()[1] for text in texts for line in text.splitlines() if line.startswith("Seccomp:")}
    return sorted(found)


def channel() -> int:
    """The socket by which this worker answers: what it has open beside nothing."""
    (number,) = [int(path.name) for path in Path("/proc/self/fd").iterdir() if is_socket(path)]
    return number


def is_socket(path: Path) -> bool:
    try:
        return str(path.readlink()).startswith("socket:")
    except OSError:
        return False


def say(data: bytes) -> None:
    """Answers that, whatever it is, and never comes back."""
    with socket.socket(fileno=os.dup(channel())) as out:
        out.sendall(data)
    time.sleep(60)


def say_much(announced: int) -> None:
    """Announces so many bytes and goes on sending for ever."""
    with socket.socket(fileno=os.dup(channel())) as out:
        out.sendall(announced.to_bytes(8, "little"))
        while True:
            out.sendall(bytes(1024 * 1024))


def end_in_peace() -> None:
    os._exit(0)


def answer_text() -> int:
    return "no number"  # type: ignore[return-value]  # that is the point


def read_unless_taken_over(path: Path, name: str) -> Extraction:
    """What is written in a file with "taken over" in its name is said instead of an answer."""
    if "taken over" in name:
        say(path.read_bytes())
    return read_file(path, name)


class OnLoading:
    """A pickle of it makes the file as soon as anybody loads it."""

    def __init__(self, made: str) -> None:
        self._made = made

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (self._made,)


def open_files() -> list[str]:
    found = []
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(str(path.readlink()).partition(":")[0])
    return sorted(found)


def reach(pid: int) -> dict[str, str]:
    """What one process can do to another of the same user."""
    attempts: dict[str, Callable[[], object]] = {
        "kill": lambda: os.kill(pid, 0),
        "limit": lambda: resource.prlimit(pid, resource.RLIMIT_CPU),
        "renice": lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
        "move": lambda: os.sched_setaffinity(pid, {0}),
        "own": lambda: fcntl.fcntl(channel(), fcntl.F_SETOWN, pid),
        "memory": Path(f"/proc/{pid}/mem").read_bytes,
        "environment": Path(f"/proc/{pid}/environ").read_bytes,
        "files": Path(f"/proc/{pid}/fd/0").readlink,
        "handle": lambda: os.pidfd_open(pid),
    }
    return {name: refused(attempt) for name, attempt in attempts.items()}


def get_out_of_reach() -> list[str]:
    return [refused(os.setsid), refused(lambda: os.setpgid(0, 0))]


def hide_memory() -> str:
    return refused(lambda: os.close(os.memfd_create("hidden")))


def connect_to_abstract(name: str) -> str:
    return connect_locally(f"\0{name}")


def protections() -> list[str]:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return [status["NoNewPrivs"], Path("/proc/self/oom_score_adj").read_text().strip()]


def write_to_the_terminal() -> None:
    for number in (0, 1, 2):
        os.write(number, b"a line of ours")


def nest(levels: int, mib: int) -> None:
    """Folders in folders, beyond what a path can name; then waits at the bottom, with a file of that size."""
    for _ in range(levels):
        Path("a-folder-with-a-name-of-some-length").mkdir()
        os.chdir("a-folder-with-a-name-of-some-length")
    if mib:
        Path("bottom").write_bytes(os.urandom(mib * 1024 * 1024))
        time.sleep(60)


def shut_folder() -> None:
    Path("shut/inside").mkdir(parents=True)
    Path("shut").chmod(0)


def write_without_a_name() -> None:
    with contextlib.ExitStack() as opened:
        for number in range(10):
            path = Path(f"{number}")
            opened.enter_context(path.open("wb")).write(os.urandom(16 * 1024 * 1024))
            path.unlink()
        time.sleep(60)


def make_folders() -> None:
    for number in range(30_000):
        Path(f"{number}").mkdir()
    time.sleep(60)


def start_threads(count: int) -> None:
    threading.stack_size(64 * 1024)
    for _ in range(count):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    time.sleep(60)


def leave_a_process(told: Path, seconds: float) -> None:
    """Starts Python by the loader that converters need, which no rule about programs can tell from a converter."""
    loader = next(path for path in map(Path, LOADERS) if path.exists())
    command = [str(loader), sys.executable, "-c", "import time; time.sleep(600)"]
    told.write_text(str(subprocess.Popen(command).pid))
    time.sleep(seconds)
