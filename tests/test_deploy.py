"""What is handed to the operating system is accepted by it."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_systemd_accepts_the_units() -> None:
    units = sorted(str(file) for file in (ROOT / "deploy").iterdir())
    assert len(units) == 3
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_ci_runs_what_the_readme_tells_a_newcomer_to_run() -> None:
    script = ROOT / ".ci/run"

    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "exec make test"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme


def test_the_pinned_versions_name_no_registry() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    assert all("==" in line for line in lines if not line.startswith("#"))
    assert not [line for line in lines if "://" in line or line.startswith("-")]


def test_an_installed_package_lacks_no_folder_of_ours_and_no_file_in_it() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    roots = {name.partition(".")[0] for name in setuptools["packages"]}
    files = [path.relative_to(ROOT) for root in roots for path in (ROOT / root).rglob("*") if path.is_file()]
    ours = [path for path in files if "__pycache__" not in path.parts]
    data = {
        path.relative_to(ROOT)
        for package, patterns in setuptools["package-data"].items()
        for pattern in patterns
        for path in ROOT.joinpath(*package.split(".")).glob(pattern)
    }

    assert {".".join(path.parent.parts) for path in ours if path.suffix == ".py"} == set(setuptools["packages"])
    assert {path for path in ours if path.suffix != ".py"} == data
