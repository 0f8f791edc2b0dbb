from __future__ import annotations

from rules.extraction import Kind
from tests.parsers.ole_writer import ole2_file


def native(label, data):
    body = b"\x02\0" + label.encode("gbk") + b"\0" + b"C:\\a\0" + b"\0\0\3\0" + (5).to_bytes(4, "little") + b"C:\\a\0"
    body += len(data).to_bytes(4, "little") + data
    return len(body).to_bytes(4, "little") + body


def test_a_file_put_into_a_document_has_its_name(read, contents):
    assert contents(read(ole2_file({"\x01Ole10Native": native("方案.pdf", b"%PDF")}), "oleObject1.bin")) == {
        "方案.pdf": b"%PDF"
    }


def test_a_bare_package_has_the_name_of_the_object(read, contents):
    assert contents(read(ole2_file({"Package": b"PK" * 3000}), "oleObject1.bin")) == {"oleObject1.bin": b"PK" * 3000}


def test_an_equation_is_no_submission(read):
    content = read(ole2_file({"Equation Native": b"x"}), "oleObject1.bin")
    assert (content.kind, content.embedded) == (Kind.OTHER, ())
