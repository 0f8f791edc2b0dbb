"""The main job as an operator runs it: mail in a real mailbox over TLS, the late-unit report out."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from openpyxl import load_workbook

from ingest.landlock import version
from ingest.samples.letters import Letter, render
from ingest.samples.scenario import Scenario
from tests.demo import DemoCampaign, copy_demo
from tests.end_to_end.bureau import Bureau, mailbox_table
from tests.patience import SOON
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.ports import free_port

REPORTED_AT = ("--at", "2023-11-24T08:00")


def deliver(dovecot: Dovecot, user: str, letters: Sequence[Letter]) -> None:
    for letter in letters:
        dovecot.deliver(user, render(letter), letter.received_at)


def wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.2)


def set_up_demo(bureau: Bureau, demo: DemoCampaign, dovecot: Dovecot, user: str, *, is_empty: bool = True) -> None:
    """The demo's campaign and roster, read from an account of the test server; `is_empty`: no mail came yet."""
    copy_demo(demo, bureau.folder, is_empty=is_empty)
    config = bureau.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    head, tables = text.split("\n[", 1)
    tables = tables.replace("127.0.0.1:8126", f"127.0.0.1:{free_port()}")
    config.write_text(f"{head}\n{mailbox_table(dovecot.settings(user))}\n[{tables}", encoding="utf-8")


def test_a_polled_mailbox_becomes_the_report_of_its_truth(
    bureau: Bureau, demo: DemoCampaign, scenario: Scenario, dovecot: Dovecot, tmp_path: Path
) -> None:
    set_up_demo(bureau, demo, dovecot, "polled")
    letters = scenario.letters
    deliver(dovecot, "polled", letters)

    first = bureau.json("poll", "--json")
    second = bureau.json("poll", "--json")

    assert (first["messages_new"], first["failed"]) == (len(letters), 0)
    assert set(first) == {"messages_new", "messages_known", "attachments", "failed", "seconds"}
    assert (second["messages_new"], second["messages_known"]) == (0, len(letters))
    truth = {cell: expected.status.value for cell, expected in scenario.expected.items()}
    statuses = bureau.statuses(*REPORTED_AT)
    # The mailbox has been read by now, so what the demo leaves unknown is known to be missing.
    assert statuses == {cell: "missing" if status == "unknown" else status for cell, status in truth.items()}
    with dovecot.client("polled") as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search("SEEN") == [], "nothing may be marked read"

    for format_, suffix in (("csv", "csv"), ("html", "html"), ("xlsx", "xlsx")):
        bureau.run("report", *REPORTED_AT, "--format", format_, "-o", str(tmp_path / f"report.{suffix}"))
    assert load_workbook(tmp_path / "report.xlsx").sheetnames[0] == "台账"
    late_only = bureau.json("report", *REPORTED_AT, "--format", "json", "--late-only")
    assert 0 < len(late_only["units"]) < len({unit for unit, _ in truth})

    message_id = letters[3].message_id
    shown = json.loads(bureau.run("show", message_id, "--json").stdout)
    assert shown["claims"]
    assert all(claim["evidence"] for claim in shown["claims"])


def test_the_daemon_reads_what_comes_and_ends_soon(
    bureau: Bureau, demo: DemoCampaign, scenario: Scenario, dovecot: Dovecot
) -> None:
    set_up_demo(bureau, demo, dovecot, "daemon")
    letters = scenario.letters
    config = bureau.folder / "config.toml"
    text = config.read_text(encoding="utf-8").replace("read_timeout", 'poll_every = "1s"\nread_timeout')
    config.write_text(text + '\n[log]\nformat = "json"\n', encoding="utf-8")
    deliver(dovecot, "daemon", letters[:3])
    daemon = bureau.start("run")
    try:
        wait_until(lambda: bureau.folder.joinpath("data/baosong.db").exists())
        wait_until(lambda: _kept(bureau) == 3)
        deliver(dovecot, "daemon", letters[3:5])
        wait_until(lambda: _kept(bureau) == 5)

        asked_at = time.monotonic()
        daemon.send_signal(signal.SIGTERM)
        _, log = daemon.communicate(timeout=90)
    finally:
        daemon.kill()

    assert daemon.returncode == 0, log
    assert time.monotonic() - asked_at < SOON
    lines = [json.loads(line) for line in log.splitlines()]
    assert {"daemon_started", "poll_done", "message_read", "daemon_stopped"} <= {line["action"] for line in lines}
    assert PASSWORD not in log


