"""Every format that units send, as it should be, broken, behind a password and beyond the limits.

One table stands for all: what a good file is told as, and that each of the bad ones costs a finding and nothing else.
The details of each format are proven beside its parser.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Final

import py7zr
import pytest

from ingest.samples import media
from ingest.samples.archives import SampleFile, cut_zip, zip_file
from ingest.samples.rar import Entry, rar5
from parsers.limits import Limits
from parsers.read import read_file
from rules.extraction import Extraction, Kind
from rules.findings import Code
from tests.parsers.containers.test_msg import attachment as msg_attachment
from tests.parsers.containers.test_msg import message as msg_message
from tests.parsers.containers.test_tnef import attachment as tnef_attachment
from tests.parsers.containers.test_tnef import tnef
from tests.parsers.make_samples import SAMPLES
from tests.parsers.ole_writer import ole2_file
from tests.parsers.sample_parts import rezipped

PLAN: Final = "工作方案.docx"
"""The member of every container."""


@cache
def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


@cache
def photo(format_: str) -> bytes:
    return media.photo(1, format_)


def plan() -> bytes:
    return sample("方案含附件1.docx")


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "a@example.com", "方案", "<1@example.com>"
    message.set_content("请查收。")
    message.add_attachment(plan(), maintype="application", subtype="octet-stream", filename=PLAN)
    return message.as_bytes()


def seven(password: str | None = None) -> bytes:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", password=password) as archive:
        archive.writestr(plan(), PLAN)
    return buffer.getvalue()


def tar_gz() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(PLAN)
        entry.size = len(plan())
        archive.addfile(entry, io.BytesIO(plan()))
    return gzip.compress(buffer.getvalue())


def odf_locked(name: str) -> bytes:
    end = b"</manifest:manifest>"
    data = sample(name)
    manifest = zip_member(data, "META-INF/manifest.xml")
    return rezipped(data, {"META-INF/manifest.xml": manifest.replace(end, b"<manifest:encryption-data/>" + end)})


def zip_member(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name)


def ppt_locked() -> bytes:
    user = bytes(12) + b"\xdf\xc4\xd1\xf3" + bytes(20)
    return ole2_file({"PowerPoint Document": b"x" * 5000, "Current User": user})


CELLS: Final = Limits(table_cells=3)
PIXELS: Final = Limits(pixels=1000)
FEW: Final = Limits(unpacked_bytes=2000)
SHALLOW: Final = Limits(depth=0)

Maker = Callable[[], bytes]

# name, what it is, a good one, one behind a password, limits that it goes beyond
# fmt: off
FORMATS: Final[list[tuple[str, Kind, Maker, Maker | None, Limits | None]]] = [
    ("附件2.doc", Kind.STATISTICS, lambda: sample("附件2.doc"), lambda: sample("加密.doc"), CELLS),
    ("附件2.dot", Kind.STATISTICS, lambda: sample("附件2.doc"), lambda: sample("加密.doc"), CELLS),
    ("附件1.wps", Kind.SCHEDULE, lambda: sample("附件1.wps"), lambda: sample("加密.doc"), CELLS),
    ("两表.xls", Kind.SCHEDULE, lambda: sample("两表.xls"), lambda: sample("加密.xls"), CELLS),
    ("同页两表.et", Kind.SCHEDULE, lambda: sample("同页两表.et"), lambda: sample("加密.xls"), CELLS),
    ("附件2.rtf", Kind.STATISTICS, lambda: sample("附件2.rtf"), None, CELLS),
    ("附件2.odt", Kind.STATISTICS, lambda: sample("附件2.odt"), lambda: odf_locked("附件2.odt"), CELLS),
    ("两表.ods", Kind.SCHEDULE, lambda: sample("两表.ods"), lambda: odf_locked("两表.ods"), CELLS),
    ("附件1.docx", Kind.SCHEDULE, lambda: sample("附件1.docx"), lambda: sample("加密.docx"), CELLS),
    ("两表.xlsx", Kind.SCHEDULE, lambda: sample("两表.xlsx"), lambda: sample("加密.docx"), CELLS),
    ("安排表.pdf", Kind.SCHEDULE, lambda: sample("安排表两页.pdf"), lambda: sample("加密.pdf"), CELLS),
    ("幻灯片.pptx", Kind.SCHEDULE, lambda: sample("幻灯片.pptx"), lambda: sample("加密.docx"), CELLS),
    ("幻灯片.ppt", Kind.SCHEDULE, lambda: sample("幻灯片.ppt"), ppt_locked, CELLS),
    ("安排表.csv", Kind.SCHEDULE, lambda: sample("安排表_gbk.csv"), None, CELLS),
    ("方案.txt", Kind.PLAN, lambda: sample("方案_gbk.txt"), None, None),
    ("安排表.html", Kind.SCHEDULE, lambda: sample("安排表.html"), None, CELLS),
    ("照片.jpg", Kind.PHOTO, lambda: media.photo(1), None, PIXELS),
    ("照片.png", Kind.PHOTO, lambda: media.photo(1, "PNG"), None, PIXELS),
    ("照片.heic", Kind.PHOTO, lambda: photo("HEIC"), None, PIXELS),
    ("视频.mp4", Kind.VIDEO, lambda: media.video(3), None, None),
    ("视频.mov", Kind.VIDEO, lambda: media.video(3, extension="mov"), None, None),
    ("视频.avi", Kind.VIDEO, lambda: media.video(3, extension="avi"), None, None),
    ("视频.3gp", Kind.VIDEO, lambda: media.video(3, extension="3gp"), None, None),
    ("材料.zip", Kind.ARCHIVE, lambda: zip_file([SampleFile(name=PLAN, data=plan())]),
     lambda: zip_file([SampleFile(name=PLAN, data=plan())], password="secret"), FEW),
    ("材料.rar", Kind.ARCHIVE, lambda: rar5(Entry(name=PLAN, data=plan())),
     lambda: rar5(Entry(name=PLAN, data=plan(), is_encrypted=True)), FEW),
    ("材料.7z", Kind.ARCHIVE, seven, lambda: seven("secret"), FEW),
    ("材料.tar.gz", Kind.ARCHIVE, tar_gz, None, FEW),
    ("转发.msg", Kind.MESSAGE, lambda: ole2_file(msg_message("方案", "见附件", msg_attachment(PLAN, plan()))),
     None, FEW),
    ("winmail.dat", Kind.ARCHIVE, lambda: tnef(tnef_attachment("GONGZU~1.DOC", plan(), PLAN)), None, FEW),
    ("转发.eml", Kind.MESSAGE, mail, None, SHALLOW),
]
# fmt: on
NAMES: Final = [entry[0] for entry in FORMATS]
PLAIN_TEXT: Final = frozenset({"方案.txt", "安排表.csv", "安排表.html"})
"""Cut short they are shorter texts: nothing in them tells."""


def read(data: bytes, name: str, folder: Path, limits: Limits | None = None) -> Extraction:
    path = folder / "file"
    path.write_bytes(data)
    return read_file(path, name, limits=limits or Limits())


def codes(extraction: Extraction) -> set[Code]:
    own = {finding.code for finding in extraction.findings}
    return own.union(*(codes(member) for member in extraction.members)) if extraction.members else own


@pytest.mark.parametrize(("name", "kind", "good", "_locked", "_limits"), FORMATS, ids=NAMES)
def test_a_good_file_is_what_it_is(
    name: str, kind: Kind, good: Maker, _locked: object, _limits: object, tmp_path: Path
) -> None:
    extraction = read(good(), name, tmp_path)
    assert extraction.kind is kind
    assert not any(finding.is_blocking for finding in extraction.findings)
    if kind in (Kind.ARCHIVE, Kind.MESSAGE):
        (plan_inside,) = [member for member in extraction.members if member.file == PLAN]
        assert plan_inside.kinds == (Kind.PLAN, Kind.SCHEDULE)


@pytest.mark.parametrize(("name", "good"), [(entry[0], entry[2]) for entry in FORMATS if entry[0] not in PLAIN_TEXT])
def test_a_file_of_which_most_did_not_arrive_is_unreadable_or_says_what_is(
    name: str, good: Maker, tmp_path: Path
) -> None:
    data = good()
    extraction = read(data[: len(data) // 4], name, tmp_path)
    assert codes(extraction) & {Code.UNREADABLE, Code.LIMIT_EXCEEDED}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_only_named_like_the_format_does_no_harm(name: str, tmp_path: Path) -> None:
    noise = bytes(range(256)) * 40
    assert read(noise, name, tmp_path).kind is Kind.UNREADABLE


@pytest.mark.parametrize(("name", "locked"), [(entry[0], entry[3]) for entry in FORMATS if entry[3] is not None])
def test_a_file_behind_a_password_is_encrypted(name: str, locked: Maker, tmp_path: Path) -> None:
    extraction = read(locked(), name, tmp_path)
    assert (extraction.kind, codes(extraction)) == (Kind.UNREADABLE, {Code.ENCRYPTED})


@pytest.mark.parametrize(
    ("name", "good", "limits"), [(entry[0], entry[2], entry[4]) for entry in FORMATS if entry[4] is not None]
)
def test_a_file_beyond_the_limits_is_refused(name: str, good: Maker, limits: Limits, tmp_path: Path) -> None:
    assert Code.LIMIT_EXCEEDED in codes(read(good(), name, tmp_path, limits))


@pytest.mark.parametrize(
    "name",
    [
        "总结含照片.docx",
        "总结含照片.doc",
        "总结含照片.odt",
        "总结.wps",
        "方案.pdf",
        "幻灯片.pptx",
        "幻灯片.ppt",
        "安排表含照片.xlsx",
        "安排表含照片.xls",
    ],
)
def test_photos_pasted_into_a_document_count(name: str, tmp_path: Path) -> None:
    source = "总结含照片.doc" if name == "总结.wps" else name
    photos = [member for member in read(sample(source), name, tmp_path).members if member.photo]
    assert photos
    assert all(member.kind is Kind.PHOTO and member.sha256 for member in photos)


def test_pictures_of_a_slides_design_are_no_photos(tmp_path: Path) -> None:
    relations = zip_member(sample("幻灯片.pptx"), "ppt/slides/_rels/slide1.xml.rels")
    design = relations.replace(b"image1.jpg", b"image2.jpg")
    changes = {"ppt/slideMasters/_rels/slideMaster1.xml.rels": design, "ppt/media/image2.jpg": media.photo(5)}
    extraction = read(rezipped(sample("幻灯片.pptx"), changes), "幻灯片.pptx", tmp_path)
    assert [member.file for member in extraction.members] == ["image1.jpg"]


@pytest.mark.parametrize(
    ("name", "volume", "number"),
    [
        ("材料.7z.001", lambda: seven()[:3000], 1),
        ("材料.7z.002", lambda: seven()[3000:], 2),
        ("材料.zip.001", lambda: zip_file([SampleFile(name=PLAN, data=plan())])[:3000], 1),
        ("材料.z01", lambda: cut_zip(zip_file([SampleFile(name=PLAN, data=plan())]), 20_000)[0], 1),
        ("材料.zip", lambda: cut_zip(zip_file([SampleFile(name=PLAN, data=plan())]), 20_000)[-1], 2),
    ],
)
def test_one_volume_of_an_archive_says_that_the_others_are_missing(
    name: str, volume: Maker, number: int, tmp_path: Path
) -> None:
    (finding,) = read(volume(), name, tmp_path).findings
    assert finding.code is Code.UNREADABLE
    assert finding.detail.startswith(f"分卷压缩包只收到第{number}卷")


PROGRAM: Final = b"MZ\x90\0" + bytes(56) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0" + b"7z\xbc\xaf\x27\x1c" + bytes(600)


@pytest.mark.parametrize(
    "archive",
    [seven, lambda: rar5(Entry(name=PLAN, data=plan())), lambda: zip_file([SampleFile(name=PLAN, data=plan())])],
    ids=["7z", "rar", "zip"],
)
def test_an_archive_that_unpacks_itself_is_read_and_never_run(archive: Maker, tmp_path: Path) -> None:
    extraction = read(PROGRAM + archive(), "材料.exe", tmp_path)
    assert (extraction.kind, extraction.findings) == (Kind.ARCHIVE, ())
    assert [(member.file, member.kind) for member in extraction.members] == [(PLAN, Kind.PLAN)]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("照片.exe", lambda: PROGRAM, "程序文件，出于安全没有运行"),
        ("方案.docx.lnk", lambda: b"L\0\0\0\x01\x14\x02\0" + bytes(90), "快捷方式，不是文件本身"),
        ("材料.kz", lambda: bytes(range(256)) * 4, "暂不支持的压缩格式（.kz）"),
        ("材料.zip", lambda: zip_file([SampleFile(name="材料/Thumbs.db", data=b"x")]), "压缩包内没有文件"),
        ("材料.zip", lambda: with_method(9), f"少见的压缩方式，无法解开，请用普通的zip格式重新压缩：{PLAN}"),
        (
            "材料.zip",
            lambda: zip_file([SampleFile(name=f"{at}", data=b"") for at in range(2001)]),
            "过多（2001个），未予",
        ),
    ],
)
def test_what_is_wrong_with_a_whole_file_is_said(name: str, data: Maker, told: str, tmp_path: Path) -> None:
    (finding,) = read(data(), name, tmp_path).findings
    assert told in finding.detail


def with_method(method: int) -> bytes:
    """As 7-Zip packs with Deflate64 (9) or PPMd (98)."""
    plain, number = b"\x14\0\0\0\x08\0", method.to_bytes(2, "little")
    return zip_file([SampleFile(name=PLAN, data=plan())]).replace(plain, plain[:4] + number)


@pytest.mark.parametrize("name", ["~$工作方案.docx", ".~工作方案.docx", "~WRL0003.tmp", "Thumbs.db"])
def test_what_office_programs_leave_beside_files_is_nobodys_submission(name: str, tmp_path: Path) -> None:
    extraction = read("工作方案".encode() * 9, name, tmp_path)
    assert (extraction.kind, extraction.findings) == (Kind.OTHER, ())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("invite.ics", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"),
        ("王老师.vcf", b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n"),
        ("smime.p7s", bytes.fromhex("3080 0609 2a864886f70d010702 a080")),
    ],
)
def test_what_mail_programs_add_to_a_mail_is_nobodys_submission(name: str, data: bytes, tmp_path: Path) -> None:
    extraction = read(data, name, tmp_path)
    assert (extraction.kind, extraction.findings) == (Kind.OTHER, ())


def test_a_pdf_of_too_many_pages_is_read_as_far_as_it_goes_and_a_person_is_told(tmp_path: Path) -> None:
    extraction = read(sample("安排表两页.pdf"), "安排表.pdf", tmp_path, Limits(pages=1))
    assert extraction.kind is Kind.SCHEDULE
    assert [finding.detail for finding in extraction.findings if finding.code is Code.LOW_CONFIDENCE] == [
        "PDF共2页，只读取了前1页，请人工核对"
    ]
