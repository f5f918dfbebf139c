"""The built town: lattice, streets, blocks and buildings, before anybody draws communities or grids on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.synthetic import blocks, footprints, housing, landuse, names, streets
from gridplan.synthetic import lattice as lattices
from gridplan.synthetic.lattice import Lattice

SUPERBLOCK_HOUSEHOLDS = 1_000  # 80 % of the 1,250 dwellings that a superblock holds on average, measured over seeds
TURN_NOISE = np.deg2rad(0.5)


@dataclass(frozen=True)
class Town:
    """
    A town without communities.

    Parameters
    ----------
    lattice
        Avenues.
    lines
        Dividing lines: ``geometry, kind, name``.
    water
        The river.
    blocks
        ``geometry`` (between the middles of the roads), ``ground`` (what may be built on), ``use``, ``row``,
        ``column`` (its superblock; a block of the river belongs to the superblock on its bank), ``angle``.
    buildings
        ``geometry, block, kind, floors, entrances, dwellings``.
    """

    lattice: Lattice
    lines: pd.DataFrame
    water: shapely.Polygon
    blocks: pd.DataFrame
    buildings: pd.DataFrame


def build(rng: np.random.Generator, households: int, *, landmarks: bool) -> Town:
    """
    Build a town for about so many households.

    Parameters
    ----------
    rng
        Source of chance.
    households
        Households to house, >= 8,000 with landmarks, else >= 4,000.
    landmarks
        Whether to set the estate and the very large tower.
    """
    superblocks = max(9, households / SUPERBLOCK_HOUSEHOLDS)
    rows = max(3, round(np.sqrt(superblocks * 6 / 7)))
    lattice = lattices.build(rng, columns=max(3, -int(-superblocks // rows)), rows=rows)
    use = landuse.uses(lattice, rng, landmarks=landmarks)
    middle, water = lattices.river(lattice, rng)
    lines = streets.draw(lattice, use, middle, lattices.railway(lattice), rng)
    pieces = blocks.node(lines)
    found = _blocks(lattice, use, pieces, water, rng)
    return Town(lattice, lines, water, found, _buildings(found, rng))


def _blocks(
    lattice: Lattice, use: NDArray[np.object_], pieces: pd.DataFrame, water: shapely.Polygon, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the town's blocks with their use."""
    polygons = blocks.faces(pieces["geometry"].to_numpy())
    index, cells = lattice.cells()
    inside = shapely.point_on_surface(polygons)
    cell = shapely.STRtree(cells).nearest(inside)
    row, column = index[cell].T
    ground = blocks.net(polygons, pieces, water)
    side = lattice.nodes[row, column + 1] - lattice.nodes[row, column]
    angle = blocks.direction(ground, np.arctan2(side[:, 1], side[:, 0])) + rng.normal(0, TURN_NOISE, len(polygons))
    frame = pd.DataFrame(
        {
            "geometry": polygons,
            "ground": ground,
            "use": use[row, column],
            "row": row,
            "column": column,
            "angle": angle,
        }
    )
    frame = _civic(_hamlets(frame, rng))
    # The railway may cut the landmark's superblock, and one very large tower is promised.
    large = frame.index[frame["use"] == "landmark"]
    frame.loc[large[np.argsort(-shapely.area(frame.loc[large, "ground"].to_numpy()))[1:]], "use"] = "tower"
    in_river = (frame["row"] == lattice.river_row).to_numpy()
    banks = lattice.across(np.full(lattice.shape[1] + 1, lattice.river_row + 0.5))
    south = _below(banks, inside)
    frame.loc[in_river, "row"] = np.where(south[in_river], lattice.river_row - 1, lattice.river_row + 1)
    return frame


def _below(line: NDArray[np.float64], points: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which points lie south of a line that runs from west to east."""
    return np.asarray(shapely.get_y(points) < np.interp(shapely.get_x(points), line[:, 0], line[:, 1]))


def _hamlets(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Set a hamlet on most of the blocks near the town and on few of those farther out."""
    rural = frame.index[frame["use"] == "rural"]
    near = frame.loc[rural].groupby("column").cumcount().to_numpy() == 1
    frame.loc[rural[rng.random(len(rural)) < np.where(near, 0.7, 0.2)], "use"] = "hamlet"
    return frame


def _civic(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the blocks of civic superblocks their uses, the largest first; every second one has a market."""
    groups = frame[frame["use"] == "civic"].groupby(["row", "column"]).groups
    for k, members in enumerate(groups.values()):
        order = (
            frame.loc[members]
            .assign(area=shapely.area(frame.loc[members, "ground"]))
            .sort_values("area", ascending=False)
        )
        plan = landuse.CIVIC[k % len(landuse.CIVIC)]
        frame.loc[order.index, "use"] = [*plan, *["slab"] * len(order)][: len(order)]
    return frame


def _buildings(found: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the buildings of all blocks with their dwelling stock."""
    parts = []
    for k, (use, ground, angle) in enumerate(found[["use", "ground", "angle"]].itertuples(index=False)):
        part = footprints.fill(use, ground, angle, rng)
        parts.append(part.assign(block=k))
    every = pd.concat([part for part in parts if len(part)], ignore_index=True)
    stock = housing.stock(every["kind"], every["width_m"], rng)
    return pd.concat([every[["geometry", "block"]], stock], axis=1)


def compounds(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """
    Return the compounds (小区) and old work-unit yards (家属院) of a town.

    Parameters
    ----------
    town
        The town.
    rng
        Source of chance.

    Returns
    -------
    pandas.DataFrame
        Index: block. ``compound_id, name, yard`` (bool).
    """
    homes = town.buildings[town.buildings["kind"].isin(["tower", "landmark", "slab", "estate", "walkup"])]
    count = homes.groupby("block").size()
    blocks_of = count.index[count >= 2]
    yard = (town.blocks.loc[blocks_of, "use"] == "old").to_numpy()
    taken = ~yard | (rng.random(len(yard)) < 0.6)
    frame = pd.DataFrame({"yard": yard[taken]}, index=blocks_of[taken])
    frame["compound_id"] = [f"C{k + 1:04d}" for k in range(len(frame))]
    frame["name"] = ""
    frame.loc[frame["yard"], "name"] = names.yard_names(int(frame["yard"].sum()), rng)
    frame.loc[~frame["yard"], "name"] = names.compound_names(int((~frame["yard"]).sum()), rng)
    return frame
