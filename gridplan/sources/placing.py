"""The parts of a layer placed in the working CRS; coordinates that fit no frame are faults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from gridplan.schema import LAYERS
from gridplan.sources.frames import WGS84, Frame, Geometries, project
from gridplan.sources.geometry import objects, without
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Manifest
from gridplan.sources.mapping import Part


def frame_of(part: Part, manifest: Manifest, log: FaultLog) -> Frame | None:
    """
    Tell the frame of a part: what its table says, then its file, then the source; never a guess.

    Parameters
    ----------
    part
        A part with geometry.
    manifest
        The source.
    log
        Takes a frame that is missing, unknown or contradicts the file.
    """
    table, raw = part.table, part.raw
    own = parse_crs(table.crs, table.layer, table.file, log)
    if own is not None and raw.crs is not None and raw.crs_stated and own != raw.crs:
        log.add("crs-overridden", table.layer, file=table.file, stated=raw.crs.to_string()[:80], value=table.crs)
    stated = raw.crs if raw.crs_stated else None
    general = parse_crs(manifest.crs, "", "", log) if own is None and stated is None else None
    crs = own or stated or general
    datum = table.datum or (manifest.datum if own is None and stated is None else None)
    if crs is None:
        crs = raw.crs or (WGS84 if datum is not None else None)
    if crs is None or (table.crs is not None and own is None):
        if table.crs is None and manifest.crs is None:
            log.add("crs-missing", table.layer, "geometry", file=table.file)
        return None
    return Frame(crs.to_2d(), datum or "wgs84")


def parse_crs(text: str | None, layer: str, file: str, log: FaultLog) -> CRS | None:
    """
    Return the CRS that a text names, or None.

    Parameters
    ----------
    text
        E.g. ``EPSG:4547`` or WKT; None for none.
    layer, file
        Place for the message.
    log
        Takes a text that names no CRS.
    """
    if text is None:
        return None
    try:
        return CRS.from_user_input(text)
    except CRSError:
        if not any(fault.code == "crs-unknown" and fault.layer == layer for fault in log.faults):
            log.add("crs-unknown", layer, file=file, value=text)
        return None


def place(part: Part, frame: Frame | None, target: CRS | None, log: FaultLog) -> pd.DataFrame:
    """
    Return a part with its geometries in the working CRS.

    Parameters
    ----------
    part
        A part in the contract's columns.
    frame
        Its frame, or None where it has none (then its geometries are left out).
    target
        The working CRS, or None where no layer has a frame.
    log
        Takes coordinates that are not finite or out of range.

    Returns
    -------
    frame
        The part's columns with ``geometry`` (object), ``reported`` (bool: its geometry has been complained of) and
        ``row`` (a label for messages).
    """
    rows = part.frame.copy()
    rows["row"] = [f"row {number}" for number in part.rows] if len(part.rows) else pd.Series(dtype=object)
    empty = np.full(len(rows), None, dtype=object)
    if part.geometry is None or frame is None or target is None:
        rows["geometry"], rows["reported"] = empty, bool(LAYERS[part.table.layer].shapes)
        return rows
    geometry = shapely.force_2d(part.geometry)
    bad = _out_of_frame(geometry, frame, part, log)
    geometry = without(geometry, bad)
    moved = project(geometry, frame, target)
    lost = ~_finite(moved) & ~bad
    if lost.any():
        _complain("coordinates-out-of-range", lost, part, log, crs=frame.crs.to_string()[:80])
    rows["geometry"] = objects(without(moved, lost), rows.index)
    rows["reported"] = bad | lost
    return rows


def _out_of_frame(geometry: Geometries, frame: Frame, part: Part, log: FaultLog) -> NDArray[np.bool_]:
    """Log and return where coordinates are not finite, or no longitude and latitude though the CRS is geographic."""
    infinite = ~_finite(geometry)
    if infinite.any():
        _complain("coordinates-not-finite", infinite, part, log)
    if not frame.crs.is_geographic:
        return infinite
    beyond = ~_within(geometry, 180.0, 90.0) & ~infinite
    if beyond.any():
        swapped = bool(_within(geometry[beyond], 90.0, 180.0).all())
        code = "coordinates-swapped" if swapped else "coordinates-out-of-range"
        _complain(code, beyond, part, log, crs=frame.crs.to_string()[:80])
    outside: NDArray[np.bool_] = infinite | beyond
    return outside


def _complain(code: str, where: NDArray[np.bool_], part: Part, log: FaultLog, **params: Any) -> None:
    table = part.table
    ids = LAYERS[table.layer].ids
    named = part.frame[ids[0]] if ids and ids[0] in part.frame else pd.Series(part.rows)
    log.add(code, table.layer, "geometry", rows=named.to_numpy()[where].tolist(), file=table.file, **params)


def _within(geometry: Geometries, x_limit: float, y_limit: float) -> NDArray[np.bool_]:
    bounds = np.abs(shapely.bounds(geometry))
    inside: NDArray[np.bool_] = np.isnan(bounds).any(axis=1) | (
        (bounds[:, [0, 2]].max(axis=1) <= x_limit) & (bounds[:, [1, 3]].max(axis=1) <= y_limit)
    )
    return inside


def _finite(geometry: Geometries) -> NDArray[np.bool_]:
    """Return per geometry whether all its coordinates are finite; None and empty count as finite."""
    coordinates, index = shapely.get_coordinates(geometry, return_index=True)
    finite = np.ones(len(geometry), dtype=bool)
    finite[index[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def concatenate(placed: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """
    Put the parts of one layer under each other.

    Parameters
    ----------
    placed
        Results of :func:`place`; values of different types stand side by side as they are.
    """
    if len(placed) == 1:
        return placed[0].reset_index(drop=True)
    return pd.concat([part.astype(object) for part in placed], ignore_index=True).astype({"reported": bool})
