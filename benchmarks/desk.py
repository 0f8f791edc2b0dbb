"""The matrix page of the desk: its server time beside the bare SQL that reads the same rows, and its weight.

A store with 3,000 units × 5 deliverables is filled in steps up to 30,000 messages. At each step four requests are
measured, in processor time of the whole process:

    first       the first page after the program has started: everything is decoded and judged
    arrival     the first page after one more mail has come in
    decision    the first page after a person has decided something
    unchanged   a page when nothing has happened since the last one

The bare SQL is one SELECT of all claims with their messages through the driver, fetched to the last row: what any
program must do at least that keeps nothing in memory. The weight is that of the page for 200 units, gzipped.

    python -m benchmarks.desk [--units N] [--messages N …] [--rounds N] [--profile REQUEST]

Targets: arrival, decision and unchanged at most three times the SQL, and not growing with the messages; 300 kB.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gzip
import os
import pstats
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from benchmarks.desk_store import add_message, fill, read_to_the_end, unit_name, write_installation
from ingest.application import open_application
from ingest.config import load_config
from ingest.desk import ApplicationDesk
from report.desk.app import create_app
from report.desk.port import Role, User
from rules.campaign import Campaign
from rules.overruling import Action
from store import decisions

MOST_RATIO = 3.0
MOST_KILOBYTES = 300
WEIGHED_UNITS = 200
COORDINATOR = User(name="benchmark", role=Role.COORDINATOR)
SAME_ROWS = """
    SELECT c.unit, c.kind, c.message_sha256, c.message_id, m.received_at, c.path, c.extraction, c.form_index,
           c.evidence, c.findings
    FROM claims c JOIN messages m ON m.sha256 = c.message_sha256
    ORDER BY m.received_at, c.message_sha256, c.id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    folder: Path
    campaign: Campaign
    units: int

    @property
    def database(self) -> Path:
        return self.folder / "data" / "baosong.db"

    @property
    def now(self) -> datetime:
        return datetime.combine(self.campaign.closes, datetime.min.time(), tzinfo=self.campaign.zone)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningDesk:
    app: FastAPI
    desk: ApplicationDesk
    installation: Installation

    def page(self) -> bytes:
        """The matrix, as it goes to a browser."""
        return asyncio.run(_get(self.app, "/"))

    def bring_mail(self, number: int) -> None:
        with self.desk.store.writing() as session:
            add_message(session, self.installation.campaign, number, units=self.installation.units)

    def decide(self, number: int) -> None:
        """Recorded only: placing anew, which some decisions ask for, is not the page's time."""
        with self.desk.store.writing() as session:
            decisions.append(
                session,
                action=Action.ON_TIME,
                author="benchmark",
                reason="",
                decided_at=self.installation.now - timedelta(days=1),
                unit=unit_name(number % self.installation.units),
                deliverable="plan",
            )


