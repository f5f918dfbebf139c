"""Grids as GeoJSON, GeoPackage and shapefile, with their days in force."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from gridplan.exports.dossier import Dossier
from gridplan.exports.sides import SIDES, sides_of
from gridplan.exports.together import Together
from gridplan.sources.gdal import pyogrio, write_geopackage

#: Field of the shapefile for each column: dBASE holds names of at most 10 bytes.
FIELDS: Final = {
    "grid_code": "grid_code",
    "name": "name",
    "kind": "kind",
    "community_code": "comm_code",
    "community_name": "comm_name",
    "households": "households",
    "persons": "persons",
    "units": "units",
    "work_min": "work_min",
    "area_m2": "area_m2",
    "compactness": "compact",
    "locked": "locked",
    "valid_from": "valid_from",
    "valid_to": "valid_to",
    **{side: side for side in SIDES},
}
ENCODINGS: Final = ("utf-8", "gb18030")
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# dBASE holds at most 254 bytes in a field.
_FIELD_BYTES = 254


def grids_table(dossier: Dossier, sides: pd.DataFrame | None = None) -> gpd.GeoDataFrame:
    """
    Return the grids with the columns of `FIELDS`, in the plan's CRS.

    Parameters
    ----------
    dossier
        Plan, days, source, language.
    sides
        As of `gridplan.exports.sides.sides_of`, where it is known already.
    """
    around = sides_of(dossier) if sides is None else sides
    merged = dossier.grids.merge(around, on="grid_code", how="left", validate="1:1")
    return merged[[*FIELDS, "geometry"]]


def write_geojson(dossier: Dossier, path: Path, sides: pd.DataFrame | None = None) -> None:
    """
    Write the grids as GeoJSON: WGS 84, after RFC 7946.

    Parameters
    ----------
    dossier, sides
        As of `grids_table`.
    path
        File to write.
    """
    frame = grids_table(dossier, sides).to_crs(4326)
    pyogrio.write_dataframe(frame, str(path), layer="grids", driver="GeoJSON", layer_options={"RFC7946": "YES"})


def write_package(dossier: Dossier, path: Path, sides: pd.DataFrame | None = None) -> None:
    """
    Write the grids and their units as a GeoPackage in the plan's CRS.

    Parameters
    ----------
    dossier, sides
        As of `grids_table`.
    path
        File to write.
    """
    grids = grids_table(dossier, sides)
    units = dossier.plan.units
    mine = units[units["grid_code"].isin(grids["grid_code"])]
    days = grids.set_index("grid_code")[["valid_from", "valid_to"]]
    write_geopackage(path, {"grids": grids, "units": mine.join(days, on="grid_code").reset_index(drop=True)})


def write_shapefile(
    dossier: Dossier, folder: Path, files: Together, *, encoding: str = "utf-8", sides: pd.DataFrame | None = None
) -> None:
    """
    Write the grids as a shapefile in the plan's CRS, with a table that says which field is which column.

    Parameters
    ----------
    dossier, sides
        As of `grids_table`.
    folder
        Folder of ``grids.shp`` and ``grids-fields.csv``.
    files
        Takes the drafts.
    encoding
        ``utf-8`` or ``gb18030``; the ``.cpg`` says it.

    Notes
    -----
    Text is cut at 254 bytes, which is all that a field holds.
    """
    frame = grids_table(dossier, sides).rename(columns=FIELDS)
    text = [name for name in frame.columns.drop("geometry") if frame[name].dtype == object]
    frame[text] = frame[text].map(lambda value: _cut(value, encoding))
    drafts = [files.draft(folder / f"grids{suffix}") for suffix in _PARTS]
    with warnings.catch_warnings():
        # GDAL notes that a local CRS has no authority, and that areas are rounded to the field's width.
        warnings.simplefilter("ignore", RuntimeWarning)
        pyogrio.write_dataframe(frame, str(drafts[0]), driver="ESRI Shapefile", encoding=encoding)
    drafts[-1].write_text(encoding.upper(), encoding="ascii")
    with files.draft(folder / "grids-fields.csv").open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([("field", "column"), *((field, column) for column, field in FIELDS.items())])


def _cut(value: Any, encoding: str) -> Any:
    """Cut text to what a field holds, never through a character."""
    if not isinstance(value, str):
        return None
    return value.encode(encoding)[:_FIELD_BYTES].decode(encoding, errors="ignore")
