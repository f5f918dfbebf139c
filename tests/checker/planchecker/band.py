"""The band: every grid outside it is listed, and every reason given is true by the source's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from planchecker.case import Case
from planchecker.sides import Sides, community_sides
from planchecker.words import some

_BAND_RULES = ("band", "locked")


@dataclass(frozen=True)
class Stray:
    """
    One grid outside the band, with the part of its community from which nothing given cuts it off.

    Parameters
    ----------
    case
        Source and plan.
    grid
        Row of ``grids``.
    part
        Rows of ``own`` with households on the same side of barriers that stand in no fixed grid and in no unit
        above the maximum (such a unit is a grid of its own).
    whole
        Rows of ``own`` with households in the whole community.
    """

    case: Case
    grid: Any
    part: pd.DataFrame
    whole: pd.DataFrame

    @cached_property
    def units(self) -> pd.Series:
        """Households of each inhabited unit of the grid."""
        mine = self.whole[self.whole["grid_code"] == self.grid.grid_code]
        return pd.Series(mine.groupby("unit_id")["households"].sum())

    @cached_property
    def total(self) -> int:
        """Households of the part."""
        return int(self.part["households"].sum())

    @property
    def fits(self) -> bool:
        """Tell whether the total can be shared out among some number of grids within the band."""
        return bool(fits(self.total, self.case.minimum, self.case.maximum))


def fits(total: Any, minimum: int, maximum: int) -> Any:
    """
    Tell whether households can be shared out among some number of grids within the band.

    Parameters
    ----------
    total
        Households; a number or an array.
    minimum, maximum
        The band.
    """
    return (total > 0) & (-(-total // maximum) <= total // minimum)


def check_listed(case: Case) -> Iterator[str]:
    """Every basic or locked grid outside the band is listed, every listed one is outside it, with true numbers."""
    listed = case.violations[case.violations["rule"].isin(_BAND_RULES)]
    strangers = set(case.violations["grid_code"].dropna()) - set(case.grids["grid_code"])
    if strangers:
        yield f"violations of grids that do not exist: {some(strangers)}"
    households = case.grids.set_index("grid_code")["households"]
    outside = households[(households < case.minimum) | (households > case.maximum)]
    bound = set(case.grids["grid_code"][case.grids["kind"] == "basic"])
    silent = (set(outside.index) & bound) - set(listed["grid_code"])
    if silent:
        yield f"grids outside the band and not listed: {some(silent)}"
    false = set(case.listed("band")["grid_code"]) - set(outside.index)
    if false:
        yield f"grids listed outside the band and within it: {some(false)}"
    for row in case.listed("band").itertuples():
        size = households.get(row.grid_code)
        limit = case.minimum if size is not None and size < case.minimum else case.maximum
        if row.value != size or row.limit != limit:
            found = f"{row.value} against {row.limit}"
            yield f"grid {row.grid_code} is listed with {found}, expected {size} against {limit}"
    if not set(case.violations["proven"].astype(int)) <= {0, 1}:
        yield "violations.proven is neither 0 nor 1"


def check_reasons(case: Case) -> Iterator[str]:
    """Each reason for a grid outside the band holds for its component, and only what was proven is called so."""
    listed = case.violations[case.violations["rule"].isin(_BAND_RULES)]
    grids = case.grids.drop_duplicates("grid_code").set_index("grid_code", drop=False)
    listed = listed[listed["grid_code"].isin(grids.index)]
    home = listed["grid_code"].map(grids["community_code"])
    for community, rows in listed.groupby(home):
        sides = community_sides(case, str(community))
        strays = [_stray(case, grids.loc[code], sides) for code in rows["grid_code"]]
        for row, stray in zip(rows.itertuples(), strays, strict=True):
            yield from _check_reason(row, stray)
        yield from _check_frugal(rows, strays)


def _check_reason(row: Any, stray: Stray) -> Iterator[str]:
    test = _TRUE.get(row.reason)
    if test is None:
        yield f"grid {row.grid_code} has a reason that no contract names: {row.reason}"
    elif not test(stray):
        yield f"grid {row.grid_code} of {stray.grid.households} households: reason {row.reason} is false"
    elif row.reason == "search_gave_up" and int(row.proven) == 1:
        yield f"grid {row.grid_code}: a search that gave up proves nothing"


def _check_frugal(rows: pd.DataFrame, strays: list[Stray]) -> Iterator[str]:
    """A total that fits no number of grids excuses one grid of its part, not all of them."""
    parts = [tuple(stray.part.index) for stray in strays]
    excused = pd.Series(parts, index=rows["grid_code"])[(rows["reason"] == "total_fits_no_number").to_numpy()]
    for _, codes in excused.groupby(excused):
        if len(codes) > 1:
            yield f"one total that fits no number excuses {some(codes.index)} grids"


def _stray(case: Case, grid: Any, sides: Sides) -> Stray:
    codes = set(case.grids["grid_code"][case.grids["community_code"] == grid.community_code])
    chosen = (case.own["grid_code"].isin(codes) & (case.own["households"] > 0)).to_numpy()
    whole, places = case.own[chosen], case.places[chosen]
    large = whole.groupby("unit_id")["households"].transform("sum") > case.maximum
    free = ~large.to_numpy() & ~whole["grid_code"].map(case.fixed).to_numpy(dtype=bool)
    own = (whole["grid_code"] == grid.grid_code).to_numpy()
    if case.fixed[grid.grid_code] or not len(sides.faces) or (own & ~free).any():
        return Stray(case, grid, whole[:0], whole)
    side = sides.of(places)
    mine = set(side[own]) if own.any() else set(sides.of([shapely.point_on_surface(grid.geometry)]))
    return Stray(case, grid, whole[free & np.isin(side, list(mine))], whole)


def _unit_over_maximum(stray: Stray) -> bool:
    return len(stray.units) == 1 and stray.units.iloc[0] > stray.case.maximum


def _component_below_minimum(stray: Stray) -> bool:
    return bool(stray.grid.households == stray.total < stray.case.minimum)


def _total_fits_no_number(stray: Stray) -> bool:
    return stray.total > 0 and not stray.fits


def _locked_out_of_band(stray: Stray) -> bool:
    return int(stray.grid.locked) == 1


def _cut_off_by_lock(stray: Stray) -> bool:
    """Tell whether the component's total fits no number of grids and the community's own, without locks, would."""
    mine = stray.case.grids[stray.case.grids["community_code"] == stray.grid.community_code]
    near = shapely.distance(mine.geometry.to_numpy(), stray.grid.geometry) < 0.01
    touched = stray.case.fixed.loc[mine["grid_code"]].to_numpy() & near
    return bool(touched.any()) and not stray.fits


def _no_households(stray: Stray) -> bool:
    """Tell whether the part has none, and the grid borders no free grid that could take its ground in."""
    mine = stray.case.grids[stray.case.grids["community_code"] == stray.grid.community_code]
    free = mine[
        ~stray.case.fixed.loc[mine["grid_code"]].to_numpy() & (mine["grid_code"] != stray.grid.grid_code).to_numpy()
    ]
    edge = shapely.length(shapely.intersection(free.geometry.to_numpy(), stray.grid.geometry))
    return bool(stray.grid.households == 0 and stray.part.empty and not (edge > 0.01).any())


def _exclave(stray: Stray) -> bool:
    border = stray.case.communities.set_index("community_code").geometry[stray.grid.community_code]
    return len(shapely.get_parts(border)) > 1 and not stray.fits


def _fitting(stray: Stray) -> bool:
    """Tell whether arithmetic alone leaves the grid without excuse, so that only a search can give one."""
    return not stray.case.fixed[stray.grid.grid_code] and stray.fits


_TRUE: dict[str, Callable[[Stray], bool]] = {
    "unit_over_maximum": _unit_over_maximum,
    "component_below_minimum": _component_below_minimum,
    "total_fits_no_number": _total_fits_no_number,
    "locked_out_of_band": _locked_out_of_band,
    "cut_off_by_lock": _cut_off_by_lock,
    "no_households": _no_households,
    "exclave": _exclave,
    "no_connected_cut": _fitting,
    "search_gave_up": _fitting,
}
