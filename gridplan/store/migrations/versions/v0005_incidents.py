"""The fifth schema: incidents, their steps and what is to be reviewed. Steps and imports are added and stay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RECORDED = "gridplan: what is recorded cannot be changed or taken away"
STALE = "gridplan: an incident is changed by its next step alone, and stays"
APPEND_ONLY = ("incident_steps", "incident_imports")
_CHANGED = """NEW.sequence <= OLD.sequence OR NEW.incident_id <> OLD.incident_id
    OR NEW.source <> OLD.source OR NEW.source_id <> OLD.source_id"""


def upgrade() -> None:
    """Make the tables and what guards them."""
    _incidents()
    _people()
    _steps()
    _reviews()
    _imports()
    statements = _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        op.execute(sa.text(statement.replace(":", r"\:")))


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("category_said", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("escalate_at", sa.DateTime(timezone=True)),
        sa.Column("paused_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("on_time", sa.Integer()),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Double()),
        sa.Column("lon", sa.Double()),
        sa.Column("lat", sa.Double()),
        sa.Column("precision_m", sa.Double()),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("match_level", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double()),
        sa.Column("grid_code", sa.Text()),
        sa.Column("plan_id", sa.Text()),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_incidents_plan_id"),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incidents"),
        sa.UniqueConstraint("source", "source_id", name="uq_incidents_source_source_id"),
    )
    op.create_index("ix_incidents_reported_at", "incidents", ["reported_at"])
    op.create_index("ix_incidents_grid_code_reported_at", "incidents", ["grid_code", "reported_at"])
    op.create_index("ix_incidents_closed_at_due_at", "incidents", ["closed_at", "due_at"])


def _people() -> None:
    op.create_table(
        "incident_people",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _belongs("incident_people"),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incident_people"),
    )


def _steps() -> None:
    op.create_table(
        "incident_steps",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        _belongs("incident_steps"),
        sa.PrimaryKeyConstraint("incident_id", "sequence", name="pk_incident_steps"),
    )


def _reviews() -> None:
    op.create_table(
        "incident_reviews",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("settled_by", sa.Text()),
        _belongs("incident_reviews"),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incident_reviews"),
    )
    op.create_index("ix_incident_reviews_settled_at", "incident_reviews", ["settled_at"])


def _imports() -> None:
    op.create_table(
        "incident_imports",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_incident_imports"),
    )


def _belongs(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["incident_id"], ["incidents.incident_id"], name=f"fk_{table}_incident_id")


def _sqlite() -> list[str]:
    guards = [
        *((table, action, "1", RECORDED) for table in APPEND_ONLY for action in ("UPDATE", "DELETE")),
        ("incidents", "UPDATE", _CHANGED, STALE),
        ("incidents", "DELETE", "1", STALE),
    ]
    return [
        f"CREATE TRIGGER guard_{table}_{action.lower()} BEFORE {action} ON {table} WHEN {when}\n"
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for table, action, when, message in guards
    ]


def _postgresql() -> list[str]:
    return [
        "CREATE OR REPLACE FUNCTION gridplan_incident() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        f"BEGIN\n  IF TG_OP = 'DELETE' OR {_CHANGED} THEN RAISE EXCEPTION '{STALE}'; END IF;\n  RETURN NEW;\nEND $$",
        "CREATE TRIGGER guard_incidents_changed BEFORE UPDATE OR DELETE ON incidents "
        "FOR EACH ROW EXECUTE FUNCTION gridplan_incident()",
        *(
            f"CREATE TRIGGER guard_{table}_recorded BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION gridplan_recorded()"
            for table in APPEND_ONLY
        ),
        *(
            f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION gridplan_recorded()"
            for table in ("incidents", *APPEND_ONLY)
        ),
    ]
