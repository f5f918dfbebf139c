"""How new grids come from old ones: which code stays, and every old-new pair with its households."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.site import Geometries, Numbers

# Ground counts as the same when old and new differ by less than this share of the larger, or this much.
SAME_SHARE, SAME_M2 = 0.005, 5.0
Names = Sequence[str | None] | NDArray[np.object_]
COLUMNS = ["old_code", "new_code", "change", "households"]


def kept_codes(shared: pd.DataFrame) -> dict[int, str]:
    """
    Return the code that each new grid keeps.

    Parameters
    ----------
    shared
        ``old_code, old_community, grid, community, households``: households that an old and a new grid share; every
        household of either stands in one row (``old_code`` null where no old grid holds it).

    Returns
    -------
    kept
        Old code by new grid: a grid keeps its code when it keeps at least half of its old households and at least
        half of its new ones come from it; never across communities, whose code is part of it.
    """
    old_total, new_total = Counter[str](), Counter[int]()
    rows = _rows(shared)
    for old_code, _, grid, _, households in rows:
        new_total[grid] += households
        if old_code is not None:
            old_total[old_code] += households
    claims = [
        (-households, old_code, grid)
        for old_code, old_community, grid, community, households in rows
        if old_code is not None
        and households > 0
        and old_community == community
        and 2 * households >= max(old_total[old_code], new_total[grid])
    ]
    kept: dict[int, str] = {}
    given: set[str] = set()
    for _, old_code, grid in sorted(claims):
        if old_code not in given and grid not in kept:
            kept[grid] = old_code
            given.add(old_code)
    return kept


def _rows(shared: pd.DataFrame) -> list[tuple[str | None, str | None, int, str, int]]:
    """Return the rows of shared households as plain values: a plan has some hundreds, which pandas is slow at."""
    names = ("old_code", "old_community", "grid", "community", "households")
    columns = [np.asarray(shared[name].array, dtype=object) for name in names]
    for column in columns[:2]:
        column[pd.isna(column)] = None
    return list(zip(*(column.tolist() for column in columns), strict=True))


def lineage_rows(
    shared: pd.DataFrame,
    codes: list[str],
    old: Mapping[str, shapely.Geometry],
    polygons: Geometries,
    known: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """
    Return one row for every old-new pair, every new grid without an old one and every retired code without a heir.

    Parameters
    ----------
    shared
        As for `kept_codes`.
    codes
        New codes by grid.
    old
        Polygons of today's grids by code.
    polygons
        Polygons of the new grids.
    known
        The change of grids that keep code and ground, where it is known from before: geometry need not be compared.
    """
    words = dict(known or {})
    pairs = [
        (old_code, codes[grid], grid, households)
        for old_code, _, grid, _, households in _rows(shared)
        if households > 0 or old_code is not None
    ]
    heirs: dict[str, set[str]] = {}
    for old_code, new_code, _, _ in pairs:
        if old_code is not None:
            heirs.setdefault(old_code, set()).add(new_code)
    rows: list[tuple[str | None, str | None, str, int]] = [
        (old_code, new_code, _change(old_code, new_code, heirs, old, polygons[grid], words), households)
        for old_code, new_code, grid, households in pairs
    ]
    rows += _without_buildings(pairs, codes, heirs, old, polygons, words)
    rows.sort(key=lambda row: (row[1] is None, row[1] or "", row[0] is None, row[0] or ""))
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"old_code": object, "new_code": object})
    return frame.where(frame.notna(), None)


def _without_buildings(
    pairs: list[tuple[str | None, str, int, int]],
    codes: list[str],
    heirs: Mapping[str, set[str]],
    old: Mapping[str, shapely.Geometry],
    polygons: Geometries,
    known: Mapping[str, str],
) -> list[tuple[str | None, str | None, str, int]]:
    """Return the rows of codes that no building tells of: those that stay (a locked park), are new, or retire."""
    told = {new_code for old_code, new_code, _, _ in pairs if old_code == new_code}
    stay = [(code, polygons[grid]) for grid, code in enumerate(codes) if code in old and code not in told]
    silent = {code for code, _ in stay}
    new = set(codes) - {new_code for _, new_code, _, _ in pairs} - silent
    gone = set(old) - heirs.keys() - silent
    return [
        *((code, code, _change(code, code, heirs, old, ground, known), 0) for code, ground in stay),
        *((None, code, "new", 0) for code in sorted(new)),
        *((code, None, "retired", 0) for code in sorted(gone)),
    ]


def _change(
    old_code: str | None,
    new_code: str,
    heirs: Mapping[str, set[str]],
    old: Mapping[str, shapely.Geometry],
    polygon: shapely.Geometry,
    known: Mapping[str, str],
) -> str:
    if old_code is None:
        return "new"
    if old_code == new_code:
        return known.get(new_code) or ("unchanged" if same_ground(old[old_code], polygon) else "changed")
    return "split" if len(heirs[old_code]) > 1 else "merged"


def same_ground(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """
    Return whether two polygons are the same ground, but for rounding: 5 m2 or 0.5 % of the larger.

    Parameters
    ----------
    one, other
        Polygons in one projected CRS; the first may be invalid.
    """
    differ = float(shapely.symmetric_difference(shapely.make_valid(one), other).area)
    return bool(differ <= max(SAME_M2, SAME_SHARE * max(one.area, other.area)))


def shared_households(
    old_codes: np.ndarray, old_communities: np.ndarray, grid: Numbers, communities: np.ndarray, households: Numbers
) -> pd.DataFrame:
    """
    Return the households that old and new grids share, from rows of buildings.

    Parameters
    ----------
    old_codes, old_communities
        Shape (n_rows,): today's grid of each row and its community, None where there is none.
    grid, communities
        Shape (n_rows,): new grid and its community.
    households
        Shape (n_rows,).
    """
    frame = pd.DataFrame(
        {
            "old_code": pd.Series(old_codes, dtype=object),
            "old_community": pd.Series(old_communities, dtype=object),
            "grid": grid,
            "community": pd.Series(communities, dtype=object),
            "households": households,
        }
    )
    keys = ["old_code", "old_community", "grid", "community"]
    return frame.groupby(keys, dropna=False, sort=True)["households"].sum().reset_index()


def shared_pairs(
    old: Numbers,
    grid: Numbers,
    households: Numbers,
    old_codes: Names,
    homes: Names,
    communities: Names,
) -> pd.DataFrame:
    """
    Return the households that old and new grids share, from numbers instead of names: the same, and quicker.

    Parameters
    ----------
    old, grid, households
        Shape (n_rows,): number of today's grid or -1, number of the new grid, households.
    old_codes, homes
        Code and community of today's grids, by number.
    communities
        Community of the new grids, by number.
    """
    keys, pair = np.unique(np.stack([old, grid]), axis=1, return_inverse=True)
    sums = np.zeros(keys.shape[1], dtype=np.int64)
    np.add.at(sums, pair.ravel(), households)
    before, now = keys.tolist()
    return pd.DataFrame(
        {
            "old_code": pd.Series([None if each < 0 else old_codes[each] for each in before], dtype=object),
            "old_community": pd.Series([None if each < 0 else homes[each] for each in before], dtype=object),
            "grid": now,
            "community": pd.Series([communities[each] for each in now], dtype=object),
            "households": sums,
        }
    )
