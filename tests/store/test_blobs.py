from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rules.errors import StoreError
from store.blobs import BlobDamage, BlobStore, Damage
from tests.store.builders import digest


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def written(blobs: BlobStore, content: str, name: str = "part") -> Path:
    path = blobs.temporary() / name
    path.write_text(content)
    return path


def all_files(root: Path) -> list[Path]:
    """But for the locks of the programs that work here."""
    return [path for path in root.rglob("*") if path.is_file() and path.name != "lock"]


def test_a_file_is_taken_over_under_its_hash(blobs: BlobStore) -> None:
    temporary = written(blobs, "内容")
    blobs.put_file(temporary, digest("内容"))
    assert not temporary.exists()
    assert blobs.path(digest("内容")).read_text() == "内容"
    assert blobs.path(digest("内容")).relative_to(blobs.root).parts == (
        digest("内容")[:2],
        digest("内容")[2:4],
        digest("内容"),
    )
    assert blobs.exists(digest("内容"))
    assert not blobs.exists(digest("other"))


def test_bytes_and_streams_are_hashed_while_they_are_written(blobs: BlobStore) -> None:
    large = "内容" * 700_000
    assert blobs.put_bytes(b"") == digest("")
    assert blobs.put_bytes("内容".encode()) == digest("内容")
    assert blobs.put_stream(io.BytesIO(large.encode())) == (digest(large), 4_200_000)
    assert blobs.path(digest(large)).read_text() == large
    assert list(blobs.temporary().iterdir()) == []


def test_putting_twice_is_harmless(blobs: BlobStore) -> None:
    for _ in range(2):
        assert blobs.put_bytes(b"a") == digest("a")
        blobs.put_file(written(blobs, "a"), digest("a"))
    assert all_files(blobs.root) == [blobs.path(digest("a"))]


def test_a_blob_that_was_cut_short_is_put_right_by_the_next_put(blobs: BlobStore) -> None:
    blobs.put_bytes("内容".encode())
    blobs.path(digest("内容")).write_bytes(b"")
    blobs.put_bytes("内容".encode())
    assert list(blobs.verify({digest("内容")})) == []


def test_bytes_are_durable_before_their_name_and_the_name_before_the_return(
    blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, Path]] = []
    fsync, replace = os.fsync, Path.replace

    def seen_fsync(handle: int) -> None:
        done.append(("fsync", Path(f"/proc/self/fd/{handle}").readlink()))
        fsync(handle)

    def seen_replace(path: Path, target: Path) -> Path:
        done.append(("rename", Path(target)))
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "replace", seen_replace)
    temporary = written(blobs, "内容")
    blobs.put_file(temporary, digest("内容"))
    target = blobs.path(digest("内容"))
    assert done == [
        ("fsync", temporary),
        ("rename", target),
        ("fsync", target.parent),
        ("fsync", target.parent.parent),
        ("fsync", blobs.root),
    ]


