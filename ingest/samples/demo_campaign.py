"""The campaign of `baosong demo`: seventeen units, every status, and the findings that are met most often.

The report is asked for on 24 November at 08:00, and the mailbox was last read on the afternoon before. So what was due
on the 23rd and has not come is unknown, not missing; and what is due on the 30th is pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from ingest.samples import noise
from ingest.samples.archives import SampleFile
from ingest.samples.campaign import ZONE, campaign, unit
from ingest.samples.documents import blank_schedule
from ingest.samples.forms import Style
from ingest.samples.letters import Letter, NameStyle, forwarded_attached, forwarded_inline
from ingest.samples.paper import ship
from ingest.samples.submitter import Handed, Submitter, broken, in_folder, rarred, zipped
from ingest.samples.truth import Effect, Scenario, Sending
from rules.findings import Code
from rules.roster import Unit

Progress = Callable[[int, int], None]
Writer = Callable[[Submitter], Iterator[Sending]]

READ_AT: Final = datetime(2023, 11, 23, 17, 0, tzinfo=ZONE)
REPORT_AT: Final = datetime(2023, 11, 24, 8, 0, tzinfo=ZONE)
_DUE: Final = {"summary": date(2023, 11, 23), "evidence": date(2023, 11, 30)}
_PHOTO_SIZE: Final = (640, 480)
_REORDERED: Final = Style(wording=1, is_reordered=True, has_total=True)
_MERGED: Final = Style(wording=2, has_merged_days=True)


def at(day: str, clock: str = "09:30") -> datetime:
    """`10-27` of the campaign's year, local time."""
    return datetime.fromisoformat(f"2023-{day}T{clock}").replace(tzinfo=ZONE)


def mail(
    submitter: Submitter, when: datetime, subject: str, *handed: Handed, body: str = "老师您好，材料见附件，请查收。"
) -> Sending:
    letter = Letter(
        sender=submitter.sender,
        subject=subject,
        body=body,
        received_at=when,
        files=tuple(item.file for item in handed),
    )
    return Sending(letter=letter, effects=tuple(effect for item in handed for effect in item.effects))


def restyled(sending: Sending, **changes: object) -> Sending:
    """The same mail written by another program: other charset, names, sender, date …"""
    return replace(sending, letter=replace(sending.letter, **changes))  # type: ignore[arg-type]  # fields by name


def _everything_in_order(me: Submitter) -> Iterator[Sending]:
    yield mail(me, at("10-26"), f"{me.shown_as}活动周方案及附件1", me.plan(), me.schedule(style=_REORDERED))
    yield mail(me, at("11-17"), f"{me.shown_as}统计表", me.statistics(form="xlsx", style=_REORDERED))
    yield mail(me, at("11-20", "16:40"), f"{me.shown_as}活动总结及照片", me.summary(), *me.photos(1, 2, 3, 4, 5))


def _one_zip_with_gbk_names(me: Submitter) -> Iterator[Sending]:
    plan = mail(me, at("10-30", "23:58"), "活动周方案", me.plan(schedule=_MERGED))
    yield restyled(plan, charset="gbk", label="gb2312", names=NameStyle.RAW)
    photos = [in_folder("照片", photo) for photo in me.photos(1, 2, 3, 4, 5, 6)]
    packed = zipped(f"{me.shown_as}活动周材料.zip", [me.statistics(), me.summary(), *photos])
    yield mail(me, at("11-19", "20:15"), f"{me.shown_as}活动周材料", packed)
    stamped = me.photographed_statistics(ship.GOOD, "附件2盖章.jpg")
    yield mail(me, at("11-20", "08:50"), f"{me.shown_as}统计表盖章照片", stamped)


def _late(me: Submitter) -> Iterator[Sending]:
    late = mail(me, at("11-02"), f"补报：{me.shown_as}活动周方案", me.plan(), me.schedule(form="xlsx"))
    yield restyled(late, sent_at=at("10-29", "22:00"))  # the sender's clock claims otherwise
    yield mail(me, at("11-22", "10:05"), f"{me.shown_as}附件2", me.statistics(style=_MERGED))
    unstamped = me.photographed_statistics(ship.UNSTAMPED, "IMG_20231122_101033.jpg")
    yield mail(me, at("11-22", "10:20"), f"{me.shown_as}附件2纸质稿", unstamped)
    yield mail(me, at("11-23", "09:00"), f"{me.shown_as}总结", me.summary())


