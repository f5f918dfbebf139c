"""
From borders to the graph that the solver cuts: open borders, ground that barriers cut off, declared links.

Ground without households that impassable barriers cut off joins the neighbour beyond its longest border. Parts of a
community that touch nothing else (飞地) and fit no number of grids by themselves are linked to the nearest unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gridplan.ground import LEAST_BORDER_M, Borders, Ground
from gridplan.partition.initial import components
from gridplan.partition.problem import Graph, Labels, graph_from_edges
from gridplan.rules import Band
from gridplan.site import Numbers


@dataclass(frozen=True)
class Contiguity:
    """
    The contiguity of some of a community's units.

    Parameters
    ----------
    units
        Ascending numbers of the units in the graph.
    graph
        Their contiguity, renumbered 0..len(units)-1, with declared links.
    part_of
        Shape (len(units),): connected part of the graph without links across walls or gaps.
    """

    units: Numbers
    graph: Graph
    part_of: Labels


class _Links:
    """Edges gathered for the graph, in the numbering of the chosen units."""

    def __init__(
        self, first: Numbers, second: Numbers, border: NDArray[np.float64], opened: NDArray[np.float64]
    ) -> None:
        self.first, self.second = list(first), list(second)
        self.border, self.opened = list(border), list(opened)

    def add(self, first: int, second: int) -> None:
        self.first.append(first)
        self.second.append(second)
        self.border.append(0.0)
        self.opened.append(0.0)

    def graph(self, n: int) -> Graph:
        return graph_from_edges(
            n,
            np.array(self.first, dtype=np.int64),
            np.array(self.second, dtype=np.int64),
            np.array(self.border, dtype=float),
            np.array(self.opened, dtype=float),
        )


def build_contiguity(ground: Ground, units: Numbers, households: Numbers, band: Band | None) -> Contiguity:
    """
    Build the graph of some units of a community.

    Parameters
    ----------
    ground
        The community's ground.
    units
        Ascending numbers of the units that the solver may assign.
    households
        Shape (n_units,): households of all units of the ground.
    band
        Decides whether a part apart can stand by itself; None lets it.
    """
    borders = _among(ground.borders, units, ground.n_units)
    passable = passable_borders(borders, len(units))
    passage = borders.length_m - borders.closed_m
    open_m = np.minimum(borders.open_m, passage)
    links = _Links(borders.first[passable], borders.second[passable], passage[passable], open_m[passable])
    count, part_of = components(links.graph(len(units)))
    totals = np.bincount(part_of, households[units], minlength=count).astype(np.int64)
    _join_empty_parts(links, borders, part_of, totals)
    _join_apart(links, ground, units, households[units], band)
    return Contiguity(units, links.graph(len(units)), part_of)


def _among(borders: Borders, units: Numbers, n_units: int) -> Borders:
    """Return the borders between the chosen units, renumbered."""
    place = np.full(n_units, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    first, second = place[borders.first], place[borders.second]
    keep = (first >= 0) & (second >= 0)
    return Borders(
        first[keep],
        second[keep],
        borders.length_m[keep],
        borders.closed_m[keep],
        borders.near_m[keep],
        borders.open_m[keep],
    )


def passable_borders(borders: Borders, n: int) -> NDArray[np.bool_]:
    """
    Tell which borders can be walked over: long enough, or the longest of a unit that has no long one.

    Parameters
    ----------
    borders
        Borders between n units.
    n
        Number of units.
    """
    passage = borders.length_m - borders.closed_m
    passable = passage >= LEAST_BORDER_M
    served = np.zeros(n, dtype=bool)
    served[borders.first[passable]] = served[borders.second[passable]] = True
    short = np.flatnonzero((passage > 1e-6) & ~passable)
    for border in short[np.argsort(-passage[short], kind="stable")]:
        one, two = borders.first[border], borders.second[border]
        if not (served[one] and served[two]):
            passable[border] = served[one] = served[two] = True
    return passable


def _join_empty_parts(links: _Links, borders: Borders, part_of: Labels, totals: Numbers) -> None:
    """Link parts without households to inhabited ones, or to parts so linked, over the longest border."""
    if not totals.any():
        settled = np.zeros(len(totals), dtype=bool)
        settled[:1] = True
    else:
        settled = totals > 0
    order = np.argsort(-borders.length_m, kind="stable")
    one, two = borders.first[order], borders.second[order]
    while True:
        ready = settled[part_of[one]] != settled[part_of[two]]
        if not ready.any():
            return
        border = int(ready.argmax())
        links.add(int(one[border]), int(two[border]))
        settled[part_of[one[border]]] = settled[part_of[two[border]]] = True


def _join_apart(links: _Links, ground: Ground, units: Numbers, households: Numbers, band: Band | None) -> None:
    """Link parts that touch nothing, and are empty or fit no number of grids, to the nearest unit beyond the gap."""
    count, part_of = components(links.graph(len(units)))
    totals = np.bincount(part_of, households, minlength=count).astype(np.int64)
    touching = _touching(ground.borders, units, part_of, count)
    xy = ground.xy[units]
    for part in range(count):
        stands = totals[part] > 0 and (band is None or bool(band.counts(int(totals[part]))))
        others = np.flatnonzero((part_of != part) & ((totals[part_of] > 0) | (totals.max() == 0)))
        if touching[part] or stands or not len(others):
            continue
        mine = np.flatnonzero(part_of == part)
        distance, nearest = cKDTree(xy[others]).query(xy[mine])
        links.add(int(mine[distance.argmin()]), int(others[nearest[distance.argmin()]]))


def _touching(borders: Borders, units: Numbers, part_of: Labels, count: int) -> NDArray[np.bool_]:
    """Tell which parts share an edge, walled or not, with any unit outside them."""
    touching = np.zeros(count, dtype=bool)
    place = np.full(int(max(borders.first.max(initial=0), borders.second.max(initial=0), units.max())) + 1, -1)
    place[units] = part_of
    one, two = place[borders.first], place[borders.second]
    touching[one[(one >= 0) & (one != two)]] = True
    touching[two[(two >= 0) & (one != two)]] = True
    return touching
