"""
Measure saving, loading, editing and publishing a plan of 3,000 grids and some 30,000 units.

    python scripts/measure_store.py [--communities 400] [--postgis URL]

The plan is a lattice: each community has 75 houses on squares of 100 m and is cut into grids of 10 by rule of thumb,
since the store is measured here and not the solver. Beside it, in the same run, GDAL writes and reads the same layers
as a GeoPackage, for the ratio. Times are CPU seconds of this process and wall seconds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan.output import write_plan
from gridplan.plan import Plan, read_plan
from gridplan.planlayers import canonical
from gridplan.store import Store

CRS = "EPSG:4549"
COLUMNS, ROWS, POINTS = 15, 5, 30


def lattice(communities: int) -> Plan:
    """Return a plan of communities of 75 houses, grids of 10 (one of 5), cells with some thirty points each."""
    grids, units, borders = [], [], []
    for number in range(communities):
        code = f"23071{number // 1000:01d}{number // 100 % 10:03d}{number % 100:03d}"
        cells = _cells(number % 20 * 1_600.0 + 500_000, number // 20 * 600.0 + 5_000_000)
        label = np.arange(len(cells)) // 10
        codes = [f"{code}{grid + 1:03d}" for grid in range(label.max() + 1)]
        shapes = [shapely.coverage_union_all(cells[label == grid]) for grid in range(label.max() + 1)]
        names = [f"{code}-{unit + 1:05d}" for unit in range(len(cells))]
        grids.append(_grids(code, codes, shapes, np.bincount(label)))
        units.append(_units(names, [codes[grid] for grid in label], cells))
        borders.append(pd.DataFrame({"first": names[:-1], "second": names[1:], "length_m": 100.0, "near_m": 12.5}))
    layers = {"grids": grids, "units": units, "borders": borders}
    made = {name: canonical(name, pd.concat(parts, ignore_index=True), CRS) for name, parts in layers.items()}
    empty = {name: canonical(name, pd.DataFrame()) for name in ("violations", "communities")}
    pairs = pd.DataFrame({"new_code": made["grids"]["grid_code"], "change": "new", "households": 400})
    return Plan(
        lineage=canonical("lineage", pairs), report={"rules": {}, "measures": {}, "source": "lattice"}, **made, **empty
    )


def _cells(west: float, south: float) -> Any:
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(COLUMNS), np.arange(ROWS)))
    squares = shapely.box(west + 100 * x, south + 100 * y, west + 100 * x + 100, south + 100 * y + 100)
    return shapely.segmentize(squares, 400 / POINTS)


def _grids(code: str, codes: list[str], shapes: list[Any], counts: Any) -> gpd.GeoDataFrame:
    whole = {"households": 400, "persons": 1_000, "work_min": 7_000, "locked": 0, "units": counts}
    real = {"area_m2": shapely.area(shapes), "compactness": 0.7}
    text = {
        "grid_code": codes,
        "name": [f"第{code[-3:]}网格" for code in codes],
        "kind": "basic",
        "community_code": code,
    }
    return gpd.GeoDataFrame({**text, **whole, **real}, geometry=shapes, crs=CRS)


def _units(names: list[str], codes: list[str], cells: Any) -> gpd.GeoDataFrame:
    values = {"unit_id": names, "building_id": [f"b{name}" for name in names], "grid_code": codes}
    return gpd.GeoDataFrame({**values, "households": 40, "work_min": 700}, geometry=cells, crs=CRS)


def timed(what: str, call: Callable[[], Any]) -> Any:
    """Call, print CPU and wall seconds, and return the result."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = call()
    row = f"{what:<40} {time.process_time() - cpu:6.2f} CPU s  {time.perf_counter() - wall:6.2f} s"
    sys.stdout.write(row + "\n")
    sys.stdout.flush()
    return result


def renamed(plan: Plan) -> Plan:
    """Return a plan in which one grid has another name: what an edit of one community changes in the layers."""
    names = plan.grids["name"].copy()
    names.iloc[7] = "新名"
    return replace(plan, grids=plan.grids.assign(name=names))


def measure(title: str, store: Store, plan: Plan) -> None:
    """Measure what a planner waits for."""
    sys.stdout.write(f"\n{title}\n")
    draft = timed("save a draft", lambda: store.save_draft(plan, author="x"))
    timed("save it again, one community changed", lambda: store.save_draft(renamed(plan), author="x"))
    timed("load it", lambda: store.load(draft.plan_id))
    timed("publish it", lambda: store.publish(draft.plan_id, by="x"))
    second = store.save_draft(renamed(plan), author="x").plan_id
    timed("publish the next in its place", lambda: store.publish(second, by="x"))
    timed("which plan is in force", store.all_in_force)
    timed("verify all", store.verify)
    with tempfile.TemporaryDirectory() as folder:
        timed("backup", lambda: store.backup(Path(folder) / "backup.sqlite"))
        size = (Path(folder) / "backup.sqlite").stat().st_size / 1e6
        sys.stdout.write(f"the backup has {size:.1f} MB\n")
        timed("restore", lambda: store.restore(Path(folder) / "backup.sqlite", overwrite=True))


def main() -> None:
    """Measure both databases and the peer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--communities", type=int, default=400)
    parser.add_argument("--postgis", metavar="URL", help="an empty database; leave out to measure SQLite alone")
    asked = parser.parse_args()
    plan = lattice(asked.communities)
    sys.stdout.write(f"{len(plan.grids)} grids, {len(plan.units)} units\n\nGeoPackage, written and read by GDAL\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.gpkg"
        timed("write a plan", lambda: write_plan(plan, path))
        timed("read it", lambda: read_plan(path))
        with Store.open(Path(folder) / "plans.sqlite") as store:
            measure("SQLite", store, plan)
    if asked.postgis:
        with Store.open(asked.postgis) as store:
            measure("PostGIS", store, plan)


if __name__ == "__main__":
    main()