def _photos_on_two_days(me: Submitter) -> Iterator[Sending]:
    yield mail(me, at("10-27"), f"{me.shown_as}方案、安排表", me.plan(), me.schedule())
    yield mail(me, at("11-15"), f"{me.shown_as}活动照片（一）", *me.photos(1, 2, 3))
    yield mail(me, at("11-16"), f"{me.shown_as}活动照片（二）", *me.photos(4, 5))
    dark = me.photographed_statistics(ship.HARD, "微信图片_20231120164501.jpg")
    yield mail(me, at("11-20", "16:46"), f"{me.shown_as}统计表照片", dark)
    yield mail(me, at("11-20"), f"{me.shown_as}总结", me.summary())


def _too_few_photos(me: Submitter) -> Iterator[Sending]:
    yield mail(me, at("10-28"), f"{me.shown_as}活动方案", me.plan(schedule=_REORDERED))
    yield mail(me, at("11-20"), f"{me.shown_as}统计表", me.statistics())
    copies = [*me.photos(1, 2, 3, 4), me.photo(2, is_copy=True)]
    yield mail(me, at("11-21"), f"{me.shown_as}照片", *copies)


def _heic_and_forwarded(me: Submitter) -> Iterator[Sending]:
    original = mail(me, at("10-29"), f"{me.shown_as}活动方案", me.plan(), me.schedule())
    person = ("静待花开", "someone@webmail.example")
    letter = forwarded_inline(original.letter, person, at("10-30", "08:20"))
    yield replace(original, letter=letter)
    yield mail(me, at("11-18"), f"{me.shown_as}统计表", me.statistics())
    pictures = [me.photo(1, form="HEIC"), me.photo(2, form="HEIC"), *me.photos(3, 4, 5)]
    summary = mail(me, at("11-22"), f"{me.shown_as}总结、照片", me.summary(), *pictures)
    yield replace(summary, letter=forwarded_attached(summary.letter, me.sender, at("11-22", "11:00"), "请查收"))


def _video_too_long(me: Submitter) -> Iterator[Sending]:
    yield mail(me, at("10-30"), f"{me.shown_as}工作方案", me.plan(), me.schedule(style=_MERGED))
    yield mail(me, at("11-19"), f"{me.shown_as}活动视频", me.video(215))
    yield mail(me, at("11-20"), f"{me.shown_as}统计表、总结", me.statistics(form="xlsx"), me.summary())


def _video_in_time(me: Submitter) -> Iterator[Sending]:
    yield mail(me, at("10-25"), f"{me.shown_as}方案", me.plan(form="txt"), me.schedule(form="csv"))
    packed = rarred(f"{me.shown_as}统计表.rar", [me.statistics(style=_REORDERED)])
    yield mail(me, at("11-20"), f"{me.shown_as}统计表", packed)
    yield mail(me, at("11-23", "15:30"), f"{me.shown_as}总结和视频", me.summary(), me.video(172, extension="mov"))


def _empty_template(me: Submitter) -> Iterator[Sending]:
    yield mail(me, at("10-30"), f"{me.shown_as}方案", me.plan(), _blank_schedule(me))
    yield mail(me, at("11-20"), f"{me.shown_as}统计表", me.statistics(is_empty=True))


def _blank_schedule(me: Submitter) -> Handed:
    effect = Effect(unit=me.unit.name, deliverable="schedule", code=Code.FORM_EMPTY)
    return Handed(file=SampleFile(name="附件1.docx", data=blank_schedule()), effects=(effect,))


def _locked_zip(me: Submitter) -> Iterator[Sending]:
    yield mail(me, at("10-27"), f"{me.shown_as}活动周方案", me.plan(schedule=Style()))
    yield mail(me, at("11-16"), f"{me.shown_as}统计表、总结", me.statistics(), me.summary())
    locked = zipped(f"{me.shown_as}活动照片.zip", me.photos(1, 2, 3, 4, 5), password="20231120")  # noqa: S106 - a sample
    yield mail(me, at("11-21"), f"{me.shown_as}活动照片", locked)


def _cloud_link(me: Submitter) -> Iterator[Sending]:
    yield mail(me, at("10-24"), f"{me.shown_as}方案及安排表", me.plan(), me.schedule())
    yield mail(me, at("11-18"), f"{me.shown_as}统计表与总结", me.statistics(), me.summary())
    letter = noise.cloud_link(me.sender, f"{me.shown_as}活动视频", f"{me.shown_as}活动视频.mp4", at("11-20"))
    effect = Effect(unit=me.unit.name, deliverable="evidence", code=Code.LINK_ONLY)
    yield Sending(letter=letter, effects=(effect,))


def _last_years_form(me: Submitter) -> Iterator[Sending]:
    yield mail(me, at("10-30"), f"{me.shown_as}方案", me.plan(schedule=Style()))
    yield mail(me, at("11-17"), f"{me.shown_as}附件2", me.statistics(style=Style(is_last_years=True)))
    yield mail(me, at("11-23"), f"{me.shown_as}总结", me.summary(pasted=(1, 2, 3, 4, 5)))


