"""Towns as the units of zones: their weights, who borders whom, and how far it is from one to another."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from gridplan.errors import RulesError
from gridplan.partition.initial import components
from gridplan.partition.problem import Graph, graph_from_edges
from gridplan.segments import shared_segments
from gridplan.site import Geometries, Numbers

# Borders of towns are drawn twice; what gapes less than the first is no gap. Towns meet along at least the second.
GAP_M, LEAST_BORDER_M = 1.0, 1.0
M_A_KM = 1_000.0


@dataclass(frozen=True)
class Towns:
    """
    What zones are made of.

    Parameters
    ----------
    codes
        Shape (n,): codes, ascending, each once.
    names
        Shape (n,): names, the code where there is none.
    weight
        Shape (n,): whole numbers >= 0, at least one above 0.
    polygons
        Shape (n,): Polygons or MultiPolygons of a clean coverage, metres.
    graph
        Who borders whom; what touches nothing is linked to the nearest.
    linked
        Pairs of towns that are linked over a gap, as codes.
    travel
        Shape (n, n): way from one to another, >= 0, 0 on the diagonal, in any one unit; symmetric.
    travel_unit
        The unit, for readers.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    weight: Numbers
    polygons: Geometries
    graph: Graph
    linked: tuple[tuple[str, str], ...]
    travel: NDArray[np.float64]
    travel_unit: str

    @property
    def n_towns(self) -> int:
        """Number of towns."""
        return len(self.codes)


def towns_from(frame: gpd.GeoDataFrame, travel: pd.DataFrame | None = None, travel_unit: str = "") -> Towns:
    """
    Make the units of zones from polygons.

    Parameters
    ----------
    frame
        ``code, name, weight, geometry`` in a projected CRS in metres; the weight is caseload, households or what else
        zones are to share evenly, and is rounded to whole numbers.
    travel
        Way from the row's town to the column's, labelled with codes on both sides; None takes the distance between
        centroids in kilometres. Where the way back differs, the mean of both counts.
    travel_unit
        Unit of ``travel``, for readers.

    Raises
    ------
    RulesError
        If codes repeat, a weight is missing or negative, all are 0, or the matrix lacks a town or a value; all faults
        at once.
    """
    frame = frame.sort_values("code", ignore_index=True)
    codes = tuple(frame["code"].astype(str))
    faults = _weight_faults(frame, codes) + ([] if travel is None else _travel_faults(travel, codes))
    if faults:
        raise RulesError("\n".join(faults))
    weight = np.round(frame["weight"].to_numpy(dtype=float)).astype(np.int64)
    if not weight.any():
        raise RulesError("the weights of all towns are 0, so nothing can be shared evenly")
    polygons = joined_borders(np.asarray(frame.geometry.values, dtype=object), GAP_M)
    middle = shapely.get_coordinates(shapely.centroid(polygons))
    graph, links = _contiguity(polygons, middle)
    names = frame["name"].where(frame["name"].notna(), frame["code"]).astype(str)
    if travel is None:
        ways, unit = cdist(middle, middle) / M_A_KM, "km"
    else:
        given = travel.loc[list(codes), list(codes)].to_numpy(dtype=float)
        ways, unit = (given + given.T) / 2.0, travel_unit
    linked = tuple((codes[one], codes[two]) for one, two in links)
    return Towns(codes, tuple(names), weight, polygons, graph, linked, ways, unit)


def joined_borders(polygons: Geometries, gap_m: float) -> Geometries:
    """
    Return polygons of one coverage: borders that were drawn twice are one, narrow gaps and overlaps are gone.

    Parameters
    ----------
    polygons
        Shape (n,): valid Polygons or MultiPolygons.
    gap_m
        Vertices nearer to each other than this become one, and enclosed gaps narrower than it are closed, metres.
    """
    clean: Geometries = shapely.coverage_clean(polygons, gap_width=gap_m, snapping_distance=gap_m)
    return clean


def _weight_faults(frame: gpd.GeoDataFrame, codes: tuple[str, ...]) -> list[str]:
    faults = []
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        faults.append(f"towns given twice: {', '.join(twice[:5])}")
    weight = pd.to_numeric(frame["weight"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = [code for code, value in zip(codes, weight, strict=True) if not value >= 0 or not np.isfinite(value)]
    if wrong:
        faults.append(f"weight: expected a number >= 0 for every town; {len(wrong)} have none: {', '.join(wrong[:5])}")
    return faults


def _travel_faults(travel: pd.DataFrame, codes: tuple[str, ...]) -> list[str]:
    faults = []
    for side, labels in (("rows", travel.index), ("columns", travel.columns)):
        lacking = sorted(set(codes) - set(labels))
        repeated = sorted(set(labels[labels.duplicated()]))
        if lacking:
            faults.append(f"travel: no {side} for {len(lacking)} towns: {', '.join(lacking[:5])}")
        if repeated:
            faults.append(f"travel: {side} given twice: {', '.join(map(str, repeated[:5]))}")
    if faults:
        return faults
    values = travel.loc[list(codes), list(codes)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float).copy()
    np.fill_diagonal(values, np.nan_to_num(values.diagonal()))
    wrong = np.argwhere(~(np.isfinite(values) & (values >= 0)))
    if len(wrong):
        one, two = wrong[0]
        faults.append(
            f"travel: expected a number >= 0 for every pair; {len(wrong)} have none, first {codes[one]} to {codes[two]}"
        )
    elif values.diagonal().any():
        faults.append("travel: expected 0 from a town to itself")
    return faults


def _contiguity(polygons: Geometries, middle: NDArray[np.float64]) -> tuple[Graph, list[tuple[int, int]]]:
    """Return the graph of shared borders, connected by links to the nearest, and these links."""
    faces, owner = shapely.get_parts(polygons, return_index=True)
    segments = shared_segments(faces)
    one, two = owner[segments.first], owner[segments.second]
    n = len(polygons)
    graph = graph_from_edges(n, one, two, segments.length_m, segments.length_m)
    long = (graph.border_m >= LEAST_BORDER_M) & (graph.heads() < graph.indices)
    first, second = list(graph.heads()[long]), list(graph.indices[long])
    border = list(graph.border_m[long])
    links: list[tuple[int, int]] = []
    while True:
        graph = graph_from_edges(
            n, np.array(first, dtype=np.int64), np.array(second, dtype=np.int64), np.array(border), np.array(border)
        )
        count, part = components(graph)
        if count == 1:
            return graph, links
        mine, others = np.flatnonzero(part == part[0]), np.flatnonzero(part != part[0])
        apart = cdist(middle[mine], middle[others])
        at, beyond = np.unravel_index(int(apart.argmin()), apart.shape)
        links.append((int(mine[at]), int(others[beyond])))
        first.append(mine[at])
        second.append(others[beyond])
        border.append(0.0)


def embedded(travel: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Return places in a plane whose distances are near to given ways, shape (n, 2).

    Parameters
    ----------
    travel
        Shape (n, n), symmetric, 0 on the diagonal.

    Notes
    -----
    Classical scaling (Torgerson 1952): the two leading eigenvectors of the doubly centred squared ways. Of places in a
    plane it gives these places again, turned.
    """
    n = len(travel)
    centring = np.eye(n) - 1.0 / n
    values, vectors = np.linalg.eigh(-0.5 * centring @ travel**2 @ centring)
    leading = np.argsort(-values, kind="stable")[:2]
    axes = vectors[:, leading]
    # An eigenvector may point either way; its largest part decides.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    places = np.zeros((n, 2))
    places[:, : axes.shape[1]] = axes * np.sqrt(np.maximum(values[leading], 0.0))
    return places
