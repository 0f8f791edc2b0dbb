"""What each command of `baosong` does, one module a group. `ingest.cli` collects them and translates errors."""
