"""What is written is what was made, whole or not at all, and says that it is synthetic."""

import hashlib
import json
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from geopandas.testing import assert_geodataframe_equal

from gridplan.synthetic import SyntheticDistrict, write_district


def test_a_written_district_reads_back_the_same(made: SyntheticDistrict, tmp_path: Path) -> None:
    path = write_district(made, tmp_path / "district.gpkg")
    for name, frame in made.layers().items():
        again = gpd.read_file(path, layer=name)
        for column in {"compound_id", "satisfaction"} & set(frame.columns):  # null is None here and NaN there
            again[column], frame = again[column].fillna(""), frame.assign(**{column: frame[column].fillna("")})
        assert_geodataframe_equal(again, frame, check_dtype=False, check_like=True)
    assert [p.name for p in tmp_path.iterdir()] == ["district.gpkg"]


def test_the_file_says_that_it_is_synthetic(made: SyntheticDistrict, tmp_path: Path) -> None:
    path = write_district(made, tmp_path / "district.gpkg")
    table = pyogrio.read_dataframe(path, layer="source")
    said = {key: json.loads(value) for key, value in table[["key", "value"]].to_numpy()}
    assert said["households_are"] == "synthetic"
    assert "合成示例" in said["name"]
    assert "合成示例" in said["notice"]
    assert "none is real" in said["notice"]


def test_the_same_district_gives_the_same_bytes(made: SyntheticDistrict, tmp_path: Path) -> None:
    digests = {
        hashlib.sha256(write_district(made, tmp_path / f"{name}.gpkg").read_bytes()).hexdigest() for name in ("a", "b")
    }
    assert len(digests) == 1


def test_a_failed_write_leaves_the_old_file(
    made: SyntheticDistrict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "district.gpkg"
    path.write_text("old")
    real = pyogrio.write_dataframe

    def breaks(frame: gpd.GeoDataFrame, *args: object, **options: object) -> None:
        if options["layer"] == "grids":
            raise KeyboardInterrupt
        real(frame, *args, **options)

    monkeypatch.setattr(pyogrio, "write_dataframe", breaks)
    with pytest.raises(KeyboardInterrupt):
        write_district(made, path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["district.gpkg"]
