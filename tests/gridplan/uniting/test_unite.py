"""One net from many: borders follow the departments, the rules stay, and every household of each is accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from drawn import box, district, houses

from gridplan.district import District
from gridplan.errors import RulesError
from gridplan.plan import build_plan, read_plan
from gridplan.rules import Rules, rules_from
from gridplan.sources import read_source
from gridplan.synthetic.departments import department_layers
from gridplan.synthetic.district import make_district
from gridplan.synthetic.write import write_district
from gridplan.uniting.department import Department, make_department
from gridplan.uniting.unite import United, unite
from gridplan.uniting.write import write_united

ROWS = [box(0, 100 * n, 300, 100 * n + 100) for n in range(3)]
COLUMNS = [box(100 * n, 0, 100 * n + 100, 300) for n in range(3)]


def threes(**weights: float) -> Rules:
    """Return rules under which nine houses of 100 make three grids of three."""
    return rules_from({"minimum": 300, "target": 300, "maximum": 300, "weights": weights})


def department(name: str, polygons: Sequence[shapely.Geometry]) -> Department:
    return make_department(name, [f"{name}{n}" for n in range(len(polygons))], np.array(polygons, dtype=object))


def members(united: United) -> set[frozenset[str]]:
    return {frozenset(rows) for _, rows in united.plan.units.groupby("grid_code")["building_id"]}


def lanes(drawn: list[shapely.Polygon]) -> set[frozenset[str]]:
    return {frozenset(f"b{k}" for k, house in enumerate(houses(3, 3)) if lane.contains(house)) for lane in drawn}


@pytest.mark.parametrize(("drawn", "other"), [(ROWS, COLUMNS), (COLUMNS, ROWS)], ids=["rows", "columns"])
def test_the_plan_follows_what_most_departments_have(
    nine: District, drawn: list[shapely.Polygon], other: list[shapely.Polygon]
) -> None:
    """Drawn 8 m off and with a gap, as departments do; the third draws across."""
    shifted = [shapely.transform(shapely.buffer(lane, -1.0), lambda xy: xy + 8.0) for lane in drawn]
    united = unite(nine, threes(), [department("公安", drawn), department("城管", shifted), department("消防", other)])
    assert members(united) == lanes(drawn)
    assert united.followed.whole == {"公安": 3, "城管": 3, "消防": 0}
    assert united.followed.on_each["公安"] == 1.0
    changes = united.lineage.groupby("department")["change"].agg(set).to_dict()
    assert changes == {"公安": {"unchanged"}, "城管": {"changed"}, "消防": {"split"}}


def test_what_became_of_each_grid_is_told_anew_after_edits(nine: District) -> None:
    police = [department("公安", ROWS)]
    before = unite(nine, threes(), police)
    first, second = before.plan.grids["grid_code"][:2]
    edited = before.plan.merge(first, second, author="李娜", reason="人少", force=True)
    after = unite(nine, threes(), police, plan=edited)
    assert after.plan.edits == edited.edits
    assert before.plan.report["departments"]["after_edits"] == 0
    assert after.plan.report["departments"]["after_edits"] == 1
    assert set(before.lineage["change"]) == {"unchanged"}
    assert sorted(after.lineage["change"]) == ["merged", "merged", "unchanged"]
    assert after.lineage["households"].sum() == before.lineage["households"].sum() == 900
    other = district(houses(2, 1), 300, box(0, 0, 200, 100))
    with pytest.raises(RulesError, match="differ in 7 buildings"):
        unite(other, threes(), [department("公安", [box(0, 0, 200, 100)])], plan=edited)


def test_the_rules_go_before_every_department(nine: District) -> None:
    """Departments' grids of 100 and 500 households are merged and split; the band of 300 holds."""
    uneven = [box(0, 0, 100, 100), box(100, 0, 300, 300), box(0, 100, 100, 300)]
    united = unite(nine, threes(), [department("公安", uneven)])
    assert united.plan.grids["households"].tolist() == [300, 300, 300]
    assert not len(united.plan.violations)


def test_without_weight_departments_change_nothing(nine: District) -> None:
    rules = threes(departments=0.0)
    alone = build_plan(nine, rules)
    united = unite(nine, rules, [department("公安", COLUMNS)])
    assert united.plan.report["labels_digest"] == alone.report["labels_digest"]


def test_words_of_change() -> None:
    """
    Two grids are drawn for certain: the west pair and the east pair of four houses, 100 households each.

    One old grid is in both (split), one old and one house of nobody's make the west (merged, new), an old one holds
    a park without households, one lies elsewhere.
    """
    drawn = district(houses(4, 1), 100, box(0, 0, 400, 100))
    old = [box(0, 0, 90, 100), box(110, 0, 300, 100), box(310, 80, 330, 100), box(900, 0, 950, 100)]
    rules = rules_from({"minimum": 200, "target": 200, "maximum": 200})
    table = unite(drawn, rules, [make_department("党建", ["P", "Q", "R", "S"], np.array(old))]).lineage
    west, east = "230718001001001", "230718001001002"
    rows = set(table[["old_code", "new_code", "change", "households"]].itertuples(index=False, name=None))
    assert rows == {
        ("P", west, "merged", 100),
        ("Q", west, "split", 100),
        ("Q", east, "split", 100),
        (None, east, "new", 100),
        ("R", east, "merged", 0),
        ("S", None, "retired", 0),
    }


