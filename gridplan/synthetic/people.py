"""Who belongs where: codes and names of communities, compounds, house numbers, village groups, flood grades."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.synthetic import addresses, names
from gridplan.synthetic import town as towns
from gridplan.synthetic.town import Town

PREFIX = "230718"  # a real county's digits; street and community digits are invented and stand in no list
COMMUNITIES_PER_STREET = 15
FLOOD_GRADES = ((120.0, "red"), (250.0, "orange"), (450.0, "yellow"), (700.0, "blue"))
TWIN_NAME = "阳光小区"  # two compounds of one name in two communities, as every town has them
WALL_OFFSET_M, GATE_M = 2.0, 8.0


def registry(urban: int, rural: int, rng: np.random.Generator) -> pd.DataFrame:
    """
    Return codes and names of communities, the rural ones last.

    Returns
    -------
    pandas.DataFrame
        ``community_code`` (12 digits), ``name``, ``area_kind``, ``street`` (街道 or 镇 above it).
    """
    k, v = np.arange(urban), np.arange(rural)
    streets = [name.replace("社区", "街道") for name in names.community_names(urban // COMMUNITIES_PER_STREET + 1, rng)]
    codes = [f"{PREFIX}{n // COMMUNITIES_PER_STREET + 1:03d}{n % COMMUNITIES_PER_STREET + 1:03d}" for n in k]
    town = rng.choice(["柳林镇", "桦甸子镇"])
    return pd.DataFrame(
        {
            "community_code": codes + [f"{PREFIX}1{90 + n // 200:02d}{200 + n % 200:03d}" for n in v],
            "name": names.community_names(urban, rng) + names.village_names(rural, rng),
            "area_kind": ["urban"] * urban + ["rural"] * rural,
            "street": [streets[n // COMMUNITIES_PER_STREET] for n in k] + [town] * rural,
        }
    )


def flood_grade(distance_m: NDArray[np.float64]) -> NDArray[np.object_]:
    """
    Return the four-colour flood grade by distance to the river: below 120 m red, 250 orange, 450 yellow, 700 blue.

    Parameters
    ----------
    distance_m
        Metres to the water.
    """
    limits = [limit for limit, _ in FLOOD_GRADES]
    return np.array([*(grade for _, grade in FLOOD_GRADES), "none"], dtype=object)[
        np.searchsorted(limits, distance_m, side="right")
    ]


def settle(
    town: Town, buildings: pd.DataFrame, roads: pd.DataFrame, names_of: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Give buildings their compound, village group and address.

    Parameters
    ----------
    town
        The town.
    buildings
        ``kind, block, community, geometry`` and more.
    roads
        Streets with names.
    names_of
        Communities as `registry` returns them.
    rng
        Source of chance.

    Returns
    -------
    tuple
        The buildings with ``compound_id`` (null outside), ``compound_name, village_group, address`` and the parts
        ``label, road, door, street``; and the walls of the compounds, each open at a gate.
    """
    estates = _twins(towns.compounds(town, rng), buildings)
    walls = _walls(town, estates)
    settled = _members(buildings, estates)
    settled["village_group"] = _groups(settled)
    settled["street"] = names_of["street"].to_numpy()[settled["community"]]
    settled["community_name"] = names_of["name"].to_numpy()[settled["community"]]
    settled = _numbered(settled, estates, walls, roads)
    parts = settled[["street", "community_name", "village_group", "road", "door", "compound_name", "label"]]
    head = names.PROVINCE + names.CITY + names.DISTRICT_PLAIN
    return settled.assign(address=head + addresses.written(parts)), walls


def _twins(estates: pd.DataFrame, buildings: pd.DataFrame) -> pd.DataFrame:
    """Give two slab compounds of different communities the same name, as a caller's riddle."""
    slab = buildings.assign(slab=buildings["kind"] == "slab").groupby("block")
    found = slab.agg(n=("slab", "size"), only=("slab", "all"), community=("community", "first"))
    slabs = found[found["only"] & (found["n"] >= 4) & found.index.isin(estates.index)].drop_duplicates("community")
    if len(slabs) >= 2:
        estates.loc[[slabs.index[0], slabs.index[-1]], "name"] = TWIN_NAME
    return estates


