"""The demo campaign, drawn and taken in once a run.

scenario       its mails and the truth about them                                          → `Scenario`
demo_mailbox   a Maildir of them; read it, change nothing                                  → `Path`
demo           an installation that took them in: look, change nothing, `copy_demo` else   → `DemoCampaign`
"""

from __future__ import annotations

import os
import pickle
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from ingest.application import open_application
from ingest.config import load_config
from ingest.importing import ReceivedFrom
from ingest.samples.scenario import MAILDIR, Scenario, demo_scenario, write_scenario
from tests.sharing import shared_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoCampaign:
    """A folder with config.toml and everything taken in, and the moment of its report, at which the desk stands."""

    folder: Path
    report_at: datetime


def make_demo(scenario: Scenario, folder: Path) -> DemoCampaign:
    """A minute of work, unless it was made in that folder before."""
    made = folder / "made"
    if not made.exists():
        write_scenario(scenario, folder)
        with open_application(load_config(folder / "config.toml")) as application:
            application.import_paths([folder / MAILDIR], received=ReceivedFrom.HEADER, clock=lambda: scenario.read_at)
            application.make_previews()  # as the daemon does in the background
        made.touch()
    return DemoCampaign(folder=folder, report_at=scenario.report_at)


def copy_demo(demo: DemoCampaign, folder: Path, *, is_empty: bool = False) -> DemoCampaign:
    """An installation that a test may change; the blobs are shared, for they never change. `is_empty`: without mail."""
    left_out = (MAILDIR, "data") if is_empty else (MAILDIR,)
    shutil.copytree(
        demo.folder, folder, copy_function=_link_blobs, ignore=shutil.ignore_patterns(*left_out), dirs_exist_ok=True
    )
    return DemoCampaign(folder=folder, report_at=demo.report_at)


def _link_blobs(source: str, target: str) -> None:
    if f"{os.sep}blobs{os.sep}" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def shared_scenario(factory: pytest.TempPathFactory) -> Scenario:
    with shared_folder(factory, "scenario") as folder:
        file = folder / "scenario.pickle"
        if not file.exists():
            file.write_bytes(pickle.dumps(demo_scenario()))
        scenario: Scenario = pickle.loads(file.read_bytes())
    return scenario


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return shared_scenario(tmp_path_factory)


@pytest.fixture(scope="session")
def demo_mailbox(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenario")
    write_scenario(scenario, folder)
    return folder / MAILDIR


@pytest.fixture(scope="session")
def demo(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> DemoCampaign:
    """A copy for this worker: the desk writes where it looks."""
    with shared_folder(tmp_path_factory, "demo") as folder:
        kept = os.environ.get("BAOSONG_DEMO")  # a folder to keep it in from one run to the next
        made = make_demo(scenario, Path(kept) if kept else folder)
        return copy_demo(made, tmp_path_factory.mktemp("demo") / "desk")
