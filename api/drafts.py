"""Drafts in memory, so that an edit costs what it changes: each as the store has it now, checked at every request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from fastapi import Request
from numpy.typing import NDArray

from api.access import View
from api.problems import FORBIDDEN, NOT_FOUND, ProblemError
from api.standing import Held
from api.tables import GridTable, table_of
from gridplan.errors import NotInStoreError
from gridplan.store import PlanInfo, State, Store
from gridplan.store.keys import Role

if TYPE_CHECKING:
    from gridplan.plan import Plan

# A district's draft has some tens of megabytes.
_MOST_HELD = 8
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True)
class Draft:
    """
    A plan as it was at a revision.

    Parameters
    ----------
    info
        What the store says of it.
    plan
        The plan.
    """

    info: PlanInfo
    plan: Plan

    @property
    def tag(self) -> str:
        """What names this revision in the headers ETag and If-Match."""
        return tag_of(self.info)

    @cached_property
    def table(self) -> GridTable:
        """The grids, ready to be answered with."""
        return table_of({self.info.plan_id: self.plan.grids})

    @cached_property
    def units(self) -> gpd.GeoDataFrame:
        """The units in WGS 84, with the community of each."""
        homes = dict(zip(self.plan.grids["grid_code"], self.plan.grids["community_code"], strict=True))
        units = self.plan.units
        return units.to_crs(4326).assign(community_code=units["grid_code"].map(homes))

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """West, south, east, north of each row of `units`, degrees; no numbers where it has no cell; shape (n, 4)."""
        return np.asarray(shapely.bounds(self.units.geometry.to_numpy()), dtype=float)


class Drafts:
    """
    The plans that are worked on, held in memory.

    Parameters
    ----------
    store
        The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: Held[Draft] = Held(_MOST_HELD)

    def get(self, info: PlanInfo) -> Draft:
        """
        Return a plan as it is now.

        Parameters
        ----------
        info
            What the store says of it now.
        """
        return self._held.make((info.plan_id, info.revision, info.digest, info.state), lambda: self._read(info))

    def put(self, info: PlanInfo, plan: Plan) -> Draft:
        """Keep a plan that was just saved, so that nobody reads it again."""
        return self._held.make((info.plan_id, info.revision, info.digest, info.state), lambda: Draft(info, plan))

    def _read(self, info: PlanInfo) -> Draft:
        draft = Draft(info, self._store.load(info.plan_id, revision=info.revision))
        if info.state == State.DRAFT:
            _ = draft.plan.state  # arrays that every edit needs
        return draft


def tag_of(info: PlanInfo) -> str:
    """Return what names a revision of a plan in the headers ETag and If-Match."""
    return f'"r{info.revision}"'


def drafts_of(request: Request) -> Drafts:
    """Return the drafts in memory."""
    found: Drafts = request.app.state.drafts
    return found


def person(view: View) -> str:
    """Return who asks, as plans and the audit log name them: whom the key is for."""
    return view.key.name or view.key.key_id


def planned(plan_id: str, view: View) -> PlanInfo:
    """
    Return a plan that the key may work on: all of it lies in the key's scope.

    Parameters
    ----------
    plan_id
        Its whole id.
    view
        Who asks.

    Raises
    ------
    ProblemError
        If there is none that the key sees, or it sees a part of it alone.
    """
    try:
        info = view.watch.store.info(plan_id) if _ID.fullmatch(plan_id) else None
    except NotInStoreError:
        info = None
    if info is None or info.plan_id != plan_id or not _sees(info, view):
        raise ProblemError(NOT_FOUND, f"there is no plan {plan_id[:40]!r}")
    if not info.scope.startswith(view.scope):
        raise ProblemError(FORBIDDEN, f"plan {plan_id} plans more than the key's scope {view.scope}")
    return info


def _sees(info: PlanInfo, view: View) -> bool:
    if info.scope.startswith(view.scope):
        return info.number is not None or view.key.role.may(Role.PLANNER)
    wider = info.number is not None and view.scope.startswith(info.scope)
    return wider and len(view.moment.shelf.grids(info.plan_id, view.scope)) > 0
