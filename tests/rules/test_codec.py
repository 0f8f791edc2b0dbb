from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rules.codec import envelope_as_json, envelope_from_json, extraction_as_json, extraction_from_json
from rules.extraction import FORM_COLUMNS, FORM_FIELDS, Extraction, Form, FormRow, Kind, Link, Photo, Place, Video
from rules.findings import Code, Finding
from rules.messages import Address, Envelope

short = st.text(max_size=8)
numbers = st.none() | st.integers(0, 10**6)
days = st.none() | st.dates()
FORMS = st.sampled_from([Kind.SCHEDULE, Kind.STATISTICS])


def _rows(kind: Kind) -> st.SearchStrategy[FormRow]:
    columns = st.sampled_from([*FORM_COLUMNS[kind], "备注"])
    return st.builds(
        FormRow,
        cells=st.dictionaries(columns, short),
        attendance=numbers,
        starts_on=days,
        ends_on=days,
    )


edges = st.integers(0, 9000)
places = st.builds(Place, left=edges, top=edges, right=edges, bottom=edges, page=st.integers(0, 60))


def _forms(kind: Kind) -> st.SearchStrategy[Form]:
    return st.builds(
        Form,
        form=st.just(kind),
        fields=st.dictionaries(st.sampled_from(FORM_FIELDS[kind]), short),
        rows=st.lists(_rows(kind), max_size=3).map(tuple),
        mobilization_attendance=numbers if kind is Kind.STATISTICS else st.none(),
        certainties=st.dictionaries(short, st.floats(0, 1), max_size=3),
        places=st.dictionaries(short, places, max_size=3),
    )


findings = st.builds(Finding, code=st.sampled_from(Code), detail=short)
links = st.builds(
    Link,
    url=short,
    provider=short,
    filename=short,
    size_text=short,
    expires_at=short,
    quoted_from=short,
    valid_days=numbers,
)
photos = st.builds(
    Photo,
    width=st.integers(1, 9000),
    height=st.integers(1, 9000),
    taken_at=st.none() | st.datetimes(),
    perceptual_hash=short,
    content_id=short,
)
videos = st.builds(
    Video,
    seconds=st.none() | st.floats(0, 9000),
    width=numbers,
    height=numbers,
    codec=st.none() | short,
    content_id=short,
)


def _extractions(members: st.SearchStrategy[Any]) -> st.SearchStrategy[Extraction]:
    return st.builds(
        Extraction,
        file=short,
        media_type=short,
        kind=st.sampled_from(Kind),
        sha256=short,
        size_bytes=st.integers(0, 2**40),
        title=short,
        unit_names=st.lists(short, max_size=2).map(tuple),
        forms=st.lists(FORMS.flatmap(_forms), max_size=2).map(tuple),
        stamped=st.none() | st.booleans(),
        signed=st.none() | st.booleans(),
        read_by=st.sampled_from(["structure", "ocr"]),
        confidence=st.none() | st.floats(0, 1),
        also=st.lists(st.sampled_from(Kind), max_size=2).map(tuple),
        photo=st.none() | photos,
        video=st.none() | videos,
        members=members,
        links=st.lists(links, max_size=2).map(tuple),
        findings=st.lists(findings, max_size=2).map(tuple),
        text=short,
    )


extractions = _extractions(st.lists(_extractions(st.just(())), max_size=2).map(tuple))

addresses = st.builds(Address, address=short, name=short)


def _envelopes(origins: st.SearchStrategy[Any]) -> st.SearchStrategy[Envelope]:
    return st.builds(
        Envelope,
        message_id=short,
        header_from=st.none() | addresses,
        subject=short,
        sent_at=st.none() | st.datetimes(timezones=st.just(UTC)),
        reply_to=st.none() | addresses,
        to=st.lists(addresses, max_size=2).map(tuple),
        is_automatic=st.booleans(),
        automatic_reason=short,
        origins=origins,
        is_guessed=st.booleans(),
    )


envelopes = _envelopes(st.lists(_envelopes(st.just(())), max_size=2).map(tuple))

STATISTICS = Extraction(
    file="附件2.jpg",
    media_type="image/jpeg",
    kind=Kind.STATISTICS,
    forms=(
        Form(
            form=Kind.STATISTICS,
            fields=dict.fromkeys(FORM_FIELDS[Kind.STATISTICS], "") | {"mobilization_attendance": "约120人"},
            rows=(
                FormRow(
                    cells={
                        "time": "11月12日",
                        "activity": "讲座",
                        "content": "",
                        "place": "社区",
                        "attendance": "一百二十",
                    },
                    attendance=120,
                    starts_on=date(2023, 11, 12),
                    ends_on=date(2023, 11, 12),
                ),
            ),
            mobilization_attendance=120,
        ),
    ),
    stamped=True,
    findings=(Finding(code=Code.UNREADABLE, detail="打不开"), Finding(code=Code.PHOTO_BLURRY)),
    text="全文",
)


