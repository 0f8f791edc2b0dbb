"""Whole pages through the reader: each costs seconds, so that there are few."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import numpy as np
import pypdfium2
import pytest
from PIL import Image

from ingest.samples import media
from parsers.doubts import TRUSTED
from parsers.paper.gate import may_be_form
from parsers.read import read_file
from rules.extraction import Extraction, Form, Kind
from rules.findings import Code
from tests.parsers.paper_forms import (
    SCHEDULE_ROWS,
    STATISTICS_FIELDS,
    STATISTICS_ROWS,
    UNIT,
    Shot,
    in_dark_mode,
    jpeg,
    photographed,
    schedule_page,
    side_by_side,
    statistics_page,
)


def read(data: bytes, folder: Path, name: str = "照片.jpg") -> Extraction:
    path = folder / "file"
    path.write_bytes(data)
    return read_file(path, name)


def form_of(extraction: Extraction) -> Form:
    assert extraction.form is not None
    return extraction.form


@pytest.fixture(scope="module")
def statistics(tmp_path_factory: pytest.TempPathFactory) -> Extraction:
    """附件2, curled and tilted, stamped and signed."""
    shot = Shot(curl=0.01, size=(2400, 3200))
    return read(jpeg(photographed(statistics_page(), shot)), tmp_path_factory.mktemp("paper"))


def test_a_photographed_form_is_read_whole(statistics: Extraction) -> None:
    assert statistics.kind is Kind.STATISTICS
    form = form_of(statistics)
    assert {name: text for name, text in form.fields.items() if name != "supervisor"} == {
        "unit_name": UNIT,
        **STATISTICS_FIELDS,
    }
    names = ("time", "activity", "content", "place", "attendance")
    assert tuple(tuple(row.cells[name] for name in names) for row in form.rows) == STATISTICS_ROWS


def test_a_photographed_form_is_no_photo_and_says_how_it_was_read(statistics: Extraction) -> None:
    assert statistics.photo is None
    assert statistics.read_by == "ocr"
    assert statistics.confidence is not None
    assert statistics.confidence > 0.9


def test_seal_and_signature_are_seen(statistics: Extraction) -> None:
    assert statistics.stamped is True
    assert statistics.signed is True
    assert f"（印章）{UNIT}" in statistics.text


def test_every_value_has_its_certainty_and_its_place_in_the_picture(statistics: Extraction) -> None:
    form = form_of(statistics)
    assert form.certainties["leader_phone"] > 0.9
    assert form.certainties["4.place"] > 0.9
    place = form.places["1.attendance"]
    assert 0 < place.left < place.right < 2400
    assert 0 < place.top < place.bottom < 3200
    assert place.top < form.places["2.attendance"].top


def test_a_sheet_that_lies_sideways_and_has_no_seal_is_read_too(tmp_path: Path) -> None:
    shot = Shot(turn=1, size=(1800, 2400))
    extraction = read(jpeg(photographed(schedule_page(), shot)), tmp_path)
    assert extraction.kind is Kind.SCHEDULE
    assert extraction.stamped is False
    form = form_of(extraction)
    assert form.unit_name == UNIT
    names = ("index", "theme", "place", "time", "attendance")
    assert tuple(tuple(row.cells[name] for name in names) for row in form.rows) == SCHEDULE_ROWS


def test_a_scanned_pdf_is_read_and_an_unsigned_form_is_told(tmp_path: Path) -> None:
    extraction = read(scanned_pdf(statistics_page(is_stamped=False, is_signed=False)), tmp_path, "附件2.pdf")
    assert extraction.kind is Kind.STATISTICS
    assert (extraction.stamped, extraction.signed) == (False, False)
    assert form_of(extraction).fields["leader_email"] == STATISTICS_FIELDS["leader_email"]
    assert extraction.members == ()
    assert Code.UNREADABLE not in {finding.code for finding in extraction.findings}


@pytest.mark.parametrize("seed", range(6))
def test_a_crowd_under_a_banner_is_not_even_looked_at_twice(seed: int) -> None:
    assert not may_be_form(np.asarray(media.scene(seed, (1024, 768))))


def scanned_pdf(page: Image.Image) -> bytes:
    """A page that is one picture, as scanners make them."""
    document = pypdfium2.PdfDocument.new()
    picture = pypdfium2.PdfImage.new(document)
    picture.load_jpeg(io.BytesIO(jpeg(page)))
    picture.set_matrix(pypdfium2.PdfMatrix().scale(595, 842))
    sheet = document.new_page(595, 842)
    sheet.insert_obj(picture)
    sheet.gen_content()
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


# --- what else arrives ------------------------------------------------------------------------------------------------


def test_a_blank_template_photographed_is_told_to_be_empty(tmp_path: Path) -> None:
    seen = read(jpeg(photographed(statistics_page(is_stamped=False, is_signed=False, is_filled=False))), tmp_path)
    assert Code.FORM_EMPTY in {finding.code for finding in seen.findings}


def test_a_form_cut_off_at_the_edge_of_the_photograph_is_for_a_person(tmp_path: Path) -> None:
    whole = photographed(statistics_page(), Shot(size=(2400, 3200)))
    seen = read(jpeg(whole.crop((0, 0, 1900, 3200))), tmp_path)
    assert Code.LOW_CONFIDENCE in {finding.code for finding in seen.findings}
    assert seen.kind is not Kind.PHOTO


def test_a_screenshot_of_a_form_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    statistics_page().save(buffer, "PNG")
    form = form_of(read(buffer.getvalue(), tmp_path, "Screenshot_2023.png"))
    assert len(form.rows) == len(STATISTICS_ROWS)
    assert form.unit_name == UNIT


def test_two_forms_in_one_photograph_are_both_read(tmp_path: Path) -> None:
    seen = read(jpeg(side_by_side(statistics_page(), schedule_page())), tmp_path)
    assert [form.form for form in seen.forms] == [Kind.STATISTICS, Kind.SCHEDULE]
    assert [form.unit_name for form in seen.forms] == [UNIT, UNIT]
    assert [len(form.rows) for form in seen.forms] == [len(STATISTICS_ROWS), len(SCHEDULE_ROWS)]
    assert (seen.stamped, seen.signed) == (True, True)
    assert seen.forms[0].places["1.time"].right < 2000 < seen.forms[1].places["1.time"].left


def test_a_form_on_a_phone_in_dark_mode_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    in_dark_mode(schedule_page()).resize((1080, 1527), Image.Resampling.LANCZOS).save(buffer, "PNG")
    form = form_of(read(buffer.getvalue(), tmp_path, "Screenshot_2023.png"))
    assert [row.cells["theme"] for row in form.rows] == [row[1] for row in SCHEDULE_ROWS]


def test_a_scanned_form_with_dashed_rules_is_read_as_one_with_whole_ones(tmp_path: Path) -> None:
    seen = read(jpeg(schedule_page(dashes=(12, 8))), tmp_path)
    names = ("index", "theme", "place", "time", "attendance")
    assert tuple(tuple(row.cells[name] for name in names) for row in form_of(seen).rows) == SCHEDULE_ROWS
    assert Code.LOW_CONFIDENCE not in {finding.code for finding in seen.findings}


def test_a_photographed_form_set_in_a_letter_is_read(tmp_path: Path) -> None:
    letter = docx.Document()
    letter.add_paragraph("附件2见下图。")
    letter.add_picture(io.BytesIO(jpeg(photographed(statistics_page(), Shot(size=(1800, 2400))))))
    buffer = io.BytesIO()
    letter.save(buffer)
    seen = read(buffer.getvalue(), tmp_path, "材料.docx")
    forms = [one.form for one in (seen, *seen.members) if one.form is not None]
    assert [form.fields["organizer"] for form in forms] == [STATISTICS_FIELDS["organizer"]]
    (form,) = forms
    assert form.unit_name == UNIT or form.certainties["unit_name"] < TRUSTED  # 某某 in small print may become one
    assert not any(one.kind is Kind.PHOTO for one in seen.members)
