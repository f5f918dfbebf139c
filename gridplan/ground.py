"""
The ground of one community: units with their cells, who borders whom, what separates and what belongs together.

Built from cells: every generator and every piece of ground without one is a unit; slivers join a neighbour; borders
know how much of them runs along barriers and how much an impassable barrier closes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gridplan.barriers import Barriers
from gridplan.cells import Cells
from gridplan.site import NONE, FixedArea, Geometries, Numbers

# Ground pieces without a building that are smaller or thinner than this are noise of doubled lines.
SLIVER_M2, SLIVER_WIDTH_M = 10.0, 0.5
# Two cells are neighbours along at least this much of an edge (rook contiguity; a corner is none).
LEAST_BORDER_M = 1.0
# A segment runs on a line when its middle lies this close: the noding snaps at 1e-6 m.
ON_LINE_M = 1e-3
# A bridge re-opens borders that it crosses or comes this close to: drawn bridges end on the bank, more or less.
BRIDGE_REACH_M = 1.0
SAMPLE_M = 5.0
# Lines are marked at least this often, where points near them are looked for.
MARK_M = 10.0


@dataclass(frozen=True)
class Borders:
    """
    Borders between pairs of units, each pair once.

    Parameters
    ----------
    first, second
        Shape (n,): the two units, first < second.
    length_m
        Shape (n,): shared edge.
    closed_m
        Shape (n,): the part of it on impassable barriers, less what bridges re-open.
    near_m
        Shape (n,): the part of it within the tolerance of any barrier.
    open_m
        Shape (n,): its length less the part near barriers, weighted by rank, and by departments that have no border
        there where a plan unites some.
    """

    first: Numbers
    second: Numbers
    length_m: NDArray[np.float64]
    closed_m: NDArray[np.float64]
    near_m: NDArray[np.float64]
    open_m: NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """
    The units of a community.

    Parameters
    ----------
    unit_of_face
        Shape (n_faces,): unit that owns each face.
    unit_of_generator
        Shape (n_generators,): unit that each generator stands in.
    xy
        Shape (n_units, 2): a point inside each unit.
    area_m2
        Shape (n_units,).
    fixed
        Shape (n_units,): number of the fixed area that the unit lies in, or -1.
    borders
        See the class.
    """

    unit_of_face: Numbers
    unit_of_generator: Numbers
    xy: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    fixed: Numbers
    borders: Borders

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.area_m2)


def build_ground(
    cells: Cells, generators: Geometries, barriers: Barriers, fixed: tuple[FixedArea, ...], tolerance_m: float
) -> Ground:
    """
    Turn cells into units with borders.

    Parameters
    ----------
    cells
        Cells of the community.
    generators
        Shape (n_generators,): the geometries that the cells were built from.
    barriers
        Barriers inside the community.
    fixed
        Fixed areas; cells were cut along their borders.
    tolerance_m
        Distance within which a border counts as running along a barrier.
    """
    face_fixed = _fixed_of_faces(cells.faces, fixed)
    walled = _walled(cells, barriers)
    owner = _without_slivers(cells, face_fixed, walled, len(generators))
    unit_of_face, names = _numbered_by_place(cells.faces, owner, generators)
    n = len(names)
    area = np.bincount(unit_of_face, shapely.area(cells.faces), minlength=n).astype(np.float64)
    unit_fixed = np.full(n, NONE, dtype=np.int64)
    unit_fixed[unit_of_face] = face_fixed
    place = {int(name): unit for unit, name in enumerate(names)}
    unit_of_generator = np.array([place[int(home)] for home in cells.home], dtype=np.int64)
    xy = _places(cells.faces, unit_of_face, n, names, generators)
    borders = _borders(cells, unit_of_face, barriers, walled, tolerance_m)
    return Ground(unit_of_face, unit_of_generator, xy, area, unit_fixed, borders)


def _fixed_of_faces(faces: Geometries, fixed: tuple[FixedArea, ...]) -> Numbers:
    inside = np.full(len(faces), NONE, dtype=np.int64)
    if fixed:
        middle = shapely.point_on_surface(faces)
        place, area = shapely.STRtree([item.polygon for item in fixed]).query(middle, predicate="within")
        # Overlaps within the tolerance of the check go to the first area.
        order = np.argsort(-area, kind="stable")
        inside[place[order]] = area[order]
    return inside


def _walled(cells: Cells, barriers: Barriers) -> NDArray[np.bool_]:
    """Tell which segments lie on an impassable line and are not re-opened by a bridge."""
    walled = np.zeros(len(cells.segments.first), dtype=bool)
    lines = barriers.lines[barriers.impassable]
    if not len(lines) or not len(walled):
        return walled
    walled[_near(cells.segments.middle, lines, ON_LINE_M)[0]] = True
    return walled


def _near(xy: NDArray[np.float64], lines: Geometries, reach_m: float) -> tuple[Numbers, Numbers]:
    """Return the pairs of points and lines that lie within a distance of each other."""
    marks = shapely.get_coordinates(shapely.segmentize(lines, MARK_M))
    # Nearly all points are far from every line: numbers tell that before any geometry is made of them.
    candidates = np.flatnonzero(np.isfinite(cKDTree(marks).query(xy, distance_upper_bound=MARK_M + reach_m)[0]))
    points = shapely.points(xy[candidates])
    point, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=reach_m)
    return candidates[point], line


def _reopened(cells: Cells, pairs: Numbers, walled: NDArray[np.bool_], bridges: Geometries) -> Numbers:
    """Return the pairs of units (as keys) whose walled border a bridge crosses or ends on."""
    closed = np.flatnonzero(walled)
    if not len(bridges) or not len(closed):
        return np.empty(0, dtype=np.int64)
    edges = shapely.linestrings(np.stack([cells.segments.start[closed], cells.segments.end[closed]], axis=1))
    found = shapely.STRtree(bridges).query(edges, predicate="dwithin", distance=BRIDGE_REACH_M)[0]
    return np.unique(pairs[closed[found]])


def _without_slivers(cells: Cells, face_fixed: Numbers, walled: NDArray[np.bool_], n_generators: int) -> Numbers:
    """Join small or thin ground to the neighbour beyond its longest edge, over no wall if there is another way."""
    owner = cells.owner.copy()
    segments = cells.segments
    area, length = shapely.area(cells.faces), shapely.length(cells.faces)
    for crossing_walls in (False, True):
        for _ in range(100):
            size = np.bincount(owner, area)
            thin = 2.0 * size < SLIVER_WIDTH_M * np.bincount(owner, length)
            sliver = (size > 0) & ((size < SLIVER_M2) | thin)
            sliver[:n_generators] = False
            one = np.concatenate([segments.first, segments.second])
            two = np.concatenate([segments.second, segments.first])
            able = sliver[owner[one]] & ~sliver[owner[two]] & (face_fixed[one] == face_fixed[two])
            if not crossing_walls:
                able &= ~np.concatenate([walled, walled])
            if not able.any():
                break
            heirs = _longest(owner[one][able], owner[two][able], np.tile(segments.length_m, 2)[able])
            taken = np.isin(owner, heirs[0])
            owner[taken] = heirs[1][np.searchsorted(heirs[0], owner[taken])]
    return owner


def _longest(one: Numbers, two: Numbers, length: NDArray[np.float64]) -> tuple[Numbers, Numbers]:
    """Return each member of ``one``, ascending, and the member of ``two`` with which it shares most length."""
    width = int(max(one.max(), two.max())) + 1
    keys, place = np.unique(one * width + two, return_inverse=True)
    shared = np.bincount(place, length)
    order = np.lexsort((keys, -shared, keys // width))
    who = keys[order] // width
    first = np.r_[True, who[1:] != who[:-1]]
    return who[first], keys[order][first] % width


def _numbered_by_place(faces: Geometries, owner: Numbers, generators: Geometries) -> tuple[Numbers, Numbers]:
    """Return the unit of each face and the owner behind each unit; units are numbered by their place alone."""
    names, unit = np.unique(owner, return_inverse=True)
    xy = _places(faces, unit, len(names), names, generators)
    order = np.lexsort((np.round(xy[:, 1], 3), np.round(xy[:, 0], 3)))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[unit], names[order]


def _places(faces: Geometries, unit: Numbers, n: int, names: Numbers, generators: Geometries) -> NDArray[np.float64]:
    """Return a point of each unit: its generator's, or the middle of its largest face."""
    largest = np.lexsort((-shapely.area(faces), unit))
    first = np.searchsorted(unit[largest], np.arange(n))
    xy: NDArray[np.float64] = shapely.get_coordinates(shapely.point_on_surface(faces[largest[first]]))
    built = names < len(generators)
    xy[built] = shapely.get_coordinates(shapely.point_on_surface(generators[names[built]]))
    return xy