async def _get(app: FastAPI, path: str) -> bytes:
    """One request past any network. Exits when the page is not whole."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI's
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"accept-encoding", b"gzip")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    if sent[0]["status"] != 200 or b"</html>" not in gzip.decompress(body):
        sys.exit(f"the page failed: {sent[0]['status']}")
    return body


@contextmanager
def started(installation: Installation) -> Iterator[RunningDesk]:
    """The desk of a program that has just started."""
    with open_application(load_config(installation.folder / "config.toml")) as application:
        desk = ApplicationDesk(application, clock=lambda: installation.now)
        app = create_app(desk, authenticate=lambda _: COORDINATOR, csrf_token=lambda _: "token")
        yield RunningDesk(app=app, desk=desk, installation=installation)


@contextmanager
def installed(units: int) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="desk-benchmark-") as folder:
        campaign = write_installation(Path(folder), units=units)
        yield Installation(folder=Path(folder), campaign=campaign, units=units)


def add(installation: Installation, numbers: range) -> None:
    with open_application(load_config(installation.folder / "config.toml")) as application:
        fill(application.store, installation.campaign, units=installation.units, numbers=numbers)
        read_to_the_end(application.store, installation.now - timedelta(minutes=2))


def seconds_of(work: Callable[[], object]) -> float:
    """Processor time, of all threads: others on the machine do not disturb it much."""
    began = time.process_time()
    work()
    return time.process_time() - began


def bare_sql(installation: Installation) -> int:
    connection = sqlite3.connect(f"file:{installation.database}?mode=ro", uri=True)
    try:
        return len(connection.execute(SAME_ROWS).fetchall())
    finally:
        connection.close()


def measure(installation: Installation, messages: int, rounds: int) -> dict[str, float]:
    """Seconds by request, each the median of the rounds; the rounds alternate with those of the SQL."""
    costs: dict[str, list[float]] = {"sql": [], "first": [], "arrival": [], "decision": [], "unchanged": []}
    with started(installation) as running:
        costs["first"].append(seconds_of(running.page))
        for number in range(messages, messages + rounds):
            costs["sql"].append(seconds_of(lambda: bare_sql(installation)))
            running.bring_mail(number)
            costs["arrival"].append(seconds_of(running.page))
            running.decide(number)
            costs["decision"].append(seconds_of(running.page))
            costs["unchanged"].append(seconds_of(running.page))
    return {name: statistics.median(seconds) for name, seconds in costs.items()}


def show(messages: int, rows: int, costs: dict[str, float]) -> None:
    sql = costs["sql"]
    others = "  ".join(
        f"{name} {seconds:6.3f} s ({seconds / sql:5.1f} ×)" for name, seconds in costs.items() if name != "sql"
    )
    print(f"{messages:6} messages, {rows:6} rows: sql {sql:6.3f} s  {others}", flush=True)


def weigh() -> float:
    """Kilobytes of the page for 200 units."""
    with installed(WEIGHED_UNITS) as installation:
        add(installation, range(WEIGHED_UNITS * 10))
        with started(installation) as running:
            return len(running.page()) / 1000


def profile(installation: Installation, messages: int, request: str) -> None:
    with started(installation) as running:
        if request != "first":
            running.page()
        if request == "arrival":
            running.bring_mail(messages)
        if request == "decision":
            running.decide(messages)
        profiler = cProfile.Profile()
        view = running.desk.view  # the page runs in a thread, where this profiler does not see it
        profiler.runcall(lambda: running.page() if request == "unchanged" else view())
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(35)


def compare(units: int, steps: Sequence[int], rounds: int, profiled: str) -> None:
    print(f"{units} units, {rounds} rounds, load {os.getloadavg()[0]:.1f}", flush=True)
    ratios: dict[str, list[float]] = {}
    done = 0
    with installed(units) as installation:
        for messages in steps:
            add(installation, range(done, messages))
            if profiled:
                profile(installation, messages, profiled)
            costs = measure(installation, messages, rounds)
            show(messages, bare_sql(installation), costs)
            for name in ("arrival", "decision", "unchanged"):
                ratios.setdefault(name, []).append(costs[name] / costs["sql"])
            done = messages + rounds
    kilobytes = weigh()
    print(f"the page for {WEIGHED_UNITS} units: {kilobytes:.0f} kB gzipped (≤ {MOST_KILOBYTES})")
    largest = {name: found[-1] for name, found in ratios.items()}
    if kilobytes > MOST_KILOBYTES or max(largest.values()) > MOST_RATIO:
        sys.exit(f"a target is missed: {', '.join(f'{name} {ratio:.1f} ×' for name, ratio in largest.items())}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--units", type=int, default=3_000)
    parser.add_argument("--messages", type=int, nargs="+", default=[3_000, 10_000, 30_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", choices=("first", "arrival", "decision", "unchanged"), default="")
    arguments = parser.parse_args()
    compare(arguments.units, arguments.messages, arguments.rounds, arguments.profile)


if __name__ == "__main__":
    main()
