"""A unit's page, purely: what counts and why, what a person changed, what is no longer said."""

from __future__ import annotations

from dataclasses import replace

from report.cells import cell_of, shortfall_text
from report.form_sheet import sheet_of
from report.history import history_of
from report.unit_view import Mail, files_of, recipients_text, unit_view, why_text
from rules.assessment import Assessment, Status
from rules.claims import Decision, Evidence
from rules.extraction import Extraction, Form, FormRow, Kind, Photo, Place
from rules.findings import Code, Finding
from rules.judging import judge
from rules.messages import Address, Envelope, Item, ReceivedMessage
from rules.roster import Roster, Unit
from store.messages import StoredPart
from tests.report.builders import CAMPAIGN, local
from tests.rules.cases import PLAN_DUE
from tests.rules.cases import claim as a_claim

SCHOOL = Unit(name="直溪镇中心小学", category="学校", emails=("school@example.org",))
AT = local("11-23 09:00")
FORM = Form(
    form=Kind.SCHEDULE,
    fields={"unit_name": "某校"},
    rows=(FormRow(cells={"theme": "读书会", "place": "图书馆"}, attendance=None),),
    certainties={"unit_name": 0.95, "1.place": 0.4},
    places={"1.place": Place(left=1, top=2, right=3, bottom=4, page=1)},
)


def mail(number: int, at: str, *files: Extraction, kinds=("plan",), findings=()) -> Mail:
    sha256 = f"{number:064x}"
    received = local(at)
    items = tuple(Item(path=str(n), extraction=file) for n, file in enumerate(files, start=2))
    envelope = Envelope(message_id=f"<{number}>", subject="材料", header_from=Address(address="school@example.org"))
    claims = tuple(
        replace(
            a_claim(kind, received),
            unit=SCHOOL.name,
            message_sha256=sha256,
            path=item.path,
            extraction=item.extraction,
            form_index=0 if item.extraction.forms else None,
            evidence=(Evidence(source="sender", quote="school@example.org", unit=SCHOOL.name, is_exact=True),),
            findings=tuple(findings),
        )
        for item in items
        for kind in kinds
    )
    parts = tuple(
        StoredPart(path=item.path, filename=item.filename, declared_type="", sha256="ab" * 32, size_bytes=1)
        for item in items
    )
    message = ReceivedMessage(sha256=sha256, received_at=received, envelope=envelope, items=items)
    return Mail(message=message, parts=parts, claims=claims)


def document(name: str, *findings: Finding, **more) -> Extraction:
    return Extraction(file=name, media_type="application/pdf", kind=Kind.PLAN, findings=findings, **more)


def shown(*mails: Mail, decisions=()):
    claims = [claim for one in mails for claim in one.claims]
    report = judge(CAMPAIGN, Roster((SCHOOL,)), claims, decisions, at=AT, mail_read_until=AT)
    return unit_view(report.units[0], CAMPAIGN, at=AT, mails=mails, decisions=decisions)


def material(view, key: str):
    return next(one for one in view.deliverables if one.key == key)


def decision(number: int, action: str, **about) -> Decision:
    return Decision(id=number, action=action, author="王科", reason="", decided_at=local("11-20 09:00"), **about)


def test_the_newest_good_version_counts_and_the_first_decides_the_time():
    view = shown(mail(1, "10-28 09:00", document("旧.pdf")), mail(2, "11-02 09:00", document("新.pdf")))
    plan = material(view, "plan")
    assert [(one.file.name, one.verdict) for one in plan.arrivals] == [("新.pdf", "计入"), ("旧.pdf", "未计入")]
    assert plan.why == "2023-10-28 09:00 报齐，截止时间为10月30日24时，按时。"
    assert [line.sha256[-1] for line in view.mails] == ["2", "1"]
    assert view.mails[0].brought == ("工作方案",)


def test_what_did_not_come_is_said_for_each_material():
    view = shown()
    assert next(one.why for one in view.deliverables) == "截止时间（10月30日24时）已过，没有收到任何材料。"
    assert all(one.arrivals == () for one in view.deliverables)


