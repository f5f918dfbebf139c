"""
The community's ground as cells: enclosures between barriers, and inside each the ground nearest to each building.

Lines (community border, barriers, borders of fixed areas) are noded and polygonized into enclosures. Inside an
enclosure, ground belongs to the building whose outline is nearest; footprints belong to their building whole.
Enclosures without a building are ground of their own, so that the partition of units is the partition of the ground.
All lines are noded together, snapped to 1e-6 m, so the faces tile exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gridplan.cuts import SNAP_M, cuts_between, meets, outline_points
from gridplan.segments import Segments, shared_segments

Geometries = NDArray[np.object_]
Numbers = NDArray[np.int64]

# Lifts enclosures apart in a third dimension, so that one tree answers "nearest in the same enclosure".
STOREY_M = 1e7


@dataclass(frozen=True)
class Cells:
    """
    Faces that tile a community, and the owner of each.

    Parameters
    ----------
    faces
        Shape (n_faces,): Polygons, a valid coverage.
    owner
        Shape (n_faces,): number of the generator (building, entrance of a tower or stack) that owns the face, or
        n_generators + number of the enclosure for ground without a generator.
    segments
        Edges shared by two faces.
    home
        Shape (n_generators,): a generator that owns no face (it lies wholly inside another's footprint) stands with
        the one given here; all others with themselves.
    """

    faces: Geometries
    owner: Numbers
    segments: Segments
    home: Numbers


def build_cells(community: shapely.Geometry, lines: Geometries, generators: Geometries, spacing_m: float) -> Cells:
    """
    Cut a community into cells.

    Parameters
    ----------
    community
        Polygon or MultiPolygon in a projected CRS, metres.
    lines
        Shape (n_lines,): LineStrings inside the community along which enclosures are cut; crossing, dangling and
        doubled lines are taken as they are.
    generators
        Shape (n_generators,): Points, Polygons or MultiPolygons; no two equal.
    spacing_m
        Distance between the points on outlines that stand for them, metres.
    """
    noded = _noded([shapely.boundary(community), *lines])
    enclosures = _polygons_inside(noded, community)
    generators = _cut_to(generators, np.full(len(generators), community))
    home = _enclosure_of(generators, enclosures)
    footprints = _cut_to(generators, enclosures[home])
    points, point_owner = outline_points(footprints, spacing_m)
    cuts, poked = cuts_between(points, point_owner, home, enclosures, footprints)
    needed = poked | meets(footprints, [*cuts, *shapely.get_parts(noded)])
    needed &= _crowded(home, len(enclosures)) & (shapely.get_dimensions(footprints) == 2)
    inner = [*cuts, *shapely.boundary(footprints[needed])]
    faces = _polygons_inside(_noded([noded, *inner]), community) if inner else enclosures
    owner = _owners(faces, enclosures, home, footprints, points, point_owner)
    segments = shared_segments(faces)
    owner = _without_detached(faces, owner, segments, _anchors(footprints, faces, owner))
    return Cells(faces, owner, segments, _home_of_landless(generators, faces, owner))


def _noded(lines: list[shapely.Geometry]) -> shapely.Geometry:
    return shapely.union_all(np.array(lines, dtype=object), grid_size=SNAP_M)


def _polygons_inside(noded: shapely.Geometry, community: shapely.Geometry) -> Geometries:
    """Return the polygons that noded lines enclose inside the community, west to east by their middle."""
    polygons = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    middle = shapely.point_on_surface(polygons)
    shapely.prepare(community)
    inside = shapely.intersects(community, middle)
    x, y = np.round(shapely.get_coordinates(middle[inside]), 3).T
    return np.asarray(polygons[inside][np.lexsort((y, x))], dtype=object)


def _enclosure_of(generators: Geometries, enclosures: Geometries) -> Numbers:
    """Return the enclosure that holds each generator's inner point; the nearest where none does."""
    inner = shapely.point_on_surface(generators)
    home = np.full(len(generators), len(enclosures), dtype=np.int64)
    # The few large polygons ask the tree of the many points: the asking side is the one that GEOS prepares.
    found, place = shapely.STRtree(inner).query(enclosures, predicate="intersects")
    # On a shared edge several are at distance 0: the first owns it.
    np.minimum.at(home, place, found)
    outside = np.flatnonzero(home == len(enclosures))
    if len(outside):
        place, found = shapely.STRtree(enclosures).query_nearest(inner[outside], all_matches=True)
        np.minimum.at(home, outside[place], found)
    return home


def _cut_to(generators: Geometries, around: Geometries) -> Geometries:
    """Return generators cut to a polygon each; what is left without area becomes the nearest point inside it."""
    inside = generators.copy()
    straddle = ~shapely.covers(around, generators)
    cut = shapely.intersection(generators[straddle], around[straddle])
    dimension, wanted = shapely.get_dimensions(cut), shapely.get_dimensions(generators[straddle])
    lost = (dimension < wanted) | shapely.is_empty(cut)
    anchor = shapely.shortest_line(around[straddle], shapely.point_on_surface(generators[straddle]))
    cut = np.where(lost, shapely.get_point(anchor, 0), cut)
    inside[straddle] = [_areal_or_point(shape) for shape in cut]
    return inside


def _areal_or_point(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a collection; points and polygons as they are."""
    if shape.geom_type != "GeometryCollection":
        return shape
    return shapely.multipolygons([part for part in shape.geoms if part.geom_type == "Polygon"])


def _crowded(home: Numbers, n_enclosures: int) -> NDArray[np.bool_]:
    """Tell which generators share their enclosure with another."""
    return np.bincount(home, minlength=n_enclosures)[home] > 1


def _owners(
    faces: Geometries,
    enclosures: Geometries,
    home: Numbers,
    footprints: Geometries,
    points: NDArray[np.float64],
    point_owner: Numbers,
) -> Numbers:
    """Return the owner of each face: the smallest footprint around it, else the nearest outline in its enclosure."""
    middle = shapely.point_on_surface(faces)
    room = _enclosure_of(middle, enclosures)
    owner = len(footprints) + room
    if not len(footprints):
        return owner
    inhabited = np.isin(room, home)
    tree = cKDTree(np.column_stack([points, home[point_owner] * STOREY_M]))
    where = np.column_stack([shapely.get_coordinates(middle), room * STOREY_M])[inhabited]
    owner[inhabited] = point_owner[tree.query(where)[1]]
    face, footprint = shapely.STRtree(footprints).query(middle, predicate="within")
    own = home[footprint] == room[face]
    face, footprint = face[own], footprint[own]
    # Written from the largest to the smallest, so that the smallest footprint stays.
    order = np.lexsort((-footprint, -shapely.area(footprints)[footprint]))
    owner[face[order]] = footprint[order]
    return owner


def _anchors(footprints: Geometries, faces: Geometries, owner: Numbers) -> Numbers:
    """Return the face that each generator stands on, of those it owns; -1 where it owns none there."""
    anchors = np.full(len(footprints), -1, dtype=np.int64)
    if len(footprints):
        inner = shapely.point_on_surface(footprints)
        generator, face = shapely.STRtree(faces).query(inner, predicate="intersects")
        own = owner[face] == generator
        anchors[generator[own]] = face[own]
    return anchors


def _without_detached(faces: Geometries, owner: Numbers, segments: Segments, anchors: Numbers) -> Numbers:
    """
    Give every piece that does not hang together with its owner to the neighbour it shares most with.

    An owner's own piece is the one that its generator stands on, or the largest where it stands on none of its own.
    """
    owner = owner.copy()
    area = shapely.area(faces)
    stands_on = np.zeros(len(faces), dtype=bool)
    stands_on[anchors[anchors >= 0]] = True
    while True:
        inside = owner[segments.first] == owner[segments.second]
        links = coo_matrix(
            (np.ones(inside.sum()), (segments.first[inside], segments.second[inside])), shape=(len(faces),) * 2
        )
        count, piece = connected_components(links, directed=False)
        size = np.bincount(piece, area, minlength=count)
        anchored = np.bincount(piece, stands_on, minlength=count) > 0
        whose = np.zeros(count, dtype=np.int64)
        whose[piece] = owner
        order = np.lexsort((np.arange(count), -size, ~anchored, whose))
        main = np.zeros(count, dtype=bool)
        main[order[np.r_[True, whose[order][1:] != whose[order][:-1]]]] = True
        loose = ~main & (whose < len(anchors))
        if not _taken_over(owner, piece, loose, segments):
            return owner


def _taken_over(owner: Numbers, piece: Numbers, loose: NDArray[np.bool_], segments: Segments) -> bool:
    """Hand loose pieces to the owner beyond their longest edge, where that is no loose piece itself."""
    one = np.concatenate([segments.first, segments.second])
    two = np.concatenate([segments.second, segments.first])
    length = np.concatenate([segments.length_m, segments.length_m])
    able = loose[piece[one]] & ~loose[piece[two]] & (owner[one] != owner[two])
    if not able.any():
        return False
    width = int(owner.max()) + 1
    keys, place = np.unique(piece[one][able] * width + owner[two][able], return_inverse=True)
    shared = np.bincount(place, length[able])
    order = np.lexsort((keys, -shared, keys // width))
    best = order[np.r_[True, (keys[order] // width)[1:] != (keys[order] // width)[:-1]]]
    heir = np.full(len(loose), -1, dtype=np.int64)
    heir[keys[best] // width] = keys[best] % width
    taken = heir[piece] >= 0
    owner[taken] = heir[piece][taken]
    return True


def _home_of_landless(generators: Geometries, faces: Geometries, owner: Numbers) -> Numbers:
    """Return for each generator the one whose cell it stands in: itself, unless it owns no face."""
    home = np.arange(len(generators), dtype=np.int64)
    landless = np.setdiff1d(home, owner)
    if len(landless):
        built = np.flatnonzero(owner < len(generators))
        tree = shapely.STRtree(faces[built])
        place, found = tree.query_nearest(shapely.point_on_surface(generators[landless]), all_matches=False)
        home[landless[place]] = owner[built[found]]
    return home
