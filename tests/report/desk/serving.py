"""The desk as it is really served: the demo campaign, taken in by the real pipeline, behind uvicorn in a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import uvicorn

from ingest.application import Application, open_application
from ingest.config import load_config
from ingest.desk import ApplicationDesk
from ingest.importing import ReceivedFrom
from report.desk.app import create_app
from report.desk.port import Role, User
from store import messages
from tests.demo import DemoCampaign


@dataclass(frozen=True, kw_only=True, slots=True)
class ServedDesk:
    """A running desk. `application` and `desk` are what it runs on, for a test that changes things behind it."""

    url: str
    application: Application
    desk: ApplicationDesk
    folder: Path


@contextmanager
def serving(
    demo: DemoCampaign,
    user: User | None = None,
    *,
    asks_for_log_in: bool = False,
    clock: Callable[[], datetime] | None = None,
) -> Iterator[ServedDesk]:
    """Serves the desk on a free port of the loopback; unless `clock` is given, it stands at the demo's report.

    Everybody is `user` (default: a coordinator) and the CSRF token is "a-token", unless `asks_for_log_in`.
    """
    who = user or User(name="测试管理员", role=Role.COORDINATOR)
    with open_application(load_config(demo.folder / "config.toml")) as application:
        desk = ApplicationDesk(application, clock=clock or (lambda: demo.report_at))
        app = create_app(
            desk,
            authenticate=None if asks_for_log_in else lambda _request: who,
            csrf_token=None if asks_for_log_in else lambda _request: "a-token",
        )
        app.state.live_seconds = 1
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            _wait_until(lambda: server.started, seconds=20)
            yield ServedDesk(
                url=f"http://127.0.0.1:{listener.getsockname()[1]}",
                application=application,
                desk=desk,
                folder=demo.folder,
            )
        finally:
            server.should_exit = True
            thread.join(20)
            listener.close()


def take_in(desk: ServedDesk, message: EmailMessage) -> str:
    """Takes the message in as if it came just now; its hash."""
    came = format_datetime(desk.desk.now())
    message["Date"] = came
    message["Received"] = f"from mail.example (mail.example [192.0.2.1]) by mx.example; {came}"
    message["Message-ID"] = "<taken-in@example.org>"
    file = desk.folder / "taken-in.eml"
    file.write_bytes(bytes(message))
    desk.application.import_paths([file], received=ReceivedFrom.HEADER, clock=desk.desk.now)
    with desk.application.store.reading() as session:
        return next(one.sha256 for one in messages.received_messages(session) if "taken-in" in one.envelope.message_id)


def _wait_until(is_so, *, seconds):
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up, "the desk did not come up"
        time.sleep(0.02)
