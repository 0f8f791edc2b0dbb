from __future__ import annotations

import pytest

from parsers.content import LimitExceeded
from rules.extraction import Kind
from tests.parsers.ole_writer import ole2_file


def text(number, words):
    return {f"__substg1.0_{number}001F": words.encode("utf-16-le")}


def attachment(name, data):
    return {**text("3707", name), "__substg1.0_37010102": data}


def message(subject, body, *attachments):
    stored = {f"__attach_version1.0_#{number:08X}": each for number, each in enumerate(attachments)}
    return {**text("0037", subject), **text("1000", body), "__properties_version1.0": bytes(32), **stored}


PLAN = attachment("工作方案.docx", b"plan" * 2000)


def test_body_and_attachments_are_read(read, contents):
    content = read(ole2_file(message("报送方案", "见附件", PLAN, attachment("a.jpg", b"small"))), "邮件.msg")
    assert contents(content) == {"正文.txt": "见附件".encode(), "工作方案.docx": b"plan" * 2000, "a.jpg": b"small"}
    assert (content.kind, content.title) == (Kind.MESSAGE, "报送方案")


def test_a_message_inside_is_a_folder(read, contents):
    inner = {"__substg1.0_3701000D": message("转发", "里面", PLAN)}
    content = read(ole2_file(message("外", "", inner)), "a.msg")
    assert set(contents(content)) == {"正文.txt", "转发/正文.txt", "转发/工作方案.docx"}


def test_text_of_old_outlook_is_decoded(read, contents):
    old = {"__substg1.0_3704001E": "方案.doc".encode("gbk"), "__substg1.0_37010102": b"x"}
    assert "方案.doc" in contents(read(ole2_file(message("a", "b", old)), "a.msg"))


def test_an_html_body_is_kept_where_there_is_no_text(read, contents):
    tree = message("a", "")
    del tree["__substg1.0_1000001F"]
    tree["__substg1.0_10130102"] = b"<p>x</p>"
    assert contents(read(ole2_file(tree), "a.msg")) == {"正文.html": b"<p>x</p>"}


def test_a_path_in_a_name_harms_nothing(read, tmp_path):
    content = read(ole2_file(message("a", "b", attachment("..\\..\\x.doc", b"1"))), "a.msg")
    assert content.embedded[-1].name == "x.doc"
    assert content.embedded[-1].path.parent == tmp_path / "scratch"


def test_what_goes_beyond_the_limits_is_refused(read):
    data = ole2_file(message("a", "b", PLAN, PLAN))
    with pytest.raises(LimitExceeded):
        read(data, "a.msg", members=2)
    with pytest.raises(LimitExceeded):
        read(data, "a.msg", unpacked_bytes=9000)


def test_a_message_cut_short_is_corrupt(read):
    with pytest.raises(OSError, match=r"."):
        read(ole2_file(message("a", "b", PLAN))[:3000], "a.msg")
