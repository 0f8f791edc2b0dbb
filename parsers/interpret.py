"""From what a format parser saw to what the file is: forms, kind, title, units, findings.

A file may be several things: a plan with a filled 附件1 at its end is `plan` and also `schedule`. Empty templates count
only where the file holds nothing else: under a plan they are merely not filled, in the bureau's own notice they are the
bureau's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from parsers.classify import Verdict, classify_prose, form_by_name, kind_by_name
from parsers.content import Content, Paragraph, Table
from parsers.dates import years_named
from parsers.doubts import weighed
from parsers.form_reading import read_forms
from parsers.form_values import ReadForm, understand
from parsers.forms import SHAPES, split_labels, title_rank
from parsers.hidden_sheets import told_from_hidden
from parsers.raw_forms import RawForm
from parsers.titles import find_title, find_units
from parsers.unit_names import is_unit, without_numbering
from parsers.wording import tidy
from parsers.written_activities import with_tables
from rules.extraction import UNIT, Form, Kind
from rules.findings import Code, Finding

BODY_NAMES: Final = ("正文.txt", "正文.html")
PROSE_CELL_CHARS: Final = 40  # a longer cell of a table that is no form is running text
MIN_UNITS: Final = 2
LINES_OVER: Final = 3  # so near over its table stands whose form it is
MAX_FORMS: Final = 300
MAX_FINDINGS: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpretation:
    """What a file is, apart from what its format already says."""

    kind: Kind
    also: tuple[Kind, ...] = ()
    title: str = ""
    unit_names: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    findings: tuple[Finding, ...] = ()
    text: str = ""


def interpret(content: Content, name: str, *, text_chars: int) -> Interpretation:
    base_name = PurePosixPath(name).name
    blocks, told = told_from_hidden(content.blocks, base_name)
    lines = _lines(blocks)
    text = "\n".join(lines)[:text_chars]
    own_lines = _own_lines(blocks)
    title = content.title or find_title(own_lines)
    if content.kind is not None:
        return Interpretation(kind=content.kind, title=title, text=text)
    written = blocks
    unread: tuple[Finding, ...] = ()
    if content.read_by != "ocr":  # whose lines are not those of the sheet
        blocks, unread = with_tables(written, base_name)
    content = replace(content, blocks=blocks)
    forms = _forms(content, (title, base_name, text), base_name)
    verdict = _verdict(title, (blocks, written), forms, base_name)
    kept, dropped = _kept(forms, verdict)
    named = _named_form(content, base_name, title, is_listed=bool(unread))
    kind, also = _kinds(kept, verdict, content, base_name, named)
    return Interpretation(
        kind=kind,
        also=also,
        title=title,
        unit_names=find_units((read.form.unit_name for read in kept), *_own_words(own_lines, title, verdict, kept)),
        forms=tuple(read.form for read in _first(kept, kind)),
        findings=(*told, *unread, *_findings(kept, dropped, verdict, kind)),
        text=text,
    )


def _verdict(
    title: str, blocks_and_written: tuple[Sequence[Paragraph | Table], ...], forms: Sequence[ReadForm], name: str
) -> Verdict:
    """A plan that is a list of activities in the main is one by its name or title; then all of it is its text."""
    blocks, written = blocks_and_written
    verdict = classify_prose(title, _prose(blocks, forms), name, is_body=name in BODY_NAMES)
    if verdict.kind or verdict.is_notice or not (kind_by_name(title) or kind_by_name(name)):
        return verdict
    return classify_prose(title, _prose(written, ()), name, is_body=name in BODY_NAMES)


def _lines(blocks: Sequence[Paragraph | Table]) -> list[str]:
    """Paragraphs and cells, in order, each a line."""
    lines: list[str] = []
    for block in blocks:
        texts = [block.text] if isinstance(block, Paragraph) else [cell.text for cell in block.cells]
        lines.extend(line for text in texts if (line := tidy(text)))
    return lines


def _own_words(
    lines: Sequence[str], title: str, verdict: Verdict, forms: Sequence[ReadForm]
) -> tuple[Sequence[str], str]:
    """Where a document names whom it is from; a notice names the bureau, and that is no unit.

    Nor does a line over some of a form's activities say whose the form is.
    """
    if verdict.is_notice:
        return (), ""
    of_rows = {row.cells[UNIT] for read in forms for row in read.form.rows if UNIT in row.cells}
    return [line for line in lines if without_numbering(tidy(line)) not in of_rows], title


def _own_lines(blocks: Sequence[Paragraph | Table]) -> list[str]:
    """Where a document speaks of itself: paragraphs, and cells that are alone in their row."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            lines.append(block.text)
            continue
        filled = [cell for cell in block.cells if cell.text.strip()]
        in_row = Counter(cell.row for cell in filled)
        lines.extend(cell.text for cell in filled if in_row[cell.row] == 1)
    return lines


