"""What must hold of any plan, worked out from its layers alone in plain Python: no array of the library is used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from drawn import TILING_M2

from gridplan.plan import Plan

Facts = list[tuple[str, str, int, int, str | None]]
LEAST_M = 1.0


def facts_of(plan: Plan) -> Facts:
    """Return every breach of band, connection, barriers and compounds as rule, grid, value, limit, subject."""
    return sorted([*_band(plan), *_ground(plan), *_compounds(plan)], key=str)


def _band(plan: Plan) -> Iterator[tuple[str, str, int, int, str | None]]:
    rules = plan.report["rules"]
    held = plan.units.groupby("grid_code")["households"].sum()
    for code, kind in zip(plan.grids["grid_code"], plan.grids["kind"], strict=True):
        total = int(held[code])
        if kind == "basic" and not rules["minimum"] <= total <= rules["maximum"]:
            yield "band", code, total, rules["minimum" if total < rules["minimum"] else "maximum"], None


def _ground(plan: Plan) -> Iterator[tuple[str, str, int, int, str | None]]:
    """Walk every grid on borders of a metre and more, over walls for its pieces and on foot for its sides."""
    units = plan.units.drop_duplicates("unit_id").set_index("unit_id")["grid_code"]
    lived_in = set(plan.units.loc[plan.units["households"] > 0, "unit_id"])
    over, on_foot = defaultdict(set), defaultdict(set)
    for row in plan.borders.itertuples():
        if units[row.first] != units[row.second]:
            continue
        if row.length_m >= LEAST_M:
            over[row.first].add(row.second), over[row.second].add(row.first)
        if row.length_m - row.closed_m >= LEAST_M:
            on_foot[row.first].add(row.second), on_foot[row.second].add(row.first)
    for code, mine in units.groupby(units).groups.items():
        pieces = list(_pieces(set(mine), over))
        if len(pieces) > 1:
            yield "connected", str(code), len(pieces), 1, None
        sides = max(sum(bool(side & lived_in) for side in _pieces(piece, on_foot)) for piece in pieces)
        if sides > 1:
            yield "barrier", str(code), sides, 1, None


def _pieces(units: set[str], links: dict[str, set[str]]) -> Iterator[set[str]]:
    left = set(units)
    while left:
        piece, todo = set(), [min(left)]
        while todo:
            unit = todo.pop()
            if unit not in piece:
                piece.add(unit)
                todo += links[unit] & left
        left -= piece
        yield piece


def _compounds(plan: Plan) -> Iterator[tuple[str, str, int, int, str | None]]:
    named = plan.units[plan.units["compound_id"].notna()]
    for name, rows in named.groupby("compound_id"):
        codes = sorted(set(rows["grid_code"]))
        if len(codes) > 1 and rows["households"].sum() <= plan.report["rules"]["maximum"]:
            yield from (("compound", code, len(codes), 1, str(name)) for code in codes)


def stated(plan: Plan) -> Facts:
    """Return the layer ``violations`` without its reasons."""
    names = ["rule", "grid_code", "value", "limit", "subject"]
    return sorted(plan.violations[names].itertuples(index=False, name=None), key=str)


def assert_true(plan: Plan) -> None:
    """Demand that grids, violations, lineage and measures are those of the units."""
    assert stated(plan) == facts_of(plan)
    _assert_sums(plan)
    _assert_shapes(plan)
    _assert_lineage(plan)
    measures = plan.report["measures"]
    assert measures["grids"] == len(plan.grids)
    assert measures["violations"] == len(plan.violations)
    assert measures["households"] == plan.units["households"].sum()
    code = plan.units.drop_duplicates("unit_id").set_index("unit_id")["grid_code"]
    between = code[plan.borders["first"]].to_numpy() != code[plan.borders["second"]].to_numpy()
    assert measures["boundary_m"] == pytest.approx(plan.borders.loc[between, "length_m"].sum(), abs=0.06)


def _assert_sums(plan: Plan) -> None:
    grids = plan.grids.set_index("grid_code")
    assert grids.index.is_unique
    assert grids.index.is_monotonic_increasing
    for column in ("households", "work_min"):
        held = plan.units.groupby("grid_code")[column].sum()
        assert held.to_dict() == grids[column].to_dict(), column
    built = plan.units.dropna(subset=["building_id"])
    count = built.groupby("grid_code")["building_id"].nunique().reindex(grids.index, fill_value=0)
    assert count.to_dict() == grids["units"].to_dict()
    persons = plan.units.dropna(subset=["persons"]).groupby("grid_code")["persons"].sum()
    assert persons.to_dict() == grids["persons"].dropna().to_dict()


def _assert_shapes(plan: Plan) -> None:
    cells = plan.units[plan.units.geometry.notna()]
    for code, shape, area in zip(plan.grids["grid_code"], plan.grids.geometry, plan.grids["area_m2"], strict=True):
        ground = shapely.union_all(cells.loc[cells["grid_code"] == code].geometry.to_numpy())
        assert shape.is_valid
        assert shapely.symmetric_difference(ground, shape).area < TILING_M2
        assert area == pytest.approx(shape.area)


def _assert_lineage(plan: Plan) -> None:
    """Every household is followed from today's grid; sums are those of the grids; words are those of design 5."""
    built = plan.units.dropna(subset=["building_id"])
    pairs: Counter[tuple[Any, Any]] = Counter()
    for old, new, households in zip(built["old_code"], built["grid_code"], built["households"], strict=True):
        pairs[None if pd.isna(old) else old, new] += households
    told = {(row.old_code, row.new_code): row.households for row in plan.lineage.itertuples() if row.households}
    assert told == {pair: households for pair, households in pairs.items() if households}
    for row in plan.lineage.itertuples():
        same = row.old_code is not None and row.old_code == row.new_code
        assert same == (row.change in ("unchanged", "changed"))


def codes_keep_half(plan: Plan) -> bool:
    """Tell whether every grid with more than half of an old grid, and more than half from it, has its code."""
    totals = plan.lineage.groupby("old_code")["households"].sum()
    mine = plan.grids.set_index("grid_code")["households"]
    rows: Iterable[Any] = plan.lineage.dropna(subset=["old_code", "new_code"]).itertuples()
    return all(
        row.old_code == row.new_code
        for row in rows
        if row.households and 2 * row.households > max(totals[row.old_code], mine[row.new_code])
    )


def changed_units(one: Plan, other: Plan) -> set[str]:
    """Return the units whose code differs between two plans of one ground."""
    assert one.units["unit_id"].tolist() == other.units["unit_id"].tolist()
    differ = one.units["grid_code"].to_numpy() != other.units["grid_code"].to_numpy()
    return set(np.asarray(one.units["unit_id"])[differ])
