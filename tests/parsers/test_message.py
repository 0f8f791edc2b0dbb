from __future__ import annotations

import base64
import hashlib
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.limits import Limits
from parsers.message import decode_message
from parsers.mime_tree import MAX_PARTS
from tests.parsers.mails import (
    DOCX,
    JPEG,
    attached,
    b64,
    forwarded,
    mail,
    multipart,
    part,
    samples,
    text,
    word,
)


@pytest.fixture
def decode(tmp_path):
    def decode_bytes(raw, **options):
        path = tmp_path / "raw"
        path.write_bytes(raw)
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return decode_message(path, scratch, **options)

    return decode_bytes


def files(message):
    return [one for one in message.parts if not one.is_body]


def alternative(plain, rich):
    return mail(multipart(text(plain), text(rich, kind="html"), kind=b"alternative"))


def test_plain_text_is_the_body_of_an_ordinary_alternative(decode):
    message = decode(alternative("见附件", "<p>见<b>附件</b></p>"))
    assert [(one.filename, one.is_body) for one in message.parts] == [("正文.txt", True)]
    assert message.body_text == "见附件"


def test_html_is_the_body_when_it_holds_a_table(decode):
    message = decode(
        alternative("序号 主题", "<table><tr><td>序号</td><td><p>主题</p></td></tr><tr><td>1<td>阅读</table>")
    )
    assert [one.filename for one in message.parts] == ["正文.html"]
    assert message.body_text == "序号\t主题\n1\t阅读"


def test_html_is_the_body_when_only_it_holds_the_cloud_link(decode):
    link = "https://mail.qq.com/cgi-bin/ftnExs_download?k=1&amp;code=2"
    message = decode(alternative("超大附件", f'<a href="{link}">视频.mp4</a>'))
    assert [one.filename for one in message.parts] == ["正文.html"]


PASTED = f'<img src="data:image/jpeg;base64,{base64.b64encode(b"photo").decode()}">'


@pytest.mark.parametrize(
    "written",
    [alternative("合影如下", f"<p>合影如下</p>{PASTED}"), mail(text(PASTED, kind="html"))],
    ids=["text", "none"],
)
def test_html_is_the_body_when_only_it_holds_pasted_pictures(written, decode):
    assert [(one.filename, one.is_body) for one in decode(written).parts] == [("正文.html", True)]


def test_html_alone_is_read_without_scripts_and_styles(decode):
    html = "<head><title>x</title><style>p{}</style></head><body><script>1</script><p>方案</p>如下<br>一</body>"
    assert decode(mail(text(html, kind="html"))).body_text == "方案\n如下\n一"


def test_an_html_body_is_written_as_utf_8_and_says_so(decode):
    html = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><p>方案</p></html>'
    (body,) = decode(mail(text(html, charset="gbk", kind="html"))).parts
    assert "charset=utf-8" in body.payload.read_text("utf-8")
    assert body.sha256 == hashlib.sha256(body.payload.read_bytes()).hexdigest()


@pytest.mark.parametrize("content", [text(" \r\n"), text("<html><body><br></body></html>", kind="html")])
def test_an_empty_body_is_no_part(decode, content):
    message = decode(mail(multipart(content, attached(b'"a.docx"'))))
    assert [one.filename for one in message.parts] == ["a.docx"]


def test_text_sent_as_a_file_is_not_the_body(decode):
    sent = part(b"1,2", b"text/plain", disposition=b'attachment; filename="a.csv"')
    message = decode(mail(multipart(text("见附件"), sent)))
    assert [(one.filename, one.is_body) for one in message.parts] == [("正文.txt", True), ("a.csv", False)]


def test_all_texts_of_a_mixed_message_are_its_body(decode):
    message = decode(mail(multipart(text("一"), part(JPEG, b"image/jpeg; name=a.jpg"), text("二"))))
    assert message.body_text == "一\n二"
    assert [one.filename for one in message.parts] == ["正文.txt", "a.jpg", "正文(2).txt"]


