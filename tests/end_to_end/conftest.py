"""Fixtures of the end-to-end tests: real servers, the real program as a subprocess."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.demo import demo, demo_mailbox, scenario
from tests.end_to_end.bureau import Bureau
from tests.patience import patience
from tests.servers.dovecot import PASSWORD, dovecot

__all__ = ["bureau", "demo", "demo_mailbox", "dovecot", "patience", "scenario"]


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    (tmp_path / "mail-password").write_text(PASSWORD, encoding="utf-8")
    return Bureau(folder=tmp_path)
