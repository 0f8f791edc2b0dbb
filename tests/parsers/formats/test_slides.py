from __future__ import annotations

import pytest

from parsers.content import EncryptedFile, Paragraph, Table
from tests.parsers.office_samples import SAMPLES
from tests.parsers.ole_writer import ole2_file


@pytest.mark.parametrize("name", ["幻灯片.pptx", "幻灯片.ppt"])
def test_slides_stand_in_the_order_of_the_presentation(name, read):
    content = read((SAMPLES / name).read_bytes(), name)
    kinds = [type(block) for block in content.blocks]
    assert kinds.index(Paragraph) < kinds.index(Table)
    assert [file.name.rpartition(".")[2] for file in content.embedded] == ["jpg"]


def test_old_slides_behind_a_password_are_encrypted(read):
    user = bytes(12) + b"\xdf\xc4\xd1\xf3" + bytes(20)
    with pytest.raises(EncryptedFile):
        read(ole2_file({"PowerPoint Document": b"x" * 5000, "Current User": user}), "a.ppt")


def test_slides_cut_short_are_corrupt(read):
    with pytest.raises(Exception, match=r".*"):
        read((SAMPLES / "幻灯片.ppt").read_bytes()[:2000], "a.ppt")
