"""The version of what the parsers see. Raise it with every change that reads a file differently.

Results are cached under it; messages that failed under an older version are tried again by a newer one.
"""

from typing import Final

PARSER_VERSION: Final = 43