def _broken_then_mended(me: Submitter) -> Iterator[Sending]:
    yield mail(me, at("10-29"), f"{me.shown_as}活动周方案", broken(me.plan()), me.schedule())
    yield mail(
        me, at("10-31", "08:10"), f"更正：{me.shown_as}活动周方案", me.plan(f"{me.shown_as}活动周工作方案（更正）")
    )
    yield mail(me, at("11-20"), f"{me.shown_as}统计表", broken(me.statistics()))


def _plan_in_the_mail(me: Submitter) -> Iterator[Sending]:
    letter = mail(me, at("10-30", "17:20"), f"{me.shown_as}活动周工作方案", body=me.plan_text()).letter
    yield Sending(letter=letter, effects=(Effect(unit=me.unit.name, deliverable="plan"),))
    yield mail(me, at("10-30", "17:25"), f"{me.shown_as}附件1", me.old_word_schedule())


def _nothing(me: Submitter) -> Iterator[Sending]:
    yield Sending(letter=noise.question(me.sender, at("10-20")))


_UNITS: Final[tuple[tuple[Unit, str, Writer], ...]] = (
    (unit(1, "金城镇社区教育中心"), "金坛区金城镇社区教育中心", _everything_in_order),
    (unit(2, "直溪镇社区教育中心", aliases=["直溪社区教育中心"]), "直溪镇社区教育中心", _one_zip_with_gbk_names),
    (unit(3, "儒林镇社区教育中心"), "儒林镇社区教育中心", _late),
    (unit(4, "薛埠镇社区教育中心"), "常州市金坛区薛埠镇社区教育中心", _photos_on_two_days),
    (unit(5, "西城街道社区教育中心"), "西城街道社区教育中心", _too_few_photos),
    (unit(6, "尧塘街道社区教育中心"), "尧塘街道社区教育中心", _nothing),
    (unit(7, "直溪中心小学", aliases=["直溪小学"]), "直溪中心小学", _heic_and_forwarded),
    (unit(8, "薛埠中心小学"), "金坛区薛埠中心小学", _video_too_long),
    (unit(9, "第一初级中学"), "金坛区第一初级中学", _video_in_time),
    (unit(10, "河滨小学"), "河滨小学", _empty_template),
    (unit(11, "西城实验小学"), "西城实验小学", _locked_zip),
    (unit(12, "直溪中心幼儿园"), "直溪中心幼儿园", _cloud_link),
    (unit(13, "东城实验幼儿园"), "金坛区东城实验幼儿园", _last_years_form),
    (unit(14, "社区培训学院"), "常州市金坛区社区培训学院", _broken_then_mended),
    (unit(15, "教师发展中心", exempt=["plan", "schedule"]), "教师发展中心", _everything_in_order),
    (unit(16, "图书馆", exempt=["*"]), "图书馆", _nothing),
    (unit(17, "青少年活动中心"), "青少年活动中心", _plan_in_the_mail),
)


def demo_scenario(progress: Progress | None = None) -> Scenario:
    """The whole demo; `progress(done, total)` is told after each unit."""
    sendings: list[Sending] = []
    for number, (who, shown_as, write) in enumerate(_UNITS, start=1):
        sendings += write(Submitter(unit=who, number=number, seed="demo", shown_as=shown_as, photo_size=_PHOTO_SIZE))
        if progress:
            progress(number, len(_UNITS))
    sendings += _of_nobody()
    sendings.sort(key=lambda sending: sending.letter.received_at)
    return Scenario(
        campaign=campaign(_DUE, towns_stamp=True),
        units=tuple(who for who, _, _ in _UNITS),
        sendings=tuple(sendings),
        read_at=READ_AT,
        report_at=REPORT_AT,
    )


def _of_nobody() -> Sequence[Sending]:
    """Noise, and one mail of which nobody can say whose it is."""
    stranger = Submitter(unit=unit(98, "某单位"), number=98, seed="demo", shown_as="我单位")
    anonymous = mail(stranger, at("11-20", "21:07"), "照片", *stranger.photos(1, 2), body="活动照片，请查收")
    sender = ("云淡风轻", "nobody@webmail.example")
    return [
        replace(anonymous, letter=replace(anonymous.letter, sender=sender), effects=(), is_unattributed=True),
        Sending(letter=noise.auto_reply(("马老师", "unit018@office.example"), at("11-13"))),
        Sending(letter=noise.newsletter(at("11-06"), 41)),
        Sending(letter=noise.newsletter(at("11-06") + timedelta(days=7), 42)),
        Sending(letter=noise.provider_notice(at("11-01"))),
        Sending(letter=noise.bounce(at("11-14"), "unit099@office.example")),
    ]
