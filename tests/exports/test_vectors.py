"""Vector files: the same grids in each, days in force, names of fields, encodings."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest

from gridplan.exports import Dossier, export_all
from gridplan.exports.vectors import FIELDS


def test_geojson_is_wgs84_counterclockwise_with_days(dossier: Dossier, tmp_path: Path) -> None:
    path = tmp_path / "grids.geojson"
    export_all(replace(dossier, valid_to=date(2027, 1, 1)), {"geojson": path})
    document = json.loads(path.read_text(encoding="utf-8"))
    assert "crs" not in document
    for feature in document["features"]:
        assert (feature["properties"]["valid_from"], feature["properties"]["valid_to"]) == ("2026-12-01", "2027-01-01")
        assert isinstance(feature["properties"]["grid_code"], str)
    found = gpd.read_file(path)
    assert all(shape.exterior.is_ccw for shape in found.geometry)
    back = found.to_crs(dossier.grids.crs).set_index("grid_code").geometry
    gap = back.symmetric_difference(dossier.grids.set_index("grid_code").geometry).area
    assert gap.max() < 20.0, "seven digits of a degree are a centimetre along 600 m of boundary"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_shapefile_reads_back_in_its_encoding(dossier: Dossier, tmp_path: Path, encoding: str) -> None:
    export_all(dossier, {"shapefile": tmp_path / "shp"}, encoding=encoding)
    path = tmp_path / "shp" / "grids.shp"
    found = gpd.read_file(path)
    assert found.columns.drop("geometry").tolist() == list(FIELDS.values())
    assert max(len(field) for field in FIELDS.values()) <= 10
    assert found["north"].tolist() == ["北大街"] * len(dossier.grids)
    assert "北大街".encode(encoding) in path.with_suffix(".dbf").read_bytes()
    assert path.with_suffix(".cpg").read_text() == encoding.upper()
    assert found.geometry.area.tolist() == pytest.approx(dossier.grids.geometry.area.tolist())
    listed = (tmp_path / "shp" / "grids-fields.csv").read_text(encoding="utf-8-sig").split()
    assert listed == ["field,column", *(f"{field},{column}" for column, field in FIELDS.items())]


def test_geopackage_has_grids_and_units_with_days(dossier: Dossier, tmp_path: Path) -> None:
    path = tmp_path / "grids.gpkg"
    code = dossier.grids["community_code"].iloc[0]
    export_all(dossier.only([code]), {"geopackage": path})
    grids, units = (gpd.read_file(path, layer=layer) for layer in ("grids", "units"))
    assert set(grids["community_code"]) == {code}
    assert units["households"].sum() == grids["households"].sum() == 800
    assert {str(day)[:10] for day in [*grids["valid_from"], *units["valid_from"]]} == {"2026-12-01"}
    assert grids.crs == dossier.grids.crs