def test_a_blob_that_another_process_just_named_is_made_durable_too(
    blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    BlobStore(blobs.root).put_bytes(b"a")
    synced: list[Path] = []
    monkeypatch.setattr("store.blobs._fsync", synced.append)
    blobs.put_file(written(blobs, "a"), digest("a"))
    assert synced == [blobs.path(digest("a")).parent, blobs.path(digest("a")).parent.parent, blobs.root]


def test_many_threads_put_the_same_and_different_blobs(blobs: BlobStore) -> None:
    def put(number: int) -> None:
        for content in range(30):
            blobs.put_bytes(b"%d" % content)
            blobs.put_bytes(b"%d of %d" % (content, number))

    threads = [threading.Thread(target=put, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {digest(str(content)) for content in range(30)}
    expected |= {digest(f"{content} of {number}") for content in range(30) for number in range(6)}
    assert list(blobs.verify(expected)) == []
    assert len(all_files(blobs.root)) == len(expected)


def test_verifying_finds_what_is_missing_damaged_and_stray(blobs: BlobStore) -> None:
    for content in ("good", "damaged", "missing", "unwanted"):
        blobs.put_bytes(content.encode())
    blobs.path(digest("damaged")).write_text("damagee")
    blobs.path(digest("missing")).unlink()
    (blobs.root / "ab").mkdir(exist_ok=True)
    (blobs.root / "ab" / "Thumbs.db").write_text("")
    (blobs.root / digest("misplaced")).write_text("misplaced")
    (blobs.temporary() / "half").write_text("being written")
    expected = {digest(content) for content in ("good", "damaged", "missing")}
    found = list(blobs.verify(expected))
    assert {(damage.damage, damage.name) for damage in found} == {
        (Damage.DAMAGED, digest("damaged")),
        (Damage.MISSING, digest("missing")),
        (Damage.STRAY, digest("misplaced")),
        (Damage.STRAY, "ab/Thumbs.db"),
        (Damage.STRAY, digest("unwanted")),
    }
    assert {damage.damage for damage in found if damage.is_harmless} == {Damage.STRAY}
    assert f"missing: {digest('missing')}" in [str(damage) for damage in found]


def test_a_blob_that_cannot_be_read_is_damaged(blobs: BlobStore) -> None:
    path = blobs.path(digest("a"))
    path.parent.mkdir(parents=True)
    path.symlink_to(blobs.root / "nowhere")
    assert list(blobs.verify({digest("a")})) == [BlobDamage(damage=Damage.DAMAGED, name=digest("a"))]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", digest("a").upper(), digest("a") + "\n", digest("a")[:-1]])
def test_a_name_that_is_no_hash_is_refused(blobs: BlobStore, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        blobs.path(name)


def test_a_link_that_a_parser_left_is_not_adopted(blobs: BlobStore, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    link = blobs.temporary() / "part"
    link.symlink_to(secret)
    with pytest.raises(StoreError):
        blobs.put_file(link, digest("secret"))
    assert not blobs.exists(digest("secret"))
    assert secret.read_text() == "secret"


def test_a_scratch_folder_is_on_the_same_disk_and_goes_with_all_that_is_in_it(blobs: BlobStore) -> None:
    with blobs.scratch() as scratch:
        (scratch / "sub").mkdir()
        (scratch / "sub" / "part").write_text("a")
        blobs.put_file(scratch / "sub" / "part", digest("a"))
        (scratch / "left").write_text("b")
        assert scratch.parent == blobs.temporary()
    assert not scratch.exists()
    assert blobs.exists(digest("a"))


PROGRAM = """
import os, signal, sys
from pathlib import Path
from store.blobs import BlobStore
blobs = BlobStore(Path(sys.argv[1]))
(blobs.temporary() / "half").write_text("half")
print("written", flush=True)
sys.stdin.read(1)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_program_left_is_removed_by_the_next_one_and_not_sooner(blobs: BlobStore) -> None:
    command = [sys.executable, "-c", PROGRAM, str(blobs.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "written\n"
        BlobStore(blobs.root)
        assert len(list(blobs.root.glob("tmp/of-*/files/half"))) == 1
        program.communicate("x")
    assert len(list(blobs.root.glob("tmp/of-*/files/half"))) == 1
    mine = written(blobs, "half")
    BlobStore(blobs.root)
    assert list(blobs.root.glob("tmp/of-*/files/*")) == [mine]


def test_what_an_older_version_left_is_removed_after_a_day(blobs: BlobStore) -> None:
    day_ago = time.time() - 25 * 3600
    shared = blobs.root / "tmp"
    (shared / "fetch-old").mkdir()
    (shared / "fetch-old" / "message").write_text("half")
    for name in ("put-old", "put-new"):
        (shared / name).write_text("half")
    for name in ("fetch-old", "put-old"):
        os.utime(shared / name, (day_ago, day_ago))
    BlobStore(blobs.root)
    assert sorted(path.name for path in shared.iterdir()) == ["lock", "put-new"]


def test_a_closed_place_leaves_nothing_temporary_and_can_be_used_again(blobs: BlobStore) -> None:
    written(blobs, "half")
    blobs.close()
    assert [path.name for path in (blobs.root / "tmp").iterdir()] == ["lock"]
    assert blobs.put_bytes(b"a") == digest("a")


def test_a_stream_that_breaks_is_not_called_a_trouble_of_the_store(blobs: BlobStore) -> None:
    class Broken(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise OSError(errno.EIO, "the stick was pulled out")

    with pytest.raises(OSError, match="stick"):
        blobs.put_stream(Broken())  # type: ignore[arg-type]  # only `read` is used
    assert all_files(blobs.root) == []


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file/blobs"):
        BlobStore(tmp_path / "file" / "blobs")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_said_so_and_leaves_no_half_blob(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], check=True)
    try:
        blobs = BlobStore(disk / "blobs")
        blobs.put_bytes(b"small")
        for put in (blobs.put_bytes, lambda content: blobs.put_stream(io.BytesIO(content))):
            with pytest.raises(StoreError, match="disk is full; free some space"):
                put(b"x" * 2_000_000)
        assert list(blobs.temporary().iterdir()) == []
        assert list(blobs.verify({digest("small")})) == []
        blobs.put_bytes(b"after")
        blobs.close()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
