"""kill -9 while mail is kept, and several processes on one store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from store import claims, kept, messages
from store.blobs import BlobStore
from store.engine import open_store
from tests.store.builders import digest
from tests.store.processes import content_of

REPOSITORY = Path(__file__).parents[2]


def started(role: str, url: str, blobs: Path, first: int = 0, count: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.processes", role, url, str(blobs), str(first), str(count)]
    return subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def finish(*processes: subprocess.Popen[str]) -> None:
    ended = [(process.communicate(timeout=240), process.returncode) for process in processes]
    assert [(errors[-2000:], code) for (_, errors), code in ended] == [("", 0)] * len(processes)


@pytest.mark.parametrize("safe_before", [1, 17])
def test_a_process_killed_while_it_keeps_mail_loses_nothing_that_was_safe(
    url: str, tmp_path: Path, safe_before: int
) -> None:
    blobs = tmp_path / "blobs"
    victim = started("keep", url, blobs, count=1000)
    assert victim.stdout is not None
    safe = [int(victim.stdout.readline()) for _ in range(safe_before)]
    victim.kill()
    rest, _ = victim.communicate(timeout=60)
    safe += [int(line) for line in rest.split()]

    store = open_store(url)
    with store.reading() as session:
        known = messages.known_uids(session, "a@example.org", "INBOX", 7)
        counted_on = kept.blob_digests(session)
    # One more may be there: committed, and killed before it could say so.
    assert {number + 1 for number in safe} <= known <= set(range(1, len(safe) + 2))
    assert [damage for damage in BlobStore(blobs).verify(counted_on) if not damage.is_harmless] == []

    finish(started("keep", url, blobs, count=len(safe) + 10))
    with store.reading() as session:
        everything = messages.waiting(session)
        assert len(messages.known_uids(session, "a@example.org", "INBOX", 7)) == len(safe) + 10
    store.close()
    assert sorted(everything) == sorted(digest(content_of(number)) for number in range(len(safe) + 10))
    assert list(BlobStore(blobs).verify(set(everything))) == []


def test_four_processes_write_at_once_and_none_is_turned_away(url: str, tmp_path: Path) -> None:
    finish(*[started("write", url, tmp_path / "blobs", first=25 * number, count=25) for number in range(4)])
    store = open_store(url)
    with store.reading() as session:
        assert len(messages.waiting(session)) == 101
        assert len(claims.claims(session)) == 1
        (shared,) = kept.find_messages(session, digest("shared"))
    store.close()
    assert len(shared.locations) == 100


def test_four_processes_open_a_new_store_at_once(url: str, tmp_path: Path) -> None:
    finish(*[started("open", url, tmp_path / "blobs") for _ in range(4)])
