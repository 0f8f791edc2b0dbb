"""A backup holds everything, can be taken while mail comes in, and becomes an installation that says the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.application import Application, open_application
from ingest.backing_up import BackupCounts, back_up, restore
from ingest.config import Config, load_config
from ingest.importing import ReceivedFrom
from report.as_json import report_as_json
from rules.errors import InputError
from rules.outgoing import Letter, MailKind, MailState
from store import kept, outbox, releasing, sending
from store.blobs import BlobStore
from store.engine import open_store
from tests.demo import DemoCampaign, copy_demo, demo, demo_mailbox, scenario

__all__ = ["demo", "demo_mailbox", "scenario"]


@pytest.fixture
def office(demo: DemoCampaign, tmp_path: Path) -> Iterator[Application]:
    with open_application(load_config(copy_demo(demo, tmp_path / "office").folder / "config.toml")) as application:
        yield application


def taken(office: Application, folder: Path, demo: DemoCampaign) -> BackupCounts:
    return back_up(
        office.config, office.store, office.blobs, folder, at=demo.report_at, progress=lambda _done, _all: None
    )


def restored(folder: Path, into: Path, demo: DemoCampaign) -> tuple[Config, BackupCounts]:
    """With the configuration that lies in the backup."""
    into.mkdir()
    for name in ("config.toml", "roster.xlsx"):
        shutil.copy(folder / name, into / name)
    config = load_config(into / "config.toml")
    return config, restore(config, folder, at=demo.report_at, by="王科", progress=lambda _done, _all: None)


def told(application: Application, demo: DemoCampaign) -> dict[str, object]:
    judged = application.judged(at=demo.report_at)
    return report_as_json(judged.report, judged.unattributed)


def test_what_is_restored_says_the_same_and_has_every_byte(
    office: Application, demo: DemoCampaign, tmp_path: Path
) -> None:
    counts = taken(office, tmp_path / "backup", demo)
    config, back = restored(tmp_path / "backup", tmp_path / "new", demo)
    assert counts == back
    assert counts.messages > 50
    assert not counts.damaged
    with open_application(config) as again:
        assert told(again, demo) == told(office, demo)
        assert list(again.verify()) == []


def test_a_backup_is_for_its_owner_only(office: Application, demo: DemoCampaign, tmp_path: Path) -> None:
    taken(office, tmp_path / "backup", demo)
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


def test_taken_again_it_is_brought_up_to_date(
    office: Application, demo: DemoCampaign, demo_mailbox: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    before = taken(office, folder, demo)
    untouched = {file: file.stat().st_mtime_ns for file in (folder / "blobs").glob("??/??/*")}
    mail = next((demo_mailbox / "cur").iterdir()).read_bytes()
    another = tmp_path / "later.eml"
    another.write_bytes(b"X-Copy: 1\r\n" + mail)
    office.import_paths([another], received=ReceivedFrom.HEADER, clock=lambda: demo.report_at)
    assert taken(office, folder, demo).messages == before.messages + 1
    assert {file: file.stat().st_mtime_ns for file in untouched} == untouched
    assert not list(folder.glob("new-*"))


def test_the_rows_of_a_backup_name_nothing_that_came_while_it_was_taken(
    office: Application, demo: DemoCampaign, demo_mailbox: Path, tmp_path: Path
) -> None:
    """A mail comes in when the rows have been copied and the blobs are being copied."""
    folder = tmp_path / "backup"
    another = tmp_path / "later.eml"
    another.write_bytes(b"X-Copy: 1\r\n" + next((demo_mailbox / "cur").iterdir()).read_bytes())
    came: list[int] = []

    def receive(_done: int, _all: int) -> None:
        if not came:
            came.append(1)
            office.import_paths([another], received=ReceivedFrom.HEADER, clock=lambda: demo.report_at)

    counts = back_up(office.config, office.store, office.blobs, folder, at=demo.report_at, progress=receive)
    with office.store.reading() as session:
        assert kept.count_messages(session) == counts.messages + 1
    store, blobs = open_store(f"sqlite:///{folder}/baosong.db"), BlobStore(folder / "blobs")
    with store.reading() as session:
        assert list(blobs.verify(kept.blob_digests(session))) == []
    store.close()


def test_an_interrupted_backup_leaves_the_earlier_one(
    office: Application, demo: DemoCampaign, demo_mailbox: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    before = taken(office, folder, demo)
    another = tmp_path / "later.eml"
    another.write_bytes(b"X-Copy: 1\r\n" + next((demo_mailbox / "cur").iterdir()).read_bytes())
    office.import_paths([another], received=ReceivedFrom.HEADER, clock=lambda: demo.report_at)

    def interrupt(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(office.config, office.store, office.blobs, folder, at=demo.report_at, progress=interrupt)
    assert restored(folder, tmp_path / "new", demo)[1] == before


def test_a_first_backup_that_was_interrupted_is_none_and_can_be_taken_again(
    office: Application, demo: DemoCampaign, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"

    def interrupt(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(office.config, office.store, office.blobs, folder, at=demo.report_at, progress=interrupt)
    with pytest.raises(InputError, match="interrupted before it was complete"):
        restore(office.config, folder, at=demo.report_at, by="王科", progress=lambda _done, _all: None)
    assert restored_after(office, folder, tmp_path, demo).messages > 50


def restored_after(office: Application, folder: Path, tmp_path: Path, demo: DemoCampaign) -> BackupCounts:
    taken(office, folder, demo)
    return restored(folder, tmp_path / "new", demo)[1]


def test_what_a_killed_program_left_beside_a_backup_does_not_come_into_the_next(
    office: Application, demo: DemoCampaign, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    taken(office, folder, demo)
    for name in ("baosong.db-wal", "new-baosong.db-wal", "new-baosong.db"):
        (folder / name).write_bytes(b"left over")
    assert restored_after(office, folder, tmp_path, demo).messages > 50
    assert not list(folder.glob("*-wal"))


def test_a_backup_does_not_go_into_the_installation_itself(office: Application, demo: DemoCampaign) -> None:
    for folder in (office.config.folder, office.config.folder / "data", office.config.blobs / "backup"):
        with pytest.raises(InputError, match="holds the running installation"):
            taken(office, folder, demo)
    assert told(office, demo)


def test_what_a_person_wrote_elsewhere_is_kept_apart(office: Application, demo: DemoCampaign, tmp_path: Path) -> None:
    """Two rosters may have one name in two folders; the letters are the bureau's own."""
    campaign = office.config.campaigns[0]
    rosters = [tmp_path / year / "roster.xlsx" for year in ("2022", "2023")]
    for roster in rosters:
        roster.parent.mkdir()
        roster.write_text(roster.parent.name)
    letters = office.config.folder / "letters"
    letters.mkdir()
    (letters / "receipt.txt.j2").write_text("收到")
    config = replace(
        office.config,
        campaigns=tuple(replace(campaign, roster_path=roster) for roster in rosters),
        letters=office.config.letters.model_copy(update={"folder": "letters"}),
    )
    folder = tmp_path / "backup"
    back_up(config, office.store, office.blobs, folder, at=demo.report_at, progress=lambda _done, _all: None)
    kept_rosters = sorted((folder / "elsewhere").rglob("roster.xlsx"))
    assert [file.read_text() for file in kept_rosters] == ["2022", "2023"]
    assert (folder / "letters/receipt.txt.j2").read_text() == "收到"


