"""What a parser may do to this machine: read its own program, the fonts and its one file; write to its scratch folder.

    confine_process(…)      in each worker before it loads its job: limits, system call filter, the job's own files

Where the kernel tells programs apart, none but the converters starts. What the kernel lacks is left out;
`missing_protection` names it, for one line in the log.
"""

from __future__ import annotations

import contextlib
import os
import platform
import resource
import shutil
import signal
import site
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest import landlock, seccomp
from ingest.kernel import die_with_parent, drop_capabilities
from ingest.landlock import EXECUTE, READ, WRITE, Access, Grant
from parsers.conversion import converter

_SYSTEM: Final = (
    *("/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/etc/mime.types"),
    *("/etc/fonts", "/var/cache/fontconfig", "/etc/locale.alias", "/etc/libreoffice", "/var/lib/libreoffice"),
    "/var/spool/libreoffice",
    *("/proc", "/sys/devices/system", "/sys/fs/cgroup"),  # how many processors and how much memory there are
)
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_LOADERS: Final = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
_OUR_PACKAGES: Final = ("ingest", "parsers", "rules")
_HARMLESS_VARIABLES: Final = ("LANG", "LANGUAGE", "LD_LIBRARY_PATH", "PATH", "TZ", "VIRTUAL_ENV")
_HARMLESS_PREFIXES: Final = ("LC_", "PYTHON")
_NICENESS: Final = 5
_OPEN_FILES: Final = 1024
_FIRST_TO_GO: Final = "1000"  # of all processes, when the machine runs out of memory


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What one job, and so its process, may use up."""

    memory_bytes: int
    cpu_seconds: float
    written_bytes: int


def missing_protection() -> str:
    """Which of the kernel's means are not there; empty when all are."""
    missing = []
    if not landlock.version():
        missing.append("Landlock (files)")
    if not seccomp.is_known(platform.machine()):
        missing.append("seccomp (network, programs)")
    return ", ".join(missing)


def still_possible() -> list[str]:
    """A job that tries to get out: what it could do, which is nothing where all means are there."""
    attempts: dict[str, Callable[[], object]] = {
        "read other files": lambda: Path("/etc/passwd").open("rb").close(),
        "open network connections": lambda: socket.socket(socket.AF_INET).close(),
        "signal other processes": lambda: os.kill(1, 0),
    }
    possible = []
    for name, attempt in attempts.items():
        with contextlib.suppress(OSError):
            attempt()
            possible.append(name)
    return possible


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a parser may know: no password, no address of a database."""
    return {
        name: value
        for name, value in environment.items()
        if name in _HARMLESS_VARIABLES or name.startswith(_HARMLESS_PREFIXES)
    }


def confine_process(bounds: Bounds, *, readable: Sequence[Path], writable: Sequence[Path]) -> None:
    """For the whole life of this process; it can never be undone."""
    _set_limits(bounds)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing too much is then an OSError, not a death
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    die_with_parent(signal.SIGKILL)
    drop_capabilities()
    for name in os.environ.keys() - clean_environment(os.environ).keys():
        del os.environ[name]
    _confine_files(readable=readable, writable=writable)
    has_converter = converter() is not None
    seccomp.install(may_start_programs=has_converter, may_signal=has_converter and landlock.keeps_signals())


def _set_limits(bounds: Bounds) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (bounds.memory_bytes, bounds.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (int(bounds.cpu_seconds) + 1, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (bounds.written_bytes, bounds.written_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")
    os.nice(_NICENESS)  # fetching mail and showing the report come first


def _confine_files(*, readable: Sequence[Path], writable: Sequence[Path]) -> None:
    landlock.restrict_this_thread(
        [
            *(Grant(path=path, access=READ) for path in (*_program(), *map(Path, _SYSTEM), *readable)),
            *(Grant(path=Path(path), access=READ | Access.WRITE_FILE) for path in _DEVICES),
            *(Grant(path=path, access=WRITE) for path in writable),
            *(Grant(path=path, access=EXECUTE) for path in _executables()),
        ]
    )


def _program() -> list[Path]:
    """Python, its libraries, and our own code, which may lie beside a configuration that is nobody's business."""
    installed = [sys.prefix, sys.base_prefix, *site.getsitepackages(), site.getusersitepackages()]
    modules = (sys.modules.get(name) for name in _OUR_PACKAGES)
    ours = [folder for module in modules if module for folder in module.__path__]
    return [Path(path) for path in (*installed, *ours)]


def _executables() -> list[Path]:
    program = converter()
    if program is None:
        return []
    setpriv = shutil.which("setpriv")
    return [program.parent.parent, *map(Path, _LOADERS), *([Path(setpriv)] if setpriv else [])]
