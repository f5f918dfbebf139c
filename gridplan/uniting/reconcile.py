"""How a layer of grids drawn elsewhere fits: slivers, gaps, overlaps, crossings, codes, doubtful buildings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridplan.district import District
from gridplan.site import NONE, Geometries
from gridplan.uniting.department import Department, make_department
from gridplan.uniting.holdings import Holding, hold

#: A piece narrower than this, as twice its area over its perimeter, is a sliver of two drawings of one line, metres.
SLIVER_WIDTH_M = 2.0
#: Less ground than this is rounding.
LEAST_M2 = 0.01


@dataclass(frozen=True)
class Piece:
    """
    Ground in no grid, or in two.

    Parameters
    ----------
    area_m2
        Of the pieces wide enough to be meant.
    count
        Their number.
    slivers, slivers_m2
        Number and ground of those narrower than 2 m.
    buildings, households
        What lies there, wide or narrow.
    """

    area_m2: float
    count: int
    slivers: int
    slivers_m2: float
    buildings: int
    households: int


@dataclass(frozen=True)
class Crossing:
    """A grid in several communities: ``grid_code``, and the households of each community in it."""

    grid_code: str
    households: dict[str, int]


@dataclass(frozen=True)
class Reconciliation:
    """
    How one department's layer fits.

    Parameters
    ----------
    department
        Name.
    grids
        Grids with a usable polygon.
    gaps, overlaps
        Ground of communities in no grid, and ground in two or more.
    outside_m2
        Ground of grids outside of all communities.
    crossings
        Grids that cross the border of a community by more than a sliver.
    mended, missing_codes, repeated_codes, dropped
        As of `Department`.
    empty
        Grids that hold no building.
    doubtful
        Buildings in doubt by reason, ``{"near_border": 3}``, and their households under ``households``.
    """

    department: str
    grids: int
    gaps: Piece
    overlaps: Piece
    outside_m2: float
    crossings: tuple[Crossing, ...]
    mended: tuple[str, ...]
    missing_codes: tuple[str, ...]
    repeated_codes: tuple[str, ...]
    dropped: tuple[str, ...]
    empty: tuple[str, ...]
    doubtful: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def reconcile(district: District, department: Department, holding: Holding) -> Reconciliation:
    """
    Say how a layer fits the district; nothing is changed.

    Parameters
    ----------
    district
        The settled district.
    department
        The layer, in the district's CRS.
    holding
        Where its grids hold the district's buildings.
    """
    buildings = district.buildings
    communities = np.asarray(district.communities.geometry.values, dtype=object)
    whole, covered = shapely.union_all(communities), shapely.union_all(department.polygons)
    claims = shapely.STRtree(department.polygons).query(
        shapely.point_on_surface(np.asarray(buildings.geometry.values, dtype=object)), predicate="intersects"
    )[0]
    twice = (np.bincount(claims, minlength=len(buildings)) > 1) | (holding.doubt == "overlap")
    doubt = {reason: int((holding.doubt == reason).sum()) for reason in ("overlap", "divided", "near_border", "gap")}
    unsure = np.array([word is not None for word in holding.doubt], dtype=bool)
    doubt["households"] = int(buildings["households"].to_numpy()[unsure].sum())
    return Reconciliation(
        department.name,
        len(department.codes),
        _piece(shapely.difference(whole, covered), buildings, holding.owner == NONE),
        _piece(_overlap(department.polygons, whole), buildings, twice),
        round(float(shapely.difference(covered, whole).area), 2),
        tuple(_crossings(district, department, holding)),
        department.mended,
        department.missing,
        department.repeated,
        department.dropped,
        tuple(code for row, code in enumerate(department.codes) if not (holding.owner == row).any()),
        doubt,
    )


def reconcile_today(district: District, tolerance_m: float = 2.0) -> Reconciliation | None:
    """
    Say how today's grids fit the district, as one department's layer: what a revision starts from.

    Parameters
    ----------
    district
        The settled district.
    tolerance_m
        Distance from another grid's border within which a building is in doubt, metres.

    Returns
    -------
    reconciliation
        None where there are no grids of today.
    """
    today = district.grids
    if today is None or not len(today):
        return None
    ground = np.asarray(today.geometry.values, dtype=object)
    department = make_department("today", today["grid_code"].tolist(), ground)
    return reconcile(district, department, hold(district.buildings, department, tolerance_m))


def _piece(ground: shapely.Geometry, buildings: gpd.GeoDataFrame, concerned: np.ndarray) -> Piece:
    parts = np.array([part for part in shapely.get_parts(ground) if part.geom_type == "Polygon"], dtype=object)
    area = shapely.area(parts)
    parts, area = parts[area > LEAST_M2], area[area > LEAST_M2]
    thin = 2.0 * area < SLIVER_WIDTH_M * shapely.length(parts)
    return Piece(
        round(float(area[~thin].sum()), 2),
        int((~thin).sum()),
        int(thin.sum()),
        round(float(area[thin].sum()), 2),
        int(concerned.sum()),
        int(buildings["households"].to_numpy()[concerned].sum()),
    )


def _overlap(polygons: Geometries, whole: shapely.Geometry) -> shapely.Geometry:
    """Return the ground of the district that two or more grids claim."""
    one, two = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    pairs = one < two
    both = shapely.intersection(polygons[one[pairs]], polygons[two[pairs]])
    return shapely.intersection(shapely.union_all(both[shapely.area(both) > LEAST_M2]), whole)


def _crossings(district: District, department: Department, holding: Holding) -> list[Crossing]:
    """Return the grids with more than a sliver in each of several communities, by row."""
    codes = district.communities["community_code"].to_numpy()
    communities = np.asarray(district.communities.geometry.values, dtype=object)
    grid, community = shapely.STRtree(communities).query(department.polygons, predicate="intersects")
    parts = shapely.intersection(department.polygons[grid], communities[community])
    wide = 2.0 * shapely.area(parts) >= SLIVER_WIDTH_M * np.maximum(shapely.length(parts), 1e-9)
    wide &= shapely.area(parts) > LEAST_M2
    order = np.lexsort((community[wide], grid[wide]))
    grid, community = grid[wide][order], community[wide][order]
    homes, households = district.buildings["home"].to_numpy(), district.buildings["households"].to_numpy()
    found = []
    ends = np.searchsorted(grid, np.arange(len(department.codes) + 1))
    for row, (begin, end) in enumerate(pairwise(ends)):
        if end - begin > 1:
            mine = holding.owner == row
            inside = {
                str(codes[place]): int(households[mine & (homes == codes[place])].sum())
                for place in community[begin:end]
            }
            found.append(Crossing(department.codes[row], inside))
    return found
