from __future__ import annotations

from dataclasses import replace

import pytest

from rules.assessment import Status
from rules.claims import Claim
from rules.extraction import Extraction, Form, Kind
from rules.findings import Code
from tests.rules.cases import (
    EVIDENCE,
    PLAN,
    SCHEDULE,
    STATISTICS,
    SUMMARY,
    claim,
    codes,
    details,
    empty_form,
    filled_form,
    finding,
    moment,
    stamped_photo,
    standing_of,
)

NO_STAMP = replace(STATISTICS, is_stamp_required=False)
ELECTRONIC = "电子表格看不出公章，请将纸质稿盖章后拍照补报"
PHOTOGRAPHED = "照片中未见公章，请盖章后重新拍照补报"


@pytest.mark.parametrize("deliverable", [PLAN, SCHEDULE, NO_STAMP, SUMMARY], ids=lambda one: one.key)
def test_one_good_file_completes(deliverable):
    assessment = standing_of(deliverable, [claim(deliverable.kind, moment(10, 20))])
    assert (assessment.status, codes(assessment), assessment.parts) == (Status.ON_TIME, [], {})


@pytest.mark.parametrize("deliverable", [SCHEDULE, NO_STAMP], ids=lambda one: one.key)
@pytest.mark.parametrize("code", [Code.FORM_EMPTY, Code.FORM_WRONG, Code.UNREADABLE, Code.LINK_ONLY])
def test_a_form_with_a_blocking_finding_does_not_complete(deliverable, code):
    assessment = standing_of(deliverable, [claim(deliverable.kind, moment(10, 20), code)])
    assert (assessment.status, codes(assessment)) == (Status.INCOMPLETE, [code.value])


def test_a_form_that_says_that_nothing_was_held_completes_and_is_shown_to_a_person():
    assessment = standing_of(SCHEDULE, [claim("schedule", moment(10, 20), Code.NIL_RETURN)])
    assert (assessment.status, codes(assessment)) == (Status.ON_TIME, ["nil_return"])
    assert assessment.needs_review


@pytest.mark.parametrize("code", [Code.FIELD_MISSING, Code.NUMBER_UNREADABLE, Code.TOTAL_MISMATCH])
def test_a_form_with_a_remark_completes_and_shows_it(code):
    assessment = standing_of(SCHEDULE, [claim("schedule", moment(10, 20), code)])
    assert (assessment.status, codes(assessment)) == (Status.ON_TIME, [code.value])


def unopened(number: int, *, media_type: str = "image/jpeg", folder: str = "") -> Claim:
    extraction = Extraction(
        file=f"{folder}{number}.jpg",
        media_type=media_type,
        kind=Kind.UNREADABLE,
        findings=(finding(Code.UNREADABLE, "文件损坏，无法打开"),),
    )
    return claim("summary", moment(10, 20), extraction=extraction, path=str(number))


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([unopened(1)], "“1.jpg”：文件损坏，无法打开"),
        ([unopened(1, folder="照片/"), unopened(2)], "“1.jpg”、“2.jpg”：文件损坏，无法打开"),
        ([unopened(n) for n in range(1, 6)], "“1.jpg”、“2.jpg”、“3.jpg”等 5 个文件：文件损坏，无法打开"),
        ([unopened(1, media_type="message/rfc822")], "文件损坏，无法打开"),
    ],
    ids=["one", "in a folder", "many", "a whole mail"],
)
def test_what_could_not_be_opened_is_named(files, told):
    assert details(standing_of(SUMMARY, files)) == [told]


def test_a_document_that_only_carries_the_photographed_form_raises_no_doubt_beside_it():
    picture = Extraction(
        file="image1.jpg", media_type="image/jpeg", kind=Kind.STATISTICS, forms=(filled_form(Kind.STATISTICS),)
    )
    document = Extraction(file="附件2盖章.docx", media_type="x", kind=Kind.DOCUMENT)
    sent = [
        claim("statistics", moment(10, 20), extraction=document, path="2"),
        claim("statistics", moment(10, 20), extraction=picture, form_index=0, path="2/image1.jpg"),
    ]
    assessment = standing_of(NO_STAMP, sent)
    assert (assessment.status, codes(assessment), assessment.needs_review) == (Status.ON_TIME, [], False)


