"""Whole campaigns with known truth go through the real pipeline; the report must tell the truth about each cell."""

from __future__ import annotations

import random
from pathlib import Path

from ingest.application import Judged, open_application
from ingest.config import load_config
from ingest.importing import ReceivedFrom
from ingest.samples.scenario import MAILDIR, Scenario, realistic_scenario, write_scenario
from report.as_json import report_as_json
from rules.assessment import Status
from rules.claims import Claim
from store import claims
from tests.demo import DemoCampaign, copy_demo

CELLS_RIGHT = 0.99


def taken_in(folder: Path, scenario: Scenario, *paths: Path) -> tuple[Judged, list[Claim]]:
    """The report once the mails at `paths` came in, and every claim."""
    with open_application(load_config(folder / "config.toml")) as application:
        application.import_paths(paths, received=ReceivedFrom.HEADER, clock=lambda: scenario.read_at)
        judged = application.judged(at=scenario.report_at)
        with application.store.reading() as session:
            return judged, claims.claims(session)


def cells(judged: Judged) -> dict[tuple[str, str], Status]:
    return {
        (unit.unit.name, key): assessment.status
        for unit in judged.report.units
        for key, assessment in unit.assessments.items()
    }


def check_every_cell(scenario: Scenario, judged: Judged, placed: list[Claim]) -> None:
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


def test_the_report_tells_the_truth_about_every_cell_of_a_district(tmp_path: Path) -> None:
    """Forty units, 150 messages or more."""
    district = realistic_scenario(20231120)
    write_scenario(district, tmp_path)

    check_every_cell(district, *taken_in(tmp_path, district, tmp_path / MAILDIR))


def test_the_report_tells_the_truth_about_every_cell_of_the_demo(
    demo: DemoCampaign, scenario: Scenario, tmp_path: Path
) -> None:
    check_every_cell(scenario, *taken_in(copy_demo(demo, tmp_path / "demo").folder, scenario))


def test_the_demo_shows_every_status(demo: DemoCampaign, scenario: Scenario, tmp_path: Path) -> None:
    judged, _ = taken_in(copy_demo(demo, tmp_path / "demo").folder, scenario)

    assert set(cells(judged).values()) == set(Status)
    assert len(judged.report.units) >= 14


def test_any_order_of_arrival_and_reading_twice_give_the_same_report(
    demo: DemoCampaign, demo_mailbox: Path, scenario: Scenario, tmp_path: Path
) -> None:
    known = copy_demo(demo, tmp_path / "known").folder
    straight, _ = taken_in(known, scenario)
    again, _ = taken_in(known, scenario, demo_mailbox)
    files = [path for path in demo_mailbox.rglob("*") if path.is_file()]
    random.Random(7).shuffle(files)
    shuffled, _ = taken_in(copy_demo(demo, tmp_path / "new", is_empty=True).folder, scenario, *files)

    def as_json(judged: Judged) -> object:
        return report_as_json(judged.report, judged.unattributed, late_only=False)

    assert as_json(again) == as_json(straight)
    assert as_json(shuffled) == as_json(straight)
