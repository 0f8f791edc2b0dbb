"""Reading photographed forms: how much is read right, what is told about it, and what it costs.

Samples are drawn from seeds, so that their truth is known (`ingest.samples.paper`); each goes through
`parsers.read.read_file` as a file with a camera's name. Every third one is held out: tune on the others, and look at
the held-out figures last. For the ratio, the bare OCR engine (detection and recognition, one thread) is run on some of
the same pages, flattened by their true corners, right after our reading and in the same process, both warmed up.

    python -m benchmarks.forms [--held-out | --tuning | --all] [--medium NAME] [--limit N] [--workers N] [--wrong]

Samples stay in the temporary folder by seed and are drawn again when the programs that draw them change.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import pickle
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np

import ingest.samples.paper
from benchmarks.form_scoring import Outcome, Value, scored
from ingest.samples.paper.fonts import missing_packages
from ingest.samples.paper.variations import VARIATIONS, Medium, PaperSample, Variation, make
from parsers.read import read_file

PAGE_SIDE = 2000
RATIO_SAMPLES = 10
Result = TypeVar("Result")


def main() -> None:
    arguments = _arguments()
    if missing := missing_packages():
        sys.exit(f"needs Chinese fonts: apt-get install {' '.join(missing)}")
    chosen = _chosen(arguments)
    print(f"{len(chosen)} samples, {arguments.workers} workers, load {os.getloadavg()[0]:.1f}")
    compared = frozenset() if arguments.no_engine else _compared(chosen)
    _in_processes(_drawn, [(variation, False) for variation in chosen], arguments.workers)
    began = time.monotonic()
    outcomes = _in_processes(_read, [(one, one.name in compared) for one in chosen], arguments.workers)
    _show(outcomes)
    _show_cost(outcomes, time.monotonic() - began)
    if arguments.wrong:
        _show_wrong(outcomes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--held-out", action="store_true", help="only the held-out third")
    part.add_argument("--tuning", action="store_true", help="only the others (the default)")
    part.add_argument("--all", action="store_true")
    parser.add_argument("--medium", choices=[medium.value for medium in Medium])
    parser.add_argument("--limit", type=int, default=0, help="so many of each medium")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--wrong", action="store_true", help="list what was read wrong")
    parser.add_argument("--no-engine", action="store_true", help="leave out the ratio to the bare engine")
    return parser.parse_args()


def _chosen(arguments: argparse.Namespace) -> list[Variation]:
    chosen: list[Variation] = []
    for medium in Medium:
        of_medium = [
            variation
            for variation in VARIATIONS
            if variation.medium is medium
            and arguments.medium in (None, medium.value)
            and (arguments.all or variation.is_held_out == arguments.held_out)
        ]
        chosen += of_medium[: arguments.limit or None]
    return chosen


Task = tuple[Variation, bool]  # a sample, and whether the bare engine is measured on it too


def _compared(chosen: Sequence[Variation]) -> frozenset[str]:
    """The names of some forms, spread over the media; a PDF must be rendered first and is left out."""
    forms = [one for one in chosen if one.medium not in (Medium.DECOY, Medium.SCAN)]
    return frozenset(one.name for one in forms[:: max(1, len(forms) // RATIO_SAMPLES)][:RATIO_SAMPLES])


def _in_processes(work: Callable[[Task], Result], tasks: Sequence[Task], workers: int) -> list[Result]:
    """Fresh processes, so that the peak is that of reading; one thread each, as the product's workers run."""
    context = multiprocessing.get_context("spawn")
    results = []
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin) as pool:
        for number, result in enumerate(pool.map(work, tasks), start=1):
            results.append(result)
            if sys.stderr.isatty():
                print(f"\r{number}/{len(tasks)}", end="", file=sys.stderr)
    return results


def _begin() -> None:
    cv2.setNumThreads(1)


def _drawn(task: Task) -> str:
    return sample(task[0]).name


# --- the samples, kept between runs -----------------------------------------------------------------------------------


