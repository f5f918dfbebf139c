"""Compounds in several grids: each listed, with the reason, forced or not."""

from __future__ import annotations

from collections.abc import Iterator

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
    records: list[Record] = []
    for name, mine in _split_compounds(named, rules.maximum):
        proven = _unavoidable(mine, plans) or _shown(name, mine, sites, plans)
        numbers = sorted(mine["number"].unique())
        records += [
            ("compound", codes[number], len(numbers), 1, "forced_split", int(proven), name) for number in numbers
        ]
    return records


def _split_compounds(named: pd.DataFrame, maximum: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """
    Yield the compounds that could be whole and lie in several grids, with their rows.

    A compound of more than the maximum may still have a share in one community that fits a grid: that share is to
    stay whole, also where two communities use one name for two compounds.
    """
    for name, everywhere in named.groupby("compound_name"):
        whole = everywhere["households"].sum() <= maximum
        shares = [everywhere] if whole else [share for _, share in everywhere.groupby("site")]
        for share in shares:
            if len(share["number"].unique()) > 1 and share["households"].sum() <= maximum:
                yield str(name), share


def _unavoidable(mine: pd.DataFrame, plans: list[CommunityPlan]) -> bool:
    places = {(site, int(plans[site].part[unit])) for site, unit in mine[["site", "unit"]].itertuples(index=False)}
    return len(places) > 1 or (len(mine) > 1 and any(part == NONE for _, part in places))


def _shown(name: str, mine: pd.DataFrame, sites: Sites, plans: list[CommunityPlan]) -> bool:
    site = int(mine["site"].iloc[0])
    number = sites.compounds[site].index(name)
    return dict(plans[site].split_compounds).get(number, False)
