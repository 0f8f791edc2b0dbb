"""Each file goes to the right unit for certain, or to a person with the reason; never to a wrong unit."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.claims import Decision, Placement
from rules.extraction import Extraction, Kind, Link
from rules.findings import Code, Finding
from rules.flatten import items_of
from rules.messages import Address, Envelope, Item
from rules.placing import Placer, place
from rules.roster import Roster, Unit
from tests.rules.confusable import HOME, MESSAGE_SHA256, NOW, STRANGERS, confusable_roster, file, form, mail_of, message
from tests.rules.test_flatten import Part

CENTRE = "直溪镇社区教育中心"
PRIMARY = "直溪中心小学"
OTHER = "朱林中心小学"
UNIT_MAIL = "zxxx@example.com"
OTHER_MAIL = "zlxx@example.com"
CENTRE_MAIL = mail_of("直溪")
SHARED_MAIL = "town@example.com"


def _with_mail(unit: Unit) -> Unit:
    more = {
        PRIMARY: (UNIT_MAIL, SHARED_MAIL),
        OTHER: (OTHER_MAIL,),
        "直溪中心幼儿园": (SHARED_MAIL,),
        "西城实验小学": ("xcsx@example.com",),
    }
    return replace(unit, emails=(*unit.emails, *more.get(unit.name, ())))


ROSTER = Roster(tuple(_with_mail(unit) for unit in confusable_roster().units))
PLACER = Placer(ROSTER, regions=[HOME])
NAMES = [unit.name for unit in ROSTER.units]


def placed(*files: Extraction | Item, **mail: object) -> Placement:
    return PLACER.place(message(*files, **mail))  # type: ignore[arg-type]


def units(placement: Placement) -> set[str]:
    return {claim.unit for claim in placement.claims}


def codes(placement: Placement) -> set[Code]:
    return {finding.code for claim in placement.claims for finding in claim.findings}


def reason(placement: Placement) -> str:
    assert placement.unattributed is not None
    return placement.unattributed.reason


SIGNED = "各位领导：\n为营造学习氛围，我校开展系列活动。\n特此总结。\n{}\n2023年11月18日"
WAYS_TO_NAME = {
    "form": lambda name: (file("附件2.docx", Kind.STATISTICS, unit_name=name),),
    "stamped form": lambda name: (file("附件1.docx", Kind.SCHEDULE, unit_name=f"常州市金坛区{name}（盖章）"),),
    "title": lambda name: (file("方案.docx", Kind.PLAN, title=f"金坛区{name}2023-2024年度全民终身学习活动方案"),),
    "label": lambda name: (
        file("a.docx", Kind.DOCUMENT, text=f"活动材料\n报送单位：{name}\n活动如下", title="活动材料"),
    ),
    "signature": lambda name: (file("总结.docx", Kind.SUMMARY, text=SIGNED.format(name)),),
    "unit names": lambda name: (file("总结.docx", Kind.SUMMARY, unit_names=(name,)),),
    "filename": lambda name: (file(f"附件2-金坛区{name}统计表(盖章).docx", Kind.UNREADABLE),),
    "photo's name": lambda name: (file(f"{name}1.jpg"),),
}


@pytest.mark.parametrize("way", WAYS_TO_NAME)
def test_a_file_that_names_its_unit_goes_there(way):
    for name in NAMES:
        placement = placed(*WAYS_TO_NAME[way](name))
        assert units(placement) == {name}, name
        assert placement.unattributed is None


@pytest.mark.parametrize("way", WAYS_TO_NAME)
@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_file_that_names_a_stranger_goes_to_nobody(way, stranger):
    assert units(placed(*WAYS_TO_NAME[way](stranger))) == set()
    assert units(placed(*WAYS_TO_NAME[way](stranger), sender="zx@example.org", subject="报送材料")) == set()


WAYS_OF_MAIL = {
    "subject": {"subject": "{}报送全民终身学习活动周材料"},
    "display name": {"name": "{}"},
    "body": {"body": "领导您好，附件是{}的活动照片，请查收。"},
    "signature of the body": {"body": "您好，请查收。\n{}\n2023年11月18日"},
    "forwarded subject": {"subject": "转发：Fw: {}总结"},
}


@pytest.mark.parametrize("way", WAYS_OF_MAIL)
def test_a_silent_file_follows_what_the_mail_says(way):
    for name in NAMES:
        facts = {key: text.format(name) for key, text in WAYS_OF_MAIL[way].items()}
        assert units(placed(file("IMG_0001.jpg"), **facts)) == {name}, name


@pytest.mark.parametrize("way", WAYS_OF_MAIL)
@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_silent_file_of_a_stranger_goes_to_nobody(way, stranger):
    facts = {key: text.format(stranger) for key, text in WAYS_OF_MAIL[way].items()}
    assert units(placed(file("IMG_0001.jpg"), **facts)) == set()


def test_a_sender_of_the_roster_places_silent_files():
    placement = placed(file("IMG_1.jpg"), file("总结.docx", Kind.SUMMARY), sender=UNIT_MAIL)
    assert units(placement) == {PRIMARY}
    assert {claim.kind for claim in placement.claims} == {"evidence", "summary"}
    assert not codes(placement)


def test_a_reply_to_address_counts_as_the_sender():
    placement = placed(file("IMG_1.jpg"), sender="relay@example.net", reply_to=Address(address=UNIT_MAIL))
    assert units(placement) == {PRIMARY}


def test_folders_and_archives_name_the_unit_of_what_is_in_them():
    archive = file(f"{PRIMARY}.zip", Kind.ARCHIVE, members=[file("照片/1.jpg"), file("总结.docx", Kind.SUMMARY)])
    assert units(placed(*items_of([(Part("2"), archive)]))) == {PRIMARY}
    town = file("全镇.zip", Kind.ARCHIVE, members=[file(f"{PRIMARY}/1.jpg"), file("直溪初级中学/1.jpg")])
    placement = placed(*items_of([(Part("2"), town)]), sender=CENTRE_MAIL)
    assert [(claim.path, claim.unit) for claim in placement.claims] == [
        (f"2/{PRIMARY}/1.jpg", PRIMARY),
        ("2/直溪初级中学/1.jpg", "直溪初级中学"),
    ]


def test_files_in_the_folder_of_a_named_file_follow_it():
    one = file("一.zip", Kind.ARCHIVE, members=[file("附件2.docx", Kind.STATISTICS, unit_name=PRIMARY), file("1.jpg")])
    two = file("二.zip", Kind.ARCHIVE, members=[file("附件2.docx", Kind.STATISTICS, unit_name=OTHER), file("1.jpg")])
    placement = placed(*items_of([(Part("2"), one), (Part("3"), two)]))
    assert {claim.path: claim.unit for claim in placement.claims} == {
        "2/附件2.docx": PRIMARY,
        "2/1.jpg": PRIMARY,
        "3/附件2.docx": OTHER,
        "3/1.jpg": OTHER,
    }


def test_a_file_without_a_name_in_a_mail_of_several_units_waits_for_a_person():
    placement = placed(
        file("附件2.docx", Kind.STATISTICS, unit_name=PRIMARY),
        file("附件2-2.docx", Kind.STATISTICS, unit_name=OTHER),
        file("IMG_1.jpg"),
        subject="统计表",
    )
    assert units(placement) == {PRIMARY, OTHER}
    assert placement.unattributed is not None
    assert placement.unattributed.paths == ("4",)
    assert set(placement.unattributed.candidates) == {PRIMARY, OTHER}
    assert "多个" in reason(placement) or "等单位" in reason(placement)


def test_siblings_that_name_no_unit_follow_the_one_that_does():
    placement = placed(file("附件2.docx", Kind.STATISTICS, unit_name=PRIMARY), file("1.jpg"), file("2.jpg"))
    assert [claim.unit for claim in placement.claims] == [PRIMARY] * 3
    assert placement.claims[1].evidence[0].source == "sibling"


def test_a_file_with_the_forms_of_several_units_becomes_a_claim_for_each():
    forms = tuple(form(Kind.STATISTICS, name) for name in (PRIMARY, OTHER, "滨湖实验小学", ""))
    placement = placed(
        replace(file("汇总.xlsx", Kind.STATISTICS), forms=forms), sender=CENTRE_MAIL, subject="直溪镇统计表"
    )
    assert [(claim.unit, claim.form_index) for claim in placement.claims] == [(PRIMARY, 0), (OTHER, 1)]
    assert placement.unattributed is not None
    assert placement.unattributed.paths == ("2",)


def test_a_towns_centre_may_send_for_its_schools():
    placement = placed(file("附件2.docx", Kind.STATISTICS, unit_name=PRIMARY), sender=CENTRE_MAIL)
    assert units(placement) == {PRIMARY}
    assert Code.UNIT_CONFLICT not in codes(placement)
    assert Code.UNVERIFIED_SENDER not in codes(placement)


def test_loose_photos_beside_a_schools_form_from_the_centre_wait_for_a_person():
    placement = placed(file("附件2.docx", Kind.STATISTICS, unit_name=PRIMARY), file("IMG_1.jpg"), sender=CENTRE_MAIL)
    assert [claim.path for claim in placement.claims] == ["2"]
    assert set(placement.unattributed.candidates) == {PRIMARY, CENTRE}


@pytest.mark.parametrize("name", ["附件2.docx", "附件2-直溪中心小学.docx"])
def test_a_form_that_names_another_than_its_sender_is_placed_with_a_finding(name):
    placement = placed(file(name, Kind.STATISTICS, unit_name=PRIMARY), sender=OTHER_MAIL, subject="统计表")
    assert units(placement) == {PRIMARY}
    details = [f.detail for claim in placement.claims for f in claim.findings if f.code is Code.UNIT_CONFLICT]
    assert len(details) == 1
    assert PRIMARY in details[0]
    assert OTHER in details[0]


def sealed(name: str, text: str) -> Extraction:
    return replace(file("附件2.jpg", Kind.STATISTICS, unit_name=name), text=f"单位名称（盖章）：{name}\n（印章）{text}")


@pytest.mark.parametrize("text", [OTHER, f"金坛区{OTHER}", f"常州市金坛区{OTHER}"])
def test_a_form_sealed_by_another_unit_is_placed_with_a_finding(text):
    placement = placed(sealed(PRIMARY, text), sender=UNIT_MAIL)
    assert units(placement) == {PRIMARY}
    (detail,) = [f.detail for f in placement.claims[0].findings if f.code is Code.UNIT_CONFLICT]
    assert PRIMARY in detail
    assert OTHER in detail


@pytest.mark.parametrize(
    "text", [PRIMARY, CENTRE, "林中心小学", "朱林中心小", "中心小学", "某某公司", OTHER + "报告厅"]
)
def test_a_seal_that_fits_or_was_read_in_part_contradicts_nobody(text):
    placement = placed(sealed(PRIMARY, text), sender=UNIT_MAIL)
    assert units(placement) == {PRIMARY}
    assert Code.UNIT_CONFLICT not in codes(placement)


def worn(name: str, text: str) -> Extraction:
    """Print runs through the seal: one of its signs is not certain."""
    read = f"单位名称（盖章）：{name}\n（印章，有字不清）{text}"
    return replace(file("附件2.jpg", Kind.STATISTICS, unit_name=name), text=read)


@pytest.mark.parametrize("text", [OTHER, OTHER.replace("小学", "小字"), f"金坛区{OTHER}".replace("小学", "水学")])
def test_a_seal_with_a_sign_that_is_not_certain_contradicts_where_it_is_plainly_anothers(text):
    placement = placed(worn(PRIMARY, text), sender=UNIT_MAIL)
    (detail,) = [f.detail for f in placement.claims[0].findings if f.code is Code.UNIT_CONFLICT]
    assert f"印章上的单位是“{OTHER}”" in detail


@pytest.mark.parametrize("text", [PRIMARY, PRIMARY[:-1] + "字", CENTRE[:-1] + "止", "中心小学", "某某某某公司"])
def test_a_seal_with_a_sign_that_is_not_certain_otherwise_contradicts_nobody(text):
    assert Code.UNIT_CONFLICT not in codes(placed(worn(PRIMARY, text), sender=UNIT_MAIL))


def test_a_folder_that_names_another_than_the_sender_is_not_enough():
    archive = file(f"{PRIMARY}.zip", Kind.ARCHIVE, members=[file("1.jpg")])
    placement = placed(*items_of([(Part("2"), archive)]), sender=OTHER_MAIL)
    assert units(placement) == set()
    assert set(placement.unattributed.candidates) == {PRIMARY, OTHER}


def test_a_name_that_may_be_short_for_the_senders_is_not_certain():
    placement = placed(file("附件2.docx", Kind.STATISTICS, unit_name="实验小学"), sender="xcsx@example.com")
    assert units(placement) == set()


def test_a_form_and_a_filename_that_differ_need_the_mail_to_decide():
    wrong = file(f"{OTHER}统计表.docx", Kind.STATISTICS, unit_name=PRIMARY)
    assert units(placed(wrong)) == set()
    assert PRIMARY in reason(placed(wrong))
    assert OTHER in reason(placed(wrong))
    assert units(placed(wrong, sender=UNIT_MAIL)) == {PRIMARY}
    assert units(placed(wrong, sender=OTHER_MAIL)) == set()


def test_a_town_in_the_form_needs_the_sender():
    schedule = file("附件1.docx", Kind.SCHEDULE, unit_name="直溪镇")
    assert units(placed(schedule)) == set()
    assert "直溪镇" in reason(placed(schedule))
    assert "对应多个单位" in reason(placed(schedule))
    assert units(placed(schedule, sender=CENTRE_MAIL)) == {CENTRE}
    assert units(placed(schedule, sender=OTHER_MAIL)) == set()


def test_a_slip_in_the_form_needs_the_sender():
    slip = file("附件2.jpg", Kind.STATISTICS, unit_name="直渓中心小学")
    assert units(placed(slip)) == set()
    assert units(placed(slip, sender=UNIT_MAIL)) == {PRIMARY}
    assert units(placed(slip, sender=OTHER_MAIL)) == set()


def test_a_stranger_in_the_form_is_not_put_to_its_sender():
    stranger = file("附件2.docx", Kind.STATISTICS, unit_name="滨湖实验小学")
    assert units(placed(stranger, sender=UNIT_MAIL)) == set()
    assert "滨湖实验小学" in reason(placed(stranger, sender=UNIT_MAIL))
    assert "不在名册中" in reason(placed(stranger))


def test_a_shared_mailbox_alone_is_not_certain_but_decides_between_short_names():
    placement = placed(file("IMG_1.jpg"), sender=SHARED_MAIL)
    assert units(placement) == set()
    assert set(placement.unattributed.candidates) == {PRIMARY, "直溪中心幼儿园"}
    assert "共用" in reason(placement)
    assert units(placed(file("附件2.docx", Kind.STATISTICS, unit_name="中心小学"), sender=SHARED_MAIL)) == {PRIMARY}


def test_partners_and_the_bureau_in_running_text_confuse_nobody():
    text = (
        "2023年活动方案\n我校与朱林中心小学、第一中学联合，在指前镇社区教育中心举办讲座。\n"
        "承办单位：指前镇社区教育中心\n主办：金坛区教育局\n第一中学\n参加\n"
    )
    plan = file("方案.docx", Kind.PLAN, title="2023年活动方案", text=text * 3)
    assert units(placed(plan, sender=UNIT_MAIL)) == {PRIMARY}
    assert units(placed(plan, subject=f"{PRIMARY}方案")) == {PRIMARY}
    assert units(placed(plan)) == set()


def test_a_plan_that_speaks_of_one_unit_all_the_time_is_its_plan():
    text = "活动方案\n" + f"{PRIMARY}将举办读书节。{PRIMARY}校长主持。由{PRIMARY}负责。\n" * 2
    assert units(placed(file("方案.docx", Kind.PLAN, text=text))) == {PRIMARY}
    assert units(placed(file("方案.docx", Kind.PLAN, text=text), sender=OTHER_MAIL)) == {OTHER}
    only_partner = "活动方案\n" + f"我校与{PRIMARY}联合，走进{PRIMARY}，邀请{PRIMARY}。\n" * 3
    assert units(placed(file("方案.docx", Kind.PLAN, text=only_partner))) == set()


def test_venues_in_the_rows_of_a_form_are_not_the_unit():
    venue = replace(form(Kind.SCHEDULE, ""), rows=(replace(form(Kind.SCHEDULE, "").rows[0], cells={"place": OTHER}),))
    text = f"报送单位：\n1\n读书\n{OTHER}\n2023年11月15日\n"
    schedule = replace(file("附件1.docx", Kind.SCHEDULE, text=text, unit_names=(OTHER,)), forms=(venue,))
    assert units(placed(schedule)) == set()
    assert units(placed(schedule, sender=UNIT_MAIL)) == {PRIMARY}


def test_a_photos_caption_says_where_it_was_taken():
    caption = file(f"走进{OTHER}读书活动.jpg")
    assert units(placed(caption, sender=UNIT_MAIL)) == {PRIMARY}
    assert units(placed(file("滨湖小学现场.jpg"), sender=UNIT_MAIL)) == {PRIMARY}
    assert units(placed(file(f"{OTHER}.jpg"), sender=UNIT_MAIL)) == set()


def test_pictures_in_a_document_go_with_it():
    document = file(f"{PRIMARY}总结.docx", Kind.SUMMARY, members=[file("image1.png"), file("logo.png", Kind.OTHER)])
    placement = placed(*items_of([(Part("2"), document)]), file("x.docx", Kind.PLAN, title=f"{OTHER}方案"))
    assert [(claim.path, claim.kind, claim.unit) for claim in placement.claims] == [
        ("2", "summary", PRIMARY),
        ("2/image1.png", "evidence", PRIMARY),
        ("5", "plan", OTHER),
    ]


def test_a_plan_with_its_schedule_at_the_end_serves_both():
    plan = replace(
        file("方案.docx", Kind.PLAN, title=f"{PRIMARY}方案", also=(Kind.SCHEDULE,)),
        forms=(form(Kind.SCHEDULE, ""),),
    )
    placement = placed(plan)
    assert [(claim.kind, claim.form_index, claim.unit) for claim in placement.claims] == [
        ("plan", None, PRIMARY),
        ("schedule", 0, PRIMARY),
    ]


def test_forwarded_mail_belongs_to_whom_it_came_from():
    origin = Envelope(message_id="<o>", header_from=Address(address=UNIT_MAIL), subject="材料")
    item = Item(path="2.1", extraction=file("IMG_1.jpg"), origin=0)
    assert units(placed(item, sender=OTHER_MAIL, subject="转发：材料", origins=(origin,))) == {PRIMARY}
    loose = file("IMG_2.jpg")
    assert units(placed(loose, subject="Fw: 材料", origins=(origin,))) == {PRIMARY}


def test_quoted_mail_in_the_body_is_not_the_senders_word():
    body = f"请查收附件。\n\n-----原始邮件-----\n发件人：教育局\n请{OTHER}尽快报送。"
    assert units(placed(file("IMG_1.jpg"), sender=UNIT_MAIL, body=body)) == {PRIMARY}
    assert units(placed(file("IMG_1.jpg"), body=body)) == set()


def test_a_taught_sender_is_known_and_outranks_its_own_odd_name():
    taught = Placer(ROSTER, remembered={"Someone@example.net": PRIMARY})
    assert units(taught.place(message(file("IMG_1.jpg")))) == {PRIMARY}
    odd = message(file("附件2.docx", Kind.STATISTICS, unit_name="坛城直小校"))
    assert units(taught.place(odd)) == {PRIMARY}
    other = message(file("附件2.docx", Kind.STATISTICS, unit_name=OTHER))
    assert units(taught.place(other)) == {OTHER}
    assert Code.UNIT_CONFLICT in codes(taught.place(other))


def decision(number: int, **more: object) -> Decision:
    facts = {"action": "assign", "unit": PRIMARY, "message_sha256": MESSAGE_SHA256, **more}
    return Decision(id=number, author="小吴", reason="电话核实", decided_at=NOW, **facts)  # type: ignore[arg-type]


def test_a_persons_word_outranks_every_rule_and_can_be_undone():
    mail = message(file("附件2.docx", Kind.STATISTICS, unit_name=OTHER), file("IMG_1.jpg"))
    assert units(PLACER.place(mail, decisions=[decision(1)])) == {PRIMARY}
    mixed = PLACER.place(mail, decisions=[decision(1, path="3")])
    assert {claim.path: claim.unit for claim in mixed.claims} == {"2": OTHER, "3": PRIMARY}
    assert mixed.claims[1].evidence[0].source == "decision"
    assert units(PLACER.place(mail, decisions=[decision(1), decision(2, action="undo", undoes=1)])) == {OTHER}
    again = [decision(1), decision(2, action="undo", undoes=1), decision(3, action="undo", undoes=2)]
    assert units(PLACER.place(mail, decisions=again)) == {PRIMARY}
    assert units(PLACER.place(mail, decisions=[decision(1, message_sha256="cd" * 32)])) == {OTHER}
    assert units(PLACER.place(mail, decisions=[decision(1, unit="已撤并小学")])) == {OTHER}


def test_the_newest_word_about_a_file_counts():
    mail = message(file("IMG_1.jpg"), file("IMG_2.jpg"))
    placement = PLACER.place(mail, decisions=[decision(1), decision(2, path="3", unit=OTHER)])
    assert {claim.path: claim.unit for claim in placement.claims} == {"2": PRIMARY, "3": OTHER}


def test_a_mail_given_to_a_unit_counts_whatever_is_in_it():
    note = message(file("说明.docx", Kind.DOCUMENT), subject="你好")
    assert PLACER.place(note).note == "未含报送材料"
    assert units(PLACER.place(note, decisions=[decision(1)])) == {PRIMARY}
    body = message(Item(path="1", extraction=file("正文.txt", Kind.OTHER), is_body=True))
    assert [claim.kind for claim in PLACER.place(body, decisions=[decision(1)]).claims] == [None]


def test_the_sender_is_checked_against_the_roster():
    form_file = file("附件2.docx", Kind.STATISTICS, unit_name=PRIMARY)
    assert Code.UNVERIFIED_SENDER in codes(placed(form_file))
    assert Code.UNVERIFIED_SENDER not in codes(placed(form_file, sender=UNIT_MAIL))
    assert Code.UNVERIFIED_SENDER not in codes(placed(form_file, sender=SHARED_MAIL))
    without_mail = file("附件2.docx", Kind.STATISTICS, unit_name="第一中学")
    assert Code.UNVERIFIED_SENDER not in codes(placed(without_mail))


@pytest.mark.parametrize(
    ("late", "is_suspect"),
    [
        (timedelta(days=2), False),
        (timedelta(days=2, microseconds=1), True),
        (-timedelta(hours=1), False),
        (-timedelta(hours=1, microseconds=1), True),
    ],
)
def test_a_date_far_from_the_arrival_is_suspect(late, is_suspect):
    placement = placed(file("IMG_1.jpg"), sender=UNIT_MAIL, sent_late=late)
    assert (Code.DATE_SUSPECT in codes(placement)) is is_suspect


def test_a_suspect_date_is_told_in_the_zone_of_the_campaign():
    mail = message(file("IMG_1.jpg"), sender=UNIT_MAIL, sent_late=timedelta(days=9))
    zone = timezone(timedelta(hours=8))
    placement = Placer(ROSTER, zone=zone).place(mail)
    (finding,) = [one for one in placement.claims[0].findings if one.code is Code.DATE_SUSPECT]
    assert f"收到时间（{mail.received_at.astimezone(zone):%Y-%m-%d %H:%M}）" in finding.detail


def test_mail_without_submissions_is_in_neither_list():
    cover = Item(path="1", extraction=file("正文.txt", Kind.OTHER), is_body=True)
    assert placed(cover, body="请查收").note == "未含报送材料"
    assert placed(is_automatic=True).note == "自动回复"
    assert placed(is_automatic=True, automatic_reason="退信").note == "退信"
    newsletter = placed(file("banner.jpg"), is_automatic=True, automatic_reason="订阅邮件")
    assert newsletter == Placement(note="订阅邮件")
    notice = file("关于举办活动的通知.docx", Kind.DOCUMENT, title="关于举办全民终身学习活动的通知")
    assert placed(notice, sender=UNIT_MAIL).note == "未含报送材料"


def test_automatic_mail_with_submissions_is_still_placed():
    placement = placed(file("附件2.docx", Kind.STATISTICS, unit_name=PRIMARY), is_automatic=True)
    assert units(placement) == {PRIMARY}


def test_a_summary_pasted_into_the_body_is_a_submission():
    body = Item(path="1", extraction=file("正文.txt", Kind.SUMMARY, title=f"{PRIMARY}活动总结"), is_body=True)
    assert [(claim.kind, claim.unit) for claim in placed(body).claims] == [("summary", PRIMARY)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("活动视频.mp4", "evidence"), ("附件2.docx", "statistics"), ("工作方案.pdf", "plan"), ("x.bin", None)],
)
def test_a_cloud_link_stands_for_the_file_that_it_names(name, kind):
    link = Link(url="https://mail.example.com/d?f=1", provider="126", filename=name, expires_at="2023-12-03T10:00:00")
    body = Item(path="1", extraction=file("正文.html", Kind.OTHER, links=(link, link)), is_body=True)
    placement = placed(body, sender=UNIT_MAIL)
    assert [(claim.kind, claim.unit, claim.path) for claim in placement.claims] == [(kind, PRIMARY, "1/链接1")]
    found = placement.claims[0].extraction.findings
    assert [finding.code for finding in found] == [Code.LINK_ONLY]
    assert link.url in found[0].detail
    assert "2023-12-03" in found[0].detail


def test_a_reply_does_not_send_what_the_mail_quoted_in_it_links_to():
    link = Link(url="https://pan.example.com/s/1", provider="网盘", quoted_from="bureau@example.com")
    body = Item(path="1", extraction=file("正文.txt", Kind.OTHER, links=(link,)), is_body=True)
    to_the_bureau = (Address(address="bureau@example.com"),)
    assert placed(body, sender=UNIT_MAIL, to=to_the_bureau).note == "未含报送材料"
    assert len(placed(body, sender=UNIT_MAIL).claims) == 1  # it passes on what another sent


def test_who_passes_mail_on_may_send_its_writer_a_copy():
    own = Link(url="https://pan.example.com/s/1", provider="网盘", quoted_from=UNIT_MAIL)
    colleagues = Link(url="https://pan.example.com/s/2", provider="网盘", quoted_from="colleague@example.com")
    body = Item(path="1", extraction=file("正文.txt", Kind.OTHER, links=(own, colleagues)), is_body=True)
    to = (Address(address="bureau@example.com"), Address(address=UNIT_MAIL))
    copied = message(body, sender=UNIT_MAIL, to=to)
    copied = replace(copied, envelope=replace(copied.envelope, cc=(Address(address="colleague@example.com"),)))
    assert len(PLACER.place(copied).claims) == 2


def test_nor_does_the_bureaus_notice_that_is_sent_back():
    links = (Link(url="https://pan.example.com/s/1", provider="网盘"),)
    notice = file("关于举办活动的通知.docx", Kind.DOCUMENT, links=links)
    assert placed(notice, sender=UNIT_MAIL).note == "未含报送材料"
    assert len(placed(file("活动视频.txt", Kind.DOCUMENT, links=links), sender=UNIT_MAIL).claims) == 2


def test_locked_archives_count_for_what_their_name_says():
    locked = Finding(code=Code.ENCRYPTED, detail="有密码")
    archive = file("活动照片.zip", Kind.ARCHIVE, findings=(locked,))
    assert [claim.kind for claim in placed(archive, sender=UNIT_MAIL).claims] == ["evidence"]
    assert [claim.kind for claim in placed(file("a.zip", Kind.UNREADABLE), sender=UNIT_MAIL).claims] == [None]
    by_subject = placed(file("a.zip", Kind.UNREADABLE), sender=UNIT_MAIL, subject="活动总结")
    assert [claim.kind for claim in by_subject.claims] == ["summary"]


def test_a_film_without_pictures_is_the_evidence_that_it_was_meant_to_be_and_music_is_nothing():
    deaf = Finding(code=Code.UNREADABLE, detail="没有画面")
    film = file("活动视频.mp4", Kind.OTHER, findings=(deaf,))
    assert [claim.kind for claim in placed(film, sender=UNIT_MAIL).claims] == ["evidence"]
    assert placed(file("背景音乐.mp3", Kind.OTHER), sender=UNIT_MAIL).claims == ()


def test_nothing_known_says_so_in_a_sentence():
    placement = placed(file("IMG_1.jpg"))
    assert reason(placement) == "附件未写明单位，发件人邮箱不在名册中"
    assert placement.unattributed.paths == ("2",)


def test_a_message_without_a_sender_is_placed_by_its_files():
    mail = message(file("附件2.docx", Kind.STATISTICS, unit_name=PRIMARY))
    nobody = replace(mail, envelope=replace(mail.envelope, header_from=None))
    assert units(place(nobody, ROSTER)) == {PRIMARY}
    assert units(PLACER.place(replace(nobody, items=(Item(path="2", extraction=file("1.jpg")),)))) == set()


def test_an_empty_roster_places_nothing():
    assert units(place(message(file("附件2.docx", Kind.STATISTICS, unit_name=PRIMARY)), Roster(()))) == set()


@given(
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(sorted(WAYS_TO_NAME)),
    st.sampled_from(sorted(WAYS_OF_MAIL)),
)
@settings(max_examples=150, deadline=None)
def test_a_mail_that_names_two_units_is_put_to_what_the_file_says_or_to_nobody(name, other, way, mail_way):
    facts = {key: text.format(other) for key, text in WAYS_OF_MAIL[mail_way].items()}
    assert units(placed(*WAYS_TO_NAME[way](name), **facts)) <= {name}


@given(st.permutations(["附件2.docx", "IMG_1.jpg", "IMG_2.jpg", "总结.docx"]))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_files_decides_nothing(names):
    files = [
        file(name, Kind.STATISTICS, unit_name=PRIMARY) if name.startswith("附件2") else file(name) for name in names
    ]
    assert units(placed(*files)) == {PRIMARY}
    assert placed(*files).unattributed is None


def test_placing_ten_long_files_is_quick():
    text = "为深入学习贯彻精神，各单位要认真组织，在直溪开展中心工作，由第一实验学校教师参加。\n" * 500
    files = [file(f"{number}.docx", Kind.PLAN, text=text) for number in range(10)]
    mail = message(*files)
    PLACER.place(mail)
    started = time.process_time()
    PLACER.place(mail)
    assert time.process_time() - started < 1


def test_a_venue_in_a_title_is_not_its_author():
    title = f"{CENTRE}关于在{PRIMARY}举办启动仪式的方案"
    assert units(placed(file("方案.docx", Kind.PLAN, title=title))) == {CENTRE}


def test_spaces_in_a_filename_set_a_persons_name_apart_but_not_a_places():
    assert units(placed(file("王芳 实验小学 统计表.docx", Kind.UNREADABLE))) == {"实验小学"}
    assert units(placed(file("西城 实验小学 统计表.docx", Kind.UNREADABLE))) == {"西城实验小学"}
    assert units(placed(file("滨湖 实验小学 统计表.docx", Kind.UNREADABLE))) == set()
    assert units(placed(file("朱林 第五中学 统计表.docx", Kind.UNREADABLE))) == set()


def test_subject_and_sender_together_are_more_than_a_filename():
    facts = {"sender": OTHER_MAIL, "subject": f"{OTHER}材料"}
    assert units(placed(file(f"{PRIMARY}.docx", Kind.UNREADABLE), **facts)) == set()
    with_form = placed(file("附件2.docx", Kind.STATISTICS, unit_name=PRIMARY), **facts)
    assert units(with_form) == {PRIMARY}
    assert OTHER_MAIL in next(f.detail for f in with_form.claims[0].findings if f.code is Code.UNIT_CONFLICT)
