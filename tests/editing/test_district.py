"""A whole synthetic district, planned, edited and written: the independent checker finds no broken promise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from planchecker import accounts, codes, ground, sides
from planchecker.case import read_case

from gridplan.errors import EditError
from gridplan.plan import Plan, build_plan
from gridplan.rules import rules_from
from gridplan.sources import read_source
from gridplan.synthetic import make_district, write_district

# New codes do not count on without gaps after edits, and the band may be broken by the planner's own will.
CHECKS = (
    codes.check_unique,
    accounts.check_units,
    ground.check_shapes,
    accounts.check_buildings,
    accounts.check_sums,
    accounts.check_measures,
    ground.check_tiling,
    ground.check_cells,
    ground.check_homes,
    ground.check_fixed,
    sides.check_connected,
    sides.check_barriers,
    codes.check_lineage,
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_district(np.random.default_rng(3), n_communities=3, households=10_000)
    return Path(write_district(made, tmp_path_factory.mktemp("district") / "source.gpkg"))


def edited(plan: Plan) -> Plan:
    """Merge, split and move here and there, as the rules allow, until twelve edits stand."""
    rng = np.random.default_rng(5)
    for _ in range(400):
        if len(plan.edits) >= 12:
            break
        basic = plan.grids.loc[(plan.grids["kind"] == "basic") & (plan.grids["locked"] == 0), "grid_code"].tolist()
        code, other = (str(each) for each in rng.choice(basic, 2))
        inside = plan.units.loc[plan.units["grid_code"] == other, "unit_id"].unique()
        try:
            if rng.random() < 0.15:
                both = plan.merge(code, other, force=True)
                joined = next(each["grid_code"] for each in both.edits[-1].effects.grids if each["after"])
                plan = both.split(joined, into=2)
            else:
                plan = plan.move(str(rng.choice(inside)), to=code)
        except EditError:
            continue
    return plan


def test_an_edited_district_keeps_its_promises(source: Path, tmp_path: Path) -> None:
    district = read_source(source)
    plan = edited(build_plan(district, rules_from(district.rules), effort="quick"))
    assert len(plan.edits) >= 12
    plan.write(tmp_path / "plan.gpkg")
    case = read_case(source, tmp_path / "plan.gpkg", 300, 500)
    assert [fault for check in CHECKS for fault in check(case)] == []
    assert Plan.read(tmp_path / "plan.gpkg") == plan
