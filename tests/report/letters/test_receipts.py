from __future__ import annotations

from dataclasses import replace

import pytest

from report.letters.phrases import Bureau, wrongs
from report.letters.receipts import receipt_letter
from report.letters.texts import LetterTexts
from rules.answering import Arrival, Receipt
from rules.awaiting import with_waiting
from rules.claims import Claim
from rules.expiring_links import link_finding
from rules.extraction import Extraction, Kind, Link
from rules.findings import COORDINATOR_ONLY, Code
from rules.messages import Address, Item
from rules.outgoing import Letter
from rules.roster import Roster
from tests.rules.arrivals import TEACHER, arrival, put_to
from tests.rules.cases import claim, finding, moment, photos, report
from tests.rules.posts import CENTRE, KINDERGARTEN, MIDDLE, PRIMARY
from tests.rules.test_awaiting import waiting

TEXTS = LetterTexts()
BUREAU = Bureau(name="某区教育局职成教科", phone="0000-00000000", mailbox="box@example.org")
UNITS = (CENTRE, PRIMARY, KINDERGARTEN, MIDDLE)
AT = moment(10, 28)


def letter(*arrivals: Arrival, sender: str = TEACHER, earlier: tuple[Claim, ...] = (), at=None) -> Letter:
    claims = [*earlier, *(one for received in arrivals for one in received.placement.claims)]
    at = at or moment(10, 29)
    judged = report(list(claims), at=at, read=at, roster=Roster(UNITS))
    receipt = Receipt(to=sender, arrivals=arrivals, dedupe_key="k")
    return receipt_letter(receipt, judged, Roster(UNITS), BUREAU, TEXTS)


def of(unit: str, *kinds: str, at=AT, sender: str = TEACHER) -> Arrival:
    return put_to(
        arrival(at, sender=sender), *(claim(kind, at, unit=unit, path=kind, name=f"{kind}.docx") for kind in kinds)
    )


def test_a_receipt_is_the_units_proof():
    received = of(MIDDLE.name, "plan", "schedule")
    receipt = letter(received)
    message = received.message
    assert receipt.subject == "【回执】Re: 活动周方案"
    assert "收到时间：10月28日 09:00" in receipt.text
    assert f"回执编号：{message.sha256[:8].upper()}" in receipt.text
    file = received.placement.claims[0].extraction
    assert f"  · plan.docx：工作方案（0 字节，校验码 {file.sha256[:8]}）" in receipt.text
    assert "已收齐：工作方案（按时）、附件1（按时）。" in receipt.text
    assert "还需报送——11月20日24时前：附件2、总结、照片或视频。" in receipt.text
    assert "请直接回复本邮件" in receipt.text
    assert (receipt.to, receipt.answers) == ((TEACHER,), (message.sha256,))
    assert (receipt.in_reply_to, receipt.references) == (message.envelope.message_id, (message.envelope.message_id,))


def test_it_says_what_is_wrong_and_how_to_mend_it():
    locked = put_to(arrival(AT), claim("plan", AT, Code.ENCRYPTED, unit=MIDDLE.name))
    text = letter(locked).text
    assert "需补正——工作方案：" in text
    assert "请取消密码后重新发送。" in text


def test_it_says_what_is_late():
    late = of(MIDDLE.name, "plan", at=moment(11, 2))
    text = letter(late, at=moment(11, 3)).text
    assert "已收齐：工作方案（迟报 3 天）。" in text
    assert "还需报送——已过截止时间：附件1。" in text


def test_what_a_person_must_look_at_is_not_asked_for():
    stray = put_to(arrival(AT), replace(claim(None, AT, unit=MIDDLE.name), kind=None))
    text = letter(stray).text
    assert "待人工辨认" in text
    assert "正在人工核对：未能辨认的文件，暂不需要您处理。" in text
    assert "需补正" not in text


def test_several_mails_get_one_receipt_in_the_thread_of_the_newest():
    one, other = of(MIDDLE.name, "plan"), of(MIDDLE.name, "schedule", at=moment(10, 28, 9, 5))
    receipt = letter(one, other)
    assert "收到时间：10月28日 09:00、10月28日 09:05" in receipt.text
    assert receipt.in_reply_to == other.message.envelope.message_id
    assert len(receipt.references) == 2
    assert receipt.answers == (one.message.sha256, other.message.sha256)


