"""What no edit changes: the units of a plan with what they hold, their cells, and who borders whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.contiguity import passable_borders
from gridplan.editing import errors
from gridplan.ground import Borders
from gridplan.site import NONE, Geometries, Numbers

if TYPE_CHECKING:
    from gridplan.plan import Plan


@dataclass(frozen=True)
class PlanGround:
    """
    Units, their holdings and borders, as arrays over the whole plan.

    Parameters
    ----------
    unit_ids
        Shape (n_units,): ascending.
    communities
        Community codes, ascending.
    community
        Shape (n_units,): number of the unit's community.
    households, work
        Shape (n_units,): whole numbers; work in minutes per month.
    persons, counted
        Shape (n_units,): persons, and whether the source gives any.
    cells
        Shape (n_units,): Polygons or MultiPolygons in the plan's CRS.
    borders
        All borders between units; places in ``unit_ids``.
    unit_of_row
        Shape (n_rows,): unit of each row of the layer ``units``.
    row_households
        Shape (n_rows,).
    building, compound, group, old
        Shape (n_rows,): numbers of the building, compound, village group and today's grid, or -1.
    buildings, compounds, groups, old_codes
        Their names, by number.
    """

    unit_ids: NDArray[np.object_]
    communities: NDArray[np.object_]
    community: Numbers
    households: Numbers
    work: Numbers
    persons: Numbers
    counted: NDArray[np.bool_]
    cells: Geometries
    borders: Borders
    unit_of_row: Numbers
    row_households: Numbers
    building: Numbers
    compound: Numbers
    group: Numbers
    old: Numbers
    buildings: NDArray[np.object_]
    compounds: NDArray[np.object_]
    groups: NDArray[np.object_]
    old_codes: NDArray[np.object_]

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.unit_ids)

    @cached_property
    def touching(self) -> NDArray[np.bool_]:
        """Tell which borders join two units into one piece of ground, walls not counted."""
        borders = self.borders
        open_ground = Borders(
            borders.first,
            borders.second,
            borders.length_m,
            np.zeros(len(borders.first)),
            borders.near_m,
            borders.open_m,
        )
        return passable_borders(open_ground, self.n_units)

    @cached_property
    def passing(self) -> NDArray[np.bool_]:
        """Tell which borders can be walked over."""
        return passable_borders(self.borders, self.n_units)

    @cached_property
    def border_community(self) -> Numbers:
        """Community of each border."""
        return self.community[self.borders.first]

    @cached_property
    def unit_number(self) -> pd.Index:
        """Places of units by id."""
        return pd.Index(self.unit_ids)

    @cached_property
    def first_row(self) -> Numbers:
        """First row of each unit in the layer ``units``."""
        return np.unique(self.unit_of_row, return_index=True)[1]

    @cached_property
    def area_m2(self) -> NDArray[np.float64]:
        """Ground of each unit."""
        areas: NDArray[np.float64] = shapely.area(self.cells)
        return areas

    @cached_property
    def unit_compound(self) -> Numbers:
        """Compound of each unit, or -1: that of its row with most households."""
        return self._of_heaviest(self.compound)

    @cached_property
    def unit_group(self) -> Numbers:
        """Village group of each unit, or -1: that of its row with most households."""
        return self._of_heaviest(self.group)

    def _of_heaviest(self, values: Numbers) -> Numbers:
        out = np.full(self.n_units, NONE, dtype=np.int64)
        # Written from the lightest row to the heaviest, the first of equals last.
        order = np.lexsort((-np.arange(len(values)), self.row_households))
        out[self.unit_of_row[order]] = values[order]
        return out


def build_plan_ground(plan: Plan) -> PlanGround:
    """
    Read the units and borders of a plan.

    Parameters
    ----------
    plan
        The plan; its units each have one cell.

    Raises
    ------
    EditError
        If the plan's file has no layer ``borders``.
    """
    units = plan.units
    unit_ids, unit_of_row = np.unique(units["unit_id"].to_numpy(dtype=object), return_inverse=True)
    n = len(unit_ids)
    homes = dict(zip(plan.grids["grid_code"], plan.grids["community_code"], strict=True))
    first_row = np.unique(unit_of_row, return_index=True)[1]
    home = np.array([homes[code] for code in units["grid_code"].to_numpy(dtype=object)[first_row]], dtype=object)
    communities, community = np.unique(home, return_inverse=True)
    if n > len(communities) and plan.borders.empty:
        raise errors.impossible("no_borders")
    cells = np.empty(n, dtype=object)
    geometry = units.geometry.to_numpy()
    with_cell = ~shapely.is_missing(geometry)
    cells[unit_of_row[with_cell]] = geometry[with_cell]
    persons = units["persons"]
    building, buildings = _numbered(units["building_id"])
    compound, compounds = _numbered(units["compound_id"])
    group, groups = _numbered(units["village_group"])
    old, old_codes = _numbered(units["old_code"])
    return PlanGround(
        unit_ids,
        communities,
        community.astype(np.int64),
        _sums(unit_of_row, units["households"].to_numpy(dtype=np.int64), n),
        _sums(unit_of_row, units["work_min"].to_numpy(dtype=np.int64), n),
        _sums(unit_of_row, persons.fillna(0).to_numpy(dtype=np.int64), n),
        _sums(unit_of_row, persons.notna().to_numpy(dtype=np.int64), n) > 0,
        cells,
        _borders(plan.borders, unit_ids),
        unit_of_row.astype(np.int64),
        units["households"].to_numpy(dtype=np.int64),
        building,
        compound,
        group,
        old,
        buildings,
        compounds,
        groups,
        old_codes,
    )


def _borders(frame: pd.DataFrame, unit_ids: NDArray[np.object_]) -> Borders:
    names = pd.Index(unit_ids)
    first, second = (np.asarray(names.get_indexer(pd.Index(frame[end])), dtype=np.int64) for end in ("first", "second"))
    lengths = (frame[name].to_numpy(dtype=np.float64) for name in ("length_m", "closed_m", "near_m", "open_m"))
    return Borders(first, second, *lengths)


def _sums(place: Numbers, values: Numbers, n: int) -> Numbers:
    sums = np.zeros(n, dtype=np.int64)
    np.add.at(sums, place, values)
    return sums


def _numbered(column: pd.Series) -> tuple[Numbers, NDArray[np.object_]]:
    """Return the number of each value among the sorted values, -1 for null, and the values."""
    values = column.to_numpy(dtype=object)
    known = ~pd.isna(values)
    names, place = np.unique(values[known].astype(str), return_inverse=True)
    number = np.full(len(values), NONE, dtype=np.int64)
    number[known] = place
    return number, names.astype(object)
