"""Where layers are, in one word each, and the example's four, read as they came."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyproj import CRS

from gridplan.errors import InputError, RulesError
from gridplan.shortcuts import example
from gridplan.uniting.read import LayerSource, parse_layer, read_departments


@pytest.mark.parametrize(
    ("text", "path", "layer", "name"),
    [
        ("a.gpkg:police=公安", "a.gpkg", "police", "公安"),
        ("a.shp=消防", "a.shp", None, "消防"),
        ("dir/x=y.gpkg:city= 城管 ", "dir/x=y.gpkg", "city", "城管"),
        (r"C:\grids\a.shp=fire", r"C:\grids\a.shp", None, "fire"),
        ("C:/grids/a.gpkg:fire=fire", "C:/grids/a.gpkg", "fire", "fire"),
    ],
)
def test_a_layer_in_one_word(text: str, path: str, layer: str | None, name: str) -> None:
    assert parse_layer(text) == LayerSource(name, Path(path), layer)


@pytest.mark.parametrize("text", ["a.gpkg", "a.gpkg=", "=公安", "a.gpkg:police= "])
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(RulesError, match=r"FILE\[:LAYER\]=NAME"):
        parse_layer(text)


def test_all_faults_of_all_layers_come_at_once(tmp_path: Path) -> None:
    layers = [LayerSource("公安", tmp_path / "one.gpkg"), LayerSource("消防", tmp_path / "two.gpkg")]
    with pytest.raises(InputError) as caught:
        read_departments(layers, CRS.from_epsg(4552))
    assert [fault.code for fault in caught.value.faults] == ["file-missing", "file-missing"]


def test_the_example_has_what_departments_bring(tmp_path: Path) -> None:
    path = example("departments", tmp_path, households=10_000)
    names = ("police", "city_management", "fire", "party")
    read = read_departments([LayerSource(name, path, name) for name in names], CRS.from_epsg(4552))
    found = {each.name: each for each in read}
    assert found["police"].repeated == ("JW001",)
    assert found["city_management"].missing == ("#1",)
    assert found["party"].mended == ("DJ001",)
    assert all(len(each.codes) == len(set(each.codes)) > 1 for each in read)
