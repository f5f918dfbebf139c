"""
The tables of incidents: what was reported, who reported it, what was done, what a person has to look at.

``migrations/versions/v0005_incidents.py`` makes them; a test holds the two together. Who reported, telephone, exact
address and words stand in a table of their own, so that a reader of the others learns of nobody.
"""

from __future__ import annotations

import sqlalchemy as sa

from gridplan.store.tables import UtcDateTime, metadata

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("incident_id", sa.Text, primary_key=True),  # made of source and source_id
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("digest", sa.String(32), nullable=False),  # of what the source said, so that no change goes unseen
    sa.Column("scope", sa.Text, nullable=False),  # prefix of codes of who brought it: who sees it while it has no grid
    sa.Column("reported_at", UtcDateTime, nullable=False),
    sa.Column("category", sa.Text, nullable=False),  # code in the tree of categories, "" for unknown
    sa.Column("category_said", sa.Text, nullable=False),  # as the source calls it
    sa.Column("level", sa.Text, nullable=False),  # emergency, key, general, coordination
    sa.Column("workflow", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # of the workflow
    sa.Column("holder", sa.Text, nullable=False),  # who has it to do: grid, community, street, district
    sa.Column("due_at", UtcDateTime),
    sa.Column("escalate_at", UtcDateTime),  # when it goes to the next level unless something is done
    sa.Column("paused_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("on_time", sa.Integer),  # 1 or 0: what the source itself says; null where it says nothing
    sa.Column("rating", sa.Text, nullable=False),  # satisfied, unsatisfied, "" where nobody was asked or answered
    sa.Column("minutes", sa.Double),  # work that it took, where known
    sa.Column("lon", sa.Double),  # WGS 84, degrees: of the point, or of the address that was matched
    sa.Column("lat", sa.Double),
    sa.Column("precision_m", sa.Double),  # metres to which the coordinates are rounded
    sa.Column("placed_by", sa.Text, nullable=False),  # point, address, both, person, "" where in no grid
    sa.Column("match_level", sa.Text, nullable=False),  # of the address: room, building, door, road, ...
    sa.Column("confidence", sa.Double),
    sa.Column("grid_code", sa.Text),
    sa.Column("plan_id", sa.ForeignKey("plans.plan_id")),
    sa.Column("sequence", sa.Integer, nullable=False),  # of its newest step: who changes it names the one he saw
    sa.UniqueConstraint("source", "source_id"),
    sa.Index(None, "reported_at"),
    sa.Index(None, "grid_code", "reported_at"),
    sa.Index(None, "closed_at", "due_at"),
)

incident_people = sa.Table(
    "incident_people",
    metadata,
    sa.Column("incident_id", sa.ForeignKey("incidents.incident_id"), primary_key=True),
    sa.Column("reporter", sa.Text, nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),  # what was said; may name anybody
)

incident_steps = sa.Table(
    "incident_steps",
    metadata,
    sa.Column("incident_id", sa.ForeignKey("incidents.incident_id"), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),  # 1, 2, ... in the incident
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # afterwards
    sa.Column("holder", sa.Text, nullable=False),  # afterwards
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
)

incident_reviews = sa.Table(
    "incident_reviews",
    metadata,
    sa.Column("incident_id", sa.ForeignKey("incidents.incident_id"), primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("candidates", sa.JSON, nullable=False),
    sa.Column("question", sa.Text, nullable=False),  # what to ask the caller
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    sa.Column("settled_by", sa.Text),
    sa.Index(None, "settled_at"),
)

incident_imports = sa.Table(
    "incident_imports",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("report", sa.JSON, nullable=False),
)