def test_what_is_wrong_with_a_form_does_not_touch_the_plan_that_it_stands_in():
    extraction = Extraction(
        file="方案.docx",
        media_type="x",
        kind=Kind.PLAN,
        also=(Kind.SCHEDULE,),
        forms=(empty_form(Kind.SCHEDULE),),
        findings=(finding(Code.FORM_EMPTY), finding(Code.PHOTO_BLURRY), finding(Code.CONVERSION)),
    )
    plan = standing_of(PLAN, [claim("plan", moment(10, 20), extraction=extraction)])
    schedule = standing_of(SCHEDULE, [claim("schedule", moment(10, 20), extraction=extraction, form_index=0)])
    assert (plan.status, codes(plan)) == (Status.ON_TIME, ["conversion"])
    assert (schedule.status, codes(schedule)) == (Status.INCOMPLETE, ["form_empty", "conversion"])


def test_a_finding_about_the_claim_itself_counts_for_every_kind():
    of_last_year = replace(claim("plan", moment(10, 20)), findings=(finding(Code.FORM_WRONG, "2022年的方案"),))
    assert details(standing_of(PLAN, [of_last_year])) == ["2022年的方案"]


def test_of_two_forms_in_one_file_only_the_one_that_says_so_reports_nothing_held():
    nothing = Form(form=Kind.SCHEDULE, fields={"unit_name": "青禾小学"}, nothing_held="无")
    extraction = Extraction(
        file="附件.docx",
        media_type="x",
        kind=Kind.SCHEDULE,
        also=(Kind.STATISTICS,),
        forms=(nothing, filled_form(Kind.STATISTICS)),
        findings=(finding(Code.NIL_RETURN),),
    )
    both = [
        claim(kind, moment(10, 20), extraction=extraction, form_index=index)
        for index, kind in enumerate(("schedule", "statistics"))
    ]
    assert codes(standing_of(SCHEDULE, both)) == ["nil_return"]
    assert codes(standing_of(NO_STAMP, both)) == []


def test_of_two_forms_in_one_file_only_the_unfilled_one_is_empty():
    extraction = Extraction(
        file="附件.docx",
        media_type="x",
        kind=Kind.SCHEDULE,
        also=(Kind.STATISTICS,),
        forms=(filled_form(Kind.SCHEDULE), empty_form(Kind.STATISTICS)),
        findings=(finding(Code.FORM_EMPTY),),
    )
    schedule = standing_of(SCHEDULE, [claim("schedule", moment(10, 20), extraction=extraction, form_index=0)])
    statistics = standing_of(NO_STAMP, [claim("statistics", moment(10, 20), extraction=extraction, form_index=1)])
    assert schedule.status is Status.ON_TIME
    assert (statistics.status, codes(statistics)) == (Status.INCOMPLETE, ["form_empty"])


def test_a_form_file_without_a_form_that_was_read_waits_for_a_look():
    seen = Extraction(file="附件1.jpg", media_type="image/jpeg", kind=Kind.SCHEDULE, read_by="ocr")
    assessment = standing_of(SCHEDULE, [claim("schedule", moment(10, 20), extraction=seen)])
    assert (assessment.status, codes(assessment), assessment.needs_review) == (Status.ON_TIME, ["low_confidence"], True)


def test_a_doubt_that_the_parser_raised_is_not_raised_twice():
    seen = Extraction(
        file="附件1.jpg",
        media_type="image/jpeg",
        kind=Kind.SCHEDULE,
        findings=(finding(Code.LOW_CONFIDENCE, "看不清"),),
    )
    assert details(standing_of(SCHEDULE, [claim("schedule", moment(10, 20), extraction=seen)])) == ["看不清"]


def test_an_electronic_form_alone_says_that_a_photo_with_the_stamp_is_wanted():
    assessment = standing_of(STATISTICS, [claim("statistics", moment(11, 10))])
    assert (assessment.status, codes(assessment), details(assessment)) == (
        Status.INCOMPLETE,
        ["not_stamped"],
        [ELECTRONIC],
    )


def test_a_photographed_form_without_stamp_says_that_none_was_seen():
    assessment = standing_of(STATISTICS, [stamped_photo(moment(11, 10), stamped=False)])
    assert (codes(assessment), details(assessment)) == (["not_stamped"], [PHOTOGRAPHED])