def test_a_mail_without_an_id_of_its_own_is_answered_without_a_thread():
    received = of(MIDDLE.name, "plan")
    nameless = replace(received.message.envelope, message_id="<abc@no-message-id>")
    bare = replace(received, message=replace(received.message, envelope=nameless))
    assert (letter(bare).in_reply_to, letter(bare).references) == ("", ())


def test_many_photos_share_a_line_with_the_digits_of_each():
    shots = [replace(one, unit=MIDDLE.name) for one in photos(range(5), AT)]
    text = letter(put_to(arrival(AT), *shots)).text
    line = next(line for line in text.split("\n") if "照片 5 张" in line)
    assert all(shot.extraction.file in line and shot.extraction.sha256[:8] in line for shot in shots)
    assert "已收齐：照片或视频（按时）。" in text


def test_a_file_that_serves_two_materials_stands_once():
    both = [claim(kind, AT, unit=MIDDLE.name, path="2", name="方案.docx") for kind in ("plan", "schedule")]
    text = letter(put_to(arrival(AT), *both)).text
    assert text.count("方案.docx") == 1
    assert "方案.docx：工作方案、安排表（" in text


def test_a_town_gets_one_receipt_for_all_its_schools():
    mails = of(PRIMARY.name, "plan"), of(KINDERGARTEN.name, "plan", "schedule", at=moment(10, 28, 9, 5))
    receipt = letter(*mails, sender="rulin@example.org")
    assert "【儒林小学】\n已收齐：工作方案（按时）。" in receipt.text
    assert "【儒林幼儿园】\n已收齐：工作方案（按时）、附件1（按时）。" in receipt.text
    assert {item.unit for item in receipt.items} == {PRIMARY.name, KINDERGARTEN.name}


def test_a_unit_is_never_told_how_another_stands():
    text = letter(of(MIDDLE.name, "plan"), earlier=tuple(of(PRIMARY.name, "plan").placement.claims)).text
    assert "儒林" not in text
    foreign = letter(of(PRIMARY.name, "plan"), sender=TEACHER)
    assert "已收齐" not in foreign.text
    assert "还需报送" not in foreign.text
    assert "部分文件的归属正在人工核对，核对后再行告知。" in foreign.text
    assert foreign.items == ()


@pytest.mark.parametrize("is_doubted", [False, True])
def test_what_was_misread_on_a_photograph_is_not_told_as_the_units_mistake(is_doubted):
    odd = [finding(Code.DATE_UNREADABLE, "第1行“时间”写的是“11月138”，看不出是哪一天")]
    doubt = [finding(Code.LOW_CONFIDENCE, "不够清楚")] if is_doubted else []
    seen = of(MIDDLE.name, "schedule")
    claims = tuple(replace(claim, findings=(*odd, *doubt)) for claim in seen.placement.claims)
    text = letter(replace(seen, placement=replace(seen.placement, claims=claims))).text
    assert ("11月138" in text) is not is_doubted


def test_no_letter_tells_a_unit_what_only_the_coordinator_is_told():
    told = [finding(code, "与“儒林小学”报送的相同") for code in COORDINATOR_ONLY]
    assert wrongs(told) == ()
    seen = of(MIDDLE.name, "plan")
    claims = tuple(replace(claim, findings=tuple(told)) for claim in seen.placement.claims)
    text = letter(replace(seen, placement=replace(seen.placement, claims=claims))).text
    assert "儒林" not in text


def test_a_stranger_is_not_called_by_the_contacts_name():
    named = replace(MIDDLE, contact="王晓")
    judged = report([], at=AT, read=AT, roster=Roster((named,)))
    for sender, shown in ((TEACHER, "直溪中学王晓老师："), ("own@example.org", "直溪中学老师：")):
        receipt = Receipt(to=sender, arrivals=(of(MIDDLE.name, "plan"),), dedupe_key="k")
        assert receipt_letter(receipt, judged, Roster((named,)), BUREAU, TEXTS).text.startswith(shown)


