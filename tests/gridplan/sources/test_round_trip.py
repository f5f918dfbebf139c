"""A district written and read back is the same district; the order of rows and the kind of file decide nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from source_squares import CRS, EAST, NORTH, box

from gridplan.district import District
from gridplan.schema import LAYERS
from gridplan.sources import read_source, write_source

Write = Callable[..., Path]


@pytest.fixture
def rich(write: Write, buildings: gpd.GeoDataFrame) -> Path:
    """Return a source with every layer."""
    line = shapely.LineString([(EAST, NORTH + 30), (EAST + 200, NORTH + 30)])
    spot = [shapely.Point(EAST + 5, NORTH + 5)]
    path = write(
        buildings=buildings.assign(
            compound_id=["c", "c", None, None],
            persons=[20, None, 60, 80],
            floors=[6, 6, 6, 18],
            elderly_alone=[0, 3, None, 1],
        ),
        barriers=gpd.GeoDataFrame(
            {"kind": ["river", "primary", "river"], "passable": [None, None, 1]}, geometry=[line] * 3, crs=CRS
        ),
        grids=gpd.GeoDataFrame(
            {"grid_code": ["g1"], "locked": [1], "last_code": ["g4"]}, geometry=[box(0, 0, 50, 100)], crs=CRS
        ),
        exclusive=gpd.GeoDataFrame({"name": ["市场"]}, geometry=[box(60, 60, 70, 70)], crs=CRS),
        entrances=pd.DataFrame({"building_id": ["b4", "b4"], "entrance": ["2", "1"], "households": [25, 15]}),
        addresses=gpd.GeoDataFrame({"address_id": [1], "address": ["某路1号"]}, geometry=spot, crs=CRS),
        incidents=gpd.GeoDataFrame(
            {"incident_id": [1], "reported_at": ["2026-01-02T03:04:05"], "category": ["路灯"]}, geometry=spot, crs=CRS
        ),
    )
    tables = "\n".join(f'[layers.{name}]\npath = "source.gpkg"\nlayer = "{name}"' for name in LAYERS)
    toml = path.with_suffix(".toml")
    toml.write_text(f'[source]\nhouseholds_are = "resident"\n{tables}\n[rules]\nminimum = 300\n', encoding="utf-8")
    return toml


def assert_same(one: District, other: District) -> None:
    for name in LAYERS:
        left, right = getattr(one, name), getattr(other, name)
        assert (left is None) == (right is None), name
        if left is not None:
            assert_geodataframe_equal(left, right)
    assert (one.digest, one.crs, one.households_are, one.rules) == (
        other.digest,
        other.crs,
        other.households_are,
        other.rules,
    )


def test_district_written_and_read_back_is_equal(rich: Path, tmp_path: Path) -> None:
    first = read_source(rich)
    write_source(first, tmp_path / "again.gpkg")
    assert_same(first, read_source(tmp_path / "again.gpkg"))


def test_every_column_of_the_district_is_there_and_filled_by_its_default(rich: Path) -> None:
    district = read_source(rich)
    assert district.barriers is not None
    assert district.grids is not None
    assert sorted(zip(district.barriers["kind"], district.barriers["passable"], strict=True)) == [
        ("primary", True),
        ("river", False),
        ("river", True),
    ]
    assert district.grids.drop(columns="geometry").iloc[0].to_dict() == {
        "grid_code": "g1",
        "name": None,
        "kind": "basic",
        "locked": True,
        "last_code": "g4",
        "home": "110101001001",
    }
    assert district.communities["area_kind"].tolist() == ["urban", "urban"]
    assert district.rules == {"minimum": 300}


def test_shuffled_rows_give_the_same_digest_and_other_content_another(
    write: Write, communities: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> None:
    one = read_source(write("one.gpkg"))
    two = read_source(write("two.gpkg", communities=communities[::-1], buildings=buildings.iloc[[2, 0, 3, 1]]))
    three = read_source(write("three.gpkg", buildings=buildings.assign(households=[10, 20, 30, 41])))
    assert one.digest == two.digest != three.digest


def test_writing_that_fails_leaves_the_old_file(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    target = tmp_path / "out.gpkg"
    target.write_bytes(b"what was there")
    district = read_source(write())

    def fail(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gridplan.sources.gdal.os.replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write_source(district, target)
    assert target.read_bytes() == b"what was there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.gpkg", "source.gpkg"]
