"""Which of two readings stays, and what is told of the difference."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rules.extraction import Extraction, Form, FormRow, Kind
from rules.findings import Code, Finding
from rules.flatten import items_of
from rules.messages import Item
from rules.rereading import Difference, FileChange, Kept, better_of, changes, differences

SHUT = Finding(code=Code.UNREADABLE, detail="文件损坏，无法打开")
TOO_MUCH = Finding(code=Code.LIMIT_EXCEEDED, detail="没有全部读取")


@dataclass(frozen=True)
class Part:
    path: str = "2"
    folders: tuple[str, ...] = ()
    origin: int | None = None
    is_body: bool = False


def file(name: str = "附件2.jpg", kind: Kind = Kind.STATISTICS, **facts: object) -> Extraction:
    return Extraction(file=name, media_type="image/jpeg", kind=kind, sha256=name, **facts)  # type: ignore[arg-type]


def form(theme: str = "全民学习", *places: str) -> Form:
    rows = tuple(FormRow(cells={"place": place}) for place in places)
    return Form(form=Kind.STATISTICS, fields={"theme": theme}, rows=rows)


def archive(*members: Extraction, findings: tuple[Finding, ...] = ()) -> Extraction:
    return file("材料.zip", Kind.ARCHIVE, members=members, findings=findings)


def shut(name: str = "附件2.jpg") -> Extraction:
    return file(name, Kind.UNREADABLE, findings=(SHUT,))


def items(extraction: Extraction) -> tuple[Item, ...]:
    return items_of([(Part(), extraction)])


def test_the_newer_reading_stays_even_if_it_sees_less_in_a_file_that_is_open() -> None:
    assert better_of(file(forms=(form(),)), file(kind=Kind.PHOTO)) == file(kind=Kind.PHOTO)
    assert better_of(shut(), file()) == file()
    assert better_of(shut(), shut()) == shut()


def test_what_can_no_longer_be_opened_stays_as_it_was_read() -> None:
    assert better_of(file(), shut()) == file()


def test_inside_an_archive_each_file_is_chosen_on_its_own() -> None:
    old = archive(file("1.jpg", Kind.OTHER), file("2.jpg", Kind.PHOTO))
    new = archive(file("1.jpg", Kind.PHOTO), shut("2.jpg"), file("3.jpg", Kind.PHOTO))
    kinds = [member.kind for member in better_of(old, new).members]
    assert kinds == [Kind.PHOTO, Kind.PHOTO, Kind.PHOTO]


def test_an_archive_of_which_less_can_be_reached_stays_as_it_was_read() -> None:
    old = archive(file("1.jpg"), file("2.jpg"))
    assert better_of(old, archive(file("1.jpg"), findings=(TOO_MUCH,))) == old
    fewer = archive(file("1.jpg"))  # for no reason that stops anybody: the newer parsers leave something out
    assert better_of(old, fewer) == fewer


def test_two_equal_files_in_an_archive_stay_two() -> None:
    twice = archive(file("1.jpg"), file("1.jpg"))
    assert better_of(twice, twice) == twice


def test_values_that_a_person_settled_stay_and_all_else_is_read_anew() -> None:
    old, other = file(forms=(form("学习"),)), file(forms=(form("学刁"),))
    assert better_of(old, other, is_settled=True) == old
    stamped = replace(old, stamped=True)
    assert better_of(old, stamped, is_settled=True) == stamped
    assert better_of(archive(old), archive(other), is_settled=True) == archive(old)


def test_differences_name_each_value() -> None:
    old = file(forms=(form("学刁", "操场"),), unit_names=("直溪小学",), findings=(SHUT,), text="old")
    new = file(
        forms=(form("学习", "操场", "礼堂"),),
        unit_names=("直溪中心小学",),
        also=(Kind.SCHEDULE,),
        stamped=False,
        text="new",
    )
    assert differences(old, new) == (
        Difference(aspect="kind", before="statistics", after="statistics+schedule"),
        Difference(aspect="unit_names", before="直溪小学", after="直溪中心小学"),
        Difference(aspect="stamped", before="", after="false"),
        Difference(aspect="findings", before="unreadable: 文件损坏，无法打开", after=""),
        Difference(aspect="statistics.rows", before="1", after="2"),
        Difference(aspect="statistics.theme", before="学刁", after="学习"),
        Difference(aspect="statistics.2.place", before="", after="礼堂"),
    )
    assert differences(old, replace(old, text="other")) == ()


def test_changes_tell_of_each_file_which_reading_stayed() -> None:
    old = archive(file("1.jpg", Kind.OTHER), file("2.jpg", Kind.PHOTO), file("3.jpg", Kind.PHOTO))
    new = archive(file("1.jpg", Kind.PHOTO), shut("2.jpg"), file("3.jpg", Kind.PHOTO))
    found = changes(items(old), items(new), items(better_of(old, new)))
    assert [(change.path, change.kept) for change in found] == [
        ("2/1.jpg", Kept.NOTHING),
        ("2/2.jpg", Kept.WORSE),
    ]


def test_a_settled_reading_is_told_with_what_would_have_changed() -> None:
    old, new = file(forms=(form("学习"),)), file(forms=(form("学刁"),))
    difference = Difference(aspect="statistics.theme", before="学习", after="学刁")
    assert changes(items(old), items(new), items(old), settled=["2"]) == (
        FileChange(path="2", filename="附件2.jpg", differences=(difference,), kept=Kept.SETTLED),
    )
