"""The third schema: the audit log. A record follows the last one, and is never changed or taken away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RECORDED = "gridplan: what is recorded cannot be changed or taken away"
FOLLOWS = "gridplan: a record of the audit log follows the last one"
_STRANGE = """NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM audit)
    OR NEW.previous <> COALESCE((SELECT digest FROM audit ORDER BY number DESC LIMIT 1),
                                '0000000000000000000000000000000000000000000000000000000000000000')"""


def upgrade() -> None:
    """Make the table and what guards it."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
        sa.UniqueConstraint("digest", name="uq_audit_digest"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])
    statements = _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        op.execute(sa.text(statement.replace(":", r"\:")))


def _sqlite() -> list[str]:
    guards = (("INSERT", _STRANGE, FOLLOWS), ("UPDATE", "1", RECORDED), ("DELETE", "1", RECORDED))
    return [
        f"CREATE TRIGGER guard_audit_{action.lower()} BEFORE {action} ON audit WHEN {when}\n"
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for action, when, message in guards
    ]


def _postgresql() -> list[str]:
    return [
        "CREATE OR REPLACE FUNCTION gridplan_audit() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        f"BEGIN\n  IF {_STRANGE} THEN RAISE EXCEPTION '{FOLLOWS}'; END IF;\n  RETURN NEW;\nEND $$",
        "CREATE TRIGGER guard_audit_insert BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION gridplan_audit()",
        "CREATE TRIGGER guard_audit_changed BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION gridplan_recorded()",
        "CREATE TRIGGER guard_audit_truncate BEFORE TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION gridplan_recorded()",
    ]
