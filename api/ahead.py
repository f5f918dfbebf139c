"""Draws the map before the first who asks: of a large city that takes seconds, after each publication."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

from api.access import View
from api.spots import Spots
from api.standing import Moment
from api.viewing import Drawings
from api.watch import Watch
from gridplan.store.keys import Key, Role

# Fewer grids than these are drawn in less than half a second; scopes beyond so many wait for who asks.
FEWEST_GRIDS = 500
MOST_VIEWS = 16

logger = logging.getLogger("gridplan.api")


class Ahead:
    """
    What draws ahead, in a thread of its own; whoever asks meanwhile waits for the same drawing.

    Parameters
    ----------
    watch
        Where moments come from.
    drawings, spots
        Where what is drawn is kept.
    fewest
        Grids in force from which on it is worth it.
    """

    def __init__(self, watch: Watch, drawings: Drawings, spots: Spots, *, fewest: int = FEWEST_GRIDS) -> None:
        self._watch, self._drawings, self._spots, self._fewest = watch, drawings, spots, fewest
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._drawn: Moment | None = None

    def look(self) -> None:
        """Begin to draw where there is a newer moment than the last that was drawn; does not wait."""
        moment = self._watch.newest
        if moment is not None and moment is not self._drawn:
            self._drawn = moment
            self._pool.submit(self.draw, moment)

    def draw(self, moment: Moment) -> int:
        """
        Draw what the keys of a moment see, wide scopes first.

        Parameters
        ----------
        moment
            The moment.

        Returns
        -------
        n_views
            Scopes, and ways to see them, that were drawn.
        """
        if len(moment.shelf.standing("", moment.in_force(moment.today)).table.codes) < self._fewest:
            return 0
        views = [View(self._watch, moment, key) for key in self._keys(moment)]
        return sum(self._view(view) for view in views[:MOST_VIEWS])

    def close(self) -> None:
        """Draw no more; returns when what is under way is done."""
        self._pool.shutdown(cancel_futures=True)

    def _keys(self, moment: Moment) -> list[Key]:
        """Return one valid key for each scope, and for each of the two ways to see its incidents."""
        now = self._watch.now()
        ways = {(key.scope, key.role.may(Role.DISPATCHER)): key for key in moment.keys.values() if key.valid(now)}
        return [ways[way] for way in sorted(ways, key=lambda way: (len(way[0]), way))]

    def _view(self, view: View) -> bool:
        try:
            standing = view.moment.shelf.standing(view.scope, view.moment.in_force(view.moment.today, view.scope))
            if not standing.plans:
                return False
            self._drawings.ground(view, standing.plans, lambda info: self._watch.store.load(info.plan_id))
            self._spots.of(view, standing)
        except Exception:
            logger.exception("the map was not drawn ahead for the scope %r", view.scope)
            return False
        return True
