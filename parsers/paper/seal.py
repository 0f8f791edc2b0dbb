"""Is the sheet stamped? A round red seal is a ring, thin, closed, with ink inside and paper around it.

The ring tells a seal from all else that is red: headings and banners are long, red rules are straight, a red desk
reaches the page's edge, a sticker is solid. Each red piece of a seal's size is fitted with an ellipse, and the ring is
looked for in every direction. A second look with a lower threshold finds faded ink. What has a seal's size but no
clear ring is for a person, and so is a ring in grey, and a picture without any colour: a copy in black and white does
not show that the seal was real.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from parsers.ocr import Reader
from parsers.paper.ink import Mask, Pixels, dark_ink, evened, grey, red_excess
from parsers.paper.sheet import Points

LOOKING_SIDE: Final = 1000  # the page's longer side
MIN_RADIUS: Final = 0.045  # of the page's width; a unit's seal of 4 cm on A4 has 0.10
MAX_RADIUS: Final = 0.24
SECTORS: Final = 72
RING: Final = (0.84, 1.1)  # of the fitted radius
CLEAR_RING: Final = 0.68  # share of the sectors
DOUBTFUL_RING: Final = 0.5
MAX_AROUND: Final = 0.3
MAX_AROUND_GUESSED: Final = 0.08  # cloth and wood of a reddish desk are full of circles
SOLID: Final = 0.7
SQUARE: Final = 0.88
LOOKS: Final = (38, 22, 12)  # red over green and blue, less and less
THIN_RING: Final = (0.95, 1.05)  # of a circle that is only guessed, lest any cluttered place hold one
MAX_CIRCLE: Final = 0.16
MAX_CIRCLES: Final = 40
NEAR_RING: Final = (0.88, 1.12)  # of a guessed circle's radius, where the ring is
FITS: Final = 3
ASLANT: Final = 0.3  # as much longer or shorter than the circle's radius are the half axes at most
GREY_RING: Final = 0.7
COLOURED_PERCENTILE: Final = 99.5  # in black and white even the most coloured pixels have no colour at all
RULE: Final = 80  # pixels of the small picture: a straight stretch this long is no part of a ring
LONG_RULE: Final = 160  # … and this long no part of a thick one
LETTER: Final = 30  # … and what is smaller than this is a letter
TEXT_BAND: Final = (0.56, 0.92)
LEGIBLE: Final = 0.88
LEGIBLE_SIGN: Final = 0.5  # … the least certain of them

_BLACK_AND_WHITE: Final = "印章是黑白的，像是复印件，无法判断是否盖章，请人工核对"
_COLOURLESS: Final = "图片是黑白的，看不出印章是否为红色，无法判断是否盖章，请人工核对"
_DOUBTFUL: Final = "有疑似印章的红色痕迹，但不清晰，请人工核对是否盖章"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ellipse:
    """A fitted ring, in the pixels of the page."""

    x: float
    y: float
    a: float  # half axes, `angle` in degrees turns the first
    b: float
    angle: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """Whether the page is stamped; where it cannot be told, why. `ring`: where."""

    is_stamped: bool | None
    reason: str = ""
    ring: Ellipse | None = None


def find_stamp(page: Pixels) -> Stamp:
    """Looks at a flat page. Without any colour in it none can be said to be missing a red seal."""
    scale = min(1.0, LOOKING_SIDE / max(page.shape[:2]))
    size = (round(page.shape[1] * scale), round(page.shape[0] * scale))
    small = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    best = 0.0
    excess = _red_excess(small)
    for least in LOOKS:
        mask = np.where(excess > least, 255, 0).astype(np.uint8)
        free = _without_rules(mask, LONG_RULE)
        for ring, clear in (*_pieces(mask, small.shape[1]), *_pieces(free, small.shape[1])):
            best = max(best, clear)
            if clear >= CLEAR_RING:
                return Stamp(is_stamped=True, ring=_enlarged(ring, 1 / scale))
        for circle, _clear in _circles(free, small.shape[1]):
            ring, clear = _fitted(free, circle)
            if _around(free, ring) > MAX_AROUND_GUESSED:
                continue
            if clear >= CLEAR_RING:
                return Stamp(is_stamped=True, ring=_enlarged(ring, 1 / scale))
            if _has_star(free, ring):
                best = max(best, clear)
    if best >= DOUBTFUL_RING:
        return Stamp(is_stamped=None, reason=_DOUBTFUL)
    if _has_grey_ring(small, excess):
        return Stamp(is_stamped=None, reason=_BLACK_AND_WHITE)
    has_colour = float(np.percentile(np.ptp(page, axis=2), COLOURED_PERCENTILE)) > 0
    return Stamp(is_stamped=False) if has_colour else Stamp(is_stamped=None, reason=_COLOURLESS)


def _has_grey_ring(picture: Pixels, excess: Pixels) -> bool:
    """The ring of a seal that went through a copier."""
    ink = dark_ink(evened(grey(picture)), block=31, depth=18)
    ink[excess > LOOKS[-1]] = 0
    arcs = _arcs(ink)
    return any(
        clearness(ink, ring, THIN_RING) >= GREY_RING and _has_star(ink, ring)
        for ring, _clear in _circles(arcs, picture.shape[1])
    )


def _arcs(ink: Mask) -> Mask:
    """The ink that may be a ring: no rules, no letters. Circles are looked for ten times faster in it."""
    rest = _without_rules(ink, RULE)
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(rest, connectivity=8)
    sides = stats[:count, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    keep = sides >= LETTER
    keep[0] = False
    return np.where(keep[labels], 255, 0).astype(np.uint8)


def _without_rules(ink: Mask, length: int) -> Mask:
    """Rules that touch a seal make one piece with it, and a circle that is only guessed may lie on them."""
    rest = ink.copy()
    for shape in ((1, length), (length, 1)):
        rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        rest[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 0
    return rest


def _has_star(mask: Mask, ring: Ellipse) -> bool:
    """Ink in the very middle and paper around it, as no text has it."""
    middle, around = (_sampled(mask, ring, np.array(radii)) for radii in ((0.04, 0.08, 0.11), (0.42, 0.46)))
    return float((middle > 0).mean()) > 0.8 and float((around > 0).mean()) < 0.5


def _red_excess(picture: Pixels) -> Pixels:
    return red_excess(np.asarray(cv2.GaussianBlur(picture, (3, 3), 0), np.uint8))


def _enlarged(ring: Ellipse, by: float) -> Ellipse:
    return Ellipse(x=ring.x * by, y=ring.y * by, a=ring.a * by, b=ring.b * by, angle=ring.angle)


def _pieces(mask: Mask, width: int) -> Iterator[tuple[Ellipse, float]]:
    """Ellipses around pieces of ink of a seal's size, with the clearness of their rings, 0…1."""
    low, high = MIN_RADIUS * width, MAX_RADIUS * width
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    contours, _levels = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        hull = cv2.convexHull(contour)
        if len(hull) < 5 or _touches_edge(np.asarray(hull), mask.shape[1], mask.shape[0]) or _is_square(hull):
            continue
        (x, y), (first, second), angle = cv2.fitEllipse(hull)
        ring = Ellipse(x=x, y=y, a=first / 2, b=second / 2, angle=angle)
        if low <= min(ring.a, ring.b) and max(ring.a, ring.b) <= high and ring.b <= 1.6 * ring.a <= 2.6 * ring.b:
            yield ring, clearness(mask, ring)


