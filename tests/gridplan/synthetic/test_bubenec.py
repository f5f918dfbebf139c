"""Real footprints in true size, inside one community, with households that are said to be estimates."""

import json
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest

from gridplan.synthetic import write_bubenec


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("momepy", reason="momepy carries the data of Bubenec")
    return write_bubenec(tmp_path_factory.mktemp("bubenec") / "bubenec.gpkg")


def test_sizes_are_true_and_households_estimated(path: Path) -> None:
    buildings = gpd.read_file(path, layer="buildings")
    # 144 buildings; in Web Mercator their footprints would sum to 2.4 times as much
    geographic = buildings.to_crs("EPSG:3035").area.sum()
    assert buildings.area.sum() == pytest.approx(geographic, rel=0.002)
    assert len(buildings) == 144
    assert buildings.households.sum() == 3_045
    assert buildings.households.max() <= 120
    assert (buildings.estimated == 1).all()


def test_every_building_is_well_inside_the_one_community(path: Path) -> None:
    community = gpd.read_file(path, layer="communities").geometry
    assert len(community) == 1
    assert gpd.read_file(path, layer="buildings").within(community.iloc[0].buffer(-1)).all()
    barriers = gpd.read_file(path, layer="barriers")
    assert barriers.within(community.iloc[0].buffer(0.01)).all()
    assert (barriers.kind == "residential").all()


def test_the_file_says_that_households_are_estimates(path: Path) -> None:
    table = pyogrio.read_dataframe(path, layer="source").set_index("key").value
    assert "estimated" in json.loads(table["households_are"])
    assert "ESTIMATES" in json.loads(table["notice"])
