"""Codes of the grids that an edit makes: today's where half and half holds, the draft's own likewise, else new."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gridplan.codes import new_codes, ordinal_name, reading_order, sequence_of
from gridplan.editing.state import Part, State
from gridplan.lineage import kept_codes, shared_pairs
from gridplan.site import NONE, Geometries, Numbers


@dataclass(frozen=True)
class Today:
    """
    Today's grids, as far as codes ask for them.

    Parameters
    ----------
    home, name
        Community and name by code.
    """

    home: dict[str, str | None]
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
    place = np.full(ground.n_units, len(parts), dtype=np.int64)
    for number, part in enumerate(parts):
        place[part.units] = number
    part_of_row = place[ground.unit_of_row]
    homes = [today.home.get(code) for code in ground.old_codes]
    own = [*_communities(state, parts), ""]  # the place after the last part is the ground outside them
    return shared_pairs(ground.old, part_of_row, ground.row_households, ground.old_codes, homes, own)


def _pairs_with_draft(state: State, parts: tuple[Part, ...], today: Today) -> pd.DataFrame:
    """Return the households that the replaced grids and the parts share; codes of today count for nothing here."""
    ground = state.ground
    units = np.concatenate([part.units for part in parts])
    place = np.repeat(np.arange(len(parts)), [len(part.units) for part in parts])
    of_today = np.array([code in today.home for code in state.codes])
    old = np.where(of_today[state.label[units]], NONE, state.label[units])
    # Where nobody lives the ground decides: square metres stand in for households.
    empty = state.totals(ground.households)[state.label[units]] == 0
    weight = np.where(empty, np.ceil(ground.area_m2[units]).astype(np.int64), ground.households[units])
    homes = ground.communities[state.community]
    return shared_pairs(old, place, weight, state.codes, homes, _communities(state, parts))


def _communities(state: State, parts: tuple[Part, ...]) -> list[str]:
    """Return the community of each part."""
    return [str(state.ground.communities[state.ground.community[part.units[0]]]) for part in parts]


def _counted_on(
    state: State, parts: tuple[Part, ...], polygons: Geometries, kept: list[str | None], used: Collection[str]
) -> list[str]:
    """Give new codes, west to east and north to south, to the parts that keep none."""
    codes = list(kept)
    homes = _communities(state, parts)
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
