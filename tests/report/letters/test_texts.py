from __future__ import annotations

from pathlib import Path

import pytest

from report.letters.samples import letter_samples
from report.letters.texts import LETTERS, LetterTexts

SAMPLES = list(letter_samples())


def problems(folder: Path) -> list[str]:
    return [str(problem).replace(str(folder), "") for problem in LetterTexts(folder).problems(SAMPLES)]


def first(letter: str) -> dict[str, object]:
    return dict(next(variables for name, variables in SAMPLES if name == letter))


def test_there_is_a_sample_of_every_letter():
    assert {name for name, _ in SAMPLES} == set(LETTERS)


@pytest.mark.parametrize("number", range(len(SAMPLES)))
def test_every_shipped_letter_is_short_and_whole_in_both_forms(number):
    letter, variables = SAMPLES[number]
    for seed in ("a", "b", "c"):
        written = LetterTexts().write(letter, variables, seed=seed)
        lines = written.text.split("\n")
        assert written.subject.startswith("【")
        assert "\n\n\n" not in written.text
        assert all(line == line.rstrip() for line in lines)
        assert "{" not in f"{written.subject}{written.text}{written.html}".replace("{{", "{")
        assert written.html.startswith("<!DOCTYPE html>")
        if letter != "receipt":  # a receipt has a line for every file
            assert len(lines) <= 16, written.text


def test_the_subjects_of_different_letters_begin_differently():
    marks = {name: LetterTexts().write(name, dict(variables), seed="x").subject[:6] for name, variables in SAMPLES}
    assert len(set(marks.values())) == len(LETTERS) - 2, "the three alarms share their mark"


def test_wordings_differ_between_letters_and_not_between_two_writings_of_one():
    texts = LetterTexts()
    variables = first("reminder_ahead")
    written = [texts.write("reminder_ahead", variables, seed=str(seed)) for seed in range(40)]
    assert texts.write("reminder_ahead", variables, seed="7") == written[7]
    assert len({one.text for one in written}) >= 20


def test_text_and_html_of_one_letter_use_the_same_wording():
    texts = LetterTexts()
    for seed in range(10):
        written = texts.write("reminder_ahead", first("reminder_ahead"), seed=str(seed))
        greeting = next(line for line in written.text.split("\n") if line.startswith("您好"))
        assert greeting[:6] in written.html


def test_what_strangers_wrote_is_inert_in_html():
    variables = first("receipt") | {"subject": "<script>alert(1)</script>", "salutation": "<b>x</b>"}
    written = LetterTexts().write("receipt", variables, seed="x")
    assert "<script>" not in written.html
    assert "<b>x</b>" not in written.html
    alarm = LetterTexts().write("alarm_loop", first("alarm_loop") | {"address": "<i>@example.org"}, seed="x")
    assert "<i>" not in alarm.html


def test_a_bureau_replaces_one_text_and_the_shipped_html_no_longer_contradicts_it(tmp_path):
    (tmp_path / "reminder_ahead.txt.j2").write_text("{{ salutation }}：\n请按时报送。\n", encoding="utf-8")
    texts = LetterTexts(tmp_path)
    assert texts.problems(SAMPLES) == ()
    written = texts.write("reminder_ahead", first("reminder_ahead"), seed="x")
    assert written.text.endswith("：\n请按时报送。\n")
    assert "请按时报送。" in written.html
    assert "<ol" not in written.html
    other = texts.write("reminder_started", first("reminder_started"), seed="x")
    assert "<ol" in other.html


def test_all_problems_of_replaced_templates_are_found_at_once(tmp_path):
    (tmp_path / "reminder_ahead.txt.j2").write_text("{{ saluation }}", encoding="utf-8")
    (tmp_path / "reminder_overdue.subject.j2").write_text("{% if x %}", encoding="utf-8")
    (tmp_path / "receipt.html.j2").write_text("{% for file in files %}{{ file.hash }}{% endfor %}", encoding="utf-8")
    (tmp_path / "recept.txt.j2").write_text("", encoding="utf-8")
    found = problems(tmp_path)
    assert len(found) == 4, found
    assert any("/reminder_ahead.txt.j2: cannot be filled in: 'saluation' is undefined" in one for one in found)
    assert any(one.startswith("/reminder_overdue.subject.j2: line 1:") for one in found)
    assert any("/receipt.html.j2" in one and "hash" in one for one in found)
    assert any(one.startswith("/recept.txt.j2: is no letter; there are:") for one in found)


def test_a_variable_that_only_a_rare_variant_uses_is_found(tmp_path):
    text = "{{ salutation }}{% if copied_to %}{{ copy_to }}{% endif %}"
    (tmp_path / "reminder_overdue.txt.j2").write_text(text, encoding="utf-8")
    assert problems(tmp_path) == ["/reminder_overdue.txt.j2: cannot be filled in: 'copy_to' is undefined"]


def test_a_broken_frame_is_found_in_the_letters_that_use_it(tmp_path):
    (tmp_path / "_frame.html.j2").write_text("{% block body %}{% endblock %}{{ burau.name }}", encoding="utf-8")
    assert any("'burau' is undefined" in one for one in problems(tmp_path))


def test_a_folder_that_is_none_is_said(tmp_path):
    assert problems(tmp_path / "no") == [": letters.folder: is not a folder"]


def test_a_template_can_reach_nothing_outside_its_variables(tmp_path):
    (tmp_path / "digest.txt.j2").write_text("{{ campaign.__class__.__mro__ }}", encoding="utf-8")
    assert any("unsafe" in one for one in problems(tmp_path))


def test_a_template_that_is_being_edited_while_the_program_runs_counts_from_the_next_start_on(tmp_path):
    own = tmp_path / "alarm_loop.txt.j2"
    own.write_text("{{ address }} 不再答复。", encoding="utf-8")
    texts = LetterTexts(tmp_path)
    assert texts.problems(SAMPLES) == ()
    own.write_text("{{ adress", encoding="utf-8")
    assert "不再答复。" in texts.write("alarm_loop", first("alarm_loop"), seed="x").text
    assert LetterTexts(tmp_path).problems(SAMPLES) != ()
