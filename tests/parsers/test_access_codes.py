"""The code that a cloud link asks for is read with the link, and no other word or number is taken for it."""

from __future__ import annotations

import pytest

from parsers.links import find_links

ONE, TWO = "https://pan.baidu.com/s/1a", "https://pan.baidu.com/s/1b"


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        (f"链接: {ONE}?pwd=x1y2 提取码: x1y2 复制这段内容打开", ["x1y2"]),
        ("https://pan.xunlei.com/s/VNa?pwd=y7u8# 复制这段内容", ["y7u8"]),
        ("https://115cdn.com/s/swabc?password=y123&#", ["y123"]),
        (f"{ONE} 提取码：ａｂ１２", ["ab12"]),
        (f"{ONE}\n\n提取码\nab1c", ["ab1c"]),
        ("https://wwx.lanzoul.com/iAbc 密码:6h1d", ["6h1d"]),
        ("https://drive.weixin.qq.com/s?k=AJEAI 访问密码: 123456", ["123456"]),
        (f"提取码是 8k2p，链接 {ONE}", ["8k2p"]),
        (f"视频一 {ONE} 提取码：aaaa\n视频二 {TWO} 提取码：bbbb", ["aaaa", "bbbb"]),
        (f"视频一 {ONE} 提取码：aaaa\n视频二 {TWO}", ["aaaa", ""]),
        (f"提取码：aaaa {ONE}\n提取码：bbbb {TWO}", ["aaaa", "bbbb"]),
        (f"{ONE}\n{TWO}\n提取码均为1234", ["1234", "1234"]),
        (f'<p><a href="{ONE}">{ONE}</a></p><p>提取码：<b>ab12</b></p>', ["ab12"]),
        (f"<table><tr><td>{ONE}</td><td>提取码</td><td>ab12</td></tr></table>", ["ab12"]),
        (f"{ONE} 解压密码：abcd", [""]),
        (f"邮箱密码：abcd1234 {ONE}", [""]),
        (f"{ONE} 联系电话：82801837", [""]),
    ],
)
def test_each_link_has_the_code_that_is_its_own(source: str, codes: list[str]) -> None:
    assert [link.access_code for link in find_links(source)] == codes


@pytest.mark.parametrize("ending", ["提取码ab12", "提取码:ab12", "(访问码:ab12)", "（访问码：ab12）"])
def test_a_code_written_on_end_with_its_link_is_no_part_of_the_address(ending: str) -> None:
    (link,) = find_links(f"https://cloud.189.cn/t/AbCdEf{ending}")
    assert (link.url, link.access_code) == ("https://cloud.189.cn/t/AbCdEf", "ab12")
