"""A real Chromium, headless: loads a page in frames of given sizes and says what a script measured in each."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)

HARNESS = """<!DOCTYPE html><meta charset="utf-8"><body>{frames}<pre id="measured"></pre><script>
addEventListener("load", () => {{
  const measure = (window, document) => {{ {script} }};
  const frames = [...document.querySelectorAll("iframe")];
  const seen = frames.map(frame => measure(frame.contentWindow, frame.contentDocument));
  document.getElementById("measured").textContent = JSON.stringify(seen);
}});
</script></body>"""


def measure(page: str, script: str, *, sizes: list[tuple[int, int]], scratch: Path) -> list[dict[str, object]]:
    """`script` is the body of a JavaScript function of (window, document) that returns an object."""
    frames = "".join(
        f'<iframe width="{width}" height="{height}" style="border:0" srcdoc="{html.escape(page)}"></iframe>'
        for width, height in sizes
    )
    file = scratch / "harness.html"
    file.write_text(HARNESS.format(frames=frames, script=script), encoding="utf-8")
    dumped = subprocess.run(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={scratch / 'profile'}", "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    ).stdout
    found = re.search(r'<pre id="measured">(.*?)</pre>', dumped, re.DOTALL)
    assert found, dumped[-500:]
    return json.loads(html.unescape(found.group(1)))
