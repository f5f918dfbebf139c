"""Codes of proposed communities: a town's code and three digits; what keeps half its households keeps its code."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from gridplan.codes import new_codes, reading_order, sequence_of
from gridplan.district import District
from gridplan.errors import CodeOverflowError
from gridplan.lineage import kept_codes, lineage_rows, shared_households
from gridplan.plan import Plan

# Of a community code's last three digits, residents' committees (居委会) have 001-199, villages (村委会) 200-399.
FIRST_VILLAGE = 200
SEQUENCE_DIGITS = 3


def town_of(code: str) -> str:
    """
    Return the town's part of a community code: all but the last three digits; "" for a code of another make.

    Parameters
    ----------
    code
        A community_code.

    Examples
    --------
    >>> town_of("230718001004"), town_of("Agassiz")
    ('230718001', '')
    """
    return code[:-SEQUENCE_DIGITS] if re.fullmatch(r"\d{4,}", code) else ""


def coded_communities(district: District, made: Plan, parents: pd.DataFrame, template: str) -> Plan:
    """
    Return a cut of communities with final codes, names and lineage.

    Parameters
    ----------
    district
        The district before the cut.
    made
        The cut, its codes provisional, its ``community_code`` the parent.
    parents
        ``community_code`` and ``part`` (the old communities in it).
    template
        Template with ``{parent}`` (the town) and ``{sequence}``.

    Raises
    ------
    CodeOverflowError
        If a town has no code left for its kind.
    """
    grids = made.grids
    prefix = _prefixes(grids["community_code"].tolist(), parents)
    shared = _shared(district, made, prefix)
    kept = kept_codes(shared)
    codes = np.empty(len(grids), dtype=object)
    for town in sorted(set(prefix)):
        mine = np.flatnonzero(np.array(prefix, dtype=object) == town)
        codes[mine] = _codes_of_town(district, grids.iloc[mine], town, template, [kept.get(int(row)) for row in mine])
    old = district.communities.set_index("community_code")
    replaced = set(parents["part"].explode())
    polygons = {code: old.geometry[code] for code in replaced}
    lineage = lineage_rows(shared, list(codes), polygons, np.asarray(grids.geometry.values, dtype=object))
    final = dict(zip(grids["grid_code"], codes, strict=True))
    names = _names(shared, codes, old["name"].to_dict())
    coded = grids.assign(
        grid_code=codes, name=names, kind="community", community_code=codes, level="community", parent_code=prefix
    )
    coded = coded[[*(name for name in coded if name != "geometry"), "geometry"]]
    report = {**made.report, "level": "community"}
    return replace(
        made,
        grids=coded.sort_values("grid_code", kind="stable").reset_index(drop=True),
        units=made.units.assign(grid_code=made.units["grid_code"].map(final)),
        violations=made.violations.assign(grid_code=made.violations["grid_code"].map(final)),
        lineage=lineage,
        report=report,
    )


def _prefixes(parent_of_grid: list[str], parents: pd.DataFrame) -> list[str]:
    """Return what the codes of each new community begin with: the town, or the old code where it holds no town."""
    first = dict(zip(parents["community_code"], parents["part"].str[0], strict=True))
    return [town_of(first[parent]) or f"{parent}-" for parent in parent_of_grid]


def _shared(district: District, made: Plan, prefix: list[str]) -> pd.DataFrame:
    """Return the households that old and new communities share; towns stand for what codes may not leave."""
    units = made.units[made.units["building_id"].notna()]
    old = units["building_id"].map(district.buildings.set_index("building_id")["home"]).to_numpy(dtype=object)
    number = pd.Series(np.arange(len(made.grids)), index=made.grids["grid_code"])
    grid = units["grid_code"].map(number).to_numpy(dtype=np.int64)
    towns = np.array(prefix, dtype=object)[grid]
    return shared_households(old, towns, grid, towns, units["households"].to_numpy(dtype=np.int64))


def _codes_of_town(
    district: District, grids: pd.DataFrame, town: str, template: str, kept: list[str | None]
) -> np.ndarray:
    """Return the codes of one town's new communities, in the order of the rows."""
    template = template.replace("{parent", "{community")
    codes = district.communities["community_code"]
    taken = [code for code in codes if code.startswith(town)]
    committees = [code for code in taken if sequence_of(code, town, template) < FIRST_VILLAGE]
    polygons = np.asarray(grids["geometry"], dtype=object)
    height = float(np.sqrt(shapely.area(polygons).mean())) / 2.0
    order = reading_order(shapely.get_coordinates(shapely.centroid(polygons)), height)
    out = np.empty(len(grids), dtype=object)
    out[order] = new_codes(town, template, [kept[place] for place in order], committees)
    wrong = sorted((set(out) - {code for code in kept if code}) & set(taken))
    if wrong:
        raise CodeOverflowError(
            f"town {town}: the next codes of communities are those of villages ({', '.join(wrong[:3])}); "
            "codes are never given twice, so set another template in [rules.communities]"
        )
    return out


def _names(shared: pd.DataFrame, codes: np.ndarray, old: dict[str, str | None]) -> list[str]:
    """Return old names for kept codes; of others the name of the community that most households come from, numbered."""
    named, count = [], dict.fromkeys(old, 0)
    for grid, code in enumerate(codes):
        mine = shared[(shared["grid"] == grid) & shared["old_code"].notna()]
        if code in old:
            named.append(str(old[code] or code))
        elif mine.empty:
            named.append(str(code))
        else:
            origin = mine.sort_values(["households", "old_code"], ascending=[False, True])["old_code"].iloc[0]
            count[origin] += 1
            named.append(f"{old[origin] or origin}（新设{count[origin]}）")
    return named
