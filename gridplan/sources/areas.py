"""Plain polygons with a weight, and tables of ways between them: what zones are made of."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from gridplan.errors import InputError
from gridplan.schema import LAYERS, nearest
from gridplan.sources.columns import as_text, parse_numbers
from gridplan.sources.communities import settle_communities
from gridplan.sources.formats import RawTable, read_table
from gridplan.sources.frames import working_crs
from gridplan.sources.layers import clean_layer
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Manifest, Table
from gridplan.sources.mapping import Part, map_table
from gridplan.sources.placing import frame_of, place

LAYER = "communities"


def read_areas(
    path: Path,
    *,
    code: str,
    weight: str,
    name: str | None = None,
    sublayer: str | None = None,
    crs: str | None = None,
) -> gpd.GeoDataFrame:
    """
    Read polygons that are joined whole, such as towns.

    Parameters
    ----------
    path
        Any vector file that a source may name.
    code, weight, name
        Columns of the file; the weight is a number >= 0.
    sublayer
        Layer of the file, where it has several.
    crs
        CRS for a file that states none.

    Returns
    -------
    areas
        ``code, name, weight`` (NaN where it is no number)``, geometry`` in a projected metric CRS, by code; contested
        ground settled.

    Raises
    ------
    InputError
        With all faults.
    """
    log = FaultLog()
    columns = {"community_code": (code,), **({} if name is None else {"name": (name,)})}
    table = Table(LAYER, path.absolute(), path.name, sublayer=sublayer, columns=columns, crs=crs)
    raw = read_table(table, log)
    part = None if raw is None else map_table(raw, table, log)
    if raw is None or part is None or weight not in raw.frame:
        if raw is not None:
            hint = nearest(weight, [str(each) for each in raw.frame]) or ", ".join(map(str, raw.frame))
            log.add("mapped-column-missing", LAYER, "weight", file=path.name, value=weight, nearest=hint)
        raise InputError(log.sorted())
    areas = _settled(part, Manifest(path.stem, (table,)), log)
    if log.broken or areas is None:
        raise InputError(log.sorted())
    return areas.assign(weight=areas["code"].map(_weights(raw, code, weight)))[["code", "name", "weight", "geometry"]]


def _settled(part: Part, manifest: Manifest, log: FaultLog) -> gpd.GeoDataFrame | None:
    frame = frame_of(part, manifest, log) if part.geometry is not None else None
    if frame is None or part.geometry is None:
        return None
    crs = working_crs(frame, part.geometry)
    rows = settle_communities(clean_layer(place(part, frame, crs, log), LAYERS[LAYER], log), log)
    rows = rows.rename(columns={"community_code": "code"})
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(rows["geometry"].to_numpy(dtype=object), crs=crs))


def _weights(raw: RawTable, code: str, weight: str) -> pd.Series:
    """Return the weight by code; a code that comes twice is a fault already."""
    values = pd.Series(parse_numbers(raw.frame[weight]).amounts, index=as_text(raw.frame[code]))
    return values[~values.index.duplicated()]


def read_ways(path: Path) -> pd.DataFrame:
    """
    Read a table of ways: the first column and the names of the others are codes, each cell a number.

    Parameters
    ----------
    path
        CSV or Excel.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    log = FaultLog()
    raw = read_table(Table(LAYER, path.absolute(), path.name), log)
    if raw is None or raw.frame.shape[1] < 2:
        if raw is not None:
            log.add("column-missing", LAYER, "travel", file=path.name, nearest="-")
        raise InputError(log.sorted())
    values = {str(name): parse_numbers(raw.frame[name]).amounts for name in raw.frame.columns[1:]}
    return pd.DataFrame(values, index=pd.Index(np.asarray(as_text(raw.frame.iloc[:, 0]), dtype=object)))
