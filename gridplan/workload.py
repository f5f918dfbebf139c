"""
The work of a unit, in minutes per month: what its buildings ask for, and what its ground, streets and incidents do.

The weights are `gridplan.rules.WorkModel`. What the source itself gives as ``work_min`` goes before the model: ground,
streets and incidents add nothing to a unit with such a building.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.ground import Ground
from gridplan.rules import WorkModel
from gridplan.site import NONE, Geometries, Numbers, Site

# Streets are walked in pieces of this length, and looked at this far to either side.
PIECE_M, ASIDE_M = 10.0, 0.25
DAYS_A_MONTH = 30.44
# More incidents than this on one point to the millimetre, and than this share of all, stand for "place unknown".
PLACEHOLDER_COUNT, PLACEHOLDER_SHARE = 50, 0.01
M2_A_HECTARE = 10_000.0
MM_A_KM = 1_000_000.0


def building_minutes(buildings: gpd.GeoDataFrame, model: WorkModel) -> NDArray[np.float64]:
    """
    Return the modelled work of buildings by themselves: households, persons, the building, special groups.

    Parameters
    ----------
    buildings
        Buildings of a district; a null counts nothing.
    model
        Weights.

    Returns
    -------
    minutes
        Shape (n_buildings,), minutes per month.
    """
    minutes = model.per_household * _counted(buildings, "households") + model.per_building
    minutes = minutes + model.per_person * _counted(buildings, "persons")
    for group, each in model.special.items():
        if group in buildings:
            minutes = minutes + each * _counted(buildings, group)
    return minutes


def _counted(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    counted: NDArray[np.float64] = pd.to_numeric(frame[column]).to_numpy(dtype=float, na_value=0.0)
    return np.nan_to_num(counted)


def months_of(incidents: pd.DataFrame | None, model: WorkModel) -> float:
    """
    Return the months in which a district's incidents were reported, at least one.

    Parameters
    ----------
    incidents
        The layer, or None.
    model
        Says the months, or 0 to have them found.
    """
    if model.incident_months > 0 or incidents is None or incidents.empty:
        return model.incident_months or 1.0
    reported = pd.to_datetime(incidents["reported_at"], errors="coerce", utc=True, format="mixed").dropna()
    days = (reported.max() - reported.min()).total_seconds() / 86_400.0 if len(reported) else 0.0
    return max(days / DAYS_A_MONTH, 1.0)


def incidents_by_community(incidents: pd.DataFrame | None, polygons: Geometries) -> list[NDArray[np.float64]]:
    """
    Return the places of the incidents in each community, shape (n, 2) each, metres.

    Parameters
    ----------
    incidents
        The layer, or None; rows without a place count nowhere, and neither do those on a point that holds over 50
        incidents and over 1 % of all: registers put what has no place on a default one.
    polygons
        Shape (n_communities,). A place on a border belongs to the first.
    """
    none: list[NDArray[np.float64]] = [np.empty((0, 2)) for _ in polygons]
    if incidents is None or "geometry" not in incidents:
        return none
    points = np.asarray(incidents["geometry"], dtype=object)
    points = _placed(points[~(shapely.is_missing(points) | shapely.is_empty(points))])
    if not len(points):
        return none
    place, point = shapely.STRtree(points).query(polygons, predicate="intersects")
    point, first = np.unique(point[np.argsort(place, kind="stable")], return_index=True)
    place = np.sort(place, kind="stable")[first]
    xy = shapely.get_coordinates(points[point])
    return [xy[place == community] for community in range(len(polygons))]


def _placed(points: Geometries) -> Geometries:
    """Return the points that are no default place."""
    places = np.round(shapely.get_coordinates(points), 3)
    _, place, count = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    stacked = count[place.ravel()]
    placed: Geometries = points[stacked <= max(PLACEHOLDER_COUNT, PLACEHOLDER_SHARE * len(points))]
    return placed


def work_of_units(site: Site, ground: Ground, faces: Geometries, streets: Geometries, model: WorkModel) -> Numbers:
    """
    Return the work of each unit of a community.

    Parameters
    ----------
    site
        The community.
    ground
        Its units.
    faces
        Shape (n_faces,): the faces that ``ground.unit_of_face`` assigns to units.
    streets
        Shape (n_streets,): LineStrings inside the community that are patrolled.
    model
        Weights.

    Returns
    -------
    work
        Shape (n_units,), minutes per month, whole numbers.
    """
    generators, place, n = site.generators, ground.unit_of_generator, ground.n_units
    given = np.zeros(n, dtype=bool)
    given[place[~generators.own_ground]] = True
    around = model.per_hectare * ground.area_m2 / M2_A_HECTARE
    if model.per_street_km > 0 and len(streets):
        around = around + model.per_street_km * _street_mm(streets, ground, faces) / MM_A_KM
    if model.per_incident > 0 and len(site.incidents):
        unit = _unit_at(site.incidents, ground, faces)
        count = np.bincount(unit[unit != NONE], minlength=n)
        around = around + model.per_incident * count / site.incident_months
    work = np.bincount(place, generators.work, minlength=n) + np.where(given, 0.0, around)
    return np.asarray(np.round(work), dtype=np.int64)


def _street_mm(streets: Geometries, ground: Ground, faces: Geometries) -> Numbers:
    """Return the length of street of each unit, in whole millimetres: half of it for each of a street's sides."""
    start, end = _pieces(streets)
    along = end - start
    length = np.hypot(along[:, 0], along[:, 1])
    start, along, length = start[length > 0], along[length > 0], length[length > 0]
    aside = ASIDE_M * np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]
    middle = start + along / 2.0
    # Whole numbers add up to the same in any order of streets.
    half = np.tile(np.round(500.0 * length).astype(np.int64), 2)
    unit = _unit_at(np.concatenate([middle + aside, middle - aside]), ground, faces)
    total = np.zeros(ground.n_units, dtype=np.int64)
    np.add.at(total, unit[unit != NONE], half[unit != NONE])
    return total


def _pieces(lines: Geometries) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of the pieces into which lines are cut, shape (n_pieces, 2) each."""
    xy, line = shapely.get_coordinates(shapely.segmentize(lines, PIECE_M), return_index=True)
    same = line[1:] == line[:-1]
    return xy[:-1][same], xy[1:][same]


def _unit_at(xy: NDArray[np.float64], ground: Ground, faces: Geometries) -> Numbers:
    """Return the unit at each place, the lower on a border; -1 outside the community."""
    unit = np.full(len(xy), ground.n_units, dtype=np.int64)
    if len(xy):
        point, face = shapely.STRtree(faces).query(shapely.points(xy), predicate="intersects")
        np.minimum.at(unit, point, ground.unit_of_face[face])
    unit[unit == ground.n_units] = NONE
    return unit
