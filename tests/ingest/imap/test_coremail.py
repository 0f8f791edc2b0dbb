"""What only NetEase's server does, and what any server may do wrong with single messages."""

from __future__ import annotations

import logging
import time
from datetime import UTC, timedelta

import pytest

from ingest.mailbox import hidden_mail_suspected, probe_mailbox
from rules.errors import (
    ConfigError,
    FolderError,
    LoginError,
    NetworkError,
    ProtocolError,
    ThrottledError,
    UnsafeLoginError,
)
from tests.ingest.imap.memory import Reader
from tests.ingest.imap.samples import MONDAY, message
from tests.servers.coremail import PASSWORD, Coremail


def test_it_says_who_it_is_before_it_opens_a_folder(coremail: Coremail, reader: Reader) -> None:
    uid = coremail.deliver(message(1), MONDAY)
    result = reader.read(coremail.settings())
    assert result.is_complete
    assert reader.keeper.uids() == [uid]
    assert reader.keeper.rows[0].internaldate == MONDAY.astimezone(UTC)
    assert reader.keeper.rows[0].internaldate.tzinfo is UTC
    assert reader.keeper.raw[reader.keeper.rows[0].sha256] == message(1)


def test_it_only_examines_and_peeks(coremail: Coremail, reader: Reader) -> None:
    coremail.deliver(message(1), MONDAY)
    reader.read(coremail.settings())
    assert not any(command.startswith(("SELECT", "AUTHENTICATE", "STORE")) for command in coremail.commands)
    assert coremail.count("BODY.PEEK[]") == 1
    assert coremail.count("BODY[]") == 0


def test_junk_advertisement_and_virus_folders_are_read_too(coremail: Coremail, reader: Reader) -> None:
    for number, folder in enumerate(("INBOX", "垃圾邮件", "广告邮件", "病毒文件夹", "已发送", "草稿箱")):
        coremail.deliver(message(number), MONDAY, folder)
    result = reader.read(coremail.settings())
    assert [folder.folder for folder in result.folders] == ["INBOX", "垃圾邮件", "广告邮件", "病毒文件夹"]
    assert {row.folder for row in reader.keeper.rows} == {"INBOX", "垃圾邮件", "广告邮件", "病毒文件夹"}


def test_junk_folders_can_be_left_out(coremail: Coremail, reader: Reader) -> None:
    coremail.deliver(message(1), MONDAY, "垃圾邮件")
    result = reader.read(coremail.settings(finds_junk_folders=False))
    assert [folder.folder for folder in result.folders] == ["INBOX"]


def test_a_missing_folder_is_named_after_the_others_were_read(coremail: Coremail, reader: Reader) -> None:
    uid = coremail.deliver(message(1), MONDAY)
    with pytest.raises(FolderError, match="no folder 公文") as caught:
        reader.read(coremail.settings(folders=("公文", "INBOX")))
    assert "病毒文件夹" in str(caught.value)
    assert reader.keeper.uids() == [uid]


def test_a_second_pass_fetches_nothing_again(coremail: Coremail, reader: Reader) -> None:
    for number in range(5):
        coremail.deliver(message(number), MONDAY)
    reader.read(coremail.settings())
    new = coremail.deliver(message(5), MONDAY)
    result = reader.read(coremail.settings())
    assert (result.messages_seen, result.messages_new) == (6, 1)
    assert coremail.commands[-3].startswith("UID FETCH") or coremail.count(f"UID FETCH {new} (BODY.PEEK[])") == 1


def test_an_untrusted_client_is_told_what_to_do_at_the_provider(coremail: Coremail, reader: Reader) -> None:
    coremail.trusts_client = False
    with pytest.raises(UnsafeLoginError, match=r"config\.mail\.163\.com") as caught:
        reader.read(coremail.settings())
    assert "授权码" in str(caught.value)
    assert coremail.count("ID (") == 2  # once after the log-in, once more after the refusal
    assert coremail.count("EXAMINE") == 2


