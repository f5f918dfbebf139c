"""
The tables of the store, the same on SQLite and PostgreSQL.

``migrations/`` makes them and keeps what is published from being changed; a test holds the two together. A plan's
layers are chunks named by their SHA-256, so that a plan which differs from another in one community shares the rest
with it. What programs ask of published plans by SQL (grids, lineage, codes) stands in rows of its own beside them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware time, kept in UTC to the microsecond; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return the time as the database takes it: SQLite knows no zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; expected an aware datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time as an aware one."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _plan(*, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column("plan_id", sa.ForeignKey("plans.plan_id"), primary_key=primary_key, nullable=nullable)


def _optional_plan(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.ForeignKey("plans.plan_id"), nullable=True)


chunks = sa.Table(
    "chunks",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),  # SHA-256 of the content as it is before compression
    sa.Column("size", sa.BigInteger, nullable=False),  # bytes before compression
    sa.Column("data", sa.LargeBinary, nullable=False),  # zstd
)

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("plan_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),  # prefix of the plan's community codes
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # draft, submitted, approved, published, discarded
    sa.Column("base", sa.Integer, nullable=False),  # number of the newest publication when the plan was begun, or 0
    sa.Column("revision", sa.Integer, nullable=False),  # 0, and one more for each saved batch of edits
    sa.Column("digest", sa.String(64), nullable=False),  # of all parts at this revision
)

parts = sa.Table(
    "parts",
    metadata,
    _plan(primary_key=True),
    sa.Column("layer", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),  # parts of a layer, one below the other
    sa.Column("half", sa.Text, primary_key=True),  # values or shapes
    sa.Column("since", sa.Integer, primary_key=True),  # first revision that has it
    sa.Column("until", sa.Integer),  # first revision that has it no more
    sa.Column("digest", sa.ForeignKey("chunks.digest"), nullable=False, index=True),
)

edits = sa.Table(
    "edits",
    metadata,
    _plan(primary_key=True),
    sa.Column("edit_id", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),  # 1, 2, ... in the plan
    sa.Column("revision", sa.Integer, nullable=False),  # of the plan, with the edit
    sa.Column("base", sa.Text, nullable=False),  # edit_id of the edit before, "" for the first
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("forced", sa.Boolean, nullable=False),
    sa.Column("effects", sa.JSON, nullable=False),
    sa.Column("delta", sa.JSON, nullable=False),  # how the edit is taken back
    sa.UniqueConstraint("plan_id", "sequence"),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # in the order of committing
    _plan(),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # of the plan, afterwards
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),  # of the plan as it was when the step was taken
    sa.Column("details", sa.JSON, nullable=False),
    sa.Index(None, "plan_id"),
)

publications = sa.Table(
    "publications",
    metadata,
    _plan(primary_key=True),
    sa.Column("number", sa.Integer, nullable=False, unique=True),  # 1, 2, ... in the store
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("published_by", sa.Text, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
)

retirements = sa.Table(
    "retirements",
    metadata,
    _plan(primary_key=True),  # a plan is retired once: of two who publish on the same base, one wins
    _optional_plan("successor"),
    sa.Column("valid_to", sa.Date, nullable=False),  # first day on which the plan is not in force
    sa.Column("retired_by", sa.Text, nullable=False),
    sa.Column("retired_at", UtcDateTime, nullable=False),
)

grids = sa.Table(
    "grids",
    metadata,
    _plan(primary_key=True),
    sa.Column("grid_code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("community_code", sa.Text, nullable=False),
    sa.Column("households", sa.BigInteger, nullable=False),
    sa.Column("persons", sa.BigInteger),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.Column("work_min", sa.BigInteger, nullable=False),
    sa.Column("area_m2", sa.Double, nullable=False),
    sa.Column("compactness", sa.Double, nullable=False),
    sa.Column("locked", sa.Integer, nullable=False),
    sa.Column("srid", sa.Integer, nullable=False),  # EPSG code of the plan's CRS, 0 where it has none
    sa.Column("geometry", sa.LargeBinary, nullable=False),  # WKB; PostGIS has it as a geometry too, in `geom`
    sa.Index(None, "grid_code"),
)

lineage = sa.Table(
    "lineage",
    metadata,
    _plan(primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("old_code", sa.Text),
    sa.Column("new_code", sa.Text),
    sa.Column("change", sa.Text, nullable=False),
    sa.Column("households", sa.BigInteger, nullable=False),
    sa.Index(None, "old_code"),
)

codes = sa.Table(
    "codes",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("grid_code", sa.Text, primary_key=True),
    sa.Column("issued_by", sa.ForeignKey("plans.plan_id"), nullable=False),  # the plan that brought the code
    _optional_plan("retired_by"),
)

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),  # the beginning of the key, which may be shown
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),  # viewer, dispatcher, planner, admin
    sa.Column("scope", sa.Text, nullable=False),  # prefix of the codes that it sees
    sa.Column("digest", sa.String(64), nullable=False),  # SHA-256 of the whole key, which is kept nowhere
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("revoked_by", sa.Text),
    sa.Column("revoked_at", UtcDateTime),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # in the order of committing, no gap
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("scope", sa.Text, nullable=False),  # prefix of the codes that it concerns
    sa.Column("details", sa.Text, nullable=False),  # canonical JSON, of which the digest is made
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),  # digest of the record before
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),  # plan, revise, replan
    sa.Column("scope", sa.Text, nullable=False),  # prefix of the codes that it plans
    sa.Column("holds", sa.JSON, nullable=False),  # prefixes of codes that no other job may plan meanwhile
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("limit_s", sa.Double, nullable=False),  # seconds that it may run
    sa.Column("state", sa.Text, nullable=False),  # queued, running, done, failed, cancelled
    sa.Column("version", sa.Integer, nullable=False),  # one more with each change that is told
    sa.Column("attempts", sa.Integer, nullable=False),  # how often it was begun since it was asked for, or resumed
    sa.Column("token", sa.Text),  # of the process that runs it; another's results are not taken
    sa.Column("lease_until", UtcDateTime),  # when that process counts as dead unless it says otherwise
    sa.Column("started_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),  # communities planned
    sa.Column("total", sa.Integer, nullable=False),
    _optional_plan("plan_id"),  # the draft that it made or changed
    sa.Column("error", sa.JSON(none_as_null=True)),
    sa.Index(None, "state"),
)
