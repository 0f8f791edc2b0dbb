from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.config import load_config
from ingest.importing import ReceivedFrom, find_messages
from ingest.roster_file import read_roster
from ingest.samples.letters import render
from ingest.samples.scenario import Scenario, demo_scenario, realistic_scenario, write_scenario
from ingest.samples.truth import Effect
from rules.assessment import Status
from rules.findings import Code
from tests.demo import shared_scenario


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return shared_scenario(tmp_path_factory)


@pytest.fixture(scope="module")
def realistic() -> Scenario:
    return realistic_scenario(1)


def test_the_demo_shows_every_status(demo: Scenario) -> None:
    assert {expected.status for expected in demo.expected.values()} == set(Status)
    assert len(demo.units) >= 14
    assert {unit.category for unit in demo.units} == {"镇街", "学校", "幼儿园", "局属单位"}


def test_the_demo_shows_the_findings_that_are_met_most_often(demo: Scenario) -> None:
    codes = {code for expected in demo.expected.values() for code in expected.codes}
    assert codes == {
        Code.PHOTO_COUNT,
        Code.VIDEO_TOO_LONG,
        Code.UNREADABLE,
        Code.ENCRYPTED,
        Code.FORM_EMPTY,
        Code.FORM_WRONG,
        Code.LINK_ONLY,
        Code.NOT_STAMPED,
    }
    assert len(demo.unattributed) == 1


def test_the_demo_is_quickly_made_always_the_same_and_tells_how_far_it_is(demo: Scenario) -> None:
    told: list[tuple[int, int]] = []
    started = time.process_time()
    again = demo_scenario(progress=lambda done, total: told.append((done, total)))
    assert time.process_time() - started < 15
    assert told == [(number, len(again.units)) for number in range(1, len(again.units) + 1)]
    assert [render(letter) for letter in again.letters] == [render(letter) for letter in demo.letters]


def test_the_same_seed_gives_the_same_bytes() -> None:
    small, same, other = (realistic_scenario(seed, units=4) for seed in (7, 7, 8))
    assert [render(letter) for letter in small.letters] == [render(letter) for letter in same.letters]
    assert [render(letter) for letter in small.letters] != [render(letter) for letter in other.letters]


def test_a_scenario_on_disk_is_what_the_program_reads(demo: Scenario, tmp_path: Path) -> None:
    write_scenario(demo, tmp_path)
    config = load_config(tmp_path / "config.toml")
    assert [item.campaign for item in config.campaigns] == [demo.campaign]
    reading = read_roster(tmp_path / "roster.xlsx", deliverable_keys=[item.key for item in demo.campaign.deliverables])
    assert reading.problems == ()
    assert reading.roster.units == demo.units
    for received in ReceivedFrom:
        found = [message.received_at for message in find_messages(tmp_path / "mailbox", received)]
        assert sorted(found) == sorted(letter.received_at for letter in demo.letters)


def test_a_district_sends_more_than_150_mails_in_many_ways(realistic: Scenario) -> None:
    assert len(realistic.units) == 40
    assert len(realistic.letters) >= 150
    assert len({letter.message_id for letter in realistic.letters}) == len(realistic.letters)
    assert len({(letter.charset, letter.label) for letter in realistic.letters}) == 5
    endings = Counter(file.name.rsplit(".", 1)[-1] for letter in realistic.letters for file in letter.files)
    assert {"docx", "xlsx", "csv", "txt", "html", "jpg", "zip"} <= set(endings)
    assert sum(len({effect.unit for effect in sending.effects}) > 1 for sending in realistic.sendings) >= 1
    assert len(realistic.unattributed) == 2


def test_every_sort_of_outcome_is_drawn_over_a_few_seeds(realistic: Scenario) -> None:
    statuses = {expected.status for expected in realistic.expected.values()}
    assert statuses == {Status.ON_TIME, Status.LATE, Status.INCOMPLETE, Status.MISSING, Status.EXEMPT}


def test_mail_after_the_moment_of_the_report_changes_nothing(demo: Scenario) -> None:
    late = demo.sendings[2]
    after = replace(late, letter=replace(late.letter, received_at=demo.report_at + timedelta(seconds=1)))
    assert replace(demo, sendings=(*demo.sendings, after)).expected == demo.expected


def test_photos_add_up_and_copies_do_not(demo: Scenario) -> None:
    letter = demo.letters[0]

    def expected(*photos: set[int]) -> Status:
        effects = [
            Effect(unit="尧塘街道社区教育中心", deliverable="evidence", photos=frozenset(seen)) for seen in photos
        ]
        sending = replace(demo.sendings[0], letter=letter, effects=tuple(effects))
        return replace(demo, sendings=(sending,)).expected["尧塘街道社区教育中心", "evidence"].status

    assert expected({1, 2, 3}, {4, 5}) is Status.ON_TIME
    assert expected({1, 2, 3}, {3, 4}) is Status.INCOMPLETE


def test_no_more_units_are_promised_than_there_are() -> None:
    with pytest.raises(ValueError, match="sample units"):
        realistic_scenario(1, units=400)
