"""Everything that is kept: the only package that imports SQLAlchemy; blobs. Imports only rules."""
