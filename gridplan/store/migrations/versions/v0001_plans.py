"""The first schema: plans, edits, publications and what programs ask of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gridplan.store.migrations.guards_0001 import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables and what guards them; on PostgreSQL the grids have a geometry that map servers read."""
    _plans()
    _publications()
    if op.get_bind().dialect.name == "postgresql":
        _spatial()
    for statement in statements(op.get_bind().dialect.name):
        op.execute(sa.text(statement.replace(":", r"\:")))


def _spatial() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute(
        "ALTER TABLE grids ADD COLUMN geom geometry "
        "GENERATED ALWAYS AS (ST_SetSRID(ST_GeomFromWKB(geometry), srid)) STORED"
    )
    op.execute("CREATE INDEX ix_grids_geom ON grids USING gist (geom)")


def _plans() -> None:
    op.create_table(
        "chunks",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_chunks"),
    )
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plans"),
    )
    op.create_table(
        "parts",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("half", sa.Text(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["chunks.digest"], name="fk_parts_digest"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_parts_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "layer", "position", "half", "since", name="pk_parts"),
    )
    op.create_index("ix_parts_digest", "parts", ["digest"])
    op.create_table(
        "edits",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("edit_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("effects", sa.JSON(), nullable=False),
        sa.Column("delta", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_edits_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "edit_id", name="pk_edits"),
        sa.UniqueConstraint("plan_id", "sequence", name="uq_edits_plan_id_sequence"),
    )
    op.create_table(
        "events",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_events_plan_id"),
        sa.PrimaryKeyConstraint("number", name="pk_events"),
    )
    op.create_index("ix_events_plan_id", "events", ["plan_id"])


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_publications_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", name="pk_publications"),
        sa.UniqueConstraint("number", name="uq_publications_number"),
    )
    op.create_table(
        "retirements",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("successor", sa.Text(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("retired_by", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_retirements_plan_id"),
        sa.ForeignKeyConstraint(["successor"], ["plans.plan_id"], name="fk_retirements_successor"),
        sa.PrimaryKeyConstraint("plan_id", name="pk_retirements"),
    )
    op.create_table(
        "grids",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("persons", sa.BigInteger(), nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("work_min", sa.BigInteger(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("compactness", sa.Double(), nullable=False),
        sa.Column("locked", sa.Integer(), nullable=False),
        sa.Column("srid", sa.Integer(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_grids_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "grid_code", name="pk_grids"),
    )
    op.create_index("ix_grids_grid_code", "grids", ["grid_code"])
    op.create_table(
        "lineage",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("old_code", sa.Text(), nullable=True),
        sa.Column("new_code", sa.Text(), nullable=True),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_lineage_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "number", name="pk_lineage"),
    )
    op.create_index("ix_lineage_old_code", "lineage", ["old_code"])
    op.create_table(
        "codes",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("retired_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["issued_by"], ["plans.plan_id"], name="fk_codes_issued_by"),
        sa.ForeignKeyConstraint(["retired_by"], ["plans.plan_id"], name="fk_codes_retired_by"),
        sa.PrimaryKeyConstraint("scope", "grid_code", name="pk_codes"),
    )
