"""Reads printed and written text in pictures: the only user of rapidocr, whose models lie in its own wheel.

Detection and recognition are called apart, since a page wants the first at half the resolution of the second: it costs
a fifth and finds the same lines. One thread a process: a second one buys time with more than its worth of CPU. The
engine takes seconds to load and half a gigabyte, so that each process makes it once, when the first page comes: the
cache of `reader` is the one exception to "no module state".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from rapidocr import RapidOCR

MIN_STEPS: Final = 3
FAR_STEP: Final = 3.0
WIDE_STEP: Final = 1.75  # of the usual step from one character to the next
MAX_SIDE: Final = 2600  # beyond it a page costs 2 GB and reads no better
_SETTINGS: Final[dict[str, Any]] = {
    "Global.use_cls": False,  # it turns 9:00 into 00:6; the page as a whole is turned instead
    "Global.max_side_len": MAX_SIDE,
    "Global.text_score": 0.0,
    "Det.box_thresh": 0.3,  # a label with a signature or a seal over it is a faint line
    "Global.return_word_box": True,  # brings the certainty of each character
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Rec.rec_img_shape": [3, 48, 160],  # short texts are not padded to the width of a line
    "Rec.rec_batch_num": 2,
}

Pixels = npt.NDArray[np.uint8]
Quad = npt.NDArray[np.float32]  # 4 corners, clockwise from the top left


Gap = tuple[int, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What one crop says. `score`: mean certainty of its characters; `weakest`: that of the least certain one; `end`:
    how far along the crop the last of them stands, since a scrawl after them is not read; `gaps`: before which
    character there is room for one that was not read, and from where to where along the crop.
    """

    text: str
    score: float
    weakest: float
    end: float = 1.0
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of text and where it stands."""

    text: str
    box: Quad
    score: float


class Reader:
    """The engine, with the two steps that a page needs."""

    def __init__(self, engine: RapidOCR) -> None:
        self._engine = engine

    def find_lines(self, picture: Pixels) -> list[Quad]:
        """Where lines of text stand, top down."""
        found: Any = self._engine(picture, use_det=True, use_cls=False, use_rec=False)
        boxes = getattr(found, "boxes", None)
        return [] if boxes is None else [np.asarray(box, dtype=np.float32) for box in boxes]

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        """What each crop says; a crop is one line, RGB."""
        if not crops:
            return []
        found = self._engine.recognize_txt([np.ascontiguousarray(crop[..., ::-1]) for crop in crops])
        texts, scores = found.txts or (), found.scores or ()
        return [
            Reading(
                text=text.strip(),
                score=float(score),
                weakest=_weakest(word, score),
                end=_end(word),
                gaps=_gaps(text.strip(), word),
            )
            for text, score, word in zip(texts, scores, found.word_results, strict=True)
        ]

    def lines(self, picture: Pixels) -> list[Line]:
        """Every line of a picture that needs no preparation."""
        boxes = self.find_lines(picture)
        readings = self.read([cut_out(picture, box) for box in boxes])
        return [
            Line(text=reading.text, box=box, score=reading.score)
            for box, reading in zip(boxes, readings, strict=True)
            if reading.text
        ]


def _weakest(word: object, score: float) -> float:
    """Certainties of single characters stand only beside the words."""
    certainties = getattr(word, "confs", None)
    return float(min(certainties)) if certainties else float(score)


def _end(word: object) -> float:
    """A sign far behind the others is what the engine makes of a scrawl after them."""
    places = [place for part in getattr(word, "word_cols", None) or () for place in part]
    length = getattr(word, "line_txt_len", 0.0)
    if not places or not length:
        return 1.0
    usual = sorted(after - before for before, after in pairwise(places))[(len(places) - 1) // 2] if places[1:] else 0
    while len(places) > MIN_STEPS and places[-1] - places[-2] > FAR_STEP * usual:
        places.pop()
    return min(1.0, float(places[-1] + 1) / length)


def _gaps(text: str, word: object) -> tuple[Gap, ...]:
    """Between two Chinese characters, which stand evenly, where they stand apart without a blank."""
    signs = [sign for part in getattr(word, "words", None) or () for sign in part]
    places = [place for part in getattr(word, "word_cols", None) or () for place in part]
    length = getattr(word, "line_txt_len", 0.0)
    if not length or "".join(signs) != text or len(places) != len(signs):
        return ()  # with blanks in it, its columns are the reader's guess
    steps = [
        (number, before, after)
        for number, (before, after) in enumerate(pairwise(places), start=1)
        if _is_han(signs[number - 1]) and _is_han(signs[number])
    ]
    if len(steps) < MIN_STEPS:
        return ()
    usual = sorted(after - before for _number, before, after in steps)[(len(steps) - 1) // 3]
    return tuple(
        (number, (before + 0.75 * usual) / length, (after - 0.25 * usual) / length)
        for number, before, after in steps
        if after - before >= WIDE_STEP * usual
    )


def _is_han(sign: str) -> bool:
    return "一" <= sign <= "鿿"


def cut_out(picture: Pixels, box: Quad) -> Pixels:
    """The quadrilateral as an upright rectangle."""
    width = max(1, round(max(_length(box[0], box[1]), _length(box[3], box[2]))))
    height = max(1, round(max(_length(box[0], box[3]), _length(box[1], box[2]))))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    move = cv2.getPerspectiveTransform(box.astype(np.float32), corners)
    crop = cv2.warpPerspective(picture, move, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(crop, dtype=np.uint8)


def _length(one: Quad, other: Quad) -> float:
    return float(np.linalg.norm(one - other))


@cache
def reader() -> Reader:
    """This process's engine."""
    from rapidocr import RapidOCR  # noqa: PLC0415 - loading it takes a second, which most files need not wait for

    return Reader(RapidOCR(params=_SETTINGS))