def test_what_may_wait_to_be_claimed_is_not_said_to_be_missing():
    open_still = Assessment(status=Status.MISSING, due_at=PLAN_DUE, may_have_come=True)
    assert why_text(open_still, CAMPAIGN) == "截止时间（10月30日24时）已过，有来件待认领，其中可能就有这项材料。"
    cell = cell_of(open_still, campaign_due_at=PLAN_DUE, zone=CAMPAIGN.zone)
    assert cell.notes == ("有来件待认领",)
    assert shortfall_text(cell) == "有来件待认领，其中可能就有这项材料，截止时间为10月30日24时。"


def test_what_was_sent_back_or_accepted_says_so():
    bad = mail(1, "10-28 09:00", document("方案.pdf", Finding(code=Code.ENCRYPTED)))
    about = {"message_sha256": bad.message.sha256, "path": "2"}
    assert material(shown(bad), "plan").arrivals[0].verdict == "已收，待补正"
    accepted = shown(bad, decisions=[decision(1, "accept", **about)])
    assert material(accepted, "plan").arrivals[0].verdict == "认定合格"
    back = shown(bad, decisions=[decision(1, "reject", **about)])
    assert material(back, "plan").arrivals[0].verdict == "已退回"
    assert [entry.what for entry in back.history] == ["退回"]


def test_a_repeated_photo_does_not_count():
    def photo(name: str, bits: str) -> Extraction:
        seen = Photo(width=4, height=3, perceptual_hash=bits)
        return Extraction(file=name, media_type="image/jpeg", kind=Kind.PHOTO, sha256=name, photo=seen)

    photos = photo("甲.jpg", "0" * 16), photo("乙.jpg", "f" * 16), photo("甲的副本.jpg", "0" * 16)
    view = shown(mail(1, "11-18 09:00", *photos, kinds=("evidence",)))
    evidence = material(view, "evidence")
    assert [(one.file.name, one.counts) for one in evidence.photos] == [
        ("甲.jpg", True),
        ("乙.jpg", True),
        ("甲的副本.jpg", False),
    ]
    assert evidence.photos[2].verdict == "重复，不计"


def test_mail_that_came_later_than_the_moment_asked_for_is_not_shown():
    assert shown(mail(1, "11-25 09:00", document("方案.pdf"))).mails == ()


def test_decisions_taken_back_stand_in_the_history():
    made = [
        decision(1, "extend", unit=SCHOOL.name, deliverable="plan", until=local("11-06 00:00")),
        decision(2, "undo", undoes=1),
        decision(3, "exempt", unit="另一校"),
    ]
    view = shown(decisions=made)
    assert [(entry.what, entry.is_standing) for entry in view.history] == [
        (f"撤销：延期：{SCHOOL.name}，活动周工作方案（含启动仪式方案），至 11月5日24时", False),
        (f"延期：{SCHOOL.name}，活动周工作方案（含启动仪式方案），至 11月5日24时", False),
    ]


def test_a_correction_says_what_it_changed():
    (entry,) = history_of([decision(1, "correct", field="3.place", value="镇文化站")], CAMPAIGN, at=AT)
    assert entry.what == "更正识别：第3行活动地点改为“镇文化站”"


def test_a_value_shows_how_certain_it_is_where_it_stands_and_what_was_corrected():
    file = next(
        iter(
            files_of(
                mail(1, "10-28 09:00", document("附件1.pdf")).message,
                mail(1, "10-28 09:00", document("附件1.pdf")).parts,
            ).values()
        )
    )
    mended = replace(FORM, rows=(FormRow(cells={"theme": "读书会", "place": "图书室"}),))
    sheet = sheet_of(file, 0, FORM)
    assert [value.key for value in sheet.doubtful] == ["1.place"]
    assert (sheet.doubtful[0].sure, sheet.pages) == ("可信度 40%", (1,))
    assert sheet_of(file, 0, FORM, is_doubted=False).doubtful == ()
    (changed,) = [value for value in sheet_of(file, 0, mended, FORM).values if value.is_corrected]
    assert (changed.text, changed.read_as, changed.label) == ("图书室", "图书馆", "第1行活动地点")


def test_of_many_recipients_the_first_stand_there_and_their_number():
    many = [Address(address=f"t{number}@example.com") for number in range(200)]
    assert recipients_text(many[:2]) == "t0@example.com；t1@example.com"
    assert recipients_text(many).endswith("t9@example.com 等 200 人")
