"""`parse` sees what the parsers see, and has them see it in the sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from parsers.read import read_file
from rules.codec import extraction_as_json

SAMPLES = Path(__file__).parent.parent / "parsers/samples"
PROGRAM = """
import sys
from ingest.cli import app
app(["parse", "--json", *sys.argv[1:]], standalone_mode=False)
print([name for name in ("parsers.read", "docx", "fitz") if name in sys.modules])
"""


def test_parse_reads_in_the_sandbox_what_is_read_outside(tmp_path: Path) -> None:
    (tmp_path / "坏.docx").write_bytes(b"PK\x03\x04" + bytes(100))
    files = [SAMPLES / "附件2.docx", tmp_path / "坏.docx"]
    command = [sys.executable, "-c", PROGRAM, *map(str, files)]
    *lines, loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert [json.loads(line) for line in lines] == [extraction_as_json(read_file(file, file.name)) for file in files]
    assert loaded == "[]"  # the program itself has no parser
