from __future__ import annotations

import httpx
from sqlalchemy import select

from rules.rereading import Difference, FileChange, Kept
from store import rereadings
from store.models import MessageRow


def test_what_was_read_otherwise_is_listed_with_the_mail_it_came_in(own_desk):
    assert "没有变化" in httpx.get(f"{own_desk.url}/rereadings").text
    with own_desk.desk.store.writing() as session:
        sha256 = session.scalars(select(MessageRow.sha256)).first()
        changes = [
            FileChange(
                path="2",
                filename="附件2<b>.jpg",
                differences=(
                    Difference(aspect="stamped", before="false", after="true"),
                    Difference(aspect="statistics.2.place", before="广埸", after="广场"),
                ),
            ),
            FileChange(path="3", filename="总结.doc", differences=(), kept=Kept.WORSE),
        ]
        old = rereadings.Outdated(sha256=sha256, parser_version=1)
        rereadings.record(session, old, changes, parser_version=2, read_at=own_desk.desk.now())

    page = httpx.get(f"{own_desk.url}/rereadings").text

    assert "盖章：未盖章 → 已盖章" in page
    assert "附件2 第2行活动地点：“广埸” → “广场”" in page
    assert "新结果较差，保留原结果" in page
    assert "附件2&lt;b&gt;.jpg" in page
    assert f"/messages/{sha256}" in page


def test_long_lists_go_on_on_further_pages(own_desk):
    with own_desk.desk.store.writing() as session:
        sha256 = session.scalars(select(MessageRow.sha256)).first()
        old = rereadings.Outdated(sha256=sha256, parser_version=1)
        changes = [FileChange(path=str(number), filename=f"{number}号.doc", differences=()) for number in range(51)]
        rereadings.record(session, old, changes, parser_version=2, read_at=own_desk.desk.now())

    first = httpx.get(f"{own_desk.url}/rereadings").text
    older = first.split('class="pager"><a href="')[1].split('"')[0]

    assert ">0号.doc<" not in first
    assert ">0号.doc<" in httpx.get(own_desk.url + older).text
