from __future__ import annotations

from pathlib import Path

import pytest

import gridplan
from gridplan.errors import RulesError
from gridplan.plan import build_plan
from gridplan.rules import rules_from


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gridplan.example("yudu", tmp_path_factory.mktemp("estate") / "made" / "here")


def test_every_exported_name_is_there() -> None:
    assert all(hasattr(gridplan, name) for name in gridplan.__all__)
    # A module of the same name would take the place of the function once it is imported.
    own = Path(gridplan.__file__).parent
    taken = {path.stem for path in own.iterdir()}
    assert not taken & set(gridplan.__all__)


@pytest.mark.parametrize("kind", ["mapping", "file", "rules"])
def test_rules_are_taken_in_three_shapes(estate: Path, tmp_path: Path, kind: str) -> None:
    given = {"persons_maximum": 1000}
    (tmp_path / "rules.toml").write_text("persons_maximum = 1000\n", encoding="utf-8")
    rules = {"mapping": given, "file": tmp_path / "rules.toml", "rules": rules_from(given)}[kind]
    made = gridplan.make_plan(estate, rules, effort="quick")
    assert made == build_plan(gridplan.read_source(estate), rules_from(given), effort="quick")
    assert made.grids["persons"].max() <= 1000


def test_revise_keeps_the_grids_that_fit_and_needs_some(estate: Path) -> None:
    district = gridplan.read_source(estate)
    assert district.grids is not None
    assert gridplan.revise(district, effort="quick").report["measures"]["households_moved"] == 0
    gone = type(district)(**{**district.__dict__, "grids": None})
    with pytest.raises(RulesError, match="nothing to revise"):
        gridplan.revise(gone)


def test_an_unknown_example_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="district, bubenec, towns and yudu"):
        gridplan.example("paris", tmp_path)  # type: ignore[arg-type]


def test_a_report_says_of_both_whether_it_can_be_planned(estate: Path, tmp_path: Path) -> None:
    assert "can be planned: 1,856 households" in gridplan.check_source(estate).text("en")
    assert "不能编制方案：1 个错误" in gridplan.check_source(tmp_path / "none.gpkg").text("zh")


def test_a_plan_sums_itself_up(estate: Path) -> None:
    made = gridplan.make_plan(estate, effort="quick")
    begin = f"1 communities, 1,856 households, {len(made.grids)} grids; in the band 100.0%"
    assert made.summary("en").startswith(begin)
    assert "1,856 户" in made.summary()


def test_departments_are_united_by_name(estate: Path) -> None:
    united = gridplan.unite(estate, {"公安": f"{estate}:grids"}, effort="quick")
    assert set(united.lineage["department"]) == {"公安"}
    assert united.lineage["households"].sum() == united.plan.grids["households"].sum() == 1856
