"""The desk: incidents of a store brought in, opened, followed and reviewed; each call is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from gridplan.errors import IncidentError, StaleIncidentError
from gridplan.incidents.course import Order, take
from gridplan.incidents.ground import Ground
from gridplan.incidents.incident import Incident, incident_id_of
from gridplan.incidents.mapping import Layout
from gridplan.incidents.placing import Addresses, place, place_rounded
from gridplan.incidents.precision import MOST_DECIMALS, Rounding
from gridplan.incidents.records import read_records, records_of
from gridplan.incidents.store.importing import Progress, no_progress, prepare, write
from gridplan.incidents.store.reader import File, IncidentReader
from gridplan.incidents.store.report import ImportReport
from gridplan.incidents.store.rows import Which, incident_of, read, settle_review, step_row, write_step
from gridplan.incidents.store.sound import faults
from gridplan.store import chain
from gridplan.store.engine import reading, writing
from gridplan.store.incident_tables import incidents


class Incidents(IncidentReader):
    """
    The incidents of a store.

    Every method is one transaction. Writers take turns, and a step is taken on the incident as it was read or not at
    all, so whatever is tried at once, the history is one that could have happened one by one.

    Parameters
    ----------
    store
        The store.
    handling
        Calendar, categories and workflows; what is shipped where None.

    Examples
    --------
    >>> desk = Incidents(store)                                                            # doctest: +SKIP
    >>> report = desk.bring(Path("2026.csv"), Layout(source="12345"), ground, by="李娜")      # doctest: +SKIP
    """

    def bring(
        self,
        table: Path | pd.DataFrame,
        layout: Layout,
        ground: Ground,
        *,
        by: str,
        addresses: Addresses | None = None,
        scope: str = "",
        dry_run: bool = False,
        progress: Progress = no_progress,
    ) -> ImportReport:
        """
        Bring a register's table in; what is in already stays, and bringing it twice changes nothing.

        Parameters
        ----------
        table
            CSV, Excel, Parquet, or a frame.
        layout
            Which column is what, and the name of the register.
        ground
            Grids that the records are taken to.
        by
            Who brings it.
        addresses
            Table of standard addresses (`gridplan.Locator`), or None.
        scope
            Prefix of codes of who brings it: who sees what has no grid.
        dry_run
            Whether everything is done but the writing.
        progress
            Called with the rows done and those of all.

        Raises
        ------
        IncidentError, LocateError
            If the table cannot be used; nothing was written.
        """
        now = self.now()
        if isinstance(table, pd.DataFrame):
            records = records_of(table, layout, self.handling, now)
        else:
            records = read_records(table, layout, self.handling, now)
        placed = place(records.frame, ground, addresses)
        batch = prepare(records, placed, layout, self.handling, scope, now)
        file = "" if isinstance(table, pd.DataFrame) else table.name
        with (reading if dry_run else writing)(self.store.engine) as connection:
            return write(
                connection,
                batch,
                layout.source,
                by,
                now,
                file=file,
                handling=self.handling,
                dry_run=dry_run,
                progress=progress,
            )

    def open(
        self,
        record: Mapping[str, Any],
        ground: Ground,
        *,
        by: str,
        source: str,
        addresses: Addresses | None = None,
        scope: str = "",
    ) -> File:
        """
        Open one incident: place it, or put it before a person.

        Parameters
        ----------
        record
            ``source_id, reported_at, category, level, lon, lat, address, community, reporter, phone, words``; times
            as ISO 8601. One whose id the source brought before is not opened again but returned as it is.
        ground, by, addresses, scope
            As for `bring`. Its point is taken to be as exact as it is written.
        source
            Register, or desk.

        Raises
        ------
        IncidentError
            If the category is unknown, a time is missing, in the future or out of order; all faults at once.
        """
        now = self.now()
        wrong = faults(record, self.handling, now)
        if wrong:
            raise IncidentError("; ".join(wrong))
        layout = Layout(columns={name: name for name in record}, source=source)
        frame = pd.DataFrame([dict(record)], dtype=object)
        records = records_of(frame, layout, self.handling, now)
        exact = Rounding(np.where(records.frame["lon"].isna(), -1, MOST_DECIMALS), {})
        placed = place_rounded(records.frame, ground, addresses, exact)
        batch = prepare(records, placed, layout, self.handling, scope, now)
        incident_id = incident_id_of(source, str(record["source_id"]))
        with writing(self.store.engine) as connection:
            known = connection.scalar(
                sa.select(sa.func.count()).select_from(incidents).where(incidents.c.incident_id == incident_id)
            )
            if not known:
                write(connection, batch, source, by, now, handling=self.handling)
            return self._file(connection, incident_id, scope if known else "")

    def step(self, incident_id: str, order: Order, *, scope: str = "", seen: int | None = None) -> File:
        """
        Take a step with an incident.

        Parameters
        ----------
        incident_id
            Which.
        order
            What, by whom, when.
        scope
            Prefix of codes of who takes it.
        seen
            Sequence of the incident as it was read; None to take the step however it stands now.

        Raises
        ------
        TransitionError
            If it may not be taken now; it names the legal ones.
        StaleIncidentError
            If somebody took a step since.
        """
        with writing(self.store.engine) as connection:
            before = read(connection, incident_id, scope)
            if seen is not None and seen != before.sequence:
                raise StaleIncidentError(
                    f"incident {incident_id} is at step {before.sequence}; you saw step {seen}: read it again"
                )
            self._move(connection, before, order)
            return self._file(connection, incident_id, "")

    def escalate_late(self, scope: str = "", *, by: str = "system") -> list[Incident]:
        """
        Hand every incident up whose time at its holder is over; return them as they are then.

        Parameters
        ----------
        scope
            Prefix of codes.
        by
            Who asks for it.
        """
        now = self.now()
        due = (incidents.c.escalate_at <= now, incidents.c.closed_at.is_(None), incidents.c.paused_at.is_(None))
        query = sa.select(incidents).where(*due, *Which(scope).conditions()).order_by(incidents.c.incident_id)
        with writing(self.store.engine) as connection:
            found = [incident_of(row._mapping) for row in connection.execute(query).all()]
            order = Order("escalate", by, now, "system", "超时 / late")
            return [self._move(connection, each, order) for each in found]

    def settle(
        self, incident_id: str, ground: Ground, *, grid_code: str, by: str, reason: str = "", scope: str = ""
    ) -> File:
        """
        Decide where an incident belongs.

        Parameters
        ----------
        incident_id
            Which.
        ground
            Grids in force.
        grid_code
            Its grid.
        by, reason
            Who decides, and why.
        scope
            Prefix of codes of who decides.

        Raises
        ------
        IncidentError
            If no grid in force has this code.
        TransitionError
            If the incident is paused.
        """
        if grid_code not in ground.plan_of:
            raise IncidentError(f"grid_code: expected a grid in force; found {grid_code[:40]!r}")
        details = {"grid_code": grid_code, "plan_id": ground.plan_of[grid_code]}
        with writing(self.store.engine) as connection:
            order = Order("assign", by, self.now(), reason=reason, details=details)
            self._move(connection, read(connection, incident_id, scope), order)
            return self._file(connection, incident_id, "")

    def _move(self, connection: sa.Connection, before: Incident, order: Order) -> Incident:
        after, step = take(before, order, self.handling)
        write_step(connection, before, after, step)
        row = step_row(step)
        told = {"sequence": step.sequence, "step": step.action, "state": step.state, "digest": chain.digest_of_row(row)}
        where = after.grid_code or after.scope
        chain.append(connection, chain.STEP, order.by, after.incident_id, told, at=order.at, scope=where)
        if order.action == "assign":
            settle_review(connection, after.incident_id, order.by, order.at)
        return after
