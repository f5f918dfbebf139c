"""The real districts, by their examples: what the data is known to hold is what the check reports."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_squares import fault

from gridplan.sources import check_source, read_source, write_source

EXAMPLES = Path(__file__).parents[3] / "examples"
pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def _at(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDPLAN_DATA", str(real_data))


def test_tainan_east_settles_29_pairs_and_keeps_every_household(tmp_path: Path) -> None:
    report = check_source(EXAMPLES / "tainan_east" / "gridplan.toml")
    contested = fault(report, "contested-ground")
    assert (contested.count, contested.params["worst_m2"]) == (29, pytest.approx(145.8, abs=0.5))
    assert report.district is not None
    assert (report.district.name, report.district.crs.to_epsg()) == ("tainan_east", 4549)
    assert (len(report.district.buildings), len(report.district.communities)) == (1072, 45)
    write_source(report.district, tmp_path / "t.gpkg")
    assert read_source(tmp_path / "t.gpkg").digest == report.district.digest


def test_cambridge_keeps_its_dwellings_and_says_what_was_left_out() -> None:
    report = check_source(EXAMPLES / "cambridge" / "gridplan.toml")
    assert report.district is not None
    assert int(report.district.buildings["households"].sum()) == 43_124
    assert fault(report, "buildings-without-place").count == 1
    assert fault(report, "buildings-straddling").count > 20
    assert report.district.crs.to_epsg() == 32619


@pytest.mark.parametrize(
    ("name", "lacks"),
    [("singapore_hdb", {"layer-missing"}), ("shanghai_osm", {"layer-missing", "column-missing"})],
)
def test_district_that_lacks_what_a_plan_needs_is_refused_for_that_alone(name: str, lacks: set[str]) -> None:
    report = check_source(EXAMPLES / name / "gridplan.toml")
    assert {each.code for each in report.errors} == lacks


def test_gml_of_a_cadastre_is_read(real_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(
        f"""[layers.buildings]
path = "{real_data}/catastro_es/catastro_building.gml"
columns = {{ building_id = "localId", households = "numberOfDwellings" }}
""",
        encoding="utf-8",
    )
    report = check_source(path)
    assert report.counts == {"buildings": 16}
    assert {each.code for each in report.errors} == {"layer-missing"}
