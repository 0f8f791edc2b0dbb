"""The units' tables in one workbook, their activities in one calendar, by the program as its operator runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from icalendar import Calendar
from openpyxl import load_workbook

from tests.demo import DemoCampaign


def run(demo: DemoCampaign, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ingest", "--config", str(demo.folder / "config.toml"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)


def test_the_tables_of_all_units_become_one_workbook(demo: DemoCampaign, tmp_path: Path) -> None:
    done = run(demo, "merge", "--form", "statistics", "--at", "2023-11-23", "-o", str(tmp_path / "汇总.xlsx"))
    assert (done.returncode, done.stderr) == (0, "")
    merged = load_workbook(tmp_path / "汇总.xlsx")
    sheets = ["活动汇总", "基本情况", "分单位合计", "分镇街合计", "来源", "差异与疑点", "合并说明"]
    assert merged.sheetnames == sheets
    lines = list(merged["活动汇总"].iter_rows(min_row=5, values_only=True))
    inside = {line[1] for line in lines if line[-1]}
    assert f"{len(inside)} of {merged['分单位合计'].max_row - 4} units" in done.stdout
    assert [line[0] for line in lines] == sorted(line[0] for line in lines), "in roster order"

    again = tmp_path / "again.xlsx"
    run(demo, "merge", "--form", "statistics", "--at", "2023-11-23", "-o", str(again))
    assert again.read_bytes() == (tmp_path / "汇总.xlsx").read_bytes()


def test_what_cannot_be_done_is_said_in_one_line(demo: DemoCampaign, tmp_path: Path) -> None:
    nowhere = run(demo, "merge", "--form", "schedule", "-o", str(tmp_path / "none" / "汇总.xlsx"))
    assert nowhere.returncode == 1
    assert "cannot be written" in nowhere.stderr
    unknown = run(demo, "merge", "--form", "schedule", "--campaign", "1999", "-o", str(tmp_path / "汇总.xlsx"))
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
    assert run(demo, "merge", "--form", "photos", "-o", str(tmp_path / "汇总.xlsx")).returncode == 2


def test_the_planned_activities_become_a_calendar(demo: DemoCampaign, tmp_path: Path) -> None:
    done = run(demo, "calendar", "--at", "2023-11-23", "-o", str(tmp_path / "活动.ics"))
    assert (done.returncode, done.stderr) == (0, "")
    entries = Calendar.from_ical((tmp_path / "活动.ics").read_bytes()).walk("VEVENT")
    assert f"{len(entries)} activities" in done.stdout
    assert {str(entry["SUMMARY"]).partition("：")[0] for entry in entries} >= {"直溪中心小学", "金城镇社区教育中心"}
