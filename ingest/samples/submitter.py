"""One unit's desk: makes its files, and says of each what it does for the unit's deliverables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final

from ingest.samples import documents, forms, media
from ingest.samples.archives import SampleFile, zip_file
from ingest.samples.campaign import STAMPED
from ingest.samples.paper import ship
from ingest.samples.people import dice
from ingest.samples.prose import Activity, activities
from ingest.samples.rar import Entry, rar5
from ingest.samples.truth import Effect
from rules.findings import Code
from rules.roster import Unit

OLD_WORD: Final = "schedule_word97.doc"
PHOTOS_OF_A_UNIT: Final = 100  # photo seeds that belong to one unit: no photo is ever another unit's


@dataclass(frozen=True, kw_only=True, slots=True)
class Handed:
    """A file together with what it does."""

    file: SampleFile
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Submitter:
    """The person of one unit. `shown_as` is how the unit's name stands in the files: people shorten and lengthen it."""

    unit: Unit
    number: int
    seed: str
    shown_as: str
    photo_size: tuple[int, int] = media.PHOTO_SIZE

    @property
    def sender(self) -> tuple[str, str]:
        return self.unit.contact, self.unit.emails[0]

    def activities(self) -> tuple[Activity, ...]:
        chance = dice(self.seed, self.unit.name, "activities")
        return activities(chance, chance.randrange(3, 7))

    def _did(self, deliverable: str, code: Code | None = None) -> Effect:
        return Effect(unit=self.unit.name, deliverable=deliverable, code=code)

    def plan(self, name: str = "", *, form: str = "docx", schedule: forms.Style | None = None) -> Handed:
        """The plan; with `schedule` 附件1 stands at its end and is handed in with it."""
        chance = dice(self.seed, self.unit.name, "plan")
        stem = name or f"{self.shown_as}活动周工作方案"
        effects = (self._did("plan"), *([self._did("schedule")] if schedule is not None else []))
        if form == "docx":
            data = documents.plan_docx(chance, self.shown_as, self.activities(), schedule=schedule)
        else:
            data = _as_text_file(documents.plan_text(chance, self.shown_as, self.activities()), form)
        return Handed(file=SampleFile(name=f"{stem}.{form}", data=data), effects=effects)

    def plan_text(self) -> str:
        return documents.plan_text(dice(self.seed, self.unit.name, "plan"), self.shown_as, self.activities())

    def schedule(self, name: str = "", *, form: str = "docx", style: forms.Style = forms.PLAIN) -> Handed:
        make = {"docx": forms.schedule_docx, "xlsx": forms.schedule_xlsx, "csv": forms.schedule_csv}[form]
        stem = name or f"附件1 {self.shown_as}主要活动安排表"
        code = Code.FORM_WRONG if style.is_last_years else None
        data = make(self.shown_as, self.activities(), style)
        return Handed(file=SampleFile(name=f"{stem}.{form}", data=data), effects=(self._did("schedule", code),))

    def statistics(
        self, name: str = "", *, form: str = "docx", style: forms.Style = forms.PLAIN, is_empty: bool = False
    ) -> Handed:
        make = {"docx": forms.statistics_docx, "xlsx": forms.statistics_xlsx}[form]
        stem = name or f"附件2 {self.shown_as}活动情况统计表"
        rows = () if is_empty else self.activities()
        code = Code.FORM_EMPTY if is_empty else Code.FORM_WRONG if style.is_last_years else None
        data = make(self.shown_as, rows, style, contact=self.number)
        return Handed(file=SampleFile(name=f"{stem}.{form}", data=data), effects=self._statistics_effects(code))

    def _statistics_effects(self, code: Code | None) -> tuple[Effect, ...]:
        """A file of the office program shows no seal, so the towns' stamped form is still owed."""
        return self._did("statistics", code), self._did(STAMPED, code or Code.NOT_STAMPED)

    def photographed_statistics(self, picture: str, name: str) -> Handed:
        """The paper form as this unit photographed it: one of the pictures shipped for it."""
        code = Code.NOT_STAMPED if picture == ship.UNSTAMPED else None
        effects = (self._did("statistics"), self._did(STAMPED, code))
        return Handed(file=SampleFile(name=name, data=ship.shipped(picture)), effects=effects)

    def old_word_schedule(self) -> Handed:
        """附件1 as Word 97 saves it: one file shipped for this unit."""
        data = files("ingest.samples").joinpath("shipped", OLD_WORD).read_bytes()
        return Handed(file=SampleFile(name=f"附件1 {self.shown_as}.doc", data=data), effects=(self._did("schedule"),))

    def summary(self, name: str = "", *, form: str = "docx", pasted: Sequence[int] = ()) -> Handed:
        """The summary; `pasted` photos count as evidence too."""
        chance = dice(self.seed, self.unit.name, "summary")
        stem = name or f"{self.shown_as}活动周总结"
        if form == "docx":
            pictures = [media.photo(self.photo_seed(number), size=self.photo_size) for number in pasted]
            data = documents.summary_docx(chance, self.shown_as, self.activities(), photos=pictures)
        else:
            data = _as_text_file(documents.summary_text(chance, self.shown_as, self.activities()), form)
        effects = (self._did("summary"), *([self._photo_effect(pasted)] if pasted else []))
        return Handed(file=SampleFile(name=f"{stem}.{form}", data=data), effects=effects)

    def summary_text(self) -> str:
        return documents.summary_text(dice(self.seed, self.unit.name, "summary"), self.shown_as, self.activities())

    def photo_seed(self, number: int) -> int:
        return self.number * PHOTOS_OF_A_UNIT + number

    def _photo_effect(self, numbers: Sequence[int]) -> Effect:
        seeds = frozenset(self.photo_seed(number) for number in numbers)
        return Effect(unit=self.unit.name, deliverable="evidence", photos=seeds)

    def photo(
        self,
        number: int,
        name: str = "",
        *,
        form: str = "JPEG",
        is_copy: bool = False,
        taken_at: datetime | None = None,
    ) -> Handed:
        """A photo; `is_copy`: as it comes back from a messenger, smaller and under another name."""
        data = media.photo(self.photo_seed(number), form, size=self.photo_size, taken_at=taken_at)
        if is_copy:
            data = media.recompressed(data, longest_side=max(self.photo_size) * 3 // 4)
        ending = {"JPEG": "jpg", "PNG": "png", "HEIC": "heic"}[form]
        stem = name or f"IMG_{20231113 + number % 5}_{self.number:03d}{number:02d}{'_wx' if is_copy else ''}"
        return Handed(file=SampleFile(name=f"{stem}.{ending}", data=data), effects=(self._photo_effect([number]),))

    def photos(self, *numbers: int) -> list[Handed]:
        return [self.photo(number) for number in numbers]

    def video(self, seconds: int, name: str = "活动视频", *, extension: str = "mp4") -> Handed:
        data = media.video(seconds, seed=self.number, extension=extension, codec=media.browser_codec(extension))
        effect = Effect(unit=self.unit.name, deliverable="evidence", video_seconds=seconds)
        return Handed(file=SampleFile(name=f"{name}.{extension}", data=data), effects=(effect,))


def _as_text_file(text: str, form: str) -> bytes:
    """Notepad in Chinese saves GBK; web pages say their charset."""
    return documents.as_html(text, "gb2312") if form == "html" else text.replace("\n", "\r\n").encode("gbk")


def broken(handed: Handed) -> Handed:
    """The same file, broken off: nothing in it can be read."""
    file = SampleFile(name=handed.file.name, data=documents.truncated(handed.file.data))
    return Handed(file=file, effects=_with_code(handed.effects, Code.UNREADABLE))


def zipped(name: str, handed: Sequence[Handed], *, charset: str = "gbk", password: str = "") -> Handed:
    """All of them in one archive; behind a password nothing of them counts."""
    data = zip_file([item.file for item in handed], charset=charset, password=password)
    effects = tuple(effect for item in handed for effect in item.effects)
    if password:
        effects = _with_code(effects, Code.ENCRYPTED)
    return Handed(file=SampleFile(name=name, data=data), effects=effects)


def _with_code(effects: tuple[Effect, ...], code: Code) -> tuple[Effect, ...]:
    cells = dict.fromkeys((effect.unit, effect.deliverable) for effect in effects)
    return tuple(Effect(unit=unit, deliverable=deliverable, code=code) for unit, deliverable in cells)


def rarred(name: str, handed: Sequence[Handed]) -> Handed:
    """The same files in a .rar."""
    data = rar5(*(Entry(name=item.file.name, data=item.file.data) for item in handed))
    return Handed(file=SampleFile(name=name, data=data), effects=tuple(e for item in handed for e in item.effects))


def in_folder(folder: str, handed: Handed) -> Handed:
    return Handed(file=SampleFile(name=f"{folder}/{handed.file.name}", data=handed.file.data), effects=handed.effects)
