"""Lays the nested extractions of a message out as a flat list of items, each with a stable path.

A member of an archive, a nested message or a document stands behind its container, under `<container's path>/<its
name>`; the second member of the same name gets `#2`. Paths depend on nothing but the parts and their order, so that a
person's decision about a path still holds when the same mail is read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from rules.extraction import Extraction
from rules.messages import Item

_SLASHES: Final = re.compile(r"[/\\]+")


class Part(Protocol):
    """What is asked of a decoded part."""

    @property
    def path(self) -> str: ...
    @property
    def folders(self) -> tuple[str, ...]: ...
    @property
    def origin(self) -> int | None: ...
    @property
    def is_body(self) -> bool: ...


def items_of(parts: Iterable[tuple[Part, Extraction]]) -> tuple[Item, ...]:
    """Every file of a message, containers before what is in them."""
    return tuple(item for part, extraction in parts for item in _with_members(_top_item(part, extraction)))


def base_name(file: str) -> str:
    """The name of a file without the folders before it."""
    return _SLASHES.split(file)[-1]


def _top_item(part: Part, extraction: Extraction) -> Item:
    return Item(path=part.path, extraction=extraction, folders=part.folders, is_body=part.is_body, origin=part.origin)


def _with_members(item: Item) -> Iterator[Item]:
    yield item
    taken: dict[str, int] = {}
    for member in item.extraction.members:
        *folders, name = [part for part in _SLASHES.split(member.file) if part] or ["未命名"]
        path = "/".join((item.path, *folders, name))
        taken[path] = taken.get(path, 0) + 1
        yield from _with_members(
            Item(
                path=path if taken[path] == 1 else f"{path}#{taken[path]}",
                extraction=member,
                folders=(*item.folders, base_name(item.filename), *folders),
                origin=item.origin,
            )
        )