def sample(variation: Variation) -> PaperSample:
    path = _cache_folder() / f"{variation.name}.pickle"
    if path.exists():
        kept = pickle.loads(path.read_bytes())
        if isinstance(kept, PaperSample):
            return kept
    drawn = make(variation)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(pickle.dumps(drawn))
    part.replace(path)
    return drawn


@cache
def _cache_folder() -> Path:
    """One folder for each state of the programs that draw; nobody else may write there."""
    folder = Path(ingest.samples.paper.__file__).parent
    sources = [*sorted(folder.glob("*.py")), *(folder.parent / f"{name}.py" for name in ("media", "people", "prose"))]
    state = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    home = Path(tempfile.gettempdir()) / f"baosong-paper-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != os.getuid():
        sys.exit(f"{home} belongs to somebody else; name another folder by TMPDIR")
    folder = home / state
    folder.mkdir(exist_ok=True)
    return folder


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(task: Task) -> Outcome:
    variation, is_compared = task
    paper = sample(variation)
    _warm_up()
    with tempfile.TemporaryDirectory(prefix="forms-benchmark-") as folder:
        path = Path(folder) / f"IMG_20231118_{variation.seed:06d}.{paper.suffix}"
        path.write_bytes(paper.data)
        began, cpu = time.monotonic(), _cpu_seconds()
        seen = read_file(path, path.name)
        wall, used = time.monotonic() - began, _cpu_seconds() - cpu
    peak = _peak_kilobytes() / 1024
    bare = _bare_engine(paper) if is_compared else 0.0
    return replace(
        scored(paper, seen),
        wall_seconds=wall,
        cpu_seconds=used,
        peak_megabytes=peak,
        bare_seconds=bare,
        worker=os.getpid(),
    )


@cache
def _warm_up() -> None:
    """Once a worker: the models are loaded before anything is timed, as they are in a worker that lives for days."""
    from parsers.ocr import reader  # noqa: PLC0415 - loaded where it is measured

    reader().lines(np.full((640, 640, 3), 255, dtype=np.uint8))
    reader().read([np.full((48, 320, 3), 255, dtype=np.uint8)])


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak_kilobytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _bare_engine(paper: PaperSample) -> float:
    """Processor seconds of the engine alone on the page as it should be; loading the models is not counted."""
    page, engine = _flattened(paper), _engine()
    began = _cpu_seconds()
    engine(page, use_det=True, use_cls=False, use_rec=True)
    return _cpu_seconds() - began


