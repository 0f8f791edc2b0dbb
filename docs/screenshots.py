"""Takes the manual's screenshots from the demo campaign, so that they show what the desk really looks like.

    python -m docs.screenshots        (make manual)

The demo goes through the real pipeline and the pages through a real Chromium; the pictures are reduced to a palette.
Needs the test dependencies, chromium and a Chinese font.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from ingest.correspondence import Correspondence
from ingest.samples.scenario import demo_scenario
from report.desk.port import Role, User
from rules.assessment import Status
from tests.demo import DemoCampaign, copy_demo, make_demo
from tests.report.chromium import CHROMIUM, FLAGS
from tests.report.desk.serving import ServedDesk, serving

PICTURES: Final = Path(__file__).parent / "pictures"
WIDTH: Final = 1280
COLOURS: Final = 160


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """A picture of the page at `path`; `height` is how much of it is shown."""

    name: str
    path: Callable[[ServedDesk], str]
    height: int = 800
    width: int = WIDTH


def main() -> None:
    if CHROMIUM is None:
        sys.exit("chromium is missing: apt-get install chromium")
    PICTURES.mkdir(exist_ok=True)
    flags = [flag for flag in FLAGS if flag not in ("--headless", "--hide-scrollbars")]
    with tempfile.TemporaryDirectory(prefix="baosong-manual-") as folder, sync_playwright() as playwright:
        demo = copy_demo(make_demo(demo_scenario(), Path(folder) / "made"), Path(folder) / "desk")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        with serving(demo, User(name="王科", role=Role.COORDINATOR), clock=lambda: _just_read(demo)) as desk:
            _plan_reminders(desk)
            for shot in SHOTS:
                take(browser, desk, shot)
        browser.close()


def _just_read(demo: DemoCampaign) -> datetime:
    """Three minutes after the mailbox was read, as on an ordinary day."""
    return demo.report_at.replace(hour=17, minute=3) - timedelta(days=1)


def _plan_reminders(desk: ServedDesk) -> None:
    """What the daemon would have put into the outbox."""
    Correspondence(desk.application).put_reminders(at=desk.desk.now() - timedelta(minutes=30))


def take(browser: Browser, desk: ServedDesk, shot: Shot) -> None:
    context = browser.new_context(viewport={"width": shot.width, "height": shot.height}, locale="zh-CN")
    page = context.new_page()
    answer = page.goto(desk.url + shot.path(desk))
    if answer is None or not answer.ok:
        sys.exit(f"{shot.name}: the page could not be opened")
    _save(page, PICTURES / f"{shot.name}.png")
    context.close()


def _save(page: Page, path: Path) -> None:
    page.wait_for_load_state("networkidle")
    taken = Image.open(io.BytesIO(page.screenshot()))
    taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


def _doubtful_unit(desk: ServedDesk) -> str:
    """The unit with the most to be mended."""
    report = desk.desk.view().report

    def open_ones(number: int) -> int:
        return sum(one.status is Status.INCOMPLETE for one in report.units[number].assessments.values())

    return f"/units/{report.units[max(range(len(report.units)), key=open_ones)].unit.name}"


SHOTS: Final = (
    Shot(name="matrix", path=lambda _: "/", height=900),
    Shot(name="missing", path=lambda _: "/?show=missing", height=700),
    Shot(name="unit", path=_doubtful_unit, height=900),
    Shot(name="review", path=lambda _: "/review", height=820),
    Shot(name="outbox", path=lambda _: "/outbox", height=640),
    Shot(name="phone", path=lambda _: "/", width=390, height=760),
)


if __name__ == "__main__":
    main()
