"""Keeps the service's moment of the store fresh: looks often, reads seldom, swaps at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from api.addresses import AddressBook
from api.metrics import Metrics
from api.problems import UNAVAILABLE, ProblemError
from api.standing import Moment, Shelf, read_moment
from gridplan.errors import GridplanError, StoreDamagedError, StoreUnavailableError, StoreVersionError
from gridplan.incidents.handling import Handling, read_handling
from gridplan.store import Store
from gridplan.store.engine import reading, require_writable
from gridplan.store.migrate import prepare
from gridplan.store.published import read_version
from gridplan.store.reader import Clock

logger = logging.getLogger("gridplan.api")

# Why the service is not ready, as it may be told to who has no key. The first class that fits counts.
TROUBLES: tuple[tuple[type[BaseException], str], ...] = (
    (StoreUnavailableError, "store-unavailable"),
    (StoreDamagedError, "store-damaged"),
    (StoreVersionError, "store-version"),
)


class Watch:
    """
    The newest moment of the store.

    A request takes `moment` once and is answered from it, whatever is published meanwhile. A newer one takes its
    place in one assignment, when all that was asked for before is ready in it.

    Parameters
    ----------
    store
        The store.
    book
        The addresses, or None.
    within_m
        As of `gridplan.locate.PointIndex`.
    clock
        Returns the moment, aware.
    handling
        How incidents are handled; as shipped where None.
    """

    def __init__(
        self,
        store: Store,
        book: AddressBook | None,
        within_m: float,
        clock: Clock,
        handling: Handling | None = None,
    ) -> None:
        self.store, self.clock, self.handling = store, clock, handling or read_handling()
        self._shelf = Shelf(store, book, within_m)
        self._moment: Moment | None = None
        self._latest = clock()
        self.prepared = self._doubted = False
        self.trouble = "store-unread"

    @property
    def moment(self) -> Moment:
        """The newest moment read."""
        if self._moment is None:
            raise ProblemError(UNAVAILABLE, "nothing was read yet")
        return self._moment

    @property
    def newest(self) -> Moment | None:
        """The newest moment read, None where none was yet."""
        return self._moment

    @property
    def held(self) -> int:
        """Number of scopes and days held in memory."""
        return self._shelf.held

    @property
    def healthy(self) -> bool:
        """Whether the store was read and took what was written, as far as is known."""
        return not self.trouble

    def now(self) -> datetime:
        """Return the time, UTC, never before one returned: what expired stays so when the clock is set back."""
        self._latest = max(self._latest, self.clock())
        return self._latest.astimezone(UTC)

    def doubt(self) -> None:
        """Take note that the store did not do what it was asked for; the next look writes, to see whether it does."""
        self._doubted, self.trouble = True, self.trouble or "store-unavailable"

    def look(self) -> bool:
        """
        Read the store again where it changed, or the day did.

        Returns
        -------
        changed
            Whether there is a newer moment now.

        Raises
        ------
        GridplanError
            If the store cannot be read, or takes nothing; the plans stay as they were.
        """
        try:
            changed = self._looked()
        except BaseException as error:
            self.trouble = next((name for known, name in TROUBLES if isinstance(error, known)), "store-unread")
            raise
        self.trouble = ""
        return changed

    def _looked(self) -> bool:
        before, today = self._moment, self.clock().astimezone().date()
        if not self.prepared:
            prepare(self.store.engine)
            self.prepared = True
        with reading(self.store.engine) as connection:
            version = read_version(connection)
        changed = before is None or (before.version, before.today) != (version, today)
        if changed:
            self._moment = self._read(today)
        if self._doubted:
            require_writable(self.store.engine)
            self._doubted = False
        return changed

    async def keep(self, every_s: float, after: Callable[[], None]) -> None:
        """
        Look again and again, for ever.

        Parameters
        ----------
        every_s
            Seconds between two looks.
        after
            Called after each, whatever came of it.
        """
        after()
        while True:
            await asyncio.sleep(every_s)
            try:
                await asyncio.to_thread(self.look)
            except GridplanError as error:
                logger.warning("the store cannot be used: %s", error)
            except Exception:
                logger.exception("the store was not read")
            after()

    def _read(self, today: date) -> Moment:
        """Return a new moment, in which all that was asked for before is ready; where it cannot be, keys are as new."""
        moment = read_moment(self._shelf, today)
        try:
            for scope in sorted(self._shelf.scopes() | {""}):
                self._shelf.standing(scope, moment.in_force(today, scope))
        except Exception:
            if self._moment is not None:  # a key that was revoked opens nothing, whatever is wrong with a plan
                self._moment = replace(self._moment, keys=moment.keys)
            raise
        return moment


def observe(metrics: Metrics, watch: Watch) -> None:
    """Count how a watch, and its connections to the store, are now."""
    pool, moment = watch.store.engine.pool, watch.newest
    metrics.observe(
        ready=watch.healthy,
        plans=0 if moment is None else len(moment.in_force(moment.today)),
        held=watch.held,
        pool={name: int(getattr(pool, name)()) for name in ("checkedin", "checkedout") if hasattr(pool, name)},
    )
