"""The reading half of the store: which plans there are, what happened to them, and which is in force on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa

from gridplan.errors import PlanStateError, StoreError
from gridplan.store import drafts, queries, register
from gridplan.store.engine import database_url, default_url, open_engine, reading
from gridplan.store.migrate import prepare
from gridplan.store.records import Event, PlanInfo, State
from gridplan.store.succession import next_plan
from gridplan.store.tables import plans

if TYPE_CHECKING:
    from gridplan.editing.record import EditRecord
    from gridplan.plan import Plan

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


class StoreReader:
    """
    What can be asked of a store; every answer is of one moment, and never waits for a writer.

    Parameters
    ----------
    engine
        As `open` makes it.
    clock
        Returns the moment, aware; tests give their own.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self.engine = engine
        self._clock = clock

    @classmethod
    def open(cls, url: str | Path | None = None, *, clock: Clock = utc_now) -> Self:
        """
        Open a store; an empty database gets its tables.

        Parameters
        ----------
        url
            ``sqlite:///FILE``, ``postgresql://USER@HOST:PORT/NAME`` or the path of a SQLite file; None takes the
            environment's GRIDPLAN_DATABASE_URL, or else a file in the user's data folder.
        clock
            Returns the moment, aware.

        Raises
        ------
        StoreUnavailableError
            If there is no answer.
        StoreVersionError
            If the database is of an older or a newer gridplan.
        StoreError
            If it is a database of something else.
        """
        engine = open_engine(database_url(url or default_url()))
        try:
            prepare(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, clock)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where the store is, without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    def load(self, plan_id: str, *, revision: int | None = None) -> Plan:
        """
        Return a plan as it was saved; what was published says so in its report, and from when in its grids.

        Parameters
        ----------
        plan_id
            Its id, or the beginning of it that no other has.
        revision
            As it was after the n-th saving of edits; None for now.
        """
        with reading(self.engine) as connection:
            return drafts.read_plan(connection, queries.info(connection, plan_id, self._today()), revision)

    def begin(self, plan_id: str, *, name: str = "next") -> Plan:
        """
        Return the plan that follows a published one, to be edited: its grids are today's, and all unchanged.

        It is a draft and not saved; `Store.save_draft` keeps it.

        Parameters
        ----------
        plan_id
            Id of the published plan.
        name
            Of the draft.

        Raises
        ------
        PlanStateError
            If the plan is not published.
        """
        with reading(self.engine) as connection:
            info = queries.info(connection, plan_id, self._today())
            if info.number is None:
                raise PlanStateError(f"{info.plan_id} is {info.state.value}; the next plan begins with a published one")
            return next_plan(drafts.read_plan(connection, info), name)

    def info(self, plan_id: str) -> PlanInfo:
        """Return what is known of a plan, by its id or the beginning of it that no other has."""
        with reading(self.engine) as connection:
            return queries.info(connection, plan_id, self._today())

    def plans(self, scope: str = "", *, state: State | str | None = None) -> list[PlanInfo]:
        """
        Return all plans in and around a scope, oldest first.

        Parameters
        ----------
        scope
            Prefix of codes; "" for all.
        state
            Only those in this state.
        """
        with reading(self.engine) as connection:
            found = queries.infos(connection, self._today(), queries.related(plans.c.scope, scope))
        return [plan for plan in found if state is None or plan.state == State(state)]

    def edits(self, plan_id: str, *, revision: int | None = None) -> list[EditRecord]:
        """Return the edits of a plan up to a revision, or all, oldest first, without reading its layers."""
        with reading(self.engine) as connection:
            return drafts.read_edits(connection, queries.info(connection, plan_id, self._today()).plan_id, revision)

    def history(self, plan_id: str) -> list[Event]:
        """Return every step of a plan's life, oldest first: who, when, why."""
        with reading(self.engine) as connection:
            return queries.history(connection, queries.info(connection, plan_id, self._today()).plan_id)

    def in_force(
        self, on: date | None = None, scope: str = "", *, as_known_at: datetime | None = None
    ) -> PlanInfo | None:
        """
        Return the plan in force on a day, or None.

        Parameters
        ----------
        on
            The day; today where None.
        scope
            Prefix of codes: a district, a street, or a whole grid code; "" where the store has one district.
        as_known_at
            Answer as the store would have at this moment (aware): later publications do not count.

        Raises
        ------
        StoreError
            If there are several, of scopes inside the one asked for; `all_in_force` returns them.
        """
        found = self.all_in_force(on, scope, as_known_at=as_known_at)
        if len(found) > 1:
            raise StoreError(f"several plans are in force: {queries.names_of(found)}; name a scope")
        return found[0] if found else None

    def all_in_force(
        self, on: date | None = None, scope: str = "", *, as_known_at: datetime | None = None
    ) -> list[PlanInfo]:
        """Return the plans in force on a day in and around a scope, by scope; see `in_force`."""
        today = self._today()
        with reading(self.engine) as connection:
            return queries.in_force(connection, on or today, scope, today, as_known_at)

    def used_codes(self, scope: str = "") -> frozenset[str]:
        """Return every grid code that was ever published in and around a scope; a new grid gets none of them."""
        with reading(self.engine) as connection:
            return register.used_codes(connection, scope)

    def successors(self, grid_code: str, scope: str = "") -> list[str]:
        """
        Return the codes, not retired, that hold what a grid of any published plan held.

        Parameters
        ----------
        grid_code
            A code of any plan that was published.
        scope
            Prefix of codes; "" for the whole store.
        """
        with reading(self.engine) as connection:
            return register.successors(connection, grid_code, scope)

    def _today(self) -> date:
        return self._clock().astimezone().date()
