"""Where things stand on a map sheet: paper, scale, frame, bands; in millimetres from the lower left corner."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from gridplan.errors import ExportError

PaperName = Literal["auto", "A4", "A3"]
#: Sizes in millimetres, upright.
SIZES: Final = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
#: Round scales, the largest first; 1:1000 to 1:3000 are what a grid map should have.
SCALES: Final = (1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 8000, 10_000, 15_000, 20_000, 25_000, 50_000, 100_000)
USUAL_SCALE: Final = 3000
MARGIN: Final = 10.0
TITLE: Final = 20.0
FOOT_LINE: Final = 4.2
ROW: Final = 5.4
LEGEND: Final = 58.0
COMPASS: Final = 46.0
TABLE: Final = 84.0
_LEAST_BAND = 46.0
# Share of the frame that the community may fill.
_FILL = 0.96


@dataclass(frozen=True)
class Page:
    """
    A sheet laid out.

    Parameters
    ----------
    paper
        ``A4`` or ``A3``.
    width, height
        Of the paper, millimetres.
    scale
        Denominator.
    band, foot
        Heights of the band of legend and table, and of the footer, millimetres.
    """

    paper: str
    width: float
    height: float
    scale: int
    band: float
    foot: float

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of the map."""
        return _frame(self.width, self.height, self.band, self.foot)


def lay_out(width_m: float, height_m: float, n_grids: int, n_lines: int, paper: PaperName = "auto") -> Page:
    """
    Choose paper and scale for a community.

    Parameters
    ----------
    width_m, height_m
        Its extent, metres.
    n_grids
        Rows of the table of grids.
    n_lines
        Lines of the footer.
    paper
        ``A4``, ``A3``, or ``auto``: A4 where that gives 1:2000 or larger, else A3.

    Returns
    -------
    page
        At the largest round scale that fits, upright or lying.

    Raises
    ------
    ExportError
        If not even the smallest scale fits.
    """
    tried = [paper] if paper != "auto" else ["A4", "A3"]
    pages = [page for name in tried for page in _pages(name, width_m, height_m, n_grids, n_lines)]
    if not pages:
        raise ExportError(f"{width_m:.0f} m by {height_m:.0f} m do not fit a sheet at 1:{SCALES[-1]}")
    small = [page for page in pages if page.paper == "A4" and page.scale <= 2000]
    return min(small or pages, key=lambda page: (page.scale, page.width > page.height))


def _pages(paper: str, width_m: float, height_m: float, n_grids: int, n_lines: int) -> list[Page]:
    """Return the sheets of one size on which it fits, at their largest scale."""
    found = []
    for width, height in (SIZES[paper], SIZES[paper][::-1]):
        band = max(_LEAST_BAND, ROW * (1 + math.ceil(n_grids / table_columns(width))) + 2)
        foot = FOOT_LINE * n_lines + 3
        _, _, across, up = _frame(width, height, band, foot)
        fits = [
            scale
            for scale in SCALES
            if width_m * 1000 / scale <= across * _FILL and height_m * 1000 / scale <= up * _FILL
        ]
        found += [Page(paper, width, height, fits[0], band, foot)] if fits else []
    return found


def table_columns(width: float) -> int:
    """
    Return how many tables of grids stand side by side.

    Parameters
    ----------
    width
        Of the paper, millimetres.
    """
    return max(1, int((width - 2 * MARGIN - LEGEND - COMPASS) // TABLE))


def _frame(width: float, height: float, band: float, foot: float) -> tuple[float, float, float, float]:
    low = MARGIN + foot + band + 3
    return MARGIN, low, width - 2 * MARGIN, height - MARGIN - TITLE - low
