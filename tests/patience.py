"""How long a test waits for an answer that must come: long, for two workers and their servers share the machine."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import httpx
import pytest
from playwright.sync_api import expect

SECONDS = 30

SOON = 25
"""What ends within a few seconds on a machine of its own may take so long on a loaded one; what it is told from, the
time limit of a server or a converter, takes longer."""


@pytest.fixture(autouse=True, scope="session")
def patience() -> Iterator[None]:
    """Where a test names no limit, HTTPX and Playwright would give up after five seconds."""
    expect.set_options(timeout=SECONDS * 1000)
    with pytest.MonkeyPatch.context() as changed:
        for name in ("get", "post"):
            changed.setattr(httpx, name, partial(getattr(httpx, name), timeout=SECONDS))
        yield
