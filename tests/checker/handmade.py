"""
A small plan made by hand, with every kind of exception, all of them true.

    community   today's grids         grids of the plan, households
    A 6 x 3     A007 locked, column 0  A007 300 locked, unchanged
      units     A001 column 1          A001 300 unchanged
      of 100    A002 columns 2 and 3   A002 300 changed (column 2), A008 300 split (column 3)
                                       A009 300 (column 4, one compound), A010 300 exclusive (column 5)
    B 3 x 1     none                   B001 700 a tower without entrances, B002 250 all that is left
    C 3 x 1     none                   C001 0 households
    D 1 x 1     none                   D001 400, D002 400: halves of one tower with entrances
    E 2 x 1     none                   E001 550: two units, 275 each, no number of grids fits

A river runs between columns 1 and 2 of A; a bridge crosses it.
Each unit is a square of 100 m with a house of 10 m in its middle. Codes have 12 digits, as real ones do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF"})  # a hundred small files need no fsync

CRS = "EPSG:4549"
EAST, NORTH = 500_000.0, 5_280_000.0
SIDE = 100.0
CODE = {letter: f"{230718001000 + row:012d}" for row, letter in enumerate("ABCDE", start=1)}
# Community: columns, rows, and the south-west corner in squares.
_EXTENT = {"A": (6, 3, 0, 0), "B": (3, 1, 7, 0), "C": (3, 1, 0, 4), "D": (1, 1, 7, 4), "E": (2, 1, 8, 4)}
_HOUSEHOLDS = {"A": 100, "C": None, "E": 275}
_B_HOUSEHOLDS = (700, 150, 100)


def code(short: str) -> str:
    """Return the code of a grid from its short name: ``A007``."""
    return CODE[short[0]] + short[1:]


def square(x: float, y: float, width: float = 1, height: float = 1) -> Any:
    """Return a rectangle given in squares of 100 m."""
    west, south = EAST + x * SIDE, NORTH + y * SIDE
    return shapely.box(west, south, west + width * SIDE, south + height * SIDE)


def house(x: float, y: float) -> Any:
    """Return the footprint in the middle of a square."""
    west, south = EAST + (x + 0.5) * SIDE, NORTH + (y + 0.5) * SIDE
    return shapely.box(west - 5, south - 5, west + 5, south + 5)


def frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return rows as a frame in the hand-made plan's CRS."""
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


