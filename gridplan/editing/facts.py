"""What a plan says of itself: its stage, its history, whether another is the same, how it shows itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import pandas as pd

from gridplan.diff import PlanDiff, diff_plans
from gridplan.editing import history
from gridplan.editing.apply import DRAFT
from gridplan.editing.brought_back import BroughtBack, edits_from
from gridplan.editing.ground import PlanGround, build_plan_ground
from gridplan.editing.record import EditRecord
from gridplan.editing.same import same_plan
from gridplan.editing.state import State, state_of
from gridplan.output import write_plan
from gridplan.planfile import read_fields
from gridplan.summary import summary
from gridplan.views import view

if TYPE_CHECKING:
    import geopandas as gpd

    from gridplan.plan import Plan


@dataclass(frozen=True)
class GridFacts:
    """
    One grid of a plan, as a notebook shows it.

    Parameters
    ----------
    plan
        The plan.
    code
        The grid's code.
    """

    plan: Plan
    code: str

    @property
    def row(self) -> dict[str, Any]:
        """Columns of the layer ``grids`` without the geometry."""
        grids = self.plan.grids
        rows = pd.DataFrame(grids[grids["grid_code"] == self.code].drop(columns="geometry")).to_dict("records")
        return {str(name): value for name, value in rows[0].items()}

    def __repr__(self) -> str:
        row = self.row
        persons = "–" if pd.isna(row["persons"]) else row["persons"]
        return (
            f"<Grid {self.code} {row['name']}: {row['households']} households, {persons} persons, "
            f"{row['units']} buildings, {row['work_min']} min, {row['kind']}{', locked' if row['locked'] else ''}>"
        )

    def _repr_html_(self) -> str | None:
        return view("grid", self)


class PlanFacts:
    """What can be asked of every plan."""

    @property
    def _plan(self) -> Plan:
        return cast("Plan", self)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """
        Read a plan from its file, with its report and its history.

        Parameters
        ----------
        path
            GeoPackage that a plan was written to.

        Raises
        ------
        PlanFileError
            If the file is no plan, or its report is not beside it.
        """
        return cls(**read_fields(path))

    def write(self, path: str | Path) -> None:
        """
        Write the plan and its report, both or neither; read back it is the same plan.

        Parameters
        ----------
        path
            GeoPackage to write; its folder must exist.

        Raises
        ------
        OSError
            If the folder does not exist or cannot be written.
        """
        write_plan(self._plan, Path(path))

    def grid(self, code: str) -> GridFacts:
        """
        Return one grid, to look at.

        Parameters
        ----------
        code
            Its code.

        Raises
        ------
        UnknownCodeError
            If the plan does not have it.
        """
        self.state.grids_named([code])
        return GridFacts(self._plan, code)

    def summary(self, lang: str = "zh") -> str:
        """
        Return what a planner wants to know first, as ``gridplan plan`` prints it.

        Parameters
        ----------
        lang
            ``zh`` or ``en``.
        """
        return summary(self._plan, lang)

    @property
    def status(self) -> str:
        """Stage of the plan's life; ``draft`` unless the report says more."""
        return str(self._plan.report.get("status", DRAFT))

    @property
    def name(self) -> str:
        """Name of the branch, "" for none."""
        return str(self._plan.report.get("name", ""))

    @property
    def last_edit(self) -> EditRecord | None:
        """The last edit; its ``effects`` say what it did."""
        return self._plan.edits[-1] if self._plan.edits else None

    @property
    def history(self) -> pd.DataFrame:
        """Every edit as a table, oldest first: ``edit_id, action, parameters, author, at, reason, forced, stands``."""
        names = ("edit_id", "action", "parameters", "author", "at", "reason", "forced")
        stand = {record.edit_id for record in history.standing(self._plan.edits)[0]}
        rows = [(*(getattr(record, name) for name in names), record.edit_id in stand) for record in self._plan.edits]
        return pd.DataFrame(rows, columns=[*names, "stands"])

    @cached_property
    def ground(self) -> PlanGround:
        """Units and borders as arrays, which no edit changes."""
        return build_plan_ground(self._plan)

    @cached_property
    def state(self) -> State:
        """Which unit lies in which grid, as arrays."""
        return state_of(self._plan)

    def compare(self, other: Plan) -> PlanDiff:
        """
        Compare with another plan, this one being the old: which grids became which, who moves where.

        Parameters
        ----------
        other
            The new plan: a branch, a revision, next year's.
        """
        return diff_plans(self._plan, other)

    def edits_from(self, edited: str | Path | gpd.GeoDataFrame) -> BroughtBack:
        """
        Compare grids that were redrawn elsewhere with this plan: ``plan.edits_from("drawn.gpkg").apply(plan)``.

        Parameters
        ----------
        edited
            GeoPackage, shapefile, GeoJSON or frame with ``grid_code`` (null for a new grid) and geometry.

        Raises
        ------
        EditError
            If it cannot be read, has no ``grid_code``, no CRS or no polygon.
        """
        return edits_from(self._plan, edited)

    def equals(self, other: object) -> bool:
        """
        Tell whether another plan has the same grids, units, violations, lineage and measures, whatever its history.

        Parameters
        ----------
        other
            Another plan.
        """
        return isinstance(other, PlanFacts) and same_plan(self._plan, other._plan)

    def __eq__(self, other: object) -> bool:
        return self.equals(other)

    __hash__ = None  # type: ignore[assignment]  # equal plans may differ in their history

    def __repr__(self) -> str:
        plan = self._plan
        title = f" {self.name}" if self.name else ""
        return (
            f"<Plan{title}: {len(plan.grids)} grids, {int(plan.grids['households'].sum())} households, "
            f"{len(plan.violations)} violations, {len(plan.edits)} edits, {self.status}>"
        )

    def _repr_html_(self) -> str | None:
        return view("plan", self)
