"""The daemon serves the desk: its one-time link, its port, its end; and what it believes of a proxy."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.end_to_end.bureau import Bureau
from tests.patience import SOON

# Nothing listens on port 9: the mailbox is down, and the desk must be there all the same.
MAILBOX = (
    '[mailbox]\nhost = "127.0.0.1"\nport = 9\ntls = "none"\nusername = "nobody"\npassword_file = "mail-password"\n'
)
PASSWORD = "a long enough password"


@contextmanager
def running(bureau: Bureau) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`run`, and the one-time link that it prints."""
    with bureau.start("run") as daemon:
        try:
            assert daemon.stdout
            lines = [daemon.stdout.readline() for _ in range(2)]
            yield daemon, lines[-1].strip()
        finally:
            daemon.kill()


def test_the_daemon_prints_a_link_serves_the_desk_and_ends_soon(bureau: Bureau) -> None:
    bureau.configure(MAILBOX)
    with running(bureau) as (daemon, link):
        assert "首次使用" in httpx.get(link).text
        second = bureau.run("run", status=1)
        assert "cannot listen on 127.0.0.1:" in second.stderr
        assert "[desk] listen" in second.stderr

        began = time.monotonic()
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(90) == 0
        assert time.monotonic() - began < SOON


@pytest.mark.parametrize(("trusted", "is_secure"), [("", False), ('trusted_proxies = ["127.0.0.1"]\n', True)])
def test_only_a_named_proxy_may_say_that_the_connection_is_encrypted(
    bureau: Bureau, trusted: str, *, is_secure: bool
) -> None:
    bureau.configure(MAILBOX, desk=trusted)
    with running(bureau) as (_, link):
        fields = {"name": "王老师", "password": PASSWORD, "again": PASSWORD, "token": link.partition("token=")[2]}
        forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        answer = httpx.post(link.partition("?")[0], data=fields, headers=forwarded)
    assert answer.status_code == 303
    assert ("secure" in answer.headers["set-cookie"].lower()) is is_secure
    assert ("strict-transport-security" in answer.headers) is is_secure


def test_users_are_managed_from_the_command_line(bureau: Bureau) -> None:
    bureau.configure(MAILBOX)
    for name, role in (("王老师", "coordinator"), ("李老师", "viewer")):
        done = subprocess.run(
            bureau.command("user", "add", name, "--role", role, "--password-stdin"),
            input=PASSWORD,
            capture_output=True,
            text=True,
            env=bureau.environment(),
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    listed = {user["name"]: user["role"] for user in bureau.json("user", "list", "--json")["users"]}
    assert listed == {"王老师": "coordinator", "李老师": "viewer"}
    assert "唯一的管理员" in bureau.run("user", "remove", "王老师", status=1).stderr
    bureau.run("user", "remove", "李老师")
    assert "/welcome?token=" in bureau.run("user", "link", "--role", "viewer").stdout


def test_a_program_asks_the_daemon_with_a_token_until_it_is_revoked(bureau: Bureau) -> None:
    bureau.configure(MAILBOX)
    token = bureau.run("token", "add", "门户", "--role", "viewer").stdout.strip()
    listed = bureau.json("token", "list", "--json")["tokens"]
    assert [(one["name"], one["role"], one["expires_at"]) for one in listed] == [("门户", "viewer", None)]
    assert "already" in bureau.run("token", "add", "门户", status=1).stderr
    with running(bureau) as (_, link):
        url, shown = link.partition("/welcome")[0], {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{url}/api/v1/report", headers=shown).json()["schema"] == 1
        assert httpx.get(f"{url}/healthz").status_code == 503  # no mailbox has ever been read
        bureau.run("token", "revoke", "门户")
        assert httpx.get(f"{url}/api/v1/report", headers=shown).status_code == 401


@pytest.mark.parametrize(
    ("desk", "complaint"),
    [
        ('listen = "0.0.0.0:8126"\n', "beyond_this_machine = true"),
        ('trusted_proxies = ["the proxy"]\n', "not an address or a network"),
        ('public_url = "desk.example.org"\n', "not the address of a web site"),
    ],
)
def test_the_desk_does_not_open_up_by_mistake(bureau: Bureau, desk: str, complaint: str) -> None:
    bureau.configure(MAILBOX, desk=desk)
    assert complaint in bureau.run("run", status=2).stderr
