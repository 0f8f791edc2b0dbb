"""Does a name stand whole in a running text, or is it the end or the beginning of a longer, unknown name?

Chinese has no spaces: 东城实验小学 holds 实验小学, and 直溪中心小学附属幼儿园 holds 直溪中心小学, yet neither is that
school. So each found name is judged by its neighbours:

    CLEAR     the start, punctuation, a word that never belongs to a name (关于, 来自, 年度 …), our own region, its town
    UNSURE    what stands there may or may not belong to the name (a person's name, a clause without such a word)
    EXTENDED  it plainly does: 东城|实验小学, 第二|…, 武进区|…, …|附属幼儿园, …|分校

Only CLEAR on both sides makes a name certain. Single words such as 由 or 和 count only when what stands before them is
explained in turn: 求是实验小学 and 太和实验小学 are schools.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from rules.names import HAN, NormalText, is_han
from rules.regions import Regions, region_before


class Edge(IntEnum):
    """How sure it is that a name ends here; the larger, the worse."""

    CLEAR = 0
    UNSURE = 1
    EXTENDED = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftRules:
    """What may stand before one found name: regions, the unit's own towns; `longer`: heads that make another name;
    `other_towns`: towns of which the unit is not.
    """

    regions: Regions
    towns: frozenset[str] = frozenset()
    longer: tuple[str, ...] = ()
    other_towns: frozenset[str] = frozenset()
    begins_with_town: bool = False
    begins_with_region: bool = False


_KNOWN: Final = re.compile(
    r"(?:"
    r"关于|来自|报送|上报|填报|申报|提交|呈报|单位|名称|地区|主办|承办|协办|组织|组织开展|"
    r"参加|参与|联合|走进|走入|进入|邀请|位于|前往|来到|属于|隶属|年度|活动|活动周|启动周|"
    r"学习周|方案|总结|小结|统计表|安排表|情况表|一览表|汇总表|登记表|材料|照片|图片|视频|附件|"
    r"附表|报告|通知|计划|简报|汇报|纪实|资料|文件|信息|邮件|表格|我校|我园|我院|我区|全区|"
    r"本区|我们|我是|这是|本校|本园|本单位|您好|你好|大家好|领导|老师|同志|转发|答复|回复|"
    r"代报|转报|代发|转交|收到|附上|现将|兹将|特将|以及|其中|包括|例如|比如|分别|下属|所属|"
    r"辖区|辖区内|敬礼|此致|教育局|职教科|教育科|校名|园名|校长|主任|书记|园长|负责人|联系人|"
    r"发件人|落款|署名|盖章|公章|正文|正式|最新|终版|最终版|定稿|初稿|修改|修改版|修改稿|修订|"
    r"补报|补交|补充|重报|更正|更正版|更新|新版|地点|时间|印发|举办|举行|开展|召开|这里是|"
    r"作为|根据|按照|依托|围绕|支持|配合|指导|协助|欢迎|感谢|还有|尊敬的|上午|下午|晚上|今天|当天"
    r"|的|[a-z0-9])$"
)
_NOT_KNOWN: Final = re.compile(r"(?:第\d+|求是的?)$")
_ONE_WORD: Final = frozenset("由在为是到向对给从于自请有年月日将以让即或转代按把被说叫交发致报送")
_JOINING: Final = frozenset("和与及同跟")
_ENDS_ORGANISATION: Final = frozenset("学园校心院局府处会站馆所部社厅镇道")
_SOFT: Final = frozenset("-_·~+.=")
_PLACE_END: Final = re.compile(r"(?:[镇乡村城街路区县市东西南北中湖河江桥港山一二三四五六七八九十]|街道|社区)$")
_PLACE_WORD: Final = re.compile(r"(?:[镇乡村城街路区县市]|街道)$")
_SURNAMES: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭"
    "廖邹熊陆郝孔崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚虞殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢岳齐梅莫庄辛"
    "管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强丛柴华车冉房边辜吉"
)
_SHORT_RUN: Final = 4
_SHORTEST_ORGANISATION: Final = 4
_WINDOW: Final = 14
_RIGHT_LONGER: Final = re.compile(
    r"附属|附设|附小|附中|附幼|分校|分园|分部|分院|分中心|工作站|教学点|分教点|家长学校|老年大学|老年学校|少年宫"
    rf"|[{HAN}]{{0,3}}校区|[{HAN}]{{0,4}}(?<!开展)集团|(?:实验|国际|外国语|双语|第?[{HAN}\d])?"
    r"(?:小学(?![部生])|中学(?![部生])|学校|幼儿园|初中(?!部|学?生)|高中(?!部|学?生)|学院|大学)|生(?![产活态动命])"
)
_ENDS_NAME: Final = re.compile(r"(?:学|校|园|院|中心|初中|高中|中专|局|府|处|会|站|馆|公司|集团|所|厅)$")
_AFTER_SHORT_NAME: Final = re.compile(
    r"(?:20|关于|活动|方案|统计|总结|安排|汇总|情况|材料|照片|图片|视频|附件|报送|上报|全民|终身|学习|年度|第|开展|举办|举行|启动|工作|的|计划|\d)"
)


def left_edge(text: NormalText, start: int, rules: LeftRules) -> Edge:
    """How clear it is that the name at `start` begins there."""
    if start == 0:
        return Edge.CLEAR
    line_start = text.line_start(start)
    if line_start == start:
        return _across(text, start, text.line_start(start - 1), rules, is_line_break=True)
    if text.text[start - 1] in _SOFT:
        return _across(text, start - 1, line_start, rules, is_line_break=False)
    return _beside(text.text[max(line_start, start - _WINDOW) : start], rules)


def _across(text: NormalText, end: int, line_start: int, rules: LeftRules, *, is_line_break: bool) -> Edge:
    """Over a line break, a dash or the like: a name may be broken there, but mostly is not."""
    before = text.text[max(line_start, end - _WINDOW) : end].rstrip("".join(_SOFT))
    run = _han_run(before)
    if not run:
        return Edge.CLEAR
    if before.endswith((*rules.longer, *rules.other_towns)):
        return Edge.EXTENDED
    beside = _beside(before, rules)
    if beside is Edge.CLEAR or _is_person(run):
        return Edge.CLEAR
    if is_line_break or len(run) <= _SHORT_RUN or _PLACE_END.search(run):
        return max(beside, Edge.UNSURE)
    return Edge.CLEAR


def _beside(before: str, rules: LeftRules) -> Edge:
    """`before` is what stands on the same line, at most a window of it."""
    if not before or not _is_word_character(before[-1]):
        return Edge.CLEAR
    if _NOT_KNOWN.search(before):
        return Edge.EXTENDED
    if _is_explained(before, rules):
        return Edge.CLEAR
    if region_before(before):
        return Edge.EXTENDED
    return _unexplained(before, rules)


def _is_explained(before: str, rules: LeftRules) -> bool:
    if not before or not _is_word_character(before[-1]) or _KNOWN.search(before):
        return not _NOT_KNOWN.search(before)
    if before.endswith(tuple(rules.towns)) and rules.towns:
        return True
    region = region_before(before)
    if region and (rules.regions.is_home(region) or (rules.begins_with_region and region[-1] in "省市")):
        return True
    if rules.regions.short_forms and before.endswith(tuple(rules.regions.short_forms)):
        short = next(form for form in rules.regions.short_forms if before.endswith(form))
        rest = before.removesuffix(short)
        return rest.endswith(("省", "市")) or _is_explained(rest, rules)
    return _follows_one_word(before, rules)


def _follows_one_word(before: str, rules: LeftRules) -> bool:
    last, rest = before[-1], before[:-1]
    if last in _JOINING:
        is_second = len(_han_run(rest)) >= _SHORTEST_ORGANISATION and rest[-1] in _ENDS_ORGANISATION
        return bool(rest) and (is_second or _is_explained(rest, rules))
    is_our_district = last == "区" and (not rules.regions.home or rules.regions.level == 3)
    return (last in _ONE_WORD or is_our_district) and _is_explained(rest, rules)


def _unexplained(before: str, rules: LeftRules) -> Edge:
    run = _unknown_run(before, rules)
    if run.endswith(tuple(rules.other_towns)) and rules.other_towns:
        return Edge.EXTENDED
    if rules.begins_with_town and (_is_person(run) or run[-1] in _ONE_WORD | _JOINING):
        return Edge.CLEAR
    return Edge.EXTENDED if len(run) <= _SHORT_RUN and not _is_person(run) else Edge.UNSURE


def _unknown_run(before: str, rules: LeftRules) -> str:
    """The characters back to the last word or mark that explains itself."""
    for length in range(1, len(before)):
        if _is_explained(before[:-length], rules):
            return before[-length:]
    return before


def _han_run(text: str) -> str:
    start = len(text)
    while start and is_han(text[start - 1]):
        start -= 1
    return text[start:]


def _is_word_character(character: str) -> bool:
    return is_han(character) or character.isalnum()


def _is_person(run: str) -> bool:
    return 2 <= len(run) <= 3 and run[0] in _SURNAMES and not _PLACE_WORD.search(run)


def right_edge(text: NormalText, end: int, surface: str, next_starts: Collection[int]) -> Edge:
    """How clear it is that the name that ends at `end` is not continued; `next_starts`: where other names begin."""
    if end == len(text.text) or end in next_starts:
        return Edge.CLEAR
    is_broken = text.is_line_start(end)
    if _RIGHT_LONGER.match(text.text, end):
        return Edge.UNSURE if is_broken else Edge.EXTENDED
    if is_broken or not is_han(text.text[end]) or _ENDS_NAME.search(surface):
        return Edge.CLEAR
    return Edge.CLEAR if _AFTER_SHORT_NAME.match(text.text, end) else Edge.EXTENDED
