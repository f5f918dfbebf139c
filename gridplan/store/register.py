"""What a publication adds for those who ask by SQL: its grids, its lineage, and codes that are never used again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely
import sqlalchemy as sa

from gridplan.errors import CodeReusedError
from gridplan.store.queries import related
from gridplan.store.records import PlanInfo
from gridplan.store.tables import codes, grids, lineage

if TYPE_CHECKING:
    from gridplan.plan import Plan

MOST_NAMED = 10


def register_grids(connection: sa.Connection, plan_id: str, plan: Plan) -> None:
    """Write the grids of a plan, one row each, the geometry as WKB."""
    frame = plan.grids
    srid = 0 if frame.crs is None else frame.crs.to_epsg() or 0
    names = [column.name for column in grids.c if column.name in frame and column.name != "geometry"]
    shapes = shapely.to_wkb(frame.geometry.to_numpy())
    _insert(connection, grids, frame[names], plan_id=plan_id, srid=srid, geometry=shapes)


def register_lineage(connection: sa.Connection, plan_id: str, rows: pd.DataFrame) -> None:
    """Write the lineage of a plan from those that it replaces, one row for each old-new pair."""
    names = ["old_code", "new_code", "change", "households"]
    _insert(connection, lineage, rows[names], plan_id=plan_id, number=range(len(rows)))


def register_codes(connection: sa.Connection, info: PlanInfo, plan: Plan, replaced: Sequence[PlanInfo]) -> None:
    """
    Write which codes a plan issues and retires.

    Parameters
    ----------
    connection
        A writing transaction.
    info, plan
        The plan.
    replaced
        The plans that it retires.

    Raises
    ------
    CodeReusedError
        If it gives a grid a code that was retired before.
    """
    mine = set(plan.grids["grid_code"])
    known = _known(connection, info.scope)
    again = sorted(code for code in mine if known.get(code, False))
    if again:
        named = ", ".join(again[:MOST_NAMED]) + (" ..." if len(again) > MOST_NAMED else "")
        raise CodeReusedError(
            f"{len(again)} grids have codes that were retired and are never used again: {named}; "
            "make the plan from the grids in force (`gridplan revise`), so that new grids get new codes"
        )
    retire_codes(connection, [plan.plan_id for plan in replaced], info.plan_id, keep=mine)
    # Codes that were in use before the store was, and that this plan no more has.
    former = set(plan.lineage["old_code"].dropna()) - mine - set(known)
    row = {"scope": info.scope, "issued_by": info.plan_id}
    rows = [{**row, "grid_code": code, "retired_by": None} for code in sorted(mine - set(known))]
    rows += [{**row, "grid_code": code, "retired_by": info.plan_id} for code in sorted(former)]
    if rows:
        connection.execute(sa.insert(codes), rows)


def retire_codes(connection: sa.Connection, of: Sequence[str], by: str, *, keep: Iterable[str] = ()) -> None:
    """
    Retire the codes of plans but those that are kept.

    Parameters
    ----------
    connection
        A writing transaction.
    of
        Ids of the plans.
    by
        Id of the plan that retires them.
    keep
        Codes that go on.
    """
    held = sa.select(grids.c.grid_code, codes.c.scope).join(codes, codes.c.grid_code == grids.c.grid_code)
    rows = connection.execute(held.where(grids.c.plan_id.in_(of), codes.c.retired_by.is_(None))).all()
    kept = set(keep)
    gone = [{"scope_": scope, "code_": code} for code, scope in sorted(set(rows)) if code not in kept]
    if gone:
        which = (codes.c.scope == sa.bindparam("scope_"), codes.c.grid_code == sa.bindparam("code_"))
        connection.execute(sa.update(codes).where(*which).values(retired_by=by), gone)


def used_codes(connection: sa.Connection, scope: str) -> frozenset[str]:
    """Return every code ever issued in and around a scope, in force or retired."""
    return frozenset(_known(connection, scope))


def communities_of(connection: sa.Connection, of: Sequence[str]) -> set[str]:
    """Return the communities of published plans."""
    query = sa.select(grids.c.community_code).distinct().where(grids.c.plan_id.in_(of))
    return set(connection.scalars(query))


def codes_of(connection: sa.Connection, of: Sequence[str]) -> set[str]:
    """Return the grid codes of published plans."""
    return set(connection.scalars(sa.select(grids.c.grid_code).where(grids.c.plan_id.in_(of))))


def successors(connection: sa.Connection, grid_code: str, scope: str) -> list[str]:
    """
    Return the codes that hold today what a grid held, following lineage from plan to plan.

    Parameters
    ----------
    connection
        Any transaction.
    grid_code
        A code of any plan ever published.
    scope
        Scope in which the code was issued; "" for any.
    """
    seen, front, ends = {grid_code}, [grid_code], set[str]()
    while front:
        code = front.pop()
        if _known(connection, scope, code).get(code) is False:
            ends.add(code)
            continue
        heirs = sa.select(lineage.c.new_code).where(lineage.c.old_code == code, lineage.c.new_code.is_not(None))
        new = set(connection.scalars(heirs.distinct())) - seen
        seen |= new
        front += sorted(new)
    return sorted(ends)


def _known(connection: sa.Connection, scope: str, code: str | None = None) -> dict[str, bool]:
    """Return the codes issued in and around a scope, and whether each is retired."""
    query = sa.select(codes.c.grid_code, codes.c.retired_by).where(related(codes.c.scope, scope))
    if code is not None:
        query = query.where(codes.c.grid_code == code)
    return {row.grid_code: row.retired_by is not None for row in connection.execute(query)}


def _insert(connection: sa.Connection, table: sa.Table, frame: pd.DataFrame, **columns: Any) -> None:
    """Insert the rows of a frame, null where a value is missing, with further columns."""
    plain = frame.astype(object).where(frame.notna(), None).assign(**columns)
    rows: list[dict[str, Any]] = plain.to_dict("records")  # type: ignore[assignment]
    if rows:
        connection.execute(sa.insert(table), rows)
