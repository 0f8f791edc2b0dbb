"""The wording of letters: Jinja2 templates, shipped here, each of which a bureau may replace in a folder of its own.

    NAME.subject.j2   one line
    NAME.txt.j2       what most mail programs show first
    NAME.html.j2      the same for programs that show HTML; `_frame.html.j2` holds what all of them share. Where there
                      is none, or only the text was replaced, `_paragraphs.html.j2` shows the text

A template sees the variables of its letter (`report.letters.samples` has all of them) and two helpers: `vary(a, b, …)`
picks one of several wordings, the same for one letter and different between letters, since providers take identical
texts for spam; `numbered(things)` counts from 1. Replaced templates are tried at start with sample letters, so that a
misspelt variable is found then and not when a mail is due.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from report.plain import plain, plain_line
from rules.errors import Problem

SHAPES: Final = ("subject", "txt", "html")
LETTERS: Final = (
    "receipt",
    "reminder_ahead",
    "reminder_started",
    "reminder_overdue",
    "digest",
    "alarm_mailbox",
    "alarm_outbox",
    "alarm_loop",
)
_FRAME: Final = "_frame.html.j2"
_PARAGRAPHS: Final = "_paragraphs.html.j2"
_SUFFIX: Final = ".j2"
_MAX_SUBJECT_CHARS: Final = 120

Sample = tuple[str, Mapping[str, Any]]
"""The name of a letter and the variables that its templates see."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A letter in words."""

    subject: str
    text: str
    html: str


class LetterTexts:
    """The templates in force. `folder` holds the bureau's own; None for the shipped ones alone."""

    def __init__(self, folder: Path | None = None) -> None:
        shipped = PackageLoader("report.letters")
        own = [FileSystemLoader(folder)] if folder else []
        self._folder = folder
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([*own, shipped]),
            autoescape=lambda name: name is not None and name.endswith(".html.j2"),
            undefined=StrictUndefined,
            auto_reload=False,  # one that is being edited was not tried: it counts from the next start on
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self, letter: str, variables: Mapping[str, Any], *, seed: str) -> Written:
        """The letter of that name. `seed` decides between wordings."""
        subject, text = (self._render(f"{letter}.{shape}{_SUFFIX}", variables, seed) for shape in ("subject", "txt"))
        text = _tidy(text)
        paragraphs = [line for line in text.split("\n") if line]
        html = self._render(self._html_name(letter), {**variables, "paragraphs": paragraphs}, seed)
        return Written(subject=plain_line(subject)[:_MAX_SUBJECT_CHARS], text=text, html=f"{plain(html).strip()}\n")

    def _html_name(self, letter: str) -> str:
        """A text of the bureau's own must not be sent together with the shipped HTML, which says something else."""
        name = f"{letter}.html{_SUFFIX}"
        is_text_own, is_html_own = (self._is_own(one) for one in (f"{letter}.txt{_SUFFIX}", name))
        is_there = name in self._environment.list_templates()
        return name if is_there and (is_html_own or not is_text_own) else _PARAGRAPHS

    def _is_own(self, name: str) -> bool:
        return self._folder is not None and (self._folder / name).is_file()

    def problems(self, samples: Iterable[Sample]) -> tuple[Problem, ...]:
        """Everything that is wrong with the bureau's own templates, found by writing every sample letter with them."""
        if self._folder is None:
            return ()
        if not self._folder.is_dir():
            return (Problem(file=str(self._folder), key="letters.folder", what="is not a folder"),)
        known = {f"{letter}.{shape}{_SUFFIX}" for letter in LETTERS for shape in SHAPES} | {_FRAME, _PARAGRAPHS}
        own = {path.name for path in self._folder.glob(f"*{_SUFFIX}")}
        strange = (
            self._problem(name, f"is no letter; there are: {', '.join(sorted(known))}") for name in sorted(own - known)
        )
        return tuple(dict.fromkeys([*strange, *self._syntax(own & known), *self._tried(own & known, samples)]))

    def _syntax(self, own: set[str]) -> Iterable[Problem]:
        """Each of the bureau's templates alone: what cannot be read, and variables that no letter has."""
        for name in sorted(own):
            try:
                self._environment.get_template(name)
            except TemplateSyntaxError as error:
                yield self._problem(name, f"line {error.lineno}: {error.message}")

    def _tried(self, own: set[str], samples: Iterable[Sample]) -> Iterable[Problem]:
        """Every sample of every letter in which one of the bureau's templates takes part."""
        frames = own & {_FRAME, _PARAGRAPHS}
        for letter, variables in samples:
            for shape in SHAPES:
                name = self._html_name(letter) if shape == "html" else f"{letter}.{shape}{_SUFFIX}"
                if name not in own and not (shape == "html" and frames):
                    continue
                try:
                    self._render(name, {**variables, "paragraphs": ["…"]}, seed=letter)
                except TemplateSyntaxError:
                    continue  # said already
                except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
                    yield self._problem(name, f"cannot be filled in: {error}")

    def _problem(self, name: str, what: str) -> Problem:
        return Problem(file=str((self._folder or Path()) / name), key="", what=what)

    def _render(self, name: str, variables: Mapping[str, Any], seed: str) -> str:
        def vary(*wordings: str) -> str:
            """One of the wordings, by the letter and the wordings themselves."""
            digest = hashlib.sha256("\n".join([seed, *wordings]).encode()).digest()
            return wordings[int.from_bytes(digest[:4]) % len(wordings)]

        return self._environment.get_template(name).render(variables, vary=vary, numbered=_numbered)


def _numbered(things: Iterable[Any]) -> list[tuple[int, Any]]:
    return list(enumerate(things, start=1))


def _tidy(text: str) -> str:
    """No space at the ends of lines, never two empty lines together, one line break at the end."""
    lines: list[str] = []
    for line in plain(text).strip().split("\n"):
        bare = line.rstrip()
        if bare or (lines and lines[-1]):
            lines.append(bare)
    return "\n".join(lines) + "\n"
