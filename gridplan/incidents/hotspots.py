"""
Where incidents gather: Getis-Ord Gi* and local Moran over the grids, by esda, with the false discoveries bounded.

Of 3,000 grids 150 look hot at the five per cent level where nothing is; so p-values are adjusted after Benjamini and
Hochberg (1995), and a grid is called hot only where at most so large a share of all that are called would be false.
"""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.errors import TooFewError

#: Share of false ones among those that are called, that is accepted.
FALSE_SHARE = 0.05
PERMUTATIONS = 99_999
# Numbers that are shuffled at a time: some 32 MB.
BLOCK = 4_000_000
# Grids whose borders come this near are neighbours: plans are clean to a tenth of a millimetre.
TOUCH_M = 0.01
FEWEST = 8


def hot_spots(
    grids: gpd.GeoDataFrame,
    counts: pd.Series,
    seed: int,
    *,
    base: pd.Series | None = None,
    false_share: float = FALSE_SHARE,
) -> pd.DataFrame:
    """
    Tell which grids lie in a gathering, and which stand out from their neighbours.

    Parameters
    ----------
    grids
        ``grid_code`` and polygons in a metric CRS.
    counts
        Incidents by grid_code; grids that are missing have none.
    seed
        Of the permutations.
    base
        Households by grid_code: rates per household are looked at, drawn towards all where they are small; counts
        where None.
    false_share
        Share of false ones among those that are called, that is accepted.

    Returns
    -------
    spots
        By grid_code: ``count, value`` (what is looked at), ``gi`` (standard score of Gi*), ``gi_p, gi_q`` (p and
        adjusted p), ``spot`` (``hot``, ``cold`` or ``""``), ``moran, moran_p, moran_q`` and ``moran_kind``
        (``high-high, low-low, high-low, low-high`` or ``""``).

    Raises
    ------
    TooFewError
        If there are fewer than eight grids: nothing can be told.

    References
    ----------
    Ord and Getis (1995), Geographical Analysis 27; Anselin (1995), Geographical Analysis 27.
    """
    if len(grids) < FEWEST:
        raise TooFewError(f"hot spots: expected at least {FEWEST} grids; found {len(grids)}")
    codes = pd.Index(grids["grid_code"], name="grid_code")
    count = counts.reindex(codes).fillna(0).to_numpy(dtype=float)
    value = count if base is None else _rates(count, base.reindex(codes).fillna(0).to_numpy(dtype=float))
    made = pd.DataFrame({"count": count.astype(int), "value": value}, index=codes)
    if np.ptp(value) == 0:  # all alike: nothing gathers
        found = pd.DataFrame(0.0, index=codes, columns=["gi", "moran"])
        found[["gi_p", "gi_q", "moran_p", "moran_q"]] = 1.0
        found[["spot", "moran_kind"]] = ""
        return made.join(found)
    return made.join(_getis(grids, value, seed, false_share)).join(_moran(grids, value, seed, false_share))


