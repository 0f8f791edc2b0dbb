from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from rules.errors import StoreError
from rules.messages import Address
from store import kept, messages
from store.engine import Session, Store
from store.models import State
from tests.store.builders import HOUR, NOON, digest, envelope, extraction, keep, part, read_message


def test_a_message_kept_twice_at_the_same_place_is_one(store: Store) -> None:
    with store.writing() as session:
        assert keep(session, "one")
    with store.writing() as session:
        assert not keep(session, "one")
    with store.reading() as session:
        (message,) = kept.find_messages(session, digest("one"))
    assert len(message.locations) == 1
    assert message.size_bytes == 3


def test_the_same_content_in_two_folders_is_one_message_with_two_locations(store: Store) -> None:
    with store.writing() as session:
        assert keep(session, "one", folder="INBOX")
        assert not keep(session, "one", folder="垃圾邮件", uid=90)
    with store.reading() as session:
        (message,) = kept.find_messages(session, digest("one"))
        assert messages.known_uids(session, "a@example.org", "垃圾邮件", 7) == {90}
    assert [(place.folder, place.uid) for place in message.locations] == [("INBOX", 1), ("垃圾邮件", 90)]


@pytest.mark.parametrize("order", [1, -1])
def test_received_at_is_the_earliest_internaldate_whatever_the_order(store: Store, order: int) -> None:
    for hours in [0, 1, 2][::order]:
        with store.writing() as session:
            keep(session, "one", uid=hours + 1, at=NOON + hours * HOUR)
    with store.reading() as session:
        assert messages.received_at(session, digest("one")) == NOON


@pytest.mark.parametrize("order", [1, -1])
def test_an_imported_copy_does_not_tell_the_time_of_what_the_mailbox_has(store: Store, order: int) -> None:
    places = [{"account": "import", "is_imported": True, "at": NOON - HOUR}, {"at": NOON}]
    for place in places[::order]:
        with store.writing() as session:
            keep(session, "one", **place)  # type: ignore[arg-type]  # two kinds of values in one dict
    with store.reading() as session:
        assert messages.received_at(session, digest("one")) == NOON


def test_imported_copies_alone_tell_the_earliest_time(store: Store) -> None:
    with store.writing() as session:
        keep(session, "one", account="import", uid=1, is_imported=True, at=NOON)
        keep(session, "one", account="import", uid=2, is_imported=True, at=NOON - HOUR)
        assert messages.received_at(session, digest("one")) == NOON - HOUR


def test_a_message_whose_time_changed_is_read_again(store: Store) -> None:
    with store.writing() as session:
        read_message(session, "one", at=NOON)
        keep(session, "one", uid=2, at=NOON + HOUR)
        assert messages.waiting(session) == []
        keep(session, "one", uid=3, at=NOON - HOUR)
        assert messages.waiting(session) == [digest("one")]


def test_known_uids_are_those_of_the_folder_and_its_uidvalidity(store: Store) -> None:
    with store.writing() as session:
        keep(session, "one", uid=4_294_967_295, uidvalidity=4_294_967_295)
        keep(session, "two", uid=2, uidvalidity=8)
        keep(session, "three", uid=3, folder="Junk", uidvalidity=8)
        assert messages.known_uids(session, "a@example.org", "INBOX", 8) == {2}
        assert messages.known_uids(session, "a@example.org", "INBOX", 4_294_967_295) == {4_294_967_295}
        assert messages.known_uids(session, "b@example.org", "INBOX", 8) == frozenset()


def test_the_folder_remembers_its_newest_uidvalidity(store: Store) -> None:
    with store.writing() as session:
        assert messages.folder_uidvalidity(session, "a@example.org", "INBOX") is None
        messages.remember_folder(session, "a@example.org", "INBOX", 7, seen_at=NOON)
        assert messages.folder_uidvalidity(session, "a@example.org", "INBOX") == 7
        keep(session, "one", uidvalidity=9)
    with store.reading() as session:
        assert messages.folder_uidvalidity(session, "a@example.org", "INBOX") == 9


def test_after_a_changed_uidvalidity_the_same_mail_is_matched_by_content(store: Store) -> None:
    with store.writing() as session:
        keep(session, "one", uidvalidity=7, uid=50)
    with store.writing() as session:
        assert not keep(session, "one", uidvalidity=8, uid=1)
    with store.reading() as session:
        assert messages.waiting(session) == [digest("one")]


def test_a_naive_datetime_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="naive"), store.writing() as session:
        keep(session, "one", at=datetime(2023, 10, 30, 12, 0))  # noqa: DTZ001 - the very thing that must be refused
    with store.reading() as session:
        assert messages.waiting(session) == []


