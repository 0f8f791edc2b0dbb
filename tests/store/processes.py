"""What the tests run in processes of their own: `python -m tests.store.processes ROLE URL BLOBS FIRST COUNT`."""

from __future__ import annotations

import sys
from pathlib import Path

from store import claims, messages
from store.blobs import BlobStore
from store.engine import Store, open_store
from tests.store.builders import NOON, claim, digest, keep, placed


def content_of(number: int) -> str:
    return f"message {number} " * 500


def keep_messages(store: Store, blobs: BlobStore, numbers: range) -> None:
    """As the pass does it: bytes, then the row. Prints the number of each message once it is safe."""
    for number in numbers:
        blobs.put_bytes(content_of(number).encode())
        with store.writing() as session:
            keep(session, content_of(number), uid=number + 1)
        print(number, flush=True)  # noqa: T201 - read by the test


def read_then_write(store: Store, _blobs: BlobStore, numbers: range) -> None:
    """Transactions that read before they write, all on the same message and each on one of its own."""
    for number in numbers:
        with store.writing() as session:
            messages.waiting(session)
            keep(session, content_of(number), uid=number + 1)
            keep(session, "shared", uid=100_000 + number, at=NOON)
            claims.replace_placement(session, digest("shared"), placed(claim("shared")))


def only_open(_store: Store, _blobs: BlobStore, _numbers: range) -> None:
    """Opening is all."""


ROLES = {"keep": keep_messages, "write": read_then_write, "open": only_open}


def main(role: str, url: str, blobs: str, first: int, count: int) -> None:
    store = open_store(url)
    ROLES[role](store, BlobStore(Path(blobs)), range(first, first + count))
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
