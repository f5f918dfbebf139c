"""What communities carry, as weights of zones: households, persons, minutes of work, incidents."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from gridplan.district import District
from gridplan.errors import RulesError
from gridplan.rules import WorkModel
from gridplan.workload import building_minutes, incidents_by_community

MEASURES = ("households", "persons", "work", "incidents")


def communities_by_weight(district: District, measure: str, model: WorkModel) -> gpd.GeoDataFrame:
    """
    Return the communities of a district with one weight each.

    Parameters
    ----------
    district
        The settled district.
    measure
        ``households``, ``persons``, ``work`` (minutes a month of the buildings: the source's, else modelled) or
        ``incidents`` (those with a place).
    model
        Weights of the work model.

    Returns
    -------
    areas
        ``code, name, weight, geometry``.

    Raises
    ------
    RulesError
        If the measure is none of these, or the source does not have it.
    """
    if measure not in MEASURES:
        raise RulesError(f"weight: expected one of {', '.join(MEASURES)}; found {measure!r}")
    communities = district.communities
    if measure == "incidents":
        polygons = np.asarray(communities.geometry.values, dtype=object)
        weight = np.array([len(found) for found in incidents_by_community(district.incidents, polygons)])
    else:
        held = _by_building(district, measure, model).groupby(district.buildings["home"]).sum()
        weight = held.reindex(communities["community_code"]).fillna(0).to_numpy(dtype=float)
    if not weight.any():
        raise RulesError(f"weight: the source has no {measure} in any community")
    columns = {"code": communities["community_code"], "name": communities["name"], "weight": weight}
    return gpd.GeoDataFrame(columns, geometry=communities.geometry)


def _by_building(district: District, measure: str, model: WorkModel) -> pd.Series:
    buildings = district.buildings
    column: pd.Series = pd.to_numeric(buildings["work_min" if measure == "work" else measure]).astype(float)
    filled: pd.Series = column.fillna(pd.Series(building_minutes(buildings, model)) if measure == "work" else 0.0)
    return filled
