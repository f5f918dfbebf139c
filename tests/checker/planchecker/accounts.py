"""Counting: every building once, every household kept, every measure as recomputed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely

from planchecker.case import Case
from planchecker.words import some


def check_buildings(case: Case) -> Iterator[str]:
    """Every building is in exactly one grid, towers divided by entrance excepted, and no building is invented."""
    own = case.own
    lost = set(case.buildings["building_id"]) - set(own["building_id"])
    invented = set(own["building_id"]) - set(case.buildings["building_id"])
    per_building = own.groupby("building_id")["grid_code"].agg(["nunique", "size"])
    several = set(per_building.index[(per_building["nunique"] > 1) | (per_building["size"] > 1)]) - case.divided
    if lost:
        yield f"buildings in no grid: {some(lost)}"
    if invented:
        yield f"buildings that the source lacks: {some(invented)}"
    if several:
        yield f"buildings with several rows: {some(several)}"


def check_units(case: Case) -> Iterator[str]:
    """Rows of one unit agree on the grid and carry the cell once; ground without a building has no households."""
    units = case.units
    homeless = set(units["grid_code"].fillna("(null)")) - set(case.grids["grid_code"])
    if homeless:
        yield f"units in grids that do not exist: {some(homeless)}"
    if units["unit_id"].isna().any():
        yield f"{units['unit_id'].isna().sum()} units without an id"
    rows = units.assign(cell=units.geometry.notna() & ~units.geometry.is_empty).groupby("unit_id")
    torn = rows["grid_code"].nunique()
    if (torn > 1).any():
        yield f"units in several grids: {some(torn.index[torn > 1])}"
    cells = rows["cell"].sum()
    if (cells != 1).any():
        yield f"units without exactly one cell: {some(cells.index[cells != 1])}"
    ground = units["building_id"].isna()
    if (units.loc[ground, "households"] != 0).any():
        yield f"ground without a building has households: {some(units.unit_id[ground & (units.households != 0)])}"


def check_sums(case: Case) -> Iterator[str]:
    """Households, persons, work and numbers of buildings add up, from the source to the grids."""
    source = case.buildings.set_index("building_id")["households"].groupby(level=0).sum()
    planned = case.own.groupby("building_id")["households"].sum()
    wrong = planned.index[planned != source.reindex(planned.index)]
    if len(wrong):
        yield f"buildings whose households differ from the source: {some(wrong)}"
    total, kept = int(source.sum()), int(case.grids["households"].sum())
    if total != kept:
        yield f"the plan has {kept} households, the source {total}"
    grids = case.grids.set_index("grid_code")
    for column, added in _grid_sums(case).items():
        expected = added.reindex(grids.index).fillna(0)
        wrong = grids.index[(grids[column] != expected) & grids[column].notna()]
        if len(wrong):
            first = wrong[0]
            pair = f"{first}: {grids[column][first]}, expected {expected[first]:g}"
            yield f"grids.{column} differs from its units in {some(wrong)} ({pair})"
    yield from _check_persons(case)


def _grid_sums(case: Case) -> dict[str, pd.Series]:
    own, units = case.own, case.units
    return {
        "households": units.groupby("grid_code")["households"].sum(),
        "work_min": units.groupby("grid_code")["work_min"].sum(),
        "units": own.groupby("grid_code")["building_id"].nunique(),
    }


def _check_persons(case: Case) -> Iterator[str]:
    """Persons are the source's, summed; null where the source counts none."""
    if "persons" not in case.buildings or case.buildings["persons"].isna().any():
        return
    own = case.own[~case.own["building_id"].isin(case.divided)]
    whole = ~case.grids["grid_code"].isin(set(case.own["grid_code"][case.own["building_id"].isin(case.divided)]))
    persons = case.buildings.set_index("building_id")["persons"].reindex(own["building_id"]).to_numpy()
    expected = pd.Series(persons, index=own["grid_code"]).groupby(level=0).sum()
    grids = case.grids[whole].set_index("grid_code")
    wrong = grids.index[grids["persons"].astype(float) != expected.reindex(grids.index).fillna(0)]
    if len(wrong):
        yield f"grids.persons differs from the source in {some(wrong)}"


