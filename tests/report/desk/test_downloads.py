"""What can be taken away is what came in, under names that a Windows computer can unpack."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
import zipfile
from datetime import UTC, datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import httpx
import openpyxl
from icalendar import Calendar

from report.archive import LIST_NAME, Entry, stream_zip
from rules.assessment import Status
from store import claims

ZONE = ZoneInfo("Asia/Shanghai")


def fetched(served, path: str) -> httpx.Response:
    answer = httpx.get(f"{served.url}/download/{path}", timeout=60)
    assert answer.status_code == 200, answer.text
    return answer


def test_the_ledger_and_the_list_of_who_is_behind_open_in_excel(served):
    ledger = fetched(served, "台账.xlsx")
    assert unquote(ledger.headers["content-disposition"]).startswith("attachment; filename*=UTF-8''报送台账 金坛区")
    assert len(openpyxl.load_workbook(io.BytesIO(ledger.content)).sheetnames) == 5

    sheet = openpyxl.load_workbook(io.BytesIO(fetched(served, "未报迟报名单.xlsx").content)).worksheets[0]
    listed = [row for row in sheet.iter_rows(min_row=4, values_only=True) if row[0]]
    to_chase = (Status.LATE, Status.MISSING, Status.INCOMPLETE)
    statuses = [one.status for unit in served.desk.view().report.units for one in unit.assessments.values()]
    assert len(listed) == sum(status in to_chase for status in statuses)


def test_the_units_tables_come_merged_into_one(served):
    answer = fetched(served, "统计表汇总.xlsx")
    assert unquote(answer.headers["content-disposition"]).startswith("attachment; filename*=UTF-8''统计表汇总 金坛区")
    merged = openpyxl.load_workbook(io.BytesIO(answer.content))
    units = [line[1] for line in merged["分单位合计"].iter_rows(min_row=5, values_only=True) if line[1]]
    assert units == [one.unit.name for one in served.desk.view().report.units if "statistics" in one.assessments]
    planned = openpyxl.load_workbook(io.BytesIO(fetched(served, "安排表汇总.xlsx").content))
    with_rows = {line[1] for line in planned["活动汇总"].iter_rows(min_row=5, values_only=True) if line[4]}
    with served.desk.store.reading() as session:
        told = {one.unit for one in claims.claims(session) if one.kind == "schedule" and one.form and one.form.rows}
    assert with_rows
    assert with_rows <= told


def test_the_planned_activities_come_as_a_calendar(served):
    answer = fetched(served, "活动日历.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    entries = Calendar.from_ical(answer.content).walk("VEVENT")
    units = {one.unit.name for one in served.desk.view().report.units}
    assert entries
    assert {str(entry["SUMMARY"]).partition("：")[0] for entry in entries} <= units


def test_the_zip_holds_what_every_unit_sent_byte_for_byte(served):
    answer = fetched(served, "全部材料.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    with archive.open(LIST_NAME) as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8-sig", newline="")))
    assert {row["压缩包内位置"] for row in rows} == set(archive.namelist()) - {LIST_NAME}
    for row in rows:
        assert hashlib.sha256(archive.read(row["压缩包内位置"])).hexdigest() == row["SHA-256"]
        assert row["单位"] in row["压缩包内位置"]
    with served.desk.store.reading() as session:
        claimed = {claim.unit for claim in claims.claims(session)}
    assert {row["单位"] for row in rows} == claimed
    assert all(info.flag_bits & 0x800 for info in archive.infolist()), "names are marked as UTF-8"
    assert "content-encoding" not in answer.headers


def test_one_units_folder_is_its_part_of_the_whole(served):
    name = "直溪镇社区教育中心"
    archive = zipfile.ZipFile(io.BytesIO(fetched(served, f"units/{name}.zip").content))
    assert len(archive.namelist()) > 3
    assert all(path.startswith(f"1 {name}/") for path in archive.namelist() if path != LIST_NAME)
    assert httpx.get(f"{served.url}/download/units/没有.zip").status_code == 404


def test_the_zip_of_a_past_moment_holds_what_had_come_by_then(served):
    before = zipfile.ZipFile(io.BytesIO(fetched(served, "全部材料.zip?at=2023-10-26").content)).namelist()
    after = zipfile.ZipFile(io.BytesIO(fetched(served, "全部材料.zip").content)).namelist()
    assert 1 < len(before) < len(after)


def test_a_large_file_is_never_in_memory(tmp_path):
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(80 * 1024 * 1024)
    entry = Entry(
        unit="甲",
        material="视频",
        path="甲/视频.mp4",
        filename="视频.mp4",
        sha256="",
        size_bytes=0,
        received_at=datetime(2023, 11, 1, tzinfo=UTC),
        message_id="",
    )
    tracemalloc.start()
    total = sum(len(piece) for piece in stream_zip([(entry, large)], {}, ZONE, at=entry.received_at))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > 80 * 1024 * 1024
    assert peak < 8 * 1024 * 1024
