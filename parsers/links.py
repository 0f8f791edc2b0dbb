"""Finds files that were sent as a link to the cloud instead of being attached (超大附件, 云附件, 网盘, 在线文档).

    find_links(source) -> links, each URL once, in order; `source` is plain text or HTML

Such a file is not in the message and goes away after some days, so its name, size and expiry are read from the words
around the link, as the provider wrote them, or from the URL itself. Adverts in the same block (u.163.com) are no files.
Short links, and pages on which films are shown, say nothing of what is behind them: they count where the words before
them speak of a film, of photos or of fetching something, and not of a notice.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs, urlsplit

from parsers.access_codes import code_in_url, codes_beside, without_code
from rules.extraction import Link

MAX_SOURCE_CHARS: Final = 2_000_000
MAX_LINKS: Final = 50
_BEFORE_CHARS: Final = 400
_AFTER_CHARS: Final = 200

_Places = tuple[tuple[re.Pattern[str], str], ...]  # what an address begins with, and whose it is


def _places(*named: tuple[str, str]) -> _Places:
    return tuple((re.compile(pattern, re.IGNORECASE), provider) for pattern, provider in named)


_PROVIDERS: Final = _places(
    (r"^[\w.-]*mail\.(?:163|126|yeah)\.(?:com|net)/large-attachment-download/", "网易邮箱超大附件"),
    (r"^fs\.(?:qiye\.)?163\.com/fs/", "网易邮箱超大附件"),
    (r"^edisk\.qiye\.163\.com/", "网易邮箱超大附件"),
    (r"^dashi\.163\.com/html/cloud-attachment", "网易邮箱云附件"),
    (r"^(?:[\w-]+\.)*mail\.qq\.com/cgi-bin/ftnExs_", "QQ邮箱超大附件"),
    (r"^(?:wx\.)?mail\.qq\.com/ftn/", "QQ邮箱超大附件"),
    (r"^(?:[\w-]+\.)?exmail\.qq\.com/(?:cgi-bin/ftnExs_|ftn/)", "腾讯企业邮箱超大附件"),
    (r"^docs\.qq\.com/(?!form/)\w+/\w", "腾讯文档"),  # a form is to be filled in, and no file
    (r"^share\.weiyun\.com/\w", "腾讯微云"),
    (r"^(?!f\.)(?:[\w-]+\.)?kdocs\.cn/\w+/\w", "金山文档"),
    (r"^(?:www|p)\.wps\.cn/l/\w", "金山文档"),
    (r"^doc\.weixin\.qq\.com/(?!forms/)\w+/\w", "企业微信文档"),
    (r"^drive\.weixin\.qq\.com/s\b", "企业微信微盘"),
    (
        r"^[\w-]+\.(?:feishu\.cn|larkoffice\.com|larksuite\.com)/(?:docx?|docs|file|wiki|sheets|base|drive|space|minutes)/",
        "飞书云文档",
    ),
    (r"^(?:alidocs|space)\.dingtalk\.com/\w", "钉钉文档"),
    (r"^shimo\.im/(?:docs|sheets|file|folder|presentation)/", "石墨文档"),
    (r"^(?:www\.)?jianguoyun\.com/p/", "坚果云"),
    (r"^(?:pan|yun)\.baidu\.com/(?:s/|share/)", "百度网盘"),
    (r"^(?:[\w-]+\.)*cloud\.189\.cn/(?:t/|web/share|file|download|\w+\?)", "天翼云盘"),
    (r"^download\.cloud\.189\.cn/", "天翼云盘"),
    (r"^(?:[\w-]+\.)*mail\.sina\.(?:com\.cn|com|cn)/filecenter/", "新浪邮箱文件中转站"),
    (r"^(?:yun|caiyun)\.139\.com/", "移动云盘"),
    (r"^(?:[\w-]+\.)*mail\.10086\.cn/.*(?:disk|share|down|file|link)", "139邮箱超大附件"),
    (r"^(?:[\w-]+\.)*(?:mail|webmail\d*)\.189\.cn/.*(?:share|down|file)", "189邮箱超大附件"),
    (r"^(?:www\.)?(?:aliyundrive|alipan)\.com/s/", "阿里云盘"),
    (r"^pan\.quark\.cn/s/", "夸克网盘"),
    (r"^pan\.xunlei\.com/s/", "迅雷云盘"),
    (r"^(?:www\.)?115(?:cdn)?\.com/s/", "115网盘"),
    (r"^(?:[\w-]+\.)?lanzou\w?\.com/\w", "蓝奏云"),
    (r"^pan\.wo\.cn/s/", "联通云盘"),
    (r"^drive\.uc\.cn/s/", "UC网盘"),
    (r"^(?:[\w-]+\.)?cowtransfer\.com/s/", "奶牛快传"),
    (r"^(?:(?:www\.)?wenshushu\.cn/\w+/|wss1?\.cn/f/)", "文叔叔"),
    (r"^(?:1drv\.ms/\w|onedrive\.live\.com/.|[\w-]+-my\.sharepoint\.com/:)", "OneDrive"),
    (r"^www\.icloud\.com(?:\.cn)?/(?:attachment|iclouddrive|photos)/", "iCloud"),
    (r"^(?:www\.)?123(?:pan|865|684)\.com/s/", "123云盘"),
)
_COUNTED_IF_SPOKEN_OF: Final = _places(
    (r"^(?:t\.cn|url\.cn|suo\.im|sourl\.cn|c1n\.cn|dwz\.(?:cn|tax|win|mk))/\w", "短链接"),
    (r"^mp\.weixin\.qq\.com/s\b", "公众号页面"),
    (r"^(?:www\.)?meipian\d*\.(?:cn|me)/\w", "美篇"),
    (r"^(?:v|www)\.(?:douyin|kuaishou|youku|ixigua)\.com/\w|^v\.qq\.com/\w|^weixin\.qq\.com/sph/", "视频网页"),
    (r"^(?:b23\.tv|(?:www\.)?bilibili\.com/video)/\w", "视频网页"),
)
_OF_MATERIAL: Final = re.compile(r"视频|录像|影像|照片|图片|相册|下载|网盘|提取码|云附件")
_OF_NOTICE: Final = re.compile(r"通知|要求|说明|教程|参考|详见文件|报名|扫码|关注")
_WORDS_BEFORE: Final = 40
_QUOTED_SENDER: Final = re.compile(
    r"^[ \t>|*]*(?:(?:发[ \t]*件[ \t]*人|寄件者|From)\W{0,3}[:：](?P<sender>[^\n]{1,300})"
    r"|(?:在|于|On\b)(?P<writer>[^\n]{5,300})(?:写道|wrote)\W{0,3}$)",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_URL: Final = re.compile(r"https?://[^\s<>\"'，。；：、！？（）《》【】“”「」]+", re.IGNORECASE)
_ANCHOR: Final = re.compile(
    r"<a\b[^<>]{0,4000}?\bhref\s*=\s*[\"']?\s*(https?://[^\"'\s>]+)[^<>]{0,4000}>((?:(?!<a\b|</a>).){0,2000})(?:</a>)?",
    re.IGNORECASE | re.DOTALL,
)
_TAG: Final = re.compile(r"<[^<>]{0,4000}>")
_BREAK: Final = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?table)\b[^<>]{0,4000}>", re.IGNORECASE)
_SIZE: Final = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?\s?[KMG](?:i?B)?)(?![A-Za-z0-9])", re.IGNORECASE)
_EXPIRY: Final = re.compile(
    r"(\d{4})\s?[年/.-]\s?(\d{1,2})\s?[月/.-]\s?(\d{1,2})\s?日?(?:\s*(\d{1,2}):(\d{2})(?::\d{2})?)?\s*(?:到期|过期|前有效|失效)"
)
_EXPIRY_AFTER: Final = re.compile(
    r"(?:有效期(?:至|到)?|到期时间|过期时间|失效时间)\s*[:：]?\s*(\d{4})\s?[年/.-]\s?(\d{1,2})\s?[月/.-]\s?(\d{1,2})\s?日?"
    r"(?:\s*(\d{1,2}):(\d{2}))?"
)
_VALID_DAYS: Final = re.compile(
    r"有效期\s*[:：为]?\s*(\d{1,3})\s?天|(?<!\d)(\d{1,3})\s?天(?:之?后(?:到期|过期|失效)|内有效|有效)"
)
_TITLED: Final = re.compile(
    r"【(?:腾讯文档|金山文档[^】\n]{0,20}|WPS[^】\n]{0,20})】[ \t]*([^\s【】][^【】\n]{0,100})"
    r"|(?:通过(?:百度)?网盘分享的文件|我用夸克网盘[^\n]{0,10}分享了|分享文件)[:：「]?[ \t]*([^\s「」][^「」\n]{0,100})"
)
_NOT_NAME: Final = re.compile(r"\s*(?:https?://|链接[:：]|点击链接|\(|（).*$", re.DOTALL)
_ENTRY_END: Final = re.compile(r"(?:到期|过期|失效)[)）]")  # what follows is about the next file
_FILENAME: Final = re.compile(
    r"([^\s<>|:：/\\\"*?\t][^<>|:：/\\\"*?\t\n]{0,150}\.(?:[A-Za-z][A-Za-z0-9]{1,4}|7z|3gp))(?![A-Za-z0-9.])"
)
_FILE_PARAMETERS: Final = ("title", "filename", "fileName", "name", "fname")


def find_links(source: str) -> tuple[Link, ...]:
    """Every cloud file linked in `source`, at most MAX_LINKS."""
    text = _ENTRY_END.sub("\\g<0>\n", _with_visible_links(source[:MAX_SOURCE_CHARS]))
    found: dict[str, Link] = {}
    spans: list[tuple[str, tuple[int, int]]] = []
    quotes = [(quote.start(), quote["sender"] or quote["writer"]) for quote in _QUOTED_SENDER.finditer(text)]
    end = 0
    for match in _URL.finditer(text):
        url = without_code(match[0]).rstrip(".,;:!)")
        stop = match.start() + len(url)
        before = text[max(end, match.start() - _BEFORE_CHARS) : match.start()]
        provider = _provider(url, before)
        if provider:
            link = _link(url, provider, before, _after(text, stop))
            over = next((sender for start, sender in reversed(quotes) if start < match.start()), "")
            found[url] = _merged(found.get(url), replace(link, quoted_from=_address(over)))
            spans.append((url, (match.start(), stop)))
        end = stop
        if len(found) >= MAX_LINKS:
            break
    for (url, _span), code in zip(spans, codes_beside(text, [span for _url, span in spans]), strict=True):
        found[url] = replace(found[url], access_code=found[url].access_code or code_in_url(url) or code)
    return tuple(found.values())


def _with_visible_links(source: str) -> str:
    """HTML with every target standing behind its anchor's words, without tags; plain text as it is."""
    if not re.search(r"<(?:a|html|body|div|p|br|table)\b", source, re.IGNORECASE):
        return source
    text = _ANCHOR.sub(lambda match: f"{match[2]} {match[1]} ", source)
    text = _TAG.sub("", _BREAK.sub("\n", text))
    return html.unescape(text).replace("\xa0", " ")