@pytest.mark.parametrize(
    ("departments", "tolerance_m", "found"),
    [([], 2.0, "one or more"), (["公安", "公安"], 2.0, "differ"), (["公安"], -1.0, "negative")],
)
def test_what_cannot_be_united_is_refused(
    nine: District, departments: list[str], tolerance_m: float, found: str
) -> None:
    layers = [department(name, ROWS) for name in departments]
    with pytest.raises(RulesError, match=found):
        unite(nine, threes(), layers, tolerance_m=tolerance_m)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[District, list[Department]]:
    """Return a made district with the layers of four departments that overlap, leave gaps and cross communities."""
    made = make_district(np.random.default_rng(3), n_communities=3, households=10_000)
    layers = department_layers(made, np.random.default_rng(3))
    read = read_source(write_district(made, Path(tmp_path_factory.mktemp("town")) / "town.gpkg"))
    return read, [
        make_department(name, frame["grid_code"].tolist(), np.asarray(frame.geometry.to_numpy(), dtype=object))
        for name, frame in layers.items()
    ]


def test_every_household_of_every_department_is_accounted_for(town: tuple[District, list[Department]]) -> None:
    drawn, departments = town
    united = unite(drawn, rules_from({}), departments, effort="quick")
    plain = unite(drawn, rules_from({"weights": {"departments": 0.0}}), departments, effort="quick")
    total = int(drawn.buildings["households"].sum())
    assert united.lineage.groupby("department")["households"].sum().to_dict() == dict.fromkeys(
        (each.name for each in departments), total
    )
    for each in departments:
        assert recounted(drawn, united, each) == as_counter(united, each.name)
        assert set(united.lineage.loc[united.lineage["department"] == each.name, "old_code"].dropna()) == set(
            each.codes
        )
    assert united.followed.on_any > plain.followed.on_any
    assert sum(united.followed.whole.values()) >= sum(plain.followed.whole.values())
    fits = {fit.department: fit for fit in united.reconciliations}
    assert fits["police"].repeated_codes == ("JW001",)
    assert fits["police"].crossings
    assert fits["police"].overlaps.area_m2 > 0
    assert fits["city_management"].missing_codes == ("#1",)
    assert fits["fire"].gaps.count == 1
    assert fits["party"].mended == ("DJ001",)
    assert fits["party"].gaps.slivers > 0


def recounted(drawn: District, united: United, each: Department) -> Counter[tuple[str | None, str]]:
    """Count households by old and new grid in another way: building by building, by overlay."""
    new = united.plan.units.dropna(subset=["building_id"])
    count: Counter[tuple[str | None, str]] = Counter()
    shapes = drawn.buildings.set_index("building_id").geometry
    for building, code, households in new[["building_id", "grid_code", "households"]].itertuples(index=False):
        inside = [round(shapes[building].intersection(grid).area, 3) for grid in each.polygons]
        best = int(np.argmax(inside))
        count[(each.codes[best] if inside[best] > 0 else None, code)] += int(households)
    return Counter({key: value for key, value in count.items() if value})


def as_counter(united: United, name: str) -> Counter[tuple[str | None, str]]:
    rows = united.lineage[(united.lineage["department"] == name) & (united.lineage["households"] > 0)]
    return Counter({(old, new): int(n) for old, new, n in rows[["old_code", "new_code", "households"]].values})


@pytest.mark.parametrize(("drawn", "other"), [(ROWS, COLUMNS), (COLUMNS, ROWS)], ids=["rows", "columns"])
def test_a_part_cut_anew_follows_the_departments_still(
    nine: District, drawn: list[shapely.Polygon], other: list[shapely.Polygon], tmp_path: Path
) -> None:
    """A house has gone astray; the plan is written, read and cut anew: its grids are the departments' again."""
    united = unite(nine, threes(), [department("公安", drawn), department("城管", drawn), department("消防", other)])
    write_united(united, tmp_path / "united.gpkg")
    plan = read_plan(tmp_path / "united.gpkg")
    one, two, _ = plan.grids["grid_code"]
    swapped = plan.units.loc[plan.units["grid_code"] == one, "building_id"].iloc[0]
    astray = plan.move(swapped, to=two, force=True)
    again = astray.replan("unlocked")
    assert {frozenset(rows) for _, rows in again.units.groupby("grid_code")["building_id"]} == lanes(drawn)
