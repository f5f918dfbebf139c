"""
Communities proposed: those above the maximum cut into several, or the communities of whole towns drawn anew.

A proposal, not a decision: communities are set up by governments. What is not touched keeps code, name and border.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan.district import District
from gridplan.levels.coding import coded_communities, town_of
from gridplan.levels.inside import district_within, rules_of_level
from gridplan.levels.towns import joined_borders
from gridplan.plan import Plan, build_plan
from gridplan.rules import Rules
from gridplan.sources.canonical import canonical, digest_of

Within = Literal["community", "town"]
# Borders of communities are drawn twice; what gapes less than this between two of one town is closed.
GAP_M = 0.25
# A community whose old border is followed gives no offence: old borders are lines to follow.
OLD_BORDER = "community"


@dataclass(frozen=True)
class Proposal:
    """
    Proposed communities.

    Parameters
    ----------
    district
        The district with the proposed communities in place of those they replace, ready to be planned.
    plan
        The cut, in the layers of a plan: ``grids`` are the new communities (kind ``community``, ``parent_code`` the
        town), ``lineage`` says which households leave which community; None where nothing had to be cut.
    """

    district: District
    plan: Plan | None


def propose_communities(district: District, rules: Rules, *, within: Within = "community", **options: Any) -> Proposal:
    """
    Propose communities of ``rules.communities.minimum`` to ``maximum`` households (3,000 to 5,000 by default).

    Parameters
    ----------
    district
        The settled district. Rural communities are left as they are.
    rules
        ``rules.communities`` is the band, the template and the numbers set by community or town.
    within
        ``community`` cuts each community above the maximum; ``town`` draws all urban communities of a town (the same
        code but for its last three digits) anew, along old borders where that costs nothing.
    options
        ``jobs, effort, time_limit, progress`` of `gridplan.plan.build_plan`.

    Raises
    ------
    CodeOverflowError
        If a town has no community code left for its kind.
    """
    parents = _to_cut(district, rules) if within == "community" else _towns(district)
    if not len(parents):
        return Proposal(district, None)
    inside = _inside(district, parents, anew=within == "town")
    join = (*_pairs_in(rules.must_join, inside), *_locked_together(district, inside))
    made = build_plan(inside, rules_of_level(rules, rules.communities, must_join=join), **options)
    made = _with_locks_whole(district, made)
    cut = district.communities["community_code"].isin(set(parents["part"].explode()))
    coded = coded_communities(district, made, parents, rules.communities.code)
    return Proposal(_with_communities(district, coded, cut), coded)


def _to_cut(district: District, rules: Rules) -> pd.DataFrame:
    """Return the urban communities above the maximum as parents of their parts."""
    total = district.buildings.groupby("home")["households"].sum()
    held = district.communities["community_code"].map(total).fillna(0)
    large = (held > rules.communities.maximum) & (district.communities["area_kind"] == "urban")
    frame = pd.DataFrame(district.communities[large])
    return frame.assign(part=frame["community_code"].map(lambda code: [code]))


def _towns(district: District) -> pd.DataFrame:
    """Return the towns of the urban communities, each one area without the gaps between its communities."""
    urban = district.communities[district.communities["area_kind"] == "urban"]
    town = urban["community_code"].map(lambda code: town_of(code) or district.name)
    rows = []
    for code, members in urban.groupby(town.to_numpy()):
        closed = joined_borders(np.asarray(members.geometry.values, dtype=object), GAP_M)
        rows.append(
            {
                "community_code": code,
                "name": code,
                "area_kind": "urban",
                "geometry": shapely.coverage_union_all(closed),
                "part": members["community_code"].tolist(),
            }
        )
    return pd.DataFrame(rows, columns=["community_code", "name", "area_kind", "geometry", "part"])


def _inside(district: District, parents: pd.DataFrame, *, anew: bool) -> District:
    parent = {
        part: code for code, parts in zip(parents["community_code"], parents["part"], strict=True) for part in parts
    }
    home = district.buildings["home"].map(parent)
    buildings = pd.DataFrame(district.buildings.assign(home=home))[home.notna().to_numpy()]
    inside = district_within(district, parents, buildings)
    if not anew:
        return inside
    old = district.communities[district.communities["community_code"].isin(parent)]
    rims = shapely.get_parts(shapely.boundary(np.asarray(old.geometry.values, dtype=object)))
    borders = pd.DataFrame({"kind": OLD_BORDER, "passable": True, "geometry": rims})
    have = [] if district.barriers is None else [pd.DataFrame(district.barriers)]
    return replace(inside, barriers=canonical(pd.concat([*have, borders]), "barriers", district.crs))


def _pairs_in(pairs: tuple[tuple[str, str], ...], inside: District) -> tuple[tuple[str, str], ...]:
    """Return the pairs of buildings both of which are to be cut."""
    known = set(inside.buildings["building_id"])
    return tuple(pair for pair in pairs if known.issuperset(pair))


def _locked_together(district: District, inside: District) -> tuple[tuple[str, str], ...]:
    """Return pairs that keep the buildings of each locked grid in one community."""
    locks = _locks(district)
    if not len(locks):
        return ()
    buildings = inside.buildings
    points = shapely.point_on_surface(np.asarray(buildings.geometry.values, dtype=object))
    lock, building = shapely.STRtree(points).query(locks.geometry.to_numpy(), predicate="intersects")
    ids = buildings["building_id"].to_numpy()
    held = pd.Series(ids[building]).groupby(lock)
    return tuple(pair for _, names in held for pair in zip(names.iloc[:-1], names.iloc[1:], strict=True))


def _locks(district: District) -> gpd.GeoDataFrame:
    if district.grids is None:
        return district.communities.iloc[:0]
    return district.grids[district.grids["locked"]]


def _with_locks_whole(district: District, made: Plan) -> Plan:
    """Give each locked grid's ground to the new community that holds most of it: locks are never cut."""
    polygons = np.asarray(made.grids.geometry.values, dtype=object).copy()
    parent = made.grids["community_code"].to_numpy()
    for lock in np.asarray(_locks(district).geometry.values, dtype=object):
        held = shapely.area(shapely.intersection(polygons, lock))
        if np.count_nonzero(held > 0) < 2:
            continue
        owner = int(held.argmax())
        # Ground of another parent is none of this one's.
        others = np.flatnonzero((held > 0) & (parent == parent[owner]))
        ground = shapely.intersection(shapely.union_all(polygons[others]), lock)
        polygons[others] = shapely.difference(polygons[others], ground)
        polygons[owner] = shapely.union(polygons[owner], ground)
    return replace(made, grids=made.grids.set_geometry(gpd.GeoSeries(polygons, crs=district.crs)))


