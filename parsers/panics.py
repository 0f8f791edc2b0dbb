"""A panic in a library written in Rust is no `Exception` in Python: it would pass every handler and end the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class PanicError(ValueError):
    """The library gave up on the file."""


@contextmanager
def panics_as_errors() -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # pyo3 exports no class to name here
            raise PanicError(str(error)) from error
        raise
