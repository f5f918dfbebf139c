"""The map sheet of a community: what is posted on the wall, as PDF and PNG."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import shapely

from gridplan.exports.dossier import Dossier
from gridplan.exports.fonts import dress, find_face
from gridplan.exports.mapping import draw_map
from gridplan.exports.margin import draw_margin, footer_lines
from gridplan.exports.paper import Page, PaperName, lay_out
from gridplan.words import word

#: Dots per inch of the PNG.
DPI: Final = 150
_MM = 1 / 25.4
#: How matplotlib writes: TrueType outlines in PDF, no mark of the moment, dollars in names as dollars.
SETTINGS: Final[Mapping[str, Any]] = {
    "pdf.fonttype": 42,
    "pdf.compression": 9,
    "axes.unicode_minus": False,
    "text.parse_math": False,
}


def write_sheet(dossier: Dossier, community: str, paths: Mapping[str, Path], paper: PaperName = "auto") -> Page:
    """
    Write the sheet of one community.

    Parameters
    ----------
    dossier
        Plan, days, source, language.
    community
        Its code.
    paths
        Files to write, by ``pdf`` and ``png``.
    paper
        ``A4``, ``A3`` or ``auto``.

    Returns
    -------
    page
        Paper and scale.

    Raises
    ------
    ExportError
        If no Chinese font is installed, or the community fits no sheet.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    find_face()
    mine = dossier.only([community])
    west, south, east, north = shapely.total_bounds(mine.grids.geometry.to_numpy())
    page = lay_out(east - west, north - south, len(mine.grids), len(footer_lines(mine, 297.0)), paper)
    with mpl.rc_context(dict(SETTINGS)), tempfile.TemporaryDirectory() as folder:
        figure = Figure(figsize=(page.width * _MM, page.height * _MM))
        left, low, across, up = page.frame
        axes = figure.add_axes((left / page.width, low / page.height, across / page.width, up / page.height))
        half_x, half_y = across * page.scale / 2000, up * page.scale / 2000
        axes.set(xlim=((west + east) / 2 - half_x, (west + east) / 2 + half_x))
        axes.set(ylim=((south + north) / 2 - half_y, (south + north) / 2 + half_y), xticks=[], yticks=[])
        draw_map(axes, mine, page.scale)
        draw_margin(figure, mine, page)
        dress(figure, Path(folder))
        about = {"Title": f"{mine.names[community]} {community}", "Subject": word("said.no_division", mine.lang)}
        for kind, path in paths.items():
            metadata: dict[str, Any] = {**about, "CreationDate": None} if kind == "pdf" else {"Title": about["Title"]}
            figure.savefig(path, format=kind, dpi=DPI, metadata=metadata)
    return page
