from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from rules.errors import StoreError
from store import meta
from store.engine import Store, open_store
from tests.servers.postgres import PostgresServer

REPOSITORY = Path(__file__).parents[2]


def test_what_is_written_is_read_after_opening_again(url: str) -> None:
    for expected in (None, "value"):
        store = open_store(url)
        with store.reading() as session:
            assert meta.get(session, "key") == expected
        with store.writing() as session:
            meta.put(session, "key", "value")
        store.close()


def test_an_error_takes_back_everything_of_its_session(store: Store) -> None:
    def write_and_fail() -> None:
        with store.writing() as session:
            meta.put(session, "key", "value")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with store.reading() as session:
        assert meta.get(session, "key") is None


def test_a_reading_session_cannot_write(store: Store) -> None:
    with pytest.raises((StoreError, DBAPIError)), store.reading() as session:
        meta.put(session, "key", "value")
    with store.writing() as session:
        assert meta.get(session, "key") is None
        meta.put(session, "key", "value")


def test_a_reading_session_sees_one_moment(store: Store) -> None:
    with store.reading() as reader:
        assert meta.get(reader, "key") is None
        with store.writing() as writer:
            meta.put(writer, "key", "value")
        assert meta.get(reader, "key") is None
    with store.reading() as reader:
        assert meta.get(reader, "key") == "value"


def test_many_threads_write_through_one_store(store: Store) -> None:
    def count() -> None:
        for _ in range(10):
            with store.writing() as session:
                session.execute(text("update facts set value = cast(cast(value as integer) + 1 as text)"))

    with store.writing() as session:
        meta.put(session, "count", "0")
    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert meta.get(session, "count") == "80"


def test_sqlite_is_set_up_to_lose_nothing_and_to_wait(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/baosong.db")
    with store.reading() as session:
        found = [
            session.scalar(text(f"PRAGMA {pragma}"))
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    store.close()
    assert found == ["wal", 2, 1, 30_000]


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("nonsense", "no URL"),
        ("mysql://host/name", "mysql is not supported"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_an_address_that_is_no_store_is_refused_with_advice(url: str, advice: str) -> None:
    with pytest.raises(StoreError, match=advice):
        open_store(url)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "roster.db"
    file.write_bytes(b"PK\x03\x04 a workbook, not a database" * 100)
    before = file.read_bytes()
    with pytest.raises(StoreError, match="is not a database; name another file"):
        open_store(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_damaged_database_points_to_the_backup(tmp_path: Path) -> None:
    file = tmp_path / "baosong.db"
    open_store(f"sqlite:///{file}").close()
    content = bytearray(file.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    file.write_bytes(content)
    with pytest.raises(StoreError, match="bring back the newest copy"):
        open_store(f"sqlite:///{file}")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file/data"):
        open_store(f"sqlite:///{tmp_path}/file/data/baosong.db")


OPEN_READ_ONLY = """
import os, sys
from store.engine import open_store
from rules.errors import StoreError
if os.geteuid() == 0:  # root may write everywhere
    os.setgid(65534)
    os.setuid(65534)
try:
    open_store(sys.argv[1])
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("exists", [False, True])
def test_a_folder_that_may_not_be_written_is_said_so(exists: bool) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        if exists:
            open_store(f"sqlite:///{folder}/baosong.db").close()
            (folder / "baosong.db").chmod(0o444)
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", OPEN_READ_ONLY, f"sqlite:///{folder}/baosong.db"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        folder.chmod(0o755)
    assert "cannot be written; check that its folder exists and belongs to the account" in done.stdout, done.stderr


FILL_DISK = """
import resource, signal, sys
from store import meta
from store.engine import open_store
from rules.errors import StoreError
store = open_store(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
kept = 0
try:
    while True:
        with store.writing() as session:
            meta.put(session, str(kept), "x" * 50_000)
        kept += 1
except StoreError as error:
    print(kept, error)
"""


def test_a_file_that_can_grow_no_more_keeps_what_was_committed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/baosong.db"
    done = subprocess.run(
        [sys.executable, "-c", FILL_DISK, url], cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60
    )
    assert "then run again" in done.stdout or "check its space" in done.stdout, done.stderr
    kept = int(done.stdout.split()[0])
    store = open_store(url)
    with store.reading() as session:
        assert [bool(meta.get(session, str(number))) for number in range(kept + 1)] == [True] * kept + [False]
    store.close()


def fill(store: Store) -> None:
    for number in range(100):
        with store.writing() as session:
            meta.put(session, str(number), "x" * 50_000)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_said_so_and_the_store_works_again_with_space(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], check=True)
    try:
        filler = disk / "filler"
        store = open_store(f"sqlite:///{disk}/baosong.db")
        filler.write_bytes(b"\0" * 300_000)
        with pytest.raises(StoreError, match="disk is full; free some space, then run again"):
            fill(store)
        filler.unlink()
        with store.writing() as session:
            assert meta.get(session, "0") is not None
            meta.put(session, "last", "value")
        store.close()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_writer_that_waits_in_vain_is_told_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.engine.BUSY_MILLISECONDS", 200)
    store = open_store(f"sqlite:///{tmp_path}/baosong.db")
    other = sqlite3.connect(tmp_path / "baosong.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with store.reading() as session:
        assert meta.get(session, "key") is None  # readers do not wait
    with pytest.raises(StoreError, match="another program has held the database"), store.writing() as session:
        meta.put(session, "key", "value")
    other.close()
    store.close()


def test_a_server_that_is_away_is_named_without_the_password() -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        open_store("postgresql+psycopg://clerk:Geheim7@127.0.0.1:1/baosong")
    assert "127.0.0.1:1/baosong" in str(caught.value)
    assert "Geheim7" not in str(caught.value)


def test_a_database_that_is_not_there_is_said_so(postgres: PostgresServer) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        open_store(postgres.url("nowhere"))


def test_a_server_that_was_restarted_is_used_again(postgres: PostgresServer) -> None:
    store = open_store(postgres.new_database())
    with store.writing() as session:
        meta.put(session, "key", "value")
    postgres.stop()
    with pytest.raises(StoreError, match="database server"), store.reading() as session:
        meta.get(session, "key")
    postgres.start()
    with store.reading() as session:
        assert meta.get(session, "key") == "value"
    store.close()


def test_a_server_that_dies_in_the_middle_takes_the_transaction_with_it(postgres: PostgresServer) -> None:
    store = open_store(postgres.new_database())

    def write_while_it_dies() -> None:
        with store.writing() as session:
            meta.put(session, "key", "value")
            postgres.stop()
            meta.put(session, "key", "again")

    with pytest.raises(StoreError, match="database server"):
        write_while_it_dies()
    postgres.start()
    with store.reading() as session:
        assert meta.get(session, "key") is None
    store.close()
