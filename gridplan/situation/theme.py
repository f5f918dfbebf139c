"""Classes that buildings have beside the plan, such as a four-colour flood grade, summed by grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gridplan.errors import InputError
from gridplan.sources.log import FaultLog
from gridplan.sources.named import read_named

if TYPE_CHECKING:
    from gridplan.plan import Plan

#: Class of a building that the theme does not name.
NO_CLASS = "-"
#: Orders of classes that everybody knows, the gravest first: the four colours of warnings (突发事件预警级别).
KNOWN_ORDERS = (
    ("red", "orange", "yellow", "blue"),
    ("红", "橙", "黄", "蓝"),
    ("红色", "橙色", "黄色", "蓝色"),
    ("Ⅰ级", "Ⅱ级", "Ⅲ级", "Ⅳ级"),
    ("high", "medium", "low"),
    ("高", "中", "低"),
)
#: Colours to draw known classes in; others take colours in their order.
COLOURS: Mapping[str, str] = {
    name: colour
    for names in KNOWN_ORDERS[:4]
    for name, colour in zip(names, ("#c0392b", "#e67e22", "#f1c40f", "#2e86c1"), strict=True)
}


@dataclass(frozen=True)
class Theme:
    """
    One class for each building.

    Parameters
    ----------
    name
        What the classes are, as headings name it, e.g. ``flood_grade`` or 洪涝风险.
    classes
        All classes, the gravest first.
    of
        Class by building_id.
    """

    name: str
    classes: tuple[str, ...]
    of: Mapping[str, str]

    def classes_of(self, buildings: Sequence[str | None]) -> list[str]:
        """
        Return the class of each building, `NO_CLASS` where the theme has none.

        Parameters
        ----------
        buildings
            Their ids; None for ground without a building.
        """
        return [NO_CLASS if each is None else self.of.get(each, NO_CLASS) for each in buildings]


def read_theme(
    source: str | Path | pd.DataFrame,
    column: str,
    *,
    layer: str | None = None,
    building: str | None = None,
    order: Sequence[str] = (),
) -> Theme:
    """
    Read the classes of buildings from a table: a column of the source's own, or a list kept by another office.

    Parameters
    ----------
    source
        A frame, or the path of a table; a GeoPackage's layer ``buildings`` is taken where ``layer`` names none.
    column
        Column that holds the class; rows without one have none.
    layer
        Layer or sheet in the file.
    building
        Column of the building's id where it is not ``building_id`` or one of its Chinese names.
    order
        Classes, the gravest first; a known order (red, orange, yellow, blue; 高中低) or that of the texts otherwise.

    Raises
    ------
    InputError
        If the file or a column is missing, ids are missing, or a building has two classes.
    """
    log = FaultLog()
    columns = {"class": column, **({"building_id": building} if building else {})}
    inside = layer or ("buildings" if isinstance(source, (str, Path)) and str(source).endswith(".gpkg") else None)
    rows = read_named(source, "buildings", ("building_id", "class"), log, columns=columns, sublayer=inside)
    file = "" if isinstance(source, pd.DataFrame) else str(source)
    empty = rows["building_id"].isna()
    if empty.any():
        log.add("empty-id", "buildings", "building_id", rows=[int(at) + 1 for at in empty[empty].index], file=file)
    given = rows[rows["class"].notna() & ~empty].drop_duplicates(["building_id", "class"])
    twice = given[given["building_id"].duplicated()]["building_id"]
    if len(twice):
        log.add("two-classes", "buildings", column, rows=twice.tolist(), file=file)
    if log.broken:
        raise InputError(log.sorted())
    of = dict(zip(given["building_id"], given["class"], strict=True))
    return Theme(column, _ordered(set(of.values()), order), of)


def _ordered(found: set[str], order: Sequence[str]) -> tuple[str, ...]:
    """Return the classes found in the order given, else a known one; classes beyond it come after, by text."""
    folded = {each.casefold() for each in found}
    known = order or max(KNOWN_ORDERS, key=lambda names: len(folded & set(names)))
    places = {name: place for place, name in enumerate(known)}
    return tuple(sorted(found, key=lambda name: (places.get(name, places.get(name.casefold(), len(places))), name)))


def by_grid(plan: Plan, theme: Theme) -> pd.DataFrame:
    """
    Sum a theme by grid.

    Parameters
    ----------
    plan
        The plan.
    theme
        Classes of its buildings.

    Returns
    -------
    sums
        ``grid_code, class, buildings, households``, one row for each grid and class that it has, by code and class;
        the households of a grid's rows add up to the grid's.
    """
    units = plan.units[plan.units["building_id"].notna()]
    rows = pd.DataFrame(
        {
            "grid_code": units["grid_code"].to_numpy(dtype=object),
            "class": pd.Categorical(
                theme.classes_of(units["building_id"].tolist()), categories=[*theme.classes, NO_CLASS], ordered=True
            ),
            "building_id": units["building_id"].to_numpy(dtype=object),
            "households": units["households"].to_numpy(),
        }
    )
    grouped = rows.groupby(["grid_code", "class"], observed=True, sort=True)
    sums = grouped.agg(buildings=("building_id", "nunique"), households=("households", "sum")).reset_index()
    return sums.astype({"class": object, "households": "int64"})