def _with_communities(district: District, made: Plan, cut: pd.Series) -> District:
    """Return the district with new communities in place of those that were cut, and everything at its new home."""
    new = pd.DataFrame(
        {
            "community_code": made.grids["grid_code"],
            "name": made.grids["name"],
            "area_kind": "urban",
            "geometry": np.asarray(made.grids.geometry.values, dtype=object),
        }
    )
    communities = canonical(pd.concat([pd.DataFrame(district.communities[~cut]), new]), "communities", district.crs)
    placed = made.units[made.units["building_id"].notna()].drop_duplicates("building_id")
    home = district.buildings["building_id"].map(placed.set_index("building_id")["grid_code"])
    home = home.where(home.notna(), district.buildings["home"])
    grids = district.grids
    if grids is not None:
        grids = grids.assign(home=_homes_of_grids(grids, new, set(district.communities.loc[cut, "community_code"])))
    changed = replace(district, communities=communities, buildings=district.buildings.assign(home=home), grids=grids)
    return replace(changed, digest=digest_of(changed))


def _homes_of_grids(grids: gpd.GeoDataFrame, new: pd.DataFrame, cut: set[str]) -> list[str | None]:
    """Return the home of each of today's grids: where its community was cut, the new one that holds most of it."""
    polygons, codes = new["geometry"].to_numpy(dtype=object), new["community_code"].to_numpy()
    homes = []
    for home, grid in zip(grids["home"], grids.geometry, strict=True):
        if home in cut:
            home = str(codes[shapely.area(shapely.intersection(polygons, grid)).argmax()])
        homes.append(home)
    return homes
