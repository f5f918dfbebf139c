"""The way from the coordinates that people give, in any datum or CRS, into the CRS of a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from gridplan.datum import DATUMS, Datum, from_wgs84, to_wgs84
from gridplan.errors import LocateError
from gridplan.locate.polynomials import Floats, Map, Pair, TiledMap

#: What ``crs`` may be for coordinates that stand in the plan's own CRS.
PLAN_CRS = "plan"
#: Datums that no CRS expresses.
SHIFTED = frozenset({"gcj02", "bd09"})
_WGS84 = CRS.from_epsg(4326)
# Side of the tiles in which polynomials stand for a shifted datum.
_TILE_DEG = 1 / 32
# Tiles fitted at once when a way is first used: those of a city. The tiles of a province are fitted when met.
_TILES_AT_ONCE = 400
# Points on each side of the plan's box that are carried back to find the box of the coordinates.
_RIM = 65
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Way:
    """
    A way into the CRS of a plan.

    Parameters
    ----------
    box
        West, south, east, north of the plan's ground, in the coordinates given; no point outside it is in the plan.
    geographic
        Whether the coordinates given are degrees.
    one
        Carries one point of the box into the plan's CRS.
    many
        Carries points of the box into the plan's CRS: arrays of shape (n,) in and out, the same bits as ``one``.
    """

    box: Box
    geographic: bool
    one: Callable[[float, float], tuple[float, float]] = field(compare=False)
    many: Map = field(compare=False)

    def inside(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """
        Return where points are in the box; NaN is not.

        Parameters
        ----------
        x, y
            Coordinates as given, shape (n,).
        """
        west, south, east, north = self.box
        inside: NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        return inside

    def holds(self, x: float, y: float) -> bool:
        """
        Return whether one point is in the box.

        Parameters
        ----------
        x, y
            Coordinates as given.
        """
        west, south, east, north = self.box
        return west <= x <= east and south <= y <= north


def way_into(plan_crs: CRS | None, bounds: Box, *, datum: str = "wgs84", crs: str | None = None) -> Way:
    """
    Make the way from given coordinates into a plan.

    Parameters
    ----------
    plan_crs
        CRS of the plan.
    bounds
        West, south, east, north of the plan's ground in its CRS, with the distance up to which a point is near.
    datum
        Datum of longitudes and latitudes: ``wgs84``, ``cgcs2000``, ``gcj02`` or ``bd09``.
    crs
        CRS of the coordinates where they are no longitudes and latitudes: what PROJ understands, or ``plan``.

    Raises
    ------
    LocateError
        If the datum or the CRS is unknown, or nothing leads from it into the plan's CRS.
    """
    if crs == PLAN_CRS:
        return Way(bounds, geographic=False, one=_stay, many=_stay)
    if plan_crs is None:
        msg = "crs: expected a plan that states its CRS; found none. Give coordinates of the plan, with crs='plan'."
        raise LocateError(msg)
    shift = _known(datum)
    if crs is not None:
        if shift in SHIFTED:
            msg = f"crs: expected either a crs or a datum; found {crs!r} and {datum!r}. A CRS cannot express {datum}."
            raise LocateError(msg)
        source = _parsed(crs)
        there, back = _projection(source, plan_crs)
        return Way(_box_of(back, bounds), source.is_geographic, there, there)
    there, back = _projection(_WGS84, plan_crs)
    if shift not in SHIFTED:
        return Way(_box_of(back, bounds), True, there, there)
    box = _box_of(lambda x, y: from_wgs84(*_pair(back(x, y)), shift), bounds)
    tiled = TiledMap(lambda x, y: _pair(there(*to_wgs84(x, y, shift))), _TILE_DEG)
    tiles = tiled.tiles_of(*box)
    if len(tiles) <= _TILES_AT_ONCE:
        tiled.prepare(tiles)
    return Way(box, True, tiled.one, tiled.many)


def _stay(x: Any, y: Any) -> Any:
    return x, y


def _known(datum: str) -> Datum:
    for known in DATUMS:
        if datum == known:
            return known
    msg = f"datum: expected one of {', '.join(DATUMS)}; found {datum!r}. Name the datum, or give crs instead."
    raise LocateError(msg)


def _parsed(crs: str) -> CRS:
    try:
        return CRS.from_user_input(crs).to_2d()
    except CRSError as error:
        msg = f"crs: expected a CRS such as EPSG:4549, or 'plan' for the plan's own; found {crs!r}."
        raise LocateError(msg) from error


def _projection(source: CRS, target: CRS) -> tuple[Any, Any]:
    """Return the way from a CRS into another and the way back; PROJ gives one point and many the same bits."""
    try:
        transformer = Transformer.from_crs(source, target, always_xy=True)
    except ProjError as error:
        raise _no_way(source, target) from error
    return transformer.transform, partial(transformer.transform, direction="INVERSE")


def _pair(xy: tuple[Floats, Floats]) -> Pair:
    return np.asarray(xy[0], dtype=np.float64), np.asarray(xy[1], dtype=np.float64)


def _no_way(source: CRS, target: CRS) -> LocateError:
    return LocateError(
        f"crs: expected coordinates that can be carried into the plan's CRS {target.name!r}; nothing leads there from "
        f"{source.name!r}. A local CRS has no place on the globe: give coordinates of the plan, with crs='plan'."
    )


def _box_of(back: Map, bounds: Box) -> Box:
    """Return the box of the plan's ground in the coordinates given, from its rim, one part in a thousand wider."""
    west, south, east, north = bounds
    along = np.linspace(0.0, 1.0, _RIM)
    x, y = west + (east - west) * along, south + (north - south) * along
    rim_x = np.concatenate([x, x, np.full(_RIM, west), np.full(_RIM, east)])
    rim_y = np.concatenate([np.full(_RIM, south), np.full(_RIM, north), y, y])
    far_x, far_y = back(rim_x, rim_y)
    if not (np.isfinite(far_x).all() and np.isfinite(far_y).all()):
        msg = (
            "crs: the plan's ground has no place in the coordinates given. Check the CRS of the plan and the crs given."
        )
        raise LocateError(msg)
    wider_x, wider_y = 1e-3 * np.ptp(far_x), 1e-3 * np.ptp(far_y)
    box = (far_x.min() - wider_x, far_y.min() - wider_y, far_x.max() + wider_x, far_y.max() + wider_y)
    return (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
