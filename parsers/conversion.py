"""LibreOffice as a last resort, where it is installed: turns a document that our readers cannot open into .docx.

It runs headless with a profile of its own in scratch, dies with us (`setpriv --pdeathsig`), and is ended
when it takes too long. Nothing depends on it: `converted` answers None where it is missing or fails.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from parsers.content import SourceFile

TIMEOUT_SECONDS: Final = 90
_WANTS_TO_START_AGAIN: Final = 81  # once its profile is made; the script of that name would do it
_STARTS: Final = 3
_PROGRAMS: Final = ("soffice", "libreoffice")


def converted(source: SourceFile, suffix: str) -> Path | None:
    """The converted file in scratch."""
    program = converter()
    if program is None:
        return None
    folder = source.scratch / "converted"
    folder.mkdir(exist_ok=True)
    profile = f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}"
    command = [str(program), "--headless", "--norestore", "--nolockcheck", profile]
    command += ["--convert-to", suffix, "--outdir", str(folder), str(source.path.resolve())]
    for _ in range(_STARTS):
        if _run([*_dying_with_us(), *command]) != _WANTS_TO_START_AGAIN:
            break
    return next(iter(folder.glob(f"*.{suffix}")), None)


def converter() -> Path | None:
    """The program itself: the script of that name starts it as its child, which would outlive us."""
    script = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if script is None:
        return None
    program = Path(script).resolve().parent / "soffice.bin"
    return program if program.is_file() else None


def _dying_with_us() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def _run(command: list[str]) -> int:
    """The exit status; negative when it was ended by a signal."""
    with subprocess.Popen(  # noqa: S603 - our own program; the file's name is a path of ours, not the sender's
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            return process.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()  # where the sandbox lets nobody send signals, it ends us with the converter
            return process.wait()
