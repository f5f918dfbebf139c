"""Matters in the drawn district: two categories, every day, some late and some open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gridplan.plan import Plan
from gridplan.store import Store
from gridplan.store.incident_tables import incidents

DAYS = 60
CATEGORIES = ("noise", "rubbish")


def matters(plan: Plan, plan_id: str, now: datetime) -> list[dict[str, Any]]:
    """Return a matter for each of the last 60 days and each grid; each third is late, each fifth open."""
    places = plan.grids.geometry.representative_point().to_crs(4326)
    made = []
    for back in range(DAYS):
        for row, code in enumerate(plan.grids["grid_code"]):
            number = back * len(plan.grids) + row
            reported = now - timedelta(days=back, hours=1)
            due = reported + timedelta(days=3)
            closed = None if number % 5 == 0 else reported + timedelta(days=4 if number % 3 == 0 else 1)
            made.append(
                {
                    "incident_id": f"m{number}", "source": "test", "source_id": str(number), "digest": "0" * 32,
                    "scope": "230718", "reported_at": reported, "category": CATEGORIES[number % 2],
                    "category_said": "", "level": "general", "workflow": "city",
                    "state": "filed" if closed is None else "closed", "holder": "grid", "due_at": due,
                    "closed_at": closed, "rating": "", "lon": places.iloc[row].x, "lat": places.iloc[row].y,
                    "precision_m": 1.0, "placed_by": "point", "match_level": "", "grid_code": code,
                    "plan_id": plan_id, "sequence": 1,
                }
            )  # fmt: skip
    return made


def record(store: Store, plan: Plan, plan_id: str, now: datetime) -> None:
    """Put the matters into a store."""
    with store.engine.begin() as connection:
        connection.execute(sa.insert(incidents), matters(plan, plan_id, now))