def check_measures(case: Case) -> Iterator[str]:
    """Area and Polsby-Popper compactness are those of the polygon."""
    grids, shapes = case.grids, case.grids.geometry.to_numpy()
    area, perimeter = shapely.area(shapes), shapely.length(shapes)
    measures: dict[str, tuple[Any, float]] = {
        "area_m2": (area, 0.01),
        "compactness": (4 * np.pi * area / perimeter**2, 0.0001),
    }
    for column, (true, tolerance) in measures.items():
        wrong = ~(np.abs(grids[column].to_numpy(dtype=float) - true) <= tolerance)
        if wrong.any():
            yield f"grids.{column} differs from the polygon in {some(grids['grid_code'][wrong])}"
    if grids[["name", "kind"]].isna().any(axis=None):
        yield "grids without a name or kind"
    if set(grids["kind"]) - {"basic", "rural", "exclusive", "micro"}:
        yield f"kinds that no contract names: {some(set(grids['kind']) - {'basic', 'rural', 'exclusive', 'micro'})}"
    if not set(grids["locked"].astype(int)) <= {0, 1}:
        yield "grids.locked is neither 0 nor 1"


def check_compounds(case: Case) -> Iterator[str]:
    """A compound of at most the maximum is whole within its community, or its split is listed as forced."""
    listed = case.listed("compound")
    split_grids: set[str] = set()
    for compound, codes in _split_compounds(case):
        split_grids |= codes
        if not codes & set(listed["grid_code"]):
            yield f"compound {compound} of at most {case.maximum} households is split over {some(codes)} and not listed"
    # No grid crosses a border, so a compound in two communities is in two grids: it may be listed, and need not be.
    false = set(listed["grid_code"]) - split_grids - _across_borders(case)
    if false:
        yield f"grids listed for a split compound have none: {some(false)}"
    if set(listed["reason"]) - {"forced_split"}:
        yield f"split compounds with another reason: {some(set(listed['reason']) - {'forced_split'})}"


def _across_borders(case: Case) -> set[str]:
    """Return the grids of compounds of at most the maximum that lie in several communities or fixed areas."""
    if "compound_id" not in case.buildings:
        return set()
    compound = case.buildings.drop_duplicates("building_id").set_index("building_id")["compound_id"]
    rows = case.own.assign(compound=case.own["building_id"].map(compound)).dropna(subset=["compound"])
    parts = rows.groupby("compound")
    small = parts["households"].transform("sum") <= case.maximum
    return set(rows["grid_code"][small & (parts["grid_code"].transform("nunique") > 1)])


def _split_compounds(case: Case) -> Iterator[tuple[str, set[str]]]:
    """Yield each compound that could be whole and is in several grids of one community."""
    if "compound_id" not in case.buildings:
        return
    grids = case.grids.set_index("grid_code")
    bound = case.own[~case.own["grid_code"].map(case.fixed).astype(bool)]
    rows = pd.DataFrame(
        {
            "grid_code": bound["grid_code"],
            "households": bound["households"],
            "compound": bound["building_id"].map(
                case.buildings.drop_duplicates("building_id").set_index("building_id")["compound_id"]
            ),
            "community": bound["grid_code"].map(grids["community_code"]),
            "kind": bound["grid_code"].map(grids["kind"]),
        }
    ).dropna(subset=["compound"])
    for (compound, _), part in rows[rows["kind"] == "basic"].groupby(["compound", "community"]):
        codes = set(part["grid_code"])
        if len(codes) > 1 and part["households"].sum() <= case.maximum:
            yield str(compound), codes
