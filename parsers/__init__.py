"""Strangers' files and mails in, values out: decoding messages, reading attachments. Imports only rules."""

import os

# One thread a process: pages are read side by side, and threads that wait for each other's cores cost more than they
# gain. numpy looks at this once, when it is loaded: in the sandbox that is after this line.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
