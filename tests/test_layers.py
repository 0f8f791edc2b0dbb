r"""Arrows only point down, and a library that shapes its users stays in one place.

                 ingest
               /   |    \
        parsers    |     report
            \      |     /
             \   store  /
              \    |   /
                rules

The imports are read from the source, also those inside functions and under TYPE_CHECKING.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
    "rules": set(),
    "parsers": {"rules"},
    "store": {"rules"},
    "report": {"rules", "store"},
    "ingest": {"rules", "parsers", "store", "report"},
}

ONLY_IN = {
    "sqlalchemy": ("store",),
    "alembic": ("store",),
    "mailparser": ("parsers.message",),
    "rapidocr": ("parsers.ocr",),
    "imapclient": ("ingest.imap", "ingest.mailbox"),
    "chinese_calendar": ("rules.calendar",),
}

CLOCKS = {"now", "today", "utcnow", "time", "monotonic", "localtime"}
CLOCK_OWNERS = {"datetime", "date", "time"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Import:
    """One import: who imports what, and where it stands."""

    module: str
    imported: str
    where: str

    def __str__(self) -> str:
        return f"{self.where}: {self.module} imports {self.imported}"


def _sources() -> list[Path]:
    return sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> Iterator[Import]:
    module = _module(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(module=module, imported=name.name, where=where)
        elif isinstance(node, ast.ImportFrom):
            yield Import(module=module, imported=_absolute(node, package), where=where)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)


def _is_within(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


ALL = [found for path in _sources() for found in _imports(path)]


def test_the_sources_were_found():
    assert {found.module.partition(".")[0] for found in ALL} == set(MAY_IMPORT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package):
    forbidden = set(MAY_IMPORT) - MAY_IMPORT[package] - {package} | {"tests", "benchmarks"}
    breaking = [
        str(found)
        for found in ALL
        if _is_within(found.module, package) and found.imported.partition(".")[0] in forbidden
    ]
    assert breaking == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_where_it_belongs(library):
    breaking = [
        str(found)
        for found in ALL
        if _is_within(found.imported, library)
        and not any(_is_within(found.module, place) for place in ONLY_IN[library])
    ]
    assert breaking == []


def test_rules_never_ask_the_clock():
    asking = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node.func)}()"
        for path in sorted((ROOT / "rules").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _asks_the_clock(node.func)
    ]
    assert asking == []


def _asks_the_clock(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute) or function.attr not in CLOCKS:
        return False
    owner = ast.unparse(function.value).rpartition(".")[2]
    return owner in CLOCK_OWNERS
