"""Incidents over the grids of a plan, by cluster, heat and time, on a page that opens without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from maps.diff_map import communities_of
from maps.offline import page_words
from maps.payload import MapInputError, PlanFrames, dump, plan_payload
from maps.plan_map import check_language, figure
from maps.viewer.incidents import incidents_payload

if TYPE_CHECKING:
    from gridplan.plan import Plan

_OPTIONAL = ("closed_at", "due_at", "on_time")


def incidents_page(
    plan: Plan,
    incidents: pd.DataFrame,
    *,
    title: str | None = None,
    zone: str = "Asia/Shanghai",
    lang: str = "zh",
) -> str:
    """
    Return the map of a plan with incidents over it as the text of one HTML file that loads nothing from a network.

    The page shows them as clusters or as heat, of any period that its slider is set to.

    Parameters
    ----------
    plan
        The plan.
    incidents
        ``reported_at`` (aware), ``lon, lat`` (WGS 84) and ``grid_code``; those without coordinates are left out.
        Columns as `gridplan.incidents.tables.COLUMNS` has them; the others may be missing.
    title
        Title of the page; the plan's name where None.
    zone
        Time zone in which days begin.
    lang
        Language in which the page opens, ``zh`` or ``en``.

    Raises
    ------
    MapInputError
        If a column is missing, or no incident has a place.
    RulesError
        If ``lang`` is neither.
    """
    check_language(lang)
    frames = PlanFrames(plan.grids, plan.units, plan.violations, None, communities_of(plan))
    payload = plan_payload(frames, plan.report)
    name = title or plan.name or str(plan.report.get("source", ""))
    payload.update(title=name, lang=lang, selected=None, words=page_words())
    payload["incidents"] = _columns(incidents, zone)
    return figure(payload["bounds"], lang).page(name, dump(payload))


def _columns(incidents: pd.DataFrame, zone: str) -> dict[str, Any]:
    missing = [name for name in ("reported_at", "lon", "lat", "grid_code") if name not in incidents]
    if missing:
        raise MapInputError(f"incidents: expected the columns reported_at, lon, lat, grid_code; missing {missing}")
    placed = incidents[incidents["lon"].notna() & incidents["lat"].notna() & incidents["reported_at"].notna()]
    if placed.empty:
        raise MapInputError("incidents: expected at least one with lon, lat and reported_at; found none")
    whole = placed if "category" in placed else placed.assign(category="")
    whole = whole.reindex(columns=[*whole.columns, *(name for name in _OPTIONAL if name not in whole)])
    columns = incidents_payload(whole, {}, zone=zone, exact=True, digest="")
    return {name: columns[name] for name in ("n", "firstDay", "lastDay", "minute", "lon", "lat")}