def _members(buildings: pd.DataFrame, estates: pd.DataFrame) -> pd.DataFrame:
    """Return the buildings with their compound and number in it, counted from north to south."""
    compound = estates["compound_id"].reindex(buildings["block"]).to_numpy()
    yard = estates["yard"].astype("boolean").reindex(buildings["block"]).fillna(False).to_numpy(dtype=bool)
    outside = pd.isna(compound) | (yard & (buildings["kind"] != "walkup").to_numpy())
    result = buildings.assign(
        compound_id=pd.Series(compound, index=buildings.index, dtype=object).where(~outside, None)
    )
    result["compound_name"] = np.where(outside, "", estates["name"].reindex(buildings["block"]).fillna("").to_numpy())
    xy = shapely.get_coordinates(shapely.centroid(result["geometry"].to_numpy()))
    order = np.lexsort((xy[:, 0], -xy[:, 1]))
    number = result.iloc[order].groupby("compound_id", dropna=False).cumcount().sort_index() + 1
    result["label"] = np.where(outside, "", number.astype(str) + "号楼")
    return result


def _groups(buildings: pd.DataFrame) -> NDArray[np.object_]:
    """Return the village group (村民小组) of each farmhouse, one for each hamlet; "" for all other buildings."""
    farm = buildings[buildings["kind"] == "farmhouse"]
    hamlets = farm.drop_duplicates("block")[["community", "block"]]
    order = hamlets.groupby("community").cumcount().set_axis(hamlets["block"])
    result = np.full(len(buildings), "", dtype=object)
    if len(farm):
        result[farm.index] = names.group_names(int(order.max()) + 1)[order.loc[farm["block"]].to_numpy()]
    return result


def _walls(town: Town, estates: pd.DataFrame) -> pd.DataFrame:
    """Return the wall around each compound as a line with a gate in the middle of its longest side."""
    rings = shapely.get_exterior_ring(
        shapely.buffer(town.blocks.loc[estates.index, "ground"].to_numpy(), WALL_OFFSET_M, join_style="mitre")
    )
    lines = np.array([_open(ring) for ring in rings], dtype=object)
    return pd.DataFrame({"kind": "wall", "name": estates["name"].to_numpy(), "geometry": lines})


def _open(ring: shapely.LinearRing) -> shapely.LineString:
    """Return a ring as a line that starts and ends beside the gate."""
    xy = shapely.get_coordinates(ring)[:-1]
    side = np.hypot(*(np.roll(xy, -1, axis=0) - xy).T)
    k = int(np.argmax(side))
    xy = np.roll(xy, -k - 1, axis=0)
    first, last = xy[0], xy[-1]
    along = (first - last) / side[k]
    middle = (first + last) / 2
    gate = min(GATE_M, side[k] / 3) / 2
    return shapely.LineString(np.round(np.vstack([middle + gate * along, xy, middle - gate * along]), 3))


def _numbered(buildings: pd.DataFrame, estates: pd.DataFrame, walls: pd.DataFrame, roads: pd.DataFrame) -> pd.DataFrame:
    """Number compounds at their gate and every other building at its door; village houses by group."""
    gates = shapely.get_point(walls["geometry"].to_numpy(), 0)
    farm = (buildings["village_group"] != "").to_numpy()
    alone = buildings["compound_id"].isna().to_numpy() & ~farm
    points = np.concatenate([gates, shapely.centroid(buildings.loc[alone, "geometry"].to_numpy())])
    place = addresses.doors(points, roads)
    at_gate = place.iloc[: len(gates)].set_index(estates["compound_id"])
    result = buildings.assign(road="", door="")
    inside = result["compound_id"].notna()
    for column in ("road", "door"):
        result.loc[inside, column] = at_gate[column].reindex(result.loc[inside, "compound_id"]).to_numpy()
        result.loc[alone, column] = place[column].to_numpy()[len(gates) :]
    number = result[farm].groupby(["community", "village_group"]).cumcount() + 1
    result.loc[farm, "door"] = number.astype(str) + "号"
    return result
