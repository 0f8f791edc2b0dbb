"""Makes sample campaigns: rosters, documents, photos, mails, and the truth that a report about them must tell.

Everything is invented and follows from a seed: the same seed gives the same bytes. It feeds the `demo` command, the
tests and the benchmarks.
"""
