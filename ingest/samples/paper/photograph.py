"""The picture that arrives: a page on a desk as a phone sees it, or a flat scan.

`photograph(page, shot, seed)` projects the page through a pin-hole camera, bends it a little, lays it on a desk, lights
it unevenly, throws a shadow, then blurs, adds the sensor's noise and turns the whole as the phone was held. One pass in
strips, so that twelve megapixels need no gigabyte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ingest.samples.paper.desks import Desk, desk_texture
from ingest.samples.paper.ink import Layer, Pixels

Corners = tuple[tuple[float, float], ...]
Matrix = npt.NDArray[np.float64]
_STRIP: Final = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """How the page was photographed. Angles in degrees; `size` is width and height as the camera is held."""

    size: tuple[int, int]
    pitch: float
    yaw: float
    roll: float
    fill: float  # the share of the frame that the page takes
    curl: float  # of the page's height
    desk: Desk
    light: float  # how uneven, 0 to 1
    warmth: float  # -1 blue to 1 yellow
    shadow: float  # 0 none to 1 black
    blur: float
    shake: int  # pixels that the hand moved; 0 none
    noise: float
    moire: float
    turn: int  # 0, 90, 180, 270 clockwise


@dataclass(frozen=True, kw_only=True, slots=True)
class Photographed:
    """The picture, and where the page's corners are in it, clockwise from the page's own top left."""

    pixels: Pixels
    corners: Corners


def photograph(page: Pixels, shot: Shot, *, seed: int) -> Photographed:
    """The same arguments give the same picture."""
    dice = np.random.default_rng(seed)
    matrix = _camera(page.shape[1], page.shape[0], shot, dice)
    picture = desk_texture(shot.desk, shot.size, dice)
    picture = _shaded_by_page(picture, _corners(page, matrix))
    for rows, strip in _projected(page, matrix, shot):
        alpha = strip[..., 3:].astype(np.float32) / 255
        picture[rows] = (picture[rows] * (1 - alpha) + strip[..., :3] * alpha).astype(np.uint8)
    picture = _lit(picture, shot, dice)
    picture = _shaken(picture, shot, dice)
    picture = _noisy(picture, shot, dice)
    turns = shot.turn // 90
    return Photographed(
        pixels=np.ascontiguousarray(np.rot90(picture, -turns)),
        corners=_turned_corners(_corners(page, matrix), shot.size, turns),
    )


def scanned(page: Pixels, *, skew: float, turn: int, grey: bool, seed: int) -> Photographed:
    """From the glass of a scanner: flat, nearly straight, the lid's grey at an edge."""
    dice = np.random.default_rng(seed)
    height, width = page.shape[:2]
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0), [0, 0, 1]])
    flat = cv2.warpPerspective(page, matrix, (width, height), borderValue=(236, 236, 236))
    soft = np.asarray(cv2.GaussianBlur(flat, (0, 0), 0.5), dtype=np.float32)
    soft += dice.normal(0, 2.0, (height, width, 1)).astype(np.float32)
    edge = int(dice.integers(2, 14))
    soft[:, :edge] *= np.linspace(0.6, 1, edge, dtype=np.float32)[None, :, None]
    pixels = np.clip(soft, 0, 255).astype(np.uint8)
    if grey:
        pixels = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB).astype(np.uint8)
    turns = turn // 90
    corners = _turned_corners(_corners(page, matrix), (width, height), turns)
    return Photographed(pixels=np.ascontiguousarray(np.rot90(pixels, -turns)), corners=corners)


def _camera(width: int, height: int, shot: Shot, dice: np.random.Generator) -> Matrix:
    """From the page's pixels to the picture's: turned in space, seen from a distance, fitted to the frame."""
    plane = np.array([[-width, -height], [width, -height], [width, height], [-width, height]], dtype=np.float64) / 2
    solid = np.column_stack([plane, np.zeros(4)]) @ _rotation(shot).T
    distance = 1.55 * max(width, height)
    seen = solid[:, :2] * (distance / (distance + solid[:, 2:]))
    low, high = seen.min(axis=0), seen.max(axis=0)
    frame = np.array(shot.size, dtype=np.float64)
    scale = float((frame / (high - low)).min()) * shot.fill
    spare = frame - (high - low) * scale
    place = spare * dice.uniform(0.35, 0.65, size=2)
    target = (seen - low) * scale + place
    source = plane + np.array([width, height]) / 2
    return np.asarray(cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32)))


def _rotation(shot: Shot) -> Matrix:
    pitch, yaw, roll = np.radians([shot.pitch, shot.yaw, shot.roll])
    tilt = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    side = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    flat = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return np.asarray(flat @ tilt @ side)


def _corners(page: Pixels, matrix: Matrix) -> Corners:
    height, width = page.shape[:2]
    square = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], dtype=np.float64)
    return tuple((float(x), float(y)) for x, y in cv2.perspectiveTransform(square, matrix)[0])


def _turned_corners(corners: Corners, size: tuple[int, int], turns: int) -> Corners:
    width, height = size
    for _ in range(turns % 4):
        corners = tuple((height - y, x) for x, y in corners)
        width, height = height, width
    return corners


