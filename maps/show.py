"""
Plans, differences, grids and effects inside a notebook: HTML that loads nothing and stays quick.

gridplan finds these under the entry point group ``gridplan.views`` (see pyproject.toml) and asks for them when a
notebook shows a plan; it never imports maps itself. In a checkout that is not installed ``import maps`` makes them
known.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from maps.choropleth import Measure, Method, choropleth_page
from maps.diff_map import communities_of, diff_page
from maps.incidents_map import incidents_page
from maps.payload import PlanFrames
from maps.plan_map import page_of

if TYPE_CHECKING:
    import pandas as pd

    from gridplan.diff import PlanDiff
    from gridplan.editing.effects import Effects
    from gridplan.editing.facts import GridFacts
    from gridplan.plan import Plan

HEIGHT_PX = 620


def plan_view(plan: Plan) -> str:
    """
    Return a plan's map as a frame inside a page.

    Parameters
    ----------
    plan
        The plan.
    """
    frames = PlanFrames(plan.grids, plan.units, plan.violations, None, communities_of(plan))
    return framed(page_of(frames, plan.report, title=plan.name or str(plan.report.get("source", ""))))


def grid_view(grid: GridFacts) -> str:
    """
    Return the map of a grid's community, the grid shown with its card, as a frame inside a page.

    Parameters
    ----------
    grid
        The grid.
    """
    plan, row = grid.plan, grid.row
    grids = plan.grids[plan.grids["community_code"] == row["community_code"]].reset_index(drop=True)
    units = plan.units[plan.units["grid_code"].isin(grids["grid_code"])].reset_index(drop=True)
    violations = plan.violations[plan.violations["grid_code"].isin(grids["grid_code"])]
    frames = PlanFrames(grids, units, violations.reset_index(drop=True), None, communities_of(plan))
    return framed(page_of(frames, plan.report, title=str(row["name"]), selected=grid.code))


def diff_view(diff: PlanDiff) -> str:
    """
    Return a difference's map as a frame inside a page.

    Parameters
    ----------
    diff
        The difference.
    """
    names = [plan.name or str(plan.report.get("source", "")) for plan in (diff.old, diff.new)]
    return framed(diff_page(diff, title=" → ".join(names)))


def effects_view(effects: Effects) -> str:
    """
    Return what an edit did as a list in Chinese and English.

    Parameters
    ----------
    effects
        What it did.
    """
    both = [effects.lines(lang) for lang in ("zh", "en")]
    return "".join(f"<ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>" for lines in both)


@dataclass(frozen=True)
class Shown:
    """
    A page that a notebook shows where it is the value of a cell.

    Parameters
    ----------
    page
        One HTML file, to be written as UTF-8 where it is to be kept.
    """

    page: str

    def _repr_html_(self) -> str:
        return framed(self.page)


def choropleth(plan: Plan, measure: Measure, *, method: Method = "quantile", lang: str = "zh") -> Shown:
    """
    Show a plan coloured by a measure; `maps.choropleth_page` says more.

    Parameters
    ----------
    plan, measure, method, lang
        As there.
    """
    return Shown(choropleth_page(plan, measure, method=method, lang=lang))


def incidents(plan: Plan, frame: pd.DataFrame, *, zone: str = "Asia/Shanghai", lang: str = "zh") -> Shown:
    """
    Show incidents over a plan by cluster, heat and time; `maps.incidents_page` says more.

    Parameters
    ----------
    plan, frame, zone, lang
        As there.
    """
    return Shown(incidents_page(plan, frame, zone=zone, lang=lang))


def framed(page: str) -> str:
    """
    Return a whole page as a frame: its scripts and styles cannot touch the notebook, nor the notebook's them.

    Parameters
    ----------
    page
        One HTML file.
    """
    return (
        f'<iframe srcdoc="{html.escape(page)}" sandbox="allow-scripts allow-modals" '
        f'style="width: 100%; height: {HEIGHT_PX}px; border: 0"></iframe>'
    )
