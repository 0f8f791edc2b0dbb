"""Gives the files of a mail one by one, also those that lie in an archive, a document or a nested mail.

Only whole parts of a mail are blobs when it has been read. What lies inside one is unpacked when somebody wants it,
once, in the sandbox, into a blob of its own; its SHA-256 is known from the reading.
"""

from __future__ import annotations

import logging
import threading
from typing import Final

from ingest.adopting import adopt
from ingest.engine import NotTakenOut, ParseEngine
from ingest.sandbox import Stopped
from report.desk.port import Member, MemberUnavailableError
from report.plain import plain_line
from rules.errors import StoreError
from rules.flatten import base_name
from rules.messages import Item
from store import messages, unpacked
from store.blobs import BlobStore
from store.engine import Store
from store.messages import StoredPart

log = logging.getLogger(__name__)

_ONE_AT_A_TIME: Final = threading.Lock()
"""A player asks for several ranges of a film at once: it is unpacked for the first."""


class Members:
    """Takes single files out of the store's attachments with an engine."""

    def __init__(self, *, store: Store, blobs: BlobStore, engine: ParseEngine) -> None:
        self._store = store
        self._blobs = blobs
        self._engine = engine

    def member(self, message_sha256: str, path: str) -> Member:
        """The file at that item path (`rules.messages.Item.path`). Raises MemberUnavailableError."""
        item, part = self._find(message_sha256, path)
        sha256 = self._whole(part) if part.path == item.path else self._inner(item, part)
        return Member(blob=sha256, filename=item.filename, media_type=item.extraction.media_type)

    def _whole(self, part: StoredPart) -> str:
        if not self._blobs.exists(part.sha256):
            raise MemberUnavailableError(f"“{plain_line(part.filename)}”的原件已不在本机，请联系管理员从备份恢复。")
        return part.sha256

    def _inner(self, item: Item, part: StoredPart) -> str:
        sha256 = item.extraction.sha256
        if not sha256:
            raise _unavailable(item, part, "文件已损坏")
        with _ONE_AT_A_TIME:
            if not self._blobs.exists(sha256):
                self._unpack(item, part)
        with self._store.reading() as session:
            is_known = unpacked.is_unpacked(session, sha256)
        if not is_known:
            with self._store.writing() as session:
                unpacked.mark_unpacked(session, sha256)
        return sha256

    def _find(self, message_sha256: str, path: str) -> tuple[Item, StoredPart]:
        """The file and the part that it is, or lies in."""
        wanted = _as_in_address(path)
        try:
            with self._store.reading() as session:
                items = messages.received_message(session, message_sha256).items
                parts = {part.path: part for part in messages.parts_of(session, message_sha256)}
        except StoreError:
            raise MemberUnavailableError("没有这封邮件，或者它还没有读完。") from None
        for item in items:
            if _as_in_address(item.path) == wanted:
                for outer in _outwards(item.path):
                    if outer in parts:
                        return item, parts[outer]
        raise MemberUnavailableError("这封邮件里没有这个文件。")

    def _unpack(self, item: Item, part: StoredPart) -> None:
        outer = self._blobs.path(self._whole(part))
        try:
            with self._engine.taken_out(outer, part.filename, item.extraction.sha256) as file:
                found = adopt(file, self._blobs, max_bytes=item.extraction.size_bytes) if file is not None else ""
        except NotTakenOut as failure:
            raise _unavailable(item, part, str(failure)) from failure
        except Stopped:
            raise MemberUnavailableError("服务正在停止，请稍后再试。") from None
        if found != item.extraction.sha256:
            raise _unavailable(item, part, "文件已损坏、已加密或已不在其中")
        log.info("file unpacked", extra={"action": "member_unpacked", "sha256": found})


def _unavailable(item: Item, part: StoredPart, why: str) -> MemberUnavailableError:
    name, outer = plain_line(base_name(item.filename)), plain_line(part.filename)
    return MemberUnavailableError(f"“{name}”没能从“{outer}”中取出：{why}。请下载“{outer}”，在本机打开查看。")


def _outwards(path: str) -> list[str]:
    """The path and those around it, the innermost first."""
    names = path.split("/")
    return ["/".join(names[:count]) for count in range(len(names), 0, -1)]


def _as_in_address(path: str) -> str:
    """As the address of a page can hold it: half characters of strangers' names cannot be encoded."""
    return path.encode("utf-8", "replace").decode("utf-8")
