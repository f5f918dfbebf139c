"""
What lies to the east, south, west and north of each grid (四至), in words.

A side is what somebody sees who looks at the grid from there: parallel lines are drawn across the grid, and where each
first meets it is a place on that side. Each place is named by the nearest street, water or railway, else by the grid
or community beyond it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.exports.dossier import Dossier
from gridplan.words import heading, word

#: Sides in the order in which they are said.
SIDES: Final = ("east", "south", "west", "north")
#: Kinds of barrier that are named by their kind where they have no name.
NAMELESS: Final = frozenset({"river", "water", "railway", "motorway", "stream", "wall"})
# Lines that are drawn across each grid, in either direction.
_LINES = 48
# Metres within which a line is taken for the boundary: half a wide street, or the bank of a river.
_NEAR_M = 15.0
# Metres beyond the boundary at which the neighbour is looked for.
_BEYOND_M = 1.0
# Share of a side below which what lies there is not said.
_LEAST = 0.2
_OUTWARD = {"east": (1.0, 0.0), "south": (0.0, -1.0), "west": (-1.0, 0.0), "north": (0.0, 1.0)}
Points = NDArray[np.float64]


def sides_of(dossier: Dossier) -> pd.DataFrame:
    """
    Return what lies on each side of each grid.

    Parameters
    ----------
    dossier
        Plan, source and language; without a source no street is known, and neighbours are named alone.

    Returns
    -------
    sides
        ``grid_code, east, south, west, north``, in the order of the dossier's grids; names in order from north to
        south or from west to east, joined by commas of the language.
    """
    lines, ground = _Lines.of(dossier), _Ground.of(dossier)
    rows = []
    for code, home, polygon in dossier.grids[["grid_code", "community_code", "geometry"]].itertuples(index=False):
        seen = _places(polygon)
        words = {}
        for side in SIDES:
            found = lines.names(seen[side])
            beyond = ground.names(seen[side] + _BEYOND_M * np.array(_OUTWARD[side]), str(code), str(home))
            words[side] = _joined([line or other for line, other in zip(found, beyond, strict=True)], dossier)
        rows.append({"grid_code": code, **words})
    return pd.DataFrame(rows, columns=["grid_code", *SIDES])


def sentence(row: Any, dossier: Dossier) -> str:
    """
    Return the four sides in one sentence.

    Parameters
    ----------
    row
        Row of `sides_of`, by column.
    dossier
        Says the language.
    """
    gap = "" if dossier.zh else ": "
    parts = [f"{heading(f'side.{side}', dossier.lang)}{gap}{row[side]}" for side in SIDES]
    return ("，" if dossier.zh else "; ").join(parts) + ("。" if dossier.zh else ".")


def _places(polygon: shapely.Polygon) -> dict[str, Points]:
    """Return the places of each side, from north to south or from west to east; shape (n, 2) each."""
    west, south, east, north = shapely.bounds(polygon)
    share = (np.arange(_LINES) + 0.5) / _LINES
    down, along = north - share * (north - south), west + share * (east - west)
    level = _spans(polygon, np.stack([np.full(_LINES, west - 1), down, np.full(_LINES, east + 1), down], axis=1))
    upright = _spans(polygon, np.stack([along, np.full(_LINES, south - 1), along, np.full(_LINES, north + 1)], axis=1))
    return {"west": level[:, :2], "east": level[:, 2:], "south": upright[:, :2], "north": upright[:, 2:]}


def _spans(polygon: shapely.Polygon, lines: Points) -> Points:
    """Return the first and the last place at which lines meet a polygon, as bounds; shape (n, 4)."""
    drawn = shapely.linestrings(lines.reshape(-1, 2, 2))
    bounds: Points = shapely.bounds(shapely.intersection(drawn, polygon))
    return bounds[~np.isnan(bounds).any(axis=1)]


@dataclass(frozen=True)
class _Lines:
    """Streets, water and railways that have something to be called by."""

    tree: shapely.STRtree | None
    labels: list[str]

    @classmethod
    def of(cls, dossier: Dossier) -> _Lines:
        barriers = None if dossier.district is None else dossier.district.barriers
        if barriers is None:
            return cls(None, [])
        frame = barriers.to_crs(dossier.grids.crs)
        names = frame["name"] if "name" in frame else pd.Series(None, index=frame.index, dtype=object)
        by_kind = frame["kind"].map({kind: word(f"barrier.{kind}", dossier.lang) for kind in NAMELESS})
        labels = names.where(names.notna() & (names.astype(object) != ""), by_kind)
        known = labels.notna()
        return cls(shapely.STRtree(frame.geometry[known].to_numpy()), labels[known].astype(str).tolist())

    def names(self, places: Points) -> list[str | None]:
        """Return what the line nearest to each place is called, or None where none is near."""
        found: list[str | None] = [None] * len(places)
        if self.tree is None or not self.labels:
            return found
        pairs = self.tree.query_nearest(shapely.points(places), max_distance=_NEAR_M, all_matches=True)
        for place, line in sorted(zip(*pairs.tolist(), strict=True), reverse=True):
            found[place] = self.labels[line]
        return found


@dataclass(frozen=True)
class _Ground:
    """All grids of the plan, and what they are called by others."""

    tree: shapely.STRtree
    codes: list[str]
    homes: list[str]
    names_of: list[str]
    dossier: Dossier

    @classmethod
    def of(cls, dossier: Dossier) -> _Ground:
        grids = dossier.plan.grids
        codes, homes = grids["grid_code"].astype(str).tolist(), grids["community_code"].astype(str).tolist()
        alone = ~grids.duplicated(["community_code", "name"], keep=False) & grids["name"].notna()
        grid_word = grids["grid_code"].map(lambda code: dossier.say(f"网格 {code}", f"grid {code}"))
        called = grids["name"].where(alone & (grids["name"] != grids["grid_code"]), grid_word)
        return cls(shapely.STRtree(grids.geometry.to_numpy()), codes, homes, called.astype(str).tolist(), dossier)

    def names(self, places: Points, own: str, home: str) -> list[str]:
        """Return what owns each place: a grid of the same community, another community, or nothing planned."""
        owner: list[int | None] = [None] * len(places)
        for place, grid in zip(*self.tree.query(shapely.points(places), predicate="intersects").tolist(), strict=True):
            if self.codes[grid] != own and owner[place] is None:
                owner[place] = grid
        return [self._name(grid, home) for grid in owner]

    def _name(self, grid: int | None, home: str) -> str:
        say = self.dossier.say
        if grid is None:
            return say("规划范围边界", "the edge of the planned area")
        if self.homes[grid] != home:
            name = self.dossier.names[self.homes[grid]]
            return say(f"{name}边界", f"the border of {name}")
        return self.names_of[grid]


def _joined(labels: list[str], dossier: Dossier) -> str:
    """Return what takes a fair share of a side, in the order in which it comes."""
    counts = Counter(labels)
    said = [label for label in counts if counts[label] >= _LEAST * len(labels)] or [counts.most_common(1)[0][0]]
    return ("、" if dossier.zh else ", ").join(said)
