"""What stands around the frame of a map sheet: title, legend, table of grids, scale, north, what must be said."""

from __future__ import annotations

import math
from typing import Any

from gridplan.exports.dossier import Dossier
from gridplan.exports.mapping import COMMUNITY_LINE, GRID_LINE, HOUSE, STREET, WATER, short_name
from gridplan.exports.paper import COMPASS, FOOT_LINE, LEGEND, MARGIN, ROW, USUAL_SCALE, Page, table_columns
from gridplan.words import grouped, heading, word

_TEXT = 8.0
_SMALL = 7.0
_HEADS = ("term.grid", "column.households", "column.worker", "column.phone")
# Width of a Chinese character of the small size, millimetres.
_LETTER_MM = _SMALL * 25.4 / 72


def footer_lines(dossier: Dossier, width: float) -> list[str]:
    """
    Return the footer, broken to the width of the paper.

    Parameters
    ----------
    dossier
        Says what.
    width
        Of the paper, millimetres.
    """
    most = (width - 2 * MARGIN) / _LETTER_MM
    lines: list[str] = []
    for text in dossier.footer:
        line, long = "", 0.0
        for letter in text:
            wide = 1.0 if ord(letter) > 0x2E7F else 0.58
            if long + wide > most:
                lines.append(line)
                line, long = "", 0.0
            line, long = line + letter, long + wide
        lines.append(line)
    return lines


def draw_margin(figure: Any, dossier: Dossier, page: Page) -> None:
    """
    Draw everything outside the frame.

    Parameters
    ----------
    figure
        The sheet.
    dossier
        Of one community.
    page
        Its layout.
    """
    axes = figure.add_axes((0, 0, 1, 1), zorder=-1)
    axes.set(xlim=(0, page.width), ylim=(0, page.height))
    axes.axis("off")
    _title(axes, dossier, page)
    top = MARGIN + page.foot + page.band
    _legend(axes, dossier, MARGIN, top)
    _table(axes, dossier, page, top)
    _scale(axes, dossier, page, top)
    for number, line in enumerate(reversed(footer_lines(dossier, page.width))):
        first = number == len(footer_lines(dossier, page.width)) - 1
        axes.text(
            MARGIN, MARGIN + FOOT_LINE * (number + 0.3), line, fontsize=_SMALL, weight="bold" if first else "normal"
        )


def _title(axes: Any, dossier: Dossier, page: Page) -> None:
    (code,) = dossier.communities
    grids = dossier.grids
    name = dossier.names[code]
    total = int(grids["households"].sum())
    middle, top = page.width / 2, page.height - MARGIN
    title = dossier.say(f"{name}网格图", f"Grids of {name}")
    axes.text(middle, top - 6, title, fontsize=20, weight="bold", ha="center", va="center")
    under = dossier.say(
        f"社区编码 {code}　　网格 {len(grids)} 个　　共 {grouped(total)} 户　　{dossier.in_force}",
        f"community {code}    {len(grids)} grids    {grouped(total)} households    {dossier.in_force}",
    )
    axes.text(middle, top - 15.5, under, fontsize=9, ha="center", va="center")


def _legend(axes: Any, dossier: Dossier, left: float, top: float) -> None:
    """Draw the legend: of what the sheet can show."""
    say = dossier.say
    axes.text(left, top - 3, say("图例", "Legend"), fontsize=9, weight="bold", va="center")
    lines: list[tuple[str, dict[str, Any]]] = [
        (word("measure.boundary", dossier.lang), {"color": GRID_LINE, "linewidth": 1.5}),
        (
            word("measure.community_border", dossier.lang),
            {"color": COMMUNITY_LINE, "linewidth": 2.4, "linestyle": (0, (7, 2, 1.5, 2))},
        ),
    ]
    areas = []
    if dossier.district is not None:
        lines.append((word("barrier.street", dossier.lang), {"color": STREET, "linewidth": 2}))
        lines.append(
            (word("barrier.railway", dossier.lang), {"color": "#333333", "linewidth": 2, "linestyle": (0, (3, 1))})
        )
        areas = [(word("barrier.water", dossier.lang), WATER), (word("term.building", dossier.lang), HOUSE)]
    y = top - 3
    for words, style in lines:
        y -= ROW
        axes.plot([left, left + 14], [y, y], solid_capstyle="butt", **style)
        axes.text(left + 17, y, words, fontsize=_TEXT, va="center")
    for words, fill in areas:
        y -= ROW
        axes.fill(
            [left, left + 14, left + 14, left],
            [y - 1.4, y - 1.4, y + 1.4, y + 1.4],
            facecolor=fill,
            edgecolor="#777777",
            linewidth=0.4,
        )
        axes.text(left + 17, y, words, fontsize=_TEXT, va="center")


