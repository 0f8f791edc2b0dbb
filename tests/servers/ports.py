"""Ports for programs that must be told theirs before they start.

Not those that the kernel gives out: between the moment a port is found free and the moment the program listens on it,
any connection of the machine may be given that very one. Each worker of a run has a stretch of its own.
"""

from __future__ import annotations

import itertools
import os
import socket
from typing import Final

FIRST: Final = 20_000
STRETCH: Final = 500
STRETCHES: Final = 25  # they end below 32768, where those begin that the kernel gives out

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_tried = itertools.count(os.getpid() * 7)


def free_port() -> int:
    """A port of the loopback that nobody listens on, and that no other worker of this run is told."""
    start = FIRST + _worker % STRETCHES * STRETCH
    for number in itertools.islice(_tried, STRETCH):
        port = start + number % STRETCH
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError(f"no port is free from {start} to {start + STRETCH - 1}")
