"""Nested extractions become a flat list with stable paths."""

from __future__ import annotations

from dataclasses import dataclass

from rules.extraction import Kind
from rules.flatten import items_of
from tests.rules.confusable import file


@dataclass(frozen=True)
class Part:
    path: str
    folders: tuple[str, ...] = ()
    origin: int | None = None
    is_body: bool = False


def test_members_of_an_archive_stand_behind_it_under_their_folders():
    archive = file("材料.zip", Kind.ARCHIVE, members=[file("照片/1.jpg"), file("统计表.docx", Kind.STATISTICS)])
    items = items_of([(Part("1", is_body=True), file("正文.txt", Kind.OTHER)), (Part("2"), archive)])
    assert [item.path for item in items] == ["1", "2", "2/照片/1.jpg", "2/统计表.docx"]
    assert [item.folders for item in items] == [(), (), ("材料.zip", "照片"), ("材料.zip",)]
    assert [item.is_body for item in items] == [True, False, False, False]


def test_equal_names_are_numbered_in_their_order():
    document = file("总结.docx", Kind.SUMMARY, members=[file("image.png"), file("image.png"), file("image.png")])
    assert [item.path for item in items_of([(Part("3"), document)])] == [
        "3",
        "3/image.png",
        "3/image.png#2",
        "3/image.png#3",
    ]


def test_pictures_inside_documents_inside_archives_keep_origin_and_all_names_around_them():
    picture = file("media/image1.jpg")
    document = file("直溪\\总结.docx", Kind.SUMMARY, members=[picture])
    items = items_of([(Part("2.1", ("转发.eml",), 0), file("全镇.zip", Kind.ARCHIVE, members=[document]))])
    assert items[-1].path == "2.1/直溪/总结.docx/media/image1.jpg"
    assert items[-1].folders == ("转发.eml", "全镇.zip", "直溪", "总结.docx", "media")
    assert {item.origin for item in items} == {0}


def test_a_member_without_a_name_still_has_a_path():
    items = items_of([(Part("2"), file("a.zip", Kind.ARCHIVE, members=[file("")]))])
    assert items[-1].path == "2/未命名"
