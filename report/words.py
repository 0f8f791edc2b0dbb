"""The Chinese words of everything people read: labels, shapes, moments, durations, and what to do about a finding.

One place, so that the page, the workbook and the letters never call the same thing by two names. Every shape is one
column wide in a terminal (East Asian width "neutral"), or tables would lose their alignment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from report.form_words import key_words
from rules.assessment import STATUS_ZH, Status
from rules.campaign import Campaign, DeliverableKind
from rules.claims import Decision
from rules.extraction import Kind
from rules.findings import Code, Finding
from rules.overruling import Action

UNREACHABLE: Final = "通知未达"
NOTHING: Final = "—"

SHAPES: Final[dict[Status, str]] = {
    Status.EXEMPT: "⊘",
    Status.UNKNOWN: "?",
    Status.PENDING: "◌",
    Status.ON_TIME: "✓",
    Status.LATE: "▴",
    Status.INCOMPLETE: "◔",
    Status.MISSING: "✗",
}

STATUS_MEANING_ZH: Final[dict[Status, str]] = {
    Status.ON_TIME: "截止时刻前已收齐，所列为收齐日期",
    Status.LATE: "已收齐，但晚于截止时刻；天数按自然日计",
    Status.INCOMPLETE: "已收到材料，但有问题须补正，暂不算报齐",
    Status.MISSING: "已过截止时刻，未收到任何材料",
    Status.UNKNOWN: "已过截止时刻，但此后尚未成功读取邮箱，暂不认定迟报或未报",
    Status.PENDING: "尚未收到，还没有到截止时刻",
    Status.EXEMPT: "经认定不须报送，不计入应报数",
}

LEGEND: Final = tuple(STATUS_MEANING_ZH)
"""The statuses in the order in which a legend shows them: settled, to be chased, undecided."""

DELIVERABLE_KIND_ZH: Final[dict[DeliverableKind, str]] = {
    DeliverableKind.PLAN: "工作方案",
    DeliverableKind.SCHEDULE: "安排表",
    DeliverableKind.STATISTICS: "统计表",
    DeliverableKind.SUMMARY: "活动总结",
    DeliverableKind.EVIDENCE: "照片或视频",
}

KIND_ZH: Final[dict[Kind, str]] = {
    Kind.PLAN: "工作方案",
    Kind.SCHEDULE: "活动安排表",
    Kind.STATISTICS: "活动情况统计表",
    Kind.SUMMARY: "活动总结",
    Kind.PHOTO: "照片",
    Kind.VIDEO: "视频",
    Kind.ARCHIVE: "压缩包",
    Kind.MESSAGE: "邮件",
    Kind.DOCUMENT: "文稿",
    Kind.OTHER: "其他文件",
    Kind.UNREADABLE: "无法读取",
}

PART_ZH: Final[dict[str, str]] = {"photos": "照片", "video": "视频"}

ACTION_ZH: Final[dict[str, str]] = {
    "assign": "指定归属",
    "accept": "认定合格",
    "reject": "退回",
    "exempt": "免报",
    "extend": "延期",
    "received_offline": "线下已收",
    "on_time": "认定按时",
    "correct": "更正识别",
    "verify": "核对无误",
    "remember_sender": "记住发件人",
    "mute": "暂停催报",
    "undo": "撤销",
}

EVIDENCE_ZH: Final[dict[str, str]] = {
    "form": "表内填写的单位",
    "text": "正文中的单位",
    "filename": "文件名",
    "folder": "文件夹名",
    "subject": "邮件主题",
    "body": "邮件正文",
    "sender": "发件邮箱已登记",
    "display_name": "发件人名称",
    "origin": "原邮件发件人",
    "sibling": "同一邮件的其他附件",
    "remembered": "以往人工认定",
    "decision": "人工认定",
}


@dataclass(frozen=True, slots=True)
class FindingWords:
    """A finding code as people read it: a label of a few characters, what is wrong, and how to mend it."""

    label: str
    sentence: str
    mend: str


_ASKS: Final = "请"
_NAME: Final = re.compile("“[^”]*”")  # of a file, which may be a 请示
FINDING_ZH: Final[dict[Code, FindingWords]] = {
    Code.PHOTO_COUNT: FindingWords(
        "照片不足", "照片张数不够", "请补发照片凑足张数（同一画面只计一张），也可改报一段不超过规定时长的视频。"
    ),
    Code.VIDEO_TOO_LONG: FindingWords(
        "视频超时", "视频超过规定时长", "请将视频剪短到规定时长以内后重新发送，也可改报照片。"
    ),
    Code.UNREADABLE: FindingWords(
        "打不开", "文件损坏或格式无法识别", "请重新导出为 Word、Excel、PDF 或图片后再发送一次。"
    ),
    Code.ENCRYPTED: FindingWords("有密码", "文件设有密码，无法打开", "请取消密码后重新发送。"),
    Code.FORM_EMPTY: FindingWords("空表", "发来的是未填写的空白表", "请填写完整后重新发送。"),
    Code.FORM_WRONG: FindingWords("表格不对", "不是本次通知要求的表格", "请改用本次通知所附表格填报，填好后重新发送。"),
    Code.NOT_STAMPED: FindingWords("未盖章", "表上没有看到公章", "请在纸质表上盖章，拍照或扫描后重新发送。"),
    Code.LINK_ONLY: FindingWords(
        "仅有链接", "只发来了网盘或超大附件的链接", "链接会过期，请把文件作为普通附件发送；文件较大时可分几封邮件。"
    ),
    Code.LIMIT_EXCEEDED: FindingWords(
        "文件过大", "文件过大或压缩层数过多，未予打开", "请压缩图片、视频，或拆成几封邮件后重新发送。"
    ),
    Code.UNRECOGNISED: FindingWords(
        "未能识别", "收到了文件，但看不出是哪一项材料", "请在文件名中写明材料名称后重新发送，或由管理员核对后认定。"
    ),
    Code.PHOTO_EXTRA: FindingWords("照片偏多", "照片多于要求的张数", "不影响报送，无须补发。"),
    Code.PHOTO_DUPLICATE: FindingWords(
        "照片重复", "有内容相同的照片", "相同的照片只计一张；张数因此不足的，请补发不同画面的照片。"
    ),
    Code.PHOTO_BLURRY: FindingWords("照片模糊", "有照片不够清晰", "建议换一张清晰的照片。"),
    Code.PHOTO_REUSED: FindingWords(
        "照片曾报送", "有照片与其他单位或往年报送的相同", "仅供管理员核对：是联合活动、转报，还是误用了旧照片。"
    ),
    Code.PHOTO_DATE: FindingWords(
        "拍摄日期存疑", "有照片的拍摄日期与活动日期相差较远", "仅供管理员核对：可能是往年照片，也可能是相机时间不准。"
    ),
    Code.FIELD_MISSING: FindingWords("有漏填", "表中有栏目没有填写", "请补填空缺的栏目。"),
    Code.NUMBER_UNREADABLE: FindingWords("数字不清", "有数字无法读出", "请核对人数等数字，用阿拉伯数字填写。"),
    Code.DATE_UNREADABLE: FindingWords(
        "日期不明", "有活动时间看不出是哪一天", "时间请写到年月日，例如 2023年11月13日上午9:00。"
    ),
    Code.NIL_RETURN: FindingWords(
        "报无活动", "表中写明没有活动", "确无活动的，无须补报；开展了活动的，请填好后重新发送。"
    ),
    Code.TOTAL_MISMATCH: FindingWords("合计不符", "各行之和与合计数不一致", "请核对各行人数与合计数。"),
    Code.LOW_CONFIDENCE: FindingWords("识别存疑", "照片或扫描件上的文字不够清楚", "请对照原件人工核对。"),
    Code.UNVERIFIED_SENDER: FindingWords(
        "发件人未登记", "发件邮箱不在单位名册中", "请核实发件人；属实的，可将该邮箱补入单位名册。"
    ),
    Code.UNIT_CONFLICT: FindingWords(
        "单位不一致", "文件中的单位与发件人所属单位不同", "请核实材料属于哪个单位，必要时重新指定归属。"
    ),
    Code.OTHER_UNITS: FindingWords(
        "含其他单位", "表中还列有其他单位的活动", "请认定这些单位是否也算已报；只算报送单位的，指定归属即可。"
    ),
    Code.DATE_SUSPECT: FindingWords(
        "日期存疑", "邮件自带的日期与收到时间相差较大", "以邮箱收到时间为准，无须处理；有争议时请核对。"
    ),
    Code.CONVERSION: FindingWords("经转换读取", "文件为旧格式，经转换后读取", "请抽查数字是否与原件一致。"),
}


def finding_sentence(finding: Finding) -> str:
    """What is wrong, as a sentence that ends with 。: the parser's own words, or the code's when it left none."""
    return closed(finding.detail.strip() or FINDING_ZH[finding.code].sentence)


def mending(finding: Finding) -> str:
    """What to do about it; empty where the sentence about it asks for that already."""
    asked = _ASKS in _NAME.sub("", finding_sentence(finding))
    return "" if asked else FINDING_ZH[finding.code].mend


def closed(sentence: str) -> str:
    return sentence if sentence.endswith(("。", "！", "？", ".", "!", "?", "）", "”")) else f"{sentence}。"


def day_text(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%m-%d}"


def moment_text(moment: datetime | None, zone: ZoneInfo) -> str:
    """10-28 09:12, for tables that stand under a dated heading."""
    return f"{moment.astimezone(zone):%m-%d %H:%M}" if moment else NOTHING


def full_moment_text(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else NOTHING


def due_text(due_at: datetime, zone: ZoneInfo) -> str:
    """10月30日24时: a due moment at midnight belongs to the day that it ends, as office Chinese has it."""
    local = due_at.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        day = local - timedelta(minutes=1)
        return f"{day.month}月{day.day}日24时"
    return f"{local.month}月{local.day}日{local:%H:%M}"


def due_day_text(due_at: datetime, zone: ZoneInfo) -> str:
    """10-30: the last day that is wholly or partly on time."""
    return f"{(due_at - timedelta(microseconds=1)).astimezone(zone):%m-%d}"


def countdown_text(as_of: datetime, due_at: datetime, zone: ZoneInfo) -> str:
    last_day = (due_at - timedelta(microseconds=1)).astimezone(zone).date()
    days = (last_day - as_of.astimezone(zone).date()).days
    if as_of > due_at:
        return f"已截止 {-days} 天" if days else "今天已截止"
    return f"还有 {days} 天" if days else "今天截止"


def days_late_text(days: int | None) -> str:
    return f"迟报 {days} 天" if days else STATUS_ZH[Status.LATE]


def duration_text(seconds: float) -> str:
    """3 分 5 秒, 2 小时 10 分, 4 天: the two largest units that matter."""
    whole = round(seconds)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} 天"
    if hours:
        return f"{hours} 小时 {minute} 分" if minute else f"{hours} 小时"
    if minute:
        return f"{minute} 分 {second} 秒" if second else f"{minute} 分"
    return f"{second} 秒"


def size_text(size_bytes: int) -> str:
    size = float(size_bytes)
    for unit in ("字节", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "字节" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"


def rate_text(part: int, whole: int) -> str:
    """A rate in per cent, cut and not rounded to one decimal: 100% is said only of all; 0 of 0 has no rate."""
    if whole <= 0:
        return NOTHING
    permille = min(part, whole) * 1000 // whole
    return "100%" if permille == 1000 else f"{permille // 10}.{permille % 10}%"


def until_text(decision: Decision, zone: ZoneInfo) -> str:
    """至 11月5日24时, or, of what was handed over, 于 2023-11-05 18:00; empty without `until`."""
    if decision.until is None:
        return ""
    if decision.action == Action.RECEIVED_OFFLINE:
        return f"于 {full_moment_text(decision.until, zone)}"
    return f"至 {due_text(decision.until, zone)}"


def decision_text(decision: Decision, zone: ZoneInfo) -> str:
    """人工认定：免报（张科 10-28 09:12，理由：本年度停办）."""
    what = ACTION_ZH.get(decision.action, decision.action)
    what = f"{what}{until_text(decision, zone)}"
    if decision.field:
        what = f"{what}，{key_words(decision.field)}改为“{decision.value}”"
    elif decision.value:
        what = f"{what} {decision.value}"
    reason = f"，理由：{decision.reason}" if decision.reason else ""
    return f"人工认定：{what}（{decision.author} {moment_text(decision.decided_at, zone)}{reason}）"


def short_titles(campaign: Campaign) -> dict[str, str]:
    """Each deliverable's heading for narrow columns: its kind in Chinese; its own title where two share a kind."""
    kinds = [deliverable.kind for deliverable in campaign.deliverables]
    return {
        deliverable.key: DELIVERABLE_KIND_ZH[deliverable.kind]
        if kinds.count(deliverable.kind) == 1
        else deliverable.title or deliverable.key
        for deliverable in campaign.deliverables
    }
