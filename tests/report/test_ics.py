"""The calendar is read back by a library as any calendar program would."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from icalendar import Calendar

from report.ics import calendar_bytes
from rules.claims import Claim
from rules.extraction import Extraction, Form, FormRow, Kind
from rules.merging import merged_forms
from tests.report.builders import HOSTILE
from tests.rules.cases import SCHOOL, TOWN, claim, moment, report


def row(theme: str, starts_on: date | None, ends_on: date | None = None, **cells: str) -> FormRow:
    return FormRow(cells={"theme": theme, **cells}, starts_on=starts_on, ends_on=ends_on or starts_on)


def sent(*rows: FormRow, unit: str = TOWN.name, day: int = 20) -> Claim:
    form = Form(form=Kind.SCHEDULE, fields={"unit_name": unit}, rows=rows)
    seen = Extraction(file=f"附件1 {unit}.docx", media_type="x", kind=Kind.SCHEDULE, sha256=unit, forms=(form,))
    return claim("schedule", moment(10, day), extraction=seen, form_index=0, unit=unit, message=f"{unit}{day}")


def content(*claims: Claim) -> bytes:
    return calendar_bytes(merged_forms(report(list(claims)), claims, Kind.SCHEDULE))


def events(*claims: Claim) -> list[dict[str, str | date]]:
    return [
        {
            "uid": str(event["UID"]),
            "what": str(event["SUMMARY"]),
            "from": event.decoded("DTSTART"),
            "until": event.decoded("DTEND"),
            "place": str(event.get("LOCATION", "")),
            "told": str(event["DESCRIPTION"]),
        }
        for event in Calendar.from_ical(content(*claims)).walk("VEVENT")
    ]


READING = row("全民阅读", date(2023, 11, 13), place="社区活动室", time="11月13日上午9:00", attendance="120人")
EXHIBITION = row("书画展", date(2023, 11, 14), date(2023, 11, 16))
SOME_DAY = row("健康讲座", None, time="11月中旬")


def test_an_activity_stands_on_its_days_with_place_hour_and_source():
    first, second = events(sent(READING, SOME_DAY, EXHIBITION))
    assert (first["what"], first["from"], first["until"]) == (
        "儒林镇：全民阅读",
        date(2023, 11, 13),
        date(2023, 11, 14),
    )
    assert first["place"] == "社区活动室"
    assert first["told"] == "活动时间：11月13日上午9:00\n参加人数：120人\n来源：附件1 儒林镇.docx"
    assert (second["from"], second["until"]) == (date(2023, 11, 14), date(2023, 11, 17)), "the day after the last"


def test_an_entry_keeps_its_uid_when_its_place_changes_or_others_come():
    (before,) = events(sent(READING))
    moved = replace(READING, cells=READING.cells | {"place": "文化广场"})
    later = events(sent(READING), sent(EXHIBITION, moved, day=22), sent(READING, unit=SCHOOL.name))
    assert {one["place"] for one in later if one["uid"] == before["uid"]} == {"文化广场"}
    assert len({one["uid"] for one in later}) == len(later) == 3


def test_two_activities_of_one_name_on_one_day_are_two():
    assert len({one["uid"] for one in events(sent(READING, READING))}) == 2


def test_a_strangers_text_makes_no_line_of_its_own():
    (event,) = events(sent(row(f"{HOSTILE}\r\nEND:VEVENT", date(2023, 11, 13))))
    assert "END:VEVENT" in str(event["what"])


def test_the_same_data_is_the_same_file_and_no_data_an_empty_calendar():
    claims = (sent(READING), sent(EXHIBITION, unit=SCHOOL.name))
    assert content(*claims) == content(*claims[::-1])
    assert events() == []
