"""For all tests: Hypothesis repeats itself, so that what passed once passes again.

`HYPOTHESIS_PROFILE=explore pytest …` looks for new examples.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Workers know tests by their names: one that bears an address in memory is another test in each of them."""
    unsteady = [item.nodeid for item in items if " at 0x" in item.name]
    if unsteady:
        raise pytest.UsageError(f"give the parameters of these tests an id: {', '.join(unsteady)}")
