"""
A whole synthetic district or city in the layers of the contract, from one generator and one seed.

    town (lattice, streets, blocks, buildings) -> communities -> households -> grids of today -> addresses -> incidents
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.synthetic import addresses, communities, housing, incidents, names, people, territory
from gridplan.synthetic import town as towns
from gridplan.synthetic.town import Town

#: CGCS2000 / 3-degree Gauss-Krueger, central meridian 129 E: the frame of surveys at this longitude, in metres, so
#: that sizes, distances and the absence of overlaps hold exactly as made; EPSG:4490 would round them through degrees.
CRS = "EPSG:4552"
NOTICE = (
    "合成示例数据：地点、名称、编码、户数、地址和事件均为程序生成，不对应任何真实地方。"
    "Synthetic sample: every place, name, code, count, address and incident was generated; none is real."
)
HOUSEHOLDS_PER_GRID = 296  # 152 grids for 45,000 households, as in the street whose merger scenario 2 replays
HOUSEHOLDS_PER_COMMUNITY = 4_545
BIG_COMMUNITY = 5_250
_WORKING = ("block", "community", "entrances", "label", "road", "door", "street", "community_name")


@dataclass(frozen=True)
class SyntheticDistrict:
    """
    A made district; all frames have a RangeIndex, ids and codes are text, every geometry is in ``EPSG:4552``.

    Parameters
    ----------
    name
        Name that says that the district is made.
    communities, buildings, barriers, grids, exclusive, entrances, addresses, incidents
        Layers of the contract (design 3.1) with further columns; the last two are None where not asked for.
    about
        What the file says of itself: ``notice``, ``households_are`` and the numbers that were planted.
    """

    name: str
    communities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    exclusive: gpd.GeoDataFrame
    entrances: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame | None
    incidents: gpd.GeoDataFrame | None
    about: dict[str, str]

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return the layers that are there, by the contract's names."""
        layer_names = (
            "communities",
            "buildings",
            "barriers",
            "grids",
            "exclusive",
            "entrances",
            "addresses",
            "incidents",
        )
        found = {name: getattr(self, name) for name in layer_names}
        return {name: frame for name, frame in found.items() if frame is not None}


def make_district(rng: np.random.Generator, *, n_communities: int = 12, households: int = 45_000) -> SyntheticDistrict:
    """
    Make a Chinese district with all layers.

    Parameters
    ----------
    rng
        Source of chance; the same state gives the same district.
    n_communities
        Communities, about one in twelve of them rural; 3 to a fourth of the superblocks (households / 1,000).
    households
        Households, met within 1 %; 10,000 and more.

    Returns
    -------
    SyntheticDistrict
        With an estate of 40 buildings, 108 entrances, 1,856 households and 4,860 persons in four grids of today, a
        tower of 540-579 households, a school and a market as exclusive areas, and a year of incidents.

    Examples
    --------
    >>> import numpy as np
    >>> district = make_district(np.random.default_rng(1), n_communities=4, households=12_000)
    >>> len(district.communities)
    4
    """
    return _make(rng, n_communities, households, landmarks=True, addressed=True, reported=True)


def make_city(
    rng: np.random.Generator, households: int = 1_000_000, *, with_addresses: bool = False, with_incidents: bool = False
) -> SyntheticDistrict:
    """
    Make a city: the same layers and the same kinds of quarters, without the district's landmarks.

    Parameters
    ----------
    rng
        Source of chance.
    households
        Households, met within 1 %; 10,000 and more.
    with_addresses, with_incidents
        Whether to make these two layers, which are the largest; incidents need addresses and bring them.
    """
    count = max(3, round(households / HOUSEHOLDS_PER_COMMUNITY))
    addressed = with_addresses or with_incidents
    return _make(rng, count, households, landmarks=False, addressed=addressed, reported=with_incidents)


def _make(
    rng: np.random.Generator, n_communities: int, households: int, *, landmarks: bool, addressed: bool, reported: bool
) -> SyntheticDistrict:
    if n_communities < 3 or households < 10_000:
        raise ValueError(f"at least 3 communities and 10000 households; got {n_communities} and {households}")
    town = towns.build(rng, households, landmarks=landmarks)
    rural = max(1, round(n_communities / 12))
    home = _homes(town, n_communities - rural, rural)
    names_of = people.registry(n_communities - rural, rural, rng)
    buildings = _buildings(town, home, names_of, households, n_communities if landmarks else 0, rng)
    land = territory.draw(town, home, names_of, buildings, round(households / HOUSEHOLDS_PER_GRID), rng)
    buildings, walls = people.settle(town, buildings, land.roads, names_of, rng)
    doors = _entrances(buildings)
    register = addresses.table(buildings, doors, rng) if addressed else None
    busiest = str(buildings.groupby("community_code")["households"].sum().idxmax())
    events = incidents.year(buildings, register, busiest, rng) if reported and register is not None else None
    return SyntheticDistrict(
        name=names.DISTRICT,
        communities=_frame(land.communities),
        buildings=_frame(buildings.drop(columns=[*_WORKING])),
        barriers=_frame(_barriers(town, land.roads, walls)),
        grids=_frame(land.grids),
        exclusive=_frame(land.exclusive),
        entrances=_frame(_dividable(buildings, doors)),
        addresses=None if register is None else _frame(register),
        incidents=None if events is None else _frame(events),
        about=_about(busiest if reported else ""),
    )


