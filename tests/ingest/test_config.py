"""config.toml: every problem at once, each with file, key and what is wrong; secrets only from outside."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from ingest.config import load_config
from ingest.config_schema import ConfigFile
from rules.errors import ConfigError

ROOT = Path(__file__).parents[2]
GOOD = """
[mailbox]
host = "imap.126.com"
username = "bureau@126.com"

[[campaign]]
key = "2023"
title = "2023-2024年度全民终身学习活动"
opens = 2023-10-12
closes = 2023-12-31
roster = "roster.xlsx"

[[campaign.deliverable]]
key = "plan"
kind = "plan"
due = 2023-10-30
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(write(folder, text))
    return [str(problem) for problem in caught.value.problems]


def test_a_short_config_has_sensible_defaults(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, GOOD))
    campaign = config.campaigns[0].campaign

    assert config.store_url == f"sqlite:///{tmp_path}/data/baosong.db"
    assert config.campaigns[0].roster_path == tmp_path / "roster.xlsx"
    assert campaign.deliverables[0].due == date(2023, 10, 30)
    assert campaign.deliverables[0].due_at(config.zone).isoformat() == "2023-10-31T00:00:00+08:00"
    assert config.mailboxes[0].poll_every == timedelta(minutes=10)


def test_all_problems_come_at_once_each_with_file_and_key(tmp_path: Path) -> None:
    text = GOOD.replace('host = "imap.126.com"', "hots = 1\nport = 99999").replace('kind = "plan"', 'kind = "plans"')
    found = problems(tmp_path, text.replace("closes = 2023-12-31", 'closes = "soon"'))

    assert all(line.startswith(f"{tmp_path}/config.toml: ") for line in found)
    keys = [line.split(": ")[1] for line in found]
    assert keys == [
        "mailbox[bureau@126.com].host",
        "mailbox[bureau@126.com].port",
        "mailbox[bureau@126.com].hots",
        "campaign[2023].closes",
        "campaign[2023].deliverable[plan].kind",
    ]


def test_an_unknown_key_suggests_the_nearest_known_one(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD.replace("due = ", "stampt = true\ndue = "))

    assert line.endswith("campaign[2023].deliverable[plan].stampt: unknown key; did you mean 'stamped'?")


def test_a_password_in_the_file_is_refused_and_never_repeated(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD.replace("[mailbox]", '[mailbox]\npassword = "hunter2"'))

    assert "use password_env or password_file" in line
    assert "hunter2" not in line


def test_overlapping_campaigns_are_refused_by_name(tmp_path: Path) -> None:
    second = GOOD.split("[[campaign]]", 1)[1].replace('"2023"', '"2024"').replace("2023-10-12", "2023-12-01")
    (line,) = problems(tmp_path, GOOD + "[[campaign]]" + second.replace("due = 2023-10-30", "due = 2023-12-20"))

    assert "'2023' and '2024' are both open from 2023-12-01 to 2023-12-31" in line


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("closes = 2023-12-31", "closes = 2023-01-31"), "opens (2023-10-12) is after closes (2023-01-31)"),
        (("due = 2023-10-30", "due = 2023-09-30"), "2023-09-30 is before the campaign opens"),
        (('key = "2023"', 'key = "a b"'), "a key is 1 to 40 letters"),
        (("[mailbox]", '[mailbox]\ntls = "none"'), "only for a server on this machine"),
        (("[mailbox]", '[mailbox]\npassword_env = "A"\npassword_file = "b"'), "not both"),
        (("[mailbox]", '[mailbox]\npoll_every = "often"'), "is not a duration"),
        (("[mailbox]", 'timezone = "Asia/Nowhere"\n[mailbox]'), "is not a time zone"),
        (("[[campaign]]", '[desk]\nlisten = "8126"\n[[campaign]]'), "is not host:port"),
        (("[[campaign]]", '[reminders]\nstages = ["3d"]\n[[campaign]]'), "is not a stage"),
        (("[[campaign]]", '[reminders]\nhours = ["17:00-09:00"]\n[[campaign]]'), "is not a span of hours"),
        (("[mailbox]", "mailbox = 3\n[other]"), "other: unknown key"),
        (("[[campaign]]", "[[campaign]"), "is not valid TOML"),
    ],
)
def test_each_mistake_gets_a_sentence(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    assert words in "\n".join(problems(tmp_path, GOOD.replace(*change)))


def test_a_missing_or_unreadable_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file; `baosong init` writes one"):
        load_config(tmp_path / "config.toml")
    (tmp_path / "config.toml").write_bytes("标题 = 1".encode("gb18030"))
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load_config(tmp_path / "config.toml")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "folder")


def test_the_secret_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(write(tmp_path, GOOD))
    monkeypatch.delenv("BAOSONG_MAIL_PASSWORD", raising=False)
    with pytest.raises(ConfigError, match="BAOSONG_MAIL_PASSWORD is not set"):
        config.mailbox_settings()

    monkeypatch.setenv("BAOSONG_MAIL_PASSWORD", "code-123")
    (settings,) = config.mailbox_settings()

    assert settings.password == "code-123"
    assert "code-123" not in repr(settings)


def test_the_secret_comes_from_a_file(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, GOOD.replace("[mailbox]", '[mailbox]\npassword_file = "secret"')))
    with pytest.raises(ConfigError, match="cannot be read"):
        config.mailbox_settings()

    (tmp_path / "secret").write_text("code-123\n", encoding="utf-8")

    assert config.mailbox_settings()[0].password == "code-123"


def test_two_accounts_are_two_mailboxes(tmp_path: Path) -> None:
    two = GOOD.replace("[mailbox]", '[[mailbox]]\nhost = "imap.qq.com"\nusername = "b@qq.com"\n\n[[mailbox]]')

    assert [mailbox.username for mailbox in load_config(write(tmp_path, two)).mailboxes] == [
        "b@qq.com",
        "bureau@126.com",
    ]


def test_the_example_parses_as_it_stands_and_with_every_default_switched_on(tmp_path: Path) -> None:
    example = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    config = load_config(write(tmp_path, example))
    assert [deliverable.key for deliverable in config.campaigns[0].campaign.deliverables] == [
        "plan",
        "schedule",
        "statistics",
        "summary",
        "evidence",
    ]

    switched_on = re.sub(r"^# (\w+ = )", r"\1", example, flags=re.MULTILINE)
    document = tomllib.loads(switched_on)

    assert set(_keys(document)) == set(_schema_keys(ConfigFile))


def _keys(node: object, path: str = "") -> Iterator[str]:
    if isinstance(node, list):
        for entry in node:
            yield from _keys(entry, path)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield f"{path}{key}"
            yield from _keys(value, f"{path}{key}.")


def _schema_keys(table: type[BaseModel], path: str = "") -> Iterator[str]:
    for key, field in table.model_fields.items():
        yield f"{path}{key}"
        inner = _table(field.annotation)
        if inner:
            yield from _schema_keys(inner, f"{path}{key}.")


def _table(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((table for part in get_args(annotation) if (table := _table(part))), None)
