from __future__ import annotations

from datetime import datetime

import pytest

from rules.expiring_links import expiring, link_finding
from rules.extraction import Extraction, Kind, Link
from tests.rules.cases import AFTER_ALL, EVIDENCE, ZONE, claim, codes, details, moment, photos, standing_of

URL = "https://mail.qq.com/cgi-bin/ftnExs_download?k=1"


def link(expires_at: str = "", valid_days: int | None = None) -> Link:
    return Link(url=URL, provider="QQ邮箱超大附件", filename="开幕式.mp4", expires_at=expires_at, valid_days=valid_days)


def days_left(at: datetime, expires_at: str = "", valid_days: int | None = None) -> int | None:
    return expiring(link(expires_at, valid_days), sent_at=moment(11, 1), at=at, zone=ZONE).days_left


@pytest.mark.parametrize(
    ("expires_at", "at", "days"),
    [
        ("2023-11-27T21:59", moment(11, 24), 3),
        ("2023-11-27T21:59", moment(11, 26, 23, 59), 1),
        ("2023-11-27T21:59", moment(11, 27, 21, 58), 0),
        ("2023-11-27T21:59", moment(11, 27, 21, 59), -1),
        ("2023-11-27T21:59", moment(12, 1), -4),
        ("2023-11-27", moment(11, 27, 23, 59), 0),
        ("2023-11-27", moment(11, 28, 0, 0), -1),
        ("", moment(11, 27), None),
        ("soon", moment(11, 27), None),
    ],
)
def test_days_are_counted_by_the_calendar(expires_at, at, days):
    assert days_left(at, expires_at) == days


def test_days_of_validity_run_from_when_the_mail_came():
    assert days_left(moment(11, 3), valid_days=7) == 5
    assert days_left(moment(11, 9), valid_days=7) == -1


def linked(expires_at: str, received_at: datetime) -> object:
    sent = link(expires_at)
    seen = Extraction(
        file="开幕式.mp4", media_type="text/uri-list", kind=Kind.OTHER, links=(sent,), findings=(link_finding(sent),)
    )
    return claim("evidence", received_at, extraction=seen, path="链接1")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (moment(11, 24), "云附件链接还有 3 天到期"),
        (moment(11, 27), "云附件链接今天到期"),
        (moment(12, 10), "云附件链接已过期"),
    ],
)
def test_the_report_of_a_moment_says_how_long_the_link_lasts_from_then_on(at, said):
    assessment = standing_of(EVIDENCE, [linked("2023-11-27T21:59", moment(11, 13))], at=at)
    assert codes(assessment) == ["link_only"]
    assert said in details(assessment)[0]
    assert [one.text for one in assessment.links] == [said]


def test_who_sent_the_files_afterwards_is_not_told_of_the_link():
    sent = [linked("2023-11-27", moment(11, 13)), *photos(range(5), moment(11, 14))]
    assessment = standing_of(EVIDENCE, sent, at=AFTER_ALL)
    assert (assessment.links, codes(assessment)) == ((), [])


def test_the_code_that_the_link_asks_for_stands_behind_it():
    sent = Link(url="https://pan.baidu.com/s/1a", provider="百度网盘", access_code="ab12")
    assert "https://pan.baidu.com/s/1a，提取码 ab12" in link_finding(sent).detail
