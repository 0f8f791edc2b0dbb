"""What a corrected value means: numbers and dates follow its text, and the findings speak of what is still wrong."""

from __future__ import annotations

from datetime import date

from parsers.content import Cell, Paragraph, Table
from parsers.correcting import corrected
from parsers.doubts import weighed
from parsers.form_reading import read_forms
from parsers.form_values import understand
from rules.corrections import Corrections
from rules.extraction import Extraction, Kind
from rules.findings import Code, Finding

HEAD = ("序号", "活动主题", "活动地点", "活动时间", "参加人数")
ROWS = (
    ("1", "读书会", "图书馆", "2023年11月1日", "1Z0"),
    ("2", "讲座", "会议室", "11月7曰", "80"),
    ("合计", "", "", "", "200"),
)


def photographed(*rows: tuple[str, ...], doubtful: tuple[int, int] = (1, 4)) -> Extraction:
    """A form read from a picture, through the real reader; the cell at `doubtful` with little certainty."""
    cells = tuple(
        Cell(text=text, row=row, column=column, certainty=0.5 if (row, column) == doubtful else 0.99)
        for row, texts in enumerate((HEAD, *rows))
        for column, text in enumerate(texts)
    )
    table = Table(cells=cells, rows=len(rows) + 1, columns=5)
    blocks = (Paragraph(text="报送单位：某某小学", certainty=0.99), table)
    (raw,) = read_forms(blocks)
    read = weighed(understand(raw, None), blocks)
    return Extraction(
        file="附件1.jpg",
        media_type="image/jpeg",
        kind=Kind.SCHEDULE,
        title="2023年全民终身学习活动安排表",
        forms=(read.form,),
        read_by="ocr",
        findings=(Finding(code=Code.NOT_STAMPED, detail="未盖章"), *read.findings),
    )


def mended(extraction: Extraction, is_verified: bool = False, **values: str) -> Extraction:
    """`_1_attendance="120"` names the cell "1.attendance"."""
    keys = {key: key[1:].replace("_", ".", 1) if key.startswith("_") else key for key in values}
    named = {(0, keys[key]): value for key, value in values.items()}
    return corrected(extraction, Corrections(values=named, is_verified=is_verified))


def codes(extraction: Extraction) -> list[Code]:
    return [finding.code for finding in extraction.findings]


def test_a_corrected_number_is_read_anew_and_its_findings_go() -> None:
    read = photographed(*ROWS)
    assert read.forms[0].rows[0].attendance is None
    assert {Code.NUMBER_UNREADABLE, Code.LOW_CONFIDENCE} <= set(codes(read))

    seen = mended(read, _1_attendance="120人")

    assert seen.forms[0].rows[0].attendance == 120
    assert Code.NUMBER_UNREADABLE not in codes(seen)
    assert not any("人数" in finding.detail for finding in seen.findings if finding.code is Code.LOW_CONFIDENCE)
    assert Finding(code=Code.NOT_STAMPED, detail="未盖章") in seen.findings, "what is not about the text stays"
    assert read.forms[0].rows[0].attendance is None


def test_a_corrected_time_is_read_anew() -> None:
    seen = mended(photographed(*ROWS), _2_time="2023年11月7日")
    assert (seen.forms[0].rows[1].starts_on, seen.forms[0].rows[1].ends_on) == (date(2023, 11, 7), date(2023, 11, 7))


def test_a_correction_that_cannot_be_read_either_says_so() -> None:
    seen = mended(photographed(*ROWS), _1_attendance="若干")
    assert seen.forms[0].rows[0].attendance is None
    (finding,) = [one for one in seen.findings if one.code is Code.NUMBER_UNREADABLE]
    assert "若干" in finding.detail


def test_the_units_own_total_is_compared_with_the_corrected_rows() -> None:
    read = photographed(("1", "读书会", "图书馆", "2023年11月1日", "20"), *ROWS[1:])
    assert Code.TOTAL_MISMATCH in codes(read)
    assert Code.TOTAL_MISMATCH not in codes(mended(read, _1_attendance="120"))
    (finding,) = [one for one in mended(read, _1_attendance="30").findings if one.code is Code.TOTAL_MISMATCH]
    assert finding.detail.endswith("合计写的是200人，各行相加是110人")


def test_a_field_written_in_is_no_longer_missing() -> None:
    read = photographed(*ROWS)
    bare = corrected(read, Corrections(values={(0, "unit_name"): ""}))
    assert Code.FIELD_MISSING in codes(bare)
    assert Code.FIELD_MISSING not in codes(mended(bare, unit_name="某某小学"))


def test_a_verified_reading_is_certain_and_still_says_what_the_unit_did_wrong() -> None:
    read = photographed(*ROWS)
    seen = mended(read, is_verified=True)
    certainties = dict(seen.forms[0].certainties)
    assert certainties.pop("unit_name") == read.forms[0].certainties["unit_name"], (
        "it may still not outweigh the sender"
    )
    assert set(certainties.values()) == {1.0}
    assert Code.LOW_CONFIDENCE not in codes(seen)
    assert Code.NUMBER_UNREADABLE in codes(seen)


def test_words_about_what_the_form_does_not_have_change_nothing() -> None:
    read = photographed(*ROWS)
    assert corrected(read, Corrections(values={(0, "9.place"): "x", (3, "unit_name"): "y"})) == read