@dataclass
class Files:
    """The layers of a source and a plan, to be broken and written."""

    source: dict[str, Any]
    plan: dict[str, Any]
    report: dict[str, Any] | None = field(default_factory=dict)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write both GeoPackages and the report; return the paths of source and plan."""
        paths = folder / "source.gpkg", folder / "plan.gpkg"
        for path, layers in zip(paths, (self.source, self.plan), strict=True):
            for name, layer in layers.items():
                pyogrio.write_dataframe(layer, path, layer=name)
        if self.report is not None:
            (folder / "plan.report.json").write_text(json.dumps(self.report), encoding="utf-8")
        return paths


def make_files() -> Files:
    """Return the source and the plan, both sound."""
    units = _units()
    plan = _plan(units)
    return Files(_source(units), plan, _report(plan["grids"]))


def _units() -> list[dict[str, Any]]:
    """Return all squares in order with their grid, households and compound."""
    rows = []
    for letter, (columns, height, west, south) in _EXTENT.items():
        for column in range(columns):
            for row in range(height):
                place = {"letter": letter, "column": column, "x": west + column, "y": south + row}
                rows.append({**place, "id": f"{letter}{column}{row}", "grid": _grid_of(letter, column)})
    return rows


def _grid_of(letter: str, column: int) -> str:
    if letter == "A":
        return ("A007", "A001", "A002", "A008", "A009", "A010")[column]
    return "B001" if (letter, column) == ("B", 0) else {"B": "B002", "C": "C001", "D": "D001", "E": "E001"}[letter]


def _households(unit: dict[str, Any]) -> int | None:
    if unit["letter"] == "B":
        return _B_HOUSEHOLDS[unit["column"]]
    return 800 if unit["letter"] == "D" else _HOUSEHOLDS[unit["letter"]]


def _source(units: list[dict[str, Any]]) -> dict[str, Any]:
    communities = [
        {"community_code": CODE[letter], "name": letter, "area_kind": "urban", "geometry": square(x, y, columns, rows)}
        for letter, (columns, rows, x, y) in _EXTENT.items()
    ]
    buildings = [
        {
            "building_id": unit["id"],
            "households": _households(unit),
            "persons": 2 * (_households(unit) or 0),
            "compound_id": "K" if unit["grid"] == "A009" else None,
            "geometry": house(unit["x"], unit["y"]),
        }
        for unit in units
        if _households(unit) is not None
    ]
    river = shapely.LineString([(EAST + 2 * SIDE, NORTH - 10), (EAST + 2 * SIDE, NORTH + 3 * SIDE + 10)])
    bridge = shapely.LineString([(EAST + 1.5 * SIDE, NORTH + 1.4 * SIDE), (EAST + 2.5 * SIDE, NORTH + 1.4 * SIDE)])
    present = [("A007", 0, 1, 1), ("A001", 1, 1, 0), ("A002", 2, 2, 0)]
    return {
        "communities": frame(communities),
        "buildings": frame(buildings),
        "barriers": frame([{"kind": "river", "geometry": river}, {"kind": "bridge", "geometry": bridge}]),
        "grids": frame(
            [
                {"grid_code": code(short), "name": short, "locked": locked, "geometry": square(x, 0, width, 3)}
                for short, x, width, locked in present
            ]
        ),
        "exclusive": frame([{"name": "School", "geometry": square(5, 0, 1, 3)}]),
        "entrances": pd.DataFrame({"building_id": ["D00"] * 4, "entrance": list("1234"), "households": [200] * 4}),
    }


def _plan(units: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [row for unit in units for row in _unit_rows(unit)]
    cells = frame(rows)
    violations = [
        ("band", "B001", 700, 500, "unit_over_maximum", 1),
        ("band", "B002", 250, 300, "component_below_minimum", 1),
        ("band", "C001", 0, 300, "no_households", 1),
        ("band", "E001", 550, 500, "total_fits_no_number", 1),
    ]
    listed = pd.DataFrame(violations, columns=["rule", "grid_code", "value", "limit", "reason", "proven"])
    listed["grid_code"] = listed["grid_code"].map(code)
    return {"grids": _grids(cells), "units": cells, "violations": listed, "lineage": _lineage()}


def _unit_rows(unit: dict[str, Any]) -> list[dict[str, Any]]:
    households = _households(unit)
    parts = [(unit["id"], unit["grid"], households or 0, square(unit["x"], unit["y"]))]
    if unit["letter"] == "D":
        halves = [square(unit["x"] + half, unit["y"], 0.5) for half in (0, 0.5)]
        parts = [(f"D00-{n}", f"D00{n}", 400, half) for n, half in enumerate(halves, start=1)]
    return [
        {
            "unit_id": unit_id,
            "building_id": None if households is None else unit["id"],
            "grid_code": code(grid),
            "households": number,
            "work_min": 10 * number,
            "geometry": cell,
        }
        for unit_id, grid, number, cell in parts
    ]


def _grids(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = []
    for number, (grid_code, part) in enumerate(cells.groupby("grid_code"), start=1):
        shape = shapely.union_all(part.geometry.to_numpy())
        rows.append(
            {
                "grid_code": grid_code,
                "name": f"Grid {number}",
                "kind": "exclusive" if grid_code == code("A010") else "basic",
                "community_code": str(grid_code)[:12],
                "households": int(part["households"].sum()),
                "persons": 2 * int(part["households"].sum()),
                "units": int(part["building_id"].nunique()),
                "work_min": int(part["work_min"].sum()),
                "area_m2": shape.area,
                "compactness": 4 * np.pi * shape.area / shape.length**2,
                "locked": int(grid_code == code("A007")),
                "valid_from": pd.Series([None], dtype=object)[0],
                "geometry": shape,
            }
        )
    return frame(rows).astype({"valid_from": "datetime64[ms]"})


def _lineage() -> pd.DataFrame:
    rows = [
        ("A007", "A007", "unchanged", 300),
        ("A001", "A001", "unchanged", 300),
        ("A002", "A002", "changed", 300),
        ("A002", "A008", "split", 300),
        *[(None, short, "new", 300) for short in ("A009", "A010")],
        (None, "B001", "new", 700),
        (None, "B002", "new", 250),
        (None, "C001", "new", 0),
        *[(None, short, "new", 400) for short in ("D001", "D002")],
        (None, "E001", "new", 550),
    ]
    table = pd.DataFrame(rows, columns=["old_code", "new_code", "change", "households"])
    for column in ("old_code", "new_code"):
        table[column] = [None if short is None or short != short else code(short) for short in table[column]]
    return table


def _report(grids: gpd.GeoDataFrame) -> dict[str, Any]:
    basic = grids[grids["kind"] == "basic"]
    measures: dict[str, Any] = {
        "communities": 5,
        "buildings": 24,
        "households": 4100,
        "grids": 12,
        "in_band": 7 / 11,
        "households_in_band": 2300 / 3800,
        "connected": 1.0,
        "violations": 4,
        "violations_proven": 4,
        "violations_unproven": 0,
        "compactness": {"mean": grids["compactness"].mean(), "min": grids["compactness"].min()},
        # Inner borders: five of 300 m in A, one of 100 m each in B and D; the river has 300 m of them.
        "boundary_on_barriers": 300 / 1700,
    }
    for name in ("households", "work_min"):
        mean = basic[name].mean()
        spread = {"mean": mean, "cv": basic[name].std(ddof=0) / mean, "max_to_mean": basic[name].max() / mean}
        measures[f"{name}_per_grid"] = spread
    keys = {"version": "0", "seed": 0, "digest": "", "labels_digest": "", "seconds": {}, "notices": []}
    return {**keys, "measures": measures}