def test_a_link_that_expires_is_counted_down():
    received = of(MIDDLE.name, "plan")
    links = (
        Link(url="https://a", provider="网易邮箱云附件", filename="照片.zip", expires_at="2023-11-05T00:49:00"),
        Link(url="https://b", provider="QQ邮箱超大附件"),
        Link(url="https://c", provider="百度网盘", filename="视频.mp4", valid_days=7),
    )
    text = letter(replace(received, message=replace(received.message, links=links))).text
    assert "云附件“照片.zip”的链接还有 7 天到期（11月5日），请改用普通附件发送。" in text
    assert "云附件“视频.mp4”的链接还有 6 天到期（11月4日），请改用普通附件发送。" in text
    assert "云附件“QQ邮箱超大附件”的链接会过期" in text


def test_of_a_file_behind_a_link_no_size_is_told():
    link = Link(url="https://a", provider="百度网盘", filename="视频.mp4")
    film = Extraction(
        file="视频.mp4", media_type="text/uri-list", kind=Kind.OTHER, links=(link,), findings=(link_finding(link),)
    )
    text = letter(put_to(arrival(AT), claim("evidence", AT, unit=MIDDLE.name, extraction=film))).text
    assert "  · 视频.mp4：照片或视频（仅有链接，未收到文件）\n" in text


def test_a_locked_archive_that_may_hold_anything_is_asked_for_again_and_not_said_to_be_looked_at():
    locked = Extraction(
        file="材料.zip",
        media_type="application/zip",
        kind=Kind.UNREADABLE,
        sha256="0" * 64,
        findings=(finding(Code.ENCRYPTED, "文件设有密码，无法打开，请去掉密码后重新报送"),),
    )
    text = letter(put_to(arrival(AT), claim(None, AT, unit=MIDDLE.name, extraction=locked))).text
    assert "  · 材料.zip：有密码，无法打开（0 字节，校验码 00000000）" in text
    assert "需补正——“材料.zip”：文件设有密码，无法打开，请去掉密码后重新报送。" in text
    assert "人工核对：" not in text


def test_what_waits_to_be_claimed_is_not_asked_for():
    judged = with_waiting(report([], at=AT, read=AT, roster=Roster(UNITS)), [waiting("summary")])
    receipt = Receipt(to=TEACHER, arrivals=(of(MIDDLE.name, "plan"),), dedupe_key="k")
    text = receipt_letter(receipt, judged, Roster(UNITS), BUREAU, TEXTS).text
    assert "11月20日24时前：附件2、照片或视频。" in text


def test_what_a_reply_quotes_is_not_told_as_the_units_link():
    received = of(MIDDLE.name, "plan")
    link = Link(url="https://a", provider="百度网盘", filename="附件.zip", quoted_from="bureau@example.com")
    body = Item(
        path="1",
        extraction=Extraction(file="正文.txt", media_type="text/plain", kind=Kind.OTHER, links=(link,)),
        is_body=True,
    )
    envelope = replace(received.message.envelope, to=(Address(address="bureau@example.com"),))
    replied = replace(received.message, envelope=envelope, items=(body, *received.message.items))
    forwarded = replace(replied, envelope=replace(envelope, to=()))
    assert "附件.zip" not in letter(replace(received, message=replied)).text
    assert "附件.zip" in letter(replace(received, message=forwarded)).text


def test_who_has_sent_everything_is_thanked():
    everything = ("plan", "schedule", "summary")
    shots = [replace(one, unit=MIDDLE.name) for one in photos(range(5), AT)]
    stamped = replace(claim("statistics", AT, unit=MIDDLE.name, path="s"))
    stamped = replace(stamped, extraction=replace(stamped.extraction, stamped=True))
    claims = [claim(kind, AT, unit=MIDDLE.name, path=kind) for kind in everything]
    text = letter(put_to(arrival(AT), *claims, stamped, *shots)).text
    assert "报齐" in text.split("如识别有误")[0].split("以上由系统识别")[0]
    assert "还需" not in text
