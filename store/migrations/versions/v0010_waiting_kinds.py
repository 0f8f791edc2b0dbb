"""Which deliverables may lie in mail that waits for a person; of older mail this is not known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("unattributed", sa.Column("kinds", sa.Text(), nullable=False, server_default=sa.text("'[]'")))
