"""A selection on one printed page: the area, the buildings' ground by class, the grids and whom to call."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from gridplan.exports.fonts import dress, find_face
from gridplan.exports.labels import Labels
from gridplan.exports.mapping import GRID_LINE, draw_areas
from gridplan.exports.mapsheet import DPI, SETTINGS
from gridplan.exports.sheetparts import put_legend, put_rows
from gridplan.situation.sheet import Lang, about_lines, heading
from gridplan.situation.theme import COLOURS, NO_CLASS
from gridplan.words import word

if TYPE_CHECKING:
    from gridplan.situation.selection import Selection

_WIDE, _HIGH, _EDGE, _MM = 210.0, 297.0, 10.0, 1 / 25.4
_TITLE, _MAP_HIGH, _ROW, _FOOT = 24.0, 135.0, 5.2, 12.0
_PICKED, _AREA_LINE, _PLAIN = "#e67e22", "#154360", ("#c0392b", "#e67e22", "#f1c40f", "#2e86c1", "#8e44ad", "#16a085")
_COLUMNS: Final = ("grid_code", "community_name", "households", "class", "worker", "phone", "deputies")
_STOPS: Final = (0.0, 0.17, 0.30, 0.36, 0.56, 0.67, 0.80)
# Ground around what was picked, as a share of its extent, and at least, metres.
_AROUND, _LEAST_M = 0.15, 60.0


def write_poster(
    selection: Selection, paths: Mapping[str, Path], *, title: str, made_on: date, lang: Lang = "zh"
) -> None:
    """
    Write the page as PDF, PNG or both.

    Parameters
    ----------
    selection
        The buildings picked; those with most households to reach stand first, as many grids as the page holds.
    paths
        Files by ``pdf`` and ``png``.
    title
        Heading.
    made_on
        Day to print.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    ExportError
        If no Chinese font is installed.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    find_face()
    with mpl.rc_context(dict(SETTINGS)), tempfile.TemporaryDirectory() as folder:
        figure = Figure(figsize=(_WIDE * _MM, _HIGH * _MM))
        page = figure.add_axes((0, 0, 1, 1), zorder=-1)
        page.set(xlim=(0, _WIDE), ylim=(0, _HIGH))
        page.axis("off")
        page.text(_WIDE / 2, _HIGH - _EDGE - 5, title, fontsize=18, weight="bold", ha="center", va="center")
        for number, line in enumerate(about_lines(selection, made_on, lang)):
            page.text(_WIDE / 2, _HIGH - _EDGE - 12 - 4.4 * number, line, fontsize=8, ha="center", va="center")
        _map(figure, selection)
        _legend(page, selection, lang)
        _table(page, selection, lang)
        page.text(_EDGE, _EDGE, word("said.no_division", lang), fontsize=7, weight="bold")
        dress(figure, Path(folder))
        for kind, path in paths.items():
            about: dict[str, Any] = {"Title": title} | ({"CreationDate": None} if kind == "pdf" else {})
            figure.savefig(path, format=kind, dpi=DPI, metadata=about)


def _map(figure: Any, selection: Selection) -> None:
    """Draw the map in its frame, as large as it fits."""
    across = _WIDE - 2 * _EDGE
    low = _HIGH - _EDGE - _TITLE - _MAP_HIGH
    axes = figure.add_axes((_EDGE / _WIDE, low / _HIGH, across / _WIDE, _MAP_HIGH / _HIGH))
    units = selection.plan.units
    cells = units[units["unit_id"].isin(units.loc[selection.rows, "unit_id"]) & units["geometry"].notna()]
    shown = [*cells.geometry, *([] if selection.area is None else [selection.area])]
    west, south, east, north = shapely.total_bounds(np.asarray(shown, dtype=object))
    wide = max((east - west) * (1 + _AROUND), (north - south) * (1 + _AROUND) * across / _MAP_HIGH, 2 * _LEAST_M)
    middle = ((west + east) / 2, (south + north) / 2)
    scale = wide * 1000 / across
    axes.set(xlim=(middle[0] - wide / 2, middle[0] + wide / 2), xticks=[], yticks=[])
    half = wide * _MAP_HIGH / across / 2
    axes.set(ylim=(middle[1] - half, middle[1] + half))
    frame = shapely.box(middle[0] - wide / 2, middle[1] - half, middle[0] + wide / 2, middle[1] + half)
    grids = selection.plan.grids[shapely.intersects(frame, selection.plan.grids.geometry.to_numpy())]
    draw_areas(axes, grids.geometry, facecolor="#f6f5f0", edgecolor="none", zorder=1)
    _ground(axes, selection, cells)
    draw_areas(axes, grids.geometry, facecolor="none", edgecolor=GRID_LINE, linewidth=1.0, zorder=4)
    if selection.area is not None:
        draw_areas(
            axes, [selection.area], facecolor="#1b4f7222", edgecolor=_AREA_LINE, linewidth=1.6, linestyle="--", zorder=5
        )
    _names(Labels(axes, round(scale)), selection, grids, frame)