def _borders(
    cells: Cells, unit_of_face: Numbers, barriers: Barriers, walled: NDArray[np.bool_], tolerance_m: float
) -> Borders:
    segments = cells.segments
    one, two = unit_of_face[segments.first], unit_of_face[segments.second]
    n = int(unit_of_face.max()) + 1
    pairs = np.minimum(one, two) * n + np.maximum(one, two)
    between = one != two
    near, rank = _along_barriers(segments.start[between], segments.end[between], barriers, tolerance_m)
    reopened = _reopened(cells, pairs, walled & between, barriers.bridges)
    keys, place = np.unique(pairs[between], return_inverse=True)
    length = segments.length_m[between]
    closed = walled[between] & ~np.isin(pairs[between], reopened)
    return Borders(
        keys // n,
        keys % n,
        np.bincount(place, length, minlength=len(keys)).astype(float),
        np.bincount(place, length * closed, minlength=len(keys)).astype(float),
        np.bincount(place, length * near, minlength=len(keys)).astype(float),
        np.bincount(place, length * (1.0 - rank), minlength=len(keys)).astype(float),
    )


def _along_barriers(
    start: NDArray[np.float64], end: NDArray[np.float64], barriers: Barriers, tolerance_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of each segment that runs near barriers, and the same weighted by the best rank near."""
    pieces = np.maximum(np.ceil(np.hypot(*(end - start).T) / SAMPLE_M), 1).astype(np.int64)
    segment = np.repeat(np.arange(len(start)), pieces)
    step = np.arange(len(segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = ((step + 0.5) / pieces[segment])[:, None]
    sample = start[segment] * (1.0 - along) + end[segment] * along
    near, rank = np.zeros(len(sample)), np.zeros(len(sample))
    if len(barriers.lines) and len(sample):
        found, line = _near(sample, barriers.lines, tolerance_m)
        near[found] = 1.0
        np.maximum.at(rank, found, barriers.rank[line])
    return np.bincount(segment, near, len(start)) / pieces, np.bincount(segment, rank, len(start)) / pieces
