"""The map of a plan as one HTML page that opens without a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import folium
import geopandas as gpd
import pandas as pd
from branca.element import MacroElement
from jinja2 import Template

from gridplan.errors import RulesError
from maps.offline import OfflineFigure, elements_of, page_words, vendored_url
from maps.payload import PlanFrames, dump, plan_payload

LANGUAGES = ("zh", "en")
MOST_ZOOM = 20
_OWN_FILES = (
    "plan.css",
    "core.js",
    "card.js",
    "layers.js",
    "labels.js",
    "panel.js",
    "violations.js",
    "spots.js",
    "main.js",
)


class PlanMap(folium.Map):
    """
    A folium map with Leaflet alone: no base map, and none of the other libraries that folium would load.

    Parameters
    ----------
    bounds
        ``[[south, west], [north, east]]`` in degrees, shown when the page opens.
    """

    def __init__(self, bounds: list[list[float]]) -> None:
        (south, west), (north, east) = bounds
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            zoom_control=False,
            prefer_canvas=True,
            max_zoom=MOST_ZOOM,
            zoom_snap=0.25,
            fade_animation=False,  # one card at a time, at once
            attribution_control=False,
        )
        # replaced, not edited in place: folium's lists belong to the class and so to every other map
        self.default_js = [("leaflet", vendored_url("leaflet", "dist/leaflet.js"))]
        self.default_css = [("leaflet_css", vendored_url("leaflet", "dist/leaflet.css"))]
        self._id = "plan"  # folium's random name would make two pages of one plan differ


class PlanLayers(MacroElement):
    """Starts our own script on the map that it is added to; the script reads the page's data block."""

    _template = Template(
        "{% macro script(this, kwargs) %}gridplanMap.start({{ this._parent.get_name() }});{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's is not typed
        self._name = "PlanLayers"
        self._id = "plan"


def plan_page(
    grids: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    violations: pd.DataFrame,
    *,
    barriers: gpd.GeoDataFrame | None,
    communities: gpd.GeoDataFrame | None,
    report: Mapping[str, Any],
    title: str,
    lang: str = "zh",
) -> str:
    """
    Return the map of a plan as the text of one HTML file that loads nothing from a network.

    The same plan gives the same text. Names and codes of the plan are shown as text and never as markup.

    Parameters
    ----------
    grids, units, violations
        Layers of the plan with the columns of the contract, in a projected CRS in metres.
    barriers
        ``kind, geometry`` (lines and polygons) in the same CRS, or None.
    communities
        ``community_code, name, geometry`` in the same CRS, or None.
    report
        The plan's report. Read are ``rules`` (or ``band``) with ``minimum, target, maximum`` in households, and
        where present ``seconds`` (a number, or by stage), ``seed, version``, ``households_are, notices``
        (a list of ``{"zh": ..., "en": ...}`` shown on top: synthetic or estimated data).
    title
        Title of the page, e.g. the district's name.
    lang
        Language in which the page opens, ``zh`` or ``en``; it can be switched in the page.

    Returns
    -------
    str
        The page, to be written as UTF-8.

    Raises
    ------
    MapInputError
        Where the plan has no grids, its CRS is not projected or the report names no band.
    RulesError
        Where ``lang`` is neither ``zh`` nor ``en``.
    VendorError
        Where the vendored JavaScript is missing or changed; ``python -m maps.vendor`` fetches it.
    """
    return page_of(PlanFrames(grids, units, violations, barriers, communities), report, title=title, lang=lang)


def page_of(
    frames: PlanFrames, report: Mapping[str, Any], *, title: str, lang: str = "zh", selected: str | None = None
) -> str:
    """
    Return the map of a plan's frames; see `plan_page`.

    Parameters
    ----------
    frames, report, title, lang
        As for `plan_page`.
    selected
        Code of the grid whose card is open when the page opens, or None.
    """
    check_language(lang)
    payload = plan_payload(frames, report)
    payload.update(title=title, lang=lang, selected=selected, words=page_words())
    return figure(payload["bounds"], lang).page(title, dump(payload))


def check_language(lang: str) -> None:
    """
    Refuse a language that no page speaks.

    Parameters
    ----------
    lang
        ``zh`` or ``en``.

    Raises
    ------
    RulesError
        Where it is neither.
    """
    if lang not in LANGUAGES:
        raise RulesError(f"lang must be one of {', '.join(LANGUAGES)}; found {lang!r}")


def figure(bounds: list[list[float]], lang: str) -> OfflineFigure:
    """
    Return a page without its data: folium's map, our scripts and our style sheet.

    Parameters
    ----------
    bounds
        ``[[south, west], [north, east]]`` in degrees.
    lang
        Language of the page.
    """
    page = OfflineFigure(lang={"zh": "zh-CN", "en": "en"}[lang])
    plan_map = PlanMap(bounds)
    plan_map.add_child(PlanLayers())
    page.add_child(plan_map)
    for element in elements_of(*_OWN_FILES):
        page.own.add_child(element)
    return page