def _forms(content: Content, year_sources: Sequence[str], name: str) -> tuple[ReadForm, ...]:
    years = years_named(year_sources)
    raw_forms = _named_from_outside(read_forms(content.blocks, name=name)[:MAX_FORMS])
    forms = (understand(raw, years) for raw in raw_forms)
    return _once(weighed(form, content.blocks) if content.read_by == "ocr" else form for form in forms)


def _named_from_outside(forms: Sequence[RawForm]) -> Sequence[RawForm]:
    """Of the forms of several units the sheets' names, or a line over each, may be all that says whose they are."""
    names = [_name_over(raw) for raw in forms]
    if len(set(names)) < MIN_UNITS or "" in names or any(raw.fields.get("unit_name") for raw in forms):
        return forms
    return [
        replace(raw, fields=raw.fields | {"unit_name": name}, labels=raw.labels | {"unit_name"})
        for raw, name in zip(forms, names, strict=True)
    ]


def _name_over(raw: RawForm) -> str:
    lines = (without_numbering(tidy(line)) for line in (raw.sheet, *reversed(raw.context[-LINES_OVER:])))
    return next((line for line in lines if is_unit(line)), "")


def _once(forms: Iterable[ReadForm]) -> tuple[ReadForm, ...]:
    """A form that stands twice in a file, as a copy of its sheet does, would count its activities twice."""
    unique: list[ReadForm] = []
    for read in forms:
        if all(read.form != other.form for other in unique):
            unique.append(read)
    return tuple(unique)


def _prose(blocks: Sequence[Paragraph | Table], forms: Sequence[ReadForm]) -> list[str]:
    """Running text: paragraphs, and long cells of tables that are no form; no title or unit line of a form."""
    form_tables = {index for read in forms for index in read.raw.tables}
    prose: list[str] = []
    for index, block in enumerate(blocks):
        if isinstance(block, Paragraph):
            prose.append(tidy(block.text))
        elif index not in form_tables:
            prose.extend(tidy(cell.text) for cell in block.cells if len(cell.text) >= PROSE_CELL_CHARS)
    return [line for line in prose if line and not (forms and _is_form_line(line))]


def _is_form_line(line: str) -> bool:
    is_title = len(line) <= PROSE_CELL_CHARS and any(title_rank(shape, line) is not None for shape in SHAPES)
    return is_title or bool(split_labels(line)[1])


def _kept(forms: Sequence[ReadForm], verdict: Verdict) -> tuple[tuple[ReadForm, ...], tuple[ReadForm, ...]]:
    filled = tuple(read for read in forms if not read.form.is_empty)
    empty = tuple(read for read in forms if read.form.is_empty)
    if filled or verdict.kind or verdict.is_notice:
        return filled, empty
    return empty, ()


def _kinds(
    forms: Sequence[ReadForm], verdict: Verdict, content: Content, name: str, named: Kind | None
) -> tuple[Kind, tuple[Kind, ...]]:
    kinds = list(dict.fromkeys(([verdict.kind] if verdict.kind else []) + [read.form.form for read in forms]))
    if kinds:
        return kinds[0], tuple(kinds[1:])
    if named is not None and not verdict.is_notice:
        return named, ()
    if name in BODY_NAMES or not (content.blocks or content.embedded):
        return Kind.OTHER, ()
    return Kind.DOCUMENT, ()


def _named_form(content: Content, name: str, title: str, *, is_listed: bool) -> Kind | None:
    """The form that a file is by its name, or by the title of its list, where neither could be understood."""
    if is_listed and name not in BODY_NAMES:
        return form_by_name(name) or form_by_name(title)
    return form_by_name(name) if any(isinstance(block, Table) for block in content.blocks) else None


def _first(forms: Sequence[ReadForm], kind: Kind) -> list[ReadForm]:
    """The form that `kind` names stands first."""
    return sorted(forms, key=lambda read: read.form.form is not kind)


def _findings(
    kept: Sequence[ReadForm], dropped: Sequence[ReadForm], verdict: Verdict, kind: Kind
) -> tuple[Finding, ...]:
    findings = [finding for read in _first(kept, kind) for finding in read.findings]
    if verdict.kind is not None:
        findings.extend(
            Finding(code=Code.FIELD_MISSING, detail=f"文后的{read.raw.shape.name}是空表") for read in dropped
        )
    if not kept and kind in (Kind.SCHEDULE, Kind.STATISTICS):
        detail = "文件名是表格，但没能认出表中各栏，请人工核对"
        findings.append(Finding(code=Code.LOW_CONFIDENCE, detail=detail))
    return tuple(findings[:MAX_FINDINGS])
