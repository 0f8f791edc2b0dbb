from __future__ import annotations

import pytest

from parsers.links import find_links
from rules.extraction import Link

QQ = "https://mail.qq.com/cgi-bin/ftnExs_download?t=exs_ftn_download&k=1&code=2"
NETEASE = "https://mail.163.com/large-attachment-download/index.html?p=X-NETEASE-HUGE-ATTACHMENT&file=abc"

CASES = {
    "QQ in text": (
        f"从QQ邮箱发来的超大附件\n开幕式.mp4 (128.03M, 2020年11月27日 21:59 到期)进入下载页面：{QQ}",
        Link(
            url=QQ, provider="QQ邮箱超大附件", filename="开幕式.mp4", size_text="128.03M", expires_at="2020-11-27T21:59"
        ),
    ),
    "NetEase in HTML, twice": (
        (
            f'<div>超大附件</div><a href="{NETEASE}">总结 终稿.zip</a> (80.96M, 2026年8月17日 0:49 到期)'
            f'<a href="{NETEASE.replace("&", "&amp;")}">下载</a><a href="http://u.163.com/x">手机网易邮箱</a>'
        ),
        Link(
            url=NETEASE,
            provider="网易邮箱超大附件",
            filename="总结 终稿.zip",
            size_text="80.96M",
            expires_at="2026-08-17T00:49",
        ),
    ),
    "NetEase, name in the URL": (
        f"{NETEASE}&title=%E6%80%BB%E7%BB%93.docx",
        Link(url=f"{NETEASE}&title=%E6%80%BB%E7%BB%93.docx", provider="网易邮箱超大附件", filename="总结.docx"),
    ),
    "older NetEase": (
        "http://fs.163.com/fs/display/?p=1&file=2",
        Link(url="http://fs.163.com/fs/display/?p=1&file=2", provider="网易邮箱超大附件"),
    ),
    "189": (
        "https://download.cloud.189.cn/file/x",
        Link(url="https://download.cloud.189.cn/file/x", provider="天翼云盘"),
    ),
    "Sina": (
        "http://mail.sina.com.cn/filecenter/download.php?id=1",
        Link(url="http://mail.sina.com.cn/filecenter/download.php?id=1", provider="新浪邮箱文件中转站"),
    ),
    "Tencent Docs": (
        "请填 https://docs.qq.com/sheet/DUX1。谢谢",
        Link(url="https://docs.qq.com/sheet/DUX1", provider="腾讯文档"),
    ),
    "Kingsoft Docs": ("https://www.kdocs.cn/l/cabc", Link(url="https://www.kdocs.cn/l/cabc", provider="金山文档")),
    "Baidu": (
        "视频.mp4 链接: https://pan.baidu.com/s/1abc 提取码: x1y2 有效期至2023-11-20",
        Link(
            url="https://pan.baidu.com/s/1abc",
            provider="百度网盘",
            filename="视频.mp4",
            expires_at="2023-11-20",
            access_code="x1y2",
        ),
    ),
    "NetEase, business, with its block's advert": (
        (
            "从网易企业邮箱发来的超大附件<br>活动视频.mp4 (80.96M, 2026年8月17日 0:49 到期) "
            '<a href="https://fs.qiye.163.com/fs/display/?p=a&file=b">下载</a> <a href="https://u.163.com/t1">大师</a>'
        ),
        Link(
            url="https://fs.qiye.163.com/fs/display/?p=a&file=b",
            provider="网易邮箱超大附件",
            filename="活动视频.mp4",
            size_text="80.96M",
            expires_at="2026-08-17T00:49",
        ),
    ),
    "NetEase master": (
        "https://dashi.163.com/html/cloud-attachment-download/?key=abc",
        Link(url="https://dashi.163.com/html/cloud-attachment-download/?key=abc", provider="网易邮箱云附件"),
    ),
    "QQ, newer": (
        "启动仪式.mp4 (1.2G, 30天后到期) https://wx.mail.qq.com/ftn/download?func=3&key=a&code=b",
        Link(
            url="https://wx.mail.qq.com/ftn/download?func=3&key=a&code=b",
            provider="QQ邮箱超大附件",
            filename="启动仪式.mp4",
            size_text="1.2G",
            valid_days=30,
        ),
    ),
    "189, with its code": (
        "启动仪式.mp4 https://cloud.189.cn/t/aBc123（访问码：x1y2）",
        Link(url="https://cloud.189.cn/t/aBc123", provider="天翼云盘", filename="启动仪式.mp4", access_code="x1y2"),
    ),
    "Sina, with its expiry": (
        "新浪邮箱文件中转站\n合影.zip 35.2M 过期时间：2023-12-01 10:00 http://mail.sina.com.cn/filecenter/download.php?id=1",
        Link(
            url="http://mail.sina.com.cn/filecenter/download.php?id=1",
            provider="新浪邮箱文件中转站",
            filename="合影.zip",
            size_text="35.2M",
            expires_at="2023-12-01T10:00",
        ),
    ),
    "Tencent Docs, titled": (
        "【腾讯文档】儒林镇活动安排表\nhttps://docs.qq.com/sheet/DUX1",
        Link(url="https://docs.qq.com/sheet/DUX1", provider="腾讯文档", filename="儒林镇活动安排表"),
    ),
    "Kingsoft Docs, titled": (
        "【金山文档 | WPS云文档】 活动总结 https://kdocs.cn/l/cabc",
        Link(url="https://kdocs.cn/l/cabc", provider="金山文档", filename="活动总结"),
    ),
    "Baidu, a folder for seven days": (
        "通过网盘分享的文件：儒林镇学习周视频\n链接: https://pan.baidu.com/s/1abc?pwd=x1y2 提取码: x1y2 有效期7天",
        Link(
            url="https://pan.baidu.com/s/1abc?pwd=x1y2",
            provider="百度网盘",
            filename="儒林镇学习周视频",
            valid_days=7,
            access_code="x1y2",
        ),
    ),
}


