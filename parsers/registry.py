"""Collects the `PARSER` of every module in `parsers.formats` and `parsers.containers`.

A module without `PARSER` is a helper of its neighbours. Two parsers that claim one media type fail at start.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType, ModuleType

from parsers import containers, formats
from parsers.content import FormatParser


class ConflictError(Exception):
    """Two format parsers claim one media type."""


@cache
def registry() -> Mapping[str, FormatParser]:
    """Media type → parser."""
    return index(parser for package in (formats, containers) for parser in _parsers_in(package))


def index(parsers: Iterable[FormatParser]) -> Mapping[str, FormatParser]:
    """Raises ConflictError."""
    by_type: dict[str, FormatParser] = {}
    for parser in parsers:
        for media_type in parser.media_types:
            if media_type in by_type:
                raise ConflictError(f"{media_type}: both {by_type[media_type].name} and {parser.name}")
            by_type[media_type] = parser
    return MappingProxyType(by_type)


def _parsers_in(package: ModuleType) -> Iterable[FormatParser]:
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        parser = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "PARSER", None)
        if parser is not None:
            yield parser
