"""Whole campaigns with known truth go through the real pipeline; the report must tell the truth about each cell."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.application import Judged, open_application
from ingest.config import load_config
from ingest.importing import ReceivedFrom
from ingest.samples.scenario import Scenario, demo_scenario, realistic_scenario, write_scenario
from report.as_json import report_as_json
from rules.assessment import Status
from rules.claims import Claim
from store import claims

CELLS_RIGHT = 0.99


def taken_in(folder: Path, scenario: Scenario, paths: list[Path] | None = None) -> tuple[Judged, list[Claim]]:
    """The report of a scenario whose mail lies in `folder`, and every claim."""
    config = load_config(folder / "config.toml")
    with open_application(config) as application:
        application.import_paths(
            paths or [folder / "mailbox"], received=ReceivedFrom.HEADER, clock=lambda: scenario.read_at
        )
        judged = application.judged(at=scenario.report_at)
        with application.store.reading() as session:
            return judged, claims.claims(session)


def cells(judged: Judged) -> dict[tuple[str, str], Status]:
    return {
        (unit.unit.name, key): assessment.status
        for unit in judged.report.units
        for key, assessment in unit.assessments.items()
    }


@pytest.mark.parametrize(
    "make", [demo_scenario, lambda: realistic_scenario(20231120)], ids=["demo", "forty units, 150 messages or more"]
)
def test_the_report_tells_the_truth_about_every_cell(tmp_path: Path, make: Callable[[], Scenario]) -> None:
    scenario = make()
    write_scenario(scenario, tmp_path)

    judged, placed = taken_in(tmp_path, scenario)

    got, expected = cells(judged), scenario.expected
    wrong = {cell: (truth.status, got.get(cell)) for cell, truth in expected.items() if got.get(cell) != truth.status}
    assert len(wrong) <= (1 - CELLS_RIGHT) * len(expected), wrong
    assert not [cell for cell, (truth, told) in wrong.items() if told is Status.MISSING and truth is not Status.MISSING]
    units_of_mail = {
        sending.letter.message_id: {effect.unit for effect in sending.effects} for sending in scenario.sendings
    }
    strangers = [
        (claim.unit, claim.path, units_of_mail[claim.message_id])
        for claim in placed
        if units_of_mail[claim.message_id] and claim.unit not in units_of_mail[claim.message_id]
    ]
    assert not strangers, "a file was put to a unit that it is not of"
    assert {mail.message_id for mail in judged.unattributed} >= scenario.unattributed


def test_the_demo_shows_every_status(tmp_path: Path) -> None:
    scenario = demo_scenario()
    write_scenario(scenario, tmp_path)

    judged, _ = taken_in(tmp_path, scenario)

    assert set(cells(judged).values()) == set(Status)
    assert len(judged.report.units) >= 14


def test_any_order_of_arrival_and_reading_twice_give_the_same_report(tmp_path: Path) -> None:
    scenario = demo_scenario()
    write_scenario(scenario, tmp_path)
    straight, _ = taken_in(tmp_path, scenario)
    again, _ = taken_in(tmp_path, scenario)
    shutil.rmtree(tmp_path / "data")
    files = [path for path in (tmp_path / "mailbox").rglob("*") if path.is_file()]
    random.Random(7).shuffle(files)
    shuffled, _ = taken_in(tmp_path, scenario, files)

    def as_json(judged: Judged) -> object:
        return report_as_json(judged.report, judged.unattributed, late_only=False)

    assert as_json(again) == as_json(straight)
    assert as_json(shuffled) == as_json(straight)
