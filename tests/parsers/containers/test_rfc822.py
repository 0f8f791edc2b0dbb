from __future__ import annotations

from parsers.containers.rfc822 import PARSER
from parsers.content import SourceFile
from rules.extraction import Kind
from tests.parsers.mails import DOCX, samples


def test_a_saved_message_gives_its_text_and_its_files(tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(samples()["forwarded"])
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    content = PARSER.read(SourceFile(path=path, name="a.eml", media_type="message/rfc822", scratch=scratch))
    assert (content.kind, content.title) == (Kind.MESSAGE, "转发：方案")
    assert [(file.folders, file.name) for file in content.embedded] == [
        ((), "正文.txt"),
        (("直溪镇工作方案",), "正文.txt"),
        (("直溪镇工作方案",), "inner.docx"),
    ]
    assert content.embedded[2].path.read_bytes() == DOCX
