"""Codes of the grids that an edit makes: today's where half and half holds, the draft's own likewise, else new."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gridplan.codes import new_codes, ordinal_name, reading_order, sequence_of
from gridplan.editing.state import Part, State
from gridplan.lineage import kept_codes
from gridplan.site import Geometries, Numbers


@dataclass(frozen=True)
class Today:
    """
    Today's grids, as far as codes ask for them.

    Parameters
    ----------
    home, name
        Community and name by code.
    """

    home: dict[str, str]
    name: dict[str, str]


def codes_of_parts(
    state: State, grids: Numbers, parts: tuple[Part, ...], polygons: Geometries, today: Today, used: Collection[str]
) -> list[str]:
    """
    Return the codes of new parts.

    Parameters
    ----------
    state
        The plan before the edit.
    grids
        Grids that the parts replace.
    parts, polygons
        The parts and their ground.
    today
        Grids of today.
    used
        Every code ever used.

    Notes
    -----
    A part that is a grid's whole ground keeps its code. A code of today goes by design 5's rule alone (half of the old
    households, half of the new), so that what was merged and drawn again as it is today has its board again. A code
    that the draft itself gave goes by the same rule against the draft as it was before the edit. Every other part
    gets a code after the maximum; what was ever used is not used again.
    """
    kept: list[str | None] = [_same_ground(state, grids, part) for part in parts]
    held = set(state.codes) - {state.codes[grid] for grid in grids}
    for pairs in (_pairs_with_today(state, parts, today), _pairs_with_draft(state, parts, today)):
        taken = held | {code for code in kept if code is not None}
        done = pairs["old_code"].isin(taken) | pairs["grid"].isin([place for place, code in enumerate(kept) if code])
        # Rows stay for the sums of old and new; a grid that has its code, or a code that has its grid, is out.
        open_pairs = pairs.assign(community=pairs["community"].where(~done, ""))
        for place, code in kept_codes(open_pairs).items():
            kept[place] = code
    return _counted_on(state, parts, polygons, kept, used)


def _same_ground(state: State, grids: Numbers, part: Part) -> str | None:
    """Return the code of the grid whose units are the part's, none more and none less."""
    first = state.label[part.units[0]]
    whole = first in grids and np.array_equal(state.units_of(int(first)), part.units)
    return str(state.codes[first]) if whole else None


def _pairs_with_today(state: State, parts: tuple[Part, ...], today: Today) -> pd.DataFrame:
    """Return the households that today's grids and the parts share, whole sums of today's grids included."""
    ground = state.ground
    place = np.full(ground.n_units, -1, dtype=np.int64)
    for number, part in enumerate(parts):
        place[part.units] = number
    part_of_row = place[ground.unit_of_row]
    rows = np.isin(ground.old, np.unique(ground.old[(part_of_row >= 0) & (ground.old >= 0)])) | (part_of_row >= 0)
    names = np.array([*ground.old_codes, None], dtype=object)
    old = names[ground.old[rows]]
    homes = np.array([None if code is None else today.home.get(code) for code in old], dtype=object)
    return _shared(state, old, homes, part_of_row[rows], ground.row_households[rows], parts)


def _pairs_with_draft(state: State, parts: tuple[Part, ...], today: Today) -> pd.DataFrame:
    """Return the households that the replaced grids and the parts share; codes of today count for nothing here."""
    units = np.concatenate([part.units for part in parts])
    place = np.concatenate([np.full(len(part.units), number) for number, part in enumerate(parts)])
    own = np.array([None if code in today.home else code for code in state.codes], dtype=object)
    homes = state.ground.communities[state.community][state.label[units]]
    # Where nobody lives the ground decides: square metres stand in for households.
    weight = state.ground.households[units]
    empty = state.totals(state.ground.households)[state.label[units]] == 0
    weight = np.where(empty, np.ceil(state.ground.area_m2[units]).astype(np.int64), weight)
    return _shared(state, own[state.label[units]], homes, place, weight, parts)


def _shared(
    state: State, old: np.ndarray, homes: np.ndarray, place: Numbers, weight: Numbers, parts: tuple[Part, ...]
) -> pd.DataFrame:
    # The last stands for place -1, ground outside the parts: it keeps nothing.
    communities = np.append(state.ground.communities[[state.ground.community[part.units[0]] for part in parts]], "")
    frame = pd.DataFrame(
        {
            "old_code": pd.Series(old, dtype=object),
            "old_community": pd.Series(homes, dtype=object),
            "grid": place,
            "community": pd.Series(communities[place], dtype=object),
            "households": weight,
        }
    )
    keys = ["old_code", "old_community", "grid", "community"]
    return frame.groupby(keys, dropna=False, sort=True)["households"].sum().reset_index()


def _counted_on(
    state: State, parts: tuple[Part, ...], polygons: Geometries, kept: list[str | None], used: Collection[str]
) -> list[str]:
    """Give new codes, west to east and north to south, to the parts that keep none."""
    codes = list(kept)
    homes = [state.ground.communities[state.ground.community[part.units[0]]] for part in parts]
    for community in sorted(set(homes)):
        mine = [place for place, home in enumerate(homes) if home == community]
        middle = shapely.get_coordinates(shapely.centroid(polygons[mine]))
        height = float(np.sqrt(shapely.area(polygons[mine]).mean())) / 2.0
        order = [mine[place] for place in reading_order(middle, height)]
        known = [code for code in used if community in code]
        given = new_codes(community, state.rules.code, [kept[place] for place in order], known)
        for place, code in zip(order, given, strict=True):
            codes[place] = code
    return [str(code) for code in codes]


def names_of_parts(state: State, parts: tuple[Part, ...], codes: Iterable[str], today: Today) -> list[str]:
    """
    Return the names of new parts: given, kept with the code, today's, or counted on.

    Parameters
    ----------
    state
        The plan before the edit.
    parts, codes
        Parts and their codes.
    today
        Grids of today.
    """
    names = []
    for part, code in zip(parts, codes, strict=True):
        before = state.number.get(code)
        kept = today.name.get(code) if before is None else state.names[before]
        community = str(state.ground.communities[state.ground.community[part.units[0]]])
        sequence = sequence_of(code, community, state.rules.code)
        names.append(part.name or kept or (ordinal_name(sequence) if sequence else code))
    return names
