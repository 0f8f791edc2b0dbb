"""Decisions, passes, extractions and facts: the small tables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from rules.claims import Decision
from store import decisions, extractions, messages, meta, passes
from store.engine import Store
from tests.store.builders import HOUR, NOON, digest, extraction, keep

ACCOUNT = "a-coordinator-with-a-long-name@imap.example.org"


def test_a_decision_comes_back_as_it_was_made(store: Store) -> None:
    with store.writing() as session:
        made = decisions.append(
            session,
            action="extend",
            author="协调员",
            reason="停电",
            decided_at=NOON,
            campaign="2023",
            unit="某某镇",
            deliverable="plan",
            message_sha256=digest("one"),
            path="2.1/材料.docx",
            until=NOON + HOUR,
            form_index=1,
            field="3.place",
            value="镇文化广场",
        )
        undone = decisions.append(
            session, action="undo", author="协调员", reason="", decided_at=NOON + HOUR, undoes=made.id
        )
    assert made == Decision(
        id=made.id,
        action="extend",
        author="协调员",
        reason="停电",
        decided_at=NOON,
        campaign="2023",
        unit="某某镇",
        deliverable="plan",
        message_sha256=digest("one"),
        path="2.1/材料.docx",
        until=NOON + HOUR,
        form_index=1,
        field="3.place",
        value="镇文化广场",
    )
    with store.reading() as session:
        assert decisions.all_decisions(session) == (made, undone)


@pytest.mark.parametrize("change", ["UPDATE decisions SET reason = 'x'", "DELETE FROM decisions"])
def test_a_decision_cannot_be_changed_even_by_hand(store: Store, change: str) -> None:
    with store.writing() as session:
        made = decisions.append(session, action="exempt", author="协调员", reason="合并", decided_at=NOON)
    with pytest.raises(DBAPIError, match="append-only"), store.writing() as session:
        session.execute(text(change))
    with store.reading() as session:
        assert decisions.all_decisions(session) == (made,)


def test_an_undo_of_nothing_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as session:
        decisions.append(session, action="undo", author="协调员", reason="", decided_at=NOON, undoes=99)


def test_mail_is_read_until_the_newest_complete_pass_began(store: Store) -> None:
    with store.writing() as session:
        assert passes.mail_read_until(session) is None
        complete = passes.begin_pass(session, began_at=NOON, source=ACCOUNT)
        broken = passes.begin_pass(session, began_at=NOON + HOUR, source=ACCOUNT)
        passes.begin_pass(session, began_at=NOON + 2 * HOUR, source=ACCOUNT)  # killed: never ends
        passes.end_pass(session, complete, ended_at=NOON + timedelta(minutes=1), is_complete=True)
        passes.end_pass(session, broken, ended_at=NOON + HOUR, is_complete=False, error="登录被拒")
        assert passes.mail_read_until(session) == NOON
        imported = passes.begin_pass(session, began_at=NOON + 3 * HOUR, source=passes.IMPORT)
        passes.end_pass(session, imported, ended_at=NOON + 4 * HOUR, is_complete=True, counts={"messages_new": 3})
    with store.reading() as session:
        assert passes.mail_read_until(session) == NOON + 3 * HOUR
        newest, _killed, failed = passes.newest_passes(session, limit=3)
    assert newest.counts == {"messages_new": 3}
    assert (failed.error, failed.is_complete, failed.source) == ("登录被拒", False, ACCOUNT)


def test_of_several_accounts_the_one_read_longest_ago_decides(store: Store) -> None:
    with store.writing() as session:
        for source, hours in (("a", 1), ("b", 3), ("a", 2), ("removed", 0)):
            begun = passes.begin_pass(session, began_at=NOON + hours * HOUR, source=source)
            passes.end_pass(session, begun, ended_at=NOON + 4 * HOUR, is_complete=True)
        assert passes.mail_read_until(session, ["a", "b"]) == NOON + 2 * HOUR
        assert passes.mail_read_until(session, ["b"]) == NOON + 3 * HOUR
        assert passes.mail_read_until(session, ["a", "b", "never read"]) is None
        assert passes.mail_read_until(session) == NOON + 3 * HOUR
        imported = passes.begin_pass(session, began_at=NOON + 5 * HOUR, source=passes.IMPORT)
        passes.end_pass(session, imported, ended_at=NOON + 5 * HOUR, is_complete=True)
        assert passes.mail_read_until(session, ["a", "never read"]) == NOON + 5 * HOUR


def test_mail_that_is_kept_but_not_read_makes_later_passes_blind(store: Store) -> None:
    with store.writing() as session:
        for hours in (0, 2):
            pass_id = passes.begin_pass(session, began_at=NOON + hours * HOUR, source=ACCOUNT)
            passes.end_pass(session, pass_id, ended_at=NOON + hours * HOUR, is_complete=True)
        keep(session, "one", at=NOON + HOUR)
        assert passes.mail_read_until(session) == NOON
        messages.mark_read(session, digest("one"), parser_version=1, received_at=NOON + HOUR)
        assert passes.mail_read_until(session) == NOON + 2 * HOUR


def test_a_naive_began_at_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="naive"), store.writing() as session:
        passes.begin_pass(session, began_at=NOON.replace(tzinfo=None), source=ACCOUNT)


def test_an_extraction_comes_back_whole_for_its_content_name_and_parser(store: Store) -> None:
    with store.writing() as session:
        extractions.save(session, digest("a"), "附件1.docx", 1, extraction())
        extractions.save(session, digest("a"), "附件1.docx", 1, extraction(text="a second time"))
        extractions.save(session, digest("a"), "附件1.docx", 2, extraction(text="newer parsers"))
        extractions.save(session, digest("a"), "x" * 9000, 1, extraction("x" * 9000))
    with store.reading() as session:
        assert extractions.load(session, digest("a"), "附件1.docx", 1) == extraction()
        newer = extractions.load(session, digest("a"), "附件1.docx", 2)
        assert extractions.load(session, digest("a"), "附件2.docx", 1) is None
        assert extractions.load(session, digest("b"), "附件1.docx", 1) is None
        assert extractions.load(session, digest("a"), "x" * 9000, 1) == extraction("x" * 9000)
    assert newer is not None
    assert newer.text == "newer parsers"
    with store.writing() as session:
        extractions.save(session, digest("a"), "附件1.docx", 1, extraction(text="mended"), replaces=True)
        mended = extractions.load(session, digest("a"), "附件1.docx", 1)
    assert mended == extraction(text="mended")


def test_facts_are_overwritten_by_key(store: Store) -> None:
    with store.writing() as session:
        assert meta.get(session, "placed_under") is None
        meta.put(session, "placed_under", "first")
        meta.put(session, "placed_under", "坏\0")
        meta.put(session, "other", "")
    with store.reading() as session:
        assert meta.get(session, "placed_under") == "坏\ufffd"
        assert meta.get(session, "other") == ""
