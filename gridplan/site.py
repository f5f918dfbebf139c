"""One community as a worker gets it: its ground, its generators of cells, its barriers and fixed areas."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from gridplan.barriers import Barriers

Geometries = NDArray[np.object_]
Numbers = NDArray[np.int64]
NONE = -1


@dataclass(frozen=True)
class FixedArea:
    """
    Ground that is a grid whatever the solver does: a locked grid of today, or an exclusive area.

    Parameters
    ----------
    polygon
        Its ground inside the community.
    kind
        ``exclusive``, or the locked grid's own kind.
    name
        Its name, "" for none.
    code
        The locked grid's code; None for an exclusive area, which gets a new one.
    """

    polygon: shapely.Geometry
    kind: str
    name: str
    code: str | None

    @property
    def locked(self) -> bool:
        """Whether this is a locked grid of today."""
        return self.code is not None


@dataclass(frozen=True)
class Generators:
    """
    What cells grow around: a building, an entrance of a divided tower, or a stack of buildings on one place.

    Parameters
    ----------
    geometry
        Shape (n,): Points, Polygons or MultiPolygons, no two equal, in an order that their places alone decide.
    households, persons, buildings
        Shape (n,), whole numbers >= 0; persons 0 where unknown.
    work
        Shape (n,): minutes per month given or modelled, ground not included.
    own_ground
        Shape (n,): whether ground is still to be added to the work (it was modelled, not given).
    compound, group, previous
        Shape (n,): numbers of the compound, the village group and today's grid, or -1.
    join, part
        Shape (n_pairs, 2): generators that must, or must not, share a grid.
    """

    geometry: Geometries
    households: Numbers
    persons: Numbers
    buildings: Numbers
    work: NDArray[np.float64]
    own_ground: NDArray[np.bool_]
    compound: Numbers
    group: Numbers
    previous: Numbers
    join: Numbers
    part: Numbers


@dataclass(frozen=True)
class Present:
    """
    Today's grids that meet a community, for a revision.

    Parameters
    ----------
    polygons
        Shape (n,): their ground.
    row
        Shape (n,): their rows in today's grids, ascending.
    """

    polygons: Geometries
    row: Numbers


@dataclass(frozen=True)
class Site:
    """
    One community to be planned.

    Parameters
    ----------
    code
        Its community_code.
    polygon
        Its ground, in the plan's CRS.
    rural
        Whether village groups are units and the band does not bind.
    generators, barriers, fixed
        See the classes; barriers may reach beyond the community.
    n_grids
        Number of grids set by the planner, or None.
    incidents
        Shape (n_incidents, 2): where incidents were reported inside the community, metres.
    incident_months
        Months in which they were, > 0.
    present
        Today's grids where they are to be revised; None cuts afresh.
    departments
        The grids of each department that meet the community, where departments are to be united.
    """

    code: str
    polygon: shapely.Geometry
    rural: bool
    generators: Generators
    barriers: Barriers
    fixed: tuple[FixedArea, ...]
    n_grids: int | None = None
    incidents: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    incident_months: float = 1.0
    present: Present | None = None
    departments: tuple[Geometries, ...] = ()
