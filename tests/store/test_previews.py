from __future__ import annotations

from rules.previews import Preview, PreviewKey, PreviewSize
from store import kept, previews
from store.engine import Store

KEY = PreviewKey(sha256="a" * 64)
PREVIEW = Preview(key=KEY, blob="b" * 64, width=320, height=240, scale=0.25)


def test_a_preview_is_found_again_and_its_blob_is_counted_on(store: Store) -> None:
    with store.writing() as session:
        previews.save(session, [PREVIEW])
        previews.save(session, [PREVIEW])  # another process was as fast
    other = PreviewKey(sha256="a" * 64, size=PreviewSize.PAGE)
    with store.reading() as session:
        assert previews.load(session, [KEY, other]) == {KEY: PREVIEW}
        assert kept.blob_digests(session) == {"b" * 64}


def test_what_could_not_be_shown_is_known_until_it_can(store: Store) -> None:
    with store.writing() as session:
        previews.save(session, [], impossible=[KEY])
    with store.reading() as session:
        assert previews.load(session, [KEY]) == {KEY: None}
        assert kept.blob_digests(session) == set()
    with store.writing() as session:
        previews.save(session, [PREVIEW])
        previews.save(session, [], impossible=[KEY])
    with store.reading() as session:
        assert previews.load(session, [KEY]) == {KEY: PREVIEW}


def test_thousands_are_asked_for_at_once(store: Store) -> None:
    keys = [PreviewKey(sha256=f"{number:064x}") for number in range(2000)]
    with store.writing() as session:
        previews.save(session, [], impossible=keys)
    with store.reading() as session:
        assert len(previews.load(session, keys)) == 2000
