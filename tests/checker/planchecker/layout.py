"""The frame of a plan file: layers, columns, types of columns, CRS, ids as text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pyproj import CRS

_TEXT = {"TEXT"}
_WHOLE = {"INTEGER", "INT", "MEDIUMINT", "SMALLINT", "TINYINT", "BOOLEAN"}
_REAL = {"REAL", "DOUBLE", "FLOAT"}
_DATE = {"DATE", "DATETIME", "TEXT"}
_SHAPE = {"POLYGON", "MULTIPOLYGON", "GEOMETRY"}

# Column families of the contract's section 3.2. Whoever wants more columns may add them.
_COLUMNS = {
    "grids": {
        "grid_code": _TEXT,
        "name": _TEXT,
        "kind": _TEXT,
        "community_code": _TEXT,
        "households": _WHOLE,
        "persons": _WHOLE,
        "units": _WHOLE,
        "work_min": _WHOLE,
        "area_m2": _REAL,
        "compactness": _REAL,
        "locked": _WHOLE,
        "valid_from": _DATE,
    },
    "units": {
        "unit_id": _TEXT,
        "building_id": _TEXT,
        "grid_code": _TEXT,
        "households": _WHOLE,
        "work_min": _WHOLE,
    },
    "violations": {
        "rule": _TEXT,
        "grid_code": _TEXT,
        "value": _WHOLE | _REAL,
        "limit": _WHOLE | _REAL,
        "reason": _TEXT,
        "proven": _WHOLE,
    },
    "lineage": {"old_code": _TEXT, "new_code": _TEXT, "change": _TEXT, "households": _WHOLE},
}
_WITH_SHAPE = ("grids", "units")


def check_layout(plan: Path) -> list[str]:
    """Return what is wrong with the layers, columns and CRS of the plan file."""
    if not plan.is_file():
        return [f"plan file {plan.name} does not exist"]
    try:
        with closing(sqlite3.connect(f"file:{plan}?mode=ro", uri=True)) as database:
            return [fault for layer in _COLUMNS for fault in _layer_faults(database, layer)]
    except sqlite3.DatabaseError as error:
        return [f"plan file {plan.name} is not a GeoPackage: {error}"]


def _layer_faults(database: sqlite3.Connection, layer: str) -> Iterator[str]:
    found = {
        name: kind.split("(")[0].upper() for _, name, kind, *_ in database.execute(f'PRAGMA table_info("{layer}")')
    }
    if not found:
        yield f"layer {layer} is missing"
        return
    for column, family in _COLUMNS[layer].items():
        if column not in found:
            yield f"{layer}.{column} is missing"
        elif found[column] not in family:
            yield f"{layer}.{column} is {found[column]}, expected {' or '.join(sorted(family))}"
    yield from _shape_faults(database, layer)


def _shape_faults(database: sqlite3.Connection, layer: str) -> Iterator[str]:
    query = "SELECT geometry_type_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?"
    row = database.execute(query, (layer,)).fetchone()
    if layer not in _WITH_SHAPE:
        if row is not None:
            yield f"{layer} has a geometry, expected none"
        return
    if row is None:
        yield f"{layer} has no geometry"
        return
    if row[0].upper() not in _SHAPE:
        yield f"{layer} holds {row[0]}, expected polygons"
    yield from _crs_faults(database, layer, row[1])


def _crs_faults(database: sqlite3.Connection, layer: str, srs_id: int) -> Iterator[str]:
    query = "SELECT definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?"
    definition = (database.execute(query, (srs_id,)).fetchone() or ["undefined"])[0]
    if definition == "undefined":
        yield f"{layer} has no CRS"
        return
    crs = CRS.from_user_input(definition)
    metres = {axis.unit_conversion_factor for axis in crs.axis_info[:2]} == {1.0}
    web_mercator = crs.coordinate_operation is not None and "Pseudo Mercator" in crs.coordinate_operation.method_name
    if not crs.is_projected or not metres or web_mercator:
        yield f"{layer} is in {crs.name}, expected a projected CRS in metres that keeps areas (not Web Mercator)"
