"""Mail that answers a letter of ours and brings no material: somebody must read it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.outgoing import MailKind
from store import claims, replies
from store.engine import Store
from tests.store.builders import claim, digest, keep, placed
from tests.store.outgoing import NINE, put

ANSWER = digest("answer")


@pytest.mark.parametrize(
    ("kind", "is_found"), [(MailKind.REMINDER, True), (MailKind.RECEIPT, True), (MailKind.DIGEST, False)]
)
def test_an_answer_to_a_letter_to_a_unit_is_found_by_what_it_answers(
    store: Store, kind: MailKind, *, is_found: bool
) -> None:
    with store.writing() as session:
        mail = put(session, kind=kind)
        answered = ("<theirs@example.org>", "", mail.message_id)
        assert replies.record_reply(session, ANSWER, answered, at=NINE) is is_found
        assert not replies.record_reply(session, digest("other"), ("<theirs@example.org>",), at=NINE)
        found = replies.bare_replies(session, since=NINE - timedelta(days=1))
        assert [(one.message_sha256, one.outgoing_id) for one in found] == [(ANSWER, mail.id)] * is_found
        assert replies.bare_replies(session, since=NINE) == ()


def test_an_answer_that_is_read_again_stands_there_once_and_one_that_brings_material_not_at_all(store: Store) -> None:
    with store.writing() as session:
        mail = put(session)
        keep(session, "answer")
        for _ in range(2):
            replies.record_reply(session, ANSWER, [mail.message_id], at=NINE)
        assert len(replies.bare_replies(session, since=NINE - timedelta(days=1))) == 1
        claims.replace_placement(session, ANSWER, placed(claim("answer")))
        assert replies.bare_replies(session, since=NINE - timedelta(days=1)) == ()
