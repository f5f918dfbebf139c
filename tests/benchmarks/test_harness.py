"""The benchmark's harness: measures of drawn labels, and a quick run that leaves a whole page behind."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from gridbench.cities import town  # noqa: E402
from gridbench.instance import Instance, joined, load, save  # noqa: E402
from gridbench.lattice import lattice  # noqa: E402
from gridbench.measures import measure, parts  # noqa: E402
from gridbench.runner import Row  # noqa: E402
from gridbench.verdict import verdict  # noqa: E402
from gridbench.wins import wins  # noqa: E402


@pytest.fixture
def city() -> Instance:
    """
    Return 12 x 12 units with a street after every third and a river through the middle.

    The river makes two connected parts of 6 rows each.
    """
    return lattice("city", np.random.default_rng(3), rows=12, columns=12, blocks=3, river=True)


def rows_of_blocks(instance: Instance) -> np.ndarray:
    """Label the eight strips of 3 rows x 6 columns: connected, along streets and river, no compound cut."""
    row, column = np.divmod(np.arange(instance.problem.n_units), 12)
    return (row // 3 * 2 + column // 6).astype(np.int32)


def test_measures_of_strips_along_streets(city: Instance) -> None:
    labels = rows_of_blocks(city)
    found = measure(city, labels)
    households = np.bincount(labels, city.problem.households)
    assert found.grids == 8
    assert found.connected == 1.0
    assert found.in_band == pytest.approx(((households >= 300) & (households <= 500)).mean())
    assert found.household_cv == pytest.approx(households.std() / households.mean())
    assert found.compounds > 0
    assert (found.compounds_split, found.off_km) == (0, 0.0)


def test_measures_see_pieces_splits_and_boundary_off_streets(city: Instance) -> None:
    labels = rows_of_blocks(city)
    corner = labels.copy()
    corner[0] = labels[-1]
    assert measure(city, corner).connected == pytest.approx(6 / 8 + 1 / 8)
    shifted = ((np.arange(144) // 12) // 3 * 2 + (np.arange(144) % 12) // 5).astype(np.int32)
    found = measure(city, shifted)
    assert found.compounds_split > 0
    between = shifted[city.borders[:, 0]] != shifted[city.borders[:, 1]]
    assert found.off_km == pytest.approx((city.border_m - city.near_m)[between].sum() / 1000.0)
    assert found.off_km > 0.0


def test_inertia_is_that_of_its_definition(city: Instance) -> None:
    labels = rows_of_blocks(city)
    problem = city.problem
    total = 0.0
    for grid in range(8):
        mine = labels == grid
        weight = problem.households[mine]
        centre = np.average(problem.xy[mine], axis=0, weights=weight)
        total += float((weight * ((problem.xy[mine] - centre) ** 2).sum(axis=1)).sum())
    assert measure(city, labels).inertia == pytest.approx(total / problem.households.sum())


def test_polsby_popper_is_that_of_the_polygons() -> None:
    square = lattice("square", np.random.default_rng(0), rows=4, columns=4, blocks=2)
    outlines = {}
    for number, columns in enumerate((slice(0, 1), slice(1, 4))):
        outlines[number] = np.arange(16).reshape(4, 4)[:, columns].ravel()
    labels = np.zeros(16, dtype=np.int32)
    labels[outlines[1]] = 1
    polygons = _polygons_of_lattice(4)
    unions = [shapely.coverage_union_all(polygons[members]) for members in outlines.values()]
    expected = 4.0 * np.pi * shapely.area(unions) / shapely.length(unions) ** 2
    found = measure(square, labels)
    assert (found.pp_mean, found.pp_min) == pytest.approx((expected.mean(), expected.min()))


def _polygons_of_lattice(side: int) -> np.ndarray:
    """Draw the lattice of seed 0 again, corner by corner."""
    corners = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=2)
    corners = 40.0 * (corners + np.random.default_rng(0).uniform(-0.25, 0.25, corners.shape))
    rings = [
        [corners[row, column], corners[row, column + 1], corners[row + 1, column + 1], corners[row + 1, column]]
        for row in range(side)
        for column in range(side)
    ]
    return np.asarray(shapely.polygons(rings))


def test_a_failed_part_is_one_grid(city: Instance) -> None:
    labels = rows_of_blocks(city)
    labels[parts(city.problem.graph) == 1] = -1
    assert measure(city, labels).grids == 5


def test_instances_join_and_come_back_from_files(city: Instance, tmp_path: Path) -> None:
    other = lattice("other", np.random.default_rng(4), rows=5, columns=4, blocks=2)
    both = joined("both", "two", [city, other])
    save(both, tmp_path / "both.npz")
    again = load(tmp_path / "both.npz")
    assert again.problem.n_units == 144 + 20
    assert int(parts(again.problem.graph).max()) + 1 == 3
    assert again.problem.compound.max() == city.problem.compound.max() + other.problem.compound.max() + 1
    alone = measure(city, rows_of_blocks(city))
    labels = np.concatenate([rows_of_blocks(city), np.full(20, 8)]).astype(np.int32)
    assert measure(again, labels).off_km == pytest.approx(alone.off_km)


def test_borders_and_rim_of_a_town_add_up_to_its_outline() -> None:
    made = town("town", 10_000, seed=1, barriers=True)
    whole = measure(made, np.zeros(made.problem.n_units, dtype=np.int32))
    outline_m = np.sqrt(4.0 * np.pi * made.problem.area_m2.sum() / whole.pp_mean)
    assert outline_m == pytest.approx(made.rim_m.sum())
    assert (made.near_m <= made.border_m + 1e-6).all()
    graph_m = made.problem.graph.border_m.sum() / 2.0
    assert 0.9 * made.border_m.sum() < graph_m <= made.border_m.sum() * (1.0 + 1e-9)


def row(method: str, cpu_s: float, **measures: float) -> Row:
    base = {
        "grids": 8,
        "broken": 0,
        "work_cv": 0.1,
        "inertia": 100.0,
        "off_km": 10.0,
        "compounds_split": 0,
        "compounds": 9,
        "household_cv": 0.1,
        "pp_mean": 0.5,
        "pp_min": 0.3,
    }
    return Row("x", method, "", cpu_s=cpu_s, measures=base | measures)


def shortfalls(rows: list[Row]) -> set[str]:
    return {item.rule for item in verdict(rows) if item.short}


def test_the_verdict_names_the_rule_that_fails() -> None:
    ours, balance = row("gridplan normal", 10.0), row("gridplan balance", 9.0, work_cv=0.02)
    slow, fast = (row("METIS", seconds, inertia=90.0, off_km=9.0) for seconds in (5.0, 0.5))
    assert shortfalls([ours, balance, slow]) == set()
    assert shortfalls([ours, balance, fast]) == {"two"}
    assert shortfalls([ours, row("METIS", 5.0, inertia=90.0, off_km=9.0, work_cv=0.05)]) == {"three"}
    assert shortfalls([ours, balance, row("KaHIP", 5.0, work_cv=0.01)]) == {"gridplan balance"}
    cheat = row("gridplan balance", 9.0, work_cv=0.02, broken=1)
    assert shortfalls([ours, cheat, slow]) == {"gridplan balance"}
    split = row("gridplan normal", 1.0, compounds_split=1)
    assert shortfalls([split, row("METIS", 5.0, compounds_split=4)]) == {"split"}
    assert shortfalls([ours, row("Ward", 0.1, broken=3, inertia=1.0)]) == set()


def test_a_break_that_is_proven_is_none() -> None:
    broken = row("gridplan normal", 1.0, broken=1)
    assert shortfalls([broken]) == {"kept"}
    assert shortfalls([replace(broken, proven=1)]) == set()


def test_where_a_peer_wins_is_told_with_its_time() -> None:
    ours, peer = row("gridplan normal", 10.0), row("METIS", 0.5, inertia=90.0, pp_mean=0.6)
    lines = wins([ours, peer], ["x"]).splitlines()[2:]
    assert lines == [
        "| x | inertia | 100 | METIS | 90 | 0.05 |",
        "| x | Polsby-Popper mean | 0.500 | METIS | 0.600 | 0.05 |",
    ]
    assert wins([ours, row("Ward", 0.1, broken=3, inertia=1.0)], ["x"]).startswith("None")


def test_a_quick_run_leaves_a_page_with_every_method(tmp_path: Path) -> None:
    output = tmp_path / "page.md"
    methods = ["gridplan quick", "scikit-learn Ward", "METIS k-way 30"]
    command = [sys.executable, "-m", "gridbench", "--quick", "--cache", str(tmp_path), "--output", str(output)]
    chosen = ["--instances", "lattice_144_river", "--methods", *methods]
    done = subprocess.run([*command, *chosen], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads(output.with_suffix(".json").read_text(encoding="utf-8"))["rows"]
    assert [item["method"] for item in rows] == methods
    for item in rows:
        assert item["failure"] in {"", "not installed"}
        assert item["failure"] or item["cpu_s"] > 0.0
    assert rows[0]["measures"]["broken"] == 0
    page = output.read_text(encoding="utf-8")
    assert page.count("| gridplan quick |") == 2  # its setting, and its row
