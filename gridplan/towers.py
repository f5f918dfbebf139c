"""Towers above the maximum, divided by entrance (单元): the footprint is cut along its longer side."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.district import District
from gridplan.schema import SPECIAL_GROUPS
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
    of_towers = district.entrances["building_id"].isin(ids.iloc[rows.loc[towers, "building"]])
    entrances = dict(iter(district.entrances[of_towers].groupby("building_id")))
    divided = [row for row in rows[towers].itertuples() if len(entrances.get(ids.iloc[row.building], ())) > 1]
    if not divided:
        return rows
    parts = [_entrance_rows(row, ids.iloc[row.building], entrances[ids.iloc[row.building]]) for row in divided]
    rest = rows.drop(index=[row.Index for row in divided])
    return pd.concat([rest, *parts], ignore_index=True)


def _entrance_rows(row: object, building_id: str, entrances: pd.DataFrame) -> pd.DataFrame:
    values = row._asdict()  # type: ignore[attr-defined]
    values.pop("Index")
    frame, share = _by_entrance(values, entrances)
    frame["persons"] = shared_out(values["persons"], share)
    frame["work"] = values["work"] * share
    frame["compound_name"] = values["compound_name"] or f"tower:{building_id}"
    return frame


def _by_entrance(values: Mapping[str, Any], entrances: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Return a row for each entrance with its share of the footprint and the households, and the share of them."""
    entrances = entrances.sort_values("entrance", kind="stable", key=_natural)
    share = entrances["households"].to_numpy(dtype=float) / max(values["households"], 1)
    frame = pd.DataFrame([values] * len(entrances))
    frame["geometry"] = divided_footprint(values["geometry"], len(entrances))
    frame["households"] = entrances["households"].to_numpy(dtype=np.int64)
    frame["entrance"] = entrances["entrance"].tolist()
    return frame, share


def building_by_entrance(building: Mapping[str, Any], entrances: pd.DataFrame) -> pd.DataFrame:
    """
    Return one building as several, one for each entrance, in the columns of a district and ``entrance``.

    Parameters
    ----------
    building
        One row of a district's buildings.
    entrances
        Its entrances, at least two; their households add up to the building's.
    """
    frame, share = _by_entrance(building, entrances)
    for column in ("persons", "work_min", *SPECIAL_GROUPS):
        total = building.get(column)
        if total is not None and not pd.isna(total):
            frame[column] = shared_out(float(total), share)
    return frame


def _natural(names: pd.Series) -> pd.Series:
    """Sort 2 before 10: names are padded where they are numbers."""
    return names.astype(str).str.replace(r"\d+", lambda found: found.group().zfill(9), regex=True)


def shared_out(total: float, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Share a whole number out so that the parts are whole and add up: the largest remainders take the rest.

    Parameters
    ----------
    total
        Whole number >= 0.
    share
        Shape (n,), >= 0, of sum 1 (or 0, which shares nothing out).

    Examples
    --------
    >>> shared_out(10, np.array([0.5, 0.26, 0.24])).tolist()
    [5.0, 3.0, 2.0]
    """
    exact = total * share
    parts: NDArray[np.float64] = np.floor(exact)
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
