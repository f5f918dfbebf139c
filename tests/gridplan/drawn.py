"""Small districts drawn by hand, in metres from a south-west corner, and what a reader of their plans asks first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridplan.barriers import build_barriers
from gridplan.cells import build_cells
from gridplan.district import District
from gridplan.ground import Ground, build_ground
from gridplan.plan import Plan, build_plan
from gridplan.rules import BarrierRules, rules_from
from gridplan.site import FixedArea
from gridplan.sources.canonical import canonical

METRIC = CRS.from_epsg(4549)
EAST, NORTH = 500_000.0, 5_280_000.0
A, B = "230718001001", "230718001002"
# Design 3.2: overlap and gaps inside; the rim is allowed more, but drawn rims are straight.
TILING_M2 = 0.01


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(EAST + x, NORTH + y)


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in places])


def house(x: float, y: float, size: float = 20.0) -> shapely.Polygon:
    """Return a square footprint around a place."""
    return box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)


def houses(columns: int, rows: int, west: float = 0.0, south: float = 0.0) -> list[shapely.Polygon]:
    """Return footprints in the middles of squares of 100 m, row by row from the south-west."""
    return [house(west + 100 * x + 50, south + 100 * y + 50) for y in range(rows) for x in range(columns)]


def district(
    shapes: Sequence[shapely.Geometry],
    households: int | Sequence[int] | NDArray[np.int64],
    ground: Mapping[str, shapely.Geometry] | shapely.Geometry,
    *,
    barriers: Iterable[tuple[str, shapely.Geometry]] = (),
    grids: Iterable[Mapping[str, Any]] = (),
    exclusive: Mapping[str, shapely.Geometry] | None = None,
    entrances: Mapping[str, Sequence[int]] | None = None,
    rural: Iterable[str] = (),
    **columns: Sequence[Any],
) -> District:
    """
    Return a settled district; buildings are called b0, b1, ... in the order given unless ``building_id`` says more.

    ``barriers`` are pairs of kind and geometry, ``exclusive`` areas by name, ``entrances`` households by building;
    further keywords are columns of the buildings.
    """
    grounds = ground if isinstance(ground, Mapping) else {A: ground}
    places = shapely.point_on_surface(np.array(shapes, dtype=object))
    codes, polygons = list(grounds), list(grounds.values())
    homes = [next(code for code in codes if shapely.intersects(grounds[code], place)) for place in places]
    built = {
        "building_id": [f"b{row}" for row in range(len(shapes))],
        "households": np.broadcast_to(np.asarray(households, dtype=np.int64), len(shapes)),
        "home": homes,
        **dict.fromkeys(("compound_id", "persons", "floors", "village_group", "address", "work_min")),
        "estimated": False,
        **columns,
        "geometry": list(shapes),
    }
    kinds = ["rural" if code in set(rural) else "urban" for code in codes]
    return District(
        "drawn",
        METRIC,
        _layer("communities", community_code=codes, name=codes, area_kind=kinds, geometry=polygons),
        canonical(pd.DataFrame(built, index=range(len(shapes))), "buildings", METRIC),
        barriers=_barriers(list(barriers)),
        grids=_grids(list(grids), grounds),
        exclusive=_layer("exclusive", name=list(exclusive), geometry=list(exclusive.values())) if exclusive else None,
        entrances=_entrances(entrances),
    )


def _layer(layer: str, /, **columns: Sequence[Any]) -> gpd.GeoDataFrame:
    return canonical(pd.DataFrame(columns), layer, METRIC)


def _barriers(drawn: list[tuple[str, shapely.Geometry]]) -> gpd.GeoDataFrame | None:
    if not drawn:
        return None
    passable = [kind not in ("river", "water", "railway", "motorway") for kind, _ in drawn]
    kinds, geometry = [kind for kind, _ in drawn], [shape for _, shape in drawn]
    return _layer("barriers", kind=kinds, passable=passable, geometry=geometry)


def _grids(drawn: list[Mapping[str, Any]], grounds: Mapping[str, shapely.Geometry]) -> gpd.GeoDataFrame | None:
    if not drawn:
        return None
    rows = [
        {
            "name": None,
            "kind": "basic",
            "locked": False,
            "home": max(grounds, key=lambda code: shapely.intersection(grounds[code], grid["geometry"]).area),
            **grid,
        }
        for grid in drawn
    ]
    return canonical(pd.DataFrame(rows), "grids", METRIC)


def _entrances(by_building: Mapping[str, Sequence[int]] | None) -> gpd.GeoDataFrame | None:
    if by_building is None:
        return None
    rows = [
        {"building_id": building, "entrance": str(number), "households": count, "geometry": None}
        for building, counts in by_building.items()
        for number, count in enumerate(counts, 1)
    ]
    return canonical(pd.DataFrame(rows), "entrances", METRIC)


def plan(drawn: District, *, jobs: int = 1, **rules: Any) -> Plan:
    """Plan a drawn district under rules given as a table."""
    return build_plan(drawn, rules_from(rules), jobs=jobs)


def buildings_by_grid(made: Plan) -> dict[str, set[str]]:
    """Return the buildings in each grid that has any."""
    built = made.units[made.units["building_id"].notna()]
    return {str(code): set(ids) for code, ids in built.groupby("grid_code")["building_id"]}


def groups(made: Plan) -> set[frozenset[str]]:
    """Return the plan as a partition of the buildings, whatever the codes."""
    return {frozenset(ids) for ids in buildings_by_grid(made).values()}


def listed(made: Plan) -> list[tuple[str, str, int, int, int]]:
    """Return the violations as rule, reason, value, limit, proven, in order."""
    columns = ["rule", "reason", "value", "limit", "proven"]
    return sorted(made.violations[columns].itertuples(index=False, name=None))


def assert_tiles(polygons: Sequence[shapely.Geometry] | NDArray[np.object_], ground: shapely.Geometry) -> None:
    """Demand that polygons tile the ground without gap or overlap."""
    assert all(shapely.is_valid(polygons))
    whole = shapely.union_all(np.asarray(polygons, dtype=object))
    assert shapely.symmetric_difference(whole, ground).area < TILING_M2
    assert abs(shapely.area(polygons).sum() - whole.area) < TILING_M2


def assert_sound(drawn: District, made: Plan) -> None:
    """Demand what every plan owes: all buildings once, sums kept, ground tiled by grids and by cells, codes unique."""
    built = made.units[made.units["building_id"].notna() & made.units["entrance"].isna()]
    whole = set(drawn.buildings["building_id"]) - set(made.units.loc[made.units["entrance"].notna(), "building_id"])
    assert sorted(built["building_id"]) == sorted(whole)
    assert made.grids["grid_code"].is_unique
    for column in ("households", "work_min"):
        held = made.units.groupby("grid_code")[column].sum().reindex(made.grids["grid_code"], fill_value=0)
        assert held.tolist() == made.grids[column].tolist(), column
    assert made.grids["households"].sum() == drawn.buildings["households"].sum()
    cells = made.units[made.units.geometry.notna()]
    for code, ground in zip(drawn.communities["community_code"], drawn.communities.geometry, strict=True):
        grids = made.grids[made.grids["community_code"] == code]
        assert_tiles(grids.geometry.to_numpy(), ground)
        assert_tiles(cells.loc[cells["grid_code"].isin(grids["grid_code"])].geometry.to_numpy(), ground)


def ground_of(
    shapes: Sequence[shapely.Geometry],
    community: shapely.Geometry,
    barriers: Sequence[tuple[str, shapely.Geometry]] = (),
    fixed: tuple[FixedArea, ...] = (),
    tolerance_m: float = 5.0,
) -> Ground:
    """Return the units of one community with their borders."""
    generators = np.array(shapes, dtype=object)
    inside = build_barriers(_barriers(list(barriers)), BarrierRules()).clipped(community)
    rims = [shapely.intersection(shapely.boundary(area.polygon), community) for area in fixed]
    cells = build_cells(community, np.array([*inside.lines, *rims], dtype=object), generators, spacing_m=4.0)
    return build_ground(cells, generators, inside, fixed, tolerance_m)


def border(ground: Ground, one: int, two: int) -> dict[str, float]:
    """Return the border of two generators' units: its length, and what of it is closed, near a barrier, open."""
    first, second = sorted((int(ground.unit_of_generator[one]), int(ground.unit_of_generator[two])))
    borders = ground.borders
    (place,) = np.flatnonzero((borders.first == first) & (borders.second == second))
    names = ("length_m", "closed_m", "near_m", "open_m")
    return {name: round(float(getattr(borders, name)[place]), 3) for name in names}
