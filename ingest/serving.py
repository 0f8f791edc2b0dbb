"""Serves the desk: uvicorn in a thread of its own, beside the polling.

The socket is opened here, so that a port in use is a sentence before anything else has begun.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import uvicorn

from ingest.application import Application, Clock
from ingest.config_schema import DeskTable
from ingest.desk import ApplicationDesk
from report.desk.accounts import LINK_LASTS, has_users, new_link
from report.desk.port import Role
from rules.errors import UserError

log = logging.getLogger(__name__)

_GRACE_SECONDS: Final = 1  # SIGTERM ends the whole program within five
_BACKLOG: Final = 128


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where the desk listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_of(table: DeskTable) -> Address:
    host, _, port = table.listen.rpartition(":")
    return Address(host=host.strip("[]"), port=int(port))


def listening_socket(address: Address) -> socket.socket:
    """Raises UserError when the address is in use or is not this machine's."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UserError(
            f"the desk cannot listen on {address}: {reason}; end the program that does (another baosong?), or name "
            'another port in config.toml: [desk] listen = "127.0.0.1:8127"'
        ) from None


@contextmanager
def serving_desk(application: Application, *, clock: Clock) -> Iterator[str]:
    """Serves the desk while the block runs; gives its URL. Does nothing, and gives "", when `listen` is empty."""
    table = application.config.desk
    if not table.listen:
        yield ""
        return
    address = address_of(table)
    server = uvicorn.Server(_uvicorn_config(application, table, clock))
    with listening_socket(address) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="desk", daemon=True)
        thread.start()
        url = table.public_url.rstrip("/") or f"http://{address}"
        log.info("desk listens", extra={"action": "desk_listens", "address": str(address), "url": url})
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(_GRACE_SECONDS + 1)


def one_time_link(application: Application, url: str, *, clock: Clock) -> str:
    """Where the first user comes in; empty when there are users, or no desk."""
    if not url or has_users(application.store):
        return ""
    return link_for(application, url, role=Role.COORDINATOR, clock=clock)


def link_for(application: Application, url: str, *, role: Role, clock: Clock) -> str:
    return f"{url}/welcome?token={new_link(application.store, role=role, now=clock())}"


def link_words(link: str) -> str:
    hours = int(LINK_LASTS.total_seconds() // 3600)
    return f"Open this link to become the first coordinator; it works once, within {hours} hours:\n  {link}"


def _uvicorn_config(application: Application, table: DeskTable, clock: Clock) -> uvicorn.Config:
    """Forwarded headers count only from a proxy that the configuration names: anybody can send them."""
    from report.desk.app import create_app  # noqa: PLC0415 - the web framework loads slowly; most commands serve nothing

    return uvicorn.Config(
        create_app(ApplicationDesk(application, clock=clock)),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=bool(table.trusted_proxies),
        forwarded_allow_ips=list(table.trusted_proxies),
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
