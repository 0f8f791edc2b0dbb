"""Hidden sheets of a workbook: mostly last year's form, or lists to choose from; now and then the form itself.

`told_from_hidden(blocks, name)` → what counts of the blocks, and what a person is to be told. A hidden sheet counts
only where it holds a filled form that no sheet which one sees is; then its name is told, since who opens the workbook
looks for it in vain.
"""

from __future__ import annotations

from collections.abc import Sequence

from parsers.content import Paragraph, Table
from parsers.form_reading import read_forms
from parsers.form_values import understand
from rules.extraction import Kind
from rules.findings import Code, Finding

Block = Paragraph | Table


def told_from_hidden(blocks: Sequence[Block], name: str) -> tuple[tuple[Block, ...], tuple[Finding, ...]]:
    """`name` is the file's."""
    hidden = [block for block in blocks if isinstance(block, Table) and block.is_hidden]
    if not hidden:
        return tuple(blocks), ()
    seen = {raw.shape.form for raw in read_forms((one for one in blocks if one not in hidden), name=name)}
    wanted = [sheet for sheet in hidden if _filled_forms(sheet, name) - seen]
    return tuple(one for one in blocks if one not in hidden or one in wanted), tuple(map(_told, wanted))


def _filled_forms(sheet: Table, name: str) -> set[Kind]:
    read = (understand(raw, None).form for raw in read_forms([sheet], name=name))
    return {form.form for form in read if not form.is_empty}


def _told(sheet: Table) -> Finding:
    detail = f"工作表“{sheet.name}”是隐藏的，其中的表格已读取，请核对是否为本次报送的内容"
    return Finding(code=Code.LOW_CONFIDENCE, detail=detail)
