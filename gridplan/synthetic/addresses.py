"""Standard addresses of a synthetic town, as its register would hold them, and the other names that people use."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.synthetic import names

ALIAS_SHARE = 0.35


def doors(points: NDArray[np.object_], roads: pd.DataFrame) -> pd.DataFrame:
    """
    Number places along the nearest road, odd on its left side and even on its right.

    Parameters
    ----------
    points
        One point for each compound or lone building.
    roads
        ``geometry, kind, name``; only streets with a name are used.

    Returns
    -------
    pandas.DataFrame
        ``road, door`` ("12号"), RangeIndex; no two places have the same.
    """
    streets = roads[(roads["name"] != "") & ~roads["kind"].isin(["railway", "bridge", "river", "wall"])]
    lines = streets["geometry"].to_numpy()
    nearest = shapely.STRtree(lines).nearest(points)
    line = lines[nearest]
    along = shapely.line_locate_point(line, points)
    before, after = (
        shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(along + d, 0))) for d in (-2, 2)
    )
    ahead, aside = after - before, shapely.get_coordinates(points) - before
    left = ahead[:, 0] * aside[:, 1] - ahead[:, 1] * aside[:, 0] > 0
    place = pd.DataFrame({"road": streets["name"].to_numpy()[nearest], "left": left, "line": nearest, "along": along})
    rank = place.sort_values(["line", "along"], kind="stable").groupby(["road", "left"]).cumcount()
    number = 2 * rank.reindex(place.index) + np.where(left, 1, 2)
    return pd.DataFrame({"road": place["road"], "door": number.astype(str) + "号"})


def written(parts: pd.DataFrame) -> pd.Series:
    """Return the parts of addresses as one text a row, from the largest to the smallest, without spaces."""
    return pd.Series(
        ["".join(row) for row in parts.itertuples(index=False, name=None)], index=parts.index, dtype=object
    )


def table(buildings: pd.DataFrame, entrances: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """
    Return the addresses of all buildings, and of each entrance (单元) where a building has several.

    Parameters
    ----------
    buildings
        ``building_id, geometry, street`` (街道 or 镇), ``community_name, compound_name, label`` ("3号楼" or
        ""), ``road, door, village_group``.
    entrances
        ``row`` (position of the building), ``entrance``, ``geometry``.
    rng
        Source of chance.

    Returns
    -------
    pandas.DataFrame
        ``address_id, address, building_id, aliases`` (joined by ";", "" for none), the parts ``province, city,
        district, street, community, road, door, compound, building, unit``, and ``geometry`` (point).
    """
    several = entrances[entrances.groupby("row")["row"].transform("size") > 1]
    row = np.concatenate([np.arange(len(buildings)), several["row"].to_numpy()])
    own = buildings.iloc[row].reset_index(drop=True)
    points = np.concatenate(
        [shapely.point_on_surface(buildings["geometry"].to_numpy()), several["geometry"].to_numpy()]
    )
    unit = np.concatenate([np.full(len(buildings), "", dtype=object), several["entrance"].to_numpy()])
    parts = pd.DataFrame(
        {
            "province": names.PROVINCE,
            "city": names.CITY,
            "district": names.DISTRICT_PLAIN,
            "street": own["street"],
            "community": own["community_name"],
            "road": own["village_group"].where(own["village_group"] != "", own["road"]),
            "door": own["door"],
            "compound": own["compound_name"],
            "building": own["label"],
            "unit": unit,
        }
    )
    result = pd.DataFrame(
        {
            "address_id": [f"A{k + 1:07d}" for k in range(len(parts))],
            "address": written(parts),
            "building_id": own["building_id"],
            "aliases": _aliases(parts, rng),
        }
    ).join(parts)
    order = np.argsort(row, kind="stable")
    return result.assign(geometry=points).iloc[order].reset_index(drop=True).assign(address_id=result["address_id"])


def _aliases(parts: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    """Return what people say instead: 栋 for 号楼, no road, or the road alone; about a third of the rows have one."""
    building, unit = parts["building"], parts["unit"]
    short = parts["compound"] + building.str.replace("号楼", "栋") + unit
    by_road = parts["road"] + parts["door"] + building + unit
    chosen = rng.random(len(parts)) < ALIAS_SHARE
    both = short + ";" + by_road
    named = (parts["compound"] != "") & chosen
    return both.where(named & (short != ""), "").to_list()
