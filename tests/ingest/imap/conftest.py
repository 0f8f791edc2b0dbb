from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.imap.memory import Reader
from tests.servers.coremail import Coremail, running_coremail
from tests.servers.dovecot import dovecot

__all__ = ["dovecot"]


@pytest.fixture
def coremail() -> Iterator[Coremail]:
    with running_coremail() as server:
        yield server


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path / "temporary")
    yield reader
    assert not list(reader.temporary.rglob("*")), "a pass leaves no temporary file behind"
