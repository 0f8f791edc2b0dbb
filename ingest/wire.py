"""What a worker process answers, as data that cannot carry code: JSON, read by the type that is expected.

    encoded(value) -> bytes         frozen dataclasses, enums, tuples, lists, dicts, moments, paths, bytes, plain values
    decoded(data, kind) -> value    of exactly that type, or NoAnswer; nothing else is ever made of what came

A worker that a stranger's file took over may answer anything. So every value is compared with the annotation of its
field, and a bound on elements and nesting keeps a small answer from growing large in memory.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import math
import types
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

_MAX_ELEMENTS: Final = 2_000_000
_MAX_WHOLE: Final = 2**63  # no database holds more
_MAX_DEPTH: Final = 100
_SURROGATES: Final = "surrogatepass"  # half characters stand in strangers' names

_WRITTEN: Final[dict[type, Callable[[str], object]]] = {
    bytes: lambda text: base64.b64decode(text, validate=True),
    Path: Path,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


class NoAnswer(Exception):  # noqa: N818 - names what was found
    """What came is not of the expected form."""


def encoded(value: object) -> bytes:
    """Raises TypeError for what has no form here."""
    text = json.dumps(value, default=_as_plain, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", _SURROGATES)


def decoded(data: bytes | bytearray, kind: type[T]) -> T:
    """Raises NoAnswer."""
    if sum(map(data.count, (b",", b"[", b"{"))) > _MAX_ELEMENTS:
        raise NoAnswer("more elements than an answer may have")
    try:
        value: T = _read(json.loads(data.decode("utf-8", _SURROGATES)), kind, 0)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}"[:300]) from None
    return value


def _as_plain(value: object) -> object:
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be answered")


def _read(value: Any, kind: Any, depth: int) -> Any:  # noqa: ANN401 - JSON, and whatever a field may be declared as
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_optional(value, get_args(kind), depth)
    if origin in (tuple, list):
        return origin(_read(one, get_args(kind)[0], depth + 1) for one in _plain(value, list))
    if origin is dict:
        of = get_args(kind)[1]
        return {key: _read(one, of, depth + 1) for key, one in _plain(value, dict).items()}
    if dataclasses.is_dataclass(kind):
        return _read_fields(_plain(value, dict), kind, depth)
    return _read_single(value, kind)


def _read_optional(value: Any, kinds: tuple[Any, ...], depth: int) -> Any:  # noqa: ANN401 - as above
    """`X | None` is the only union that answers have."""
    (kind,) = (one for one in kinds if one is not types.NoneType)
    return None if value is None else _read(value, kind, depth)


def _read_fields(value: dict[str, Any], kind: Any, depth: int) -> Any:  # noqa: ANN401 - as above
    fields = _types_of(kind)
    if value.keys() != fields.keys():
        raise ValueError(f"not the fields of {kind.__name__}")
    return kind(**{name: _read(value[name], of, depth + 1) for name, of in fields.items()})


@lru_cache
def _types_of(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _read_single(value: Any, kind: Any) -> Any:  # noqa: ANN401 - as above
    if issubclass(kind, Enum):
        return kind(value)
    if type(value) is int and abs(value) >= _MAX_WHOLE:
        raise ValueError("a number too large")
    if kind is float:
        number = float(value) if type(value) is int else _plain(value, float)
        if not math.isfinite(number):  # JSON has no such numbers, but Python's reader takes them
            raise ValueError("no finite number")
        return number
    if kind in _WRITTEN:
        return _WRITTEN[kind](_plain(value, str))
    if kind not in (str, int, bool, types.NoneType):
        raise TypeError(f"a {kind} is never answered")
    return _plain(value, kind)


def _plain(value: Any, kind: type) -> Any:  # noqa: ANN401 - as above
    """Of exactly that type: to Python, True is a number as well."""
    if type(value) is not kind:
        raise ValueError(f"a {type(value).__name__} where a {kind.__name__} was expected")
    return value
