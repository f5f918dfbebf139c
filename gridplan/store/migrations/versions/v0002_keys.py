"""The second schema: keys to the service. A key is made and revoked; nothing else is ever changed of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = ("key_id", "name", "role", "scope", "digest", "created_by", "created_at")
MESSAGE = "gridplan: a key can be revoked, once, and not otherwise changed or taken away"


def upgrade() -> None:
    """Make the table and what guards it."""
    op.create_table(
        "keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_by", sa.Text()),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("key_id", name="pk_keys"),
    )
    statements = _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        op.execute(sa.text(statement.replace(":", r"\:")))


def _changed(distinct: str) -> str:
    """Return the condition that an update does anything but revoke a key that was not revoked."""
    parts = [f"OLD.{name} <> NEW.{name}" for name in KEPT]
    return " OR ".join([*parts, f"OLD.expires_at {distinct} NEW.expires_at", "OLD.revoked_at IS NOT NULL"])


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER guard_keys_{action.lower()} BEFORE {action} ON keys WHEN {when}\n"
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        for action, when in (("UPDATE", _changed("IS NOT")), ("DELETE", "1"))
    ]


def _postgresql() -> list[str]:
    when = f"TG_OP = 'DELETE' OR {_changed('IS DISTINCT FROM')}"
    return [
        "CREATE OR REPLACE FUNCTION gridplan_keys() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        f"BEGIN\n  IF {when} THEN RAISE EXCEPTION '{MESSAGE}'; END IF;\n  RETURN NEW;\nEND $$",
        "CREATE TRIGGER guard_keys_changed BEFORE UPDATE OR DELETE ON keys "
        "FOR EACH ROW EXECUTE FUNCTION gridplan_keys()",
        "CREATE TRIGGER guard_keys_truncate BEFORE TRUNCATE ON keys "
        "FOR EACH STATEMENT EXECUTE FUNCTION gridplan_recorded()",
    ]