def test_a_missing_message_id_is_made_of_the_bytes(decode):
    raw = mail(message_id=None)
    made = f"<{hashlib.sha256(raw).hexdigest()[:32]}@no-message-id>"
    assert decode(raw).envelope.message_id == made


def test_copies_and_the_thread_are_read(decode):
    extra = (
        b"Cc: Box <BOX@example.com>, other@example.com\r\n"
        b"In-Reply-To: <r.7@bureau.example>\r\nReferences: <first@example.com>\r\n <r.7@bureau.example>\r\n"
    )
    envelope = decode(mail(extra=extra)).envelope
    assert [address.address for address in envelope.cc] == ["box@example.com", "other@example.com"]
    assert envelope.in_reply_to == "<r.7@bureau.example>"
    assert envelope.references == ("<first@example.com>", "<r.7@bureau.example>")


def test_a_message_in_a_message_in_a_message_keeps_who_sent_what(decode):
    innermost = mail(multipart(text("三"), attached(b'"c.docx"'), boundary=b"c"), sender=b"c@example.com")
    inner = mail(
        multipart(text("二"), attached(b'"b.docx"'), forwarded(innermost), boundary=b"b"), sender=b"b@example.com"
    )
    message = decode(mail(multipart(text("一"), attached(b'"a.docx"'), forwarded(inner))))
    assert [(one.path, one.filename, one.origin) for one in files(message)] == [
        ("2", "a.docx", None),
        ("3.2", "b.docx", 0),
        ("3.3.2", "c.docx", 1),
    ]
    assert [origin.header_from.address for origin in message.envelope.origins] == ["b@example.com", "c@example.com"]


def test_messages_nested_too_deep_stay_a_file(decode):
    raw = mail(text("最里面"))
    for number in range(10):
        raw = mail(multipart(forwarded(raw), boundary=b"level%d" % number))
    message = decode(raw, limits=Limits(depth=3))
    assert len(message.envelope.origins) == 3
    assert [one.filename.rpartition(".")[2] for one in files(message)] == ["eml"]


INLINE = {
    "163": '-------- 转发邮件信息 --------\n发件人："直溪镇" <zx@example.com>\n发送日期：2023\n主题：方案',
    "QQ": '--------- 原始邮件 ---------\n发件人: "直溪镇" <zx@example.com>;\n发送时间: 2023年\n主题: 方案',
    "Gmail": "---------- Forwarded message ---------\nFrom: 直溪镇 <zx@example.com>\nDate: Mon\nSubject: 方案\nTo: y",
    "Outlook": "________________________________\n发件人: 直溪镇 <zx@example.com>\n已发送: 2023\n收件人: y\n主题: 方案",
    "quoted": "> -----原始邮件-----\n> 发件人: 直溪镇 <zx@example.com>\n> 发送时间: 2023\n> 主题: 方案",
}


@pytest.mark.parametrize("quote", INLINE.values(), ids=INLINE.keys())
def test_a_mail_forwarded_inline_names_its_sender(decode, quote):
    raw = mail(multipart(text("请查收\n\n" + quote), attached(b'"a.docx"')), subject=word("转发: 方案".encode("gbk")))
    message = decode(raw)
    (origin,) = message.envelope.origins
    assert (origin.header_from.address, origin.header_from.name, origin.subject) == ("zx@example.com", "直溪镇", "方案")
    assert [file.origin for file in files(message)] == [None]


def test_what_a_reply_quotes_is_no_forward(decode):
    message = decode(mail(text("已附上\n\n" + INLINE["QQ"]), subject=word("回复：通知".encode("gbk"))))
    assert message.envelope.origins == ()


def test_a_word_in_a_letter_is_no_forward(decode):
    assert decode(mail(text("发件人：直溪镇\n谢谢"))).envelope.origins == ()


def test_a_multipart_without_its_boundary_parameter_is_still_split(decode):
    raw = mail(multipart(text("请查收"), attached(b'"a.docx"'))).replace(b'; boundary="----=_Part_1"', b"")
    assert [one.filename for one in decode(raw).parts] == ["正文.txt", "a.docx"]


