"""What a planner may ask for on grids as they are: merge, move, draw anew, lock, rename, change kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from gridplan.editing import errors
from gridplan.editing.asking import check_one_community, check_open, redrawn, units_named
from gridplan.editing.state import Part, Redraw, State
from gridplan.schema import GRID_KINDS
from gridplan.site import Numbers


def merge(state: State, codes: Sequence[str], name: str | None = None) -> Redraw:
    """
    Make one grid of several.

    Parameters
    ----------
    state
        The plan.
    codes
        Grids of one community and one kind, at least two.
    name
        Name of the new grid.

    Raises
    ------
    EditError
        If fewer than two are named, some are locked, or they differ in community or kind.
    """
    grids = state.grids_named(codes)
    if len(grids) < 2:
        raise errors.impossible("merge_two", codes=list(codes))
    check_open(state, grids)
    check_one_community(state, grids)
    kinds = sorted(set(state.kinds[grids]))
    if "exclusive" in kinds and len(kinds) > 1:
        raise errors.exclusive(state.codes[grids[state.kinds[grids] == "exclusive"]])
    if len(kinds) > 1:
        raise errors.impossible("merge_kinds", kinds=kinds)
    return Redraw(grids, (Part(state.units_of(grids), kinds[0], name),))


def move(state: State, units: Sequence[str], to: str) -> Redraw:
    """
    Put units into another grid of their community.

    Parameters
    ----------
    state
        The plan.
    units
        Ids of units or of buildings; a building brings its whole unit.
    to
        Code of the grid that takes them in.

    Raises
    ------
    EditError
        If a unit or the grid does not exist, is locked, exclusive, or of another community, or nothing would move.
    """
    target = int(state.grids_named([to])[0])
    moving = units_named(state, units)
    moving = moving[state.label[moving] != target]
    if not len(moving):
        raise errors.impossible("move_none", units=sorted(units), to=to)
    label = state.label.copy()
    label[moving] = target
    return redrawn(state, label, np.unique([*state.label[moving], target]))


def redraw(state: State, grids: Mapping[str, Sequence[str]]) -> Redraw:
    """
    Draw several grids anew at once, by the units that each shall have.

    Parameters
    ----------
    state
        The plan.
    grids
        Ids of units or buildings by grid: a code of the plan, or any other word for a new grid. What is not named
        stays where it is.

    Raises
    ------
    EditError
        As for `move`; or if a unit is named twice.
    """
    label = state.label.copy()
    named = np.zeros(state.ground.n_units, dtype=bool)
    homes: dict[int, int] = {}
    for number, (word, ids) in enumerate(grids.items()):
        units = units_named(state, ids)
        if named[units].any():
            raise errors.impossible("named_twice", units=sorted(state.ground.unit_ids[units[named[units]]]))
        named[units] = True
        label[units] = state.number.get(word, len(state.codes) + number)
        homes[int(label[units[0]])] = int(state.label[units[0]])
    changed = np.flatnonzero(label != state.label)
    if not len(changed):
        raise errors.impossible("redraw_none")
    return redrawn(state, label, np.unique([*state.label[changed], *label[changed]]), homes)


def lock(state: State, codes: Sequence[str]) -> Redraw:
    """
    Lock grids: no edit and no search changes them until they are unlocked.

    Parameters
    ----------
    state
        The plan.
    codes
        Grids.
    """
    return _altered(state, state.grids_named(codes), lambda part: replace(part, locked=True))


def unlock(state: State, codes: Sequence[str]) -> Redraw:
    """
    Unlock grids.

    Parameters
    ----------
    state
        The plan.
    codes
        Grids.
    """
    return _altered(state, state.grids_named(codes), lambda part: replace(part, locked=False))


def rename(state: State, code: str, name: str) -> Redraw:
    """
    Give a grid another name; its code stays.

    Parameters
    ----------
    state
        The plan.
    code
        The grid; it may be locked.
    name
        Its new name, not blank.

    Raises
    ------
    EditError
        If the name is blank.
    """
    if not name.strip():
        raise errors.impossible("blank_name")
    return _altered(state, state.grids_named([code]), lambda part: replace(part, name=name.strip()))


def change_kind(state: State, codes: Sequence[str], kind: str) -> Redraw:
    """
    Change the kind of grids.

    Parameters
    ----------
    state
        The plan.
    codes
        Grids, not locked.
    kind
        ``basic``, ``rural``, ``exclusive`` or ``micro``.

    Raises
    ------
    EditError
        If there is no such kind, or a grid is locked.
    """
    if kind not in GRID_KINDS:
        raise errors.impossible("unknown_kind", kind=kind, known=", ".join(GRID_KINDS))
    grids = state.grids_named(codes)
    check_open(state, grids)
    return _altered(state, grids, lambda part: replace(part, kind=kind))


def _altered(state: State, grids: Numbers, change: Callable[[Part], Part]) -> Redraw:
    """Return grids with their ground as it is and something else changed."""
    if not len(grids):
        raise errors.impossible("none_named")
    parts = [
        (Part(state.units_of(grid), str(state.kinds[grid]), str(state.names[grid]), bool(state.locked[grid])))
        for grid in grids.tolist()
    ]
    changed = tuple(change(part) for part in parts)
    same = all(
        (old.name, old.kind, old.locked) == (new.name, new.kind, new.locked)
        for old, new in zip(parts, changed, strict=True)
    )
    if same:
        raise errors.impossible("so_already", codes=sorted(state.codes[grids]))
    return Redraw(grids, changed)
