"""Pages on their way to paper, and the PDFs that came of them, which can be made again. One new table, nothing to move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "printed",
        sa.Column("job", sa.String(36), nullable=False),
        sa.Column("study", sa.Integer(), nullable=False),
        sa.Column("page", sa.LargeBinary()),
        sa.Column("pdf", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_printed_job_jobs"),
        sa.ForeignKeyConstraint(["study"], ["studies.id"], name="fk_printed_study_studies"),
        sa.PrimaryKeyConstraint("job", name="pk_printed"),
    )
    op.create_index("ix_printed_study", "printed", ["study"])


def downgrade() -> None:
    op.drop_table("printed")
