"""What all edits ask of the plan before they change it: the units that ids name, ground that is open to change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from gridplan.editing import errors
from gridplan.editing.state import Part, Redraw, State
from gridplan.site import Numbers


def redrawn(state: State, label: Numbers, touched: Numbers, homes: Mapping[int, int] | None = None) -> Redraw:
    """
    Return what is asked for by new labels of the units.

    Parameters
    ----------
    state
        The plan.
    label
        Shape (n_units,): numbers of grids; those beyond the plan's are new grids.
    touched
        Labels that gain or lose units, before and after.
    homes
        For new labels the grid whose kind they take.

    Raises
    ------
    EditError
        If a grid that gains or loses is locked or exclusive, or would lie in two communities.
    """
    old = touched[touched < len(state.codes)]
    check_open(state, old)
    barred = old[state.kinds[old] == "exclusive"]
    if len(barred):
        raise errors.exclusive(state.codes[barred])
    parts = []
    for number in touched:
        units = np.flatnonzero(label == number)
        if not len(units):
            continue
        if len(np.unique(state.ground.community[units])) > 1:
            raise errors.two_communities(state.ground.communities[np.unique(state.ground.community[units])])
        model = int(number) if number < len(state.codes) else (homes or {}).get(int(number), int(state.label[units[0]]))
        parts.append(Part(units, str(state.kinds[model])))
    return Redraw(old, tuple(parts))


def units_named(state: State, ids: Sequence[str] | str) -> Numbers:
    """
    Return the units of ids of units or buildings, ascending.

    Parameters
    ----------
    state
        The plan.
    ids
        Ids; a building that is divided by entrance brings all its units.

    Raises
    ------
    UnknownCodeError
        If some are neither.
    EditError
        If they lie in two communities, or none is named.
    """
    listed = [ids] if isinstance(ids, str) else [str(each) for each in ids]
    ground = state.ground
    found = ground.unit_number.get_indexer(pd.Index(listed))
    buildings = pd.Index(ground.buildings).get_indexer(pd.Index(listed))
    missing = [name for name, unit, building in zip(listed, found, buildings, strict=True) if max(unit, building) < 0]
    if missing:
        raise errors.unknown("unit", missing, _known(ground.unit_ids, ground.buildings))
    rows = np.isin(ground.building, buildings[(found < 0) & (buildings >= 0)])
    units = np.unique(np.concatenate([found[found >= 0], ground.unit_of_row[rows]])).astype(np.int64)
    if not len(units):
        raise errors.impossible("no_unit_named")
    communities = np.unique(ground.community[units])
    if len(communities) > 1:
        raise errors.two_communities(ground.communities[communities])
    return units


def _known(*names: Iterable[str]) -> set[str]:
    return {str(name) for group in names for name in group}


def check_open(state: State, grids: Numbers) -> None:
    """
    Refuse locked grids.

    Parameters
    ----------
    state
        The plan.
    grids
        Numbers of grids.
    """
    held = grids[state.locked[grids]]
    if len(held):
        raise errors.locked(state.codes[held])


def check_one_community(state: State, grids: Numbers) -> None:
    """
    Refuse grids of several communities.

    Parameters
    ----------
    state
        The plan.
    grids
        Numbers of grids.
    """
    communities = np.unique(state.community[grids])
    if len(communities) > 1:
        raise errors.two_communities(state.ground.communities[communities])