def _projected(page: Pixels, matrix: Matrix, shot: Shot) -> Iterator[tuple[slice, Pixels]]:
    """The page as RGBA in strips of the picture; the paper's bend shades it a little."""
    inverse = np.linalg.inv(matrix)
    width, height = shot.size
    page_height, page_width = page.shape[:2]
    paper = np.dstack([page, np.full(page.shape[:2], 255, dtype=np.uint8)])
    scale = abs(np.linalg.det(matrix[:2, :2])) ** 0.5
    if scale < 0.6:  # far smaller than the page: without this the thin lines would flicker
        paper = cv2.GaussianBlur(paper, (0, 0), 0.35 / scale)
    for first in range(0, height, _STRIP):
        rows = slice(first, min(first + _STRIP, height))
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(rows.start, rows.stop, dtype=np.float32))
        weight = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2]
        u = (inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2]) / weight
        v = (inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2]) / weight
        bend = np.sin(np.pi * u / page_width)
        v = v + shot.curl * page_height * bend
        strip = cv2.remap(paper, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR).astype(np.uint8)
        slope = 1 - 4 * abs(shot.curl) * np.abs(np.cos(np.pi * u / page_width))
        strip[..., :3] = np.clip(strip[..., :3] * slope[..., None], 0, 255).astype(np.uint8)
        yield rows, strip


def _shaded_by_page(picture: Pixels, corners: Corners) -> Pixels:
    """The thin shadow of the sheet on the desk."""
    small = 4
    mask = np.zeros((picture.shape[0] // small + 1, picture.shape[1] // small + 1), dtype=np.uint8)
    shifted = np.array([[(x + 10) / small, (y + 14) / small] for x, y in corners])
    cv2.fillPoly(mask, [np.round(shifted).astype(np.int32)], 255)
    soft = cv2.GaussianBlur(mask, (0, 0), 5)
    shade = cv2.resize(soft, (picture.shape[1], picture.shape[0])).astype(np.float32) / 255
    return np.asarray(picture * (1 - 0.35 * shade[..., None]), dtype=np.float32).astype(np.uint8)


def _lit(picture: Pixels, shot: Shot, dice: np.random.Generator) -> Pixels:
    """Uneven light with a colour, the lens's darker corners, a shadow, and the stripes of a screen."""
    height, width = picture.shape[:2]
    small = (width // 8, height // 8)
    field = 1 - shot.light * dice.uniform(0, 1, (3, 3)).astype(np.float32)
    light = np.asarray(cv2.resize(field, small, interpolation=cv2.INTER_CUBIC), dtype=np.float32)
    across, down = np.meshgrid(np.linspace(-1, 1, small[0]), np.linspace(-1, 1, small[1]))
    light *= (1 - 0.1 * (across**2 + down**2)).astype(np.float32)
    if shot.shadow:
        light *= 1 - shot.shadow * _shadow(small, dice)
    full = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    tint = np.array([1 + 0.05 * shot.warmth, 1.0, 1 - 0.09 * shot.warmth], dtype=np.float32)
    if shot.moire:
        full = full * _stripes(width, height, shot.moire, dice)
    for first in range(0, height, _STRIP):
        rows = slice(first, first + _STRIP)
        lit = picture[rows] * full[rows, :, None] * tint
        picture[rows] = np.clip(lit, 0, 255).astype(np.uint8)
    return picture


def _shadow(size: tuple[int, int], dice: np.random.Generator) -> Layer:
    """Of the head, the hand and the phone: a soft blot that comes in from an edge."""
    width, height = size
    mask = np.zeros((height, width), dtype=np.uint8)
    side = dice.integers(0, 4)
    x, y = ((0.1, 0.5), (0.9, 0.5), (0.5, 0.95), (0.75, 0.15))[side]
    centre = (int(width * (x + dice.uniform(-0.1, 0.1))), int(height * (y + dice.uniform(-0.25, 0.25))))
    axes = (int(width * dice.uniform(0.25, 0.5)), int(height * dice.uniform(0.15, 0.35)))
    cv2.ellipse(mask, centre, axes, float(dice.uniform(0, 180)), 0, 360, 255, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), width * 0.03), dtype=np.float32) / np.float32(255)


def _stripes(width: int, height: int, strength: float, dice: np.random.Generator) -> Layer:
    """Two fine gratings that beat, as the pixels of a screen and of a camera do."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    angle, period = dice.uniform(0, np.pi), dice.uniform(7, 15)
    wave = np.sin(2 * np.pi / period * (x * np.cos(angle) + y * np.sin(angle)))
    beat = np.sin(2 * np.pi / (period * 9) * (x * np.cos(angle + 0.7) + y * np.sin(angle + 0.7)))
    return np.asarray(1 + strength * wave * (0.5 + 0.5 * beat), dtype=np.float32)


def _shaken(picture: Pixels, shot: Shot, dice: np.random.Generator) -> Pixels:
    if shot.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), shot.blur).astype(np.uint8)
    if shot.shake > 1:
        kernel = np.zeros((shot.shake, shot.shake), dtype=np.float32)
        kernel[shot.shake // 2] = 1 / shot.shake
        turn = cv2.getRotationMatrix2D((shot.shake / 2 - 0.5, shot.shake / 2 - 0.5), float(dice.uniform(0, 180)), 1)
        kernel = cv2.warpAffine(kernel, turn, (shot.shake, shot.shake)).astype(np.float32)
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum()).astype(np.uint8)
    return picture


def _noisy(picture: Pixels, shot: Shot, dice: np.random.Generator) -> Pixels:
    """The sensor's noise: fine in brightness, coarse in colour."""
    height, width = picture.shape[:2]
    coarse = dice.normal(0, shot.noise * 0.7, (height // 4 + 1, width // 4 + 1, 3)).astype(np.float32)
    for first in range(0, height, _STRIP):
        rows = slice(first, min(first + _STRIP, height))
        fine = dice.normal(0, shot.noise, (rows.stop - rows.start, width, 1)).astype(np.float32)
        blotches = cv2.resize(
            coarse[first // 4 : (rows.stop + 3) // 4], (width, rows.stop - rows.start), interpolation=cv2.INTER_LINEAR
        )
        picture[rows] = np.clip(picture[rows] + fine + blotches, 0, 255).astype(np.uint8)
    return picture
