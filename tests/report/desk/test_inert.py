"""What strangers write stays text: hostile mails through the real pipeline, every page in a real Chromium.

A unit's name in the roster, its contact, the subject, the display name, the names of the files, a table's cells, the
body and a person's reason all try to run a script, to load a picture from elsewhere, or to be a formula.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import datetime

import httpx
import pytest
from openpyxl import load_workbook

from ingest.application import open_application
from ingest.config import load_config
from ingest.importing import ReceivedFrom
from ingest.samples.archives import SampleFile
from ingest.samples.campaign import ZONE, campaign, config_text, unit, write_roster
from ingest.samples.forms import schedule_docx
from ingest.samples.letters import Letter, render
from ingest.samples.prose import Activity
from report.desk.port import NewDecision
from report.rendering import Format
from report.rendering import render as rendered
from rules.overruling import Action
from tests.demo import DemoCampaign
from tests.report.desk.serving import serving

PICTURE = "<img src=http://evil.example/x.png onerror=alert(1)>"
SCRIPT = '"><script>alert(2)</script>'
FORMULA = '=HYPERLINK("http://evil.example","看")'
COMMAND = "=cmd|'/c calc'!A1"
UNIT = f"甲镇中心小学{SCRIPT}"
PLAIN_UNIT = "乙镇中心小学"
NOON = datetime(2023, 10, 28, 12, 0, tzinfo=ZONE)


def letters():
    activity = Activity(day=NOON.date(), theme=COMMAND, place=PICTURE, content=SCRIPT, attendance=20)
    form = schedule_docx(PLAIN_UNIT, [activity, replace(activity, theme=FORMULA)])
    yield Letter(
        sender=(f"{COMMAND}{SCRIPT}", "unit002@office.example"),
        subject=f"{FORMULA}{PICTURE}",
        received_at=NOON,
        body=f"<p>附件请查收</p>{PICTURE}<script>alert(3)</script><iframe src=http://evil.example></iframe>",
        is_html=True,
        files=(SampleFile(name=f"{COMMAND}{PICTURE}.docx", data=form), SampleFile(name="../../=1+1.docx", data=form)),
    )
    yield Letter(
        sender=(SCRIPT, "nobody@evil.example"),
        subject=f"{SCRIPT}活动照片",
        received_at=NOON,
        files=(SampleFile(name="x\" onload=alert(4) '.docx", data=form.replace(b"PK", b"PX", 1)),),
        body=f"{PICTURE}{UNIT} 报送材料",
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    asked = campaign()
    (folder / "config.toml").write_text(config_text(replace(asked, title=f"活动{PICTURE}")), encoding="utf-8")
    known = (unit(1, UNIT), unit(2, PLAIN_UNIT))
    write_roster(
        [replace(one, contact=f"{COMMAND}{SCRIPT}", category=f"学校{PICTURE}") for one in known], folder / "roster.xlsx"
    )
    mails = folder / "mails"
    mails.mkdir()
    for number, letter in enumerate(letters()):
        (mails / f"{number}.eml").write_bytes(render(letter))
    with open_application(load_config(folder / "config.toml")) as application:
        application.import_paths([mails], received=ReceivedFrom.HEADER, clock=lambda: NOON)
    with serving(DemoCampaign(folder=folder, report_at=NOON)) as desk:
        reject = NewDecision(action=Action.EXEMPT, author=SCRIPT, reason=f"{FORMULA}{PICTURE}", unit=UNIT)
        desk.desk.decide(reject)
        yield desk


def test_no_page_runs_or_loads_what_a_stranger_wrote(hostile, browser):
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    troubles, asked = [], []
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    view = hostile.desk.view()
    mail = [source.message_sha256 for one in view.report.units[1].assessments.values() for source in one.sources]
    mail += [one.message_sha256 for one in view.unattributed]
    assert mail
    paths = ["/", "/review", "/outbox", "/audit", f"/?q={SCRIPT}", f"/units/{UNIT}", f"/units/{PLAIN_UNIT}"]
    for path in (*paths, *(f"/messages/{sha256}" for sha256 in dict.fromkeys(mail))):
        answer = page.goto(
            str(httpx.URL(hostile.url).join(httpx.URL(path=path)) if "?" not in path else hostile.url + path)
        )
        page.wait_for_load_state("networkidle")
        assert answer.ok, (path, answer.status)
        assert page.locator("script:not([src])").count() == 0, path
        assert page.locator("[onerror], [onload]").count() == 0, path
    context.close()
    assert troubles == []
    assert [url for url in asked if not url.startswith((hostile.url, "data:"))] == []


def test_no_cell_of_a_workbook_or_a_list_is_a_formula(hostile):
    texts = ""
    for path in ("/download/台账.xlsx", "/download/未报迟报名单.xlsx"):
        for sheet in load_workbook(io.BytesIO(httpx.get(hostile.url + path, timeout=30).content)):
            cells = [cell for row in sheet.iter_rows() for cell in row]
            assert [cell.coordinate for cell in cells if cell.data_type == "f"] == [], path
            texts += "\n".join(str(cell.value) for cell in cells)
    assert "<script>" in texts
    assert "=HYPERLINK" in texts
    view = hostile.desk.view()
    listed = rendered(Format.CSV, view.report, view.unattributed).decode("utf-8-sig")
    assert "甲镇中心小学" in listed
    assert [cell for row in csv.reader(io.StringIO(listed)) for cell in row if cell[:1] in ("=", "+", "@")] == []


def test_no_name_in_the_archive_leaves_its_folder(hostile):
    archive = zipfile.ZipFile(io.BytesIO(httpx.get(f"{hostile.url}/download/全部材料.zip", timeout=30).content))
    names = archive.namelist()
    assert len(names) > 1
    assert [name for name in names if ".." in name.split("/") or name.startswith("/") or "\\" in name] == []
    assert [name for name in names if set(name) & set('<>:"|?*')] == []


def test_the_api_gives_the_text_as_it_is_and_says_that_it_is_json(hostile):
    answer = httpx.get(f"{hostile.url}/api/v1/report", timeout=30)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert any(one["name"] == UNIT for one in answer.json()["units"])
