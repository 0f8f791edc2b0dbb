"""When an address counts as unreachable: not by one bounce, not by delays, not after somebody has answered from it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rules.bouncing import BounceKind
from store import contacts, outbox
from store.contacts import Bounce
from store.engine import Session, Store
from tests.store.builders import digest
from tests.store.outgoing import NINE, put

DAY = timedelta(days=1)
ADDRESS = "unit@example.org"
HARD, SOFT, DELAYED = BounceKind


def bounce(
    session: Session, mail_id: int, kind: BounceKind, at: datetime, *, address: str = ADDRESS, name: str = ""
) -> bool:
    return contacts.record_bounce(
        session,
        Bounce(
            message_sha256=digest(name or f"{kind}{at}"),
            outgoing_id=mail_id,
            address=address,
            kind=kind,
            at=at,
            reason="550 no such user",
        ),
    )


@pytest.mark.parametrize(
    ("days", "is_unreachable"),
    [
        ([(HARD, 0)], False),
        ([(HARD, 0), (HARD, 7)], True),
        ([(HARD, 0), (HARD, 7.1)], False),
        ([(SOFT, 0), (SOFT, 1)], False),
        ([(SOFT, 0), (SOFT, 1), (SOFT, 7)], True),
        ([(SOFT, 0), (SOFT, 1), (SOFT, 8)], False),
        ([(SOFT, 0), (HARD, 1), (SOFT, 2)], True),
        ([(DELAYED, 0), (DELAYED, 1), (DELAYED, 2), (HARD, 3)], False),
        ([(HARD, 0), (HARD, 1), (DELAYED, 30)], True),
    ],
)
def test_so_many_bounces_within_a_week_make_an_address_unreachable(
    store: Store, days: list[tuple[BounceKind, float]], is_unreachable: bool
) -> None:
    with store.writing() as session:
        mail = put(session)
        for kind, day in days:
            bounce(session, mail.id, kind, NINE + day * DAY, address="Unit@Example.org")
        assert contacts.unreachable(session) == ({ADDRESS} if is_unreachable else set())


def test_a_mail_from_the_address_makes_it_reachable_again(store: Store) -> None:
    with store.writing() as session:
        mail = put(session)
        for day in (0, 1):
            bounce(session, mail.id, HARD, NINE + day * DAY)
        contacts.hear_from(session, "UNIT@example.org", at=NINE)  # before the second bounce: proves nothing about it
        contacts.hear_from(session, "other@example.org", at=NINE + 9 * DAY)
        bounce(session, mail.id, HARD, NINE + 2 * DAY)
        assert contacts.unreachable(session) == {ADDRESS}

        contacts.hear_from(session, ADDRESS, at=NINE + 3 * DAY)
        contacts.hear_from(session, ADDRESS, at=NINE)  # an older mail that is read later

        assert contacts.unreachable(session) == frozenset()


def test_a_bounce_read_twice_counts_once_and_the_mail_shows_the_worst(store: Store) -> None:
    with store.writing() as session:
        mail = put(session)
        assert bounce(session, mail.id, DELAYED, NINE, name="delay")
        assert _shown(session, mail.id) == ""
        assert bounce(session, mail.id, HARD, NINE, name="same")
        assert not bounce(session, mail.id, HARD, NINE, name="same")
        assert bounce(session, mail.id, SOFT, NINE, name="other")

        assert _shown(session, mail.id) == "hard"
        assert [one.kind for one in contacts.bounces(session)] == [DELAYED, HARD, SOFT]


def _shown(session: Session, mail_id: int) -> str:
    mail = outbox.find(session, mail_id)
    assert mail is not None
    return mail.bounce
