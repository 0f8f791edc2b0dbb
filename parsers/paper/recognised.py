"""What each line on a page says, read twice where it matters, and how certain that is.

A text that is no label is read a second time, evened and cut a little wider, unless each of its signs is all but
certain: where two readings agree the text is hardly ever wrong. Where they differ it is read a third time, larger: two
of three decide, and a person must look.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from parsers.forms import split_labels
from parsers.ocr import Pixels, Reader, Reading, cut_out
from parsers.paper.cells import Piece, ReadPiece
from parsers.paper.ink import Mask
from parsers.paper.labels import is_label, mended_line
from parsers.paper.page import Page
from parsers.paper.traditional import simplified
from parsers.wording import fold

NO_TEXT: Final = " ☑□■|丨_~—"  # what the reader makes of rules and dust at a text's ends
CERTAIN: Final = 0.985  # of the least certain sign
WORTH: Final = 0.005  # of one sign more, against the mean certainty: of two alike readings one lost a comma
DISAGREEING: Final = 0.45  # the certainty of a text that two readings give differently
OUTVOTED: Final = 0.7  # … and of one that two of three give
SUPPLIED: Final = 0.6  # … and of one with a comma that was seen, not read
MIN_COMMA: Final = 6  # pixels of ink
UNUSUAL: Final = 0.6  # … and of signs that no office types: traditional forms, kana, symbols
SEALED: Final = 0.004  # share of red from which on a text lies under the seal
RED_FIGURES: Final = 0.03
RED_SCRAP: Final = 0.08
SCRAP: Final = 0.6  # a character or two, less certain than this, where much is red, is a part of the seal
ILLEGIBLE: Final = 0.3
_KANA: Final = re.compile(r"[\u3041-\u30ff]")


def read_pieces(page: Page, pieces: Sequence[Piece], reader: Reader) -> list[ReadPiece]:
    """What each piece says."""
    readings = [[reading] for reading in _read([_crop(page, piece) for piece in pieces], reader)]
    under = [_red_share(page, piece) > SEALED for piece in pieces]
    for crop, is_wanted in ((_evened_crop, _wants_second), (_roomy_crop, _differ)):
        which = [
            index for index, made in enumerate(readings)
            if is_wanted(made) or (under[index] and len(made) == 1)
        ]  # fmt: skip
        for index, reading in zip(which, _read([crop(page, pieces[index]) for index in which], reader), strict=True):
            readings[index].append(reading)
    read = [
        ReadPiece(piece=piece, text=text, confidence=confidence, end=_end_of(text, made))
        for piece, made in zip(pieces, readings, strict=True)
        for text, confidence in [_beneath_seal(page, piece, *agreed(made))]
    ]
    return [piece for piece in read if not _is_scrap_of_seal(page, piece)]


def _end_of(text: str, readings: Sequence[Reading]) -> float:
    """Where the text ends that was agreed on: another reading may have taken a scrawl behind it for signs."""
    return next((reading.end for reading in readings if _key(reading) == fold(text)), readings[0].end)


def _differ(readings: Sequence[Reading]) -> bool:
    return len({_key(reading) for reading in readings}) > 1


def _key(reading: Reading) -> str:
    return fold(reading.text.strip(NO_TEXT))


def _beneath_seal(page: Page, piece: Piece, text: str, confidence: float) -> tuple[str, float]:
    """A figure that the seal's ink crosses is another figure, and no reading tells."""
    is_hidden = any(sign.isdigit() for sign in text) and _red_share(page, piece) > RED_FIGURES
    return text, min(confidence, OUTVOTED) if is_hidden else confidence


def _read(crops: Sequence[Pixels], reader: Reader) -> list[Reading]:
    read = (_in_simplified(reading) for reading in reader.read(crops))
    return [_with_missed_commas(crop, reading) for crop, reading in zip(crops, read, strict=True)]


def _in_simplified(reading: Reading) -> Reading:
    """A character that was read in its traditional form is certain only where another reading gives it, too."""
    text = simplified(reading.text)
    return reading if text == reading.text else replace(reading, text=text, weakest=min(reading.weakest, UNUSUAL))


