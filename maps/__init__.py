"""Maps of plans and incidents: frames in, folium out; nothing is loaded from a network."""

from __future__ import annotations

from maps.payload import MapInputError
from maps.plan_map import plan_page

__all__ = ["MapInputError", "plan_page"]
