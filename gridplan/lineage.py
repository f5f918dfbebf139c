"""How new grids come from old ones: which code stays, and every old-new pair with its households."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from gridplan.site import Geometries, Numbers

# Ground counts as the same when old and new differ by less than this share of the larger, or this much.
SAME_SHARE, SAME_M2 = 0.005, 5.0
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
    old_total = shared.groupby("old_code")["households"].sum()
    new_total = shared.groupby("grid")["households"].sum()
    pairs = shared[shared["old_code"].notna() & (shared["households"] > 0)]
    pairs = pairs[pairs["old_community"] == pairs["community"]]
    half_old = 2 * pairs["households"] >= old_total.loc[pairs["old_code"]].to_numpy()
    half_new = 2 * pairs["households"] >= new_total.loc[pairs["grid"]].to_numpy()
    pairs = pairs[half_old & half_new].sort_values(["households", "old_code", "grid"], ascending=[False, True, True])
    pairs = pairs.drop_duplicates("old_code").drop_duplicates("grid")
    return dict(zip(pairs["grid"], pairs["old_code"], strict=True))


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
    pairs = shared[(shared["households"] > 0) | shared["old_code"].notna()]
    pairs = pairs.assign(new_code=[codes[grid] for grid in pairs["grid"]])
    heirs = pairs[pairs["old_code"].notna()].groupby("old_code")["new_code"].nunique()
    rows = [
        (old_code, new_code, _change(old_code, new_code, heirs, old, polygons[grid], words), int(households))
        for old_code, new_code, grid, households in pairs[["old_code", "new_code", "grid", "households"]].itertuples(
            index=False
        )
    ]
    rows += _without_buildings(pairs, codes, heirs, old, polygons, words)
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"old_code": object, "new_code": object})
    frame = frame.where(frame.notna(), None)
    return frame.sort_values(["new_code", "old_code"], na_position="last", kind="stable").reset_index(drop=True)


def _without_buildings(
    pairs: pd.DataFrame,
    codes: list[str],
    heirs: pd.Series,
    old: Mapping[str, shapely.Geometry],
    polygons: Geometries,
    known: Mapping[str, str],
) -> list[tuple[str | None, str | None, str, int]]:
    """Return the rows of codes that no building tells of: those that stay (a locked park), are new, or retire."""
    told = set(pairs.loc[pairs["old_code"] == pairs["new_code"], "new_code"])
    stay = [(code, polygons[grid]) for grid, code in enumerate(codes) if code in old and code not in told]
    silent = {code for code, _ in stay}
    new = set(codes) - set(pairs["new_code"]) - silent
    gone = set(old) - set(pairs["old_code"].dropna()) - silent
    return [
        *((code, code, _change(code, code, heirs, old, ground, known), 0) for code, ground in stay),
        *((None, code, "new", 0) for code in sorted(new)),
        *((code, None, "retired", 0) for code in sorted(gone)),
    ]


def _change(
    old_code: str | None,
    new_code: str,
    heirs: pd.Series,
    old: Mapping[str, shapely.Geometry],
    polygon: shapely.Geometry,
    known: Mapping[str, str],
) -> str:
    if old_code is None or old_code != old_code:
        return "new"
    if old_code == new_code:
        return known.get(new_code) or ("unchanged" if _same_ground(old[old_code], polygon) else "changed")
    return "split" if heirs[old_code] > 1 else "merged"


def _same_ground(one: shapely.Geometry, other: shapely.Geometry) -> bool:
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
