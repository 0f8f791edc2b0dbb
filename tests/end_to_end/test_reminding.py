"""`baosong remind` as an operator runs it: exactly what is owed goes out, and each other unit has a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.end_to_end.bureau import CAMPAIGN, ROSTER, Bureau
from tests.parsers.mails import mail, text

MORNING = "2023-10-31T09:30"
PLAN = "直溪初级中学2023年全民终身学习活动周工作方案\n" + "一、活动主题：让学习成为一种生活方式。\n" * 20


@pytest.fixture
def office(bureau: Bureau, tmp_path: Path) -> Bureau:
    bureau.configure("", campaign=CAMPAIGN, roster=ROSTER + "薛埠小学,学校,,,,张华,0000-0000,\n")
    raw = mail(text(PLAN), subject="直溪初级中学工作方案".encode(), sender=b"zxcz@example.com")
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "1.eml").write_bytes(raw)
    bureau.json("import", str(tmp_path / "mail"), "--json")
    return bureau


def owed(bureau: Bureau, at: str) -> set[tuple[str, str]]:
    return {cell for cell, status in bureau.statuses("--at", at).items() if status in ("missing", "incomplete")}


def items(plan: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["unit"], item["deliverable"]) for one in plan["mails"] for item in one["items"]]


def test_what_goes_out_is_what_is_owed_and_every_other_unit_has_its_reason(office: Bureau, tmp_path: Path) -> None:
    plan = office.json("remind", "--at", MORNING, "--dry-run", "--json")
    expected = owed(office, MORNING) - {("薛埠小学", "plan")}
    assert expected == {("直溪镇社区教育中心", "plan"), ("直溪中心小学", "plan")}
    assert sorted(items(plan)) == sorted(expected)
    assert (plan["at"], plan["mode"]) == ("2023-10-31T09:30:00+08:00", "approve")
    first = plan["mails"][0]
    assert (first["to"], first["cc"], first["stage"]) == (["zhixi@example.com"], [], "+1d")
    assert first["items"][0]["status"] == "missing"
    assert first["subject"].startswith("【催报】直溪镇社区教育中心：工作方案")
    assert "工作方案：未收到。" in first["text"]
    assert {one["unit"]: one["reason"] for one in plan["withheld"]} == {
        "直溪初级中学": "nothing_owed",
        "实验幼儿园": "nothing_owed",
        "薛埠小学": "no_address",
    }

    kept = office.json("remind", "--at", MORNING, "--json")
    assert items(kept) == items(plan), "a dry run put nothing into the outbox"
    again = office.json("remind", "--at", "2023-10-31T15:00", "--json")
    assert again["mails"] == []
    assert [one["reason"] for one in again["withheld"]] == [
        "sent",
        "sent",
        "nothing_owed",
        "nothing_owed",
        "no_address",
    ]
    escalated = office.json("remind", "--at", "2023-11-02T09:30", "--dry-run", "--json")
    assert [(one["to"], one["cc"]) for one in escalated["mails"]] == [
        (["zhixi@example.com"], []),
        (["zxxx@example.com"], ["zhixi@example.com"]),
    ]

    office.run("review", "mute", "直溪中心小学", "--reason", "停电")
    shown = office.run("remind", "--at", "2023-11-02T20:00", "--dry-run").stdout
    assert "不发（不在发信时段）" in shown
    office.run("remind", "--at", "2023-11-02T09:30", "--phone-list", str(tmp_path / "电话单.xlsx"))
    assert load_workbook(tmp_path / "电话单.xlsx")["催报电话单"].cell(5, 2).value == "薛埠小学"

    config = office.folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + '\n[reminders]\nmode = "off"\n', encoding="utf-8")
    refused = office.run("remind", "--at", "2023-11-02T09:30", status=1)
    assert "reminders are off" in refused.stderr