def test_a_damaged_file_is_named_and_the_rest_is_copied(
    office: Application, demo: DemoCampaign, tmp_path: Path
) -> None:
    with office.store.reading() as session:
        one, other = sorted(kept.blob_digests(session) - kept.derived_digests(session))[:2]
    damaged = office.blobs.path(one)
    damaged.unlink()  # the demo's blobs are shared: what is written must not be
    damaged.write_bytes(b"something else")
    office.blobs.path(other).unlink()
    counts = taken(office, tmp_path / "backup", demo)
    assert counts.damaged == (one, other)
    assert not (tmp_path / "backup/blobs" / one[:2] / one[2:4] / one).exists()
    config, back = restored(tmp_path / "backup", tmp_path / "new", demo)
    assert back.damaged == (one, other)
    with open_application(config) as again:
        assert told(again, demo) == told(office, demo)


def test_nothing_goes_out_of_a_restored_installation_by_itself(
    office: Application, demo: DemoCampaign, tmp_path: Path
) -> None:
    letter = Letter(
        kind=MailKind.REMINDER, campaign="2023", to=("a@example.org",), subject="催报", text="", dedupe_key="1"
    )
    with office.store.writing() as session:
        releasing.set_switch(session, is_on=True, at=demo.report_at, by="王科")
        mail = outbox.enqueue(session, letter, at=demo.report_at, domain="example.org")
        draft = outbox.enqueue(session, replace(letter, dedupe_key="2"), at=demo.report_at, domain="example.org")
        assert mail is not None
        assert draft is not None
        releasing.approve(session, {mail.id: mail.version}, at=demo.report_at, by="王科")
    taken(office, tmp_path / "backup", demo)
    config, _ = restored(tmp_path / "backup", tmp_path / "new", demo)
    with open_application(config) as again, again.store.reading() as session:
        assert not sending.switch(session).is_on
        assert list(sending.due(session, at=demo.report_at + timedelta(days=9))) == []
        states = {one.id: one.state for one in outbox.mails(session)}
        assert (states[mail.id], states[draft.id]) == (MailState.UNKNOWN, MailState.DRAFT)


def test_what_is_not_empty_or_no_backup_is_left_as_it_is(
    office: Application, demo: DemoCampaign, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    (tmp_path / "else").mkdir()
    (tmp_path / "else/baosong.db").write_bytes(b"of another program")
    with pytest.raises(InputError, match="holds something that is no backup"):
        taken(office, tmp_path / "else", demo)
    with pytest.raises(InputError, match="is a file"):
        taken(office, office.config.path, demo)
    with pytest.raises(InputError, match="no complete backup"):
        restore(office.config, tmp_path, at=demo.report_at, by="王科", progress=lambda _done, _all: None)
    taken(office, folder, demo)
    with pytest.raises(InputError, match="messages already"):
        restore(office.config, folder, at=demo.report_at, by="王科", progress=lambda _done, _all: None)
    manifest = json.loads((folder / "backup.json").read_text())
    (folder / "backup.json").write_text(json.dumps(manifest | {"format": 2}))
    with pytest.raises(InputError, match="another version"):
        restored(folder, tmp_path / "new", demo)
