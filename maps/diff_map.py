"""The map of a difference: the new plan coloured by what became of each grid, the old plan's borders over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from maps import geometry
from maps.offline import page_words
from maps.payload import MOST_CELLS, PlanFrames, dump, plan_payload
from maps.plan_map import check_language, figure
from maps.scales import Scale, Step

if TYPE_CHECKING:
    from gridplan.diff import PlanDiff
    from gridplan.plan import Plan

# Apart for all common kinds of colour blindness (after Okabe and Ito), and from the map's teal and purple.
CHANGE_COLOURS = {
    "unchanged": "#eceee9",
    "changed": "#56b4e9",
    "split": "#e69f00",
    "merged": "#0072b2",
    "new": "#d55e00",
}


def diff_page(diff: PlanDiff, *, title: str, lang: str = "zh") -> str:
    """
    Return the map of a difference as the text of one HTML file that loads nothing from a network.

    Parameters
    ----------
    diff
        The difference; its plans need a projected CRS in metres.
    title
        Title of the page.
    lang
        Language in which the page opens, ``zh`` or ``en``.

    Raises
    ------
    MapInputError
        Where the new plan has no grids, no projected CRS or no band.
    RulesError
        Where ``lang`` is neither ``zh`` nor ``en``.
    """
    check_language(lang)
    payload = diff_payload(diff)
    payload.update(title=title, lang=lang, words=page_words())
    return figure(payload["bounds"], lang).page(title, dump(payload))


def diff_payload(diff: PlanDiff) -> dict[str, Any]:
    """
    Return the data of a difference's page: those of the new plan's, and what was before.

    Parameters
    ----------
    diff
        The difference.
    """
    new = diff.new
    frames = PlanFrames(new.grids, new.units, new.violations, None, communities_of(new))
    payload = plan_payload(frames, new.report)
    scale = change_scale([diff.change_of_grid.get(code, "new") for code in new.grids["grid_code"]])
    own = {"change": {"steps": scale.to_dict(), "stepOf": list(scale.step_of)}}
    came = _came_from(diff)
    for row in payload["grids"]:
        row.update(change=diff.change_of_grid.get(row["grid_code"]), was=came.get(row["grid_code"]))
    before = geometry.display_grids(diff.old.grids.to_crs(new.grids.crs), None)
    lines = geometry.encode(geometry.borders(before))[0]
    return {**payload, "scales": own | payload["scales"], "before": lines, "moved": _moved_cells(diff)}


def communities_of(plan: Plan) -> gpd.GeoDataFrame:
    """
    Return a plan's communities as maps take them: codes and names, their ground is that of their grids.

    Parameters
    ----------
    plan
        The plan.
    """
    return gpd.GeoDataFrame(plan.communities.assign(geometry=None), geometry="geometry", crs=plan.grids.crs)


def change_scale(changes: list[str]) -> Scale:
    """
    Return the scale of changes, in their order.

    Parameters
    ----------
    changes
        Change of each grid of the new plan.
    """
    names = list(CHANGE_COLOURS)
    step_of = [names.index(change) for change in changes]
    counts = np.bincount(step_of, minlength=len(names)).tolist()
    steps = tuple(
        Step(name, colour, None, None, count)
        for (name, colour), count in zip(CHANGE_COLOURS.items(), counts, strict=True)
    )
    return Scale(steps, tuple(step_of))


def _came_from(diff: PlanDiff) -> dict[str, str]:
    """Return for each new grid the old codes that its households come from, most first."""
    rows = diff.pairs.dropna(subset=["old_code", "new_code"]).sort_values("households", ascending=False, kind="stable")
    came: dict[str, list[str]] = {}
    for old, new, households in zip(rows["old_code"], rows["new_code"], rows["households"], strict=True):
        came.setdefault(new, []).append(f"{old} ({households})")
    return {code: ", ".join(parts) for code, parts in came.items()}


def _moved_cells(diff: PlanDiff) -> list[geometry.Shape]:
    """Return the cells of the units whose buildings were in a grid of another code, or in none."""
    rows = diff.moved.dropna(subset=["new_code"])
    moved = set(rows.loc[rows["old_code"] != rows["new_code"], "building_id"])
    units = diff.new.units
    names = set(units.loc[units["building_id"].isin(moved), "unit_id"])
    cells = units[units["unit_id"].isin(names) & units.geometry.notna()]
    if not len(cells) or len(cells) > MOST_CELLS:
        return []
    shape = shapely.union_all(cells.geometry.to_numpy(), grid_size=geometry.SNAP_M)
    return geometry.encode(gpd.GeoSeries([shape], crs=cells.crs).simplify(geometry.TOLERANCE_M))
