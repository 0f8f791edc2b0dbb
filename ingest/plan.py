"""What to fetch, decided from what is known and what the server says. Pure: no socket, no clock, no store.

Four decisions, each a total function over its table:

1. which folders to read                     `choose_folders`
2. what to do with one folder                `plan_folder`
3. how to cut the new messages into FETCHes  `plan_batches`
4. how to go on after a FETCH broke          `after_break`

New mail is always "what the server lists, minus what is known under the same UIDVALIDITY". Never UNSEEN: a mail that a
person opened would be lost. Never UIDNEXT: Coremail does not tell it. Never the server's text search: Coremail finds
nothing by it.

    remembered  server's     the server lists      plan
    any         none         anything              DISTRUST   nothing could be told apart later
    any         any          less than EXISTS      DISTRUST   an incomplete list would pass for "no mail came"
    none/same   v            nothing new           NOTHING
    none/same   v            something new         FETCH      what is new
    other       v            anything              ANEW      everything not yet known under v; the old UIDs mean nothing
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto

# Coremail sorts mail of units that it does not know into these; the names are those of 163, 126, yeah.net and others.
JUNK_NAMES = frozenset(
    {"垃圾邮件", "垃圾箱", "广告邮件", "订阅邮件", "病毒文件夹", "病毒邮件", "junk", "junk e-mail", "spam", "bulk mail"}
)
BREAKS_BEFORE_GIVING_UP = 3
TRIES_OF_ONE_MESSAGE = 2
SET_ASIDE_IN_A_ROW = 6
HIDING_WINDOW = timedelta(days=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedFolder:
    """One folder of the server's list, its name readable, not in modified UTF-7."""

    name: str
    delimiter: str = "/"
    is_selectable: bool = True
    is_junk: bool = False  # by its special use, RFC 6154


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderChoice:
    folders: tuple[str, ...]  # as the server writes them
    missing: tuple[str, ...]  # as they were configured


def choose_folders(listed: Sequence[ListedFolder], configured: Sequence[str], *, finds_junk: bool) -> FolderChoice:
    """The configured folders in their order, then those that hold what the provider took for junk."""
    names = {_same_name(folder.name): folder.name for folder in listed if folder.is_selectable}
    found = [names[_same_name(name)] for name in configured if _same_name(name) in names]
    if finds_junk:
        found += [folder.name for folder in listed if folder.is_selectable and _holds_junk(folder)]
    missing = [name for name in configured if _same_name(name) not in names]
    return FolderChoice(folders=tuple(dict.fromkeys(found)), missing=tuple(dict.fromkeys(missing)))


def _same_name(name: str) -> str:
    normal = unicodedata.normalize("NFC", name)
    return "INBOX" if normal.upper() == "INBOX" else normal  # RFC 9051: only INBOX is case-insensitive


def _holds_junk(folder: ListedFolder) -> bool:
    last = folder.name.rsplit(folder.delimiter, 1)[-1] if folder.delimiter else folder.name
    return folder.is_junk or unicodedata.normalize("NFC", last).casefold() in JUNK_NAMES


class FolderAction(StrEnum):
    FETCH = auto()
    NOTHING = auto()
    ANEW = auto()
    DISTRUST = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderView:
    """What the server says of one folder: the answers to EXAMINE and UID SEARCH."""

    folder: str
    uidvalidity: int | None
    exists: int
    uids: frozenset[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderPlan:
    action: FolderAction
    uids: tuple[int, ...] = ()  # oldest first
    reason: str = ""


def plan_folder(view: FolderView, *, remembered: int | None, known: Collection[int]) -> FolderPlan:
    """`remembered` is the UIDVALIDITY of the last pass; `known` are the UIDs held under the server's present one."""
    if view.uidvalidity is None:
        return FolderPlan(action=FolderAction.DISTRUST, reason="the server gives no UIDVALIDITY")
    if len(view.uids) < view.exists:
        reason = f"the server holds {view.exists} messages but lists only {len(view.uids)}"
        return FolderPlan(action=FolderAction.DISTRUST, reason=reason)
    new = tuple(sorted(view.uids.difference(known)))
    if remembered is not None and remembered != view.uidvalidity:
        return FolderPlan(action=FolderAction.ANEW, uids=new)
    return FolderPlan(action=FolderAction.FETCH if new else FolderAction.NOTHING, uids=new)


def plan_batches(
    sizes: Sequence[tuple[int, int | None]], *, most_bytes: int, most_messages: int
) -> tuple[tuple[int, ...], ...]:
    """Cuts (UID, size) pairs into FETCHes, in order. A message above the bound, or of unknown size, goes alone."""
    batches: list[tuple[int, ...]] = []
    batch: list[int] = []
    room = most_bytes
    for uid, size in sizes:
        need = most_bytes if size is None else size
        if batch and (need > room or len(batch) >= most_messages):
            batches.append(tuple(batch))
            batch, room = [], most_bytes
        batch.append(uid)
        room -= need
    return (*batches, tuple(batch)) if batch else tuple(batches)


class BreakAction(StrEnum):
    SHRINK = auto()  # ask for half as many
    RETRY = auto()  # the same again over a new connection
    SET_ASIDE = auto()  # this message is a failure of this pass; go on with the next
    GIVE_UP = auto()  # the next pass goes on from here


def after_break(*, asked: int, tries: int, breaks: int) -> BreakAction:
    """How to go on when the connection broke or the server talked nonsense.

    `asked`: messages in the FETCH that broke, 0 outside one. `tries`: how often the one message asked for has broken
    by now. `breaks`: such breaks since the last message that came through, this one counted, halvings not: asking for
    less is itself a remedy, and it ends.

        asked   tries   breaks   action
        > 1     any     any      SHRINK
        1       < 2     any      RETRY
        1       >= 2    < 6      SET_ASIDE
        1       >= 2    >= 6     GIVE_UP
        0       any     < 3      RETRY
        0       any     >= 3     GIVE_UP

    A message that breaks the line is more often its own fault than the line's, so more of them are set aside before
    the line is given up.
    """
    if asked > 1:
        return BreakAction.SHRINK
    if asked == 0:
        return BreakAction.RETRY if breaks < BREAKS_BEFORE_GIVING_UP else BreakAction.GIVE_UP
    if tries < TRIES_OF_ONE_MESSAGE:
        return BreakAction.RETRY
    return BreakAction.SET_ASIDE if breaks < SET_ASIDE_IN_A_ROW else BreakAction.GIVE_UP


def hidden_mail_suspected(oldest: datetime | None, opens: datetime, now: datetime) -> bool:
    """Does the provider show only the last 30 days (收取选项) although the campaign opened before them?

    A window ends at 30 days to the day; the oldest mail inside it lies up to a few quiet days later. Mail older than
    the window proves that there is none.
    """
    if oldest is None:
        return False
    window_starts = now - HIDING_WINDOW
    is_close = window_starts - timedelta(days=1) <= oldest <= window_starts + timedelta(days=3)
    return is_close and opens < oldest
