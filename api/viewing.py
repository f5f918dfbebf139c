"""What the map viewer draws, made once for each scope and published plan, and kept: those plans never change."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.access import View
from api.packed import Packed, pack
from api.standing import Held, within
from gridplan.store import PlanInfo
from gridplan.store.chunks import decode
from gridplan.store.contents import read_parts
from gridplan.store.engine import reading
from gridplan.store.parts import REPORT, plan_report
from maps.viewer.cells import lines_payload, units_payload
from maps.viewer.ground import PlanGround, ground_payload

if TYPE_CHECKING:
    from gridplan.plan import Plan

Load = Callable[[PlanInfo], "Plan"]
_MOST_HELD = 64


class Drawings:
    """Texts that were made for the viewer, by scope and plans."""

    def __init__(self) -> None:
        self._held: Held[str] = Held(_MOST_HELD)
        self._grounds: Held[Packed] = Held(_MOST_HELD)

    def ground(self, view: View, plans: tuple[PlanInfo, ...], load: Load) -> Packed:
        """
        Return the grids of plans as JSON.

        Parameters
        ----------
        view
            Who asks.
        plans
            Plans that the view sees, each with grids in its scope.
        load
            Returns a plan.
        """

        def make() -> Packed:
            return pack(dump(ground_payload([_ground(view, plan, load) for plan in plans])))

        return make() if _may_change(plans) else self._grounds.make((view.scope, plans), make)

    def lines(self, view: View, plan: PlanInfo, load: Load) -> str:
        """Return the barriers and the grids before of a plan as JSON."""

        def make() -> str:
            return dump(lines_payload(part_of(load(plan), view.scope)))

        return make() if _may_change((plan,)) else self._held.make(("lines", view.scope, plan), make)

    def units(self, view: View, plan: PlanInfo, community_code: str | None, load: Load) -> str:
        """Return the units of a plan, of one community or all, as JSON."""

        def make() -> str:
            part = part_of(load(plan), view.scope)
            homes = dict(zip(part.grids["grid_code"], part.grids["community_code"], strict=True))
            mine = None if community_code is None else part.units["grid_code"].map(homes) == community_code
            return dump({"revision": plan.revision, **units_payload(part, mine)})

        return make() if _may_change((plan,)) else self._held.make(("units", view.scope, plan, community_code), make)


def _may_change(plans: tuple[PlanInfo, ...]) -> bool:
    """Tell whether one is a draft: it changes with each edit, and its revision may stay while it does."""
    return any(plan.number is None for plan in plans)


def dump(values: Any) -> str:
    """Return plain values as compact JSON."""
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def part_of(plan: Plan, scope: str) -> Plan:
    """
    Return what of a plan a scope sees: grids, units, borders between them, violations and the grids before.

    Parameters
    ----------
    plan
        A plan.
    scope
        Prefix of codes; "" for all.
    """
    if not scope:
        return plan
    units = plan.units[within(plan.units["grid_code"], scope)]
    known = set(units["unit_id"])
    borders = plan.borders[plan.borders["first"].isin(known) & plan.borders["second"].isin(known)]
    before = plan.grids_before
    return replace(
        plan,
        grids=plan.grids[within(plan.grids["grid_code"], scope)],
        units=units,
        borders=borders,
        violations=plan.violations[within(plan.violations["grid_code"], scope)],
        grids_before=None if before is None else before[within(before["grid_code"], scope)],
    )


def _ground(view: View, info: PlanInfo, load: Load) -> PlanGround:
    if info.number is None:
        plan = part_of(load(info), view.scope)
        return PlanGround(info.plan_id, plan.grids, plan.communities, plan.violations, _seen(plan.report, info, view))
    grids = view.moment.shelf.grids(info.plan_id, view.scope)
    with reading(view.watch.store.engine) as connection:
        tables: dict[str, pd.DataFrame] = {
            name: decode(_pieces(read_parts(connection, info.plan_id, layer=name)))
            for name in ("communities", "violations")
        }
        report = plan_report(read_parts(connection, info.plan_id, layer=REPORT))
    violations = tables["violations"][within(tables["violations"]["grid_code"], view.scope)]
    return PlanGround(info.plan_id, grids, tables["communities"], violations, _seen(report, info, view))


def _seen(report: Any, info: PlanInfo, view: View) -> dict[str, Any]:
    """Return what of a report is shown: notices of a plan wider than the scope may tell of others."""
    shown = {name: report[name] for name in ("rules", "households_are") if name in report}
    return {**shown, "notices": report.get("notices", []) if info.scope.startswith(view.scope) else []}


def _pieces(found: list[Any]) -> list[dict[str, bytes]]:
    """Return the halves of each part, in order."""
    by_place: dict[int, dict[str, bytes]] = {}
    for part in found:
        by_place.setdefault(part.position, {})[part.half] = part.data
    return [by_place[place] for place in sorted(by_place)]
