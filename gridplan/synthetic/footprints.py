"""Footprints set in rows inside a block, as estates, old streets, hutments and villages are built."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray


@dataclass(frozen=True)
class Pattern:
    """
    Buildings of one kind in rows.

    Parameters
    ----------
    kind
        Kind of the buildings.
    width, depth
        Least and greatest size in metres, along and across the row.
    gap
        Metres between neighbours in a row.
    pitch
        Metres from row to row.
    rows
        ``all``, ``edge`` (the first and the last row of the block) or ``inner`` (the others).
    keep
        Share of the places that are built on.
    round
        Whether to build only in an oval in the middle, as a hamlet does.
    even
        Whether the buildings of all rows stand in line, with a lane through the middle.
    """

    kind: str
    width: tuple[float, float]
    depth: tuple[float, float]
    gap: float
    pitch: float
    rows: str = "all"
    keep: float = 1.0
    round: bool = False
    even: bool = False


EDGE_ROW_M = 14.0  # ground that the shop-houses along a street take

# Usual sizes: towers 20-35 x 15-25 m, slabs 50-80 x 12 m; the distances between rows let the winter sun in.
PATTERNS: dict[str, tuple[Pattern, ...]] = {
    "tower": (Pattern("tower", (22, 34), (15, 22), 30, 62),),
    "slab": (Pattern("slab", (50, 78), (11.5, 12.5), 9, 30, keep=0.94),),
    "old": (
        Pattern("shophouse", (6.4, 9.4), (9, 11), 0.4, 0, "edge", keep=0.93),
        Pattern("walkup", (34, 56), (10.5, 11.5), 7, 22, "inner", keep=0.95),
    ),
    "bungalow": (Pattern("bungalow", (9, 13), (6.5, 8), 4, 19, keep=0.9),),
    "hamlet": (Pattern("farmhouse", (9, 12), (7, 9), 11, 34, keep=0.9, round=True),),
    "works": (Pattern("hall", (40, 60), (22, 30), 25, 60, keep=0.8),),
    "school": (Pattern("school", (45, 60), (13, 15), 14, 36),),
    "market": (Pattern("market", (34, 44), (26, 32), 10, 44),),
}
ESTATE_PITCHES_M = (54.0, 50.0, 46.0, 42.0, 38.0, 35.0, 32.0, 29.0, 26.0)
ESTATE_BUILDINGS = 40
LANDMARK_SIZE_M = (72.0, 19.0)


def fill(use: str, ground: shapely.Polygon, angle: float, rng: np.random.Generator) -> pd.DataFrame:
    """
    Set buildings on a block.

    Parameters
    ----------
    use
        Use of the block, a key of `PATTERNS`, or ``estate`` or ``landmark``; others stay empty.
    ground
        Where building is possible; a valid polygon in metres.
    angle
        Direction of the rows in radians from east.
    rng
        Source of chance.

    Returns
    -------
    pandas.DataFrame
        ``geometry`` (rectangles wholly inside the ground, none touching another), ``kind``, ``width_m``.
    """
    if ground.is_empty:
        return _frame([], [])
    if use == "estate":
        return _estate(ground, angle, rng)
    if use == "landmark":
        return _landmark(ground, angle, rng)
    parts = [_place(pattern, ground, angle, rng) for pattern in PATTERNS.get(use, ())]
    return pd.concat(parts, ignore_index=True) if parts else _frame([], [])


def _frame(
    boxes: NDArray[np.object_] | list[object], width: NDArray[np.float64] | list[float], kind: str = ""
) -> pd.DataFrame:
    return pd.DataFrame(
        {"geometry": np.asarray(boxes, dtype=object), "kind": kind, "width_m": np.asarray(width, dtype=float)}
    )


def _place(pattern: Pattern, ground: shapely.Polygon, angle: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return the pattern's buildings that fit into the ground."""
    centre = np.array(shapely.centroid(ground).coords[0])
    turned = shapely.transform(ground, lambda xy: _turn(xy - centre, -angle))
    rows = _row_heights(pattern, *_inner_height(turned))
    west, east = _row_ends(turned, rows, pattern.depth[1])
    places = [_places(pattern, length - 2.0) for length in east - west]
    if pattern.even:
        west, east = (_straight(rows, ends) for ends in (west, east))
        places = [min(places) // 2 * 2] * len(places)  # an even number, so that a cut can halve every row
    placed = [_along(pattern, *row, rng) for row in zip(west, east, places, strict=True)]
    y = np.repeat(rows, [len(width) for width, _ in placed])
    width, x = (np.concatenate([row[k] for row in placed]) if placed else np.empty(0) for k in (0, 1))
    slack = 0.0 if pattern.rows == "edge" else min(1.5, pattern.gap / 4)
    y = y + rng.uniform(-slack, slack, len(y))
    depth = rng.uniform(*pattern.depth, len(y))
    boxes = shapely.box(x - width / 2, y - depth / 2, x + width / 2, y + depth / 2)
    built = rng.random(len(boxes)) < pattern.keep
    if pattern.round:
        built &= _in_oval(turned, x, y, rng)
    shapely.prepare(turned)
    built &= shapely.contains_properly(turned, boxes)
    back = shapely.transform(boxes[built], lambda xy: _turn(xy, angle) + centre)
    return _frame(back, width[built], pattern.kind)


def _inner_height(ground: shapely.Polygon) -> tuple[float, float]:
    """Return how far south and north the ground reaches near both its west and its east end."""
    west, south, east, north = shapely.bounds(ground)
    x = west + np.array([0.12, 0.5, 0.88]) * (east - west)
    ends = np.stack([np.stack([x, np.full(3, south)], axis=1), np.stack([x, np.full(3, north)], axis=1)], axis=1)
    reach = shapely.bounds(shapely.intersection(ground, shapely.linestrings(ends)))
    return float(np.nanmax(reach[:, 1])), float(np.nanmin(reach[:, 3]))


def _row_ends(ground: shapely.Polygon, rows: NDArray[np.float64], depth: float) -> NDArray[np.float64]:
    """Return where each row begins and ends inside the ground, shape (2, rows); a row off the ground has no length."""
    west, _, east, _ = shapely.bounds(ground)
    height = rows[:, None] + np.array([-depth / 2 - 1, 0.0, depth / 2 + 1])
    lines = np.stack([np.stack([np.full_like(height, x), height], axis=-1) for x in (west, east)], axis=-2)
    reach = shapely.bounds(shapely.intersection(ground, shapely.linestrings(lines)))
    start, end = np.max(reach[..., 0], axis=1), np.min(reach[..., 2], axis=1)
    missing = np.isnan(start) | np.isnan(end) | (end < start)
    return np.where(missing, 0.0, np.stack([start, end]))


def _straight(rows: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ends of rows on one straight line, drawn through all but the first and the last of them."""
    if len(rows) < 4:
        return ends
    return np.asarray(np.polyval(np.polyfit(rows[1:-1], ends[1:-1], 1), rows))


def _in_oval(
    ground: shapely.Polygon, x: NDArray[np.float64], y: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return which points lie in an oval of chance size somewhere near the middle of the ground."""
    west, south, east, north = shapely.bounds(ground)
    half = np.array([east - west, north - south]) / 2
    middle = np.array([east + west, north + south]) / 2 + rng.uniform(-0.25, 0.25, 2) * half
    size = rng.uniform(0.5, 0.85, 2) * half
    return np.asarray(((x - middle[0]) / size[0]) ** 2 + ((y - middle[1]) / size[1]) ** 2 < 1)


def _turn(xy: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """Turn points about the origin, anticlockwise."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.asarray(xy @ np.array([[cos, sin], [-sin, cos]]))


def _row_heights(pattern: Pattern, south: float, north: float) -> NDArray[np.float64]:
    """Return the middles of the rows, set evenly between the block's south and north edge."""
    if pattern.rows == "edge":
        both = np.array([south + EDGE_ROW_M / 2, north - EDGE_ROW_M / 2])
        return both if north - south > 2 * EDGE_ROW_M else both[:1]
    if pattern.rows == "inner":
        south, north = south + EDGE_ROW_M + 4, north - EDGE_ROW_M - 4
    free = north - south - pattern.depth[1] - 2
    if free < 0:
        return np.empty(0)
    count = int(free // pattern.pitch) + 1
    spread = free if pattern.rows != "all" or count > 2 else (count - 1) * pattern.pitch
    return (south + north) / 2 + np.linspace(-spread / 2, spread / 2, count) * (count > 1)


def _places(pattern: Pattern, length: float) -> int:
    """Return how many buildings of middling width a row of this length takes."""
    places = int((length + pattern.gap) // (sum(pattern.width) / 2 + pattern.gap))
    return max(places, int(length >= pattern.width[0]))


def _along(
    pattern: Pattern, west: float, east: float, places: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return widths and middles of the buildings of one row, spread from its one end to the other."""
    length = east - west - 2.0
    if not places:
        return np.empty(0), np.empty(0)
    widest = min(pattern.width[1], (length + pattern.gap) / places - pattern.gap)
    width = rng.uniform(min(pattern.width[0], widest), widest, places)
    spare = length - width.sum() - pattern.gap * (places - 1)
    shares = _lane(places) if pattern.even else rng.dirichlet(np.full(places + 1, 4.0))
    shares = shares * spare
    starts = west + 1.0 + np.cumsum(shares[:-1]) + np.concatenate([[0.0], np.cumsum(width[:-1] + pattern.gap)])
    return width, starts + width / 2


def _lane(places: int) -> NDArray[np.float64]:
    """Return shares of the spare length between equal gaps, four times as much in the middle, where a lane runs."""
    weight = np.ones(places + 1)
    weight[(places + 1) // 2] = 4.0
    return np.asarray(weight / weight.sum())


def _estate(ground: shapely.Polygon, angle: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return exactly 40 slabs, the rows as far apart as the ground allows."""
    placed = _frame([], [])
    for pitch in ESTATE_PITCHES_M:
        pattern = Pattern("estate", (36, 37), (11.5, 12.5), 14, pitch, even=True)
        placed = _place(pattern, ground, angle, rng)
        if len(placed) >= ESTATE_BUILDINGS:
            break
    away = shapely.distance(placed["geometry"].to_numpy(), shapely.centroid(ground))
    keep = np.sort(np.argsort(-away, kind="stable")[:ESTATE_BUILDINGS])  # a green is left in the middle
    return placed.iloc[keep].reset_index(drop=True)


def _landmark(ground: shapely.Polygon, angle: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return one very large tower among ordinary ones."""
    width, depth = LANDMARK_SIZE_M
    big = _place(Pattern("landmark", (width, width), (depth, depth), 400, 400), ground, angle, rng)
    others = fill("tower", ground, angle, rng)
    clear = shapely.distance(others["geometry"].to_numpy(), big["geometry"].iloc[0]) > 25 if len(big) else slice(None)
    return pd.concat([big, others[clear]], ignore_index=True)
