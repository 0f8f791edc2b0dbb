"""What a sheet says, and several sheets of one picture told as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from parsers.content import Paragraph, Table
from parsers.form_reading import read_forms
from parsers.paper.continuing import goes_on_elsewhere, with_columns_of
from parsers.paper.labels import unit_labelled
from rules.extraction import Kind
from rules.findings import Code, Finding

_MIXED: Final = Finding(code=Code.LOW_CONFIDENCE, detail="同一画面中有几张表，有的没有看到印章，请人工核对")
_GOES_ON: Final = Finding(code=Code.LOW_CONFIDENCE, detail="后面还有像是表格续页的活动，没有计入，请对照原件核对")
_UNREAD: Final = Finding(
    code=Code.LOW_CONFIDENCE, detail="同一画面中还有表格没有识别出来，请人工核对，或请对方单独重拍"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What a sheet says. `is_form`: one of our forms was found on it; `labels`: so many of its labels were."""

    blocks: tuple[Paragraph | Table, ...]
    is_form: bool
    labels: int = 0
    stamped: bool | None = None
    signed: bool | None = None
    confidence: float | None = None
    findings: tuple[Finding, ...] = ()


def told_as_one(sheets: Sequence[Sheet | None]) -> Sheet | None:
    """All sheets of a picture, in the order in which they lie; None stands for one without legible text.

    What is no form, nor goes on with one, is left out, and named for a person. Without any form the sheet with the
    most of its labels stands for all.
    """
    legible = [sheet for sheet in sheets if sheet is not None]
    used = _used(legible)
    if not used:
        return max(legible, key=lambda sheet: sheet.labels, default=None)
    forms = [sheet for sheet in used if sheet.is_form]
    asked = [sheet for sheet in forms if _asks_for_seal(sheet)] or forms
    is_mixed = {True, False} <= {sheet.stamped for sheet in asked}
    findings = [finding for sheet in used for finding in sheet.findings]
    return replace(
        used[0],
        blocks=blocks_of(used),
        is_form=True,
        labels=max(sheet.labels for sheet in used),
        stamped=any_of(sheet.stamped for sheet in asked),
        signed=any_of(sheet.signed for sheet in forms if sheet.signed is not None),
        confidence=min((sheet.confidence for sheet in used if sheet.confidence is not None), default=None),
        findings=(
            *dict.fromkeys(findings), *([_MIXED] if is_mixed else []), *([_UNREAD] if len(used) < len(sheets) else [])
        ),
    )  # fmt: skip


def _asks_for_seal(sheet: Sheet) -> bool:
    return any(form.shape.form is Kind.STATISTICS for form in read_forms(sheet.blocks))


def blocks_of(sheets: Sequence[Sheet]) -> tuple[Paragraph | Table, ...]:
    """All that the sheets say. What stands under a form must not be taken for what stands over the next: where the unit
    is named under the table, it is told over it.
    """
    blocks: list[Paragraph | Table] = []
    before: Table | None = None
    for place, sheet in enumerate(sheets, start=1):
        for block in _with_unit_first(sheet.blocks) if place < len(sheets) else sheet.blocks:
            if before is not None and isinstance(block, Table):
                blocks.append(with_columns_of(block, before))
            else:
                blocks.append(block)
        before = next((block for block in reversed(blocks) if isinstance(block, Table)), None)
    return tuple(blocks)


def pages_lost(sheets: Sequence[Sheet]) -> tuple[Finding, ...]:
    """Said of pages with rows of activities that could be put to no form."""
    used = _used(sheets)
    is_lost = any(goes_on_elsewhere(sheet.blocks) and all(sheet is not one for one in used) for sheet in sheets)
    return (_GOES_ON,) if is_lost else ()


def _with_unit_first(blocks: Sequence[Paragraph | Table]) -> Sequence[Paragraph | Table]:
    tables = [place for place, block in enumerate(blocks) if isinstance(block, Table)]
    named = [place for place, block in enumerate(blocks) if isinstance(block, Paragraph) and unit_labelled(block.text)]
    if not tables or not named or named[0] < tables[-1]:
        return blocks
    rest = [block for place, block in enumerate(blocks) if place not in named]
    return [*rest[: tables[0]], *(blocks[place] for place in named), *rest[tables[0] :]]


def _used(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets of which a table belongs to a form, its own or one that the sheet before it begins."""
    owners = [sheet for sheet in sheets for _block in sheet.blocks]
    forms = read_forms(blocks_of(sheets))
    taken = [owners[index] for form in forms for index in form.tables]
    return [sheet for sheet in sheets if any(sheet is owner for owner in taken)]


def any_of(facts: Iterable[bool | None]) -> bool | None:
    """True where one is; None where none is and one cannot be told."""
    known = list(facts)
    return True if True in known else None if None in known or not known else False
