"""Fetching a mailbox: ours beside mbsync, from the same Dovecot, in one run.

500 messages, 400 MB, over loopback, in plain text and over TLS. Each client is a process of its own that starts with
nothing; both bring every message durably to the disk (fsync). The rounds alternate between the clients, so that a
busy machine troubles both. Ours checks at its end that it holds the very messages that were put there.

    python -m benchmarks.fetch [--rounds N] [--messages N]

Targets: processor time at most twice that of mbsync, peak memory below 120 MB whatever the size of a message.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.mailbox import FetchedMessage, read_mailbox
from ingest.settings import MailboxSettings
from store.blobs import BlobStore
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot

USER = "benchmark"
SAMPLED_SECONDS = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float


class DiskKeeper:
    """Bytes into the product's blob store. Rows: lines of text, synchronised; SQLite is not the subject here."""

    def __init__(self, folder: Path) -> None:
        self.blobs = BlobStore(folder / "blobs")
        self._rows = (folder / "rows").open("a")

    def uidvalidity(self, _: str, /) -> int | None:
        return None

    def known(self, *_: str | int) -> Collection[int]:
        return ()

    def moved(self, *_: str | int) -> None:
        raise AssertionError("an empty store has nothing that could move")

    def store(self, message: FetchedMessage) -> None:
        self.blobs.put_file(message.path, message.sha256)

    def record(self, messages: Sequence[FetchedMessage]) -> None:
        self._rows.writelines(f"{message.uid} {message.sha256}\n" for message in messages)
        self._rows.flush()
        os.fsync(self._rows.fileno())


def fetch(port: int, ca_file: Path | None, folder: Path, expected: str) -> None:
    """Our client: what the measured process runs."""
    settings = MailboxSettings(
        host="localhost", port=port, username=USER, password=PASSWORD, is_tls=ca_file is not None, ca_file=ca_file
    )
    keeper = DiskKeeper(folder)
    result = read_mailbox(settings, known=keeper, keeper=keeper, temporary=keeper.blobs.temporary())
    if (
        not result.is_complete
        or digest_of(row.split()[1] for row in (folder / "rows").read_text().splitlines()) != expected
    ):
        sys.exit("the fetched messages are not those of the mailbox")


def digest_of(sha256s: Iterable[str]) -> str:
    return hashlib.sha256("".join(sorted(sha256s)).encode()).hexdigest()


def make_mailbox(server: Dovecot, count: int) -> tuple[int, str]:
    """Writes messages into the Maildir; returns their bytes on the wire and the digest of all."""
    chance = random.Random(20231030)
    filler = base64.encodebytes(chance.randbytes(8 * 1024 * 1024))
    maildir = server.maildir(USER)
    for folder in ("cur", "new", "tmp"):
        (maildir / folder).mkdir(parents=True)
    total, sha256s = 0, []
    for number in range(count):
        size = _size(chance, number / count)
        start = chance.randrange(len(filler) - size) // 77 * 77
        raw = (
            b"Message-ID: <%d@benchmark.example>\nSubject: report %d\n\n" % (number, number)
            + filler[start : start + size]
        )
        (maildir / "cur" / f"1700000000.{number:06}.benchmark:2,").write_bytes(raw)
        wire = raw.replace(b"\n", b"\r\n")
        total += len(wire)
        sha256s.append(hashlib.sha256(wire).hexdigest())
    server.own(maildir)
    return total, digest_of(sha256s)


def _size(chance: random.Random, share: float) -> int:
    """Three of five small, a third with photos, one of twenty-five with a video: as units send it."""
    if share < 0.6:
        return int(50_000 + 900_000 * chance.random() ** 2)
    return chance.randrange(600_000, 1_500_000) if share < 0.96 else chance.randrange(5_000_000, 8_000_000)


