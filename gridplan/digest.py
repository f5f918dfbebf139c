"""One number for what a plan is: two plans with the same grids have the same digest."""

from __future__ import annotations

import hashlib

import geopandas as gpd


def labels_digest(units: gpd.GeoDataFrame) -> str:
    """
    Return the SHA-256 of which building, entrance or piece of ground lies in which grid, whatever the rows' order.

    Parameters
    ----------
    units
        The layer ``units``.
    """
    names = units["building_id"].where(units["building_id"].notna(), units["unit_id"]).astype(str)
    rows = names + "\t" + units["entrance"].fillna("").astype(str) + "\t" + units["grid_code"]
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