def _frame(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return a layer with its geometry last and a RangeIndex."""
    columns = [column for column in table.columns if column != "geometry"]
    return gpd.GeoDataFrame(table[columns], geometry=table["geometry"].to_numpy(), crs=CRS).reset_index(drop=True)


def _homes(town: Town, urban: int, rural: int) -> NDArray[np.int64]:
    """Return the community of every block."""
    weight = np.zeros(town.lattice.shape)
    dwellings = town.buildings.groupby("block")["dwellings"].sum().reindex(town.blocks.index, fill_value=0)
    np.add.at(weight, (town.blocks["row"].to_numpy(), town.blocks["column"].to_numpy()), dwellings.to_numpy())
    label = communities.assign(town.lattice, weight, urban, rural)
    return np.asarray(label[town.blocks["row"].to_numpy(), town.blocks["column"].to_numpy()])


def _buildings(
    town: Town, home: NDArray[np.int64], names_of: pd.DataFrame, total: int, planted: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the buildings with households, persons and community."""
    built = town.buildings
    community = home[built["block"].to_numpy()]
    largest = BIG_COMMUNITY if planted and 1.6 * total / planted > BIG_COMMUNITY else 0
    counted = housing.households(built, community, total, largest, rng)
    kind = built["kind"].to_numpy()
    return pd.DataFrame(
        {
            "building_id": [f"B{k + 1:07d}" for k in range(len(built))],
            "households": counted,
            "persons": housing.persons(kind, counted, rng),
            "floors": built["floors"].to_numpy(),
            "kind": kind,
            "community_code": names_of["community_code"].to_numpy()[community],
            "flood_grade": people.flood_grade(shapely.distance(built["geometry"].to_numpy(), town.water)),
            "geometry": built["geometry"].to_numpy(),
            "block": built["block"].to_numpy(),
            "community": community,
            "entrances": built["entrances"].to_numpy(),
        }
    )


def _entrances(buildings: pd.DataFrame) -> pd.DataFrame:
    """Return all entrances with a point on the long side of their building."""
    table = housing.entrances(buildings)
    corner = shapely.get_coordinates(buildings["geometry"].to_numpy()).reshape(-1, 5, 2)
    long = np.hypot(*(corner[:, 1] - corner[:, 0]).T) > np.hypot(*(corner[:, 2] - corner[:, 1]).T)
    start = np.where(long[:, None], corner[:, 0], corner[:, 1])
    end = np.where(long[:, None], corner[:, 1], corner[:, 2])
    row = table["row"].to_numpy()
    share = ((table["number"] - 0.5) / buildings["entrances"].to_numpy()[row]).to_numpy()[:, None]
    middle = shapely.get_coordinates(shapely.centroid(buildings["geometry"].to_numpy()))[row]
    front = start[row] + share * (end - start)[row]
    return table.assign(geometry=shapely.points(np.round(front + 0.1 * (middle - front), 3)))


def _dividable(buildings: pd.DataFrame, doors: pd.DataFrame) -> pd.DataFrame:
    """Return the entrances of towers and of the estate, the buildings that a plan may have to divide."""
    kept = buildings["kind"].isin(["tower", "landmark", "estate"]).to_numpy()[doors["row"].to_numpy()]
    return pd.DataFrame(doors.loc[kept, ["building_id", "entrance", "households", "geometry"]])


def _barriers(town: Town, roads: pd.DataFrame, walls: pd.DataFrame) -> pd.DataFrame:
    """Return roads, the railway, the bridge, the river and the walls of compounds; railway and river are impassable."""
    river = pd.DataFrame({"kind": ["river"], "name": [names.RIVER], "geometry": [town.water]})
    every = pd.concat([roads[["kind", "name", "geometry"]], river, walls], ignore_index=True)
    passable = (~every["kind"].isin(["river", "railway"])).astype(np.int64)
    return pd.DataFrame(every.assign(passable=passable)[["kind", "name", "passable", "geometry"]])


def _about(rise_in: str) -> dict[str, str]:
    """Return what the file says of itself."""
    about = {"name": names.DISTRICT, "notice": NOTICE, "households_are": "synthetic", "crs": CRS}
    if rise_in:
        about["planted_rise"] = (
            f"{incidents.RISE_CATEGORY};{rise_in};{incidents.RISE_FROM:%Y-%m-%d};{incidents.RISE_FACTOR:g}"
        )
    return about