def _circles(mask: Mask, width: int) -> Iterator[tuple[Ellipse, float]]:
    """Circles that broken pieces of ink join in, likewise."""
    low, high = MIN_RADIUS * width, MAX_CIRCLE * width
    blurred = cv2.GaussianBlur(mask, (5, 5), 0)
    circles = cv2.HoughCircles(
        blurred, cv2.HOUGH_GRADIENT, 1.5, low, param1=120, param2=45, minRadius=round(low), maxRadius=round(high)
    )
    for x, y, radius in np.asarray(circles).reshape(-1, 3)[:MAX_CIRCLES] if circles is not None else ():
        ring = Ellipse(x=float(x), y=float(y), a=float(radius), b=float(radius), angle=0.0)
        yield ring, clearness(mask, ring, THIN_RING)


def _fitted(mask: Mask, circle: Ellipse) -> tuple[Ellipse, float]:
    """The ellipse through the ink near a guessed circle, since a ring is none on paper that bends or is seen aslant;
    with its clearness. The circle itself where the ink does not lie on one.
    """
    best = circle, clearness(mask, circle, THIN_RING)
    for _ in range(FITS):
        radii = np.linspace(*NEAR_RING, 25)
        band = _sampled(mask, best[0], radii) > 0
        seen = band.any(axis=1)
        if seen.mean() < DOUBTFUL_RING:
            break
        steps = (band * radii).sum(axis=1)[seen] / band.sum(axis=1)[seen]
        (x, y), (first, second), angle = cv2.fitEllipseAMS(_points(best[0], np.flatnonzero(seen), steps))
        ring = Ellipse(x=x, y=y, a=first / 2, b=second / 2, angle=angle)
        is_near = max(abs(side / circle.a - 1) for side in (ring.a, ring.b)) < ASLANT
        clear = clearness(mask, ring, THIN_RING) if is_near else 0.0
        if clear <= best[1]:
            break
        best = ring, clear
    return best


def _points(ring: Ellipse, sectors: np.typing.NDArray[np.int64], radii: np.typing.NDArray[np.float64]) -> Points:
    """Those in some of the directions of a ring, at so many of its radii."""
    turns, tilt = sectors * (2 * math.pi / SECTORS), math.radians(ring.angle)
    along, aside = np.cos(turns) * radii * ring.a, np.sin(turns) * radii * ring.b
    xs = ring.x + along * math.cos(tilt) - aside * math.sin(tilt)
    return np.column_stack([xs, ring.y + along * math.sin(tilt) + aside * math.cos(tilt)]).astype(np.float32)


