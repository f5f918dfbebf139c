"""Towers above the maximum, divided by entrance (单元): the footprint is cut along its longer side."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import shapely

from gridplan.district import District
from gridplan.site import Geometries

# Entrances of a tower given as a point stand this far apart, west to east: near enough to be one place on a map.
POINT_STEP_M = 2.0


def with_divided_towers(rows: pd.DataFrame, district: District, maximum: int) -> pd.DataFrame:
    """
    Replace each tower above the maximum that has entrances by one row for each entrance.

    Parameters
    ----------
    rows
        One row for each building, as `gridplan.sites` makes them.
    district
        The settled district; the households of a tower's entrances add up to the tower's.
    maximum
        Households above which a tower is divided.

    Notes
    -----
    Persons and work are shared out by households. The entrances of a tower without a compound form one, so that
    the tower is cut into as few parts as its size asks for.
    """
    assert district.entrances is not None  # noqa: S101 - the caller has entrances; this tells the type checker
    ids = district.buildings["building_id"]
    towers = rows["households"] > maximum
    entrances = dict(iter(district.entrances.groupby("building_id")))
    divided = [row for row in rows[towers].itertuples() if len(entrances.get(ids.iloc[row.building], ())) > 1]
    if not divided:
        return rows
    parts = [_entrance_rows(row, ids.iloc[row.building], entrances[ids.iloc[row.building]]) for row in divided]
    rest = rows.drop(index=[row.Index for row in divided])
    return pd.concat([rest, *parts], ignore_index=True)


def _entrance_rows(row: object, building_id: str, entrances: pd.DataFrame) -> pd.DataFrame:
    values = row._asdict()  # type: ignore[attr-defined]
    values.pop("Index")
    entrances = entrances.sort_values("entrance", kind="stable", key=_natural)
    share = entrances["households"].to_numpy(dtype=float) / max(values["households"], 1)
    frame = pd.DataFrame([values] * len(entrances))
    frame["geometry"] = divided_footprint(values["geometry"], len(entrances))
    frame["households"] = entrances["households"].to_numpy(dtype=np.int64)
    frame["persons"] = _shared(values["persons"], share)
    frame["work"] = values["work"] * share
    frame["entrance"] = entrances["entrance"].tolist()
    frame["compound_name"] = values["compound_name"] or f"tower:{building_id}"
    return frame


def _natural(names: pd.Series) -> pd.Series:
    """Sort 2 before 10: names are padded where they are numbers."""
    return names.astype(str).str.replace(r"\d+", lambda found: found.group().zfill(9), regex=True)


def _shared(total: float, share: np.ndarray) -> np.ndarray:
    """Share a whole number out so that the parts add up: largest remainders take the rest."""
    exact = total * share
    parts = np.floor(exact)
    rest = round(total - parts.sum())
    parts[np.argsort(-(exact - parts), kind="stable")[:rest]] += 1
    return parts


def divided_footprint(footprint: shapely.Geometry, count: int) -> Geometries:
    """
    Cut a footprint across its longer side into parts of equal width.

    Parameters
    ----------
    footprint
        Point, Polygon or MultiPolygon, metres.
    count
        Number of parts, > 1.

    Returns
    -------
    parts
        Shape (count,), from west to east along the longer side of the smallest rotated rectangle.
    """
    if footprint.geom_type == "Point":
        x = footprint.x + POINT_STEP_M * (np.arange(count) - (count - 1) / 2.0)
        return np.asarray(shapely.points(x, np.full(count, footprint.y)), dtype=object)
    corners = shapely.get_coordinates(shapely.oriented_envelope(footprint))[:4]
    sides = corners[[1, 2]] - corners[[0, 1]]
    long = sides[0] if np.hypot(*sides[0]) >= np.hypot(*sides[1]) else sides[1]
    along = long / np.hypot(*long) * (1.0 if long[0] >= 0 else -1.0)
    across = np.array([-along[1], along[0]])
    origin = corners.mean(axis=0)
    half, reach = np.hypot(*long) / 2.0, np.hypot(*sides.T).sum()
    edges = np.linspace(-half, half, count + 1)
    edges[[0, -1]] = -reach, reach
    strips = [
        shapely.Polygon(
            [origin + along * u + across * v for u, v in ((a, -reach), (b, -reach), (b, reach), (a, reach))]
        )
        for a, b in pairwise(edges)
    ]
    return np.asarray(shapely.intersection(footprint, strips), dtype=object)
