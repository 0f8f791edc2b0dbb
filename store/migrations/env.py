"""What Alembic runs for every migration: over the connection, and inside the transaction, that `store.schema` holds."""

from __future__ import annotations

from alembic import context

from store.models import Base

# Batches: SQLite alters a table only by building it anew.
context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
context.run_migrations()
