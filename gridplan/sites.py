"""From a district to its sites: generators of cells, fixed areas and barriers of every community."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.barriers import Barriers, build_barriers
from gridplan.district import District
from gridplan.errors import RulesError
from gridplan.rules import Rules
from gridplan.site import NONE, FixedArea, Generators, Geometries, Numbers, Present, Site
from gridplan.towers import with_divided_towers
from gridplan.workload import building_minutes, incidents_by_community, months_of

LEAST_FIXED_M2 = 1.0


@dataclass(frozen=True)
class Sites:
    """
    The sites of a district and the way from generators back to rows.

    Parameters
    ----------
    sites
        In the order of the communities.
    rows
        One row for each building, or each entrance of a divided tower: ``building`` (row of the district's
        buildings), ``site``, ``generator`` (number in the site), ``households``,
        ``entrance`` (text or None), ``previous`` (row of today's grids or -1).
    compounds
        For each site the compound ids by their numbers there; a divided tower without a compound is one of its own.
    """

    sites: tuple[Site, ...]
    rows: pd.DataFrame
    compounds: tuple[tuple[str, ...], ...]


def build_sites(district: District, rules: Rules, *, revising: bool = False) -> Sites:
    """
    Take a district apart into its communities.

    Parameters
    ----------
    district
        The settled district.
    rules
        Rules of the plan.
    revising
        Whether today's grids are to be revised.

    Raises
    ------
    RulesError
        If the rules name communities or buildings that do not exist, or join buildings of two communities.
    """
    codes = district.communities["community_code"].tolist()
    rows = _generator_rows(district, rules)
    rows["site"] = pd.Index(codes).get_indexer(district.buildings["home"].iloc[rows["building"]])
    rows = _numbered(rows)
    barriers = build_barriers(district.barriers, rules.barriers)
    joins, parts = (
        _pairs(pairs, district, rows, name)
        for pairs, name in ((rules.must_join, "must_join"), (rules.must_part, "must_part"))
    )
    unknown = sorted(set(rules.n_grids) - set(codes))
    if unknown:
        raise RulesError(f"n_grids names communities that do not exist: {', '.join(unknown)}")
    fixed = _fixed_areas(district)
    near = _barriers_by_community(barriers, district.communities)
    by_site = rows.sort_values(["site", "generator"], kind="stable")
    ends = np.searchsorted(by_site["site"], np.arange(len(codes) + 1))
    frames = [by_site.iloc[ends[place] : ends[place + 1]] for place in range(len(codes))]
    present = _present(district) if revising else [None] * len(codes)
    geometry, kinds = district.communities.geometry, district.communities["area_kind"]
    incidents = incidents_by_community(district.incidents, np.asarray(geometry.values, dtype=object))
    months = months_of(district.incidents, rules.work)
    sites = [
        Site(
            code,
            geometry.iloc[place],
            kinds.iloc[place] == "rural",
            _generators(frames[place], joins.get(place), parts.get(place)),
            near[place],
            fixed[place],
            rules.n_grids.get(code),
            incidents[place],
            months,
            present[place],
        )
        for place, code in enumerate(codes)
    ]
    names = [tuple(_names(frame["compound_name"])) for frame in frames]
    return Sites(tuple(sites), rows, tuple(names))


def _generator_rows(district: District, rules: Rules) -> pd.DataFrame:
    """Return one row for each building, or for each entrance of a tower to be divided."""
    buildings = district.buildings
    persons = pd.to_numeric(buildings["persons"]).to_numpy(dtype=float, na_value=np.nan)
    given = pd.to_numeric(buildings["work_min"]).to_numpy(dtype=float, na_value=np.nan)
    households = buildings["households"].to_numpy(dtype=np.int64)
    modelled = building_minutes(buildings, rules.work)
    frame = pd.DataFrame(
        {
            "building": np.arange(len(buildings)),
            "geometry": np.asarray(buildings.geometry.values, dtype=object),
            "households": households,
            "persons": np.nan_to_num(persons),
            "work": np.where(np.isnan(given), modelled, np.nan_to_num(given)),
            "own_ground": np.isnan(given),
            "compound_name": buildings["compound_id"].astype(object).where(buildings["compound_id"].notna(), None),
            "group_name": buildings["village_group"].astype(object).where(buildings["village_group"].notna(), None),
            "entrance": None,
            "previous": _previous(district),
        }
    )
    if rules.divide_towers and district.entrances is not None:
        frame = with_divided_towers(frame, district, rules.maximum)
    return frame


def _previous(district: District) -> Numbers:
    """Return the row of today's grids that each building lies in, or -1."""
    inside = np.full(len(district.buildings), NONE, dtype=np.int64)
    if district.grids is not None and len(district.grids):
        inner = shapely.point_on_surface(np.asarray(district.buildings.geometry.values))
        tree = shapely.STRtree(np.asarray(district.grids.geometry.values))
        building, grid = tree.query(inner, predicate="intersects")
        # A point on a shared border, or on an overlap, belongs to the lower code: the frame is sorted by code.
        order = np.argsort(-grid, kind="stable")
        inside[building[order]] = grid[order]
    return inside


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """Number the generators of each site by place alone; rows on one place share a generator."""
    shapes = shapely.normalize(shapely.set_precision(rows["geometry"].to_numpy(), 0.001, mode="pointwise"))
    places = shapely.get_coordinates(shapely.centroid(shapes))
    keys = pd.DataFrame(
        {
            "site": rows["site"],
            "x": np.round(places[:, 0], 3),
            "y": np.round(places[:, 1], 3),
            "wkb": shapely.to_wkb(shapes),
        }
    )
    order = keys.sort_values(["site", "x", "y", "wkb"], kind="stable").index
    rows, keys = rows.loc[order], keys.loc[order]
    new = (keys["site"] != keys["site"].shift()) | (keys["wkb"] != keys["wkb"].shift())
    count = new.cumsum()
    first = count.groupby(keys["site"]).transform("min")
    return rows.assign(generator=(count - first).to_numpy())


def _generators(rows: pd.DataFrame, join: Numbers | None, part: Numbers | None) -> Generators:
    """Sum the rows of one site by generator."""
    place = rows["generator"].to_numpy(dtype=np.int64)
    n = int(place.max(initial=-1)) + 1
    first = np.searchsorted(place, np.arange(n))
    heaviest = rows.assign(place=place).sort_values(["place", "households"], ascending=[True, False], kind="stable")
    lead = heaviest.drop_duplicates("place")
    none = np.empty((0, 2), dtype=np.int64)
    return Generators(
        geometry=np.asarray(rows["geometry"].to_numpy(dtype=object)[first], dtype=object),
        households=_sums(place, rows["households"], n),
        persons=_sums(place, rows["persons"].round(), n),
        buildings=np.bincount(place, minlength=n).astype(np.int64),
        work=np.bincount(place, rows["work"], minlength=n).astype(np.float64),
        own_ground=np.bincount(place, rows["own_ground"], minlength=n) > 0,
        compound=_codes(lead["compound_name"], rows["compound_name"]),
        group=_codes(lead["group_name"], rows["group_name"]),
        previous=lead["previous"].to_numpy(dtype=np.int64),
        join=none if join is None else join,
        part=none if part is None else part,
    )


def _sums(place: Numbers, values: pd.Series, n: int) -> Numbers:
    sums = np.zeros(n, dtype=np.int64)
    np.add.at(sums, place, values.to_numpy(dtype=np.int64))
    return sums


def _names(column: pd.Series) -> list[str]:
    """Return the names of a site, in the order of their numbers."""
    return sorted(column.dropna().unique())


def _codes(names: pd.Series, column: pd.Series) -> Numbers:
    """Return the number of each name among all names of the site, or -1 for none."""
    number = {name: place for place, name in enumerate(_names(column))}
    return np.array([number.get(name, NONE) for name in names], dtype=np.int64)


def _pairs(
    pairs: tuple[tuple[str, str], ...], district: District, rows: pd.DataFrame, name: str
) -> Mapping[int, Numbers]:
    """Return pairs of building ids as pairs of generators by site."""
    if not pairs:
        return {}
    ids = pd.Index(district.buildings["building_id"])
    unknown = sorted({item for pair in pairs for item in pair} - set(ids))
    if unknown:
        raise RulesError(f"{name} names buildings that do not exist: {', '.join(unknown)}")
    where = rows.drop_duplicates("building").set_index("building")[["site", "generator"]]
    found: dict[int, list[tuple[int, int]]] = {}
    for one, two in pairs:
        (site, first), (other, second) = (where.loc[ids.get_loc(item)] for item in (one, two))
        if site != other:
            if name == "must_part":
                continue
            raise RulesError(f"{name}: {one} and {two} lie in two communities, and no grid crosses a border")
        found.setdefault(int(site), []).append((int(first), int(second)))
    return {site: np.array(values, dtype=np.int64) for site, values in found.items()}


def _fixed_areas(district: District) -> list[tuple[FixedArea, ...]]:
    """Return for each community its locked grids, by code, and then its exclusive areas less the locks, as drawn."""
    polygons = np.asarray(district.communities.geometry.values, dtype=object)
    areas: list[list[FixedArea]] = [[] for _ in polygons]
    codes = district.communities["community_code"].tolist()
    if district.grids is not None:
        for grid in district.grids[district.grids["locked"]].sort_values("grid_code").itertuples():
            place = codes.index(grid.home) if grid.home in codes else _most_covered(grid.geometry, polygons)
            ground = _polygonal(shapely.intersection(grid.geometry, polygons[place]))
            areas[place].append(FixedArea(ground, grid.kind or "basic", grid.name or "", grid.grid_code))
    if district.exclusive is not None:
        tree = shapely.STRtree(polygons)
        for area in district.exclusive.itertuples():
            for place in np.sort(tree.query(area.geometry, predicate="intersects")):
                taken = [item.polygon for item in areas[place]]
                ground = _polygonal(shapely.intersection(area.geometry, polygons[place]))
                ground = _polygonal(shapely.difference(ground, shapely.union_all(taken))) if taken else ground
                if ground.area >= LEAST_FIXED_M2:
                    areas[place].append(FixedArea(ground, "exclusive", area.name, None))
    return [tuple(items) for items in areas]


def _present(district: District) -> list[Present | None]:
    """Return for each community today's unlocked grids that meet it."""
    polygons = np.asarray(district.communities.geometry.values, dtype=object)
    if district.grids is None or not len(district.grids):
        return [None] * len(polygons)
    rows = np.flatnonzero(~district.grids["locked"].to_numpy(dtype=bool))
    ground = np.asarray(district.grids.geometry.values, dtype=object)[rows]
    return [Present(ground[near], rows[near]) for near in _near(ground, polygons)]


def _most_covered(geometry: shapely.Geometry, polygons: Geometries) -> int:
    return int(shapely.area(shapely.intersection(polygons, geometry)).argmax())


def _polygonal(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of an overlay's result, without the lines and points where borders only touch."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _barriers_by_community(barriers: Barriers, communities: gpd.GeoDataFrame) -> list[Barriers]:
    """Return for each community the barriers that meet it, whole: workers cut them to the border."""
    polygons = np.asarray(communities.geometry.values, dtype=object)
    found = [_near(items, polygons) for items in (barriers.lines, barriers.bridges, barriers.waters)]
    return [
        Barriers(
            barriers.lines[lines],
            barriers.impassable[lines],
            barriers.rank[lines],
            barriers.bridges[bridges],
            barriers.waters[waters],
            barriers.street[lines],
        )
        for lines, bridges, waters in zip(*found, strict=True)
    ]


def _near(items: Geometries, polygons: Geometries) -> list[NDArray[np.int64]]:
    if not len(items):
        return [np.empty(0, dtype=np.int64) for _ in polygons]
    place, item = shapely.STRtree(items).query(polygons, predicate="intersects")
    order = np.lexsort((item, place))
    return np.split(item[order], np.searchsorted(place[order], np.arange(1, len(polygons))))
