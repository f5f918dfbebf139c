"""The morning report as a document to print: what came in, what was done of it, where it gathers, by grid."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import shapely

from gridplan.exports.fonts import dress, find_face
from gridplan.exports.mapping import draw_areas
from gridplan.exports.mapsheet import SETTINGS
from gridplan.exports.sheetparts import put_legend, put_rows
from gridplan.incidents.summary import Summary
from gridplan.words import day, grouped, word

Lang = Literal["zh", "en"]
_WIDE, _HIGH, _EDGE, _MM = 210.0, 297.0, 12.0, 1 / 25.4
_ROW, _TABLE_ROWS, _MAP_HIGH = 5.6, 44, 190.0
#: Fills from few to many; told apart by the colour-blind and in grey print (ColorBrewer YlOrBr, Harrower 2003).
FILLS: Final = ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404")
_UNKNOWN, _RISEN = "#eeeeea", "#1b2a8a"
_HEADS: Final = (
    "term.grid", "column.received", "column.change_on_before", "column.closure", "column.timeliness",
    "column.satisfaction", "column.hours_to_close", "column.per_100_households",
)  # fmt: skip
_STOPS: Final = (0.0, 0.22, 0.30, 0.39, 0.54, 0.68, 0.82, 0.91)


def write_briefing(
    path: Path,
    district: Summary,
    by_grid: Summary,
    grids: gpd.GeoDataFrame,
    *,
    made_on: date,
    title: str | None = None,
    remarks: Sequence[str] = (),
    lang: Lang = "zh",
) -> int:
    """
    Write the report.

    Parameters
    ----------
    path
        PDF to write.
    district, by_grid
        Numbers of the period, at level ``all`` and at level ``grid``.
    grids
        ``grid_code, geometry`` of the grids counted, in a projected CRS.
    made_on
        Day to print.
    title
        Heading; 网格事件晨报 by default.
    remarks
        What else is to be said on the first page, a line each: rises beyond chance, places where it gathers.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    pages
        Number of pages.

    Raises
    ------
    ExportError
        If no Chinese font is installed.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import PdfPages

    find_face()
    zh = lang == "zh"
    heading = title or ("网格事件晨报" if zh else "Morning report of incidents by grid")
    rows = sorted(by_grid.to_dicts(), key=lambda row: (-row["received"], row["code"]))
    metadata: Any = {"Title": heading, "CreationDate": None}
    with (
        mpl.rc_context(dict(SETTINGS)),
        tempfile.TemporaryDirectory() as folder,
        PdfPages(path, metadata=metadata) as out,
    ):
        count = 0
        for figure in _pages(district, rows, grids, heading, made_on, remarks, lang):
            count += 1
            place = Path(folder) / str(count)
            place.mkdir()
            dress(figure, place)
            out.savefig(figure)
    return count


def _pages(
    district: Summary,
    rows: list[dict[str, Any]],
    grids: gpd.GeoDataFrame,
    heading: str,
    made_on: date,
    remarks: Sequence[str],
    lang: Lang,
) -> Iterator[Any]:
    """Yield the pages as figures: the overview, then the table."""
    parts = [rows[begin : begin + _TABLE_ROWS] for begin in range(0, len(rows), _TABLE_ROWS)]
    figure, page = _page(heading, 1, 1 + len(parts), made_on, lang)
    _overview(page, district, rows, remarks, lang)
    _map(figure, page, rows, grids, lang)
    yield figure
    for number, part in enumerate(parts, 2):
        figure, page = _page(heading, number, 1 + len(parts), made_on, lang)
        _table(page, part, lang)
        yield figure


