"""Strangers' files and mails in, values out: decoding messages, reading attachments. Imports only rules."""

import os

# One thread a process: pages are read side by side, and threads that wait for each other's cores cost more than they
# gain. numpy looks at this once, when it is loaded, and modules of this package are the first to load it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