def test_instants_come_back_as_the_same_instant_in_utc_to_the_microsecond(store: Store) -> None:
    moment = datetime(2023, 10, 30, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=8)))
    with store.writing() as session:
        keep(session, "one", at=moment)
    with store.reading() as session:
        back = messages.received_at(session, digest("one"))
    assert back == moment
    assert back.tzinfo is UTC


def test_waiting_lists_what_is_unread_or_failed_once_oldest_first(store: Store) -> None:
    with store.writing() as session:
        keep(session, "kept", uid=1, at=NOON)
        keep(session, "decoded", uid=2, at=NOON - HOUR)
        messages.save_decoded(session, digest("decoded"), envelope(), "", ())
        read_message(session, "read", uid=3)
        keep(session, "failed", uid=4, at=NOON - 2 * HOUR)
        messages.mark_failed(session, digest("failed"), "decode", "ValueError: 坏了", 1)
        assert messages.waiting(session) == [digest("failed"), digest("decoded"), digest("kept")]
        messages.mark_failed(session, digest("failed"), "decode", "ValueError: 坏了", 1)
        assert messages.waiting(session) == [digest("decoded"), digest("kept")]


def test_a_message_with_a_file_that_failed_is_tried_once_more(store: Store) -> None:
    with store.writing() as session:
        keep(session, "one")
        messages.mark_read(session, digest("one"), parser_version=1, received_at=NOON, has_failed=True)
        assert messages.waiting(session) == [digest("one")]
        assert messages.oldest_unread(session) is None
        messages.mark_read(session, digest("one"), parser_version=1, received_at=NOON, has_failed=True)
        assert messages.waiting(session) == []


def test_a_message_whose_time_was_corrected_while_it_was_read_goes_on_waiting(store: Store) -> None:
    with store.writing() as session:
        keep(session, "one", at=NOON)
        keep(session, "one", at=NOON - HOUR, uid=2)
        assert not messages.mark_read(session, digest("one"), parser_version=1, received_at=NOON)
        assert messages.waiting(session) == [digest("one")]
        assert messages.oldest_unread(session) == NOON - HOUR
        assert messages.mark_read(session, digest("one"), parser_version=1, received_at=NOON - HOUR)
        assert messages.waiting(session) == []


def test_the_quarantine_tells_stage_reason_and_attempts_until_the_message_is_read(store: Store) -> None:
    with store.writing() as session:
        keep(session, "one")
        messages.mark_failed(session, digest("one"), "decode", "first", 1)
        messages.mark_failed(session, digest("one"), "read", "second", 2)
        (message,) = kept.failed_messages(session)
        assert (message.state, message.attempts, message.failed_stage) == (State.FAILED, 2, "read")
        assert (message.error, message.parser_version, message.envelope) == ("second", 2, None)
        messages.mark_read(session, digest("one"), parser_version=3, received_at=NOON)
        assert kept.failed_messages(session) == ()


def test_what_was_decoded_comes_back_as_it_was(store: Store) -> None:
    parts = (part("1", "正文.txt"), part("2", "附件1.docx"), part("3", "附件1.docx"))
    with store.writing() as session:
        keep(session, "one")
        messages.save_decoded(session, digest("one"), envelope(), "您好", parts)
        messages.save_decoded(session, digest("one"), envelope(), "您好！", parts[1:])
    with store.reading() as session:
        (message,) = kept.find_messages(session, "one@example.org")
    assert message.envelope == envelope()
    assert message.body_text == "您好！"
    assert message.parts == parts[1:]
    assert message.state is State.DECODED


def test_text_that_no_database_holds_is_kept_as_far_as_it_can_be(store: Store) -> None:
    hostile = "坏\x00名\udcff字.docx"
    with store.writing() as session:
        keep(session, "one")
        messages.save_decoded(
            session, digest("one"), envelope(subject=hostile), hostile, (part("1", hostile), part("2", "x" * 9000))
        )
        messages.mark_failed(session, digest("one"), "read", hostile, 1)
    with store.reading() as session:
        (message,) = kept.find_messages(session, digest("one"))
    assert message.envelope is not None
    assert message.envelope.subject == hostile
    assert message.body_text == message.parts[0].filename == message.error == "坏\ufffd名\ufffd字.docx"


def test_names_of_any_length_are_told_apart(store: Store) -> None:
    long = "夹" * 5000
    with store.writing() as session:
        keep(session, "one", folder=long + "一")
        keep(session, "two", folder=long + "二")
        messages.save_decoded(session, digest("one"), envelope(f"<{long}@example.org>"), "", ())
    with store.reading() as session:
        assert messages.known_uids(session, "a@example.org", long + "二", 7) == {1}
        assert [found.sha256 for found in kept.find_messages(session, f"{long}@example.org")] == [digest("one")]


