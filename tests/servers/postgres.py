"""A real PostgreSQL for the tests: a cluster of its own in a temporary folder, reached by a socket in it.

As root it runs as `postgres`, which is the only way that PostgreSQL accepts. Debian's packages put the programs where
no PATH leads; the newest version is taken.
"""

from __future__ import annotations

import getpass
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

SETTINGS = "-c listen_addresses= -c fsync=off -c max_connections=60 -c shared_buffers=32MB -c log_min_messages=fatal"


class PostgresServer:
    """A running cluster; every database in it is empty when it is handed out."""

    def __init__(self, programs: Path, base: Path, user: str) -> None:
        self._programs = programs
        self._base = base
        self._user = user
        self._numbers = itertools.count(1)

    def set_up(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._base, self._user)
        self._run("initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata", self._data)
        self.start()

    def start(self) -> None:
        options = f"{SETTINGS} -c unix_socket_directories={self._base}"
        self._run("pg_ctl", "start", "--wait", "-D", self._data, "-l", f"{self._base}/log", "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "-D", self._data, "-m", "immediate")

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"baosong_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Whoever needs many gives each back: one takes 7 MB."""
        self._execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self._base), user=self._user, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def url(self, database: str, user: str = "") -> str:
        return f"postgresql+psycopg://{user or self._user}@/{database}?host={self._base}"

    @property
    def _data(self) -> str:
        return str(self._base / "data")

    def _run(self, program: str, *arguments: str) -> None:
        user = self._user if os.geteuid() == 0 else None
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            user=user,
            cwd=self._base,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would be inherited by the server and never end
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=60,
        )
        if done.returncode:
            log = self._base / "log"
            pytest.fail(f"{program} failed ({done.returncode}): {log.read_text() if log.exists() else 'no log'}")


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Starts a cluster and removes it at the end. Fails where PostgreSQL is not installed: the store must run on it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.fail("PostgreSQL is not installed; install the package postgresql (its server programs are needed)")
    programs = found[-1].parent if found else Path(str(on_path)).parent
    # Not in pytest's folder: that is closed to other users, and its path may be too long for a socket.
    with tempfile.TemporaryDirectory(prefix="baosong-pg-", ignore_cleanup_errors=True) as base:
        server = PostgresServer(programs, Path(base), "postgres" if os.geteuid() == 0 else getpass.getuser())
        server.set_up()
        try:
            yield server
        finally:
            server.stop()
