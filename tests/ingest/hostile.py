"""What a file would do if it had taken over its parser: jobs for the sandbox, run in its processes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from parsers.content import SourceFile
from parsers.conversion import converted, converter


def refused(attempt: Callable[[], object]) -> str:
    """The name of the error that the attempt met; empty when it succeeded."""
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return ""


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


def read_back(path: Path) -> bytes:
    return path.read_bytes()


def write_and_read_back(path: Path) -> bytes:
    path.write_bytes(b"written")
    return path.read_bytes()


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
    with subprocess.Popen(command, start_new_session=True) as process:
        while Path(f"/proc/{process.pid}/exe").resolve() != program:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGSTOP)
        told.write_text(str(process.pid))
        time.sleep(60)


def filters_of_all_threads() -> set[str]:
    """What the kernel says of the system call filter of each thread: "2" is a filter like ours."""
    texts = [path.read_text() for path in Path("/proc/self/task").glob("*/status")]
    return {line.split()[1] for text in texts for line in text.splitlines() if line.startswith("Seccomp:")}
