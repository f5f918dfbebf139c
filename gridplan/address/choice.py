"""One place that a query may mean, and how well the query fits it."""

from __future__ import annotations

from dataclasses import dataclass, field

from gridplan.address.findings import DoorHit, NameHit
from gridplan.address.index import Record
from gridplan.address.tail import Reading


@dataclass
class Choice:
    """
    One spot and how well the query fits it.

    Parameters
    ----------
    spot
        Number of the spot.
    name, door
        The pieces of the query that led to it.
    score
        Sum of points.
    area
        Points of areas that agree or differ.
    clash
        Worst contradiction of an area, in points.
    before, between
        Characters beside the name that nothing explains.
    road_before
        Characters before the road that nothing explains.
    other_kind
        Whether another kind of estate follows the name.
    no_buildings
        Whether the query names a building plainly, and this spot has none.
    other_door
        Whether the query names a door that this spot does not have.
    reading
        The digits read as a building that the table has, or that it lacks.
    building
        ``found``, ``weak``, ``missing``, ``unsaid`` or ``none`` (the spot has no buildings).
    records
        Records of the spot that fit.
    """

    spot: int
    name: NameHit | None = None
    door: DoorHit | None = None
    score: float = 0.0
    area: float = 0.0
    clash: float = 0.0
    before: int = 0
    between: int = 0
    road_before: int = 0
    other_kind: bool = False
    no_buildings: bool = False
    other_door: bool = False
    reading: Reading | None = None
    building: str = "none"
    records: list[Record] = field(default_factory=list)
