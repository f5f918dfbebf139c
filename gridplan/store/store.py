"""The store of plans: drafts and their edits, the way to publication, backups; its reading half is in ``reader``."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gridplan.errors import StoreError
from gridplan.store import backups, drafts, publishing, queries, steps
from gridplan.store.audit import Audit
from gridplan.store.engine import writing
from gridplan.store.reader import StoreReader
from gridplan.store.records import PlanInfo, State, Step
from gridplan.store.sweeping import Swept, sweep

if TYPE_CHECKING:
    from gridplan.plan import Plan


class Store(StoreReader):
    """
    Plans kept in a SQLite file or a PostGIS database; `open` opens one.

    Every method is one transaction: it is done, on disk, when the method returns, or nothing was changed. Writers
    take turns; readers see one moment and never wait.

    Parameters
    ----------
    engine
        As `open` makes it.
    clock
        Returns the moment, aware; tests give their own.

    Examples
    --------
    >>> store = Store.open("plans.sqlite")                                   # doctest: +SKIP
    >>> draft = store.save_draft(plan, author="李娜")                         # doctest: +SKIP
    >>> store.publish(draft.plan_id, by="王强", valid_from=date(2026, 12, 1))  # doctest: +SKIP
    """

    @property
    def audit(self) -> Audit:
        """The audit log: every step of every plan, every key made and revoked, and what others record."""
        return Audit(self.engine, self._clock)

    def save_draft(
        self,
        plan: Plan,
        *,
        author: str,
        name: str = "",
        scope: str | None = None,
        base: str | None = None,
        reason: str = "",
    ) -> PlanInfo:
        """
        Keep a plan as a new draft, with the edits that it has.

        Parameters
        ----------
        plan
            The plan.
        author
            Who made it.
        name
            What to call it; the name in its report, or its source's, where empty.
        scope
            Prefix of its community codes that it plans; by default `gridplan.store.drafts.default_scope`.
        base
            Id of the published plan from which it was made: by default the one that it was loaded from, else the
            newest of the scope. If another is published meanwhile, the draft cannot be.
        reason
            Why; may be empty.

        Raises
        ------
        StoreError
            If a value cannot be kept exactly, or a community lies outside the scope.
        """
        step = self._step(author, reason)
        found = steps.prepared(plan)
        with writing(self.engine) as connection:
            return steps.insert(connection, plan, found, step, name=name, scope=scope, base=base)

    def save_edits(self, plan_id: str, plan: Plan, *, by: str = "") -> PlanInfo:
        """
        Keep the edits that were made to a draft since it was loaded, and the draft as they left it.

        Parameters
        ----------
        plan_id
            The draft.
        plan
            The edited plan, begun with `load`.
        by
            Who saves; the author of the last edit where empty.

        Raises
        ------
        PlanStateError
            If it is a draft no more.
        StaleBaseError
            If somebody else saved edits to it since.
        """
        step = self._step(by or (plan.edits[-1].author if plan.edits else "") or "unknown", "")
        found = steps.prepared(plan)
        with writing(self.engine) as connection:
            info = queries.info(connection, plan_id, step.today)
            digest, count = drafts.save_edits(connection, info, plan, found)
            drafts.record(connection, info, "edit", State.DRAFT, step, digest=digest, details={"edits": count})
            return queries.info(connection, info.plan_id, step.today)

    def submit(self, plan_id: str, *, by: str, reason: str = "", revision: int | None = None) -> PlanInfo:
        """Submit a draft for approval; the days of public notice begin. Refused if the revision is not the newest."""
        return self._move(plan_id, steps.SUBMIT, by, reason, revision)

    def approve(self, plan_id: str, *, by: str, reason: str = "", revision: int | None = None) -> PlanInfo:
        """
        Approve a submitted plan.

        Raises
        ------
        PlanStateError
            If it is not submitted, the revision is not the newest, or the rules ask for another person or for more
            days of notice.
        """
        return self._move(plan_id, steps.APPROVE, by, reason, revision)

    def send_back(self, plan_id: str, *, by: str, reason: str, revision: int | None = None) -> PlanInfo:
        """Make a submitted or approved plan a draft again, to be edited and submitted anew."""
        return self._move(plan_id, steps.SEND_BACK, by, reason, revision)

    def discard(self, plan_id: str, *, by: str, reason: str = "", revision: int | None = None) -> PlanInfo:
        """Give up a plan that was not published; it stays readable until a sweep."""
        return self._move(plan_id, steps.DISCARD, by, reason, revision)

    def publish(
        self,
        plan: str | Plan,
        *,
        by: str,
        valid_from: date | None = None,
        reason: str = "",
        allow_fewer: bool = False,
        name: str = "",
        scope: str | None = None,
        base: str | None = None,
        revision: int | None = None,
    ) -> PlanInfo:
        """
        Publish a plan: it is in force from a day on, and those before it in its scope until that day.

        Parameters
        ----------
        plan
            Id of a plan in the store, or a plan, which is saved first, in the same transaction.
        by
            Who publishes.
        valid_from
            First day in force; today where None.
        reason
            Why; may be empty.
        allow_fewer
            Whether communities that have grids now may have none afterwards.
        name, scope, base
            As for `save_draft`, for a plan that is saved first.
        revision
            The revision that the publisher saw; None for any.

        Raises
        ------
        PlanStateError
            If its state, the rules of approval, the day or its communities do not allow it.
        StaleBaseError
            If somebody published there since the plan was begun; it says who and when.
        CodeReusedError
            If it brings retired codes back.
        """
        step = self._step(by, reason)
        found = [] if isinstance(plan, str) else steps.prepared(plan)
        with writing(self.engine) as connection:
            if isinstance(plan, str):
                info = queries.info(connection, plan, step.today)
            else:
                info = steps.insert(connection, plan, found, step, name=name, scope=scope, base=base)
            steps.require_revision(info, revision)
            publishing.publish(connection, info, valid_from or step.today, step, allow_fewer=allow_fewer)
            return queries.info(connection, info.plan_id, step.today)

    def retire(
        self, plan_id: str, *, by: str, reason: str, valid_to: date | None = None, revision: int | None = None
    ) -> PlanInfo:
        """
        Take a published plan out of force with nothing in its place.

        Parameters
        ----------
        plan_id
            The plan.
        by, reason
            Who, and why.
        valid_to
            First day on which it is not in force; today where None.
        revision
            As for `publish`.
        """
        step = self._step(by, reason)
        with writing(self.engine) as connection:
            info = queries.info(connection, plan_id, step.today)
            steps.require_revision(info, revision)
            publishing.retire(connection, info, valid_to or step.today, step)
            return queries.info(connection, info.plan_id, step.today)

    def sweep(self, *, by: str, days: int = 30, reason: str = "") -> Swept:
        """
        Let go of what discarded plans alone were made of; their history stays.

        Parameters
        ----------
        by, reason
            Who, and why.
        days
            Plans discarded less than this many days ago keep their content, >= 0.

        Raises
        ------
        StoreError
            If the days are fewer than 0.
        """
        if days < 0:
            raise StoreError(f"expected 0 days or more; found {days}")
        step = self._step(by, reason)
        with writing(self.engine) as connection:
            return sweep(connection, step, step.at - timedelta(days=days))

    def verify(self) -> int:
        """Read every chunk of every plan and compare it with its digest; return how many; raise where one differs."""
        return backups.verify(self.engine)

    def backup(self, path: Path) -> None:
        """
        Write all of the store, as it is at one moment, to a file that `restore` takes on either database.

        Parameters
        ----------
        path
            File to write, complete or absent; it is itself a SQLite store.
        """
        backups.backup(self.engine, path)

    def restore(self, path: Path, *, overwrite: bool = False, by: str = "unknown") -> None:
        """
        Make the store what it was when a backup was made.

        Parameters
        ----------
        path
            A file that `backup` wrote, of this gridplan or an older one.
        overwrite
            Whether what the store holds may be lost.
        by
            Who restores; recorded, with the end of the audit log that is lost.

        Raises
        ------
        StoreError
            If the store holds plans and `overwrite` is False, or the file is damaged or no backup.
        """
        backups.restore(self.engine, path, self._step(by, ""), overwrite=overwrite)

    def _move(self, plan_id: str, move: steps.Move, by: str, reason: str, revision: int | None) -> PlanInfo:
        step = self._step(by, reason)
        with writing(self.engine) as connection:
            info = queries.info(connection, plan_id, step.today)
            steps.require_revision(info, revision)
            return steps.move(connection, info, move, step)

    def _step(self, by: str, reason: str) -> Step:
        if not by.strip():
            raise StoreError("every step is recorded with who took it; no name was given")
        now = self._clock()
        return Step(by.strip(), now.astimezone(UTC), now.astimezone().date(), reason)
