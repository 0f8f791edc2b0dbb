"""Takes over files that a worker has written: copies them into the blob store, and believes only its own hash.

A worker that a stranger's file took over may have put anything in their place: a link to a file of this machine, a
file that it still has open and goes on changing, one of holes that is larger than the disk, or another unit's name.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from store.blobs import BlobStore


def adopt(file: Path, blobs: BlobStore, *, max_bytes: int) -> str:
    """The SHA-256 of what was really there; empty where there is no file of that size or less."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return ""
    seen = os.fstat(handle)
    if not stat.S_ISREG(seen.st_mode) or seen.st_size > max_bytes:
        os.close(handle)
        return ""
    with os.fdopen(handle, "rb") as stream:
        return blobs.put_stream(stream)[0]
