"""What a notice asks for is found whole, with the right day; what is not certain is told."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from parsers.notices import Asked, Notice, read_notice
from rules.campaign import DeliverableKind

TODAY = date(2026, 9, 1)
SIGNED = "\n某某区教育局\n2023年10月12日\n"
ANNOUNCED = "关于举办某某区2023-2024年度全民终身学习活动的通知"
REAL_WORDING = (
    "各地、各单位要结合实际，制订好活动周工作方案（含启动仪式方案），连同活动周主要活动安排表（附件1），于10月30日前报送科室"
    "（只需发电子邮件，邮箱为： box@example.com）。\n"
    "为确保质量，各单位务必于11月20日前将《某某区活动周活动情况统计表》（附件2）发送至科室。"
    "组委会将根据各单位上报的活动方案，协调安排现场察看。\n"
    "活动结束后，各单位应及时做好总结工作，并将活动总结和五张反映活动的照片或活动记录视频（不超过3分钟）于11月20日前上报。"
    f"{SIGNED}附件1:\n主要活动安排表\n附件2:\n活动情况统计表\n注：此表纸质稿盖章拍照后于2023年11月20日前发至邮箱（box@example.com）。"
)


def read(text: str, title: str = ANNOUNCED) -> Notice:
    return read_notice(title, text, today=TODAY)


def at(hour: int, minute: int) -> datetime:
    """On 20 November; the campaign's zone is the reader's business."""
    return datetime.combine(date(2023, 11, 20), time(hour, minute))


def due(text: str) -> dict[str, date | datetime]:
    return {one.kind.value: one.due for one in read(text + SIGNED).asked}


def test_a_notice_as_they_are_written_is_read_whole():
    notice = read(REAL_WORDING)
    assert (notice.title, notice.issued_on) == ("某某区2023-2024年度全民终身学习活动", date(2023, 10, 12))
    assert (notice.mailboxes, notice.doubts) == (("box@example.com",), ())
    assert {one.kind.value: (one.title, one.due) for one in notice.asked} == {
        "plan": ("活动周工作方案（含启动仪式方案）", date(2023, 10, 30)),
        "schedule": ("活动周主要活动安排表（附件1）", date(2023, 10, 30)),
        "statistics": ("某某区活动周活动情况统计表（附件2）", date(2023, 11, 20)),
        "summary": ("活动总结", date(2023, 11, 20)),
        "evidence": ("", date(2023, 11, 20)),
    }
    by_kind: dict[DeliverableKind, Asked] = {one.kind: one for one in notice.asked}
    assert [one.kind.value for one in notice.asked if one.is_stamped] == ["statistics"]
    evidence = by_kind[DeliverableKind.EVIDENCE]
    assert (evidence.photos, evidence.video_minutes) == (5, 3)
    assert evidence.quote.startswith("活动结束后")


def test_lines_that_a_pdf_has_broken_are_sentences_again():
    broken = "\n".join(REAL_WORDING[start : start + 30] for start in range(0, 180, 30)) + REAL_WORDING[180:]
    assert {one.kind for one in read(broken).asked} == {one.kind for one in read(REAL_WORDING).asked}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请于11月20日前报送活动总结。", {"summary": date(2023, 11, 20)}),
        ("请于2023年11月20日（周一）之前报送活动总结。", {"summary": date(2023, 11, 20)}),
        ("请于11月底前报送活动总结。", {"summary": date(2023, 11, 30)}),
        ("请于１１月２０日以前报送活动总结。", {"summary": date(2023, 11, 20)}),
        ("请于11月20日下午5点前报送活动总结。", {"summary": at(17, 0)}),
        ("请于11月20日上午9点半前报送活动总结。", {"summary": at(9, 30)}),
        ("请于11月20日17:00前报送活动总结。", {"summary": at(17, 0)}),
        ("活动总结报送截止时间为11月20日。", {"summary": date(2023, 11, 20)}),
        ("活动总结报送截止时间：11月20日（周一）17:00。", {"summary": at(17, 0)}),
        ("请于11月20日晚12点前报送活动总结。", {"summary": date(2023, 11, 20)}),
        ("请于11月20日24:00前报送活动总结。", {"summary": date(2023, 11, 20)}),
        ("请于11月20日上午12点前报送活动总结。", {"summary": at(12, 0)}),
        ("请于1月10日前报送活动总结。", {"summary": date(2024, 1, 10)}),
        ("10月30日前报送方案，11月20日前报送总结。", {"plan": date(2023, 10, 30), "summary": date(2023, 11, 20)}),
        ("将方案于10月30日前报送，总结于11月20日前报送。", {"plan": date(2023, 10, 30), "summary": date(2023, 11, 20)}),
        (
            "请于11月20日前将以下材料发至邮箱：\n1.活动总结；\n2.活动照片5张；\n3.统计表。\n请各单位认真撰写方案。",
            {"summary": date(2023, 11, 20), "evidence": date(2023, 11, 20), "statistics": date(2023, 11, 20)},
        ),
        ("1.工作方案：10月30日前\n2.活动总结：11月20日前", {"plan": date(2023, 10, 30), "summary": date(2023, 11, 20)}),
        ("各校要制订方案，及时总结。", {}),
        ("活动于11月20日前后举行，请做好方案。", {}),
    ],
)
def test_the_last_day_of_each_material(text, expected):
    assert due(text) == expected


def test_a_number_in_a_list_is_no_part_of_the_name():
    assert read(f"1.某区活动实施方案（含经费）：10月30日前{SIGNED}").asked[0].title == "某区活动实施方案（含经费）"


def test_of_two_sentences_about_one_material_the_first_counts_and_the_other_is_told():
    notice = read(f"请于10月30日前报送方案。各校方案10月31日前由镇汇总。再次提醒：10月30日前报送方案。{SIGNED}")
    assert [one.due for one in notice.asked] == [date(2023, 10, 30)]
    told = "another day for plan, 2023-10-31, which is not in the draft: 各校方案10月31日前由镇汇总"
    assert notice.doubts == (told,)


@pytest.mark.parametrize(
    ("words", "photos"),
    [
        ("五张照片", 5),
        ("照片8张", 8),
        ("活动照片（不少于8张，jpg格式）", 8),
        ("照片至少三张", 3),
        ("3-5张照片", 3),
        ("照片三至五张", 3),
        ("照片若干", None),
    ],
)
def test_so_many_photos_as_will_do(words, photos):
    assert read(f"请于11月20日前报送{words}。{SIGNED}").asked[0].photos == photos


def test_a_number_of_the_year_is_part_of_the_name():
    assert read(f"请于11月20日前报送2023年工作总结。{SIGNED}").asked[0].title == "2023年工作总结"


@pytest.mark.parametrize(
    "vague", ["请于11月中旬前报送活动总结。", "请于下周五前报送活动总结。", "请于2月30日前报送活动总结。"]
)
def test_a_day_that_is_not_certain_is_told_and_not_guessed(vague):
    notice = read(vague + SIGNED)
    assert notice.asked == ()
    assert [doubt for doubt in notice.doubts if vague[:-1] in doubt]


def test_the_end_of_the_office_day_is_told_as_what_it_is_taken_for():
    notice = read("请于11月20日下班前报送活动总结。" + SIGNED)
    assert notice.asked[0].due == at(17, 30)
    assert notice.doubts == ("下班前 is taken for 17:30: 请于11月20日下班前报送活动总结",)


@pytest.mark.parametrize(
    ("title", "year"), [("关于开展读书活动的通知", 2026), ("关于开展2023-2024年度读书活动的通知", 2023)]
)
def test_a_notice_without_a_date_is_doubted(title, year):
    notice = read("请于11月20日前报送活动总结。", title)
    assert notice.asked[0].due == date(year, 11, 20)
    assert notice.doubts == ("the notice bears no date of its own; check the years",)


def test_a_day_before_the_notice_is_doubted():
    notice = read("请于1月10日前报送活动总结。\n某某区教育局\n2023年6月1日\n")
    assert notice.doubts == ("2023-01-10 is before the notice's own date: 请于1月10日前报送活动总结",)
