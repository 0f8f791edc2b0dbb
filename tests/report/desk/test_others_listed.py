"""A form that lists the activities of other units: on the desk a person says for whom it counts."""

from __future__ import annotations

import io
from email.message import EmailMessage

import httpx
import openpyxl

from report.answers import Answer
from report.desk.pages.review import queue_of
from report.questions import Doubt, Question
from rules.assessment import Assessment
from tests.report.desk.serving import ServedDesk, take_in

CENTRE, OTHER = "儒林镇社区教育中心", "尧塘街道社区教育中心"


def _mail(desk: ServedDesk) -> EmailMessage:
    book = openpyxl.Workbook()
    for row in (
        ["2023-2024年度全民终身学习活动周主要活动安排表"],
        [f"报送单位：{CENTRE}"],
        ["序号", "活动主题", "活动地点", "活动时间", "参加人数", "承办单位"],
        ["1", "启动仪式", "文化广场", "11月13日", "200", CENTRE],
        ["2", "亲子共读", "图书馆", "11月14日", "60", OTHER],
    ):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    mail = EmailMessage()
    view = desk.desk.view()
    mail["From"] = desk.desk.roster(view.campaign.key).by_name[CENTRE].emails[0]
    mail["Subject"] = f"{CENTRE}附件1"
    mail.set_content("请查收。")
    kind = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    mail.add_attachment(data.getvalue(), maintype="application", subtype=kind, filename="附件1.xlsx")
    return mail


def _questions(desk: ServedDesk) -> list[Question]:
    return [one for one in queue_of(desk.desk, desk.desk.view()) if one.doubt is Doubt.OTHERS_LISTED]


def _schedule_of(desk: ServedDesk, unit: str) -> Assessment:
    (found,) = [one for one in desk.desk.view().report.units if one.unit.name == unit]
    return found.assessments["schedule"]


def _give(desk: ServedDesk, question: Question, answer: Answer) -> None:
    fields = {"csrf": "a-token", "message": question.message_sha256, "answer": answer.encoded(), "seen": "1000"}
    assert httpx.post(f"{desk.url}/review/answer", data=fields).status_code == 303


def test_a_person_counts_the_form_for_another_unit_from_when_it_came(own_desk):
    assert _schedule_of(own_desk, OTHER).complete_at is None
    take_in(own_desk, _mail(own_desk))
    assert _schedule_of(own_desk, OTHER).complete_at is None
    (question,) = _questions(own_desk)
    assert OTHER in httpx.get(f"{own_desk.url}/review?item={question.id}").text

    too, only = question.answers
    _give(own_desk, question, too)
    assert _schedule_of(own_desk, OTHER).complete_at == question.received_at

    _give(own_desk, question, only)
    assert _questions(own_desk) == []
    assert _schedule_of(own_desk, CENTRE).complete_at is not None
