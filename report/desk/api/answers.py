"""How the API answers: JSON that carries any text of strangers, and the errors that every route may give."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import Response

from report.desk.api.shapes import Problem

PROBLEM_TYPE: Final = "application/problem+json"
_ERRORS: Final = {
    401: "No token, or one that is not valid.",
    403: "The token may only read.",
    404: "There is no such thing.",
    409: "Somebody was faster.",
    422: "The request cannot be understood, or names what does not exist.",
    429: "Too many requests.",
}
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": words, "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, words in _ERRORS.items()
}
PROBLEM_SHAPE: Final = Problem.model_json_schema()


def as_json(content: dict[str, Any], *, status: int = 200) -> Response:
    """A lone surrogate, which UTF-8 cannot carry, is replaced."""
    text = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Response(text, status_code=status, media_type="application/json")
