"""The made district has what it promises: measured on the frames, with nothing of the generator's own code."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from gridplan.synthetic import SyntheticDistrict, make_city, make_district

ROAD_HALF_WIDTH_M = {"primary": 20, "secondary": 15, "tertiary": 10, "residential": 5, "railway": 15, "river": 0}


def pairs_that_meet(geometry: gpd.GeoSeries) -> int:
    """Number of pairs of geometries that touch or overlap."""
    a, b = shapely.STRtree(geometry.to_numpy()).query(geometry.to_numpy(), predicate="intersects")
    return int((a < b).sum())


def gap_and_overlap(parts: gpd.GeoSeries, whole: shapely.Geometry) -> tuple[float, float]:
    union = shapely.union_all(parts.to_numpy())
    return shapely.symmetric_difference(union, whole).area, float(parts.area.sum() - union.area)


def test_totals_and_counts_are_as_asked(made: SyntheticDistrict) -> None:
    assert abs(made.buildings.households.sum() / 45_000 - 1) < 0.01
    assert len(made.communities) == 12
    assert (made.communities.area_kind == "rural").sum() == 1
    assert len(made.grids) == 152
    assert {frame.crs.to_epsg() for frame in made.layers().values()} == {4552}


def test_buildings_stand_clear_of_each_other_of_roads_and_of_water(made: SyntheticDistrict) -> None:
    assert pairs_that_meet(made.buildings.geometry) == 0
    for kind, half in ROAD_HALF_WIDTH_M.items():
        lines = made.barriers.loc[made.barriers.kind == kind, "geometry"]
        assert len(lines), kind
        assert made.buildings.distance(shapely.union_all(lines.to_numpy())).min() > half, kind


def test_each_building_is_well_inside_its_community(made: SyntheticDistrict) -> None:
    inside = made.communities.assign(geometry=made.communities.buffer(-0.5))[["community_code", "geometry"]]
    joined = gpd.sjoin(made.buildings[["building_id", "community_code", "geometry"]], inside, predicate="within")
    assert len(joined) == len(made.buildings)
    assert (joined.community_code_left == joined.community_code_right).all()


def test_grids_of_today_tile_the_communities(made: SyntheticDistrict) -> None:
    prefix = made.grids.grid_code.str[:12]
    for row in made.communities.itertuples():
        gap, overlap = gap_and_overlap(made.grids.geometry[prefix == row.community_code], row.geometry)
        assert gap < 0.01
        assert abs(overlap) < 0.01
    ground = shapely.union_all(made.communities.geometry.to_numpy())
    assert ground.geom_type == "Polygon"
    assert not ground.interiors
    assert made.grids.geometry.geom_type.eq("Polygon").all()
    assert shapely.coverage_is_valid(made.grids.geometry.to_numpy())


def test_most_grids_of_today_are_too_small_and_none_cuts_a_building(made: SyntheticDistrict) -> None:
    joined = gpd.sjoin(
        made.buildings[["households", "geometry"]], made.grids[["grid_code", "geometry"]], predicate="within"
    )
    assert len(joined) == len(made.buildings)
    counted = joined.groupby("grid_code").households.sum().reindex(made.grids.grid_code, fill_value=0)
    assert (counted.to_numpy() == made.grids.households.to_numpy()).all()
    assert (counted < 300).mean() > 0.55
    assert (counted > 500).sum() >= 5
    assert made.grids.locked.eq(0).all()


def test_codes_have_fifteen_digits_and_run_from_west_to_east(made: SyntheticDistrict) -> None:
    assert made.grids.grid_code.str.fullmatch(r"230718\d{9}").all()
    assert made.grids.grid_code.is_unique
    for _, grids in made.grids.groupby(made.grids.grid_code.str[:12]):
        assert grids.grid_code.str[12:].astype(int).tolist() == list(range(1, len(grids) + 1))
        assert grids.centroid.x.is_monotonic_increasing
        assert grids.name.iloc[0] == "第一网格"


def test_one_bridge_crosses_the_river_inside_a_community(made: SyntheticDistrict) -> None:
    river = made.barriers.loc[made.barriers.kind == "river", "geometry"].iloc[0]
    crossing = made.barriers[made.barriers.crosses(river)]
    assert crossing.kind.tolist() == ["bridge"]
    bridge = crossing.geometry.iloc[0]
    assert not any(shapely.intersects(river, shapely.Point(end)) for end in (bridge.coords[0], bridge.coords[-1]))
    both_banks = made.communities[made.communities.contains(bridge)]
    assert len(both_banks) == 1
    banks = shapely.get_parts(shapely.difference(both_banks.geometry.iloc[0], river))
    assert [made.buildings[made.buildings.within(bank)].households.sum() > 300 for bank in banks] == [True, True]


def test_the_railway_cuts_communities(made: SyntheticDistrict) -> None:
    rail = made.barriers.loc[made.barriers.kind == "railway", "geometry"].iloc[0]
    cut = 0
    for ground in made.communities.geometry[made.communities.crosses(rail) | made.communities.intersects(rail)]:
        sides = shapely.get_parts(shapely.difference(ground, shapely.buffer(rail, 0.01)))
        cut += sum(made.buildings[made.buildings.within(side)].households.sum() > 0 for side in sides) > 1
    assert cut >= 2


def test_estate_and_tower_are_there(made: SyntheticDistrict) -> None:
    estate = made.buildings[made.buildings.kind == "estate"]
    doors = made.entrances[made.entrances.building_id.isin(estate.building_id)]
    found = (len(estate), len(doors), estate.households.sum(), estate.persons.sum(), estate.compound_id.nunique())
    assert found == (40, 108, 1_856, 4_860, 1)
    today = (
        gpd.sjoin(estate, made.grids[["grid_code", "geometry"]], predicate="within").groupby("grid_code").persons.sum()
    )
    assert len(today) == 4
    assert today.min() > 900
    assert (made.buildings.households > 500).sum() == 1


def test_entrances_sum_to_the_households_of_their_building(made: SyntheticDistrict) -> None:
    total = made.entrances.groupby("building_id").households.sum()
    households = made.buildings.set_index("building_id").households
    assert (total == households.loc[total.index]).all()
    assert set(made.buildings.building_id[made.buildings.households > 500]) <= set(total.index)
    owner = made.buildings.set_index("building_id").geometry.loc[made.entrances.building_id]
    assert shapely.within(made.entrances.geometry.to_numpy(), owner.to_numpy()).all()


def test_one_community_is_large_and_one_small(made: SyntheticDistrict) -> None:
    total = made.buildings.groupby("community_code").households.sum()
    assert total.max() > 5_000
    assert total.min() < 1_000


def test_exclusive_areas_are_grids_of_today(made: SyntheticDistrict) -> None:
    assert [name[-4:] for name in sorted(made.exclusive.name, key=lambda name: name[-4:])] == ["中心学校", "综合市场"]
    same = shapely.equals(made.exclusive.geometry.to_numpy()[:, None], made.grids.geometry.to_numpy()[None, :])
    assert made.grids.kind[same.any(axis=0)].tolist() == ["exclusive", "exclusive"]


def test_village_groups_are_rural_and_whole(made: SyntheticDistrict) -> None:
    rural = made.communities.community_code[made.communities.area_kind == "rural"]
    village = made.buildings[made.buildings.community_code.isin(rural)]
    assert (village.village_group != "").all()
    assert village.village_group.nunique() >= 3
    assert (made.buildings.village_group[~made.buildings.index.isin(village.index)] == "").all()


def test_addresses_are_unique_and_name_buildings(made: SyntheticDistrict) -> None:
    assert made.addresses is not None
    assert made.addresses.address.is_unique
    assert made.addresses.address_id.is_unique
    assert set(made.addresses.building_id) == set(made.buildings.building_id)
    owner = made.buildings.set_index("building_id").geometry.loc[made.addresses.building_id]
    assert shapely.within(made.addresses.geometry.to_numpy(), owner.to_numpy()).all()
    assert made.addresses.address.str.fullmatch(r"黑龙江省伊春市乌玛区\w+").all()
    estates = made.addresses[made.addresses.compound != ""]
    assert estates.building.str.fullmatch(r"\d+号楼").all()
    twins = estates[(estates.compound == "阳光小区") & (estates.building == "3号楼") & (estates.unit == "2单元")]
    assert twins.community.nunique() == 2


def test_flood_grades_rise_towards_the_river(made: SyntheticDistrict) -> None:
    river = made.barriers.loc[made.barriers.kind == "river", "geometry"].iloc[0]
    farthest = made.buildings.distance(river).groupby(made.buildings.flood_grade).max()
    assert farthest.loc[["red", "orange", "yellow", "blue", "none"]].is_monotonic_increasing
    assert farthest["red"] < 120


def test_incidents_fill_a_year_with_seasons_and_dirt(made: SyntheticDistrict) -> None:
    events = made.incidents
    assert events is not None
    assert events.incident_id.is_unique
    assert events.reported_at.dt.date.nunique() == 365
    assert str(events.reported_at.min())[:10] == "2025-07-01"
    assert str(events.reported_at.max())[:10] == "2026-06-30"
    heating = events[events.category == "供热不足"].reported_at.dt.month
    assert heating.isin([6, 7, 8]).sum() == 0
    assert heating.isin([12, 1, 2]).mean() > 0.4
    assert 0.02 < events.geometry.isna().mean() < 0.04
    assert events.geometry.to_wkt().value_counts().iloc[0] > 0.015 * len(events)
    closed = events[events.status == "办结"]
    assert (closed.closed_at > closed.reported_at).all()
    assert events.closed_at[events.status != "办结"].isna().all()
    assert 0.6 < (closed.closed_at <= closed.due_at).mean() < 0.99
    assert made.addresses is not None
    assert events.address.isin(made.addresses.address).all()


def test_the_planted_rise_is_where_the_file_says(made: SyntheticDistrict) -> None:
    assert made.incidents is not None
    category, community, start, _ = made.about["planted_rise"].split(";")
    ground = made.communities.set_index("community_code").geometry
    events = made.incidents[(made.incidents.category == category) & made.incidents.geometry.notna()]
    late = (events.reported_at >= pd.Timestamp(start)).to_numpy()
    share = {code: late[events.within(shape).to_numpy()].mean() for code, shape in ground.items()}
    assert max(share, key=lambda code: share[code]) == community


def test_the_same_seed_gives_the_same_district_and_another_another() -> None:
    first, again, other = (
        make_district(np.random.default_rng(s), n_communities=4, households=12_000) for s in (7, 7, 8)
    )
    for name, frame in first.layers().items():
        assert_geodataframe_equal(frame, again.layers()[name])
    assert not first.buildings.geometry.iloc[0].equals(other.buildings.geometry.iloc[0])


@pytest.mark.parametrize("seed", range(2))
def test_promises_hold_for_other_seeds(seed: int) -> None:
    made = make_district(np.random.default_rng(100 + seed))
    test_totals_and_counts_are_as_asked(made)
    test_buildings_stand_clear_of_each_other_of_roads_and_of_water(made)
    test_each_building_is_well_inside_its_community(made)
    test_grids_of_today_tile_the_communities(made)
    test_one_bridge_crosses_the_river_inside_a_community(made)
    test_estate_and_tower_are_there(made)
    test_one_community_is_large_and_one_small(made)


@pytest.mark.parametrize("households", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_cities_of_any_size_keep_the_same_promises(households: int) -> None:
    city = make_city(np.random.default_rng(3), households)
    assert city.addresses is None
    assert city.incidents is None
    assert abs(city.buildings.households.sum() / households - 1) < 0.01
    assert pairs_that_meet(city.buildings.geometry) == 0
    assert shapely.coverage_is_valid(city.grids.geometry.to_numpy())
    test_each_building_is_well_inside_its_community(city)


def test_too_small_a_district_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 3 communities and 10000 households"):
        make_district(np.random.default_rng(1), n_communities=2)
