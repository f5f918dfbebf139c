"""A district written as one GeoPackage in the contract's own shape."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from gridplan.district import District
from gridplan.schema import LAYERS, SOURCE_TABLE, SPECIAL_GROUPS
from gridplan.sources.canonical import COLUMNS
from gridplan.sources.gdal import write_geopackage


def write_source(district: District, path: str | Path) -> None:
    """
    Write a district as a source: canonical layers and columns, in its working CRS.

    Reading the file back gives the same district up to its name and its faults, and the same digest. The
    community that each building belongs to is written as ``community_code``. Which count ``households`` is and the
    rules stand in the table ``source``.

    Parameters
    ----------
    district
        District to write.
    path
        File to write, complete or not at all; an existing file is replaced.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written.
    """
    layers: dict[str, pd.DataFrame] = {}
    for name in LAYERS:
        frame = getattr(district, name)
        if frame is not None:
            layers[name] = _as_written(frame, name)
    own = {"households_are": district.households_are, "notice": district.notice, "rules": dict(district.rules)}
    values = [json.dumps(value, ensure_ascii=False, default=str) for value in own.values()]
    layers[SOURCE_TABLE] = pd.DataFrame({"key": list(own), "value": values})
    write_geopackage(Path(path), layers)


def _as_written(frame: pd.DataFrame, layer: str) -> pd.DataFrame:
    """Return a frame in the contract's columns: flags as 0 and 1, the home as community_code."""
    unknown = [name for name in SPECIAL_GROUPS if name in frame and frame[name].isna().all()]
    out = frame[[*COLUMNS[layer], "geometry"]].drop(columns=unknown)
    if layer == "buildings":
        out = out.rename(columns={"home": "community_code"})
    if layer == "grids":
        out = out.drop(columns="home")
    for column in LAYERS[layer].columns:
        if column.kind == "flag":
            out[column.name] = out[column.name].astype("int32")
    return out
