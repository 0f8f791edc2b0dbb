from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from report import words
from rules.assessment import Status
from rules.campaign import Deliverable, DeliverableKind
from rules.extraction import Kind
from rules.findings import Code, Finding
from tests.report.builders import AS_OF, CAMPAIGN, EXEMPTION, ZONE, due_at, local


def test_every_code_and_kind_and_status_has_words():
    assert set(words.FINDING_ZH) == set(Code)
    assert set(words.KIND_ZH) == set(Kind)
    assert set(words.DELIVERABLE_KIND_ZH) == set(DeliverableKind)
    assert set(words.SHAPES) == set(words.LEGEND) == set(Status)


def test_labels_are_short_and_mending_advice_is_a_sentence():
    for code, said in words.FINDING_ZH.items():
        assert len(said.label) <= 6, code
        assert said.mend.endswith("。"), code
        assert not said.sentence.endswith("。"), code


def test_shapes_are_one_column_wide_and_all_different():
    assert [cell_len(shape) for shape in words.SHAPES.values()] == [1] * len(Status)
    assert len(set(words.SHAPES.values())) == len(Status)


def test_a_finding_without_detail_speaks_in_the_words_of_its_code():
    assert words.finding_sentence(Finding(code=Code.FORM_EMPTY)) == "发来的是未填写的空白表。"
    assert words.finding_sentence(Finding(code=Code.FORM_EMPTY, detail="附件2是空表。")) == "附件2是空表。"


def test_a_due_moment_at_midnight_belongs_to_the_day_that_it_ends():
    assert words.due_text(due_at("plan"), ZONE) == "10月30日24时"
    assert words.due_day_text(due_at("plan"), ZONE) == "10-30"
    assert words.due_text(local("10-30 17:30"), ZONE) == "10月30日17:30"
    assert words.due_day_text(local("10-30 17:30"), ZONE) == "10-30"


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        ("10-23 12:00", "还有 7 天"),
        ("10-30 00:00", "今天截止"),
        ("10-30 23:59", "今天截止"),
        ("10-31 00:00", "今天截止"),
        ("10-31 00:01", "已截止 1 天"),
        ("11-23 08:00", "已截止 24 天"),
    ],
)
def test_the_countdown_counts_natural_days(as_of, said):
    moment = local(as_of)
    if as_of == "10-31 00:00":
        moment -= timedelta(microseconds=1)
    assert words.countdown_text(moment, due_at("plan"), ZONE) == said


def test_a_due_hour_that_passed_today_is_over_today():
    assert words.countdown_text(local("10-30 18:00"), local("10-30 17:00"), ZONE) == "今天已截止"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "—"), (0, 9, "0.0%"), (9, 9, "100%"), (2, 3, "66.6%"), (1, 2, "50.0%"), (9999, 10000, "99.9%")],
)
def test_a_rate_is_cut_and_says_100_only_of_all(part, whole, said):
    assert words.rate_text(part, whole) == said


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_no_rate_ever_exceeds_100(part, whole):
    said = words.rate_text(part, whole)
    assert said == "—" if whole == 0 else float(said.removesuffix("%")) <= 100


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 秒"), (59.6, "1 分"), (185, "3 分 5 秒"), (3600, "1 小时"), (7800, "2 小时 10 分"), (4 * 86400, "4 天")],
)
def test_durations_name_the_units_that_matter(seconds, said):
    assert words.duration_text(seconds) == said


@pytest.mark.parametrize(
    ("size", "said"), [(12, "12 字节"), (2048, "2.0 KB"), (5 << 20, "5.0 MB"), (3 << 30, "3.0 GB")]
)
def test_sizes_are_readable(size, said):
    assert words.size_text(size) == said


def test_a_decision_names_who_when_and_why():
    assert words.decision_text(EXEMPTION, ZONE) == "人工认定：免报（王科 10-20 09:00，理由：本年度停办）"


def test_moments_are_shown_in_the_zone_of_the_campaign():
    assert words.full_moment_text(AS_OF, ZONE) == "2023-11-23 08:00"
    assert words.moment_text(None, ZONE) == "—"


def test_two_deliverables_of_one_kind_keep_their_own_titles():
    first, *rest = CAMPAIGN.deliverables
    second = Deliverable(key="plan2", title="启动仪式方案", kind=DeliverableKind.PLAN, due=first.due)
    campaign = type(CAMPAIGN)(
        key="k", title="t", opens=CAMPAIGN.opens, closes=CAMPAIGN.closes, zone=ZONE, deliverables=(first, second, *rest)
    )
    titles = words.short_titles(campaign)
    assert titles["plan"] == first.title
    assert titles["plan2"] == "启动仪式方案"
    assert titles["summary"] == "活动总结"


def test_what_to_do_is_said_once():
    asking = Finding(code=Code.NOT_STAMPED, detail="照片中未见公章，请盖章后重新拍照补报")
    assert words.mending(asking) == ""
    assert words.mending(Finding(code=Code.NOT_STAMPED, detail="")).startswith("请在纸质表上盖章")
    of_request = Finding(code=Code.FORM_EMPTY, detail="“关于申请经费的请示.docx”中的表格未填写")
    assert words.mending(of_request) == words.FINDING_ZH[Code.FORM_EMPTY].mend
