from __future__ import annotations

import shutil

import olefile
import pytest

from parsers.content import EncryptedFile, LimitExceeded, Paragraph, SourceFile, Table
from parsers.conversion import converted
from rules.findings import Code
from tests.parsers.office_samples import SAMPLES
from tests.parsers.ole_writer import ole2_file
from tests.parsers.sample_texts import SCHEDULE_ROWS

STATISTICS = (SAMPLES / "附件2.doc").read_bytes()


def streams(name):
    with olefile.OleFileIO(str(SAMPLES / name)) as container:
        return {entry[0]: container.openstream(entry).read() for entry in container.listdir()}


def test_merged_cells_have_their_spans(read, cells):
    found = cells(read(STATISTICS, "附件2.wps"))
    assert found[2, 0, 2, 1].startswith("“启动周”")
    assert found[0, 1, 1, 4] == "金坛区青禾小学"


def test_the_last_row_of_a_table_with_nothing_behind_it_is_whole(read):
    (table,) = [
        block for block in read((SAMPLES / "页眉单位.doc").read_bytes(), "a.doc").blocks if isinstance(block, Table)
    ]
    assert [cell.text for cell in table.cells if cell.row == table.rows - 1] == SCHEDULE_ROWS[-1]


def test_a_document_behind_a_password_is_encrypted(read):
    with pytest.raises(EncryptedFile):
        read((SAMPLES / "加密.doc").read_bytes(), "a.doc")


@pytest.mark.parametrize("kept", [600, 5000, 20_000])
def test_a_document_of_which_a_part_is_missing_is_corrupt_not_half_read(kept, read):
    with pytest.raises(Exception, match=r".*"):
        read(STATISTICS[:kept], "a.doc")


def test_too_many_cells_are_refused(read):
    with pytest.raises(LimitExceeded):
        read(STATISTICS, "a.doc", table_cells=5)


def changed(at, value):
    """附件1 with other bytes in the head of its text."""
    parts = streams("附件1.wps")
    main = bytearray(parts["WordDocument"])
    main[at : at + len(value)] = value
    return ole2_file({**parts, "WordDocument": bytes(main)})


def test_a_version_that_only_another_reader_knows_is_read_and_said_so(read):
    content = read(changed(2, b"\xc0\x00"), "a.doc")  # of the time before Word 97 was released
    assert any("青禾小学" in block.text for block in content.blocks if isinstance(block, Paragraph))
    assert [finding.code for finding in content.findings] == [Code.CONVERSION]


def test_a_document_that_no_reader_understands_is_corrupt(read, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))  # no LibreOffice here
    with pytest.raises(Exception, match=r".*"):
        read(changed(258, b"\xff\xff\xff\x00"), "a.doc")  # its paragraphs' properties are said to lie outside


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_converts_where_it_is_installed(tmp_path):
    path = SAMPLES / "附件1.wps"
    source = SourceFile(path=path, name=path.name, media_type="application/msword", scratch=tmp_path)
    found = converted(source, "docx")
    assert found is not None
    assert found.read_bytes().startswith(b"PK")


def test_without_libreoffice_nothing_is_converted(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    path = SAMPLES / "附件1.wps"
    assert converted(SourceFile(path=path, name="a", media_type="", scratch=tmp_path), "docx") is None
