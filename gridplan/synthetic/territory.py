"""Communities, grids of today and exclusive areas as exact coverages that share their vertices with the streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.synthetic import blocks, names, present
from gridplan.synthetic.town import Town

# Some committees drew few large grids, most of them many small ones: every third has 0.5 times as many as the others.
COARSE = 0.5


@dataclass(frozen=True)
class Territory:
    """
    How the ground is divided.

    Parameters
    ----------
    communities
        ``community_code, name, area_kind, street, geometry``.
    grids
        ``grid_code, name, kind, locked, households, geometry``.
    exclusive
        ``name, geometry``.
    roads
        ``geometry, kind, name``: every street, the railway and the bridge, with the vertices of the coverages.
    """

    communities: pd.DataFrame
    grids: pd.DataFrame
    exclusive: pd.DataFrame
    roads: pd.DataFrame


def draw(
    town: Town,
    home: NDArray[np.int64],
    names_of: pd.DataFrame,
    buildings: pd.DataFrame,
    n_grids: int,
    rng: np.random.Generator,
) -> Territory:
    """
    Divide a town's ground.

    Parameters
    ----------
    town
        The town.
    home
        Community of each block.
    names_of
        Codes and names of the communities.
    buildings
        ``block, households, geometry``.
    n_grids
        Number of grids of today, the exclusive ones included.
    rng
        Source of chance.
    """
    noded = blocks.node(_with_cuts(town, buildings, rng))
    pieces = _pieces(town, home, blocks.faces(noded["geometry"].to_numpy()), buildings)
    exclusive = _exclusive(pieces, names_of)
    pieces["fixed"] = pieces["block"].isin(exclusive["block"]) | (pieces["use"] == "estate")
    grids = _grids(pieces, _edges(town, pieces), names_of, n_grids, rng)
    ground = shapely.coverage_union_all
    whole = [ground(group) for _, group in pieces.groupby("home")["geometry"]]
    return Territory(names_of.assign(geometry=whole), grids, exclusive[["name", "geometry"]], blocks.merge(noded))


def _with_cuts(town: Town, buildings: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the town's lines and the cuts between buildings that grids of today follow."""
    limits = rng.uniform(*present.PIECE_HOUSEHOLDS, len(town.blocks))
    found: list[shapely.LineString] = []
    use, ground, angle = (town.blocks[column].to_numpy() for column in ("use", "geometry", "angle"))
    for block, rows in buildings.groupby("block").indices.items():
        k, own = int(str(block)), buildings.iloc[rows]
        boxes, households, turn = own["geometry"].to_numpy(), own["households"].to_numpy(), float(angle[k])
        if use[k] == "estate":
            found += present.quarters(ground[k], boxes, households, turn)
        else:
            found += present.cuts(ground[k], boxes, households, turn, float(limits[k]))
    cuts = pd.DataFrame({"geometry": np.array(found, dtype=object), "kind": "", "name": ""})
    return pd.concat([town.lines, cuts], ignore_index=True)


def _pieces(
    town: Town, home: NDArray[np.int64], polygons: NDArray[np.object_], buildings: pd.DataFrame
) -> pd.DataFrame:
    """Return the pieces of ground with their block, community and households."""
    inside = shapely.point_on_surface(polygons)
    block = shapely.STRtree(town.blocks["geometry"].to_numpy()).nearest(inside)
    point, piece = shapely.STRtree(polygons).query(
        shapely.centroid(buildings["geometry"].to_numpy()), predicate="within"
    )
    households = np.bincount(piece, weights=buildings["households"].to_numpy()[point], minlength=len(polygons))
    own = town.blocks.iloc[block]
    return pd.DataFrame(
        {
            "geometry": polygons,
            "block": block,
            "use": own["use"].to_numpy(),
            "cell": (own["row"] * town.lattice.shape[1] + own["column"]).to_numpy(),
            "home": home[block],
            "households": households.astype(np.int64),
        }
    )


