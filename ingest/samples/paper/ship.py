"""Three photographed forms that are shipped with the product, since a fresh machine has no Chinese fonts to draw them.

    python -m ingest.samples.paper.ship [FOLDER]

makes them anew. `shipped(name)` gives their bytes and needs no font: a good stamped 附件2, one without a stamp, and one
so steep, dark and small that nobody should trust what a program reads in it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from ingest.samples.paper import contents, shots
from ingest.samples.paper.desks import Desk
from ingest.samples.paper.fonts import Face
from ingest.samples.paper.ink import Pixels
from ingest.samples.paper.layouts import Head, Layout, UnitLine, any_layout
from ingest.samples.paper.photograph import Shot, photograph
from ingest.samples.paper.sheet import Sheet, draw_sheet
from ingest.samples.paper.sign import sign
from ingest.samples.paper.stamp import any_seal, press
from ingest.samples.people import dice
from rules.extraction import Form, Kind

GOOD: Final = "statistics_stamped.jpg"
UNSTAMPED: Final = "statistics_unstamped.jpg"
HARD: Final = "statistics_hard.jpg"
UNITS: Final = {GOOD: "直溪镇社区教育中心", UNSTAMPED: "儒林镇社区教育中心", HARD: "薛埠镇社区教育中心"}
LARGEST: Final = 120_000
_SIDES: Final = {GOOD: 1720, UNSTAMPED: 1720, HARD: 1000}
_DPI: Final = 220
_SHOT: Final = Shot(
    size=(2000, 2600), pitch=3.5, yaw=-2.5, roll=1.2, fill=0.95, curl=0.002, desk=Desk.OAK, light=0.16, warmth=0.2,
    shadow=0.0, blur=0.5, shake=0, noise=0.8, moire=0.0, turn=0,
)  # fmt: skip
_SHOTS: Final = {
    GOOD: _SHOT,
    UNSTAMPED: replace(_SHOT, desk=Desk.GREY, pitch=-4.0, roll=-1.5, light=0.2),
    HARD: replace(_SHOT, desk=Desk.WALNUT, pitch=19.0, yaw=14.0, roll=6.0, light=0.45, shadow=0.6, blur=1.6, shake=9,
                  noise=4.0, curl=0.012, fill=0.9),
}  # fmt: skip


def shipped(name: str) -> bytes:
    """One of the three, as it lies in the package."""
    return files("ingest.samples.paper").joinpath("shipped", name).read_bytes()


def truth(name: str) -> Form:
    """What stands in the form, for demos and tests to compare with."""
    return contents.statistics(dice("shipped", name), UNITS[name], rows=4)


def make(name: str) -> bytes:
    """Draws one anew, at the best quality that keeps it small enough to ship."""
    number = sorted(UNITS).index(name)
    sheet = draw_sheet(truth(name), _layout(name), seed=number, dpi=_DPI)
    picture = photograph(_signed_and_sealed(sheet, name), _SHOTS[name], seed=number).pixels
    share = _SIDES[name] / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA).astype(np.uint8)
    for quality in range(72, 20, -4):
        data = shots.jpeg(small, quality=quality)
        if len(data) < LARGEST:
            return data
    raise ValueError(f"{name} does not fit into {LARGEST} bytes")


def _layout(name: str) -> Layout:
    """The notice's own layout: what most units keep."""
    layout = any_layout(dice("shipped", name), Kind.STATISTICS, is_handwritten=name == HARD)
    words = layout.words | {"leader_phone": "联系方式\n电话", "leader_name": "姓  名"}
    return replace(
        layout, is_landscape=False, label_face=Face.SONG, fill_face=Face.WENKAI if name == HARD else Face.SONG,
        title_face=Face.SONG_BOLD, label_points=12, fill_points=13 if name == HARD else 12, title_points=18,
        line_width=0.3, line_colour=(30, 30, 30), side_margin=16, top_margin=20, head=Head.NOTICE, words=words,
        columns=("time", "activity", "content", "place", "attendance"), widths=(1.1, 1.15, 1.8, 1.15, 0.8),
        unit_line=UnitLine.OVER, blank_rows=1, has_note=True, has_red_heading=False, has_total=False,
        has_merged_days=False, row_height=11, row_padding=3, is_centred=True, has_annex_line=True,
    )  # fmt: skip


def _signed_and_sealed(sheet: Sheet, name: str) -> Pixels:
    chance = dice("shipped", name, "ink")
    if sheet.sign_area:
        sheet = replace(sheet, pixels=sign(sheet.pixels, sheet.sign_area, sheet.dpi, chance))
    if name == UNSTAMPED:
        return sheet.pixels
    seal = replace(any_seal(chance, UNITS[name], faded=name == HARD), turn=4.0, part=1.0, shift=(8.0, -5.0))
    return press(sheet, seal, seed=1)[0]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "shipped"
    folder.mkdir(parents=True, exist_ok=True)
    for name in UNITS:
        data = make(name)
        (folder / name).write_bytes(data)
        sys.stdout.write(f"{folder / name}: {len(data) / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
