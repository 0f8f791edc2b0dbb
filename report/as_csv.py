"""The ledger as CSV: one row a unit and deliverable, with a byte order mark so that Excel and WPS read it as UTF-8.

Under `late_only` only what is late, missing or overdue is listed. What is not asked of a unit has no row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from report.cells import Cell
from report.matrix import Column, Matrix, Row
from report.plain import inert

HEADINGS: Final = (
    "序号",
    "单位名称",
    "类别",
    "上级单位",
    "报送材料",
    "状态",
    "是否迟报或逾期",
    "迟报天数",
    "截止时间",
    "收到时间",
    "齐全时间",
    "完成情况",
    "待核对",
    "问题",
    "文件",
    "人工认定",
    "联系人",
    "电话",
)
BYTE_ORDER_MARK: Final = "\ufeff"


def csv_text(matrix: Matrix) -> str:
    stream = StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for row in matrix.rows:
        for column, cell in zip(matrix.columns, row.cells, strict=True):
            if cell.status is not None and (cell.is_behind or not matrix.is_late_only):
                writer.writerow([inert(text) for text in _record(row, column, cell)])
    return BYTE_ORDER_MARK + stream.getvalue()


def _record(row: Row, column: Column, cell: Cell) -> Iterator[str]:
    yield str(row.number)
    yield row.name
    yield row.unit.category
    yield row.unit.parent or ""
    yield column.title
    yield cell.word
    yield "是" if cell.is_behind else "否"
    yield str(cell.days_late) if cell.days_late else ""
    yield cell.due
    yield cell.received
    yield cell.complete
    yield "；".join(cell.parts)
    yield "是" if cell.needs_review else ""
    yield " ".join(problem.sentence for problem in cell.problems)
    yield "；".join(cell.filenames)
    yield cell.decision
    yield row.unit.contact
    yield row.unit.phone