def _exclusive(pieces: pd.DataFrame, names_of: pd.DataFrame) -> pd.DataFrame:
    """Return schools and markets as exclusive areas, up to the middle of the streets around them."""
    chosen = pieces[pieces["use"].isin(["school", "market"])]
    titles = {"school": "中心学校", "market": "综合市场"}
    name = [names_of["name"].iloc[home][:-2] + titles[use] for home, use in chosen[["home", "use"]].to_numpy()]
    return pd.DataFrame({"name": name, "block": chosen["block"].to_numpy(), "geometry": chosen["geometry"].to_numpy()})


def _edges(town: Town, pieces: pd.DataFrame) -> pd.DataFrame:
    """Return common edges of pieces; those on the railway or in the river are closed."""
    rail = town.lines.loc[town.lines["kind"] == "railway", "geometry"].to_numpy()
    return blocks.shared_edges(pieces["geometry"].to_numpy(), shapely.union_all([*rail, town.water]))


def _grids(
    pieces: pd.DataFrame, edges: pd.DataFrame, names_of: pd.DataFrame, n_grids: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Join the pieces of each community and number the grids from west to east, then north to south."""
    wanted = _wanted(pieces, names_of, n_grids)
    parts = []
    for home, group in pieces.groupby("home"):
        position = pd.Series(np.arange(len(group)), index=group.index)
        own = edges[edges["a"].isin(group.index) & edges["b"].isin(group.index)]
        own = own.assign(a=position.loc[own["a"]].to_numpy(), b=position.loc[own["b"]].to_numpy())
        label = present.join(group.reset_index(drop=True), own, int(wanted[int(str(home))]), rng)
        parts.append(_numbered(group, label, names_of.iloc[int(str(home))]))
    return pd.concat(parts, ignore_index=True)


def _wanted(pieces: pd.DataFrame, names_of: pd.DataFrame, n_grids: int) -> NDArray[np.int64]:
    """Return the number of grids of each community: a hamlet each in villages, else by households and by habit."""
    fixed = pieces[pieces["fixed"]].groupby("home").size().reindex(range(len(names_of)), fill_value=0).to_numpy()
    hamlets = pieces[pieces["use"] == "hamlet"].groupby("home").size().reindex(range(len(names_of)), fill_value=0)
    rural = (names_of["area_kind"] == "rural").to_numpy()
    result = np.where(rural, np.maximum(hamlets, 1), 1)
    free = pieces[~pieces["fixed"]].groupby("home")["households"].sum().to_numpy() * ~rural
    free = free * np.where(np.arange(len(free)) % 3 == 1, COARSE, 1.0)
    for _ in range(n_grids - int(result.sum() + fixed.sum())):
        result[np.argmax(free / result)] += 1
    return np.asarray(result + fixed, dtype=np.int64)


def _numbered(pieces: pd.DataFrame, label: NDArray[np.int64], community: pd.Series) -> pd.DataFrame:
    """Return the grids of one community with codes and names."""
    groups = pieces.groupby(label)
    geometry = np.array([shapely.coverage_union_all(group) for _, group in groups["geometry"]], dtype=object)
    xy = shapely.get_coordinates(shapely.centroid(geometry))
    order = np.lexsort((-xy[:, 1], xy[:, 0]))
    exclusive = groups["use"].first().isin(["school", "market"]) & groups["fixed"].all()
    kind = np.where(exclusive, "exclusive", "rural" if community["area_kind"] == "rural" else "basic")
    number = np.arange(1, len(order) + 1)
    return pd.DataFrame(
        {
            "grid_code": [f"{community['community_code']}{n:03d}" for n in number],
            "name": [f"第{names.chinese_number(int(n))}网格" for n in number],
            "kind": kind[order],
            "locked": np.zeros(len(order), dtype=np.int64),
            "households": groups["households"].sum().to_numpy()[order],
            "geometry": geometry[order],
        }
    )
