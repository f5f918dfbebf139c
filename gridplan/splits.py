"""Compounds in several grids: each listed, with the reason, forced or not."""

from __future__ import annotations

import pandas as pd

from gridplan.community import CommunityPlan
from gridplan.district import District
from gridplan.rules import Rules
from gridplan.site import NONE
from gridplan.sites import Sites

Record = tuple[str, str, int, int, str, int, str | None]


def compound_violations(
    sites: Sites, plans: list[CommunityPlan], codes: list[str], rows: pd.DataFrame, district: District, rules: Rules
) -> list[Record]:
    """
    Return a row for each grid that holds a part of a compound of at most the maximum.

    Parameters
    ----------
    sites, plans
        Sites and their plans, in one order.
    codes
        Codes by number of the grid in the whole plan.
    rows
        The sites' rows with ``site, unit, number``.
    district, rules
        The district and the rules of the plan.

    Notes
    -----
    A split is proven where no plan could avoid it: the compound lies in two communities, on two sides of an
    impassable barrier, or partly in a locked grid or exclusive area; or where exhaustion has shown it.
    """
    named = rows[district.buildings["compound_id"].notna().to_numpy()[rows["building"]]]
    total = named.groupby("compound_name")["households"].sum()
    parts = named.groupby("compound_name")["number"].nunique()
    split = [name for name in parts.index if parts[name] > 1 and total[name] <= rules.maximum]
    records: list[Record] = []
    for name, mine in named[named["compound_name"].isin(split)].groupby("compound_name"):
        proven = _unavoidable(mine, plans) or _shown(str(name), mine, sites, plans)
        records += [
            ("compound", codes[number], int(parts[name]), 1, "forced_split", int(proven), str(name))
            for number in sorted(mine["number"].unique())
        ]
    return records


def _unavoidable(mine: pd.DataFrame, plans: list[CommunityPlan]) -> bool:
    places = {(site, int(plans[site].part[unit])) for site, unit in mine[["site", "unit"]].itertuples(index=False)}
    return len(places) > 1 or (len(mine) > 1 and any(part == NONE for _, part in places))


def _shown(name: str, mine: pd.DataFrame, sites: Sites, plans: list[CommunityPlan]) -> bool:
    site = int(mine["site"].iloc[0])
    number = sites.compounds[site].index(name)
    return dict(plans[site].split_compounds).get(number, False)
