"""Which messages wait to be read anew, and the record of what it came to, on both databases."""

from __future__ import annotations

from rules.rereading import Difference, FileChange, Kept
from store import claims, messages, rereadings
from store.engine import Session, Store
from store.rereadings import Outdated
from tests.store.builders import HOUR, NOON, claim, digest, envelope, keep, placed

CHANGE = FileChange(
    path="2/照片\x00.jpg",
    filename="附件2.jpg",
    differences=(Difference(aspect="statistics.theme", before="学刁\x00", after="学习"),),
    kept=Kept.WORSE,
)


def read(session: Session, name: str, *, uid: int, version: int, hours: int = 0) -> None:
    at = NOON + hours * HOUR
    keep(session, name, uid=uid, at=at)
    messages.save_decoded(session, digest(name), envelope(), "", ())
    assert messages.mark_read(session, digest(name), parser_version=version, received_at=at)


def test_what_older_parsers_read_or_failed_at_waits_the_newest_first(store: Store) -> None:
    with store.writing() as session:
        read(session, "old", uid=1, version=1)
        read(session, "newer", uid=2, version=2, hours=1)
        read(session, "current", uid=3, version=3)
        keep(session, "unread", uid=4)
        keep(session, "failed", uid=5, at=NOON - HOUR)
        messages.mark_failed(session, digest("failed"), "decode", "坏了", 2)
        once = rereadings.outdated(session, parser_version=3, limit=9)
        messages.mark_failed(session, digest("failed"), "decode", "坏了", 2)
        twice = rereadings.outdated(session, parser_version=3, limit=9)
        first = rereadings.outdated(session, parser_version=3, limit=1)
        count = rereadings.count_outdated(session, parser_version=3)
    newer = Outdated(sha256=digest("newer"), parser_version=2)
    old = Outdated(sha256=digest("old"), parser_version=1)
    failed = Outdated(sha256=digest("failed"), parser_version=2, has_failed=True, error="坏了")
    assert once == (newer, old)
    assert twice == (newer, old, failed)
    assert first == (newer,)
    assert count == 3


def test_one_program_takes_a_message_over_and_no_second_one(store: Store) -> None:
    with store.writing() as session:
        read(session, "one", uid=1, version=1)
    message = Outdated(sha256=digest("one"), parser_version=1)
    with store.writing() as session:
        assert rereadings.take_over(session, message, parser_version=2)
        assert not rereadings.take_over(session, message, parser_version=2)
        assert rereadings.outdated(session, parser_version=2, limit=9) == ()


def test_a_message_that_is_to_be_read_for_another_reason_is_left_alone(store: Store) -> None:
    with store.writing() as session:
        read(session, "one", uid=1, version=1, hours=2)
        keep(session, "one", uid=9, at=NOON)  # it came earlier than was known
        assert not rereadings.take_over(session, Outdated(sha256=digest("one"), parser_version=1), parser_version=2)


def test_the_record_comes_back_as_it_was_the_newest_first_page_by_page(store: Store) -> None:
    with store.writing() as session:
        for number, name in enumerate(("one", "two"), start=1):
            read(session, name, uid=number, version=1)
            message = Outdated(sha256=digest(name), parser_version=1)
            rereadings.record(session, message, [CHANGE, CHANGE], parser_version=2, read_at=NOON + HOUR)
        rereadings.record(session, message, [], parser_version=2, read_at=NOON)
    with store.reading() as session:
        every = rereadings.newest(session, limit=9)
        page = rereadings.newest(session, limit=2)
        rest = rereadings.newest(session, limit=9, before=page[-1].id)
        mine = rereadings.of_message(session, digest("one"))
    assert [one.message_sha256 for one in every] == [digest("two")] * 2 + [digest("one")] * 2
    assert every == page + rest
    assert mine == rest
    first = every[0]
    assert (first.old_version, first.new_version, first.read_at) == (1, 2, NOON + HOUR)
    assert (first.message_id, first.subject, first.received_at) == ("<one@example.org>", "活动周方案", NOON)
    assert first.change.differences == CHANGE.differences
    assert first.change.kept is Kept.WORSE
    assert first.change.path == "2/照片\ufffd.jpg"


def test_a_placement_that_would_change_nothing_is_known(store: Store) -> None:
    with store.writing() as session:
        keep(session, "one")
        assert not claims.is_placed_so(session, digest("one"), placed())
        claims.replace_placement(session, digest("one"), placed(claim("one")))
        assert claims.is_placed_so(session, digest("one"), placed(claim("one")))
        assert not claims.is_placed_so(session, digest("one"), placed(claim("one", unit="另一镇")))
