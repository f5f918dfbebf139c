"""Ways to break the hand-made plan, one promise at a time."""

from collections.abc import Callable

import pandas as pd
import shapely
from handmade import Files, code, square

Break = Callable[[Files], None]


def put(layer: str, column: str, value: object, **where: str) -> Break:
    """Return a break that sets a column of the plan's rows where other columns have the given values."""

    def change(files: Files) -> None:
        table = files.plan[layer]
        chosen = pd.Series(True, index=table.index)
        for name, wanted in where.items():
            chosen &= table[name] == wanted
        assert chosen.any()
        table.loc[chosen, column] = value

    return change


def add_violation(rule: str, short: str, reason: str, value: int = 300, limit: int = 500) -> Break:
    def change(files: Files) -> None:
        row = {"rule": rule, "grid_code": code(short), "value": value, "limit": limit, "reason": reason, "proven": 1}
        files.plan["violations"] = pd.concat([files.plan["violations"], pd.DataFrame([row])], ignore_index=True)

    return change


def drop(layer: str, column: str, value: str) -> Break:
    def change(files: Files) -> None:
        table = files.plan[layer]
        kept = table[column] != value
        assert not kept.all()
        files.plan[layer] = table[kept]

    return change


def recode(old: str, new: str) -> Break:
    """Return a break that gives a grid another code, throughout the plan."""

    def change(files: Files) -> None:
        for layer, columns in (("grids", ["grid_code"]), ("units", ["grid_code"]), ("lineage", ["new_code"])):
            files.plan[layer][columns] = files.plan[layer][columns].replace(code(old), code(new))

    return change


def remap(layer: str, column: str, function: Callable[..., object]) -> Break:
    def change(files: Files) -> None:
        files.plan[layer][column] = files.plan[layer][column].map(function)

    return change


def together(*breaks: Break) -> Break:
    def change(files: Files) -> None:
        for one in breaks:
            one(files)

    return change


def join(*shorts: str) -> Break:
    """Return a break that merges grids into the first of them, as a planner without scruples would."""

    def change(files: Files) -> None:
        units, lineage = files.plan["units"], files.plan["lineage"]
        merged = {code(short): code(shorts[0]) for short in shorts}
        units["grid_code"] = units["grid_code"].replace(merged)
        lineage["new_code"] = lineage["new_code"].replace(merged)
        recount(files)

    return change


def move(unit_id: str, short: str) -> Break:
    """Return a break that moves one unit to another grid and sets all sums right again."""

    def change(files: Files) -> None:
        units = files.plan["units"]
        units.loc[units["unit_id"] == unit_id, "grid_code"] = code(short)
        recount(files)

    return change


def recount(files: Files) -> None:
    """Make polygons, sums and measures of the grids agree with their units."""
    units, grids = files.plan["units"], files.plan["grids"].set_index("grid_code")
    grids = grids[grids.index.isin(set(units["grid_code"]))]
    for grid_code, part in units.groupby("grid_code"):
        shape = shapely.union_all(part.geometry.to_numpy())
        households = int(part["households"].sum())
        values = (households, 2 * households, part["building_id"].nunique(), 10 * households)
        grids.loc[grid_code, ["households", "persons", "units", "work_min"]] = values
        grids.loc[grid_code, ["area_m2", "compactness"]] = (
            shape.area,
            4 * 3.141592653589793 * shape.area / shape.length**2,
        )
        grids.loc[grid_code, "geometry"] = shape
    files.plan["grids"] = grids.reset_index()


def reshape(layer: str, ids: str, value: str, function: Callable[[object], object]) -> Break:
    def change(files: Files) -> None:
        table = files.plan[layer]
        chosen = table[ids] == value
        table.loc[chosen, "geometry"] = [function(shape) for shape in table.geometry[chosen]]

    return change


def to_crs(crs: str) -> Break:
    def change(files: Files) -> None:
        for layer in ("grids", "units"):
            files.plan[layer] = files.plan[layer].to_crs(crs)

    return change


def source_rows(layer: str, column: str, value: object, of: str, where: str) -> Break:
    def change(files: Files) -> None:
        table = files.source[layer]
        assert (table[of] == where).any()
        table.loc[table[of] == where, column] = value

    return change


def widen_hole(files: Files) -> None:
    """Leave a square of half a metre inside A001 in no grid and no cell."""
    hole = square(1.2, 1.2, 0.005, 0.005)
    for layer in ("grids", "units"):
        table = files.plan[layer]
        table["geometry"] = shapely.difference(table.geometry.to_numpy(), hole)


def corner_grid(files: Files) -> None:
    """Exchange two squares, so that each grid has one that touches its others at a corner alone."""
    move("A30", "A009")(files)
    move("A40", "A008")(files)


def overlapping(files: Files) -> None:
    reshape("grids", "grid_code", code("A001"), lambda shape: shapely.union(shape, square(2, 1, 0.01)))(files)


def without_bridge(files: Files) -> None:
    barriers = files.source["barriers"]
    files.source["barriers"] = barriers[barriers["kind"] != "bridge"]
    across_river(files)


def across_river(files: Files) -> None:
    """Give A001 the square on the other bank to which the bridge leads."""
    move("A21", "A001")(files)


def float_ids(files: Files) -> None:
    files.plan["grids"]["grid_code"] = files.plan["grids"]["grid_code"].astype(float)


def measured(name: str, value: float) -> Break:
    """Return a break that makes the report claim another measure."""

    def change(files: Files) -> None:
        assert files.report is not None
        files.report["measures"][name] = value

    return change
