from __future__ import annotations

import io
import zipfile

import pytest
import python_calamine

from parsers.content import EncryptedFile, LimitExceeded
from tests.parsers.office_samples import SAMPLES
from tests.parsers.sample_parts import rezipped

XLS = (SAMPLES / "两表.xls").read_bytes()
ODS = (SAMPLES / "两表.ods").read_bytes()
NAMESPACES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def ods(rows):
    content = f"<office:document-content{NAMESPACES}><office:body><office:spreadsheet><table:table>{rows}"
    content += "</table:table></office:spreadsheet></office:body></office:document-content>"
    return rezipped(ODS, {"content.xml": content.encode()})


def test_values_read_as_in_xlsx(read):
    first = read(XLS, "a.et").blocks[0]
    texts = {(cell.row, cell.column): cell.text for cell in first.cells}
    assert (texts[5, 0], texts[5, 3], texts[5, 5]) == ("1", "2023-11-14", "120")
    assert next(cell for cell in first.cells if (cell.row, cell.column) == (3, 2)).column_span == 2


def test_a_workbook_behind_a_password_is_encrypted(read):
    with pytest.raises(EncryptedFile):
        read((SAMPLES / "加密.xls").read_bytes(), "a.xls")


@pytest.mark.parametrize("kept", [700, 3000, 6000])
def test_a_workbook_cut_short_is_corrupt(kept, read):
    with pytest.raises((OSError, python_calamine.CalamineError)):
        read(XLS[:kept], "a.xls")


@pytest.mark.parametrize("data", [XLS, ODS], ids=["xls", "ods"])
def test_too_many_cells_are_refused(data, read):
    with pytest.raises(LimitExceeded):
        read(data, "a", table_cells=5)


def test_a_million_blank_rows_cost_nothing(read, cells):
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    rows = f'<table:table-row table:number-rows-repeated="1048575">{blank}'
    rows += (
        "</table:table-row><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
    )
    assert cells(read(ods(rows), "a.ods")) == {(1_048_575, 0, 1, 1): "x"}


def test_a_repeated_cell_with_text_stands_in_each_place(read, cells):
    rows = '<table:table-row><table:table-cell table:number-columns-repeated="3"><text:p>x</text:p></table:table-cell>'
    assert set(cells(read(ods(f"{rows}</table:table-row>"), "a.ods")).values()) == {"x"}


def test_a_document_behind_a_password_is_encrypted(read):
    with zipfile.ZipFile(io.BytesIO(ODS)) as package:
        manifest = package.read("META-INF/manifest.xml").decode()
    end = "</manifest:manifest>"
    locked = manifest.replace(end, f"<manifest:encryption-data/>{end}")
    with pytest.raises(EncryptedFile):
        read(rezipped(ODS, {"META-INF/manifest.xml": locked.encode()}), "a.ods")


def test_a_package_that_would_unpack_to_too_much_is_refused(read):
    for name in ("两表.ods", "附件2.odt", "幻灯片.pptx"):
        bomb = rezipped((SAMPLES / name).read_bytes(), {"Pictures/x.bin": bytes(60 << 20)})
        with pytest.raises(LimitExceeded):
            read(bomb, name)
