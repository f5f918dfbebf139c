"""
The layers and columns that gridplan takes: names, meanings of types, which are required.

The names are the contract with the outside and are never changed; ``docs/sources.md`` says them in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

ColumnKind = Literal["id", "text", "households", "count", "number", "flag"]
Shape = Literal["point", "line", "polygon"]

#: Kinds of barrier that nobody crosses; every other kind is passable unless ``passable`` says otherwise.
IMPASSABLE_KINDS = frozenset({"river", "water", "railway", "motorway"})
#: Kinds of barrier that are streets: a grid worker patrols them.
STREET_KINDS = frozenset(
    {
        *("trunk", "primary", "secondary", "tertiary", "residential", "unclassified", "living_street", "service"),
        *("pedestrian", "footway", "path", "cycleway", "track", "steps", "road", "street", "lane"),
    }
)
#: Kinds of barrier whose meaning is known; any other text may be a kind, and is passable.
BARRIER_KINDS = IMPASSABLE_KINDS | STREET_KINDS | {"wall", "fence", "hedge", "bridge", "stream", "ditch"}
#: Columns of buildings that count persons of special groups: elderly who live alone (独居老人), disabled (残疾人), on
#: the minimum living allowance (低保), children left alone (留守儿童), persons to be attended to (重点人员).
SPECIAL_GROUPS = ("elderly_alone", "disabled", "minimum_living", "children_alone", "key_persons")
AREA_KINDS = ("urban", "rural")
GRID_KINDS = ("basic", "rural", "exclusive", "micro")
#: Codes of communities have this many digits by national rule; shorter ones are taken and said.
COMMUNITY_CODE_DIGITS = 12
#: Name of the table in which a written GeoPackage keeps what no layer holds (which count, rules).
SOURCE_TABLE = "source"


@dataclass(frozen=True)
class Column:
    """
    One column of a layer.

    Parameters
    ----------
    name
        Name in the contract.
    kind
        ``id`` text that is unique (alone, or with the other ids of the layer), ``text``, ``households`` whole
        number >= 0 that every row has, ``count`` whole number >= 0, ``number`` >= 0, ``flag`` 0 or 1.
    required
        Whether the column must exist and every row must have a value.
    choices
        Allowed values; empty for any.
    """

    name: str
    kind: ColumnKind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layer:
    """
    One layer of a source.

    Parameters
    ----------
    name
        Name in the contract.
    columns
        Its columns without the geometry, in the contract's order.
    shapes
        Kinds of geometry allowed; empty where the layer has none.
    required
        Whether a source without it is refused.
    geometry_required
        Whether every row must have a geometry.
    """

    name: str
    columns: tuple[Column, ...]
    shapes: tuple[Shape, ...] = ()
    required: bool = False
    geometry_required: bool = True

    @property
    def ids(self) -> tuple[str, ...]:
        """Names of the columns that together identify a row; may be empty."""
        return tuple(column.name for column in self.columns if column.kind == "id")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns without the geometry."""
        return tuple(column.name for column in self.columns)


_LAYERS = (
    Layer(
        "communities",
        (Column("community_code", "id", True), Column("name"), Column("area_kind", choices=AREA_KINDS)),
        ("polygon",),
        required=True,
    ),
    Layer(
        "buildings",
        (
            Column("building_id", "id", True),
            Column("households", "households", True),
            Column("compound_id"),
            Column("persons", "count"),
            Column("floors", "number"),
            Column("community_code"),
            Column("village_group"),
            Column("address"),
            Column("work_min", "count"),
            Column("estimated", "flag"),
            *(Column(group, "count") for group in SPECIAL_GROUPS),
        ),
        ("point", "polygon"),
        required=True,
    ),
    Layer("barriers", (Column("kind", required=True), Column("passable", "flag"), Column("name")), ("line", "polygon")),
    Layer(
        "grids",
        (
            Column("grid_code", "id", True),
            Column("name"),
            Column("kind", choices=GRID_KINDS),
            Column("locked", "flag"),
            Column("last_code"),
        ),
        ("polygon",),
    ),
    Layer("exclusive", (Column("name", required=True),), ("polygon",)),
    Layer(
        "entrances",
        (
            Column("building_id", "id", True),
            Column("entrance", "id", True),
            Column("households", "households", True),
        ),
        ("point",),
        geometry_required=False,
    ),
    Layer(
        "addresses",
        (
            Column("address_id", "id", True),
            Column("address", required=True),
            Column("building_id"),
            Column("aliases"),
        ),
        ("point", "polygon"),
        geometry_required=False,
    ),
    Layer(
        "incidents",
        (
            Column("incident_id", "id", True),
            Column("reported_at", required=True),
            Column("category", required=True),
            Column("address"),
            Column("status"),
            Column("closed_at"),
            Column("satisfaction"),
        ),
        ("point",),
        geometry_required=False,
    ),
)

#: All layers by name, in the order of the contract.
LAYERS: Mapping[str, Layer] = {layer.name: layer for layer in _LAYERS}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """
    Return the known name that looks most like a given one, or None where none does.

    Parameters
    ----------
    name
        Name as the planner wrote it.
    known
        Names that exist.

    Examples
    --------
    >>> nearest("comunities", ["communities", "buildings"])
    'communities'
    """
    by_folded = {each.casefold(): each for each in known}
    hits = get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.5)
    return by_folded[hits[0]] if hits else None
