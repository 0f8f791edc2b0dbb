"""`python -m ingest` is the same program as `baosong`."""

from ingest.cli import main

main()