def test_an_inner_multipart_that_is_cut_swallows_nothing(decode):
    inner = multipart(text("甲"), attached(b'"a.docx"'), boundary=b"in", is_closed=False)
    broken = b'Content-Type: multipart/mixed; boundary="never"\r\n\r\nnothing'
    message = decode(mail(multipart(inner, broken, attached(b'"b.docx"'), is_closed=False)))
    assert [file.filename for file in files(message)] == ["a.docx", "b.docx"]


@pytest.mark.parametrize(
    "part", [attached(b"a.docx", b"x"), b"Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx"]
)
def test_a_message_of_too_many_parts_is_not_taken_apart_and_says_so(decode, part):
    message = decode(mail(multipart(*[part] * (MAX_PARTS + 1)), subject=b"many"))
    assert (message.parts, message.envelope.subject) == ((), "many")
    assert message.excess == "附件过多，超过2000个"


def test_nor_is_one_that_is_nested_too_deeply(decode):
    content = text("最里面")
    for number in range(200):
        content = multipart(content, boundary=b"level%d=" % number)
    message = decode(mail(content, subject=b"deep"))
    assert (message.parts, message.envelope.subject) == ((), "deep")
    assert message.excess == "邮件嵌套过深，超过40层"


def test_a_huge_header_is_bounded_and_the_rest_is_read(decode):
    raw = mail(multipart(text("请查收"), attached(b'"a.docx"')), extra=b"X-A: " + b"y " * 150_000 + b"\r\n")
    message = decode(raw)
    assert [file.filename for file in files(message)] == ["a.docx"]


def test_a_large_attachment_costs_little_memory(decode):
    payload = DOCX * 200_000
    raw = mail(multipart(text("请查收"), attached(b'"a.docx"', payload)))
    tracemalloc.start()
    message = decode(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert files(message)[0].sha256 == hashlib.sha256(payload).hexdigest()
    assert peak < len(raw)


def test_reading_a_message_twice_gives_the_same(decode):
    for raw in samples().values():
        assert decode(raw) == decode(raw)


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"], ids=["CRLF", "LF"])
@pytest.mark.parametrize("name", samples())
def test_line_ends_make_no_difference(decode, name, line_end):
    raw = samples()[name]
    usual, other = decode(raw), decode(raw.replace(b"\r\n", line_end))
    assert [(one.path, one.filename, one.origin) for one in usual.parts] == [
        (one.path, one.filename, one.origin) for one in other.parts
    ]
    assert usual.envelope.subject == other.envelope.subject


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"], ids=["CRLF", "LF"])
@pytest.mark.parametrize("name", samples())
def test_a_message_cut_anywhere_is_read_as_far_as_it_goes(decode, name, line_end):
    raw = samples()[name].replace(b"\r\n", line_end)
    for cut in range(0, len(raw), 7):
        message = decode(raw[:cut])
        assert message.envelope.message_id
        assert all(one.filename and one.payload.exists() for one in message.parts)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail(decode, raw):
    assert decode(raw).envelope.message_id.startswith("<")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(samples())), st.data())
def test_no_damage_makes_it_fail(decode, name, data):
    raw = bytearray(samples()[name])
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=30)):
        raw[at] = data.draw(st.integers(0, 255))
    assert all(one.filename for one in decode(bytes(raw)).parts)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
def test_no_header_makes_it_fail(decode, subject, sender, name):
    raw = mail(multipart(attached(name), text("请查收")), subject=subject, sender=sender, date=name)
    assert decode(raw).envelope.message_id


def test_base64_in_one_endless_line_is_read(decode):
    payload = bytes(range(256)) * 20_000
    raw = mail(part(kind=b"image/jpeg; name=a.jpg", body=b64(payload).replace(b"\r\n", b"")))
    assert files(decode(raw))[0].size_bytes == len(payload)
