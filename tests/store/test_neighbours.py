from __future__ import annotations

from dataclasses import replace

from rules.messages import Address
from store import messages, neighbours
from store.engine import Store
from store.messages import StoredPart
from tests.store.builders import HOUR, NOON, digest, envelope, keep


def test_mail_of_the_same_sender_is_found_by_its_time_with_its_files(store: Store) -> None:
    part = StoredPart(path="2", filename="a.part1.rar", declared_type="", sha256=digest("part"), size_bytes=4)
    with store.writing() as session:
        for number, (name, sender) in enumerate(
            [("early", "a_b@example.org"), ("first", "a_b@example.org"), ("other", "axb@example.org"), ("raw", "")]
        ):
            keep(session, name, uid=number + 1, at=NOON + number * HOUR)
            if sender:
                written_by = replace(envelope(), header_from=Address(address=sender))
                messages.save_decoded(session, digest(name), written_by, "", [part])
    with store.writing() as session:
        near = neighbours.from_sender(session, "a_b@example.org", since=NOON + HOUR, until=NOON + 9 * HOUR)
        assert [(one.sha256, one.received_at, one.parts) for one in near] == [(digest("first"), NOON + HOUR, (part,))]
        messages.mark_read(session, digest("first"), parser_version=1, received_at=NOON + HOUR)
        assert digest("first") not in messages.waiting(session)
        neighbours.let_wait_again(session, [digest("first")])
    with store.reading() as session:
        assert digest("first") in messages.waiting(session)
        assert neighbours.from_sender(session, "a_b@example.org", since=NOON + HOUR, until=NOON + 9 * HOUR) == near