def test_a_stamped_photo_is_form_and_stamp_in_one():
    assessment = standing_of(STATISTICS, [stamped_photo(moment(11, 10), stamped=True)])
    assert (assessment.status, codes(assessment)) == (Status.ON_TIME, [])


def test_form_and_stamp_may_come_apart_and_complete_when_the_second_is_there():
    form = claim("statistics", moment(11, 10), name="附件2.xlsx")
    stamp = stamped_photo(moment(11, 18), stamped=True, findings=(Code.UNREADABLE,))
    for sent in (
        [form, stamp],
        [replace(form, received_at=moment(11, 18)), replace(stamp, received_at=moment(11, 10))],
    ):
        assessment = standing_of(STATISTICS, sent)
        assert (assessment.complete_at, assessment.received_at) == (moment(11, 18), moment(11, 10))
        assert (assessment.status, codes(assessment)) == (Status.ON_TIME, [])
        assert {one.filename for one in assessment.sources} == {"附件2.xlsx", "附件2.jpg"}


def test_a_stamp_that_comes_after_the_due_moment_makes_it_late():
    sent = [claim("statistics", moment(11, 10)), stamped_photo(moment(11, 22), stamped=True)]
    assessment = standing_of(STATISTICS, sent)
    assert (assessment.status, assessment.days_late) == (Status.LATE, 2)


def test_a_stamp_without_a_form_that_can_be_read_does_not_complete():
    stamp = stamped_photo(moment(11, 10), stamped=True, findings=(Code.UNREADABLE,))
    assert codes(standing_of(STATISTICS, [stamp])) == ["unreadable"]


def test_a_photographed_copy_beside_the_electronic_form_raises_no_doubts_of_reading():
    form = claim("statistics", moment(11, 10), name="附件2.xlsx")
    copy = stamped_photo(moment(11, 10), stamped=True, findings=(Code.LOW_CONFIDENCE, Code.NUMBER_UNREADABLE))
    together = standing_of(STATISTICS, [form, copy])
    assert (together.status, codes(together), together.needs_review) == (Status.ON_TIME, [], False)
    alone = standing_of(STATISTICS, [copy])
    assert (codes(alone), alone.needs_review) == (["low_confidence", "number_unreadable"], True)


def test_a_copy_beside_an_electronic_form_that_cannot_be_opened_keeps_its_doubts():
    locked = claim("statistics", moment(11, 10), Code.ENCRYPTED)
    copy = stamped_photo(moment(11, 10), stamped=True, findings=(Code.FORM_EMPTY, Code.LOW_CONFIDENCE))
    together = standing_of(STATISTICS, [locked, replace(copy, message_sha256=locked.message_sha256)])
    assert codes(together) == ["encrypted", "form_empty", "low_confidence"]


def test_all_good_files_of_the_newest_message_are_its_version():
    first = claim("plan", moment(10, 18), name="旧方案.docx")
    plan = claim("plan", moment(10, 20), name="方案.docx", path="2")
    ceremony = claim("plan", moment(10, 20), name="启动仪式方案.docx", path="3")
    broken = claim("plan", moment(10, 20), Code.UNREADABLE, name="坏.docx", path="4")
    assessment = standing_of(PLAN, [first, plan, ceremony, broken])
    assert [one.filename for one in assessment.sources] == ["方案.docx", "启动仪式方案.docx"]
    assert codes(assessment) == []


def test_a_parser_is_not_heard_on_what_only_the_deliverable_can_ask():
    assessment = standing_of(PLAN, [claim("plan", moment(10, 20), Code.NOT_STAMPED, Code.PHOTO_COUNT)])
    assert (assessment.status, codes(assessment)) == (Status.ON_TIME, [])


def test_a_locked_archive_that_may_hold_anything_is_its_units_to_send_again():
    locked = Extraction(
        file="材料.zip",
        media_type="application/zip",
        kind=Kind.UNREADABLE,
        findings=(finding(Code.ENCRYPTED, "文件设有密码，无法打开"),),
    )
    for deliverable in (SUMMARY, EVIDENCE):
        assessment = standing_of(deliverable, [claim(None, moment(11, 10), extraction=locked)])
        assert (assessment.status, assessment.needs_review) == (Status.INCOMPLETE, False)
        assert details(assessment) == ["“材料.zip”：文件设有密码，无法打开"]