def _with_missed_commas(crop: Pixels, reading: Reading) -> Reading:
    """The reader skips a 、 that stands in the middle of its square, as some fonts have it, and is sure of the rest.
    In a label there is none: there it would be a stroke of its characters.
    """
    if not reading.gaps or split_labels(mended_line(reading.text))[1] or is_label(reading.text):
        return reading
    text, light = reading.text, crop.min(axis=2)
    dark = light < (np.percentile(light, 5) + np.percentile(light, 90)) / 2
    for place, begin, end in reversed(reading.gaps):
        part = dark[:, round(begin * dark.shape[1]) : round(end * dark.shape[1])].astype(np.uint8)
        if _has_comma(part):
            text = f"{text[:place]}、{text[place:]}"
    return reading if text == reading.text else replace(reading, text=text, weakest=min(reading.weakest, SUPPLIED))


def _has_comma(part: Mask) -> bool:
    """A small piece of ink that reaches neither of the characters beside it."""
    if not part.size:
        return False
    count, _labels, stats, _centres = cv2.connectedComponentsWithStats(part, connectivity=8)
    return any(
        area >= MIN_COMMA and x > 0 and x + width < part.shape[1] and height < 0.5 * part.shape[0]
        for x, _y, width, height, area in stats[1:count]
    )


def _is_scrap_of_seal(page: Page, piece: ReadPiece) -> bool:
    """A character or two, unclear, or more of which nothing is, where much is red."""
    is_unclear = piece.confidence < (SCRAP if len(piece.text) <= 3 else ILLEGIBLE)
    return is_unclear and _red_share(page, piece.piece) > RED_SCRAP


def _red_share(page: Page, piece: Piece) -> float:
    left, top, right, bottom = piece.box
    red = page.red[top:bottom, left:right]
    return float((red > 0).mean()) if red.size else 0.0


def _wants_second(readings: Sequence[Reading]) -> bool:
    """Where every sign is this certain a second reading differs once in two hundred, and then is the worse."""
    (reading,) = readings
    return reading.weakest < CERTAIN and not (is_label(reading.text) and reading.score > 0.9)


def _crop(page: Page, piece: Piece) -> Pixels:
    """In colour, or where a seal lies over it, in the channel that looks through red."""
    left, top, right, bottom = piece.box
    source = page.picture
    if _red_share(page, piece) > SEALED:
        source = np.repeat(page.bare[..., None], 3, axis=2)
    if piece.quad is not None:
        return cut_out(np.asarray(source, np.uint8), piece.quad)
    return np.ascontiguousarray(source[top:bottom, left:right])


def _evened_crop(page: Page, piece: Piece) -> Pixels:
    """Evened to black on white with a margin of paper."""
    left, top, right, bottom = piece.box
    part = page.evened[top:bottom, left:right]
    low = float(np.percentile(part, 1))
    part = np.clip((part.astype(np.float32) - low) * (250 / max(30.0, 235 - low)), 0, 255).astype(np.uint8)
    pad = max(3, (bottom - top) // 10)
    part = np.asarray(cv2.copyMakeBorder(part, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(250,)), np.uint8)
    return np.repeat(part[..., None], 3, axis=2)


def _roomy_crop(page: Page, piece: Piece) -> Pixels:
    """Without red, with half a character's room above and below where the page has it, and a little soft."""
    left, top, right, bottom = piece.box
    room = max(2, (bottom - top) // 6)
    part = page.bare[max(0, top - room) : bottom + room, max(0, left - room) : right + room]
    part = np.asarray(cv2.GaussianBlur(part, (0, 0), 0.8), np.uint8)
    return np.repeat(part[..., None], 3, axis=2)


def agreed(readings: Sequence[Reading]) -> tuple[str, float]:
    """The text that most readings give, and its certainty."""
    most, count = Counter(_key(reading) for reading in readings).most_common(1)[0]
    mine = [reading for reading in readings if _key(reading) == most]
    weakest = max(reading.weakest for reading in mine)
    if count == len(readings):
        text, certainty = mine[0].text, weakest
    elif count > 1:
        text, certainty = mine[0].text, weakest if min(one.weakest for one in mine) > CERTAIN else OUTVOTED * weakest
    else:
        best = max(readings, key=lambda reading: (_is_usual(reading.text), reading.score + WORTH * len(reading.text)))
        text, certainty = best.text, DISAGREEING * best.score
    return text.strip(NO_TEXT), certainty if _is_usual(text) else min(certainty, UNUSUAL)


def _is_usual(text: str) -> bool:
    """Whether an office's keyboard gives all of it: the reader now and then takes a sign for its traditional form."""
    try:
        fold(text).encode("gb2312")
    except UnicodeEncodeError:
        return False
    return not _KANA.search(text)
