"""
Synthetic towns from `gridplan.synthetic`: one community each, or a city of many.

With barriers, river, railway and motorway cut the ground and streets are followed; without, the same lines cut nothing
and are followed all the same.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from gridbench.districts import from_source
from gridbench.instance import Instance
from gridplan.synthetic import SyntheticDistrict, make_city
from gridplan.synthetic.write import write_source

COMMUNITY = "440000000001"


def town(name: str, households: int, *, seed: int, barriers: bool, communities: bool = False) -> Instance:
    """
    Make an instance of a synthetic town.

    Parameters
    ----------
    name
        Name of the instance.
    households
        Households to make; the rural communities' are left out.
    seed
        Seed of the town.
    barriers
        Whether river, railway and motorway cut the ground.
    communities
        Whether to keep the town's communities; else all urban ground is one.
    """
    made = make_city(np.random.default_rng(seed), households)
    layers = _urban(made, communities=communities)
    if not barriers:
        layers["barriers"] = layers["barriers"].assign(passable=1)
    about = f"make_city({households:,} households, seed {seed}), urban ground" + (
        "" if communities else " as one community"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = write_source(layers, made.about, Path(folder) / "town.gpkg")
        return from_source(name, f"{about}, {'with' if barriers else 'no'} impassable barriers", path)


def _urban(made: SyntheticDistrict, *, communities: bool) -> dict[str, gpd.GeoDataFrame]:
    ground = made.communities[made.communities["area_kind"] == "urban"]
    buildings = made.buildings[
        shapely.intersects(
            made.buildings.representative_point().to_numpy(), shapely.union_all(ground.geometry.to_numpy())
        )
    ]
    if not communities:
        whole = shapely.coverage_union_all(ground.geometry.to_numpy())
        ground = ground.iloc[:1].assign(community_code=COMMUNITY, geometry=[whole])
        buildings = buildings.assign(community_code=COMMUNITY)
    return {
        "communities": ground.reset_index(drop=True),
        "buildings": buildings.reset_index(drop=True),
        "barriers": made.barriers,
    }
