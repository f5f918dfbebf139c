"""Two districts side by side, and their addresses, for a service to answer from."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import uvicorn
from stored import Clock, draw

from gridplan.incidents.store import Incidents
from gridplan.incidents.store.grounds import ground_of_plans
from gridplan.jobs import Jobs, Kind
from gridplan.plan import Plan
from gridplan.store import Store
from gridplan.store.keys import Keys, Role

OURS, THEIRS = "230718", "230717"
OUR_COMMUNITIES = ("230718001001", "230718001002")
THEIR_COMMUNITIES = ("230717005001", "230717005002")


@dataclass(frozen=True)
class City:
    """A store with the plans of two districts, both in force; ``draft`` is one of ours."""

    store: Store
    clock: Clock
    ours: str
    theirs: str
    draft: str
    addresses: Path
    our_job: str
    their_job: str
    our_incident: str
    their_incident: str
    # Secrets of keys that are there from the beginning, by role and scope.
    secrets: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def known_key(self, role: Role | str, scope: str) -> str:
        """Return the secret of a key of a role and a scope, one that is there where one is."""
        return self.secrets.get((str(role), scope)) or self.key(role, scope)

    def key(self, role: Role | str = Role.VIEWER, scope: str = "") -> str:
        """Make a key and return its secret."""
        return Keys(self.store.engine, self.clock).create(by="test", role=Role(role), scope=scope)[1]


def cancelled_job(store: Store, scope: str) -> str:
    """Return a job that is over, so that nobody waits for what it tells."""
    jobs = Jobs(store.engine)
    job = jobs.add(Kind.PLAN, scope=scope, holds=[scope], request={"source": "none"}, by="x", limit_s=60)
    return jobs.cancel(job.job_id, by="x").job_id


def reported(store: Store, plan_id: str, by: str) -> str:
    """Return an incident that was opened in the first grid of a plan."""
    ground = ground_of_plans(store, [plan_id])
    at = ground.grids.geometry.representative_point().to_crs(4326).iloc[0]
    record = {"source_id": plan_id, "reported_at": "2026-11-01T08:00:00+08:00", "category": "noise"}
    record |= {"lon": at.x, "lat": at.y, "reporter": "张三", "phone": "13912345678", "words": "太吵"}
    return Incidents(store).open(record, ground, by=by, source="窗口").incident.incident_id


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """Serve an application at a real port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@cache
def our_plan() -> Plan:
    """Return the plan of our district."""
    return draw(3, *OUR_COMMUNITIES)


@cache
def their_plan() -> Plan:
    """Return the plan of their district, east of ours."""
    return beside(draw(4, *THEIR_COMMUNITIES))


def beside(plan: Plan) -> Plan:
    """Return a plan moved 800 m to the east, where the other ends, so that two districts do not lie on each other."""
    frames = {name: getattr(plan, name) for name in ("grids", "units")}
    moved = {name: frame.set_geometry(frame.geometry.translate(800, 0)) for name, frame in frames.items()}
    return replace(plan, **moved)


def middle(plan: Plan, row: int) -> tuple[float, float]:
    """Return a point inside a grid, WGS 84 degrees."""
    point = plan.grids.geometry.representative_point().to_crs(4326).iloc[row]
    return point.x, point.y


def addresses() -> pd.DataFrame:
    found = []
    for street, plan in (("龙方路", our_plan()), ("花园街", their_plan())):
        places = plan.units.geometry.representative_point().to_crs(4326)
        for number, (at, home) in enumerate(zip(places, plan.units["building_id"], strict=True), 1):
            if home is not None:
                text = f"黑龙江省伊春市乌翠区乌马河镇锦绣社区{street}{number}号永乐家园{number}号楼"
                found.append((f"{street}-{home}", text, at.x, at.y))
    return pd.DataFrame(found, columns=["address_id", "address", "lon", "lat"])
