"""A person's decision, whoever asks for it: checked, recorded, and obeyed at once.

The command line and the desk both come through here, so that a decision means the same on both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ingest.application import Application
from report.desk.port import ConflictError, NewDecision, RefusedError
from report.plain import plain_line
from report.words import decision_text, short_titles
from rules.claims import Decision
from rules.corrections import is_correctable
from rules.extraction import Form
from rules.overruling import Action, standing
from store import audit, decisions, messages, outbox
from store.engine import Session

_LONGEST_VALUE: Final = 2000
_SHA256: Final = re.compile("[0-9a-f]{64}")
_OF_A_UNIT: Final = {
    Action.ASSIGN,
    Action.EXEMPT,
    Action.EXTEND,
    Action.RECEIVED_OFFLINE,
    Action.ON_TIME,
    Action.MUTE,
    Action.REMEMBER_SENDER,
}
_OF_A_MESSAGE: Final = {Action.ASSIGN, Action.CORRECT, Action.VERIFY}


def decide(application: Application, wanted: NewDecision, *, now: datetime, seen: int | None = None) -> Decision:
    """Records it and places the mail anew where that follows. Raises as `Desk.decide`."""
    _check_complete(wanted)
    _check_place(application, wanted)
    with application.store.writing() as session:
        decisions.lock(session)
        made = decisions.all_decisions(session)
        _check_file(session, wanted)
        subject = _subject(made, wanted)
        _check_conflict(made, subject, seen)
        decision = decisions.append(
            session,
            action=wanted.action.value,
            author=wanted.author,
            reason=wanted.reason,
            decided_at=now,
            campaign=wanted.campaign,
            unit=wanted.unit,
            deliverable=wanted.deliverable,
            message_sha256=wanted.message_sha256,
            path=wanted.path,
            until=wanted.until,
            undoes=wanted.undoes,
            form_index=wanted.form_index,
            field=wanted.field,
            value=wanted.value,
        )
        if wanted.unit:
            concerned = frozenset({(wanted.unit, wanted.deliverable)})
            campaign = wanted.campaign or None
            outbox.skip_concerning(
                session, concerned, campaign=campaign, at=now, because="经办人已作决定，按最新情况重拟"
            )
        _record(application, session, decision, _replaced(made, decision))
    application.obey_decisions()
    return decision


def _record(application: Application, session: Session, made: Decision, replaced: Decision | None) -> None:
    zone = application.config.zone
    audit.record(
        session,
        at=made.decided_at,
        author=made.author,
        action=made.action,
        subject=_about(application, session, replaced if made.undoes is not None and replaced else made),
        before=decision_text(replaced, zone) if replaced else "",
        after=decision_text(made, zone),
    )


def _about(application: Application, session: Session, decision: Decision) -> str:
    """The unit, the material by its heading, the mail by its subject and the file by its name."""
    titles = {
        key: title
        for collection in application.collections
        if decision.campaign in ("", collection.campaign.key)
        for key, title in short_titles(collection.campaign).items()
    }
    message = file = ""
    if decision.message_sha256:
        received = messages.received_message(session, decision.message_sha256)
        message = f"邮件“{plain_line(received.envelope.subject) or '无主题'}”（{decision.message_sha256[:12]}）"
        names = (item.filename for item in received.items if item.path == decision.path)
        file = plain_line(next(names, decision.path))
    material = titles.get(decision.deliverable, decision.deliverable)
    return "，".join(text for text in (decision.unit, material, message, file) if text) or "全部"


def _replaced(before: Sequence[Decision], made: Decision) -> Decision | None:
    """What stood in this place until now: the decision that is taken back, or the newest about the same thing."""
    if made.undoes is not None:
        return next(one for one in before if one.id == made.undoes)
    standing_now = standing(before, campaign_key=made.campaign, at=made.decided_at)
    same = (one for one in standing_now if _place(one) == _place(made))
    return max(same, key=lambda one: one.id, default=None)


def _place(decision: Decision) -> tuple[object, ...]:
    where = (decision.unit, decision.deliverable, decision.message_sha256, decision.path)
    return (*where, decision.form_index, decision.field)


def _check_complete(wanted: NewDecision) -> None:
    """A decision without its object would be about nobody, or about everything."""
    action = wanted.action
    lacking = (
        (action in _OF_A_UNIT and not wanted.unit, "the unit", "请写明是哪个单位。"),
        (action in _OF_A_MESSAGE and not wanted.message_sha256, "the message", "请写明是哪封邮件。"),
        (action is Action.UNDO and wanted.undoes is None, "the decision to undo", "请写明撤销哪一个决定。"),
        (action is Action.EXTEND and wanted.until is None, "the new last day", "请写明延期到哪一天。"),
        (action is Action.REMEMBER_SENDER and "@" not in wanted.value, "an address", "请写明发件人的邮箱。"),
        (
            not (wanted.unit or wanted.message_sha256 or action is Action.UNDO),
            "the unit or the message",
            "请写明是哪个单位或哪封邮件。",
        ),
    )
    for is_lacking, what, sentence in lacking:
        if is_lacking:
            raise RefusedError(f"{action} needs {what}", sentence=sentence)
    if wanted.undoes is not None and action is not Action.UNDO:
        raise RefusedError("undoes goes with the action undo only", sentence="请求不完整，请刷新页面再试。")


def _check_place(application: Application, wanted: NewDecision) -> None:
    campaigns = {collection.campaign.key for collection in application.collections}
    if wanted.campaign and wanted.campaign not in campaigns:
        raise RefusedError(
            f"{wanted.campaign} is no campaign; known: {', '.join(sorted(campaigns))}",
            sentence="没有这项报送任务，请刷新页面再看。",
        )
    unit, deliverable = wanted.unit, wanted.deliverable
    collections = [collection for collection in application.collections if unit in collection.roster.by_name]
    if unit and not collections:
        raise RefusedError(
            f"{unit} is in no roster; write the name as it stands there",
            sentence=f"名册中没有“{unit}”，请按名册写全称。",
        )
    keys = {key.key for collection in collections for key in collection.campaign.deliverables}
    if deliverable and deliverable not in keys:
        raise RefusedError(
            f"{deliverable} is no deliverable; known: {', '.join(sorted(keys))}",
            sentence="这项材料不在报送任务中，请刷新页面再看。",
        )


def _check_file(session: Session, wanted: NewDecision) -> None:
    if not wanted.message_sha256:
        return
    if not (_SHA256.fullmatch(wanted.message_sha256) and messages.is_kept(session, wanted.message_sha256)):
        raise RefusedError(
            f"no message {wanted.message_sha256[:12]} is kept here", sentence="系统中没有这封邮件，请刷新页面再看。"
        )
    items = messages.received_message(session, wanted.message_sha256).items if wanted.path else ()
    named = next((item for item in items if item.path == wanted.path), None)
    if wanted.path and named is None:
        digits = wanted.message_sha256[:12]
        raise RefusedError(
            f"the message has no file {wanted.path}; `baosong show {digits}` lists them",
            sentence="邮件中没有这个文件，请刷新页面再看。",
        )
    if wanted.action in (Action.CORRECT, Action.VERIFY):
        _check_form(named.extraction.forms if named else (), wanted)


def _check_form(forms: tuple[Form, ...], wanted: NewDecision) -> None:
    index = wanted.form_index or 0
    if not 0 <= index < len(forms):
        raise RefusedError(
            f"{wanted.path or 'the message'} has no form number {index}; name the file that has it",
            sentence="文件中没有读到这张表，可能刚刚重新读取过，请刷新页面再看。",
        )
    if wanted.action is Action.CORRECT and not is_correctable(forms[index], wanted.field):
        raise RefusedError(
            f"the form has no value {wanted.field}; write a field's name, or row.column such as 3.place",
            sentence="表中没有要更正的这一格，可能刚刚重新读取过，请刷新页面再看。",
        )
    if len(wanted.value) > _LONGEST_VALUE:
        raise RefusedError(
            f"a value of {len(wanted.value)} characters is too long for a form; at most {_LONGEST_VALUE}",
            sentence=f"更正的内容有 {len(wanted.value)} 字，最多 {_LONGEST_VALUE} 字。",
        )


def _subject(made: tuple[Decision, ...], wanted: NewDecision) -> tuple[str, str]:
    """The unit and the message that the decision is about; of an undo, those of what it takes back."""
    if wanted.undoes is None:
        return wanted.unit, wanted.message_sha256
    undone = next((decision for decision in made if decision.id == wanted.undoes), None)
    if undone is None:
        raise RefusedError(
            f"there is no decision {wanted.undoes}; `baosong review list` shows them",
            sentence="要撤销的决定不存在，请刷新页面再看。",
        )
    return undone.unit, undone.message_sha256


def _check_conflict(made: tuple[Decision, ...], subject: tuple[str, str], seen: int | None) -> None:
    if seen is None:
        return
    by_id = {decision.id: decision for decision in made}
    unit, message = subject
    for decision in made:
        about = decision if decision.undoes is None else by_id.get(decision.undoes, decision)
        is_same = (unit and about.unit == unit) or (message and about.message_sha256 == message)
        if decision.id > seen and is_same:
            raise ConflictError(decision)
