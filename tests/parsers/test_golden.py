"""What stands in a sample is what is read from it; every sample has its expectation, and the other way round."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parsers.read import read_file
from rules.codec import extraction_as_json
from tests.parsers.make_samples import SAMPLE_MAKERS, SAMPLES

FILES = sorted(path for path in SAMPLES.iterdir() if path.suffix != ".json")
CUTS = 40


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_sample_is_read_as_expected(path: Path) -> None:
    expected = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(extraction_as_json(read_file(path, path.name)), ensure_ascii=False)) == expected


def test_no_sample_and_no_expectation_stands_alone() -> None:
    expectations = {path.name.removesuffix(".json") for path in SAMPLES.glob("*.json")}
    assert {path.name for path in FILES} == expectations == set(SAMPLE_MAKERS)


@pytest.mark.parametrize("path", [path for path in FILES if path.stat().st_size], ids=lambda path: path.name)
def test_a_sample_cut_off_anywhere_is_read_without_a_crash(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    for cut in range(CUTS):
        piece = tmp_path / "piece"
        piece.write_bytes(data[: len(data) * cut // CUTS])
        assert read_file(piece, path.name).size_bytes == len(data) * cut // CUTS


def test_reading_twice_gives_the_same() -> None:
    for path in FILES:
        assert read_file(path, path.name) == read_file(path, path.name)
