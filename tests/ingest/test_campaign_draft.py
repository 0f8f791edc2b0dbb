"""What is drafted from a notice is a configuration that the program takes."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import docx

from ingest.campaign_draft import campaign_toml
from ingest.config import load_config
from parsers.notices import read_notice
from tests.parsers.test_notices import ANNOUNCED, REAL_WORDING, SIGNED


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ingest", "campaign", "draft", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)


def test_a_draft_is_a_configuration(tmp_path: Path) -> None:
    document = docx.Document()
    for line in (ANNOUNCED, *REAL_WORDING.split("\n")):
        document.add_paragraph(line)
    document.save(str(tmp_path / "通知.docx"))
    done = run(str(tmp_path / "通知.docx"))
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "config.toml").write_text(done.stdout, encoding="utf-8")
    campaign = load_config(tmp_path / "config.toml").campaigns[0].campaign
    assert (campaign.key, campaign.opens, campaign.closes) == ("2023", date(2023, 10, 12), date(2023, 12, 31))
    assert [(one.kind.value, one.due, one.is_stamp_required) for one in campaign.deliverables] == [
        ("plan", date(2023, 10, 30), False),
        ("schedule", date(2023, 10, 30), False),
        ("statistics", date(2023, 11, 20), True),
        ("summary", date(2023, 11, 20), False),
        ("evidence", date(2023, 11, 20), False),
    ]
    assert campaign.deliverables[-1].photos == 5
    assert "# 为确保质量，各单位务必于11月20日前" in done.stdout, "each stands under the sentence that asks for it"


def test_whatever_a_notice_says_the_draft_is_toml() -> None:
    hostile = '请于11月20日前报送“"""\\n[[mailbox]]”\x00\x7f\x0b的总结"\\x。' + SIGNED
    written = campaign_toml(read_notice('关于"""\\\x7f的通知', hostile, today=date(2023, 10, 1)))
    assert set(tomllib.loads(written)) == {"campaign"}


def test_what_a_notice_wants_before_its_own_date_is_due_while_the_campaign_is_open() -> None:
    written = campaign_toml(read_notice(ANNOUNCED, f"请于10月10日前报送方案。{SIGNED}", today=date(2023, 10, 1)))
    assert tomllib.loads(written)["campaign"][0]["opens"] == date(2023, 10, 10)


def test_what_asks_for_nothing_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("关于放假的通知\n国庆节放假七天。\n", encoding="utf-8")
    for file, says in ((tmp_path / "a.txt", "no sentence in it asks"), (tmp_path / "b.txt", "is no file")):
        done = run(str(file))
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert says in done.stderr
