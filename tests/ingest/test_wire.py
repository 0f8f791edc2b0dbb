"""Numbers in a worker's answer that no honest parser gives."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from ingest.wire import NoAnswer, decoded
from rules.extraction import Video

ORDINARY = Video(seconds=12.5, width=640, height=480, codec="h264")


def answer(**fields: object) -> bytes:
    return json.dumps(asdict(ORDINARY) | fields).encode()


def test_an_ordinary_answer_is_taken() -> None:
    assert decoded(answer(), Video) == ORDINARY
    assert decoded(answer(seconds=12), Video).seconds == 12.0


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(NoAnswer, match="no finite number"):
        decoded(answer(seconds=seconds), Video)


@pytest.mark.parametrize("width", [2**63, -(2**63), 10**400], ids=["over", "under", "absurd"])
def test_a_number_that_no_database_holds_is_refused(width: int) -> None:
    with pytest.raises(NoAnswer, match="too large"):
        decoded(answer(width=width), Video)