def test_a_wrong_password_is_a_login_error_and_is_never_repeated(
    coremail: Coremail, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(LoginError, match="授权码") as caught:
        reader.read(coremail.settings(password=PASSWORD + "wrong"))
    assert PASSWORD not in str(caught.value)
    assert PASSWORD not in caplog.text
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "Login error or password error" in str(caught.value)


def test_a_successful_pass_logs_no_password(
    coremail: Coremail, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reader.read(coremail.settings())
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(coremail.settings())


@pytest.mark.parametrize("password", ["密码", "line\r\nbreak", ""])
def test_a_password_that_imap_cannot_carry_is_not_sent(coremail: Coremail, reader: Reader, password: str) -> None:
    with pytest.raises(LoginError, match="plain letters"):
        reader.read(coremail.settings(password=password))
    assert coremail.count("LOGIN") == 0


def test_a_throttling_greeting_asks_for_patience(coremail: Coremail, reader: Reader) -> None:
    coremail.throttles = True
    with pytest.raises(ThrottledError, match="slow down"):
        reader.read(coremail.settings())


def test_plain_text_to_another_machine_is_refused_before_connecting(reader: Reader, coremail: Coremail) -> None:
    with pytest.raises(ConfigError, match="readably"):
        reader.read(coremail.settings(host="192.0.2.1"))


def test_a_reset_on_a_large_fetch_makes_the_batches_smaller(coremail: Coremail, reader: Reader) -> None:
    uids = [coremail.deliver(message(number), MONDAY) for number in range(23)]
    coremail.most_fetched = 3
    result = reader.read(coremail.settings())
    assert result.is_complete
    assert sorted(reader.keeper.uids()) == uids
    assert coremail.connections == 3  # 10, 5, 2 at once
    assert len(reader.pauses) == 2


def test_a_literal_cut_short_is_fetched_again_whole(coremail: Coremail, reader: Reader) -> None:
    uids = [coremail.deliver(message(number, 300_000), MONDAY) for number in range(5)]
    coremail.misdeeds.cut_once.add(uids[3])
    result = reader.read(coremail.settings())
    assert result.is_complete
    assert sorted(reader.keeper.uids()) == uids
    assert sorted(reader.keeper.raw.values()) == sorted(message(number, 300_000) for number in range(5))


def test_a_bye_in_the_middle_is_survived(coremail: Coremail, reader: Reader) -> None:
    uids = [coremail.deliver(message(number), MONDAY) for number in range(4)]
    coremail.misdeeds.bye_once.add(uids[2])
    assert reader.read(coremail.settings()).is_complete
    assert sorted(reader.keeper.uids()) == uids


def test_an_autologout_is_survived(coremail: Coremail, reader: Reader) -> None:
    uids = [coremail.deliver(message(number, 50_000), MONDAY) for number in range(3)]
    coremail.idle_seconds = 0.3

    class SlowKeeper(type(reader.keeper)):  # type: ignore[misc]  # the base is chosen by the fixture
        def record(self, messages: list) -> None:  # type: ignore[type-arg]  # as in the base
            if not self.rows:
                time.sleep(0.8)
            super().record(messages)

    reader.keeper.__class__ = SlowKeeper
    result = reader.read(coremail.settings(fetch_messages=1))
    assert result.is_complete
    assert sorted(reader.keeper.uids()) == uids


def test_a_message_that_always_breaks_the_line_is_set_aside_for_the_next_pass(
    coremail: Coremail, reader: Reader
) -> None:
    uids = [coremail.deliver(message(number), MONDAY) for number in range(7)]
    coremail.misdeeds.reset_on.add(uids[2])
    result = reader.read(coremail.settings())
    assert not result.is_complete
    assert [failure.uid for failure in result.failed] == [uids[2]]
    assert sorted(reader.keeper.uids()) == [uid for uid in uids if uid != uids[2]]
    coremail.misdeeds.reset_on.clear()
    assert reader.read(coremail.settings()).is_complete
    assert sorted(reader.keeper.uids()) == uids


def test_it_gives_up_when_nothing_comes_through_and_keeps_what_came(coremail: Coremail, reader: Reader) -> None:
    uids = [coremail.deliver(message(number), MONDAY) for number in range(12)]
    coremail.misdeeds.reset_on.update(uids[4:])
    with pytest.raises(NetworkError):
        reader.read(coremail.settings())
    assert sorted(reader.keeper.uids()) == uids[:4]
    assert coremail.connections < 20


def test_messages_that_break_the_line_never_keep_later_ones_from_coming(coremail: Coremail, reader: Reader) -> None:
    uids = [coremail.deliver(message(number), MONDAY) for number in range(9)]
    coremail.misdeeds.reset_on.update(uids[:5])
    result = reader.read(coremail.settings())
    assert sorted(failure.uid for failure in result.failed) == uids[:5]
    assert sorted(reader.keeper.uids()) == uids[5:]


def test_a_folder_full_of_messages_that_break_the_line_does_not_hide_the_next_folder(
    coremail: Coremail, reader: Reader
) -> None:
    coremail.misdeeds.reset_on.update(coremail.deliver(message(number), MONDAY) for number in range(8))
    junk = coremail.deliver(message(9), MONDAY, "垃圾邮件")
    with pytest.raises(NetworkError):
        reader.read(coremail.settings())
    assert reader.keeper.uids("垃圾邮件") == [junk]


@pytest.mark.parametrize("misdeed", ["nil", "withheld", "unsteady", "undated"])
def test_a_message_that_cannot_be_had_never_stops_the_others(coremail: Coremail, reader: Reader, misdeed: str) -> None:
    uids = [coremail.deliver(message(number), MONDAY) for number in range(4)]
    getattr(coremail.misdeeds, misdeed).add(uids[1])
    result = reader.read(coremail.settings())
    assert [failure.uid for failure in result.failed] == [uids[1]]
    assert not result.is_complete
    assert sorted(reader.keeper.uids()) == [uids[0], uids[2], uids[3]]


def test_a_wrong_size_is_overruled_by_two_equal_reads(coremail: Coremail, reader: Reader) -> None:
    uids = [coremail.deliver(message(number), MONDAY) for number in range(3)]
    coremail.misdeeds.wrong_size.add(uids[1])
    result = reader.read(coremail.settings())
    assert result.is_complete
    assert sorted(reader.keeper.uids()) == uids


def test_a_body_in_quotes_is_a_body(coremail: Coremail, reader: Reader) -> None:
    number, words = coremail.deliver(b"12345", MONDAY), coremail.deliver(b"no headers", MONDAY)
    coremail.misdeeds.quoted.update({number, words})
    assert reader.read(coremail.settings()).is_complete
    assert sorted(reader.keeper.raw.values()) == [b"12345", b"no headers"]


def test_an_empty_message_is_a_message(coremail: Coremail, reader: Reader) -> None:
    uid = coremail.deliver(b"", MONDAY)
    assert reader.read(coremail.settings()).is_complete
    assert reader.keeper.uids() == [uid]


def test_a_changed_uidvalidity_fetches_everything_anew(coremail: Coremail, reader: Reader) -> None:
    uids = [coremail.deliver(message(number), MONDAY) for number in range(3)]
    reader.read(coremail.settings())
    coremail.uidvalidity = 2
    result = reader.read(coremail.settings())
    assert reader.keeper.moves == [("INBOX", 1, 2)]
    assert result.folders[0].is_anew
    assert reader.keeper.uids() == uids * 2
    assert len(reader.keeper.raw) == 3  # the content tells that nothing is new


def test_a_folder_without_uidvalidity_is_not_trusted(coremail: Coremail, reader: Reader) -> None:
    coremail.has_uidvalidity = False
    with pytest.raises(ProtocolError, match="UIDVALIDITY"):
        reader.read(coremail.settings())


def test_stopping_leaves_an_incomplete_pass(coremail: Coremail, reader: Reader) -> None:
    for number in range(30):
        coremail.deliver(message(number), MONDAY)
    result = reader.read(coremail.settings(), stop=lambda: coremail.count("BODY.PEEK[]") >= 1)
    assert not result.is_complete
    assert 0 < len(reader.keeper.rows) < 30


def test_what_the_keeper_raises_ends_the_pass(coremail: Coremail, reader: Reader) -> None:
    coremail.deliver(message(1), MONDAY)

    class FullDisk(type(reader.keeper)):  # type: ignore[misc]  # the base is chosen by the fixture
        def store(self, message: object) -> None:
            raise OSError(28, "No space left on device")

    reader.keeper.__class__ = FullDisk
    with pytest.raises(OSError, match="No space left"):
        reader.read(coremail.settings())
    assert reader.keeper.rows == []


def test_the_probe_sees_folders_counts_and_the_oldest_mail(coremail: Coremail) -> None:
    coremail.deliver(message(1), MONDAY)
    coremail.deliver(message(2), MONDAY - timedelta(days=20), "垃圾邮件")
    probe = probe_mailbox(coremail.settings(folders=("INBOX", "公文")))
    assert probe.missing == ("公文",)
    assert "已发送" in probe.existing
    assert "UIDPLUS" in probe.capabilities
    assert {folder.folder: folder.messages for folder in probe.folders}["垃圾邮件"] == 1
    assert probe.oldest_at == MONDAY - timedelta(days=20)
    assert coremail.count("BODY") == 0


def test_a_window_of_thirty_days_is_suspected(coremail: Coremail) -> None:
    now = MONDAY
    for age in range(60):
        coremail.deliver(message(age), now - timedelta(days=age))
    coremail.window = (now, timedelta(days=30))
    probe = probe_mailbox(coremail.settings())
    assert hidden_mail_suspected(probe.oldest_at, now - timedelta(days=45), now)
    coremail.window = None
    probe = probe_mailbox(coremail.settings())
    assert not hidden_mail_suspected(probe.oldest_at, now - timedelta(days=45), now)