def _is_square(hull: cv2.typing.MatLike) -> bool:
    """Whether it fills its smallest rectangle, as a square seal or a 校对 stamp does; a ring fills 0.79 of it."""
    (_x, _y), (width, height), _angle = cv2.minAreaRect(hull)
    return cv2.contourArea(hull) > SQUARE * width * height


def _touches_edge(hull: Pixels, width: int, height: int) -> bool:
    points = hull.reshape(-1, 2)
    return bool(points.min() <= 1 or points[:, 0].max() >= width - 2 or points[:, 1].max() >= height - 2)


def clearness(mask: Mask, ring: Ellipse, edges: tuple[float, float] = RING) -> float:
    """Share of the directions in which the ring is red; 0 for what is solid, hollow or part of something bigger."""
    inner = _sampled(mask, ring, np.linspace(0.1, 0.8, 15))
    fill = float((inner > 0).mean())
    if not 0.02 <= fill <= SOLID:
        return 0.0
    if _around(mask, ring) > MAX_AROUND:
        return 0.0
    band = _sampled(mask, ring, np.linspace(*edges, 12))
    return float((band > 0).any(axis=1).mean())


def _around(mask: Mask, ring: Ellipse) -> float:
    """How much ink there is just outside of the ring."""
    return float((_sampled(mask, ring, np.array([1.16, 1.22, 1.28])) > 0).mean())


def _sampled(mask: Mask, ring: Ellipse, radii: np.typing.NDArray[np.float64]) -> Mask:
    """Values of the mask along rays, one row a direction."""
    turns = np.arange(SECTORS) * (2 * math.pi / SECTORS)
    tilt = math.radians(ring.angle)
    along, aside = np.outer(np.cos(turns), radii) * ring.a, np.outer(np.sin(turns), radii) * ring.b
    xs = ring.x + along * math.cos(tilt) - aside * math.sin(tilt)
    ys = ring.y + along * math.sin(tilt) + aside * math.cos(tilt)
    inside = (xs >= 0) & (ys >= 0) & (xs < mask.shape[1] - 1) & (ys < mask.shape[0] - 1)
    values = mask[np.clip(ys, 0, mask.shape[0] - 1).astype(int), np.clip(xs, 0, mask.shape[1] - 1).astype(int)]
    return np.where(inside, values, 0).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class SealText:
    """What stands around a ring. `is_certain`: every sign of it, and not only most."""

    text: str
    is_certain: bool


def seal_text(page: Pixels, ring: Ellipse, reader: Reader) -> SealText | None:
    """The text around the ring, unrolled from the gap that every seal leaves in it; None where it is not legible."""
    excess = _red_excess(page)
    radius = (ring.a + ring.b) / 2
    strip = _unrolled(excess, ring, radius)
    profile = (strip > 40).mean(axis=0)
    start = _widest_gap(profile)
    strip = np.roll(strip, -start, axis=1)
    ink = (255 - np.clip(strip.astype(np.float32) * 2.2, 0, 235)).astype(np.uint8)
    (reading,) = reader.read([np.repeat(ink[..., None], 3, axis=2)])
    han = sum("一" <= sign <= "鿿" for sign in reading.text)
    if reading.score < LEGIBLE or han < 5 or han < 0.9 * len(reading.text):
        return None
    return SealText(reading.text, is_certain=reading.weakest >= LEGIBLE_SIGN)


def _unrolled(excess: Pixels, ring: Ellipse, radius: float) -> Pixels:
    """Clockwise from the bottom, the letters' heads up."""
    height = max(32, round(radius * (TEXT_BAND[1] - TEXT_BAND[0])))
    width = round(2 * math.pi * radius * 0.76)
    turns = math.pi / 2 + np.linspace(0, 2 * math.pi, width, endpoint=False)
    radii = np.linspace(TEXT_BAND[1], TEXT_BAND[0], height)
    tilt = math.radians(ring.angle)
    # on the ellipse's own axes, so that a seal seen aslant unrolls evenly
    along, aside = np.outer(radii, np.cos(turns - tilt)) * ring.a, np.outer(radii, np.sin(turns - tilt)) * ring.b
    xs = (ring.x + along * math.cos(tilt) - aside * math.sin(tilt)).astype(np.float32)
    ys = (ring.y + along * math.sin(tilt) + aside * math.cos(tilt)).astype(np.float32)
    return np.asarray(cv2.remap(excess, xs, ys, cv2.INTER_CUBIC), dtype=np.uint8)


def _widest_gap(profile: np.typing.NDArray[np.float64]) -> int:
    """The middle of the longest stretch without ink on a circle, or the bottom where there is none."""
    empty = np.concatenate([profile, profile]) < 0.04
    best, run, middle = 0, 0, 0
    for place, is_empty in enumerate(empty):
        run = run + 1 if is_empty else 0
        if run > best:
            best, middle = run, place - run // 2
    return middle % len(profile) if best > 0.06 * len(profile) else 0
