"""Who answers for a grid: the worker (A 角) and the deputies (B 角), and what each of them carries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridplan.errors import InputError
from gridplan.schema import nearest
from gridplan.sources.log import FaultLog
from gridplan.sources.named import read_named

if TYPE_CHECKING:
    from gridplan.plan import Plan

WORKER, DEPUTY = "A", "B"
#: What lists write for the two roles.
ROLES: Mapping[str, str] = {
    **dict.fromkeys(("a", "a角", "主", "主岗", "网格员", "专职网格员", "worker", "main"), WORKER),
    **dict.fromkeys(("b", "b角", "副", "代理", "兼职网格员", "备岗", "deputy", "standby"), DEPUTY),
}


@dataclass(frozen=True, eq=False)
class Workers:
    """
    Workers and deputies of grids.

    Parameters
    ----------
    duties
        ``grid_code, role`` (A or B)``, person, phone`` (None where unknown), by grid and role; a grid has one A at
        most, and any number of B.
    """

    duties: pd.DataFrame

    def of(self, codes: Collection[str]) -> pd.DataFrame:
        """
        Return the duties of some grids.

        Parameters
        ----------
        codes
            Their codes.
        """
        return self.duties[self.duties["grid_code"].isin(set(codes))].reset_index(drop=True)

    @cached_property
    def by_grid(self) -> pd.DataFrame:
        """``worker, phone, deputies`` (names with telephones, joined by 、) by grid_code; null where there is none."""
        main = self.duties[self.duties["role"] == WORKER].set_index("grid_code")
        others = self.duties[self.duties["role"] == DEPUTY]
        people = zip(others["grid_code"], others["person"], others["phone"], strict=True)
        said: dict[str, list[str]] = {}
        for code, person, phone in people:
            said.setdefault(str(code), []).append(f"{person} {phone}" if phone else str(person))
        deputies = pd.Series({code: "、".join(each) for code, each in said.items()}, dtype=object)
        out = (
            main[["person", "phone"]]
            .rename(columns={"person": "worker"})
            .join(deputies.rename("deputies"), how="outer")
        )
        return out.astype(object).where(out.notna(), None)

    def vacant(self, plan: Plan) -> list[str]:
        """
        Return the grids of a plan that have no worker.

        Parameters
        ----------
        plan
            The plan.
        """
        held = set(self.duties.loc[self.duties["role"] == WORKER, "grid_code"])
        return [code for code in plan.grids["grid_code"] if code not in held]

    def strange(self, plan: Plan) -> list[str]:
        """
        Return the grids of the list that a plan does not have: the list is of another plan, or older.

        Parameters
        ----------
        plan
            The plan.
        """
        return sorted(set(self.duties["grid_code"]) - set(plan.grids["grid_code"]))

    def loads(self, plan: Plan) -> pd.DataFrame:
        """
        Return what each person carries.

        Parameters
        ----------
        plan
            The plan; duties on grids that it does not have count nothing.

        Returns
        -------
        loads
            ``person, phone, grids, households, work_min`` (as worker)``, deputy_grids, deputy_households`` (more to
            carry when all the others are away), the heaviest work first. Two people of one name and one phone are one.
        """
        grids = plan.grids.set_index("grid_code")[["households", "work_min"]]
        rows = self.duties.join(grids, on="grid_code", how="inner")
        main = rows["role"] == WORKER
        parts = {
            "grids": main,
            "households": rows["households"].where(main, 0),
            "work_min": rows["work_min"].where(main, 0),
            "deputy_grids": ~main,
            "deputy_households": rows["households"].where(~main, 0),
        }
        grouped = rows.assign(**parts).groupby(["person", "phone"], dropna=False, sort=True)
        loads = grouped[list(parts)].sum().astype("int64").reset_index()
        loads["phone"] = loads["phone"].astype(object).where(loads["phone"].notna(), None)
        return loads.sort_values(["work_min", "person"], ascending=[False, True], kind="stable", ignore_index=True)


def read_workers(
    source: str | Path | pd.DataFrame, *, columns: Mapping[str, str] | None = None, layer: str | None = None
) -> Workers:
    """
    Read a list of workers.

    Parameters
    ----------
    source
        A frame, or the path of a table with ``grid_code`` (网格编码), ``person`` (姓名) and, where known, ``role``
        (AB角: A or B, 网格员 or 代理; A where the column is missing or empty) and ``phone`` (电话).
    columns
        Names in the table by ours, where they are others.
    layer
        Layer or sheet in the file.

    Raises
    ------
    InputError
        If a column or a value is missing, a role is unknown, or a grid has two workers; all at once.
    """
    log = FaultLog()
    rows = read_named(
        source, "workers", ("grid_code", "person"), log, optional=("role", "phone"), columns=columns, sublayer=layer
    )
    file = "" if isinstance(source, pd.DataFrame) else str(source)
    for name in ("grid_code", "person"):
        empty = rows[name].isna()
        if empty.any() and not log.has("column-missing", "workers", name):
            log.add("missing-value", "workers", name, rows=[int(at) + 1 for at in np.flatnonzero(empty)], file=file)
    rows["role"] = _roles(rows["role"], log, file)
    doubled = rows[rows["role"] == WORKER]["grid_code"].dropna()
    doubled = doubled[doubled.duplicated()]
    if len(doubled):
        log.add("two-workers", "workers", "grid_code", rows=doubled.unique().tolist(), file=file)
    if log.broken:
        raise InputError(log.sorted())
    duties = rows[["grid_code", "role", "person", "phone"]].drop_duplicates()
    return Workers(duties.sort_values(["grid_code", "role", "person"], kind="stable", ignore_index=True))


def _roles(column: pd.Series, log: FaultLog, file: str) -> pd.Series:
    """Return A or B for each row; an unknown role goes into the log."""
    folded = pd.Series(
        [WORKER.casefold() if value is None else value.replace(" ", "").casefold() for value in column], dtype=object
    )
    for value in sorted(set(folded) - set(ROLES)):
        rows = [int(at) + 1 for at in np.flatnonzero(folded == value)]
        log.add(
            "unknown-value",
            "workers",
            "role",
            rows=rows,
            file=file,
            value=value,
            nearest=nearest(value, ROLES) or "A, B",
        )
    return pd.Series([ROLES.get(value, WORKER) for value in folded], dtype=object)
