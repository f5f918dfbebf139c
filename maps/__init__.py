"""Maps of plans and incidents: frames in, folium out; nothing is loaded from a network."""

from __future__ import annotations

from gridplan.views import register
from maps.diff_map import diff_page
from maps.payload import MapInputError
from maps.plan_map import plan_page
from maps.show import diff_view, effects_view, grid_view, plan_view

__all__ = ["MapInputError", "diff_page", "diff_view", "effects_view", "grid_view", "plan_page", "plan_view"]

register({"plan": plan_view, "grid": grid_view, "diff": diff_view, "effects": effects_view})