@pytest.mark.parametrize(("source", "link"), CASES.values(), ids=CASES.keys())
def test_a_file_behind_a_link_is_known_by_what_stands_around_it(source, link):
    assert find_links(source) == (link,)


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://doc.weixin.qq.com/sheet/e3_A?scode=1", "企业微信文档"),
        ("https://drive.weixin.qq.com/s?k=AB", "企业微信微盘"),
        ("https://abc.feishu.cn/docx/AbC", "飞书云文档"),
        ("https://alidocs.dingtalk.com/i/nodes/a", "钉钉文档"),
        ("https://shimo.im/docs/a", "石墨文档"),
        ("https://www.jianguoyun.com/p/a", "坚果云"),
        ("https://pan.xunlei.com/s/a?pwd=1", "迅雷云盘"),
        ("https://115.com/s/a?password=1", "115网盘"),
        ("https://wwi.lanzoup.com/ia", "蓝奏云"),
        ("https://cowtransfer.com/s/a", "奶牛快传"),
        ("https://www.wenshushu.cn/f/a", "文叔叔"),
        ("https://mail.10086.cn/s?func=file:disk&shareId=a", "139邮箱超大附件"),
        ("http://webmail30.189.cn/w2/bigfile/download.do?id=a", "189邮箱超大附件"),
        ("https://abc.larkoffice.com/docx/AbC", "飞书云文档"),
        ("https://www.wps.cn/l/sabc", "金山文档"),
        ("https://1drv.ms/v/s!Abc", "OneDrive"),
    ],
)
def test_many_places_are_known_where_files_are_left(url, provider):
    assert find_links(f"活动视频.mp4 {url}") == (Link(url=url, provider=provider, filename="活动视频.mp4"),)


def test_names_that_are_the_links_themselves_are_told_apart():
    source = (
        f'<p><a href="{QQ}1">一.zip</a>(1.5M, 2023年11月1日 到期)<a href="{QQ}2">二.zip</a>(2G, 2023年12月1日 到期)</p>'
    )
    assert [(link.filename, link.size_text, link.expires_at) for link in find_links(source)] == [
        ("一.zip", "1.5M", "2023-11-01"),
        ("二.zip", "2G", "2023-12-01"),
    ]


def test_each_file_has_its_own_name_and_expiry():
    source = f"一.zip (1.5M, 2023年11月1日 8:00 到期)\n{QQ}1\n二.zip (2G, 2023年12月1日 到期)\n{QQ}2\n"
    assert [(link.filename, link.size_text, link.expires_at) for link in find_links(source)] == [
        ("一.zip", "1.5M", "2023-11-01T08:00"),
        ("二.zip", "2G", "2023-12-01"),
    ]


@pytest.mark.parametrize(
    ("source", "provider"),
    [
        ("活动视频：https://t.cn/A6abcde", "短链接"),
        ("活动视频已发布在公众号：https://mp.weixin.qq.com/s/abc", "公众号页面"),
        ("照片请看 https://www.meipian.cn/4abcde", "美篇"),
        ("视频 https://v.douyin.com/abc/", "视频网页"),
    ],
)
def test_a_page_or_a_short_link_is_a_file_where_the_words_before_it_say_so(source, provider):
    assert [link.provider for link in find_links(source)] == [provider]


def test_an_address_is_no_name_and_a_code_is_no_size():
    (link,) = find_links("发给 zx@126.com https://pan.baidu.com/s/1 提取码：8k2p")
    assert (link.filename, link.size_text) == ("", "")


def test_a_name_is_not_cut_out_of_a_bracket():
    (link,) = find_links("【金山文档 | WPS云文档】 方案.docx https://www.kdocs.cn/l/2")
    assert link.filename == "方案.docx"


@pytest.mark.parametrize(
    "quoted",
    [
        '---- 原始邮件 ----\n发件人: "教育科"<JYK@example.com>;\n发送时间: 2023年11月1日',
        '在 2023-11-01 10:00:00，"教育科" <jyk@example.com> 写道：',
        "> On Wed, Nov 1, 2023 at 10:00 <jyk@example.com> wrote:",
    ],
)
def test_it_is_said_in_whose_quoted_mail_a_link_stands(quoted):
    source = f"我校视频：https://pan.baidu.com/s/1\n\n{quoted}\n> 附件 https://pan.baidu.com/s/2"
    assert [link.quoted_from for link in find_links(source)] == ["", "jyk@example.com"]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "已按通知要求（https://mp.weixin.qq.com/s/abc）完成，请查收",
        "学校公众号 https://mp.weixin.qq.com/s/abc",
        "活动视频已按通知要求 https://t.cn/A6abcde 上报",
        "见 https://mail.163.com/ 和 http://u.163.com/x",
        "https://docs.qq.com/",
        "<a href=x>",
        "请填 https://docs.qq.com/form/page/DUX1 或 https://f.kdocs.cn/w/abc",
    ],
)
def test_other_links_are_no_files(source):
    assert find_links(source) == ()