def measured(command: Sequence[str]) -> Cost:
    """Runs it to its end. The peak is sampled: rusage's would be that of the process that started it, if larger."""
    began = time.monotonic()
    process = subprocess.Popen(command)
    peak = 0
    while True:
        peak = max(peak, _peak_kilobytes(process.pid))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(SAMPLED_SECONDS)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed: {process.returncode}")
    wall = time.monotonic() - began
    return Cost(wall_seconds=wall, cpu_seconds=usage.ru_utime + usage.ru_stime, peak_megabytes=peak / 1024)


def _peak_kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def run_ours(server: Dovecot, folder: Path, expected: str, *, is_tls: bool) -> Cost:
    port, ca_file = (server.tls_port, str(server.ca_file)) if is_tls else (server.port, "")
    client = [sys.executable, "-m", "benchmarks.fetch", "--client", str(port), ca_file, str(folder), expected]
    return measured(client)


def run_mbsync(server: Dovecot, folder: Path, _: str, *, is_tls: bool) -> Cost:
    port, tls = (server.tls_port, "IMAPS") if is_tls else (server.port, "None")
    (folder / "mail").mkdir()
    configuration = folder / "mbsyncrc"
    configuration.write_text(f"""
FSync yes

IMAPAccount far
Host localhost
Port {port}
User {USER}
Pass {PASSWORD}
SSLType {tls}
CertificateFile {server.ca_file}
AuthMechs LOGIN
PipelineDepth 50

IMAPStore far
Account far

MaildirStore near
Path {folder}/mail/
Inbox {folder}/mail/INBOX

Channel pull
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync PullNew
SyncState *
""")
    return measured(["mbsync", "-q", "-q", "-c", str(configuration), "pull"])


def show(name: str, ours: Sequence[Cost], theirs: Sequence[Cost], total_bytes: int) -> None:
    for client, costs in (("ours", ours), ("mbsync", theirs)):
        wall, cpu = _medians(costs)
        fastest = min(cost.wall_seconds for cost in costs)
        print(
            f"{name:6} {client:7} wall {wall:6.2f} s (best {fastest:5.2f})  cpu {cpu:5.2f} s"
            f"  peak {max(cost.peak_megabytes for cost in costs):5.0f} MB  {total_bytes / 1e6 / fastest:5.0f} MB/s"
        )
    (our_wall, our_cpu), (their_wall, their_cpu) = _medians(ours), _medians(theirs)
    print(f"{name:6} ours / mbsync: wall {our_wall / their_wall:.2f}, cpu {our_cpu / their_cpu:.2f}")


def _medians(costs: Sequence[Cost]) -> tuple[float, float]:
    walls, cpus = [cost.wall_seconds for cost in costs], [cost.cpu_seconds for cost in costs]
    return statistics.median(walls), statistics.median(cpus)


def compare(rounds: int, messages: int) -> None:
    if shutil.which("mbsync") is None:
        sys.exit("needs mbsync (Debian: isync)")
    with running_dovecot() as server:
        total, expected = make_mailbox(server, messages)
        print(f"{messages} messages, {total / 1e6:.0f} MB on the wire, {rounds} rounds, load {os.getloadavg()[0]:.1f}")
        for name, is_tls in (("plain", False), ("tls", True)):
            costs: dict[Callable[..., Cost], list[Cost]] = {run_ours: [], run_mbsync: []}
            for number in range(rounds + 1):
                for run in costs:
                    with tempfile.TemporaryDirectory(prefix="fetch-benchmark-") as folder:
                        cost = run(server, Path(folder), expected, is_tls=is_tls)
                    costs[run] += [cost] if number else []  # the first round fills Dovecot's index and the page cache
            show(name, costs[run_ours], costs[run_mbsync], total)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--client", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.client:
        port, ca_file, folder, expected = arguments.client
        fetch(int(port), Path(ca_file) if ca_file else None, Path(folder), expected)
    else:
        compare(arguments.rounds, arguments.messages)


if __name__ == "__main__":
    main()
