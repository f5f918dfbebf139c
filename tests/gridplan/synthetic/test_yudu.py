"""An overloaded estate: how many grids, cut where, and what does each worker carry then."""

from __future__ import annotations

import pytest
import shapely

from gridplan.district import District
from gridplan.plan import Plan, build_plan
from gridplan.rules import rules_from
from gridplan.sources import read_source
from gridplan.synthetic import write_yudu


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> District:
    return read_source(write_yudu(tmp_path_factory.mktemp("yudu") / "yudu.gpkg"))


@pytest.fixture(scope="module")
def relieved(estate: District) -> Plan:
    """Return the plan with at most 1,000 people a worker."""
    return build_plan(estate, rules_from({"persons_maximum": 1_000}))


def test_the_figures_are_those_told(estate: District) -> None:
    assert estate.entrances is not None
    assert estate.grids is not None
    buildings = estate.buildings
    assert (len(buildings), len(estate.entrances), len(estate.grids)) == (40, 108, 4)
    assert (buildings["households"].sum(), buildings["persons"].sum()) == (1_856, 4_860)
    assert (estate.faults, estate.entrances["households"].sum()) == ((), 1_856)
    assert "合成" in str(estate.notice)


def test_today_each_of_four_workers_has_over_a_thousand_people(estate: District) -> None:
    """Inside the band of households, four grids say nothing against 1,213 people and more for one worker."""
    today = build_plan(estate, rules_from({"n_grids": {"230718001901": 4}}))
    assert today.violations.empty
    assert today.grids["persons"].min() > 1_000


def test_at_most_a_thousand_people_make_five_grids_of_whole_buildings(relieved: Plan, estate: District) -> None:
    assert relieved.violations.empty
    grids = relieved.grids
    assert len(grids) == 5
    assert grids["persons"].max() <= 1_000
    assert grids["households"].between(300, 500).all()
    assert (grids["households"].sum(), grids["persons"].sum(), grids["units"].sum()) == (1_856, 4_860, 40)
    built = relieved.units[relieved.units["building_id"].notna()]
    assert sorted(built["building_id"]) == estate.buildings["building_id"].tolist(), "no slab is cut"
    assert all(polygon.geom_type == "Polygon" for polygon in grids.geometry)
    assert shapely.union_all(grids.geometry.to_numpy()).symmetric_difference(estate.communities.geometry[0]).area < 0.05


def test_work_says_what_each_worker_carries(relieved: Plan, estate: District) -> None:
    """The old who live alone are in the north, so its workers carry more than heads tell; all of it adds up."""
    model = rules_from({}).work
    buildings = estate.buildings
    of_buildings = (
        model.per_household * 1_856
        + model.per_person * 4_860
        + model.per_building * 40
        + model.special["elderly_alone"] * buildings["elderly_alone"].sum()
    )
    area = float(estate.communities.geometry.area.sum())
    assert estate.barriers is not None
    km = float(estate.barriers.geometry.length.sum()) / 1_000
    whole = of_buildings + model.per_hectare * area / 10_000 + model.per_street_km * km
    # Each of some 45 units is rounded to a minute.
    assert relieved.grids["work_min"].sum() == pytest.approx(whole, abs=25)
    assert relieved.report["measures"]["work_min_per_grid"]["max_to_mean"] < 1.2


def test_more_people_than_the_band_lets_part_is_proven(estate: District) -> None:
    """800 people a worker would be seven grids, of 265 households: below the band."""
    found = build_plan(estate, rules_from({"persons_maximum": 800}), effort="quick").violations
    assert set(found["reason"]) == {"total_fits_no_number"}
    assert found["proven"].all()
