"""kill -9 at any moment loses nothing and doubles nothing."""

from __future__ import annotations

import hashlib
import random
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from tests.end_to_end.bureau import Bureau, mailbox_table
from tests.servers.dovecot import Dovecot

MESSAGES = 200
KILLS = 20
OPENING = datetime(2023, 10, 20, 8, 0, tzinfo=UTC)


def letter(number: int, chance: random.Random) -> bytes:
    """A mail with an attachment of 1 to 400 kB; one in ten is larger than a streamed literal's threshold many times."""
    message = EmailMessage()
    message["From"] = "直溪中心小学 <zxxx@example.com>"
    message["Subject"] = f"报送材料 {number}"
    message["Message-ID"] = f"<{number}@example.com>"
    message.set_content(f"第{number}封，请查收。")
    size = chance.randrange(1_000, 4_000_000 if number % 10 == 0 else 60_000)
    message.add_attachment(chance.randbytes(size), maintype="application", subtype="octet-stream", filename="a.bin")
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def blobs(bureau: Bureau) -> set[str]:
    return {path.name for path in (bureau.folder / "data/blobs").glob("??/??/*")}


def wait_for_more(bureau: Bureau, poll: subprocess.Popen[str], wanted: int) -> None:
    """Until so many blobs are there: raw mails first, then their bodies and attachments, so every step is struck."""
    deadline = time.monotonic() + 60
    while len(blobs(bureau)) < wanted and poll.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)


def test_twenty_kills_while_two_hundred_messages_come_in(bureau: Bureau, dovecot: Dovecot) -> None:
    chance = random.Random(20231030)
    letters = [letter(number, chance) for number in range(MESSAGES)]
    settings = dovecot.settings("killed")
    bureau.configure(mailbox_table(settings))

    def deliver() -> None:
        with dovecot.client("killed") as client:
            for number, raw in enumerate(letters):
                client.append("INBOX", raw, msg_time=OPENING + timedelta(minutes=number))

    delivering = threading.Thread(target=deliver)
    delivering.start()
    seen = []
    for _ in range(KILLS):
        poll = bureau.start("poll")
        wait_for_more(bureau, poll, len(blobs(bureau)) + chance.randrange(1, 25))
        poll.kill()
        poll.communicate()
        seen.append(len(blobs(bureau)))
    delivering.join()
    assert len(set(seen)) > KILLS // 2, f"the kills must strike while mail comes in, not before or after: {seen}"
    last = bureau.json("poll", "--json")

    assert {hashlib.sha256(raw).hexdigest() for raw in letters} <= blobs(bureau)
    assert last["messages_new"] + last["messages_known"] == MESSAGES
    assert last["failed"] == 0
    assert bureau.json("verify", "--json")["damages"] == []
    again = bureau.json("poll", "--json")
    assert (again["messages_new"], again["messages_known"]) == (0, MESSAGES)