def _flattened(paper: PaperSample) -> np.ndarray[Any, Any]:
    picture = cv2.imdecode(np.frombuffer(paper.data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{paper.name} is no picture")
    corners = np.array(paper.corners, dtype=np.float32)
    across, down = (float(np.linalg.norm(corners[corner] - corners[0])) for corner in (1, 3))
    share = min(1.0, PAGE_SIDE / max(across, down))
    width, height = round(across * share), round(down * share)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    return cv2.warpPerspective(picture, cv2.getPerspectiveTransform(corners, target), (width, height))


@cache
def _engine() -> Callable[..., object]:
    from rapidocr import RapidOCR  # noqa: PLC0415 - only this part of the benchmark needs it

    engine = RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    engine(np.full((640, 640, 3), 255, dtype=np.uint8), use_det=True, use_cls=False, use_rec=False)
    engine(np.full((48, 320, 3), 255, dtype=np.uint8), use_det=False, use_cls=False, use_rec=True)
    return engine


# --- telling ----------------------------------------------------------------------------------------------------------


def _show(outcomes: Sequence[Outcome]) -> None:
    for medium in Medium:
        of_medium = [outcome for outcome in outcomes if outcome.medium == medium.value]
        if of_medium:
            _show_medium(medium.value, of_medium)
    _show_medium("all", outcomes)
    peak = max((outcome.peak_megabytes for outcome in outcomes), default=0.0)
    print(f"peak memory of a worker: {peak:.0f} MB")


def _show_medium(name: str, outcomes: Sequence[Outcome]) -> None:
    values = [value for outcome in outcomes for value in outcome.values]
    fields, cells = [v for v in values if not v.is_cell], [v for v in values if v.is_cell]
    wrong, right = [v for v in values if not v.is_exact], [v for v in values if v.is_exact]
    forms = [outcome for outcome in outcomes if outcome.values]
    print(f"\n{name}: {len(outcomes)} samples, {len(values)} values")
    print(f"  kind right                   {_share(outcome.is_kind_right for outcome in outcomes)}")
    if forms:
        print(f"  values exact / no punctuation {_exact(values)}")
        print(f"    head fields                {_exact(fields)}")
        print(f"    cells                      {_exact(cells)}")
        print(f"  number of rows right         {_share(one.rows_expected == one.rows_read for one in forms)}")
        print(f"  wrong values flagged         {_share(value.is_flagged for value in wrong)}")
        print(f"  right values flagged         {_share(value.is_flagged for value in right)}")
        _show_ink(forms)
    cpu, wall = ([getattr(one, what) for one in outcomes] for what in ("cpu_seconds", "wall_seconds"))
    print(f"  seconds a page, median (max) cpu {_median(cpu)}  wall {_median(wall)}")


def _show_ink(forms: Sequence[Outcome]) -> None:
    """Both ways: a seal that is there and is seen, and none that is there and none seen; copies may not be denied."""
    sealed, plain = ([one for one in forms if one.stamped is state] for state in (True, False))
    copied = [one for one in forms if one.stamped is None]
    print(
        f"  seal seen {_share(one.stamped_read is True for one in sealed)}"
        f"   none seen where none is {_share(one.stamped_read is False for one in plain)}"
        f"   copies not denied {_share(one.stamped_read is not False for one in copied)}"
    )
    signed, unsigned = ([one for one in forms if one.signed is state] for state in (True, False))
    print(
        f"  signature seen {_share(one.signed_read is True for one in signed)}"
        f"   none seen where none is {_share(one.signed_read is False for one in unsigned)}"
    )


def _exact(values: Sequence[Value]) -> str:
    return f"{_share(value.is_exact for value in values)} / {_share(value.is_near for value in values)}"


def _share(states: Iterable[bool]) -> str:
    known = list(states)
    return f"{sum(known)}/{len(known)} = {sum(known) / len(known):.1%}" if known else "–"


def _median(numbers: Sequence[float]) -> str:
    return f"{statistics.median(numbers):.1f} ({max(numbers):.1f})" if numbers else "–"


def _show_wrong(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        wrong = [value for value in outcome.values if not value.is_exact]
        ink = f"seal {outcome.stamped}/{outcome.stamped_read} signed {outcome.signed}/{outcome.signed_read}"
        rows = f"rows {outcome.rows_expected}/{outcome.rows_read}"
        print(f"\n{outcome.name} {outcome.kind} {len(wrong)} of {len(outcome.values)} wrong, {rows}, {ink}")
        print(f"  {' '.join(sorted(outcome.traits))}")
        for value in wrong[:12]:
            print(f"  {'!' if value.is_flagged else ' '} {value.key}: {value.expected!r} read as {value.read!r}")


def _show_cost(outcomes: Sequence[Outcome], wall: float) -> None:
    """The median of the pages' own ratios: one slow page does not decide it. Each worker reads pages of its own."""
    ratios = [one.cpu_seconds / one.bare_seconds for one in outcomes if one.bare_seconds]
    if ratios:
        print(
            f"processor time of the whole reading / bare engine on the flat page: {statistics.median(ratios):.2f} "
            f"(median of {len(ratios)} pages, {min(ratios):.2f} to {max(ratios):.2f})"
        )
    pages = Counter(one.worker for one in outcomes)
    used = sum(one.cpu_seconds + one.bare_seconds for one in outcomes)
    print(f"pages by worker: {sorted(pages.values())}; {used:.0f} processor seconds in {wall:.0f} seconds")


if __name__ == "__main__":
    main()