def adjusted(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Return p-values adjusted after Benjamini and Hochberg: calling all up to q is false in at most a share q.

    Parameters
    ----------
    p
        Shape (n,).

    Examples
    --------
    >>> adjusted(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    order = np.argsort(p, kind="stable")
    steps = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty_like(p)
    found[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return found


def _rates(count: NDArray[np.float64], base: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return counts per 100 of a base, drawn towards all: a grid of three households is no hot spot for one call."""
    from gridplan.incidents.rates import density

    drawn = density(count.astype(np.int64), base.astype(np.int64), 100.0)["shrunk"].to_numpy(dtype=float)
    return np.asarray(np.nan_to_num(drawn), dtype=np.float64)


def _getis(grids: gpd.GeoDataFrame, value: NDArray[np.float64], seed: int, false_share: float) -> pd.DataFrame:
    import esda

    near = _neighbors(grids)
    with warnings.catch_warnings():
        # Of exclaves and of the library's own matters; nothing that a reader of the result could act upon.
        warnings.simplefilter("ignore")
        found = esda.G_Local(value, _weights(near), transform="B", permutations=0, star=True)
    score = np.asarray(found.Zs, dtype=float)
    p = _permuted(value, near, seed)
    q = adjusted(p)
    spot = np.where(q <= false_share, np.where(score > 0, "hot", "cold"), "")
    codes = grids["grid_code"].to_numpy()
    return pd.DataFrame({"gi": score, "gi_p": p, "gi_q": q, "spot": spot}, index=pd.Index(codes, name="grid_code"))


def _moran(grids: gpd.GeoDataFrame, value: NDArray[np.float64], seed: int, false_share: float) -> pd.DataFrame:
    import esda

    near = _neighbors(grids)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = esda.Moran_Local(value, _weights(near), permutations=0)
    p = _permuted(value, near, seed, itself=False)
    q = adjusted(p)
    kinds = np.array(["", "high-high", "low-high", "low-low", "high-low"])[np.asarray(found.q, dtype=int)]
    index = pd.Index(grids["grid_code"].to_numpy(), name="grid_code")
    columns = {"moran": np.asarray(found.Is, dtype=float), "moran_p": p, "moran_q": q}
    return pd.DataFrame({**columns, "moran_kind": np.where(q <= false_share, kinds, "")}, index=index)


def _permuted(
    value: NDArray[np.float64], near: dict[int, list[int]], seed: int, *, itself: bool = True
) -> NDArray[np.float64]:
    """
    Return two-sided p-values of the sums around each grid, against grids put there by lot.

    With ``itself`` (Gi*) the grid and its neighbours are drawn from all; without (Moran) its own value stays and the
    neighbours are drawn from the others. All grids of as many neighbours share the same draws.
    """
    rng = np.random.default_rng(seed)
    found = np.ones(len(value))
    sizes = np.array([len(near[place]) for place in range(len(value))])
    for size in np.unique(sizes[sizes > 0]).tolist():
        drawn = np.sort(_draws(value, size + itself, rng))
        for place in np.flatnonzero(sizes == size).tolist():
            around = value[near[place]].sum() + (value[place] if itself else 0.0)
            above = PERMUTATIONS - int(np.searchsorted(drawn, around - 1e-9, side="left"))
            below = int(np.searchsorted(drawn, around + 1e-9, side="right"))
            found[place] = min(1.0, 2.0 * (min(above, below) + 1) / (PERMUTATIONS + 1))
    return found


def _draws(value: NDArray[np.float64], size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return sums of so many values drawn without putting back; shape (PERMUTATIONS,)."""
    size = min(size, len(value))
    drawn = rng.integers(len(value), size=(PERMUTATIONS, size))
    # A draw that holds a grid twice is drawn anew: few do where grids are many.
    while (again := (np.diff(np.sort(drawn, axis=1), axis=1) == 0).any(axis=1)).any():
        if size > len(value) / 4:
            drawn = _shuffled(len(value), size, rng)
            break
        drawn[again] = rng.integers(len(value), size=(int(again.sum()), size))
    sums: NDArray[np.float64] = value[drawn].sum(axis=1)
    return sums


def _shuffled(count: int, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the first places of shuffles of so many, shape (PERMUTATIONS, size); in blocks, for shuffles are long."""
    rows = max(1, BLOCK // count)
    blocks = [
        np.argsort(rng.random((min(rows, PERMUTATIONS - begin), count)), axis=1)[:, :size].copy()
        for begin in range(0, PERMUTATIONS, rows)
    ]
    return np.concatenate(blocks)


def _neighbors(grids: gpd.GeoDataFrame) -> dict[int, list[int]]:
    """Return which grids touch along a border or at a corner, by their places."""
    polygons = np.asarray(grids.geometry.array, dtype=object)
    one, other = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=TOUCH_M)
    pairs: dict[int, list[int]] = {place: [] for place in range(len(polygons))}
    for place, near in zip(one.tolist(), other.tolist(), strict=True):
        if place != near:
            pairs[place].append(near)
    return pairs


def _weights(near: dict[int, list[int]]) -> object:
    import libpysal

    return libpysal.weights.W(near, silence_warnings=True)
