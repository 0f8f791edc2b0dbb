"""The desk in a real Chromium, over the demo campaign.

demo          the demo campaign, taken in once a run (tests/demo.py)                  → `DemoCampaign`
served        a desk over it that every test shares: look, change nothing             → `ServedDesk`
own_desk      a desk over a copy of it, for one test that decides or takes mail in    → `ServedDesk`
open_page     open_page(served, "/", width=…, height=…) → a Playwright page, logged in as a coordinator;
              console errors and failed requests fail the test at its end
screenshot    screenshot(page, "name"): into $BAOSONG_SCREENSHOTS when it is set, to be looked at

A test that is not about looks needs no browser: `httpx.get(served.url + "/…")` does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.demo import DemoCampaign, copy_demo, demo, scenario
from tests.patience import patience
from tests.report.chromium import CHROMIUM, FLAGS
from tests.report.desk.serving import ServedDesk, serving

__all__ = ["browser", "demo", "open_page", "own_desk", "patience", "scenario", "screenshot", "served"]

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def served(demo: DemoCampaign) -> Iterator[ServedDesk]:
    with serving(demo) as desk:
        yield desk


@pytest.fixture
def own_desk(demo: DemoCampaign, tmp_path: Path) -> Iterator[ServedDesk]:
    with serving(copy_demo(demo, tmp_path / "desk")) as desk:
        yield desk


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        flags = [flag for flag in FLAGS if flag not in ("--headless", "--hide-scrollbars")]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # of a page that was left while it was still loading
            troubles.append(f"{request.url}: {request.failure}")

    def open_(desk: ServedDesk, path: str = "/", *, width: int = 1366, height: int = 768) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("requestfailed", failed)
        page.goto(f"{desk.url}{path}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def screenshot() -> Callable[[Page, str], None]:
    folder = os.environ.get("BAOSONG_SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return take
