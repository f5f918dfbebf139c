"""Shared edges of polygons that tile: which two faces meet along which segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray


@dataclass(frozen=True)
class Segments:
    """
    Segments shared by exactly two faces.

    Parameters
    ----------
    first, second
        Shape (n,): the two faces.
    length_m
        Shape (n,): metres.
    start, end
        Shape (n, 2): the two ends, in the faces' CRS.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    length_m: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]

    @property
    def middle(self) -> NDArray[np.float64]:
        """Middle of each segment, shape (n, 2)."""
        return (self.start + self.end) / 2.0


def shared_segments(faces: NDArray[np.object_]) -> Segments:
    """
    Match the segments of polygons that share their vertices exactly.

    Parameters
    ----------
    faces
        Shape (n_faces,): Polygons of a clean coverage.

    Notes
    -----
    Every segment is written with its lower end first, hashed, and met with its like; equal hashes are confirmed on
    the coordinates. O(n log n) without geometry predicates.
    """
    rings, face = shapely.get_rings(faces, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    along = ring[1:] == ring[:-1]
    start, end, owner = points[:-1][along], points[1:][along], face[ring[:-1][along]]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[swap], end[swap] = end[swap], start[swap]
    ends = np.concatenate([start, end], axis=1)
    key = _hashed(ends)
    order = np.argsort(key, kind="stable")
    same = (key[order[1:]] == key[order[:-1]]) & (ends[order[1:]] == ends[order[:-1]]).all(axis=1)
    one, two = order[:-1][same], order[1:][same]
    length = np.hypot(*(end[one] - start[one]).T)
    return Segments(owner[one], owner[two], length, start[one], end[one])


def _hashed(ends: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each row (multiply and xor-shift of the coordinates' bits)."""
    bits = np.ascontiguousarray(ends + 0.0).view(np.uint64)
    key = np.zeros(len(bits), dtype=np.uint64)
    for column in range(bits.shape[1]):
        key = (key ^ bits[:, column]) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return key
