from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO

from rich.console import Console

from report.message_view import message_as_json, print_message
from rules.claims import Claim, Evidence, Placement
from rules.extraction import Extraction, Kind, Link
from rules.findings import Code, Finding
from rules.messages import Address, Envelope, Item, ReceivedMessage
from rules.rereading import Difference, FileChange, Kept, Rereading
from store.kept import Location
from tests.report.builders import HOSTILE, ZONE, local, stray

PLAN = Extraction(
    file="儒林镇方案.docx",
    media_type="application/x",
    kind=Kind.PLAN,
    sha256="ab" * 32,
    size_bytes=20480,
    title="工作方案",
)
PICTURE = Extraction(
    file="1.jpg", media_type="image/jpeg", kind=Kind.PHOTO, findings=(Finding(code=Code.PHOTO_BLURRY),)
)
MESSAGE = ReceivedMessage(
    sha256="ef" * 32,
    received_at=local("10-28 09:12"),
    envelope=Envelope(
        message_id="<one@example.org>",
        header_from=Address(address="rulin@example.org", name="儒林镇"),
        subject="报送方案",
        sent_at=local("10-28 09:10"),
        to=(Address(address="desk@example.org"),),
        origins=(Envelope(message_id="<two@example.org>", header_from=None, subject="原始邮件"),),
    ),
    items=(
        Item(path="2", extraction=PLAN),
        Item(path="3/照片/1.jpg", extraction=PICTURE, folders=("照片.zip", "照片"), origin=0),
    ),
    links=(Link(url="https://example.org/x", provider="超大附件", filename="视频.mp4"),),
)
CLAIMED = Placement(
    claims=(
        Claim(
            unit="儒林镇社区教育中心",
            kind="plan",
            message_sha256="ef" * 32,
            message_id="<one@example.org>",
            received_at=local("10-28 09:12"),
            path="2",
            extraction=PLAN,
            evidence=(Evidence(source="filename", quote="儒林镇方案", unit="儒林镇社区教育中心", is_exact=False),),
            findings=(Finding(code=Code.UNVERIFIED_SENDER),),
        ),
    )
)
LOCATIONS = [
    Location(
        account="desk@example.org@imap.example.org",
        folder="垃圾邮件",
        uidvalidity=3,
        uid=17,
        internaldate=local("10-28 09:12"),
        is_imported=False,
    )
]


def printed(message=MESSAGE, placement=CLAIMED, locations=LOCATIONS, failure="") -> str:
    console = Console(file=StringIO(), width=110, color_system=None)
    print_message(message, placement, locations, ZONE, console, failure=failure)
    return console.file.getvalue()


def test_it_says_where_the_message_came_from_and_when():
    text = printed()
    assert "儒林镇 <rulin@example.org>" in text
    assert "垃圾邮件，UID 17，2023-10-28 09:12 到达" in text
    assert "2023-10-28 09:10（发件人所写，不作依据）" in text
    assert "—，主题“原始邮件”" in text


def test_an_imported_file_is_not_given_a_uid():
    text = printed(locations=[replace(LOCATIONS[0], is_imported=True, folder="材料.mbox")])
    assert "由文件导入（材料.mbox），按 2023-10-28 09:12 收到计" in text
    assert "UID" not in text


def test_a_message_that_failed_says_why():
    assert "未能处理：解析超时" in printed(placement=None, failure="解析超时")
    assert message_as_json(MESSAGE, None, [], ZONE, failure="解析超时")["failure"] == "解析超时"


def test_it_says_what_was_found_in_it():
    text = printed()
    assert "儒林镇方案.docx  工作方案  20.0 KB" in text
    assert "照片.zip/照片/1.jpg  照片" in text
    assert "· 照片模糊  有照片不够清晰。" in text
    assert "超大附件，视频.mp4，https://example.org/x" in text


def test_it_says_to_whom_each_file_was_put_and_on_what_evidence():
    text = printed()
    assert "儒林镇社区教育中心  工作方案  儒林镇方案.docx" in text
    assert "依据：文件名“儒林镇方案” → 儒林镇社区教育中心（近似）" in text
    assert "· 发件人未登记" in text


