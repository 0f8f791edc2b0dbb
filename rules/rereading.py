"""A file read anew by newer parsers: which reading stays, and what differs between the two.

    better_of(old, new, …) -> Extraction   the reading to go on with, file by file inside an archive
    changes(old, new, chosen, …) -> …      of each file of a message what the newer parsers saw otherwise

Newer parsers read better as a rule. They are not believed where they can no longer open what was open before, and not
where a person has looked at the values of a form and settled them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from rules.extraction import Extraction, Form, Kind
from rules.findings import Code
from rules.messages import Item

_SHUT: Final = frozenset({Code.UNREADABLE, Code.ENCRYPTED, Code.LIMIT_EXCEEDED})


class Kept(StrEnum):
    """Why the older reading stayed."""

    NOTHING = ""  # it did not
    WORSE = "worse"  # the newer parsers could not open the file, or less of what is in it
    SETTLED = "settled"  # a person corrected or verified the values of its form


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """`aspect` is a key of the contract, 5 (`kind`, `unit_names`, `stamped`, …), or for a form `statistics.theme`,
    `schedule.3.place` by row from 1, `schedule.rows` for their number. Empty text stands for nothing.
    """

    aspect: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FileChange:
    """What the newer parsers saw otherwise in one file, also where `kept` says that the older reading stayed.

    `path` as in `Item.path`; "" for the message as a whole, which could not be taken apart before, or cannot now.
    """

    path: str
    filename: str
    differences: tuple[Difference, ...]
    kept: Kept = Kept.NOTHING


@dataclass(frozen=True, kw_only=True, slots=True)
class Rereading:
    """A file of a kept message that newer parsers read otherwise."""

    id: int
    message_sha256: str
    message_id: str
    subject: str
    received_at: datetime
    old_version: int
    new_version: int
    read_at: datetime
    change: FileChange


def better_of(old: Extraction, new: Extraction, *, is_settled: bool = False) -> Extraction:
    """`is_settled`: a person corrected or verified a form of this file or of one inside it."""
    if _is_worse(old, new) or (is_settled and _all_forms(old) != _all_forms(new)):
        return old
    before = _by_identity(old.members)
    members = tuple(
        better_of(before[key], member) if key in before else member for key, member in _by_identity(new.members).items()
    )
    return replace(new, members=members)


def changes(
    old: Sequence[Item], new: Sequence[Item], chosen: Sequence[Item], *, settled: Collection[str] = ()
) -> tuple[FileChange, ...]:
    """Of the files of a message as read before, as read anew, and as chosen. `settled`: the paths a person settled."""
    before, after = _by_path(old), _by_path(new)
    found = []
    for item in chosen:
        if item.path not in before or item.path not in after:  # its container tells
            continue
        seen = differences(before[item.path], after[item.path])
        if seen:
            is_old = not differences(before[item.path], item.extraction)
            reason = Kept.SETTLED if _is_at(item.path, settled) else Kept.WORSE
            kept = reason if is_old else Kept.NOTHING
            found.append(FileChange(path=item.path, filename=item.filename, differences=seen, kept=kept))
    return tuple(found)


def _is_at(path: str, settled: Collection[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") or one.startswith(f"{path}/") for one in settled)


def _by_path(items: Iterable[Item]) -> dict[str, Extraction]:
    return {item.path: item.extraction for item in items}


def _is_worse(old: Extraction, new: Extraction) -> bool:
    """It was open and is shut, or less of what is in it can be reached, for a reason that the older parsers had not."""
    if old.kind is not Kind.UNREADABLE and new.kind is Kind.UNREADABLE:
        return True
    is_shut_anew = {finding.code for finding in new.findings} & _SHUT - {finding.code for finding in old.findings}
    return bool(is_shut_anew) and not _by_identity(old.members).keys() <= _by_identity(new.members).keys()


def _by_identity(members: Sequence[Extraction]) -> dict[tuple[str, str, int], Extraction]:
    """By name, content and how often both came before: an archive may hold the same file twice."""
    found: dict[tuple[str, str, int], Extraction] = {}
    for member in members:
        count = 0
        while (member.file, member.sha256, count) in found:
            count += 1
        found[member.file, member.sha256, count] = member
    return found


def _all_forms(extraction: Extraction) -> tuple[object, ...]:
    return (extraction.forms, *(_all_forms(member) for member in extraction.members))


def differences(old: Extraction, new: Extraction) -> tuple[Difference, ...]:
    """Of the file itself; those of what is inside it are told of by `members`, and file by file on their own."""
    return tuple(_of_file(old, new))


def _of_file(old: Extraction, new: Extraction) -> Iterator[Difference]:
    for aspect, before, after in (
        ("kind", _kinds(old), _kinds(new)),
        ("title", old.title, new.title),
        ("unit_names", "、".join(old.unit_names), "、".join(new.unit_names)),
        ("stamped", _truth(old.stamped), _truth(new.stamped)),
        ("signed", _truth(old.signed), _truth(new.signed)),
        ("photo", _photo(old), _photo(new)),
        ("video", _video(old), _video(new)),
        ("links", _links(old), _links(new)),
        ("members", _lines(member.file for member in old.members), _lines(member.file for member in new.members)),
        ("findings", _findings(old), _findings(new)),
    ):
        if before != after:
            yield Difference(aspect=aspect, before=before, after=after)
    yield from _of_forms(old.forms, new.forms)


def _of_forms(old: Sequence[Form], new: Sequence[Form]) -> Iterator[Difference]:
    before, after = _values(old), _values(new)
    for key in before | after:
        if before.get(key, "") != after.get(key, ""):
            yield Difference(aspect=key, before=before.get(key, ""), after=after.get(key, ""))


def _values(forms: Sequence[Form]) -> dict[str, str]:
    """Every value of every form, as written, by its key; a second form of the same kind is counted."""
    values: dict[str, str] = {}
    seen: dict[Kind, int] = {}
    for form in forms:
        seen[form.form] = seen.get(form.form, 0) + 1
        name = form.form.value if seen[form.form] == 1 else f"{form.form.value}#{seen[form.form]}"
        values |= {f"{name}.rows": str(len(form.rows))}
        values |= {f"{name}.{field}": text for field, text in form.fields.items()}
        for number, row in enumerate(form.rows, start=1):
            values |= {f"{name}.{number}.{column}": text for column, text in row.cells.items()}
            values |= {f"{name}.{number}.days": _days(row.starts_on, row.ends_on)}
    return values


def _days(starts_on: object, ends_on: object) -> str:
    return "" if starts_on is None else f"{starts_on}" if ends_on in (None, starts_on) else f"{starts_on}/{ends_on}"


def _kinds(extraction: Extraction) -> str:
    return "+".join(kind.value for kind in extraction.kinds)


def _truth(value: bool | None) -> str:  # noqa: FBT001 - the value itself is what is told
    return "" if value is None else "true" if value else "false"


def _photo(extraction: Extraction) -> str:
    photo = extraction.photo
    return f"{photo.width}×{photo.height}" if photo else ""


def _video(extraction: Extraction) -> str:
    video = extraction.video
    return "" if video is None else f"{video.seconds:.1f} s" if video.seconds is not None else "?"


def _links(extraction: Extraction) -> str:
    return _lines(link.filename or link.url for link in extraction.links)


def _findings(extraction: Extraction) -> str:
    return _lines(
        f"{finding.code.value}: {finding.detail}" if finding.detail else finding.code.value
        for finding in extraction.findings
    )


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(sorted(texts))
