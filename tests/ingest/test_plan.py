"""The tables of `ingest.plan`, cell by cell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.plan import (
    BREAKS_BEFORE_GIVING_UP,
    SET_ASIDE_IN_A_ROW,
    BreakAction,
    FolderAction,
    FolderView,
    ListedFolder,
    after_break,
    choose_folders,
    hidden_mail_suspected,
    plan_batches,
    plan_folder,
)

FETCH, NOTHING, ANEW, DISTRUST = (
    FolderAction.FETCH,
    FolderAction.NOTHING,
    FolderAction.ANEW,
    FolderAction.DISTRUST,
)


def view(*uids: int, uidvalidity: int | None = 1, exists: int | None = None) -> FolderView:
    count = len(uids) if exists is None else exists
    return FolderView(folder="INBOX", uidvalidity=uidvalidity, exists=count, uids=frozenset(uids))


@pytest.mark.parametrize(
    ("remembered", "known", "seen", "action", "uids"),
    [
        # no UIDVALIDITY: nothing is fetched, whatever else is said
        (None, (), view(uidvalidity=None), DISTRUST, ()),
        (None, (), view(5, uidvalidity=None), DISTRUST, ()),
        (1, (5,), view(5, 6, uidvalidity=None), DISTRUST, ()),
        # a list shorter than EXISTS
        (None, (), view(exists=1), DISTRUST, ()),
        (1, (5,), view(5, exists=2), DISTRUST, ()),
        (2, (), view(5, exists=2), DISTRUST, ()),
        # never read before
        (None, (), view(), NOTHING, ()),
        (None, (), view(9, 5), FETCH, (5, 9)),
        (None, (5,), view(5), NOTHING, ()),
        (None, (5,), view(5, 9), FETCH, (9,)),
        # read before under the same UIDVALIDITY
        (1, (), view(), NOTHING, ()),
        (1, (5,), view(), NOTHING, ()),
        (1, (5,), view(5), NOTHING, ()),
        (1, (5,), view(5, 9), FETCH, (9,)),
        (1, (9,), view(5, 9), FETCH, (5,)),  # a lower UID that was never seen is new all the same
        # read before under another one
        (2, (), view(), ANEW, ()),
        (2, (), view(5, 9), ANEW, (5, 9)),
        (2, (5,), view(5, 9), ANEW, (9,)),
        (2, (5,), view(5), ANEW, ()),
    ],
)
def test_every_cell_of_the_folder_table(
    remembered: int | None, known: tuple[int, ...], seen: FolderView, action: FolderAction, uids: tuple[int, ...]
) -> None:
    plan = plan_folder(seen, remembered=remembered, known=known)
    assert (plan.action, plan.uids) == (action, uids)
    assert bool(plan.reason) == (action is DISTRUST)


def test_a_list_longer_than_exists_is_mail_that_came_meanwhile() -> None:
    assert plan_folder(view(5, 9, exists=1), remembered=1, known=(5,)).uids == (9,)


@given(
    st.none() | st.integers(1, 3),
    st.sets(st.integers(1, 20)),
    st.sets(st.integers(1, 20)),
    st.none() | st.integers(1, 3),
    st.integers(0, 25),
)
def test_no_folder_is_left_without_a_plan_and_nothing_known_is_fetched(
    remembered: int | None, known: set[int], listed: set[int], uidvalidity: int | None, exists: int
) -> None:
    plan = plan_folder(view(*listed, uidvalidity=uidvalidity, exists=exists), remembered=remembered, known=known)
    if plan.action is DISTRUST:
        assert uidvalidity is None or len(listed) < exists
        assert plan.uids == ()
    else:
        assert list(plan.uids) == sorted(listed - known)


SERVER = (
    ListedFolder(name="INBOX"),
    ListedFolder(name="公文"),
    ListedFolder(name="其他文件夹/广告邮件"),
    ListedFolder(name="Suspicious", is_junk=True),
    ListedFolder(name="Parent", is_selectable=False),
    ListedFolder(name="垃圾邮件", is_selectable=False),
)


@pytest.mark.parametrize(
    ("configured", "finds_junk", "folders", "missing"),
    [
        (("INBOX",), False, ("INBOX",), ()),
        (("inbox",), False, ("INBOX",), ()),
        (("公文", "INBOX", "公文"), False, ("公文", "INBOX"), ()),
        (("INBOX",), True, ("INBOX", "其他文件夹/广告邮件", "Suspicious"), ()),
        (("Suspicious", "INBOX"), True, ("Suspicious", "INBOX", "其他文件夹/广告邮件"), ()),
        (("Parent",), False, (), ("Parent",)),
        (("suspicious", "没有"), False, (), ("suspicious", "没有")),
        (("没有", "没有"), True, ("其他文件夹/广告邮件", "Suspicious"), ("没有",)),
        ((), False, (), ()),
    ],
)
def test_every_case_of_choosing_folders(
    configured: tuple[str, ...], finds_junk: bool, folders: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    choice = choose_folders(SERVER, configured, finds_junk=finds_junk)
    assert (choice.folders, choice.missing) == (folders, missing)


@pytest.mark.parametrize(
    "name", ["垃圾邮件", "广告邮件", "订阅邮件", "病毒文件夹", "病毒邮件", "Junk", "SPAM", "[Gmail]/Spam"]
)
def test_junk_is_known_by_its_usual_names(name: str) -> None:
    assert choose_folders([ListedFolder(name=name)], (), finds_junk=True).folders == (name,)


def test_a_server_without_hierarchy_has_whole_names() -> None:
    assert choose_folders([ListedFolder(name="a/Junk", delimiter="")], (), finds_junk=True).folders == ()


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ((), ()),
        (((1, 100),), ((1,),)),
        (((1, 50), (2, 50), (3, 1)), ((1, 2), (3,))),
        (((1, 1), (2, 1), (3, 1), (4, 1)), ((1, 2, 3), (4,))),
        (((1, 1), (2, 500), (3, 1)), ((1,), (2,), (3,))),
        (((1, None), (2, None), (3, 1)), ((1,), (2,), (3,))),
        (((1, 0), (2, 0)), ((1, 2),)),
    ],
)
def test_batches_are_bounded_by_bytes_and_by_number(
    sizes: tuple[tuple[int, int | None], ...], batches: tuple[tuple[int, ...], ...]
) -> None:
    assert plan_batches(sizes, most_bytes=100, most_messages=3) == batches


@given(st.lists(st.none() | st.integers(0, 300)), st.integers(1, 200), st.integers(1, 5))
def test_batches_lose_nothing_and_keep_the_order(sizes: list[int | None], most_bytes: int, most_messages: int) -> None:
    batches = plan_batches(list(enumerate(sizes)), most_bytes=most_bytes, most_messages=most_messages)
    assert [uid for batch in batches for uid in batch] == list(range(len(sizes)))
    for batch in batches:
        assert 1 <= len(batch) <= most_messages
        assert len(batch) == 1 or sum(sizes[uid] or 0 for uid in batch) <= most_bytes


ACTIONS = {
    # (asked: 0, 1, many), (tries: 0-1, 2 or more), (breaks: below the bound, 3 or 6, or not)
    (0, False, False): BreakAction.RETRY,
    (0, False, True): BreakAction.GIVE_UP,
    (0, True, False): BreakAction.RETRY,
    (0, True, True): BreakAction.GIVE_UP,
    (1, False, False): BreakAction.RETRY,
    (1, False, True): BreakAction.RETRY,
    (1, True, False): BreakAction.SET_ASIDE,
    (1, True, True): BreakAction.GIVE_UP,
    (2, False, False): BreakAction.SHRINK,
    (2, False, True): BreakAction.SHRINK,
    (2, True, False): BreakAction.SHRINK,
    (2, True, True): BreakAction.SHRINK,
}


@pytest.mark.parametrize(("asked", "tries", "breaks"), list(product((0, 1, 2, 10), (0, 1, 2, 5), (1, 2, 3, 5, 6, 7))))
def test_every_cell_of_the_break_table(asked: int, tries: int, breaks: int) -> None:
    bound = SET_ASIDE_IN_A_ROW if asked == 1 else BREAKS_BEFORE_GIVING_UP
    cell = (min(asked, 2), tries >= 2, breaks >= bound)
    assert after_break(asked=asked, tries=tries, breaks=breaks) is ACTIONS[cell]


NOW = datetime(2023, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("oldest_days", "opens_days", "suspected"),
    [
        (None, 60, False),  # an empty folder proves nothing
        (30, 60, True),
        (29.5, 60, True),
        (27.1, 60, True),
        (26.9, 60, False),  # no mail for days after the window began: just a quiet mailbox
        (30.9, 60, True),
        (31.1, 60, False),  # older than the window: there is none
        (300, 60, False),
        (30, 30, False),  # the campaign opened when the oldest mail came
        (30, 20, False),  # the campaign opened inside the window: nothing of it is hidden
    ],
)
def test_a_window_of_thirty_days_is_suspected_only_near_thirty_days(
    oldest_days: float | None, opens_days: float, suspected: bool
) -> None:
    oldest = None if oldest_days is None else NOW - timedelta(days=oldest_days)
    assert hidden_mail_suspected(oldest, NOW - timedelta(days=opens_days), NOW) is suspected
