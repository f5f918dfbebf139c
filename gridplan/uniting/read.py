"""Departments' layers read from foreign files: any format of a source, in any frame, into the district's CRS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import CRS

from gridplan.datum import Datum
from gridplan.errors import InputError, RulesError
from gridplan.sources.columns import as_text
from gridplan.sources.formats import read_table
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Manifest, Table
from gridplan.sources.mapping import map_table
from gridplan.sources.placing import frame_of, place
from gridplan.uniting.department import Department, make_department


@dataclass(frozen=True)
class LayerSource:
    """
    Where a department's layer is.

    Parameters
    ----------
    name
        Name of the department.
    path
        File of any format that a source may have.
    layer
        Layer inside the file; None for the only one.
    column
        Column of the grids' codes.
    crs, datum
        Frame of the coordinates where the file states none, or states a wrong one.
    """

    name: str
    path: Path
    layer: str | None = None
    column: str = "grid_code"
    crs: str | None = None
    datum: Datum | None = None


def parse_layer(text: str) -> LayerSource:
    """
    Read ``FILE[:LAYER]=NAME``.

    Parameters
    ----------
    text
        As on the command line; the name is what follows the last ``=``.

    Raises
    ------
    RulesError
        If the text is of another form.

    Examples
    --------
    >>> parse_layer("today.gpkg:police=公安").layer
    'police'
    """
    place_, _, name = text.rpartition("=")
    if not place_ or not name.strip():
        raise RulesError(f"--layers {text}: expected FILE[:LAYER]=NAME, e.g. departments.gpkg:police=公安")
    path, colon, layer = place_.rpartition(":")
    # The colon of a drive letter (C:\...) names no layer, nor does one in a name that is a file as it stands.
    if not colon or Path(place_).is_file() or "/" in layer or "\\" in layer:
        return LayerSource(name.strip(), Path(place_))
    return LayerSource(name.strip(), Path(path), layer)


def read_departments(layers: Sequence[LayerSource], crs: CRS) -> tuple[Department, ...]:
    """
    Read departments' layers.

    Parameters
    ----------
    layers
        Where they are, in the order in which the report names them.
    crs
        The district's CRS.

    Raises
    ------
    RulesError
        If there is no layer, or two departments have one name.
    InputError
        If any layer cannot be read; it carries all faults of all layers.
    """
    names = [layer.name for layer in layers]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not layers or twice:
        found = f"two layers are called {', '.join(twice)}" if twice else "none was given"
        raise RulesError(f"--layers: expected one layer for each department, each with its own name; {found}")
    log = FaultLog()
    read = [_read(layer, crs, log) for layer in layers]
    if log.broken:
        raise InputError(log.sorted())
    return tuple(department for department in read if department is not None)


def _read(layer: LayerSource, crs: CRS, log: FaultLog) -> Department | None:
    table = Table(
        "grids",
        layer.path.resolve(),
        str(layer.path),
        sublayer=layer.layer,
        columns={"grid_code": (layer.column,)},
        crs=layer.crs,
        datum=layer.datum,
    )
    raw = read_table(table, log)
    if raw is None:
        return None
    part = map_table(raw, table, log, estimate=False)
    rows = place(part, frame_of(part, Manifest(layer.name), log), crs, log)
    if log.broken:
        return None
    if not len(rows):
        log.add("layer-empty", "grids", file=str(layer.path))
        return None
    codes = as_text(rows["grid_code"])
    texts = [None if pd.isna(code) else str(code) for code in codes]
    return make_department(layer.name, texts, np.asarray(rows["geometry"].to_numpy(), dtype=object))
