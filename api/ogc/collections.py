"""
What there is to be read: each collection says who may read it and how its features are found.

A further one is one more `Collection` in `COLLECTIONS`: a function from a view and days to a `FeatureTable`
that holds nothing beyond the view's scope and role.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import pandas as pd

from api.access import View
from api.ogc.crs import HELD
from api.ogc.matters import NUMBERS, TEXTS, matters
from api.ogc.table import EMPTY, FeatureTable
from api.standing import Held, within
from api.tables import PROPERTIES
from api.watch import Watch
from gridplan.store import PlanInfo
from gridplan.store.chunks import decode
from gridplan.store.contents import read_parts
from gridplan.store.engine import reading
from gridplan.store.keys import Role

FieldType = Literal["string", "integer", "number"]
Span = tuple[date, date]
_TEXT = ("grid_code", "name", "kind", "community_code", "plan_id", "unit_id", "building_id", "compound_id", "entrance")
_REAL = ("area_m2", "compactness")
_UNITS = ("unit_id", "building_id", "grid_code", "households", "work_min", "compound_id", "entrance")
_MOST_HELD = 32


@dataclass(frozen=True)
class Zooms:
    """
    Zoom levels of vector tiles.

    Parameters
    ----------
    least, most
        The first with tiles, and the last: map programs enlarge tiles beyond it.
    """

    least: int
    most: int


@dataclass(frozen=True)
class Collection:
    """
    Features of a kind.

    Parameters
    ----------
    name
        In paths and layers.
    title, description
        For people.
    role
        The least role that may read it.
    table
        Returns the features that a view sees on any of some days.
    fields
        Type of each property; those of text and whole numbers can be filtered by.
    zooms
        Of its tiles; None where it has none.
    public
        Whether the operator may open it to all.
    """

    name: str
    title: str
    description: str
    role: Role
    table: Callable[[View, Span], FeatureTable]
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    zooms: Zooms | None = None
    public: bool = False


class Tables:
    """Tables of plans that were published, which never change: made once for each scope."""

    def __init__(self) -> None:
        self._held: Held[FeatureTable] = Held(_MOST_HELD)

    def of(self, name: str, view: View, span: Span, frame: Callable[[View, PlanInfo], pd.DataFrame]) -> FeatureTable:
        """
        Return the features of the plans in force on some days.

        Parameters
        ----------
        name
            Of the collection.
        view
            Who asks.
        span
            First and last day.
        frame
            Returns the features of one plan in the view's scope, with a column ``id``.
        """
        plans = tuple(info for info in view.moment.published if _meets(info, span))
        mine = tuple(info for info in plans if len(view.moment.shelf.grids(info.plan_id, view.scope)))
        return self._held.make((name, view.scope, mine), lambda: _table([frame(view, info) for info in mine]))


def grids_frame(view: View, info: PlanInfo) -> pd.DataFrame:
    """Return the grids of a plan."""
    frame = view.moment.shelf.grids(info.plan_id, view.scope)
    return _own(frame, ("grid_code", *PROPERTIES), info).assign(id=frame["grid_code"])


def units_frame(view: View, info: PlanInfo) -> pd.DataFrame:
    """Return the units of a plan that have a cell."""
    with reading(view.watch.store.engine) as connection:
        parts = read_parts(connection, info.plan_id, layer="units")
    pieces: dict[int, dict[str, bytes]] = {}
    for part in parts:
        pieces.setdefault(part.position, {})[part.half] = part.data
    frame = decode([pieces[place] for place in sorted(pieces)])
    frame = frame[within(frame["grid_code"], view.scope) & frame["geometry"].notna()]
    return _own(frame, _UNITS, info).assign(id=frame["unit_id"])


def _own(frame: Any, columns: Sequence[str], info: PlanInfo) -> pd.DataFrame:
    """Return a plan's features in the CRS in which features are held, with the plan."""
    zone = 0 if frame.crs is None else frame.crs.to_epsg() or 0
    placed = frame if frame.crs is None else frame.to_crs(HELD)
    days = {"valid_from": _iso(info.valid_from), "valid_to": _iso(info.valid_to)}
    return pd.DataFrame(placed[[*columns, "geometry"]]).assign(plan_id=info.plan_id, **days, zone=zone)


def _table(frames: list[pd.DataFrame]) -> FeatureTable:
    if not frames:
        return EMPTY
    whole = pd.concat([pd.DataFrame(frame) for frame in frames], ignore_index=True)
    whole = whole.sort_values(["id", "plan_id"], ignore_index=True)
    zones = tuple(sorted({int(zone) for zone in whole["zone"]} - {0}))
    plain = whole.drop(columns=["id", "geometry", "zone"]).astype(object)
    records = plain.where(plain.notna(), None).to_dict("records")
    rows = tuple({str(name): _plain(value) for name, value in record.items()} for record in records)
    geometry = gpd.GeoSeries(whole["geometry"]).to_numpy()
    return FeatureTable(whole["id"].to_numpy(dtype=object), rows, np.asarray(geometry, dtype=object), zones)


def _meets(info: PlanInfo, span: Span) -> bool:
    first, last = span
    begun = info.valid_from is not None and info.valid_from <= last
    return begun and (info.valid_to is None or first < info.valid_to)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _types(names: Sequence[str]) -> dict[str, FieldType]:
    kinds: dict[str, FieldType] = {}
    for name in (*names, "plan_id", "valid_from", "valid_to"):
        text = name in _TEXT or name.startswith("valid")
        kinds[name] = "string" if text else "number" if name in _REAL else "integer"
    return kinds


_TABLES: WeakKeyDictionary[Watch, Tables] = WeakKeyDictionary()


def _published(name: str, frame: Callable[[View, PlanInfo], pd.DataFrame]) -> Callable[[View, Span], FeatureTable]:
    """Return what finds the features of published plans, each service keeping its own."""
    return lambda view, span: _TABLES.setdefault(view.watch, Tables()).of(name, view, span, frame)


GRIDS = Collection(
    "grids",
    "Grids / 网格",
    "The grids of the plans in force / 现行方案的网格",
    Role.VIEWER,
    _published("grids", grids_frame),
    _types(("grid_code", *PROPERTIES)),
    Zooms(6, 18),
    public=True,
)
UNITS = Collection(
    "units",
    "Units / 单元",
    "The buildings and cells that grids are made of / 组成网格的楼栋与地块",
    Role.VIEWER,
    _published("units", units_frame),
    _types(_UNITS),
    Zooms(12, 19),
)
INCIDENTS = Collection(
    "incidents",
    "Incidents / 事件",
    "Incidents that were open on the days asked for / 所问日期内未办结的事件",
    Role.DISPATCHER,
    matters,
    {**dict.fromkeys(TEXTS, "string"), **dict.fromkeys(NUMBERS, "number")},
    Zooms(10, 18),
)
#: By name; a collection that is added here is served, listed, tiled and guarded.
COLLECTIONS: dict[str, Collection] = {each.name: each for each in (GRIDS, UNITS, INCIDENTS)}
