"""A plan as arrays while an edit looks at it, and what an edit asks for: new parts in place of some grids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.editing.errors import unknown
from gridplan.editing.ground import PlanGround
from gridplan.rules import Rules, rules_from
from gridplan.site import Numbers

if TYPE_CHECKING:
    from gridplan.plan import Plan

#: Reasons of what an edit leaves out of the rules: the planner's hand, or a search.
BY_HAND, BY_SEARCH = "drawn_by_planner", "search_gave_up"


@dataclass(frozen=True)
class State:
    """
    Which unit lies in which grid, and what the grids are.

    Parameters
    ----------
    ground
        Units and borders.
    rules
        Rules of the plan.
    codes, names, kinds, locked
        Shape (n_grids,), in the order of the layer ``grids``.
    community
        Shape (n_grids,): number of each grid's community.
    label
        Shape (n_units,): number of each unit's grid.
    united
        Whether the borders say where departments have theirs.
    """

    ground: PlanGround
    rules: Rules
    codes: NDArray[np.object_]
    names: NDArray[np.object_]
    kinds: NDArray[np.object_]
    locked: NDArray[np.bool_]
    community: Numbers
    label: Numbers
    united: bool = False

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Number of each grid by code."""
        return {str(code): place for place, code in enumerate(self.codes)}

    @property
    def fixed(self) -> NDArray[np.bool_]:
        """Which grids are locked or exclusive."""
        return np.asarray(self.locked | (self.kinds == "exclusive"), dtype=bool)

    def grids_named(self, codes: Iterable[str]) -> Numbers:
        """
        Return the numbers of grids, each once, in the order given.

        Parameters
        ----------
        codes
            Grid codes.

        Raises
        ------
        UnknownCodeError
            If the plan lacks some of them; all are named.
        """
        listed = list(dict.fromkeys(str(code) for code in codes))
        missing = [code for code in listed if code not in self.number]
        if missing:
            raise unknown("grid", missing, self.number.keys())
        return np.array([self.number[code] for code in listed], dtype=np.int64)

    def units_of(self, grids: int | Numbers) -> Numbers:
        """Return the units of one or several grids, ascending."""
        return np.flatnonzero(np.isin(self.label, grids))

    def totals(self, quantity: Numbers) -> Numbers:
        """Return the sum of a quantity of the units by grid."""
        sums = np.zeros(len(self.codes), dtype=np.int64)
        np.add.at(sums, self.label, quantity)
        return sums


@dataclass(frozen=True)
class Part:
    """
    Units that shall be one grid.

    Parameters
    ----------
    units
        Ascending numbers of units of one community, at least one.
    kind
        Kind of the grid.
    name
        Its name; None keeps the name with the code, or counts on.
    locked
        Whether it is locked.
    """

    units: Numbers
    kind: str
    name: str | None = None
    locked: bool = False


@dataclass(frozen=True)
class Redraw:
    """
    What an edit asks for: grids that go, and the parts of their ground that come.

    Parameters
    ----------
    grids
        Numbers of the grids that are replaced; their units are those of the parts.
    parts
        The new grids.
    reason
        Reason of what breaks a rule and no arithmetic excuses.
    proven
        Reasons that a search has proven, by place in ``parts``.
    rules
        New rules of the plan, or None.
    """

    grids: Numbers
    parts: tuple[Part, ...]
    reason: str = BY_HAND
    proven: Mapping[int, str] = field(default_factory=dict)
    rules: Rules | None = None


def state_of(plan: Plan) -> State:
    """
    Return a plan as arrays.

    Parameters
    ----------
    plan
        The plan.
    """
    ground, grids = plan.ground, plan.grids
    codes = grids["grid_code"].to_numpy(dtype=object)
    row_codes = plan.units["grid_code"].to_numpy(dtype=object)[ground.first_row]
    return State(
        ground,
        rules_of(plan.report),
        codes,
        grids["name"].to_numpy(dtype=object),
        grids["kind"].to_numpy(dtype=object),
        grids["locked"].to_numpy(dtype=np.int64) == 1,
        np.searchsorted(ground.communities, grids["community_code"].to_numpy(dtype=object)).astype(np.int64),
        np.asarray(pd.Index(codes).get_indexer(row_codes), dtype=np.int64),
        "departments" in plan.report,
    )


def rules_of(report: Mapping[str, Any]) -> Rules:
    """
    Return the rules that a report names.

    Parameters
    ----------
    report
        Report of a plan, as made or as read from JSON.
    """
    return rules_from(_without_nulls(report["rules"]))


def _without_nulls(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_nulls(value) if isinstance(value, Mapping) else value
        for key, value in table.items()
        if value is not None
    }
