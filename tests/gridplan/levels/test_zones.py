"""Zones of whole towns: even, near, in one piece; the best there is where all cuts can be counted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridplan.errors import RulesError
from gridplan.levels.shares import Aims, total_score
from gridplan.levels.towns import Towns, embedded, towns_from
from gridplan.levels.zones import ZoneRules, Zones, build_zones
from gridplan.partition.initial import components, subgraph

CRS = "EPSG:4549"
SIDE = 1_000.0
# Caseload of 12 towns, row by row from the south-west:
#     90  60  80  40
#     70 120  50 100
#     30  80 110  70
CASES = [30, 80, 110, 70, 70, 120, 50, 100, 90, 60, 80, 40]


def squares(columns: int, rows: int) -> list[shapely.Polygon]:
    return [
        shapely.box(SIDE * x, SIDE * y, SIDE * (x + 1), SIDE * (y + 1)) for y in range(rows) for x in range(columns)
    ]


def frame_of(shapes: list[shapely.Geometry], weight: list[float], prefix: str = "230718") -> gpd.GeoDataFrame:
    codes = [f"{prefix}{number:03d}" for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"code": codes, "name": codes, "weight": weight}, geometry=shapes, crs=CRS)


@pytest.fixture(scope="module")
def twelve() -> Towns:
    return towns_from(frame_of(squares(4, 3), CASES))


def groups(zones: Zones) -> set[frozenset[str]]:
    towns = zones.levels[zones.levels["level"] == "town"]
    return {frozenset(codes) for _, codes in towns.groupby("parent_code")["code"]}


def aims_of(towns: Towns, rules: ZoneRules) -> Aims:
    """Work the aims out again: bounds around the mean, and the way of one zone by the root of the number."""
    total = int(towns.weight.sum())
    mean = total / rules.number
    way = (towns.weight @ towns.travel).min() / total / np.sqrt(rules.number)
    return Aims(
        int(np.ceil(mean * (1 - rules.tolerance))),
        int(np.floor(mean * (1 + rules.tolerance))),
        mean,
        rules.balance,
        rules.travel,
        way,
    )


def connected_partitions(towns: Towns, k: int) -> Iterator[np.ndarray]:
    """Yield every partition of the towns into k connected zones, each once."""

    def grow(labels: list[int], used: int) -> Iterator[np.ndarray]:
        if len(labels) == towns.n_towns:
            made = np.array(labels)
            if used == k and all(
                components(subgraph(towns.graph, np.flatnonzero(made == zone)))[0] == 1 for zone in range(k)
            ):
                yield made
            return
        if used + towns.n_towns - len(labels) < k:
            return
        for zone in range(min(used + 1, k)):
            yield from grow([*labels, zone], max(used, zone + 1))

    return grow([], 0)


@pytest.mark.parametrize(("k", "tolerance"), [(2, 0.02), (3, 0.1)])
def test_nine_towns_are_cut_as_well_as_can_be(k: int, tolerance: float) -> None:
    towns = towns_from(frame_of(squares(3, 3), CASES[:9]))
    rules = ZoneRules(k, tolerance)
    aims = aims_of(towns, rules)
    best = min(total_score(towns, labels, k, aims) for labels in connected_partitions(towns, k))
    made = build_zones(towns, rules, CRS)
    members = groups(made)
    labels = np.array([next(z for z, zone in enumerate(members) if code in zone) for code in towns.codes])
    assert total_score(towns, labels, k, aims) == pytest.approx(best, abs=1e-9)


def test_twelve_towns_become_four_areas_of_even_caseload(twelve: Towns) -> None:
    zones = build_zones(twelve, ZoneRules(4, 0.1), CRS)
    rows = zones.levels[zones.levels["level"] == "zone"]
    assert rows["weight"].sum() == sum(CASES)
    assert rows["weight"].between(225 * 0.9, 225 * 1.1).all()
    assert zones.violations.empty
    assert rows["code"].tolist() == ["230718Z01", "230718Z02", "230718Z03", "230718Z04"]
    assert all(polygon.geom_type == "Polygon" for polygon in rows.geometry)


def test_zones_nest_and_cover_without_a_gap(twelve: Towns) -> None:
    levels = build_zones(twelve, ZoneRules(4), CRS).levels
    zones, towns = (levels[levels["level"] == level] for level in ("zone", "town"))
    assert shapely.union_all(zones.geometry.to_numpy()).equals(shapely.box(0, 0, 4 * SIDE, 3 * SIDE))
    assert zones.geometry.area.sum() == pytest.approx(12 * SIDE**2, abs=1e-6)
    for zone in zones.itertuples():
        mine = towns[towns["parent_code"] == zone.code]
        assert (mine["weight"].sum(), len(mine)) == (zone.weight, zone.towns)
        assert shapely.union_all(mine.geometry.to_numpy()).symmetric_difference(zone.geometry).area < 1e-6


def test_the_same_seed_and_any_order_of_rows_give_the_same_zones(twelve: Towns) -> None:
    shuffled = frame_of(squares(4, 3), CASES).sample(frac=1.0, random_state=3)
    assert groups(build_zones(towns_from(shuffled), ZoneRules(4), CRS)) == groups(
        build_zones(twelve, ZoneRules(4), CRS)
    )


def test_given_ways_decide_where_distances_say_nothing() -> None:
    """Four towns in a square; a mountain between west and east, so north and south belong together, or the reverse."""
    shapes = squares(2, 2)
    frame = frame_of(shapes, [10, 10, 10, 10])
    codes = frame["code"].tolist()

    def cut(near: list[tuple[int, int]]) -> set[frozenset[str]]:
        ways = pd.DataFrame(60.0, index=codes, columns=codes)
        for one, two in near:
            ways.iloc[one, two] = ways.iloc[two, one] = 5.0
        for code in codes:
            ways.loc[code, code] = 0.0
        return groups(build_zones(towns_from(frame, ways, "min"), ZoneRules(2), CRS))

    sw, se, nw, ne = codes
    assert cut([(0, 2), (1, 3)]) == {frozenset({sw, nw}), frozenset({se, ne})}
    assert cut([(0, 1), (2, 3)]) == {frozenset({sw, se}), frozenset({nw, ne})}


def test_the_seat_is_where_most_weight_is_near() -> None:
    towns = towns_from(frame_of(squares(3, 1), [10, 100, 30]))
    (zone,) = build_zones(towns, ZoneRules(1), CRS).levels.query("level == 'zone'").itertuples()
    assert zone.seat_code == towns.codes[1]
    assert zone.travel_mean == pytest.approx((10 + 30) / 140, abs=1e-3)
    assert zone.travel_max == 1.0


def test_a_town_too_heavy_for_any_zone_is_named() -> None:
    zones = build_zones(towns_from(frame_of(squares(4, 1), [500, 10, 10, 10])), ZoneRules(2), CRS)
    found = zones.violations[["rule", "value", "reason", "proven"]].to_numpy().tolist()
    assert ["band", 500, "unit_over_maximum", 1] in found or ["band", 510, "unit_over_maximum", 1] in found


def test_weights_that_no_cut_shares_evenly_are_proven_so() -> None:
    """Three towns in a row of 100, 10 and 100 households: two zones of 105 are out of reach within 4 %."""
    zones = build_zones(towns_from(frame_of(squares(3, 1), [100, 10, 100])), ZoneRules(2, 0.04), CRS)
    assert set(zones.violations["reason"]) == {"no_connected_cut"}
    assert zones.violations["proven"].all()


def test_more_towns_than_exhaustion_takes_are_proven_too() -> None:
    """Of 190, 190, 190 and 30 among thirty towns no two zones of 300 can be made, wherever the borders run."""
    pytest.importorskip("highspy", reason="the extra `prove` is not installed")
    weight = np.zeros(30)
    weight[[0, 9, 14, 29]] = 190, 190, 30, 190
    towns = towns_from(frame_of(squares(6, 5), weight.tolist()))
    zones = build_zones(towns, ZoneRules(2, tolerance=0.0), CRS)
    assert set(zip(zones.violations["reason"], zones.violations["proven"], strict=True)) == {("no_connected_cut", 1)}


def test_an_island_is_linked_and_its_zone_named() -> None:
    shapes = [*squares(3, 1), shapely.box(9_000, 0, 10_000, 1_000)]
    towns = towns_from(frame_of(shapes, [10, 10, 10, 10]))
    assert towns.linked == ((towns.codes[2], towns.codes[3]),)
    zones = build_zones(towns, ZoneRules(2), CRS)
    assert zones.violations[["rule", "value", "reason"]].to_numpy().tolist() == [["connected", 2, "exclave"]]


def test_borders_drawn_twice_are_one() -> None:
    """A gap of half a metre between two towns is closed; their zones cover it."""
    shapes = [shapely.box(0, 0, 1_000, 1_000), shapely.box(1_000.5, 0, 2_000, 1_000)]
    towns = towns_from(frame_of(shapes, [10, 10]))
    assert towns.linked == ()
    assert shapely.union_all(towns.polygons).area == pytest.approx(2_000_000, abs=1e-3)


def test_ways_as_a_plane_gives_them_are_embedded_exactly() -> None:
    places = np.random.default_rng(2).uniform(0, 10, (7, 2))
    ways = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    again = embedded(ways)
    assert np.hypot(*(again[:, None] - again[None]).transpose(2, 0, 1)) == pytest.approx(ways, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": [1.0, -1.0, 1.0]}, "expected a number >= 0"),
        ({"weight": [1.0, None, 1.0]}, "1 have none: 230718002"),
        ({"weight": [0, 0, 0]}, "weights of all towns are 0"),
        ({"code": ["a", "a", "b"]}, "towns given twice: a"),
    ],
)
def test_towns_that_cannot_be_weighed_are_refused(change: dict[str, list[object]], message: str) -> None:
    frame = frame_of(squares(3, 1), [1, 1, 1]).assign(**change)
    with pytest.raises(RulesError, match=message):
        towns_from(frame)


def test_a_matrix_with_gaps_is_refused_with_the_pair() -> None:
    frame = frame_of(squares(3, 1), [1, 1, 1])
    codes = frame["code"].tolist()
    ways = pd.DataFrame(1.0, index=codes, columns=codes)
    with pytest.raises(RulesError, match="no rows for 1 towns: 230718003"):
        towns_from(frame, ways.iloc[:2])
    ways.iloc[0, 2] = np.nan
    with pytest.raises(RulesError, match="1 have none, first 230718001 to 230718003"):
        towns_from(frame, ways)


@pytest.mark.parametrize(
    "wrong", [{"number": 0}, {"tolerance": 1.5}, {"balance": -1.0}, {"code": "Z{sequence}"}, {"seed": -1}]
)
def test_rules_of_zones_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(RulesError):
        ZoneRules(**{"number": 2, **wrong})  # type: ignore[arg-type]


def test_more_zones_than_towns_are_refused(twelve: Towns) -> None:
    with pytest.raises(RulesError, match="13 zones are set, but there are 12 towns"):
        build_zones(twelve, ZoneRules(13), CRS)


def test_a_chain_of_towns_keeps_its_zones_in_one_piece() -> None:
    towns = towns_from(frame_of(squares(30, 1), [7 + 5 * (n % 3) for n in range(30)]))
    zones = build_zones(towns, ZoneRules(5, 0.15), CRS)
    numbers = sorted(sorted(int(code[-3:]) for code in zone) for zone in groups(zones))
    assert all(after - before == 1 for zone in numbers for before, after in pairwise(zone))
    assert zones.violations.empty
