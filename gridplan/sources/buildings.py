"""Buildings checked: counts, homes, stacks; what is accepted as lost is left out and counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.schema import LAYERS
from gridplan.sources.frames import Frame
from gridplan.sources.homes import settle_homes
from gridplan.sources.households import check_households, lacks_households
from gridplan.sources.log import FaultLog
from gridplan.sources.misfit import report_misfit

LAYER = LAYERS["buildings"]
# Two buildings nearer than this stand on one point.
_STACK_M = 0.001


def settle_buildings(
    rows: pd.DataFrame,
    communities: pd.DataFrame | None,
    log: FaultLog,
    *,
    estimate: bool,
    frames: tuple[Frame, Frame] | None,
) -> pd.DataFrame:
    """
    Check households and homes, and report what a planner should know of the buildings.

    Parameters
    ----------
    rows
        Cleaned buildings.
    communities
        Settled communities, or None where there are none to check against.
    log
        Takes all faults.
    estimate
        Whether missing households are estimated.
    frames
        Frames in which the communities and the buildings came, to find a wrong datum.

    Returns
    -------
    buildings
        Buildings with an id and a geometry, ``households`` int64, ``estimated`` bool and ``home``.
    """
    rows = check_households(rows, LAYER, log, estimate=estimate)
    rows = rows[rows["building_id"].notna() & rows["geometry"].notna()].reset_index(drop=True)
    if communities is None or not len(communities):
        return rows.assign(home=None)
    if frames is not None:
        report_misfit(rows, communities, frames, log)
    rows = settle_homes(rows, communities, log)
    _report_stacks(rows, log)
    if not lacks_households(LAYER, log):
        _report_zero(rows, log)
        _report_empty_communities(rows, communities, log)
    return rows


def _report_stacks(rows: pd.DataFrame, log: FaultLog) -> None:
    """Report buildings that share one point or one footprint; they become one unit later."""
    places = _places(rows["geometry"].to_numpy(dtype=object))
    stacked = pd.Series(places).duplicated(keep=False).to_numpy(dtype=bool)
    if stacked.any():
        labels = rows["label"].to_numpy()[stacked].tolist()
        log.add("stacked-buildings", LAYER.name, "geometry", rows=labels, places=len(np.unique(places[stacked])))


def _places(geometry: NDArray[Any]) -> NDArray[np.int64]:
    """Number the places on which buildings stand: equal numbers for one point (to a millimetre) or one footprint."""
    is_point = shapely.get_type_id(geometry) == shapely.GeometryType.POINT
    at = pd.DataFrame(np.rint(shapely.get_coordinates(geometry[is_point]) / _STACK_M), columns=["x", "y"])
    places = np.empty(len(geometry), dtype=np.int64)
    places[is_point] = at.groupby(["x", "y"], sort=False).ngroup()
    footprints, _ = pd.factorize(shapely.to_wkb(shapely.normalize(geometry[~is_point])))
    places[~is_point] = footprints + len(at)
    return places


def _report_zero(rows: pd.DataFrame, log: FaultLog) -> None:
    zero = rows["label"][rows["households"] == 0].tolist()
    if zero:
        log.add("zero-households", LAYER.name, "households", rows=zero)


def _report_empty_communities(rows: pd.DataFrame, communities: pd.DataFrame, log: FaultLog) -> None:
    totals = rows.groupby("home")["households"].sum()
    codes = communities["community_code"]
    without = codes[~codes.isin(totals.index)].tolist()
    if without:
        log.add("community-without-buildings", "communities", "community_code", rows=without)
    nobody = codes[codes.isin(totals.index[totals == 0])].tolist()
    if nobody:
        log.add("community-without-households", "communities", "community_code", rows=nobody)
