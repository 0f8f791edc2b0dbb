"""Which values of a form a person may correct, and what of several words about one counts."""

from __future__ import annotations

import pytest

from rules.corrections import Corrections, corrections_of, is_correctable, value_at, with_value
from rules.extraction import Form, FormRow, Kind
from rules.overruling import remembered_senders, standing
from tests.rules.cases import decision, moment

FORM = Form(
    form=Kind.SCHEDULE,
    fields={"unit_name": "某某小学"},
    rows=(FormRow(cells={"theme": "读书会", "place": "图书馆"}),),
    certainties={"unit_name": 0.6, "1.place": 0.5},
)


def said(number: int, action: str, **about: object):
    return decision(number, action, moment(11, number), **{"message_sha256": "ab" * 32, "path": "2"} | about)


@pytest.mark.parametrize(
    ("key", "is_so"),
    [
        ("unit_name", True),
        ("1.place", True),
        ("1.attendance", True),
        ("2.place", False),
        ("0.place", False),
        ("-1.place", False),
        ("１.place", False),
        ("1.leader_phone", False),
        ("leader_phone", False),
        ("", False),
        ("1.", False),
    ],
)
def test_only_what_the_form_has_a_place_for_can_be_corrected(key, is_so):
    assert is_correctable(FORM, key) is is_so


def test_a_corrected_value_is_certain_and_the_others_stay_as_they_were():
    mended = with_value(FORM, "1.place", "镇文化站")
    assert value_at(mended, "1.place") == "镇文化站"
    assert mended.rows[0].cells["theme"] == "读书会"
    assert mended.certainties == {"unit_name": 0.6, "1.place": 1.0}
    assert value_at(FORM, "1.place") == "图书馆", "the reading itself is never touched"


def test_a_value_that_was_not_read_at_all_can_be_written_in():
    assert value_at(FORM, "1.attendance") == ""
    assert value_at(with_value(FORM, "1.attendance", "120"), "1.attendance") == "120"


def test_the_newest_word_about_a_value_counts_and_one_taken_back_does_not():
    first = said(1, "correct", form_index=0, field="1.place", value="甲")
    second = said(2, "correct", form_index=0, field="1.place", value="乙")
    other = said(3, "correct", form_index=1, field="unit_name", value="丙")
    undo = decision(4, "undo", moment(11, 4), undoes=2)

    def read(*words):
        return corrections_of(standing(words, campaign_key=None, at=moment(11, 30)))

    assert read(first, second, other) == {"2": Corrections(values={(0, "1.place"): "乙", (1, "unit_name"): "丙"})}
    assert read(first, second, other, undo)["2"].values[0, "1.place"] == "甲"
    assert read(said(5, "verify")) == {"2": Corrections(values={}, is_verified=True)}


def test_of_two_words_about_an_address_the_newest_counts():
    words = [
        decision(1, "remember_sender", moment(11, 1), unit="甲校", value="Office@Example.org"),
        decision(2, "remember_sender", moment(11, 2), unit="乙校", value="office@example.org"),
    ]
    assert remembered_senders(words) == {"office@example.org": "乙校"}
    taken_back = [*words, decision(3, "undo", moment(11, 3), undoes=2)]
    assert remembered_senders(standing(taken_back, campaign_key=None, at=moment(11, 30))) == {
        "office@example.org": "甲校"
    }