@pytest.mark.parametrize(
    "wanted", ["<one@example.org>", "one@example.org", " <one@example.org> ", digest("one")[:6].upper(), digest("one")]
)
def test_a_message_is_found_by_message_id_or_start_of_its_hash(store: Store, wanted: str) -> None:
    with store.writing() as session:
        read_message(session, "one")
        read_message(session, "two", uid=2)
    with store.reading() as session:
        assert [message.sha256 for message in kept.find_messages(session, wanted)] == [digest("one")]


def test_a_message_is_not_found_by_less(store: Store) -> None:
    with store.writing() as session:
        read_message(session, "one")
        keep(session, "undecoded", uid=2)
    with store.reading() as session:
        for wanted in ("", "%", "one@", digest("one")[:5], "______", "nobody@example.org"):
            assert kept.find_messages(session, wanted) == ()


def test_all_copies_of_a_message_id_are_found_oldest_first(store: Store) -> None:
    with store.writing() as session:
        for uid, name in enumerate(("later copy", "earlier copy"), start=1):
            keep(session, name, uid=uid, at=NOON - uid * HOUR)
            messages.save_decoded(session, digest(name), envelope("<same@example.org>"), "", ())
        found = kept.find_messages(session, "<same@example.org>")
    assert [message.sha256 for message in found] == [digest("earlier copy"), digest("later copy")]


def test_received_messages_carry_everything_that_placing_looks_at(store: Store) -> None:
    with store.writing() as session:
        read_message(session, "later", at=NOON + HOUR, uid=1)
        read_message(session, "earlier", at=NOON, uid=2, version=2)
        keep(session, "unread", uid=3)
    with store.reading() as session:
        earlier, later = messages.received_messages(session)
        assert [message.sha256 for message in messages.received_messages(session, since=NOON + HOUR)] == [later.sha256]
    assert (earlier.sha256, later.sha256) == (digest("earlier"), digest("later"))
    assert earlier.received_at == NOON
    assert earlier.envelope == envelope("<earlier@example.org>")
    assert earlier.body_text == "正文"
    assert [item.path for item in earlier.items] == ["1", "1/照片/1.jpg", "2", "2/照片/1.jpg"]
    assert earlier.items[2].extraction == extraction("附件1.docx")
    assert earlier.items[2].folders == ("材料.zip", "照片")


def test_only_the_messages_that_are_asked_for_come(store: Store) -> None:
    with store.writing() as session:
        for number, name in enumerate(("one", "two", "three"), start=1):
            read_message(session, name, uid=number)
        wanted = {digest("one"), digest("three"), digest("never kept")}
        found = {message.sha256 for message in messages.received_messages(session, only=wanted)}
    assert found == {digest("one"), digest("three")}


def test_messages_are_found_by_an_address_in_their_headers(store: Store) -> None:
    with store.writing() as session:
        for number, address in enumerate(("zxxx@example.org", "z_xx@example.org"), start=1):
            keep(session, address, uid=number)
            sender = Address(address=address)
            facts = replace(envelope(f"<{number}@example.org>"), header_from=sender)
            messages.save_decoded(session, digest(address), facts, "", ())
        found = messages.naming_addresses(session, ["z_xx@example.org", "nobody@example.org"])
    assert found == {digest("z_xx@example.org")}


def test_more_messages_than_a_page_come_in_order_and_each_once(store: Store) -> None:
    with store.writing() as session:
        for number in range(450):
            read_message(session, f"m{number}", at=NOON - number * HOUR, uid=number + 1)
    with store.reading() as session:
        found = [message.sha256 for message in messages.received_messages(session)]
    assert found == [digest(f"m{number}") for number in reversed(range(450))]


def test_they_can_be_placed_while_they_are_walked_through(store: Store) -> None:
    with store.writing() as session:
        for number in range(250):
            read_message(session, f"m{number}", uid=number + 1)
    with store.writing() as session:
        for message in messages.received_messages(session):
            messages.mark_failed(session, message.sha256, "place", "", 1)
    with store.reading() as session:
        assert len(kept.failed_messages(session)) == 250


def test_the_blobs_that_count_are_the_raw_messages_and_their_files(store: Store) -> None:
    with store.writing() as session:
        read_message(session, "one")
        assert kept.blob_digests(session) == {digest("one"), digest("正文"), digest("内容")}


@pytest.mark.parametrize("ask", [messages.received_at, messages.received_message])
def test_asking_for_a_message_that_is_not_here_says_so(store: Store, ask: Callable[[Session, str], object]) -> None:
    with store.reading() as session, pytest.raises(StoreError, match="not in the store"):
        ask(session, digest("nothing"))


def test_one_received_message_is_the_same_as_among_all(store: Store) -> None:
    with store.writing() as session:
        read_message(session, "one")
        read_message(session, "two", uid=2, at=NOON + HOUR)
        _, two = messages.received_messages(session)
        assert messages.received_message(session, digest("two")) == two
        assert kept.count_messages(session) == 2
        assert kept.newest_received_at(session) == NOON + HOUR
