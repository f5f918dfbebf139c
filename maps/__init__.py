"""Maps of plans and incidents: frames in, folium out; nothing is loaded from a network."""

from __future__ import annotations

from gridplan.views import register
from maps.choropleth import Measure, choropleth_page
from maps.diff_map import diff_page
from maps.incidents_map import incidents_page
from maps.payload import MapInputError
from maps.plan_map import plan_page
from maps.show import Shown, choropleth, diff_view, effects_view, grid_view, incidents, plan_view

__all__ = [
    "MapInputError", "Measure", "Shown", "choropleth", "choropleth_page", "diff_page", "diff_view", "effects_view",
    "grid_view", "incidents", "incidents_page", "plan_page", "plan_view",
]  # fmt: skip

register({"plan": plan_view, "grid": grid_view, "diff": diff_view, "effects": effects_view})
