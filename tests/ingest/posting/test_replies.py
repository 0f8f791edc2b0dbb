"""The answers that providers are known to give, and what each is to lead to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ingest.posting.replies import Course, Reply, meaning_of

MINUTES_2, MINUTES_15, HOUR = timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "course", "wait"),
    [
        ("553 Mail from must equal authorized user", Course.HALT, None),
        ("501 mail from address must be same as authorization user", Course.HALT, None),
        ("554 DT:SUM 126 smtp2,DMmowAA3,1400000000 http://mail.163.com/help/help_spam_16.htm", Course.HALT, None),
        ("535 Error: authentication failed", Course.HALT, None),
        ("535 Login Fail. Please enter your authorization code to login.", Course.HALT, None),
        ("550 User has no permission: too much fail authentication", Course.HALT, None),
        ("554 DT:SPM 163 smtp9,D8CowABnNgk", Course.NEVER, None),
        ("554 MI:SPB 163 smtp", Course.NEVER, None),
        ("451 DT:SPM 163 smtp, please try again", Course.AGAIN, MINUTES_2),
        ("451 MI:SFQ 163 smtp", Course.AGAIN, MINUTES_15),
        ("451 RP:QRC 163 smtp", Course.AGAIN, MINUTES_15),
        ("554 MI:STC 163 smtp", Course.TOMORROW, None),
        ("550 MI:STC 163 smtp", Course.TOMORROW, None),
        ("550 RP:TRC 163 smtp", Course.TOMORROW, None),
        ("550 Daily sending limit exceeded", Course.TOMORROW, None),
        ("550 RP:RCL 163 smtp", Course.NEVER, None),
        ("421 HL:REP 163 smtp", Course.AGAIN, timedelta(minutes=30)),
        ("421 HL:ICC 163 smtp", Course.AGAIN, timedelta(minutes=30)),
        ("554 HL:IPB 163 smtp", Course.AGAIN, HOUR),
        ("550 Ip frequency limited. http://service.mail.qq.com", Course.AGAIN, HOUR),
        ("550 Connection frequency limited", Course.AGAIN, HOUR),
        ("550 MI:SPF 163 smtp", Course.HALT, None),
        ("552 Illegal Attachment", Course.NEVER, None),
        ("552 Requested mail action aborted: exceeded mailsize limit", Course.NEVER, None),
        ("553 Local user only", Course.NEVER, None),
        ("550 5.1.1 <a@b.c>: Recipient address rejected: User unknown", Course.NEVER, None),
        ("550 Mailbox not found or access denied", Course.NEVER, None),
        ("552 5.2.2 mailbox full", Course.NEVER, None),
        ("452 4.2.2 The email account is over quota", Course.AGAIN, HOUR),
        ("421 4.3.2 Service not available", Course.AGAIN, MINUTES_15),
        ("450 4.2.0 greylisted", Course.AGAIN, timedelta(minutes=5)),
        ("599 anything else", Course.NEVER, None),
    ],
)
def test_each_refusal_leads_to_its_course(said: str, course: Course, wait: timedelta | None) -> None:
    code, _, text = said.partition(" ")
    meaning = meaning_of(Reply(code=int(code), text=text))

    assert meaning.course is course
    assert meaning.wait == (wait or timedelta(0))
    assert meaning.advice


@pytest.mark.parametrize(
    ("said", "is_about_recipient"),
    [
        ("550 User unknown", True),
        ("550 5.1.1 no such user", True),
        ("552 5.2.2 over quota", True),
        ("554 DT:SPM", False),
        ("550 Ip frequency limited", False),
        ("599 no", False),
    ],
)
def test_only_what_an_address_is_to_blame_for_counts_against_it(said: str, is_about_recipient: bool) -> None:
    code, _, text = said.partition(" ")
    assert meaning_of(Reply(code=int(code), text=text)).is_about_recipient is is_about_recipient
