from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from rules.claims import Placement
from store import claims
from store.engine import Store, open_store
from tests.store.builders import HOUR, NOON, claim, digest, extraction, keep, placed, read_message, waiting


@pytest.fixture
def two_messages(store: Store) -> Store:
    with store.writing() as session:
        read_message(session, "one", at=NOON + HOUR, uid=1)
        read_message(session, "two", at=NOON, uid=2)
    return store


def test_claims_come_back_without_the_text_and_members_of_their_files(two_messages: Store) -> None:
    with two_messages.writing() as session:
        claims.replace_placement(session, digest("one"), placed(claim("one", at=NOON + HOUR)))
    with two_messages.reading() as session:
        (back,) = claims.claims(session)
    assert back == replace(claim("one", at=NOON + HOUR), extraction=replace(extraction(), text="", members=()))
    assert back.form == extraction().form


def test_claims_stand_in_the_order_in_which_the_mail_came(two_messages: Store) -> None:
    with two_messages.writing() as session:
        claims.replace_placement(session, digest("one"), placed(claim("one"), claim("one", unit="另一镇", kind=None)))
        claims.replace_placement(session, digest("two"), placed(claim("two", kind="plan")))
        assert [(each.kind, each.unit) for each in claims.claims(session)] == [
            ("plan", "某某镇"),
            ("schedule", "某某镇"),
            (None, "另一镇"),
        ]


def test_placing_again_replaces_everything_of_that_message_only(two_messages: Store) -> None:
    with two_messages.writing() as session:
        claims.replace_placement(session, digest("one"), placed(claim("one"), claim("one", kind="plan")))
        claims.replace_placement(session, digest("two"), placed(claim("two")))
    with two_messages.writing() as session:
        claims.replace_placement(session, digest("one"), placed(unattributed=waiting("one", at=NOON + HOUR)))
        assert [each.message_sha256 for each in claims.claims(session)] == [digest("two")]
        assert claims.unattributed(session) == [waiting("one", at=NOON + HOUR)]
        claims.replace_placement(session, digest("one"), placed(note="自动回复"))
        assert claims.unattributed(session) == []
        assert claims.placement_of(session, digest("one")) == Placement(note="自动回复")


def test_a_message_not_yet_placed_has_no_placement(two_messages: Store) -> None:
    with two_messages.reading() as session:
        assert claims.placement_of(session, digest("one")) is None


def test_the_placement_of_one_message_holds_claims_and_waiting(two_messages: Store) -> None:
    both = placed(claim("two"), unattributed=waiting("two"))
    with two_messages.writing() as session:
        claims.replace_placement(session, digest("one"), placed(claim("one")))
        claims.replace_placement(session, digest("two"), both)
        back = claims.placement_of(session, digest("two"))
    assert back is not None
    assert back.unattributed == both.unattributed
    assert [each.message_sha256 for each in back.claims] == [digest("two")]


def test_claims_follow_a_corrected_received_time(two_messages: Store) -> None:
    with two_messages.writing() as session:
        claims.replace_placement(session, digest("one"), placed(claim("one"), unattributed=waiting("one")))
        keep(session, "one", uid=9, at=NOON - HOUR)
        assert claims.claims(session)[0].received_at == NOON - HOUR
        assert claims.unattributed(session)[0].received_at == NOON - HOUR


def test_the_same_message_placed_by_many_at_once_is_placed_once(two_messages: Store, url: str) -> None:
    together = threading.Barrier(6)
    failures: list[BaseException] = []

    def place() -> None:
        other = open_store(url)
        try:
            for _ in range(5):
                together.wait(timeout=60)
                with other.writing() as session:
                    claims.replace_placement(session, digest("one"), placed(claim("one"), unattributed=waiting("one")))
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            other.close()

    threads = [threading.Thread(target=place) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with two_messages.reading() as session:
        assert len(claims.claims(session)) == 1
