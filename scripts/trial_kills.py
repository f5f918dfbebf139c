"""
Kill planners with SIGKILL while they save, edit, publish, discard and sweep; look whether anything is lost or halved.

    python scripts/trial_kills.py --kills 1000                      # SQLite
    python scripts/trial_kills.py --kills 200 --postgis             # a PostGIS server of its own; each fourth kill
                                                                    # is of the server and all its processes

A planner is a process that goes on and on: it saves a draft that follows the plan in force, saves an edit of it,
publishes, discards another draft and sweeps it. Whatever a call returned is reported through a pipe. Half of the kills
come by the clock, half before the n-th statement or commit that the planner sends. Then the store is opened again: all
that was reported must be there, and nothing that is there may be a half. ``docs/store.md`` has the results.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridplan.errors import StoreUnavailableError
from gridplan.plan import Plan, build_plan
from gridplan.rules import Rules
from gridplan.sources import read_source
from gridplan.store import State, Store
from gridplan.store.engine import reading
from gridplan.store.tables import (
    chunks,
    codes,
    edits,
    events,
    grids,
    lineage,
    parts,
    plans,
    publications,
    retirements,
)

SERVER = Path(__file__).with_name("postgis.sh")
# A planner's round sends about 98 statements and takes about 0.2 s of CPU: kills fall anywhere in it.
STATEMENTS, LONGEST_S = 120, 0.5


@dataclass
class Tally:
    """What the trial saw: kills, those of the server, what was reported, and drafts kept before their report."""

    kills: int = 0
    of_server: int = 0
    reported: dict[str, int] = field(default_factory=dict)
    unreported: int = 0


def planner(url: str, pipe: int, fatal: int | None, drawn: tuple[Plan, Plan]) -> None:
    """Save, edit and publish until killed; report each thing that is done; die before statement number `fatal`."""
    with Store.open(url) as store:
        _die_at(store.engine, fatal)
        _report(pipe, "ready")
        while True:
            (base,) = store.all_in_force()
            first, second = (_anew(plan, str(time.time_ns())) for plan in drawn)
            draft = store.save_draft(first, author="李娜", base=base.plan_id)
            _report(pipe, "draft", draft.plan_id, 1)
            _report(pipe, "edit", store.save_edits(draft.plan_id, second).plan_id, 2)
            waste = store.save_draft(_anew(plan=second, word=f"waste {time.time_ns()}"), author="李娜")
            _report(pipe, "waste", waste.plan_id)
            _report(pipe, "publish", store.publish(draft.plan_id, by="王强").plan_id, 2)
            _report(pipe, "discard", store.discard(waste.plan_id, by="李娜").plan_id)
            store.sweep(by="赵敏", days=0)
            _report(pipe, "sweep", waste.plan_id)


def _anew(plan: Plan, word: str) -> Plan:
    """Return a plan that has rows nobody saved before."""
    names = pd.Series([f"{word}-{row}" for row in range(len(plan.grids))], dtype=object)
    return replace(plan, grids=plan.grids.assign(name=names), report={**plan.report, "word": word})


def _die_at(engine: sa.Engine, fatal: int | None) -> None:
    sent = 0

    def count(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(engine, "before_cursor_execute", count)
    sa.event.listen(engine, "commit", count)


def _report(pipe: int, what: str, plan_id: str = "", n_edits: int = 0) -> None:
    os.write(pipe, (json.dumps([what, plan_id, n_edits]) + "\n").encode())


def one_kill(
    url: str, drawn: tuple[Plan, Plan], rng: np.random.Generator, kill_server: Callable[[], None] | None
) -> list[list[Any]]:
    """Let a planner work, kill it or its server, and return what it had reported."""
    fatal = int(rng.integers(1, STATEMENTS)) if kill_server is None and rng.random() < 0.5 else None
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with contextlib.suppress(StoreUnavailableError):
            planner(url, writer, fatal, drawn)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as lines:
        lines.readline()  # it is ready
        if fatal is None:
            _let_work(child, float(rng.uniform(0.0, LONGEST_S)))
            kill_server() if kill_server is not None else os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        said = [json.loads(line) for line in lines]
    if kill_server is None and not os.WIFSIGNALED(status):
        raise SystemExit(f"the planner ended by itself: status {status}")
    return said


def _let_work(process: int, seconds: float) -> None:
    """Wait until a process has used seconds of CPU, however busy the machine is."""
    clock = (~process << 3) | 2  # the kernel's name of the process's CPU clock
    begun = time.clock_gettime(clock)
    with contextlib.suppress(OSError):  # it ended, since its server did
        while time.clock_gettime(clock) - begun < seconds:
            time.sleep(0.002)


def check(store: Store, reported: list[list[Any]]) -> None:
    """Demand that all that was reported is there, and that nothing is a half."""
    for what, plan_id, n_edits in reported:
        info = store.info(plan_id)
        if what in ("waste", "discard", "sweep"):
            _demand(what == "waste" or info.state == State.DISCARDED, f"{plan_id}: a discard is lost")
            _demand(what != "sweep" or not info.digest, f"{plan_id}: a sweep is lost")
            continue
        _demand(len(store.edits(plan_id)) >= n_edits, f"{plan_id}: an edit is lost")
        _demand(len(store.load(plan_id).edits) >= n_edits, f"{plan_id}: an edit cannot be read")
        _demand(what != "publish" or info.number is not None, f"{plan_id}: a publication is lost")
    store.verify()
    with reading(store.engine) as connection:
        halves = {name: list(connection.execute(query)) for name, query in _HALVES.items()}
    _demand(not any(halves.values()), f"half a thing is there: {halves}")
    _demand(len(store.all_in_force()) == 1, "not one plan is in force")


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def _without(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return ~sa.exists().where(table.c.plan_id == plans.c.plan_id, *conditions)


def _published(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(plans.c.plan_id).join(publications, publications.c.plan_id == plans.c.plan_id).where(*conditions)


_N_EDITS = sa.select(sa.func.count()).where(edits.c.plan_id == plans.c.plan_id).scalar_subquery()
_LAST_EDIT = sa.select(sa.func.coalesce(sa.func.max(edits.c.revision), 0)).where(edits.c.plan_id == plans.c.plan_id)
_HALVES = {
    "published in one table alone": sa.select(plans.c.plan_id).where(
        (plans.c.state == State.PUBLISHED.value) == _without(publications)
    ),
    "published without grids": _published(_without(grids)),
    "published without lineage": _published(_without(lineage)),
    "published without a step": _published(_without(events, events.c.action == "publish")),
    "retired without a step": sa.select(retirements.c.plan_id).where(
        ~sa.exists().where(events.c.plan_id == retirements.c.plan_id, events.c.action == "supersede")
    ),
    "retired by no publication": sa.select(retirements.c.plan_id).where(
        ~sa.exists().where(publications.c.plan_id == retirements.c.successor)
    ),
    "grids without a publication": sa.select(grids.c.plan_id).where(
        ~sa.exists().where(publications.c.plan_id == grids.c.plan_id)
    ),
    "codes without an issue": sa.select(grids.c.grid_code).where(
        ~sa.exists().where(codes.c.grid_code == grids.c.grid_code)
    ),
    "swept without a step": sa.select(plans.c.plan_id).where(
        (plans.c.digest == "") == _without(events, events.c.action == "sweep")
    ),
    "swept in part": sa.select(plans.c.plan_id).where((plans.c.digest == "") != _without(parts)),
    "a chunk that nothing is made of": sa.select(chunks.c.digest).where(
        ~sa.exists().where(parts.c.digest == chunks.c.digest)
    ),
    "saved without a step": sa.select(plans.c.plan_id).where(_without(events, events.c.action == "save")),
    "a draft without its edit": sa.select(plans.c.plan_id).where(
        sa.or_(plans.c.revision != _LAST_EDIT.scalar_subquery(), sa.and_(plans.c.base > 0, _N_EDITS == 0))
    ),
}


def trial(url: str, plan: Plan, kills: int, seed: int, kill_server: Callable[[], None] | None = None) -> Tally:
    """
    Kill planners, and check the store after each.

    Parameters
    ----------
    url
        Of an empty store.
    plan
        Plan that is published first.
    kills
        How many.
    seed
        Of the moments.
    kill_server
        Kills the database server and starts it again, each fourth time; None kills planners alone.

    Raises
    ------
    AssertionError
        If anything was lost or halved.
    """
    rng, tally = np.random.default_rng(seed), Tally()
    with Store.open(url) as store:
        begun = store.begin(store.publish(plan, by="李娜").plan_id)
        code = begun.grids["grid_code"].iloc[0]
        once = begun.rename(code, "甲", author="李娜")
        drawn = (once, once.rename(code, "乙", author="王强"))
    for number in range(kills):
        server = kill_server if number % 4 == 3 else None
        said = one_kill(url, drawn, rng, server)
        with Store.open(url) as store:
            check(store, said)
            n_plans = len(store.plans())
        tally.kills, tally.of_server = number + 1, tally.of_server + (server is not None)
        for what, *_ in said:
            tally.reported[what] = tally.reported.get(what, 0) + 1
        tally.unreported = n_plans - 1 - tally.reported.get("draft", 0) - tally.reported.get("waste", 0)
    return tally


@contextlib.contextmanager
def own_server() -> Iterator[tuple[str, Callable[[], None]]]:
    """Start a PostGIS server; give its URL, and what kills and restarts it."""
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)  # noqa: S103  the server runs as a user of its own
        folder = Path(scratch) / "server"
        url = _server("start", folder)

        def kill() -> None:
            postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            processes = [postmaster, *_children(postmaster)]
            for process in processes:
                os.kill(process, signal.SIGKILL)
            while any(Path(f"/proc/{process}").exists() for process in processes):
                time.sleep(0.05)
            _server("run", folder)

        try:
            yield url, kill
        finally:
            _server("stop", folder)


def _server(action: str, folder: Path) -> str:
    done = subprocess.run([SERVER, action, folder], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603  ours
    return done.stdout.strip()


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(process) for process in listed.split()]


def small_plan() -> Plan:
    """Return a plan of two communities of 24 houses each: small, so that most of the time is the store's."""
    from gridplan.sources.gdal import write_geopackage

    west, south, crs = 500_000, 5_280_000, "EPSG:4549"
    ground = [shapely.box(west + 600 * place, south, west + 600 * place + 600, south + 400) for place in (0, 1)]
    places = [shapely.Point(west + 50 + 100 * x, south + 50 + 100 * y) for x in range(12) for y in range(4)]
    named = {"building_id": [f"b{row}" for row in range(48)], "households": [40] * 48}
    layers = {
        "communities": gpd.GeoDataFrame({"community_code": ["230718001001", "230718001002"]}, geometry=ground, crs=crs),
        "buildings": gpd.GeoDataFrame(named, geometry=places, crs=crs),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source.gpkg"
        write_geopackage(path, layers)
        return build_plan(read_source(path), Rules(), effort="quick")


def main() -> None:
    """Run the trial and print what it saw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=25, help="kills in one store, then a new one")
    parser.add_argument("--postgis", action="store_true")
    asked = parser.parse_args()
    plan = small_plan()
    sys.stdout.write(f"{len(plan.grids)} grids, {len(plan.units)} units\n")
    for first in range(0, asked.kills, asked.each):
        kills = min(asked.each, asked.kills - first)
        with contextlib.ExitStack() as stack:
            if asked.postgis:
                url, kill = stack.enter_context(own_server())
            else:
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                url, kill = f"sqlite:///{folder}/plans.sqlite", None
            tally = trial(url, plan, kills, asked.seed + first, kill)
        sys.stdout.write(f"{first + kills} kills: {tally}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
