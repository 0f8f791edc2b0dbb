"""pydantic's errors as sentences about config.toml, each with the key as its author wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ingest.config_schema import ConfigFile
from rules.errors import Problem

_SECRET_KEYS: Final[frozenset[str]] = frozenset({"password", "passwd", "secret", "authorisation_code", "auth_code"})
_PLAIN_WORDS: Final[dict[str, str]] = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": 'must be a list: ["…", "…"]',
    "date_type": "must be a date like 2023-10-30, without quotes",
    "datetime_type": "must be a date like 2023-10-30, without quotes",
    "model_type": "must be a table",
    "string_too_short": "must not be empty",
}


def problems_of(error: ValidationError, document: Mapping[str, Any], file: str) -> list[Problem]:
    """Every problem of one config.toml, once each and in the order of the schema."""
    problems: dict[tuple[str, str], Problem] = {}
    for detail in error.errors():
        problem = _problem(detail, document, file)
        problems.setdefault((problem.key, problem.what), problem)
    return list(problems.values())


def _problem(detail: ErrorDetails, document: Mapping[str, Any], file: str) -> Problem:
    location = [step for step in detail["loc"] if not _is_union_branch(step)]
    key = _key_as_written(location, document)
    if detail["type"] == "extra_forbidden":
        return Problem(file=file, key=key, what=_unknown_key(location))
    return Problem(file=file, key=key, what=_sentence(detail))


def _is_union_branch(step: str | int) -> bool:
    """Pydantic names the branch of `datetime | date` in the location; the author never wrote it."""
    return step in ("date", "datetime")


def _sentence(detail: ErrorDetails) -> str:
    plain = _PLAIN_WORDS.get(detail["type"])
    if plain:
        return plain
    message = detail["msg"].removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _key_as_written(location: Sequence[str | int], document: Mapping[str, Any]) -> str:
    """`campaign[2023].deliverable[plan].due`: entries of a list are named by their key, else counted from 1."""
    text = ""
    node: object = document
    for step in location:
        node = _descend(node, step)
        if isinstance(step, int):
            text += f"[{_entry_name(node, step)}]"
        else:
            text += f".{step}" if text else step
    return text


def _descend(node: object, step: str | int) -> object:
    if isinstance(node, Mapping) and isinstance(step, int):
        return node  # `[mailbox]` written once is the one entry of a list
    if isinstance(node, Mapping):
        return node.get(step)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return None


def _entry_name(node: object, index: int) -> str:
    name = node.get("key") or node.get("username") if isinstance(node, Mapping) else None
    return name if isinstance(name, str) else str(index + 1)


def _unknown_key(location: Sequence[str | int]) -> str:
    key = str(location[-1])
    if key.lower() in _SECRET_KEYS:
        return "secrets do not belong in this file; use password_env or password_file"
    known = _keys_at([step for step in location[:-1] if isinstance(step, str)])
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    advice = f"did you mean '{nearest[0]}'?" if nearest else f"known here: {', '.join(known)}"
    return f"unknown key; {advice}"


def _keys_at(path: Sequence[str]) -> list[str]:
    """The keys that the schema knows in the table at `path`."""
    table: type[BaseModel] = ConfigFile
    for step in path:
        table = _table_in(table.model_fields[step].annotation)
    return list(table.model_fields)


def _table_in(annotation: object) -> type[BaseModel]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return _table_in(get_args(annotation)[0])
