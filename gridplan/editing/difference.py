"""The difference between two plans: what it is, what it came to, and how it is made again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridplan.editing.assemble import Named, boundary, finished, less, polygons_of, rows_of, with_grids
from gridplan.editing.effects import FIGURES, Effects
from gridplan.editing.record import Delta
from gridplan.editing.state import Part, Redraw, State, rules_of

if TYPE_CHECKING:
    from gridplan.plan import Plan


def delta_of(plan: Plan, state: State, after: Plan, redraw: Redraw) -> Delta:
    """
    Return the difference that an edit made.

    Parameters
    ----------
    plan, state
        The plan before.
    after
        The plan after.
    redraw
        What was asked for.
    """
    after_state = after.state
    before_code, after_code = state.codes[state.label], after_state.codes[after_state.label]
    touched = np.flatnonzero(np.isin(state.label, redraw.grids))
    moved: dict[tuple[str, str], list[str]] = {}
    for unit in touched[before_code[touched] != after_code[touched]]:
        moved.setdefault((before_code[unit], after_code[unit]), []).append(str(state.ground.unit_ids[unit]))
    gone = set(state.codes[redraw.grids].tolist())
    came = set(after_code[touched].tolist())
    rows_before, rows_after = rows_of(plan.violations), rows_of(after.violations)
    new_rules = None if redraw.rules is None else (dict(plan.report["rules"]), dict(after.report["rules"]))
    return Delta(
        tuple((before, now, tuple(units)) for (before, now), units in sorted(moved.items())),
        _attributes(state, gone),
        _attributes(after_state, came),
        tuple(less(rows_before, rows_after)),
        tuple(less(rows_after, rows_before)),
        *(new_rules or (None, None)),
    )


def _attributes(state: State, codes: Iterable[str]) -> tuple[dict[str, Any], ...]:
    communities = state.ground.communities[state.community]
    return tuple(
        {
            "grid_code": code,
            "community_code": str(communities[state.number[code]]),
            "name": str(state.names[state.number[code]]),
            "kind": str(state.kinds[state.number[code]]),
            "locked": int(state.locked[state.number[code]]),
        }
        for code in sorted(codes)
    )


def effects_of(before: Plan, after: Plan, delta: Delta) -> Effects:
    """
    Return what a difference between two plans came to.

    Parameters
    ----------
    before, after
        The two plans.
    delta
        Their difference.
    """
    one, two = before.state, after.state
    communities = sorted({str(row["community_code"]) for row in (*delta.before, *delta.after)})
    numbers = np.searchsorted(one.ground.communities, communities).astype(np.int64)
    lengths = [boundary(state, numbers) for state in (one, two)]
    figures = [_figures(plan, delta.codes) for plan in (before, after)]
    moved = one.codes[one.label] != two.codes[two.label]
    grids = tuple(
        {
            "grid_code": code,
            "name": (figures[1].get(code) or figures[0][code])["name"],
            **{
                side: {name: known[code][name] for name in FIGURES} if code in known else None
                for side, known in zip(("before", "after"), figures, strict=True)
            },
        }
        for code in sorted(delta.codes)
    )
    return Effects(
        grids,
        delta.violations_after,
        delta.violations_before,
        (round(lengths[0][0], 1), round(lengths[1][0], 1)),
        tuple(round(near / length, 6) if length else None for length, near in lengths),  # type: ignore[arg-type]
        int(one.ground.households[moved].sum()),
    )


def _figures(plan: Plan, codes: set[str]) -> dict[str, dict[str, Any]]:
    rows = plan.grids[plan.grids["grid_code"].isin(codes)]
    persons = [None if pd.isna(each) else int(each) for each in rows["persons"]]
    columns = [rows["grid_code"], rows["name"], rows["households"].tolist(), persons, rows["work_min"].tolist()]
    names = ("name", "households", "persons", "work_min")
    return {code: dict(zip(names, values, strict=True)) for code, *values in zip(*columns, strict=True)}


def replaced(plan: Plan, delta: Delta) -> Plan:
    """
    Return a plan with a recorded difference made, codes and violations as they stand there.

    Parameters
    ----------
    plan
        A plan in the state that the difference starts from.
    delta
        The difference.
    """
    state = plan.state
    code = state.codes[state.label].copy()
    for _, now, units in delta.moved:
        code[state.ground.unit_number.get_indexer(pd.Index(units))] = now
    grids = state.grids_named(str(row["grid_code"]) for row in delta.before)
    rules = None if delta.rules_after is None else rules_of({"rules": delta.rules_after})
    parts = [
        Part(np.flatnonzero(code == row["grid_code"]), row["kind"], row["name"], bool(row["locked"]))
        for row in delta.after
    ]
    polygons = polygons_of(plan, state, grids, parts)
    named = [
        Named(part, str(row["grid_code"]), str(row["name"]), polygon)
        for part, row, polygon in zip(parts, delta.after, polygons, strict=True)
    ]
    rows = [*less(rows_of(plan.violations), delta.violations_before), *delta.violations_after]
    staying = frozenset(np.delete(state.codes, grids).tolist())
    return finished(with_grids(plan, state, grids, named, rules), plan, rows, staying)
