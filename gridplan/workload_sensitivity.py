"""How far a plan depends on the weights of the work model: each weight up and down, planned anew, compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd
from scipy.optimize import linear_sum_assignment

from gridplan.district import District
from gridplan.errors import RulesError
from gridplan.measures import cv_within, spread
from gridplan.partition.solve import EffortName
from gridplan.plan import Plan, build_plan
from gridplan.rules import Rules, WorkModel
from gridplan.run import Progress, no_progress

SPECIAL = "special."
# Settings of the model that weigh nothing.
NOT_WEIGHTS = ("incident_months", "special")
CHANCE = "seed"


@dataclass(frozen=True)
class Sensitivity:
    """
    What changes of the weights do to a plan.

    Parameters
    ----------
    base
        Of the plan with the weights as they are: ``grids, work_min`` (spread over basic grids), ``work_cv``.
    scenarios
        One row for each weight and direction, and first one for another seed, which shows what chance alone moves:
        ``weight, change`` (share)``, minutes`` (the weight then)``, share_of_work`` (of the weight's term in all work
        of the base)``, households_moved, share_moved`` (after matching the new grids with the old)``, grids,
        work_cv_kept`` (old grids, work by the new weights)``, work_cv`` (new grids)``, max_to_mean_kept, max_to_mean,
        violations``. ``work_cv`` is the mean over communities of the cv of the grids' work.
    grids
        One row for each grid of the base: ``grid_code, community_code, households, work_min`` and ``lowest, highest``
        (its work over all scenarios of weights).
    without_effect
        Weights that weigh nothing here: 0, or nothing in the source for them.
    """

    base: dict[str, Any]
    scenarios: pd.DataFrame
    grids: pd.DataFrame
    without_effect: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON values."""
        return {
            "base": self.base,
            "scenarios": _records(self.scenarios),
            "grids": _records(self.grids),
            "without_effect": list(self.without_effect),
        }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
    return [{str(key): value.item() if hasattr(value, "item") else value for key, value in row.items()} for row in rows]


def sensitivity(
    district: District,
    rules: Rules,
    *,
    share: float = 0.2,
    jobs: int = 1,
    effort: EffortName = "quick",
    progress: Progress = no_progress,
) -> Sensitivity:
    """
    Plan a district again with each weight of the work model raised and lowered.

    Parameters
    ----------
    district
        The settled district.
    rules
        Rules of the plan.
    share
        Share by which each weight is raised and lowered, above 0 and at most 1.
    jobs, effort
        As of `gridplan.plan.build_plan`; two plans are made for each weight that has effect, and two more.
    progress
        Called after each weight.

    Raises
    ------
    RulesError
        If the share is out of its range, or as `build_plan`.
    """
    if not 0 < share <= 1:
        raise RulesError(f"the share must lie above 0 and at most at 1; found {share}")
    base = build_plan(district, rules, jobs=jobs, effort=effort)
    other = build_plan(district, replace(rules, seed=rules.seed + 1), jobs=jobs, effort=effort)
    rows, work, without = [_row(CHANCE, 0.0, rules, base, other)], [], []
    weights = weights_of(rules.work)
    for done, name in enumerate(weights, 1):
        terms = []
        for change in (share, -share):
            changed = _with_weight(rules, name, 1.0 + change)
            made = build_plan(district, changed, jobs=jobs, effort=effort) if weights[name] > 0 else base
            if made.units["work_min"].sum() == base.units["work_min"].sum():
                without.append(name)
                break
            terms.append(_row(name, change, changed, base, made))
            work.append(_work_of_kept(base, made))
        rows += terms
        progress(done, len(weights), name)
    return Sensitivity(_base(base), pd.DataFrame(rows), _ranges(base, work), tuple(dict.fromkeys(without)))


def weights_of(model: WorkModel) -> dict[str, float]:
    """Return the weights of a model by name; those of special groups as ``special.<group>``."""
    plain = {name: float(value) for name, value in asdict(model).items() if name not in NOT_WEIGHTS}
    return {**plain, **{f"{SPECIAL}{group}": float(value) for group, value in model.special.items()}}


def _with_weight(rules: Rules, name: str, factor: float) -> Rules:
    model, value = rules.work, weights_of(rules.work)[name] * factor
    if name.startswith(SPECIAL):
        special = {**model.special, name.removeprefix(SPECIAL): value}
        return replace(rules, work=replace(model, special=special))
    changed: dict[str, Any] = {name: value}
    return replace(rules, work=replace(model, **changed))