def _table(axes: Any, dossier: Dossier, page: Page, top: float) -> None:
    """Draw the table of grids with room for who serves them and how to call them."""
    heads = [heading(name, dossier.lang) for name in _HEADS]
    columns = table_columns(page.width)
    left, across = MARGIN + LEGEND, (page.width - 2 * MARGIN - LEGEND - COMPASS) / columns
    stops = [0.0, 0.38, 0.54, 0.74, 0.97]
    rows = [
        [short_name(row["grid_code"], row["name"], dossier), str(row["households"]), "", ""]
        for row in dossier.grids.to_dict("records")
    ]
    each = math.ceil(len(rows) / columns)
    for column in range(columns):
        part = rows[column * each : (column + 1) * each]
        x = left + column * across
        for number, cells in enumerate([heads, *part] if part else []):
            y = top - ROW * number
            for place, text in enumerate(cells):
                axes.text(
                    x + stops[place] * across + 1,
                    y - ROW / 2,
                    text,
                    fontsize=_SMALL,
                    va="center",
                    weight="normal" if number else "bold",
                )
            axes.plot([x, x + stops[-1] * across], [y - ROW] * 2, color="#999999", linewidth=0.4)
        if part:
            low = top - ROW * (len(part) + 1)
            axes.plot([x, x + stops[-1] * across], [top, top], color="#333333", linewidth=0.8)
            for stop in stops:
                axes.plot([x + stop * across] * 2, [low, top], color="#999999", linewidth=0.4)


def _scale(axes: Any, dossier: Dossier, page: Page, top: float) -> None:
    """Draw north, the scale in figures and as a bar."""
    middle = page.width - MARGIN - COMPASS / 2 + 2
    axes.fill([middle, middle - 4, middle], [top - 2, top - 16, top - 12.5], facecolor="black", linewidth=0)
    axes.fill(
        [middle, middle + 4, middle],
        [top - 2, top - 16, top - 12.5],
        facecolor="white",
        edgecolor="black",
        linewidth=0.6,
    )
    axes.text(middle, top - 19, dossier.say("北", "N"), fontsize=10, weight="bold", ha="center", va="center")
    axes.text(middle, top - 25.5, f"1:{page.scale}", fontsize=11, weight="bold", ha="center", va="center")
    metres = next(each for each in (2000, 1000, 500, 200, 100, 50, 20) if each * 1000 / page.scale <= 36)
    wide = metres * 1000 / page.scale
    for part in range(4):
        x, quarter = middle - wide / 2 + part * wide / 4, wide / 4
        fill = "black" if part % 2 == 0 else "white"
        axes.fill(
            [x, x + quarter, x + quarter, x],
            [top - 31.5] * 2 + [top - 30] * 2,
            facecolor=fill,
            edgecolor="black",
            linewidth=0.5,
        )
    axes.text(middle - wide / 2, top - 34, "0", fontsize=_SMALL, ha="center", va="center")
    axes.text(middle + wide / 2, top - 34, f"{metres} m", fontsize=_SMALL, ha="center", va="center")
    size = dossier.say(f"{page.paper} 幅面打印", f"to be printed on {page.paper}")
    axes.text(middle, top - 38.5, size, fontsize=_SMALL, ha="center", va="center")
    if page.scale > USUAL_SCALE:
        note = dossier.say(
            f"超出 1:{USUAL_SCALE}，{page.paper} 容纳所需", f"smaller than 1:{USUAL_SCALE} to fit {page.paper}"
        )
        axes.text(middle, top - 42.5, note, fontsize=6, ha="center", va="center")