def _provider(url: str, before: str) -> str:
    """Empty for what is no file of the sender's. `before`: the words that lead to the link."""
    address = re.sub(r"^https?://", "", url, flags=re.IGNORECASE)
    words = before[-_WORDS_BEFORE:]
    is_spoken_of = bool(_OF_MATERIAL.search(words)) and not _OF_NOTICE.search(words)
    known = (*_PROVIDERS, *_COUNTED_IF_SPOKEN_OF) if is_spoken_of else _PROVIDERS
    return next((provider for pattern, provider in known if pattern.search(address)), "")


def _address(text: str) -> str:
    found = _ADDRESS.search(text)
    return found[0].lower() if found else ""


def _after(text: str, start: int) -> str:
    after = text[start : start + _AFTER_CHARS]
    following = _URL.search(after)
    return after[: following.start()] if following else after


def _link(url: str, provider: str, before: str, after: str) -> Link:
    """What stands before the last file name before the URL belongs to the file before."""
    names = list(_FILENAME.finditer(before))
    before = before[names[-1].start() :] if names else before
    return Link(
        url=url,
        provider=provider,
        filename=_filename_in_url(url) or _nearest_filename(before, after) or _title(before),
        size_text=_nearest(_SIZE, before, after),
        expires_at=_expiry(before) or _expiry(after),
        valid_days=_valid_days(before) or _valid_days(after),
    )