def test_it_says_why_a_message_was_put_to_nobody():
    unclear = printed(placement=Placement(unattributed=stray(paths=("2",))))
    assert "待认领  发件邮箱不在名册中，附件里写有两个单位。" in unclear
    assert "可能的单位：儒林镇社区教育中心、直溪镇中心小学" in unclear
    assert "材料：儒林镇方案.docx" in unclear
    assert "自动回复" in printed(placement=Placement(note="自动回复"))
    assert "没有报送材料" in printed(placement=Placement())
    assert "尚未处理" in printed(placement=None)


def test_the_same_facts_stand_in_the_json():
    seen = json.loads(json.dumps(message_as_json(MESSAGE, CLAIMED, LOCATIONS, ZONE)))
    assert seen["received_at"] == "2023-10-28T09:12:00+08:00"
    (location,) = seen["locations"]
    assert (location["folder"], location["uid"]) == ("垃圾邮件", 17)
    assert location["internaldate"] == "2023-10-28T09:12:00+08:00"
    assert [part["path"] for part in seen["parts"]] == ["2", "3/照片/1.jpg"]
    assert seen["parts"][0]["kind"] == "plan"
    assert seen["claims"][0]["unit"] == "儒林镇社区教育中心"
    assert seen["claims"][0]["evidence"][0]["exact"] is False
    assert seen["unattributed"] is None
    assert seen["origins"][0]["subject"] == "原始邮件"


def test_the_json_tells_unplaced_from_placed_nowhere():
    unplaced = message_as_json(MESSAGE, None, [], ZONE)
    assert unplaced["placed"] is False
    nowhere = message_as_json(MESSAGE, Placement(unattributed=stray()), [], ZONE)
    assert nowhere["placed"] is True
    assert nowhere["unattributed"]["parts"] == ["2", "3"]


def test_hostile_headers_stay_text():
    envelope = Envelope(message_id="<x>", header_from=Address(address="a@b", name=HOSTILE), subject=HOSTILE)
    text = printed(ReceivedMessage(sha256="0" * 64, received_at=local("10-28 09:12"), envelope=envelope))
    assert "[red]" in text
    assert "\x1b" not in text


def test_it_says_what_newer_parsers_read_otherwise_and_which_reading_stayed():
    change = FileChange(
        path="2",
        filename=HOSTILE,
        kept=Kept.SETTLED,
        differences=(
            Difference(aspect="statistics.2.place", before="", after=HOSTILE),
            Difference(aspect="schedule#2.rows", before="3", after="4"),
            Difference(aspect="stamped", before="", after="true"),
            Difference(aspect="findings", before="", after="photo_blurry: 模糊\nphoto_blurry: 模糊"),
        ),
    )
    rereading = Rereading(
        id=1,
        message_sha256=MESSAGE.sha256,
        message_id="<one@example.org>",
        subject="报送方案",
        received_at=MESSAGE.received_at,
        old_version=3,
        new_version=4,
        read_at=local("11-01 08:00"),
        change=change,
    )
    console = Console(file=StringIO(), width=400, color_system=None)
    print_message(MESSAGE, CLAIMED, LOCATIONS, ZONE, console, read_anew=[rereading])
    text = console.file.getvalue()
    assert "已经人工核对，保留原结果  识别程序 3 → 4，2023-11-01 08:00" in text
    assert "附件2 第2行活动地点：（空） → “" in text
    assert "附件1（第2张） 行数：3 → 4" in text
    assert "盖章：不能判断 → 已盖章" in text
    assert "问题：无 → 照片模糊\n" in text
    assert "\x1b" not in text
    (told,) = message_as_json(MESSAGE, CLAIMED, LOCATIONS, ZONE, read_anew=[rereading])["read_anew"]
    assert (told["kept"], told["old_version"], told["new_version"]) == ("settled", 3, 4)
