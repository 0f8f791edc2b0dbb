"""What is ink on a sheet, whatever the light: black ink, red ink, and a sheet's own brightness."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]  # 0 or 255

RED_EXCESS: Final = 28  # red over the stronger of green and blue; skin and wood stay below 25 against a white balance
MIN_SATURATION: Final = 50
BLUISH: Final = 1.25  # so many times as strong as its red is a light at most
TINT_STEP: Final = 4  # of the pixels so many one is looked at
_ONE: Final = 128
PAPER_AROUND: Final = 12  # of the picture's longer side: characters and a seal's ring take less than half of it
STILL_RED: Final = 0.55  # of the paper around: black under red ink is darker
DARK_GROUND: Final = 100  # a sheet in the shade is lighter than this
GROUND: Final = 25  # pixels of a preview, within as many of which most is ground
LIGHTER: Final = 4.0  # so many times as much is lighter than the ground as is darker
SOFT: Final = 60  # grey levels
INK_DEPTH: Final = 10  # grey levels under the sheet around it


def red_channel(picture: Pixels) -> Pixels:
    """Red ink is pale in it, and thin rules under a seal are still whole."""
    return np.ascontiguousarray(picture[..., 0])


def without_red(picture: Pixels) -> Pixels:
    """The red channel with the paper around in place of what red ink still darkens: text is clear, rules have gaps."""
    channel = np.ascontiguousarray(picture[..., 0])
    red = cv2.dilate(red_ink(picture), np.ones((3, 3), np.uint8)) > 0
    if not red.any():
        return channel
    around = cv2.morphologyEx(channel, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8))
    seal = red & (channel > STILL_RED * around)
    channel[seal] = around[seal]
    return channel


def grey(picture: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def dark_ink(channel: Pixels, *, block: int = 31, depth: int = INK_DEPTH) -> Mask:
    """Pixels darker than what is around them."""
    mask = cv2.adaptiveThreshold(channel, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block | 1, depth)
    return np.asarray(mask, dtype=np.uint8)


def evened(channel: Pixels) -> Pixels:
    """A channel divided by the paper's own brightness: shadows go, paper is near white."""
    eighth = (max(1, channel.shape[1] // 8), max(1, channel.shape[0] // 8))
    small = cv2.resize(channel, eighth, interpolation=cv2.INTER_AREA)
    size = max(3, min(small.shape[:2]) // 12) | 1
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((size, size), np.uint8)), (0, 0), size)
    background = cv2.resize(paper, (channel.shape[1], channel.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(channel, background, scale=245), dtype=np.uint8)


def is_light_on_dark(preview: Pixels) -> bool:
    """Whether writing is light on dark ground, as a screen in its dark mode shows it. `preview`: about 1000 pixels."""
    light = grey(preview)
    if float(np.median(light)) >= DARK_GROUND:
        return False
    ground = cv2.medianBlur(light, GROUND)
    return float(cv2.subtract(light, ground).mean()) > LIGHTER * float(cv2.subtract(ground, light).mean())


def dark_on_light(picture: Pixels) -> Pixels:
    """The picture with light and dark exchanged; hues are kept."""
    return np.asarray(picture + (255 - picture.max(axis=2) - picture.min(axis=2))[..., None], dtype=np.uint8)


def red_excess(picture: Pixels) -> Pixels:
    """Red over the stronger of green and blue, less the tint of paper, which most of the picture is. Where the light is
    bluish, as at a window, red counts for as much more as the paper around has too little of it.
    """
    eighth = max(1, picture.shape[1] // 8), max(1, picture.shape[0] // 8)
    small = cv2.resize(picture, eighth, interpolation=cv2.INTER_AREA)
    around = cv2.medianBlur(small, max(3, max(eighth) // PAPER_AROUND) | 1).astype(np.float32)
    bluish = np.clip(around.max(axis=2) / np.maximum(around[..., 0], 1), 1, BLUISH)
    balance = cv2.resize(np.asarray(bluish * _ONE, np.uint8), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    red, green, blue = cv2.split(picture)
    excess = cv2.subtract(cv2.multiply(red, balance, scale=1 / _ONE), cv2.max(green, blue))
    tint = int(np.median(excess[::TINT_STEP, ::TINT_STEP]))
    return np.asarray(cv2.subtract(excess, np.full_like(excess, tint)) if tint else excess, np.uint8)


def red_ink(picture: Pixels) -> Mask:
    """Red over green and blue by more than the picture's own tint, and saturated."""
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    is_red = (hsv[..., 0] <= 12) | (hsv[..., 0] >= 160)
    mask = (red_excess(picture) > RED_EXCESS) & is_red & (hsv[..., 1] > MIN_SATURATION)
    return np.where(mask, 255, 0).astype(np.uint8)


def softened(picture: Pixels) -> Pixels:
    """A copy in which nothing is darker than the paper around by more than `SOFT`: beside the thick frame of a table
    its thin rules are no darker than the mean, and would not be seen to reach it.
    """
    eighth = (max(1, picture.shape[1] // 8), max(1, picture.shape[0] // 8))
    small = cv2.resize(picture, eighth, interpolation=cv2.INTER_AREA)
    size = max(3, min(small.shape[:2]) // 40) | 1
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((3, 3), np.uint8)), size)
    paper = cv2.resize(paper, (picture.shape[1], picture.shape[0]))
    return np.maximum(picture, cv2.subtract(paper, np.full_like(paper, SOFT)))
