"""Every sample of a paper form, named by a seed: `VARIATIONS` lists them cheaply, `make(variation)` draws one.

The same seed gives the same bytes on a machine with the same fonts. Every third variation is held out: nobody looks at
those while the reading is being tuned. Which ones these are is told by a hash of the seed, so that it stays so when
variations are added. The later ones of each medium are worn as well (`ingest.samples.paper.wear`).
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ingest.samples.paper import contents, decoys, shots
from ingest.samples.paper.desks import Desk
from ingest.samples.paper.layouts import Layout, any_layout, with_faint_lines
from ingest.samples.paper.photograph import Corners, Photographed, Shot, photograph, scanned
from ingest.samples.paper.sheet import Sheet, draw_sheet
from ingest.samples.paper.sign import sign
from ingest.samples.paper.stamp import any_seal, any_square, photocopied, press
from ingest.samples.paper.wear import Wear, any_wear, worn
from ingest.samples.people import dice
from rules.extraction import Form, Kind


class Medium(StrEnum):
    """How a sample came about; figures are told for each of them."""

    GOOD = "good"
    SCAN = "scan"
    HARD = "hard"
    HANDWRITTEN = "handwritten"
    DECOY = "decoy"


class SealState(StrEnum):
    """What the unit did with its seal."""

    CLEAR = "clear"
    FADED = "faded"
    COPIED = "copied"  # sealed, then photocopied: the copy cannot show that the seal was real
    NONE = "none"
    SQUARE_ONLY = "square_only"


COUNTS: Final = {Medium.GOOD: 46, Medium.SCAN: 20, Medium.HARD: 30, Medium.HANDWRITTEN: 22, Medium.DECOY: 22}
_FIRST_WORN: Final = {Medium.GOOD: 36, Medium.SCAN: 16, Medium.HARD: 24, Medium.HANDWRITTEN: 18, Medium.DECOY: 14}
_DPI: Final = 260
_SCAN_DPI: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Variation:
    """A sample that can be made."""

    seed: int
    medium: Medium

    @property
    def is_held_out(self) -> bool:
        return int(hashlib.sha256(f"paper {self.seed}".encode()).hexdigest(), 16) % 3 == 0

    @property
    def is_worn(self) -> bool:
        return self.seed % 1000 >= _FIRST_WORN[self.medium]

    @property
    def name(self) -> str:
        return f"{self.medium}-{self.seed}"


VARIATIONS: Final[tuple[Variation, ...]] = tuple(
    Variation(seed=1000 * block + number, medium=medium)
    for block, (medium, count) in enumerate(COUNTS.items(), start=1)
    for number in range(count)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperSample:
    """A picture and the truth about it.

    `form` is None for a picture of something else. `stamped` is None where the medium cannot show it. `orientation`
    is how far, clockwise, the page lies turned in the picture; `corners` are the page's own, from its top left on.
    """

    variation: Variation
    data: bytes
    suffix: str
    kind: Kind
    form: Form | None
    stamped: bool | None
    seal_text: str
    signed: bool | None
    orientation: int
    corners: Corners
    traits: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.variation.name}.{self.suffix}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Paper:
    """The sheet as it lies there, ready to be photographed."""

    form: Form
    layout: Layout
    sheet: Sheet
    seal: SealState
    seal_text: str
    is_signed: bool
    wear: Wear | None = None


def make(variation: Variation) -> PaperSample:
    """Draws the sample; raises `FontMissing` where the machine lacks the fonts."""
    if variation.medium is Medium.DECOY:
        return _make_decoy(variation)
    chance = dice("paper", variation.seed, "paper")
    paper = _paper(chance, variation)
    shot_chance = dice("paper", variation.seed, "shot")
    if variation.medium is Medium.SCAN:
        return _make_scan(variation, paper, shot_chance)
    shot, manner = _shot(shot_chance, variation, is_landscape=paper.layout.is_landscape)
    taken = photograph(paper.sheet.pixels, shot, seed=variation.seed)
    data, corners, more = shots.encoded(taken, manner, shot_chance)
    sample = _sample(variation, paper, replace(taken, corners=corners), shot.turn)
    traits = sample.traits | more | _shot_traits(shot) | {manner.value}
    return replace(sample, data=data, traits=traits)


def _shot(chance: random.Random, variation: Variation, *, is_landscape: bool) -> tuple[Shot, shots.Manner]:
    is_hard = variation.medium is Medium.HARD
    manner = shots.any_manner(chance, is_hard=is_hard)
    return shots.any_shot(chance, manner, is_landscape=is_landscape), manner


def _paper(chance: random.Random, variation: Variation) -> _Paper:
    """What the unit filled in, sealed and signed."""
    is_schedule, is_scan = chance.random() < 0.25, variation.medium is Medium.SCAN
    kind, unit = (Kind.SCHEDULE if is_schedule else Kind.STATISTICS), contents.any_unit(chance)
    layout = any_layout(chance, kind, is_handwritten=variation.medium is Medium.HANDWRITTEN)
    if variation.is_worn:
        layout = with_faint_lines(layout, dice("paper", variation.seed, "lines"))
    fill = contents.schedule if is_schedule else contents.statistics
    form = fill(chance, unit, rows=chance.randrange(2, 12 if is_schedule else 9))
    sheet = draw_sheet(form, layout, seed=variation.seed, dpi=_SCAN_DPI if is_scan else _DPI)
    is_signed = sheet.sign_area is not None and chance.random() < 0.7
    if is_signed and sheet.sign_area:
        signed = sign(sheet.pixels, sheet.sign_area, sheet.dpi, dice("paper", variation.seed, "signature"))
        sheet = replace(sheet, pixels=signed)
    state = _seal_state(chance, is_schedule=is_schedule, may_be_copied=variation.medium is not Medium.HARD)
    sheet, seal_text = _sealed(sheet, state, unit, variation.seed)
    wear = _wear(variation) if variation.is_worn else None
    if wear is not None:
        sheet = replace(sheet, pixels=worn(sheet.pixels, wear, seed=variation.seed))
    return _Paper(
        form=form, layout=layout, sheet=sheet, seal=state, seal_text=seal_text, is_signed=is_signed, wear=wear
    )


def _wear(variation: Variation) -> Wear:
    """The glass of a scanner presses paper flat: folds are left."""
    wear = any_wear(dice("paper", variation.seed, "wear"))
    return replace(wear, wave=0, lift=0, lamp=0) if variation.medium is Medium.SCAN else wear


def _seal_state(chance: random.Random, *, is_schedule: bool, may_be_copied: bool) -> SealState:
    way = chance.random()
    if is_schedule and way < 0.45:  # 附件1 asks for no seal
        return SealState.NONE
    if way < 0.18:
        return SealState.NONE
    if way < 0.28:
        return SealState.SQUARE_ONLY
    if way < 0.37:
        return SealState.FADED
    return SealState.COPIED if may_be_copied and way > 0.92 else SealState.CLEAR


def _sealed(sheet: Sheet, state: SealState, unit: str, seed: int) -> tuple[Sheet, str]:
    chance = dice("paper", seed, "seal")
    if state is SealState.NONE:
        return sheet, ""
    if state is SealState.SQUARE_ONLY:
        page, _ = press(sheet, any_square(chance), seed=seed)
        return replace(sheet, pixels=page), ""
    seal = any_seal(chance, unit, faded=state is SealState.FADED)
    page, _ = press(sheet, seal, seed=seed)
    if state is SealState.COPIED:
        page = photocopied(page, seed=seed)
    return replace(sheet, pixels=page), seal.text


_STAMPED: Final = {SealState.CLEAR: True, SealState.FADED: True, SealState.COPIED: None}


def _sample(variation: Variation, paper: _Paper, taken: Photographed, turn: int) -> PaperSample:
    return PaperSample(
        variation=variation,
        data=b"",
        suffix="jpg",
        kind=paper.form.form,
        form=paper.form,
        stamped=_STAMPED.get(paper.seal, False),
        seal_text=paper.seal_text,
        signed=paper.is_signed if paper.sheet.sign_area else None,
        orientation=turn,
        corners=taken.corners,
        traits=_paper_traits(paper),
    )


def _paper_traits(paper: _Paper) -> frozenset[str]:
    layout = paper.layout
    in_colour = paper.seal is not SealState.COPIED
    told = {
        f"seal_{paper.seal.value}": True,
        f"unit_{layout.unit_line.name.lower()}": True,
        "landscape": layout.is_landscape,
        "red_lines": in_colour and layout.line_colour[0] > layout.line_colour[1] + 50,
        "faint_lines": layout.line_colour[1] > 100,
        "red_heading": in_colour and layout.has_red_heading,
        "total": layout.has_total,
        "merged_days": layout.has_merged_days,
    }
    return frozenset(name for name, holds in told.items() if holds) | (paper.wear.traits if paper.wear else frozenset())


def _shot_traits(shot: Shot) -> frozenset[str]:
    told = {
        f"desk_{shot.desk.name.lower()}": True,
        f"turn_{shot.turn}": bool(shot.turn),
        "moire": bool(shot.moire),
        "shadow": bool(shot.shadow),
    }
    return frozenset(name for name, holds in told.items() if holds)


def _make_scan(variation: Variation, paper: _Paper, chance: random.Random) -> PaperSample:
    turn = chance.choice((0, 0, 0, 0, 0, 90, 180, 270))
    grey = paper.seal is not SealState.NONE and chance.random() < 0.15
    taken = scanned(paper.sheet.pixels, skew=chance.gauss(0, 0.6), turn=turn, grey=grey, seed=variation.seed)
    sample = _sample(variation, paper, taken, turn)
    suffix = chance.choice(("jpg", "jpg", "png", "pdf"))
    stamped = None if grey and sample.stamped else sample.stamped
    traits = sample.traits | {suffix, *(["grey"] if grey else [])}
    data = shots.scan_file(taken.pixels, suffix, dpi=_SCAN_DPI)
    return replace(sample, data=data, suffix=suffix, stamped=stamped, traits=traits)


def _make_decoy(variation: Variation) -> PaperSample:
    """Two of three are crowds under a banner; the others are printed letters, sealed or not, and later tables."""
    chance = dice("paper", variation.seed, "decoy")
    is_crowd = variation.seed % 3 > 0
    seal_text = ""
    if is_crowd:
        size = chance.choice(((1600, 1200), (2000, 1500), (1080, 810)))
        pixels = decoys.crowd(chance, size=size)
        if variation.is_worn:
            pixels = decoys.with_board(pixels, chance)
    else:
        unit = contents.any_unit(chance)
        draw = decoys.timetable if variation.is_worn else decoys.printed_letter
        sheet = draw(chance, unit, dpi=_SCAN_DPI)
        sheet, seal_text = _sealed(sheet, chance.choice((SealState.CLEAR, SealState.NONE)), unit, variation.seed)
        shot = replace(shots.any_shot(chance, shots.Manner.PHONE, is_landscape=False), turn=0, desk=Desk.OAK)
        pixels = photograph(sheet.pixels, shot, seed=variation.seed).pixels
    return PaperSample(
        variation=variation,
        data=shots.jpeg(pixels, quality=85),
        suffix="jpg",
        kind=Kind.PHOTO if is_crowd else Kind.DOCUMENT,
        form=None,
        stamped=None if is_crowd else bool(seal_text),
        seal_text=seal_text,
        signed=None,
        orientation=0,
        corners=(),
        traits=frozenset({("board" if variation.is_worn else "crowd") if is_crowd else draw.__name__}),
    )
