"""A form whose rules cannot be seen: the rows are put together from where the texts stand."""

from __future__ import annotations

from parsers.doubts import TRUSTED
from parsers.paper.cells import Piece, ReadPiece
from parsers.paper.loose import LESS_CERTAIN, loose_table

COLUMNS = {"序号": 0, "活动主题": 200, "活动地点": 500, "活动时间": 800, "参加人数": 1000}


def piece(text: str, left: int, top: int) -> ReadPiece:
    return ReadPiece(
        piece=Piece(box=(left, top, left + 25 * len(text), top + 30), cell=None), text=text, confidence=0.99
    )


def headings() -> list[ReadPiece]:
    return [piece(text, left, 100) for text, left in COLUMNS.items()]


def rows_of(pieces: list[ReadPiece]) -> list[dict[int, str]]:
    made = loose_table(pieces)
    assert made is not None
    table, written = made
    assert all(item.confidence < TRUSTED for item in written)
    rows: dict[int, dict[int, str]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, {})[cell.column] = cell.text
    return [rows[row] for row in sorted(rows)]


def test_wrapped_lines_are_of_the_row_whose_number_is_nearest() -> None:
    read = [
        *headings(),
        piece("全民阅读", 200, 150), piece("1", 0, 170), piece("图书馆", 500, 170), piece("11月8日", 800, 170),
        piece("分享会", 200, 190), piece("60", 1000, 170),
        piece("智慧助老", 200, 250), piece("2", 0, 270), piece("文化站", 500, 270), piece("11月9日", 800, 270),
        piece("手机培训", 200, 290), piece("45", 1000, 270),
    ]  # fmt: skip
    _heading, first, second = rows_of(read)
    assert first == {0: "1", 1: "全民阅读分享会", 2: "图书馆", 3: "11月8日", 4: "60"}
    assert second == {0: "2", 1: "智慧助老手机培训", 2: "文化站", 3: "11月9日", 4: "45"}


def test_a_note_far_under_the_last_row_is_no_part_of_it() -> None:
    read = [
        *headings(),
        *(
            piece(text, left, 170)
            for text, left in zip(("1", "讲座", "文化站", "11月8日", "60"), COLUMNS.values(), strict=True)
        ),
        *(
            piece(text, left, 220)
            for text, left in zip(("2", "展览", "文化站", "11月9日", "45"), COLUMNS.values(), strict=True)
        ),
        piece("注：请于十一月十三日前报送", 200, 420),
    ]
    rows = rows_of(read)
    assert rows[2][1] == "展览"
    assert rows[3] == {1: "注：请于十一月十三日前报送"}


def test_without_headings_there_is_no_table() -> None:
    assert loose_table([piece("通知", 0, 0), piece("各学校", 0, 50)]) is None
    assert LESS_CERTAIN < TRUSTED
