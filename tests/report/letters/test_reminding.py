from __future__ import annotations

from dataclasses import replace

import pytest

from report.letters.phrases import Bureau, due_with_weekday, letter_item, salutation, titles_text
from report.letters.reminding import countdown, reminder_letter
from report.letters.texts import LetterTexts
from rules.assessment import CampaignReport
from rules.expiring_links import link_finding
from rules.extraction import Extraction, Kind, Link
from rules.findings import Code
from rules.outgoing import Letter, MailKind
from rules.roster import Unit
from tests.rules.cases import PLAN_DUE, REST_DUE, ZONE, claim, moment, photos
from tests.rules.posts import CENTRE, KINDERGARTEN, MIDDLE, PRIMARY, judged, plan, posted

TEXTS = LetterTexts()
BUREAU = Bureau(name="某区教育局职成教科", phone="0000-00000000", mailbox="box@example.org")
TEACHER = replace(MIDDLE, contact="王晓")


def letters(report: CampaignReport, *outbox) -> list[Letter]:
    return [reminder_letter(one, report, BUREAU, TEXTS) for one in plan(report, *outbox).reminders]


def test_a_friendly_word_before_the_due_day():
    (letter,) = letters(judged(moment(10, 24), units=(TEACHER,)))
    assert letter.subject == "【温馨提示】直溪中学：工作方案等 2 项材料请于10月30日（周一）24时前报送"
    assert letter.text.startswith("直溪中学王晓老师：\n\n您好")
    assert "将于10月30日（周一）24时截止，" in letter.text
    assert "  1. 工作方案\n  2. 附件1\n" in letter.text
    assert "box@example.org" in letter.text
    assert letter.text.rstrip().endswith("某区教育局职成教科（电话 0000-00000000）")
    assert (letter.kind, letter.stage, letter.to, letter.campaign) == (MailKind.REMINDER, "-7d", MIDDLE.emails, "2023")


def test_who_has_begun_is_thanked_and_told_what_is_wrong():
    sent = [replace(one, unit=MIDDLE.name) for one in photos(range(3), moment(11, 10))]
    sent += [claim(kind, moment(10, 28), unit=MIDDLE.name, path=kind) for kind in ("plan", "schedule")]
    (letter,) = letters(judged(moment(11, 14), claims=sent))
    assert letter.subject == "【请补正】直溪中学：照片或视频等 3 项材料还需补齐，请于11月20日（周一）24时前完成"
    assert "3. 照片或视频：收到 3 张" in letter.text
    assert "附件2：尚未收到。" in letter.text
    assert "工作方案" not in letter.text


def test_a_cloud_link_is_told_by_its_provider_and_without_its_address():
    link = Link(url="https://pan.example.com/s/1", provider="百度网盘", filename="视频.mp4", valid_days=7)
    film = Extraction(
        file="视频.mp4", media_type="text/uri-list", kind=Kind.OTHER, links=(link,), findings=(link_finding(link),)
    )
    sent = [claim("evidence", moment(11, 18), unit=MIDDLE.name, extraction=film)]
    (letter,) = letters(judged(moment(11, 21), claims=sent))
    assert "“视频.mp4”以网盘或云附件链接发送（百度网盘，有效期 7 天），未收到文件本身" in letter.text


def test_what_is_overdue_is_said_plainly_and_a_second_time_as_such():
    first = judged(moment(10, 31))
    (letter,) = letters(first)
    assert letter.subject == "【催报】直溪中学：工作方案等 2 项材料已过截止时间，请尽快补报"
    assert "前已提醒" not in letter.text
    told = posted(plan(first).reminders[0], moment(10, 31))
    (again,) = letters(judged(moment(11, 2)), told)
    assert again.subject.startswith("【再次催报】")
    assert "前已提醒" in again.text


def test_nobody_is_said_to_have_been_reminded_who_was_not():
    (letter,) = letters(judged(moment(11, 2)))
    assert letter.subject.startswith("【催报】")
    assert "前已提醒" not in letter.text


def test_the_unit_learns_who_gets_a_copy():
    town = replace(CENTRE, emails=("centre@example.org",))
    pupil = replace(KINDERGARTEN, emails=("garten@example.org",))
    done = [claim(kind, moment(10, 29), unit=town.name, path=kind) for kind in ("plan", "schedule")]
    (letter,) = letters(judged(moment(11, 2), claims=done, units=(town, pupil)))
    assert letter.cc == ("centre@example.org",)
    assert "本邮件同时抄送儒林镇社区教育中心，请协助提醒。" in letter.text


def test_a_mail_for_several_units_has_a_line_for_each():
    locked = claim("plan", moment(10, 28), Code.ENCRYPTED, unit=PRIMARY.name)
    shared, own = letters(judged(moment(10, 31), claims=[locked], units=(CENTRE, PRIMARY, KINDERGARTEN)))
    assert shared.text.startswith("儒林镇社区教育中心等 3 个单位联系人：")
    assert "  儒林幼儿园：未收到工作方案、附件1。\n" in shared.text
    assert "  儒林小学：未收到附件1。工作方案需补正（" in shared.text
    assert "幼儿园" not in own.text + own.html + own.subject


def test_the_items_say_what_the_letter_says():
    locked = claim("plan", moment(10, 28), Code.ENCRYPTED, unit=MIDDLE.name)
    report = judged(moment(10, 31), claims=[locked])
    (letter,) = letters(report)
    assert [(item.deliverable, item.status.value, bool(item.findings)) for item in letter.items] == [
        ("plan", "incomplete", True),
        ("schedule", "missing", False),
    ]
    assert all(finding in letter.text for item in letter.items for finding in item.findings)
    assert letter.items == tuple(letter_item(owed) for owed in plan(report).reminders[0].owed)


@pytest.mark.parametrize(
    ("contact", "shown"),
    [("王晓", "直溪中学王晓老师"), ("王主任", "直溪中学王主任"), ("", "直溪中学"), ("李老师", "直溪中学李老师")],
)
def test_people_are_addressed_as_in_an_office(contact, shown):
    assert salutation([Unit(name="直溪中学", contact=contact)]) == shown


def test_dates_and_lists_read_naturally():
    assert due_with_weekday(PLAN_DUE, ZONE) == "10月30日（周一）24时"
    assert due_with_weekday(moment(11, 20, 12), ZONE) == "11月20日（周一）12:00"
    assert (titles_text(["总结"]), titles_text(["总结", "照片"])) == ("总结", "总结等 2 项材料")


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (moment(11, 17), "还有 1 个工作日"),
        (moment(11, 20), "今天截止"),
        (moment(11, 18), "还有 1 个工作日"),
        (REST_DUE.replace(hour=9), ""),
    ],
)
def test_the_countdown_counts_working_days(at, shown):
    assert countdown(at, REST_DUE, ZONE) == shown
