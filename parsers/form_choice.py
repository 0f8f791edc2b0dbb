"""Tells which of the notice's forms a table is, or that it is none.

`best_shape(labels, context, heading, name)` scores what was collected of a form against each declared one
(`parsers.forms.SHAPES`): titles over it, columns and fields must add up.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Final

from parsers.form_headings import Heading
from parsers.forms import MARKS, SHAPES, STATISTICS, FormShape, title_rank
from parsers.wording import fold

LONGEST_TITLE: Final = 60


def best_shape(
    labels: AbstractSet[str], context: Collection[str], heading: Heading | None, name: str
) -> FormShape | None:
    """`labels` names the fields found, `context` the lines over the table, nearest last; `name` is the file's."""

    def score(shape: FormShape) -> tuple[int, int]:
        """The nearest title counts most, then fields that only 附件2 has, then the form's own words for its columns.

        Where that is even, the form whose words are nearer to those of the headings.
        """
        ranks = heading.ranks[shape.form] if heading else {}
        points = 2 * len(labels & MARKS) if shape is STATISTICS else 0
        points += 4 if nearest is shape else 0
        points += 1 if title_rank(shape, name) is not None else 0
        points += len(ranks.keys() - {"index"}) + sum(rank == 0 for rank in ranks.values())
        return points, -sum(ranks.values())

    nearest = nearest_title(context)
    shape = max(SHAPES, key=score)
    return shape if _is_form(shape, labels, heading, has_title=nearest is shape) else None


def nearest_title(context: Collection[str]) -> FormShape | None:
    """The form that the last line that is a title names."""
    for line in reversed(tuple(context)):
        if len(fold(line)) > LONGEST_TITLE:
            continue
        ranked = [(rank, shape) for shape in SHAPES if (rank := title_rank(shape, line)) is not None]
        if ranked:
            return min(ranked, key=lambda pair: pair[0])[1]
    return None


def _is_form(shape: FormShape, labels: AbstractSet[str], heading: Heading | None, *, has_title: bool) -> bool:
    marks = len(labels & MARKS)
    if heading is None:
        return shape is STATISTICS and (marks >= 4 or (has_title and marks >= 2))
    columns = heading.found(shape) - {"index"}
    return len(columns) >= 4 or (has_title and len(columns) >= 2) or (shape is STATISTICS and marks >= 2)
