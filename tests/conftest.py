"""For all tests: Hypothesis repeats itself, so that what passed once passes again.

`HYPOTHESIS_PROFILE=explore pytest …` looks for new examples.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
