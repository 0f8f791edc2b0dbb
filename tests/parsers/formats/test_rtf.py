from __future__ import annotations

import pytest

from parsers.content import LimitExceeded, Table
from tests.parsers.sample_parts import photo

HEAD = rb"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset134 SimSun;}}"


def escaped(text):
    return "".join(f"\\'{byte:02x}" for byte in text.encode("gbk")).encode()


def test_chinese_is_read_as_bytes_of_the_font_and_as_unicode(read, paragraphs):
    data = HEAD + rb"\f1 " + escaped("工作方案") + rb"\par \f0\u24037?\u20316 ?\uc2\u26041\'b7\'bd\par}"
    assert paragraphs(read(data, "方案.doc")) == ["工作方案", "工作方"]


def test_a_document_without_fonts_follows_its_code_page(read, paragraphs):
    assert paragraphs(read(rb"{\rtf1\ansicpg936 " + escaped("总结") + rb"\par}", "a.rtf")) == ["总结"]


def test_characters_beyond_the_first_plane_come_in_two_halves(read, paragraphs):
    assert paragraphs(read(HEAD + rb"\u-10179?\u-8704?\par}", "a.rtf")) == ["😀"]


def test_what_nobody_sees_does_not_count(read, paragraphs):
    hidden = rb"{\info{\title x}}{\*\generator y;}{\field{\*\fldinst DATE}{\fldrslt 11}}{\deleted w}"
    assert paragraphs(read(HEAD + hidden + rb"\par}", "a.rtf")) == ["11"]


def test_a_table_has_its_merged_cells_wherever_its_rows_are_defined(read, cells):
    first = rb"\trowd\clvmgf\cellx1000\cellx3000\pard\intbl A\cell B\par B2\cell\row"
    second = rb"\pard\intbl\cell C\cell D\cell\trowd\clvmrg\cellx1010\cellx2000\cellx3000\row\pard"
    assert cells(read(HEAD + first + second + rb" end\par}", "a.rtf")) == {
        (0, 0, 2, 1): "A",
        (0, 1, 1, 2): "B\nB2",
        (1, 1, 1, 1): "C",
        (1, 2, 1, 1): "D",
    }


def test_a_row_without_a_definition_keeps_its_cells(read, cells):
    assert set(cells(read(HEAD + rb"\pard\intbl A\cell B\cell\row}", "a.rtf")).values()) == {"A", "B"}


def test_a_table_in_a_table_is_one_of_its_own(read):
    inner = rb"\pard\intbl\itap2 x\nestcell{\*\nesttableprops\trowd\cellx500\nestrow}"
    content = read(HEAD + rb"\trowd\cellx1000" + inner + rb"\pard\intbl\itap1 y\cell\row}", "a.rtf")
    assert [[cell.text for cell in block.cells] for block in content.blocks if isinstance(block, Table)] == [
        ["y"],
        ["x"],
    ]


def test_pictures_are_files_and_counted_once(read):
    jpeg = photo(1)
    picture = rb"{\pict\jpegblip{\*\blipuid 0011}" + jpeg.hex().encode() + b"}"
    content = read(HEAD + rb"{\*\shppict" + picture + rb"}{\nonshppict" + picture + b"}text}", "a.rtf")
    assert [(file.name, file.path.read_bytes()) for file in content.embedded] == [("image1.jpg", jpeg)]


def test_binary_data_is_passed_over(read, paragraphs):
    assert paragraphs(read(HEAD + rb"a{\object{\*\objdata\bin4 }{\}}}b\par}", "a.rtf")) == ["ab"]


def test_limits_hold(read):
    with pytest.raises(LimitExceeded):
        read(HEAD + rb"\pard\intbl A\cell B\cell\row}", "a.rtf", table_cells=1)
    with pytest.raises(LimitExceeded):
        read(HEAD + b"{" * 5000, "a.rtf")


def test_a_document_cut_short_is_corrupt_not_half_read(read):
    with pytest.raises(EOFError):
        read(HEAD + rb"\f1 " + escaped("工作方案") + rb"\par", "a.rtf")


def test_what_is_struck_through_or_hidden_does_not_count(read, paragraphs):
    text = rb"{\strike 150}130{\v 999}\strike 7\strike0 1\strike 8\plain 2\par}"
    assert paragraphs(read(HEAD + text, "a.rtf")) == ["13012"]


def test_heads_and_feet_of_pages_come_after_the_text_and_once(read, paragraphs):
    data = HEAD + rb"{\header A\par}{\footerl B}text\par\sect{\header A\par}more{\*\pgdsctbl{\header C\par}}\par}"
    assert paragraphs(read(data, "a.rtf")) == ["text", "more", "A", "B"]


@pytest.mark.parametrize(
    "box",
    [
        rb"{\shp{\*\shpinst\shpleft1{\sp{\sn shapeType}{\sv 202}}{\shptxt\pard box\par}}{\shprslt no}}",
        rb"{\shp{\*\shpinst{\sp{\sn gtextFont}{\sv SimSun}}{\sp{\sn gtextUNICODE}{\sv b\u111?x}}}}",
        rb"{\*\do\dobxpage\dptxbx{\dptxbxtext\pard box\par}\dpx1}",
        rb"{\*\shpgrp{\*\shpinst{\shp{\*\shpinst{\shptxt box}}}}}",
    ],
    ids=["text box", "drawn shape", "old drawing", "group"],
)
def test_a_box_is_a_paragraph_of_its_own_where_it_is_anchored(box, read, paragraphs):
    assert paragraphs(read(HEAD + rb"first\par sec" + box + rb"ond\par}", "a.rtf")) == ["first", "box", "second"]


def test_a_table_in_a_box_and_a_box_in_a_table_are_apart(read):
    box = rb"{\shp{\*\shpinst{\shptxt\trowd\cellx500\pard\intbl x\cell\row\pard}}}"
    content = read(HEAD + rb"\trowd\cellx1000\pard\intbl y" + box + rb"\cell\row\pard end\par}", "a.rtf")
    texts = [[c.text for c in one.cells] if isinstance(one, Table) else one.text for one in content.blocks]
    assert texts == [["y"], ["x"], "end"]
