"""Archives that were cut into volumes: one of them alone is not corrupt, but nothing can be got out of it.

RAR's own volumes are told apart by their parser, which reads what lies whole in the first. The others are known by
their names, and the last of a split zip, which bears a plain name, by the record at its end.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Final

INCOMPLETE: Final = "分卷压缩包的其中一卷，单独无法打开，请把全部分卷解开后重新报送"

_VOLUME: Final = re.compile(r"\.(?:7z|zip|rar|tar|gz|exe)\.\d{2,3}$|\.z\d{2}$|\.r\d{2}$|\.part\d+\.rar$", re.IGNORECASE)
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_BYTES: Final = 22 + 65_535  # with the longest comment


def is_volume(path: Path, name: str) -> bool:
    """True for one of several volumes of an archive. Raises OSError."""
    return bool(_VOLUME.search(name)) or _is_last_of_split_zip(path)


def _is_last_of_split_zip(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _ZIP_END_BYTES))
        end = file.read()
    at = end.rfind(_ZIP_END)
    if at < 0 or len(end) < at + 8:
        return False
    this_disk, first_disk = struct.unpack_from("<HH", end, at + 4)
    return 0 < int(this_disk) < 0xFFFF or 0 < int(first_disk) < 0xFFFF
