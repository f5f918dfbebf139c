"""Codes and lineage: no code twice, none wrapped or used again, every household followed from its old grid."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import shapely

from planchecker.case import Case
from planchecker.words import some

_CHANGES = {"unchanged", "changed", "split", "merged", "new", "retired"}
_DIGITS = 3


def check_unique(case: Case) -> Iterator[str]:
    """Every grid has a code of its own."""
    codes = case.grids["grid_code"]
    if codes.duplicated().any() or codes.isna().any():
        yield f"grid_code is null or repeats: {some(codes[codes.duplicated(keep=False) | codes.isna()])}"


def check_codes(case: Case) -> Iterator[str]:
    """New codes are the community's code and three digits, going on from the highest in use."""
    codes = case.grids["grid_code"]
    kept = set() if case.present is None else set(case.present["grid_code"])
    new = case.grids[~codes.isin(kept)]
    for community, rows in new.groupby("community_code"):
        tails = rows["grid_code"].str.removeprefix(community)
        fits = rows["grid_code"].str.startswith(community) & tails.str.fullmatch(rf"[0-9]{{{_DIGITS}}}")
        if not fits.all():
            yield f"new codes that are not {community} and {_DIGITS} digits: {some(rows['grid_code'][~fits])}"
            continue
        used = [int(code[-_DIGITS:]) for code in kept if code[:-_DIGITS] == community and code[-_DIGITS:].isdigit()]
        first = max(used, default=0) + 1
        if sorted(map(int, tails)) != list(range(first, first + len(rows))):
            yield f"new codes of {community} do not count on from {first:0{_DIGITS}d}: {some(rows['grid_code'])}"


def check_lineage(case: Case) -> Iterator[str]:
    """Every household is followed from its old grid to its new one, and codes are kept where half of both stay."""
    lineage, grids = case.lineage, case.grids.set_index("grid_code")
    if case.present is None and lineage.empty:
        return
    if set(lineage["change"]) - _CHANGES:
        yield f"changes that no contract names: {some(set(lineage['change']) - _CHANGES)}"
    yield from _check_ends(case)
    gained = lineage.dropna(subset=["new_code"]).groupby("new_code")["households"].sum()
    wrong = grids.index[grids["households"] != gained.reindex(grids.index).fillna(0)]
    if len(wrong):
        yield f"lineage does not add up to the households of {some(wrong)}"
    if case.present is not None:
        yield from _check_flows(case, case.present)


def _check_ends(case: Case) -> Iterator[str]:
    lineage, new = case.lineage, set(case.grids["grid_code"])
    unknown = set(lineage["new_code"].dropna()) - new
    if unknown:
        yield f"lineage leads to grids that do not exist: {some(unknown)}"
    retired = set(lineage["old_code"][lineage["change"] == "retired"].dropna())
    if retired & new:
        yield f"retired codes in use: {some(retired & new)}"
    same = lineage["change"].isin(["unchanged", "changed"])
    moved = same & (lineage["old_code"] != lineage["new_code"])
    if moved.any():
        yield f"lineage calls a grid with another code the same: {some(lineage['new_code'][moved])}"


def _check_flows(case: Case, present: pd.DataFrame) -> Iterator[str]:
    """Compare with the households counted where each stands in today's grids."""
    shapes = shapely.make_valid(present.geometry.to_numpy())
    row, old = shapely.STRtree(shapes).query(case.places, predicate="within")
    found = pd.Series(present["grid_code"].to_numpy()[old], index=row)
    found = found[~found.index.duplicated(keep=False)]
    rows = case.own.iloc[found.index].assign(old=found.to_numpy())
    flows = _summed(rows, "old", "grid_code")
    stated = _summed(case.lineage, "old_code", "new_code")
    lost = [" to ".join(pair) for pair, households in flows.items() if stated.get(pair, 0) < households]
    if lost:
        yield f"lineage lacks households that went {some(lost)}"
    yield from _check_kept(case, flows)


def _summed(rows: pd.DataFrame, old: str, new: str) -> dict[tuple[str, str], int]:
    """Return the households of each pair of an old and a new code."""
    known = rows.dropna(subset=[old, new])
    sums: dict[tuple[str, str], int] = {}
    for pair in zip(known[old], known[new], known["households"], strict=True):
        sums[pair[:2]] = sums.get(pair[:2], 0) + int(pair[2])
    return sums


def _check_kept(case: Case, flows: dict[tuple[str, str], int]) -> Iterator[str]:
    """A grid has an old code exactly where it holds half of the old households and half of its own are they."""
    after = case.grids.set_index("grid_code")["households"]
    home = case.grids.set_index("grid_code")["community_code"]
    communities = set(home)
    before: dict[str, int] = {}
    for (old, _), shared in flows.items():
        before[old] = before.get(old, 0) + shared
    for (old, new), shared in flows.items():
        maker = old[:-_DIGITS]
        if shared == 0 or case.fixed[new] or (maker in communities and maker != home[new]):
            continue  # what a redrawn border passed to another community gets a code of its new one
        half = 2 * shared >= before[old] and 2 * shared >= after[new]
        if old == new and not half:
            yield f"grid {new} keeps its code with {shared} of {before[old]} old and {after[new]} new households"
        if old != new and 2 * shared > max(before[old], after[new]):  # of two halves only one can keep the code
            yield f"grid {new} has a new code though it holds {shared} of {before[old]} households of {old}"