def test_the_daemon_outlives_a_server_that_goes_away(bureau: Bureau, demo: DemoCampaign, dovecot: Dovecot) -> None:
    set_up_demo(bureau, demo, dovecot, "gone")
    config = bureau.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    port = dovecot.settings("gone").port
    config.write_text(text.replace(f"port = {port}", "port = 1"), encoding="utf-8")
    daemon = bureau.start("run")
    try:
        assert daemon.stderr is not None
        first_lines = [daemon.stderr.readline(), daemon.stderr.readline()]
        assert daemon.poll() is None
        daemon.send_signal(signal.SIGTERM)
        _, log = daemon.communicate(timeout=90)
    finally:
        daemon.kill()

    assert "localhost:1" in "".join(first_lines) + log
    assert daemon.returncode == 0


def test_check_says_what_is_well_and_what_to_mend(bureau: Bureau, dovecot: Dovecot) -> None:
    bureau.configure(mailbox_table(dovecot.settings("checked"), folders=["INBOX", "报送专用"]))
    dovecot.deliver("checked", b"Subject: x\r\n\r\nx", datetime(2023, 10, 20, tzinfo=UTC))

    result = json.loads(bureau.run("check", "--json", status=1).stdout)

    verdicts = {(check["name"], check["verdict"]) for check in result["checks"]}
    well = ("config", "roster", "store", "disk", "clock", "ocr", "desk", "mailbox", *(["sandbox"] if version() else []))
    assert {(name, "ok") for name in well} <= verdicts
    (failed,) = [check for check in result["checks"] if check["verdict"] == "failed"]
    assert "报送专用" in failed["detail"]
    assert "smtp" in {check["name"] for check in result["checks"] if check["verdict"] == "warning"}


def test_init_writes_what_the_other_commands_read(bureau: Bureau, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    bureau.run("init", str(folder))

    assert "exist already" in bureau.run("init", str(folder), status=1).stderr
    fresh = Bureau(folder=folder)
    assert "lists no units" in fresh.run("report", status=2).stderr


def test_a_persons_decision_changes_the_report_and_can_be_taken_back(
    bureau: Bureau, demo: DemoCampaign, scenario: Scenario, dovecot: Dovecot
) -> None:
    set_up_demo(bureau, demo, dovecot, "decided", is_empty=False)
    deliver(dovecot, "decided", scenario.letters)
    assert bureau.json("poll", "--json")["messages_new"] == 0
    listed = bureau.json("review", "list", "--json", *REPORTED_AT)
    waiting = listed["unattributed"][0]
    before = bureau.statuses("--at", "2100-01-01")

    unit = next(unit for (unit, key), status in before.items() if status == "missing")
    bureau.run("review", "exempt", unit, "--reason", "已停办")
    bureau.run("review", "assign", waiting["sha256"], unit, "--reason", "电话核实")

    after = bureau.statuses("--at", "2100-01-01")
    assert all(status == "exempt" for (name, _), status in after.items() if name == unit)
    assert waiting["sha256"] not in json.dumps(
        bureau.json("review", "list", "--json", "--at", "2100-01-01")["unattributed"]
    )
    numbers = [decision["id"] for decision in bureau.json("review", "list", "--json")["decisions"]]
    for number in reversed(numbers):
        bureau.run("review", "undo", str(number))
    assert bureau.statuses("--at", "2100-01-01") == before


def _kept(bureau: Bureau) -> int:
    return sum(1 for path in (bureau.folder / "data/blobs").rglob("*") if _is_raw_mail(path))


def _is_raw_mail(path: Path) -> bool:
    return len(path.name) == 64 and path.is_file() and path.read_bytes().startswith(b"Received:")