@given(extractions)
def test_an_extraction_comes_back_from_json_as_it_was(extraction):
    text = json.dumps(extraction_as_json(extraction, with_text=True))
    assert extraction_from_json(json.loads(text)) == extraction


@given(envelopes)
def test_an_envelope_comes_back_from_json_as_it_was(envelope):
    assert envelope_from_json(json.loads(json.dumps(envelope_as_json(envelope)))) == envelope


@given(extractions)
def test_every_key_of_the_contract_is_always_there(extraction):
    seen = extraction_as_json(extraction)
    contract = (
        "file media_type kind title unit_names form stamped signed read_by confidence also photo video members links "
        "findings"
    )
    assert list(seen)[: len(contract.split())] == contract.split()
    for form in seen["forms"]:
        assert set(FORM_FIELDS[Kind(form["form"])]) <= set(form["fields"])
        for row in form["rows"]:
            assert {*FORM_COLUMNS[Kind(form["form"])], "starts_on", "ends_on"} <= set(row)


def test_numbers_stand_under_their_key_and_the_text_as_written_beside_them():
    form = extraction_as_json(STATISTICS)["form"]
    assert form["form"] == "statistics"
    assert form["fields"]["mobilization_attendance"] == 120
    assert form["fields"]["mobilization_attendance_text"] == "约120人"
    assert form["rows"] == [
        {
            "time": "11月12日",
            "activity": "讲座",
            "content": "",
            "place": "社区",
            "attendance": 120,
            "attendance_text": "一百二十",
            "starts_on": "2023-11-12",
            "ends_on": "2023-11-12",
        }
    ]


def test_a_number_that_cannot_be_read_is_null_and_never_zero():
    row = FormRow(cells={"attendance": "若干"})
    form = Form(form=Kind.SCHEDULE, fields={}, rows=(row,))
    seen = extraction_as_json(Extraction(file="a", media_type="b", kind=Kind.SCHEDULE, forms=(form,)))["form"]["rows"][
        0
    ]
    assert seen["attendance"] is None
    assert seen["attendance_text"] == "若干"


def test_a_column_that_the_table_does_not_have_is_empty_and_named_as_absent():
    row = FormRow(cells={"theme": "讲座", "place": "", "time": "", "attendance": ""})
    form = Form(form=Kind.SCHEDULE, fields={"unit_name": "儒林镇"}, rows=(row,))
    seen = extraction_as_json(Extraction(file="a", media_type="b", kind=Kind.SCHEDULE, forms=(form,)))["form"]
    assert seen["rows"][0]["index"] == ""
    assert seen["rows"][0]["absent"] == ["index"]
    assert "absent" not in seen


def test_a_finding_says_whether_it_blocks():
    assert extraction_as_json(STATISTICS)["findings"] == [
        {"code": "unreadable", "blocking": True, "detail": "打不开"},
        {"code": "photo_blurry", "blocking": False, "detail": ""},
    ]


def test_the_text_of_a_file_and_of_what_is_inside_is_left_out_unless_asked_for():
    outer = Extraction(
        file="a.zip", media_type="application/zip", kind=Kind.ARCHIVE, members=(STATISTICS,), text="名单"
    )
    assert "text" not in extraction_as_json(outer)
    assert "text" not in extraction_as_json(outer)["members"][0]
    assert extraction_as_json(outer, with_text=True)["members"][0]["text"] == "全文"
    assert extraction_from_json(extraction_as_json(outer)).members[0].text == ""


def test_a_photo_and_a_video_have_the_keys_of_the_contract():
    photo = Photo(width=4, height=3, taken_at=datetime(2023, 11, 12, 9, 30), perceptual_hash="00ff00ff00ff00ff")  # noqa: DTZ001 - EXIF has no zone
    video = Video(seconds=12.5, width=640, height=480, codec="h264")
    seen = extraction_as_json(Extraction(file="a", media_type="b", kind=Kind.PHOTO, photo=photo, video=video))
    assert seen["photo"] == {
        "width": 4,
        "height": 3,
        "taken_at": "2023-11-12T09:30:00",
        "perceptual_hash": "00ff00ff00ff00ff",
    }
    assert seen["video"] == {"seconds": 12.5, "width": 640, "height": 480, "codec": "h264"}


def test_an_envelope_that_was_stored_before_threads_were_kept_is_still_read():
    stored = envelope_as_json(Envelope(message_id="<1@example.org>", header_from=None, subject="方案"))
    for name in ("cc", "in_reply_to", "references"):
        del stored[name]
    assert envelope_from_json(stored) == Envelope(message_id="<1@example.org>", header_from=None, subject="方案")