def _ground(axes: Any, selection: Selection, cells: Any) -> None:
    """Draw the ground of the buildings picked, by the gravest class on it."""
    rows = selection.plan.units.loc[selection.rows, ["unit_id", "building_id"]]
    places = {name: place for place, name in enumerate(selection.classes)}
    classes = (
        ([NO_CLASS] * len(rows))
        if selection.theme is None
        else selection.theme.classes_of(rows["building_id"].tolist())
    )
    gravest = rows.assign(place=[places.get(each, len(places)) for each in classes]).groupby("unit_id")["place"].min()
    for place, mine in cells.groupby(cells["unit_id"].map(gravest)):
        name = selection.classes[int(place)] if place < len(selection.classes) else NO_CLASS
        draw_areas(
            axes, mine.geometry, facecolor=colour_of(name, selection), edgecolor="white", linewidth=0.3, zorder=2
        )


def colour_of(name: str, selection: Selection) -> str:
    """
    Return the colour that a class is drawn in.

    Parameters
    ----------
    name
        The class.
    selection
        Says which classes there are.
    """
    if selection.theme is None:
        return _PICKED
    if name == NO_CLASS:
        return "#bdbdb5"
    return COLOURS.get(name.casefold(), _PLAIN[selection.theme.classes.index(name) % len(_PLAIN)])


def _names(labels: Labels, selection: Selection, grids: Any, frame: Any) -> None:
    """Write the codes of the grids concerned, those with most households first, where there is room."""
    order = {code: place for place, code in enumerate(selection.grids["grid_code"])}
    mine = grids[grids["grid_code"].isin(order)].assign(place=lambda rows: rows["grid_code"].map(order))
    for row in mine.sort_values("place").itertuples():
        inside = shapely.intersection(row.geometry, frame)
        x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(inside, tolerance=1.0))[0]
        labels.write(str(row.grid_code)[-6:], float(x), float(y), 7.0, color="#5c0b3a", weight="bold", zorder=6)


def _legend(page: Any, selection: Selection, lang: Lang) -> None:
    """Draw what the colours mean, in one line below the map."""
    y = _HIGH - _EDGE - _TITLE - _MAP_HIGH - 5
    named = [(heading(name, lang), colour_of(name, selection)) for name in selection.classes]
    named = named or [("选中楼栋用地" if lang == "zh" else "ground picked", _PICKED)]
    line = (word("measure.boundary", lang), GRID_LINE, 1.2)
    put_legend(page, named, line, left=_EDGE, y=y)


def _table(page: Any, selection: Selection, lang: Lang) -> None:
    """Draw the table of grids; what does not fit is said."""
    top = _HIGH - _EDGE - _TITLE - _MAP_HIGH - 12
    room = int((top - _EDGE - _FOOT) // _ROW) - 1
    grids = selection.grids
    parts = grids[selection.classes].to_dict("records")
    said = [" ".join(f"{heading(str(k), lang)}{n}" for k, n in row.items() if n) for row in parts]
    grids = grids.assign(**{"class": said})
    rows = grids[list(_COLUMNS)].astype(object).where(lambda frame: frame.notna(), "")
    lines = [[heading(name, lang) for name in _COLUMNS], *rows.head(room).to_numpy(dtype=object).tolist()]
    put_rows(page, lines, left=_EDGE, top=top, across=_WIDE - 2 * _EDGE, stops=_STOPS, row=_ROW, size=7.0)
    if len(grids) > room:
        more = len(grids) - room
        text = f"另有 {more} 个网格，见表格文件" if lang == "zh" else f"{more} more grids: see the workbook"
        page.text(_EDGE, top - (room + 1) * _ROW, text, fontsize=7.5, va="center")