def _work_of_kept(base: Plan, made: Plan) -> pd.Series:
    """Return the work of the base's grids with the work of units as another plan has it; cells are the same."""
    work = made.units["work_min"].to_numpy()
    return pd.Series(work).groupby(base.units["grid_code"].to_numpy()).sum()


def _row(name: str, change: float, rules: Rules, base: Plan, made: Plan) -> dict[str, Any]:
    moved = households_moved(base, made)
    kept = base.grids["grid_code"].map(_work_of_kept(base, made))
    old, new = (grids[grids["kind"] == "basic"] for grids in (base.grids.assign(work_min=kept), made.grids))
    total, total_now = float(base.units["work_min"].sum()), float(made.units["work_min"].sum())
    return {
        "weight": name,
        "change": change,
        "minutes": weights_of(rules.work).get(name),
        "share_of_work": round((total_now - total) / (change * total), 6) if change else None,
        "households_moved": moved,
        "share_moved": round(moved / max(int(base.grids["households"].sum()), 1), 6),
        "grids": len(made.grids),
        "work_cv_kept": cv_within(old),
        "work_cv": cv_within(new),
        "max_to_mean_kept": spread(old["work_min"])["max_to_mean"],
        "max_to_mean": spread(new["work_min"])["max_to_mean"],
        "violations": len(made.violations),
    }


def households_moved(one: Plan, other: Plan) -> int:
    """
    Return the households that change grid from one plan of a district to another, whatever the codes.

    Grids are matched so that as few move as can be (the assignment problem; Kuhn 1955), community by community.

    Parameters
    ----------
    one, other
        Two plans of one district.
    """
    keys = ["building_id", "entrance"]
    before, after = (_by_place(plan) for plan in (one, other))
    both = before.merge(after, on=keys, suffixes=("", "_after"), validate="one_to_one")
    moved = 0
    for _, rows in both.groupby("community_code"):
        shared = rows.pivot_table(index="grid_code", columns="grid_code_after", values="households", aggfunc="sum")
        matrix = shared.fillna(0).to_numpy()
        first, second = linear_sum_assignment(matrix, maximize=True)
        moved += int(rows["households"].sum() - matrix[first, second].sum())
    return moved


def _by_place(plan: Plan) -> pd.DataFrame:
    units = plan.units[plan.units["building_id"].notna()]
    community = plan.grids.set_index("grid_code")["community_code"]
    return pd.DataFrame(
        {
            "building_id": units["building_id"].astype(str),
            "entrance": units["entrance"].fillna("").astype(str),
            "grid_code": units["grid_code"],
            "community_code": units["grid_code"].map(community),
            "households": units["households"],
        }
    )


def _base(plan: Plan) -> dict[str, Any]:
    basic = plan.grids[plan.grids["kind"] == "basic"]
    return {"grids": len(plan.grids), "work_min": spread(basic["work_min"]), "work_cv": cv_within(basic)}


def _ranges(base: Plan, work: list[pd.Series]) -> pd.DataFrame:
    frame = pd.DataFrame(base.grids[["grid_code", "community_code", "households", "work_min"]])
    every = pd.DataFrame([frame["work_min"], *(frame["grid_code"].map(each) for each in work)])
    return frame.assign(lowest=every.min(), highest=every.max()).astype({"lowest": "int64", "highest": "int64"})


def scenario_lines(found: Sensitivity) -> Iterator[str]:
    """
    Yield a table for reading, one line a scenario.

    Parameters
    ----------
    found
        What `sensitivity` returned.
    """
    yield f"{'weight':<24}{'change':>8}{'of work':>9}{'moved':>8}{'cv kept':>9}{'cv new':>8}{'max/mean':>10}"
    for row in _records(found.scenarios):
        term = "" if row["share_of_work"] is None else f"{row['share_of_work']:.1%}"
        change = "" if row["weight"] == CHANCE else f"{row['change']:+.0%}"
        values = [row[name] for name in ("work_cv_kept", "work_cv", "max_to_mean")]
        cells = ["-" if value is None else f"{value:.3f}" for value in values]
        yield (
            f"{row['weight']:<24}{change:>8}{term:>9}{row['share_moved']:>8.1%}{cells[0]:>9}{cells[1]:>8}{cells[2]:>10}"
        )