def _page(heading: str, number: int, of: int, made_on: date, lang: Lang) -> tuple[Any, Any]:
    """Return a sheet of A4 with its head and foot, and its axes in millimetres."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDE * _MM, _HIGH * _MM))
    page = figure.add_axes((0, 0, 1, 1), zorder=-1)
    page.set(xlim=(0, _WIDE), ylim=(0, _HIGH))
    page.axis("off")
    page.text(_WIDE / 2, _HIGH - _EDGE - 4, heading, fontsize=18 if number == 1 else 11, weight="bold", ha="center")
    foot = f"{word('said.no_division', lang)}　{day(made_on, lang)}　{number}/{of}"
    page.text(_WIDE / 2, _EDGE - 4, foot, fontsize=7, ha="center")
    return figure, page


def _overview(page: Any, district: Summary, rows: list[dict[str, Any]], remarks: Sequence[str], lang: Lang) -> None:
    """Write the sums, each rate with its counts, and what lies beyond chance."""
    whole = district.to_dicts()[0]
    period = district.period
    zh = lang == "zh"
    days = "–".join(dict.fromkeys(day(each, lang) for each in (period.first, period.last)))
    lines = [days, _sums(whole, zh), *_beyond(rows, zh), *remarks]
    waiting = district.unplaced.get("received", 0)
    if waiting:
        lines.append(
            f"另有 {waiting} 件待人工核定网格" if zh else f"{waiting} more wait for a person to name their grid"
        )
    for number, line in enumerate(lines):
        bold = "bold" if number == 1 else "normal"
        page.text(_WIDE / 2, _HIGH - _EDGE - 13 - 5.4 * number, line, fontsize=9, ha="center", weight=bold)


def _sums(whole: dict[str, Any], zh: bool) -> str:
    change, received = f"{whole['change']:+d}", grouped(whole["received"])
    rates = [_rate(whole[name]) for name in ("closure", "timeliness", "satisfaction")]
    if zh:
        return f"受理 {received} 件（较上期 {change}）　办结 {rates[0]}　按时 {rates[1]}　满意 {rates[2]}"
    return f"received {received} ({change})   closed {rates[0]}   on time {rates[1]}   satisfied {rates[2]}"


def _rate(rate: dict[str, Any]) -> str:
    """Return a rate in per cent with its counts; nothing counted has no rate."""
    counts = f"{rate['numerator']}/{rate['denominator']}"
    if rate["rate"] is None:
        return f"{counts}"
    mark = {"above": "▲", "below": "▼"}.get(rate["flag"], "")
    return f"{rate['rate']:.1%} ({counts}){mark}"


def _beyond(rows: list[dict[str, Any]], zh: bool) -> list[str]:
    """Return the grids with more incidents for their households than chance explains, at most five, in a line."""
    high = [row for row in rows if row["per_100_households"]["flag"] == "above"]
    if not high:
        return [
            "各网格百户件数均在偶然波动范围内" if zh else "no grid has more for its households than chance explains"
        ]
    said = "、".join(f"{row['code']}（{row['received']}）" for row in high[:5])
    if zh:
        return [f"百户件数超出偶然波动：{said}{f' 等 {len(high)} 个网格' if len(high) > 5 else ''}"]
    return [f"more than chance explains: {said}{f' and {len(high) - 5} more' if len(high) > 5 else ''}"]


def _map(figure: Any, page: Any, rows: list[dict[str, Any]], grids: gpd.GeoDataFrame, lang: Lang) -> None:
    """Draw the grids by what came in; those beyond chance have a thick border."""
    across, low = _WIDE - 2 * _EDGE, 38.0
    axes = figure.add_axes((_EDGE / _WIDE, low / _HIGH, across / _WIDE, _MAP_HIGH / _HIGH))
    axes.set(xticks=[], yticks=[])
    west, south, east, north = shapely.total_bounds(grids.geometry.to_numpy())
    wide = 1.04 * max(east - west, (north - south) * across / _MAP_HIGH)
    axes.set(xlim=((west + east) / 2 - wide / 2, (west + east) / 2 + wide / 2))
    half = wide * _MAP_HIGH / across / 2
    axes.set(ylim=((south + north) / 2 - half, (south + north) / 2 + half))
    received = grids["grid_code"].map({row["code"]: row["received"] for row in rows}).fillna(0).to_numpy()
    limits = classes(received)
    place = np.searchsorted(limits, received, side="left")
    for number, fill in enumerate(FILLS[: len(limits) + 1]):
        draw_areas(axes, grids.geometry[place == number], facecolor=fill, edgecolor="#8a8a80", linewidth=0.3, zorder=2)
    high = {row["code"] for row in rows if row["per_100_households"]["flag"] == "above"}
    risen = grids.geometry[grids["grid_code"].isin(high)]
    draw_areas(axes, risen, facecolor="none", edgecolor=_RISEN, linewidth=1.6, zorder=3)
    _legend(page, limits, low - 6, lang)


def classes(counts: Any) -> list[int]:
    """
    Return upper limits of at most five classes of counts, by quantiles of what is not 0; 0 is a class of its own.

    Parameters
    ----------
    counts
        Whole numbers.
    """
    some = np.sort(np.asarray(counts)[np.asarray(counts) > 0])
    if not len(some):
        return [0]
    inner = np.quantile(some, [0.25, 0.5, 0.75], method="inverted_cdf").astype(int)
    return sorted({0, *(int(each) for each in inner if each < some[-1])})


def _legend(page: Any, limits: list[int], y: float, lang: Lang) -> None:
    edges = ["0", *(f"{low + 1}–{high}" for low, high in itertools.pairwise(limits)), f"> {limits[-1]}"]
    said = (
        "受理件数；粗线：百户件数超出偶然波动" if lang == "zh" else "received; thick border: more than chance explains"
    )
    put_legend(page, list(zip(edges, FILLS, strict=False)), (said, _RISEN, 1.6), left=_EDGE, y=y)


def _table(page: Any, rows: list[dict[str, Any]], lang: Lang) -> None:
    """Write rows of grids: counts, rates with numerator and denominator."""
    lines = [[word(name, lang) for name in _HEADS], *(_cells(row) for row in rows)]
    top = _HIGH - _EDGE - 14
    put_rows(page, lines, left=_EDGE, top=top, across=_WIDE - 2 * _EDGE, stops=_STOPS, row=_ROW, size=7.5)


def _cells(row: dict[str, Any]) -> list[str]:
    hours = row["hours_to_close"]
    density = row["per_100_households"]
    mark = {"above": "▲", "below": "▼"}.get(density["flag"], "")
    rates = [_rate(row[name]) for name in ("closure", "timeliness", "satisfaction")]
    per = "-" if density["rate"] is None else f"{density['rate']:.2f}{mark}"
    return [
        row["code"],
        str(row["received"]),
        f"{row['change']:+d}",
        *rates,
        "-" if hours is None else f"{hours:.1f}",
        per,
    ]
