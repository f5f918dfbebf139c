"""The check of a tree: each area lies in its parent, areas tile their parent, codes nest, sums add up."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan.levels.tree import LEVELS, Tree

# What tiling owes (contract 3.2): exact inside, and on the rim within the larger of these.
INSIDE_M2, RIM_M2, RIM_M = 0.01, 0.05, 0.001


def nesting_faults(tree: Tree) -> list[str]:
    """
    Return what is wrong with a tree, each a sentence; none where it keeps every promise.

    Parameters
    ----------
    tree
        The tree.

    Notes
    -----
    Checked are: codes are unique in their level; every parent exists; a code begins with its parent's; areas overlap
    by less than 0.01 m2 and leave less than max(0.05 m2, 1 mm x perimeter) of their parent; households and work of a
    parent are the sums of its areas; each household stands once in the listing of buildings.
    """
    faults = []
    levels = [level for level in LEVELS if (tree.levels["level"] == level).any()]
    for level in levels:
        codes = tree.levels.loc[tree.levels["level"] == level, "code"]
        faults += [f"{level} {code}: the code is given twice" for code in sorted(codes[codes.duplicated()])]
    for upper, lower in pairwise(levels):
        faults += _between(_level(tree, upper), _level(tree, lower), upper, lower)
    listed, held = int(tree.heads["households"].sum()), int(_level(tree, levels[0])["households"].sum())
    if listed != held:
        faults.append(f"the listing of buildings holds {listed} households, the {levels[0]} level {held}")
    return faults


def _level(tree: Tree, level: str) -> gpd.GeoDataFrame:
    return tree.levels[tree.levels["level"] == level]


def _between(parents: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, upper: str, lower: str) -> list[str]:
    known = set(parents["code"])
    faults = []
    for code, parent in zip(areas["code"], areas["parent_code"], strict=True):
        if parent not in known:
            faults.append(f"{lower} {code}: its {upper} {parent} does not exist")
        elif not str(code).startswith(str(parent)):
            faults.append(f"{lower} {code}: its code does not begin with that of its {upper} {parent}")
    inside = dict(iter(areas.groupby("parent_code")))
    for row in parents.itertuples():
        mine = inside.get(row.code)
        if mine is None:
            faults.append(f"{upper} {row.code}: no {lower} lies in it")
            continue
        faults += _sums(row, mine, upper, lower)
        faults += _ground(row, np.asarray(mine.geometry.values, dtype=object), upper, lower)
    return faults


def _sums(parent: object, areas: pd.DataFrame, upper: str, lower: str) -> list[str]:
    found = []
    for column in ("households", "work_min"):
        whole, parts = int(getattr(parent, column)), int(areas[column].sum())
        if whole != parts:
            found.append(f"{upper} {parent.code}: {column} {whole}, its {lower} areas have {parts}")  # type: ignore[attr-defined]
    return found


def _ground(parent: object, polygons: np.ndarray, upper: str, lower: str) -> list[str]:
    ground = parent.geometry  # type: ignore[attr-defined]
    whole = shapely.union_all(polygons)
    rim = max(RIM_M2, RIM_M * ground.length)
    apart = float(shapely.symmetric_difference(whole, ground).area)
    twice = float(shapely.area(polygons).sum() - whole.area)
    place = f"{upper} {parent.code}"  # type: ignore[attr-defined]
    found = [f"{place}: its {lower} areas miss it by {apart:.3f} m2"] if apart > rim else []
    return found + ([f"{place}: its {lower} areas overlap by {twice:.3f} m2"] if twice > INSIDE_M2 else [])
