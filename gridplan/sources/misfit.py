"""
Buildings that miss their communities because one of the two stands in another datum, or with swapped axes.

GCJ-02 and BD-09 move a city by 300 to 1,200 m and leave no other trace, so the only witness is the map itself:
where another datum puts clearly more buildings inside, it is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridplan.datum import Datum, from_wgs84, to_wgs84
from gridplan.sources.frames import WGS84, Frame, transform
from gridplan.sources.homes import SNAP_M
from gridplan.sources.log import FaultLog

# Fewer misfits than this are single slips, not a datum.
MIN_MISFITS = 3
MIN_SHARE = 0.01
_FRAMES: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Guess:
    """One other reading of the coordinates: which layer is read in which datum."""

    layer: str
    datum: str
    lon: Floats
    lat: Floats


def report_misfit(
    buildings: pd.DataFrame, communities: pd.DataFrame, frames: tuple[Frame, Frame], log: FaultLog
) -> None:
    """
    Log ``datum-mismatch`` where another datum fits at least twice as well.

    Parameters
    ----------
    buildings
        Buildings with geometry in the working CRS, ``community_code`` where given.
    communities
        Settled communities, a GeoDataFrame or a frame with ``geometry`` and the attribute ``crs`` in ``attrs``.
    frames
        Frames in which communities and buildings came.
    log
        Takes the fault.
    """
    crs: CRS = communities.attrs["crs"]
    fit = _Fit(communities, buildings)
    now = fit.count(*_xy(buildings))
    n_rows = len(buildings)
    if n_rows - now < max(MIN_MISFITS, MIN_SHARE * n_rows):
        return
    lon, lat = transform(crs, WGS84, *_xy(buildings))
    best, best_fit = None, now
    for guess in _guesses(lon, lat, *frames):
        fits = fit.count(*transform(WGS84, crs, guess.lon, guess.lat))
        if fits > best_fit:
            best, best_fit = guess, fits
    if best is None or (n_rows - best_fit) > (n_rows - now) / 2:
        return
    log.add(
        "datum-mismatch",
        "buildings",
        "geometry",
        count=n_rows - now,
        fits=best.layer,
        datum=best.datum,
        inside_now=_percent(now, n_rows),
        inside_then=_percent(best_fit, n_rows),
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def _xy(buildings: pd.DataFrame) -> tuple[Floats, Floats]:
    points = shapely.point_on_surface(buildings["geometry"].to_numpy(dtype=object))
    return shapely.get_x(points), shapely.get_y(points)


class _Fit:
    """Counts the buildings that lie in their communities: the given one, or any."""

    def __init__(self, communities: pd.DataFrame, buildings: pd.DataFrame) -> None:
        self.polygons = communities["geometry"].to_numpy(dtype=object)
        codes = pd.Index(communities["community_code"])
        self.given = codes.get_indexer(pd.Index(buildings["community_code"]))

    def count(self, x: Floats, y: Floats) -> int:
        finite = np.isfinite(x) & np.isfinite(y)
        points = shapely.points(np.where(finite, x, 0.0), np.where(finite, y, 0.0))
        where, which = shapely.STRtree(points).query(self.polygons, predicate="dwithin", distance=SNAP_M)
        right = (self.given[which] < 0) | (self.given[which] == where)
        return len(np.unique(which[right & finite[which]]))


def _guesses(lon: Floats, lat: Floats, communities: Frame, buildings: Frame) -> Iterator[_Guess]:
    """
    Yield the buildings' places under every other reading.

    Reading the communities in another datum is the same as moving the buildings the opposite way.
    """
    raw = from_wgs84(lon, lat, buildings.datum)
    for datum in _FRAMES:
        if datum != _canonical(buildings.datum):
            yield _Guess("buildings", datum, *to_wgs84(*raw, datum))
    for datum in _FRAMES:
        if datum != _canonical(communities.datum):
            yield _Guess("communities", datum, *to_wgs84(*from_wgs84(lon, lat, datum), communities.datum))
    if np.abs(raw[0]).max(initial=0.0) <= 90:
        yield _Guess("buildings", "lon ↔ lat", *to_wgs84(raw[1], raw[0], buildings.datum))


def _canonical(datum: Datum) -> Datum:
    return "wgs84" if datum == "cgcs2000" else datum