def _filename_in_url(url: str) -> str:
    try:
        parameters = parse_qs(urlsplit(url).query)
    except ValueError:
        return ""
    values = (parameters[name][0].strip() for name in _FILE_PARAMETERS if name in parameters)
    return next((value for value in values if _FILENAME.fullmatch(value)), "")


def _nearest_filename(before: str, after: str) -> str:
    for words in (before, after):
        for match in _FILENAME.finditer(words):
            if not _ADDRESS.search(match[1]):
                return _trimmed(match[1])
    return ""


def _trimmed(name: str) -> str:
    """A name that starts in the middle of a bracket was cut there."""
    name = name.partition("】")[2] if "】" in name and "【" not in name else name
    return name.strip(" ()（）[]【】,，;；。").strip()


def _nearest(pattern: re.Pattern[str], before: str, after: str) -> str:
    match = pattern.search(before) or pattern.search(after)
    return match[1] if match else ""


def _expiry(text: str) -> str:
    match = _EXPIRY.search(text) or _EXPIRY_AFTER.search(text)
    if not match:
        return ""
    year, month, day, hour, minute = match.groups()
    date = f"{year}-{int(month):02d}-{int(day):02d}"
    return f"{date}T{int(hour):02d}:{minute}" if hour else date


def _valid_days(text: str) -> int | None:
    match = _VALID_DAYS.search(text)
    return int(match[1] or match[2]) if match else None


def _title(before: str) -> str:
    """What was shared without a file's name: an online document, a folder."""
    titles = list(_TITLED.finditer(before))
    return _trimmed(_NOT_NAME.sub("", titles[-1][1] or titles[-1][2])) if titles else ""


def _merged(first: Link | None, second: Link) -> Link:
    """One link for a URL that stands twice, at the file's name and at 下载."""
    if first is None:
        return second
    return Link(
        url=first.url,
        provider=first.provider,
        filename=first.filename or second.filename,
        size_text=first.size_text or second.size_text,
        expires_at=first.expires_at or second.expires_at,
        valid_days=second.valid_days if first.valid_days is None else first.valid_days,
        quoted_from=first.quoted_from and second.quoted_from,
        access_code=first.access_code,
    )
