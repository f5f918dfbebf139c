"""
Four departments' layers over a made district, each drawn for itself: they overlap, leave gaps and cross communities.

Police draw beats by joining grids of today across borders, a few metres off; city management draws by main roads;
fire draws around stations; the party draws inside communities, close to the grids of today.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridplan.site import Geometries
from gridplan.synthetic.district import SyntheticDistrict
from gridplan.synthetic.write import write_source

MAIN_ROADS = ("trunk", "primary", "secondary")
HOUSEHOLDS_PER_STATION = 2_500
#: Surveys of different years miss each other by this much, metres.
DRIFT_M = 3.0


def department_layers(district: SyntheticDistrict, rng: np.random.Generator) -> Mapping[str, gpd.GeoDataFrame]:
    """
    Make the layers of four departments.

    Parameters
    ----------
    district
        A made district.
    rng
        Source of chance.

    Returns
    -------
    layers
        ``police, city_management, fire, party``: ``grid_code, name, geometry`` in the district's CRS. One police
        code stands twice, one grid of city management has no code, one fire area has a hole, one party grid is
        drawn as a bow-tie.
    """
    whole = shapely.union_all(district.communities.geometry.to_numpy())
    today = np.asarray(district.grids.geometry.to_numpy(), dtype=object)
    police = _beats(today, rng)
    management = _by_roads(district, whole)
    fire = _around_stations(district, whole, rng)
    party = shapely.buffer(today, -0.6, join_style="mitre")
    party[0] = _bow_tie(party[0])
    layers = {
        "police": _layer("公安警务区", "JW", police, district),
        "city_management": _layer("城管责任网格", "CG", management, district),
        "fire": _layer("消防片区", "XF", fire, district),
        "party": _layer("党建网格", "DJ", party, district),
    }
    layers["police"].loc[1, "grid_code"] = layers["police"].loc[0, "grid_code"]
    layers["city_management"].loc[0, "grid_code"] = None
    return layers


def write_departments(district: SyntheticDistrict, path: Path, rng: np.random.Generator) -> Path:
    """
    Write the layers of four departments as one GeoPackage.

    Parameters
    ----------
    district
        A made district.
    path
        File to write; replaced in one step.
    rng
        Source of chance.

    Returns
    -------
    path
        For chaining.
    """
    return write_source(department_layers(district, rng), district.about, path)


def _layer(name: str, prefix: str, polygons: Geometries, district: SyntheticDistrict) -> gpd.GeoDataFrame:
    codes = [f"{prefix}{number:03d}" for number in range(1, len(polygons) + 1)]
    names = [f"{name}{number}" for number in range(1, len(polygons) + 1)]
    return gpd.GeoDataFrame({"grid_code": codes, "name": names}, geometry=polygons, crs=district.communities.crs)


def _beats(today: Geometries, rng: np.random.Generator) -> Geometries:
    """Join grids of today in pairs over their longest border, whatever community they are in, and let them drift."""
    one, two = shapely.STRtree(today).query(today, predicate="intersects")
    border = shapely.length(shapely.intersection(today[one], today[two]))
    pairs = np.flatnonzero((one < two) & (border > 1.0))
    free = np.ones(len(today), dtype=bool)
    beats = []
    for pair in pairs[np.argsort(-border[pairs], kind="stable")]:
        if free[one[pair]] and free[two[pair]]:
            free[one[pair]] = free[two[pair]] = False
            beats.append(shapely.union(today[one[pair]], today[two[pair]]))
    beats += list(today[free])
    drift = rng.uniform(-DRIFT_M, DRIFT_M, (len(beats), 2))
    return np.array(
        [shapely.transform(beat, lambda xy, by=by: xy + by) for beat, by in zip(beats, drift, strict=True)],
        dtype=object,
    )


def _by_roads(district: SyntheticDistrict, whole: shapely.Geometry) -> Geometries:
    """Cut the district along its main roads; each piece reaches a little over them."""
    roads = district.barriers.geometry[district.barriers["kind"].isin(MAIN_ROADS)].to_numpy()
    lines = shapely.union_all([*roads, shapely.boundary(whole)])
    faces = shapely.get_parts(shapely.polygonize([*shapely.get_parts(lines)]))
    inside = shapely.contains_properly(whole, shapely.point_on_surface(faces))
    faces = faces[inside & (shapely.area(faces) > 2_000.0)]
    return np.asarray(shapely.buffer(faces, 1.5, join_style="mitre"), dtype=object)


def _around_stations(district: SyntheticDistrict, whole: shapely.Geometry, rng: np.random.Generator) -> Geometries:
    """Give each fire station the ground nearest to it; one has a hole that nobody serves."""
    buildings = district.buildings
    count = max(2, round(int(buildings["households"].sum()) / HOUSEHOLDS_PER_STATION))
    chosen = rng.choice(len(buildings), count, replace=False)
    places: NDArray[np.object_] = shapely.centroid(buildings.geometry.to_numpy()[chosen])
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=whole))
    areas = np.asarray(shapely.intersection(cells, whole), dtype=object)
    middle = shapely.point_on_surface(areas[0])
    areas[0] = shapely.difference(areas[0], shapely.buffer(middle, 60.0))
    return areas


def _bow_tie(polygon: shapely.Geometry) -> shapely.Polygon:
    """Swap two neighbouring corners of a polygon's outline, the pair that changes its ground least."""
    outline = shapely.get_exterior_ring(shapely.get_parts(polygon)[0])
    corners = shapely.get_coordinates(shapely.segmentize(outline, 20.0))[:-1]
    best, least = polygon, np.inf
    for place in range(len(corners) - 1):
        swapped = corners.copy()
        swapped[[place, place + 1]] = corners[[place + 1, place]]
        crossed = shapely.polygons(swapped)
        change = abs(float(shapely.area(shapely.make_valid(crossed, method="structure"))) - float(polygon.area))
        if not crossed.is_valid and change < least:
            best, least = crossed, change
    return best
