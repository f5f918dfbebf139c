"""Stand-ins for what a planner brings: next year's census, the files of an office, and a finger on the map."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np

from gridplan import Plan
from gridplan.diff import shared_out
from gridplan.errors import EditRefused
from gridplan.synthetic.office import write_office

#: The files of an office, with slips: as `gridplan demo` writes them too.
office_files = write_office


def neighbour(plan: Plan, code: str) -> str:
    """Return the grid beside a grid: the one with the longest common border of its own kind and community."""
    grids = plan.grids.set_index("grid_code")
    alike = grids[["community_code", "kind"]].eq(grids.loc[code, ["community_code", "kind"]]).all(axis=1)
    others = grids[alike & (grids.index != code)]
    shared = others.intersection(grids.geometry[code]).length
    return str(shared.idxmax())


def smallest(plan: Plan) -> str:
    """Return the basic grid with the fewest households that has a neighbour."""
    basic = plan.grids[plan.grids["kind"] == "basic"].sort_values(["households", "grid_code"])
    return str(basic["grid_code"].iloc[0])


def easy_move(plan: Plan) -> tuple[str, str]:
    """Return a building and the grid beside it that it can go over to with no rule broken."""
    for to in plan.grids[plan.grids["kind"] == "basic"].sort_values("households")["grid_code"]:
        source = neighbour(plan, to)
        units = plan.units[(plan.units["grid_code"] == source) & (plan.units["households"] > 0)]
        border = plan.grids.set_index("grid_code").geometry[to]
        for building in units[units.touches(border)].sort_values("households")["building_id"].dropna().head(5):
            try:
                plan.move(building, to=to)
            except EditRefused:
                continue
            return str(building), str(to)
    raise LookupError("no building can change grid without breaking a rule")


def census(source: Path, folder: Path, *, seed: int = 7) -> Path:
    """Write the source's buildings with made-up counts of next year: two quarters grow, one loses, the rest drifts."""
    rng = np.random.default_rng(seed)
    buildings = gpd.read_file(source, layer="buildings")
    households = buildings["households"].to_numpy(dtype=float) * rng.normal(1.0, 0.02, len(buildings))
    xy = np.column_stack([buildings.centroid.x, buildings.centroid.y])
    for factor in (1.5, 1.3, 0.6):
        middle = xy[rng.integers(len(xy))]
        households[np.hypot(*(xy - middle).T) < 150.0] *= factor
    buildings["households"] = np.rint(households).astype(np.int64)
    path = folder / "census.gpkg"
    buildings[["building_id", "households", "geometry"]].to_file(path, layer="buildings")
    _entrances(source, buildings).to_file(path, layer="entrances")
    return path


def _entrances(source: Path, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the entrances with the new households of their building, shared out as before."""
    entrances = gpd.GeoDataFrame(gpd.read_file(source, layer="entrances"))
    total = buildings.set_index("building_id")["households"]
    for building, rows in entrances.groupby("building_id"):
        shares = shared_out(int(total[building]), rows["households"] + 1)
        entrances.loc[rows.index, "households"] = shares.astype("int64")
    return entrances[["building_id", "entrance", "households", "geometry"]]
