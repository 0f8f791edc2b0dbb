from __future__ import annotations

import pytest

from parsers.containers.tnef import TruncatedError
from parsers.content import LimitExceeded
from rules.extraction import Kind


def attribute(level, number, value):
    head = bytes([level]) + number.to_bytes(4, "little") + len(value).to_bytes(4, "little")
    return head + value + (sum(value) & 0xFFFF).to_bytes(2, "little")


def word(value):
    return value.to_bytes(4, "little")


def padded(data):
    return word(len(data)) + data + bytes(-len(data) % 4)


def properties(*entries):
    body = b"".join(word(kind | number << 16) + value for number, kind, value in entries)
    return word(len(entries)) + body


def long_name(name):
    named = (0x8001, 0x1F, bytes(16) + word(1) + padded("x".encode("utf-16-le")) + word(1) + padded(b"y\0"))
    return properties((0x0E20, 3, word(5)), named, (0x3707, 0x1F, word(1) + padded(f"{name}\0".encode("utf-16-le"))))


def attachment(short, data, name=""):
    parts = attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, short.encode("gbk") + b"\0")
    parts += attribute(2, 0x0006800F, data)
    return parts + (attribute(2, 0x00069005, long_name(name)) if name else b"")


def tnef(*parts):
    return b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x00089006, b"\0\0\1\0") + b"".join(parts)


def test_attachments_are_read_under_their_long_names(read, contents):
    data = tnef(attachment("GONGZU~1.DOC", b"plan", "工作方案.docx"), attachment("照片.jpg", b"photo"))
    content = read(data, "winmail.dat")
    assert contents(content) == {"工作方案.docx": b"plan", "照片.jpg": b"photo"}
    assert content.kind is Kind.ARCHIVE


def test_the_body_is_read_where_it_is_text(read, contents):
    body = properties((0x1000, 0x1F, word(1) + padded("活动总结".encode("utf-16-le"))))
    assert contents(read(tnef(attribute(1, 0x00069003, body)), "winmail.dat")) == {"正文.txt": "活动总结".encode()}


def test_a_message_inside_is_a_folder(read, contents):
    inner = tnef(attachment("a.doc", b"inner"))
    nested = properties((0x3701, 0x0D, word(1) + padded(bytes(16) + inner)))
    data = tnef(
        attribute(2, 0x00069002, bytes(14)), attribute(2, 0x00018010, b"fw\0"), attribute(2, 0x00069005, nested)
    )
    assert contents(read(data, "winmail.dat")) == {"fw/a.doc": b"inner"}


def test_a_file_cut_short_is_corrupt(read):
    with pytest.raises(TruncatedError):
        read(tnef(attachment("a.doc", b"x" * 100))[:-30], "winmail.dat")


def test_what_goes_beyond_the_limits_is_refused(read):
    data = tnef(*[attachment(f"{number}.doc", b"x") for number in range(5)])
    with pytest.raises(LimitExceeded):
        read(data, "winmail.dat", members=4)
    with pytest.raises(LimitExceeded):
        read(data, "winmail.dat", unpacked_bytes=100)
