"""A real district at every level: Tainan East, 45 communities, 1,072 smallest areas, 71,666 households."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from gridplan.district import District
from gridplan.levels import nesting_faults, plan_micro, propose_communities, tree_of
from gridplan.levels.caseload import communities_by_weight
from gridplan.levels.towns import towns_from
from gridplan.levels.zones import ZoneRules, build_zones
from gridplan.plan import build_plan
from gridplan.rules import WorkModel, rules_from
from gridplan.sources import read_source

pytestmark = [pytest.mark.real, pytest.mark.slow]
ROOT = Path(__file__).parents[3]
RULES = rules_from({})


@pytest.fixture(scope="module")
def tainan(real_data: Path) -> District:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDPLAN_DATA", str(real_data))
        return read_source(ROOT / "examples" / "tainan_east" / "gridplan.toml")


def test_a_town_drawn_anew_nests_down_to_its_buildings(tainan: District) -> None:
    proposal = propose_communities(tainan, RULES, within="town", effort="quick")
    assert proposal.plan is not None
    assert proposal.plan.violations.empty
    held = proposal.district.buildings.groupby("home")["households"].sum()
    assert held.between(3_000, 5_000).all()
    grids = build_plan(proposal.district, RULES, effort="quick")
    micro = plan_micro(proposal.district, grids, RULES, effort="quick")
    tree = tree_of(proposal.district, grids, micro, proposal.plan)
    assert nesting_faults(tree) == []
    total = tainan.buildings["households"].sum()
    assert (tree.levels.groupby("level")["households"].sum() == total).all()
    outside = micro.grids[~micro.grids["households"].between(30, 50)]
    assert set(outside["grid_code"]) == set(micro.violations["grid_code"]), "each departure has its row"
    assert (micro.violations["proven"] == 1).mean() > 0.99


@pytest.mark.parametrize(("number", "weight"), [(4, "households"), (6, "work")])
def test_45_communities_become_even_zones(tainan: District, number: int, weight: str) -> None:
    areas = communities_by_weight(tainan, weight, WorkModel())
    zones = build_zones(towns_from(areas), ZoneRules(number, 0.05), areas.crs)
    assert zones.violations.empty
    rows = zones.levels[zones.levels["level"] == "zone"]
    assert (rows["weight"] / rows["weight"].mean()).between(0.95, 1.05).all()
    assert all(polygon.geom_type == "Polygon" for polygon in rows.geometry)
    # Ground may be shifted by the metre within which borders that were drawn twice are one.
    whole = shapely.union_all(tainan.communities.geometry.to_numpy())
    differ = shapely.symmetric_difference(shapely.union_all(rows.geometry.to_numpy()), whole).area
    assert differ < 1.0 * np.sum([polygon.length for polygon in tainan.communities.geometry])
