"""Coordinates: every frame leads to the same ground, none is guessed, a wrong datum is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS as PROJ_CRS
from source_squares import CRS, codes, fault

from gridplan.datum import from_wgs84
from gridplan.sources import check_source, read_source
from gridplan.sources.frames import keeps_areas, zone_of

Write = Callable[..., Path]


def lonlat_table(buildings: gpd.GeoDataFrame, datum: str) -> pd.DataFrame:
    places = buildings.geometry.representative_point().to_crs(4326)
    lon, lat = from_wgs84(places.x.to_numpy(), places.y.to_numpy(), datum)
    return pd.DataFrame({"id": buildings["building_id"], "hh": buildings["households"], "x": lon, "y": lat})


def toml(folder: Path, line: str, columns: str = 'lon = "x", lat = "y"') -> Path:
    path = folder / "s.toml"
    path.write_text(
        f"""[layers.communities]
path = "source.gpkg"
layer = "communities"
[layers.buildings]
path = "rows.csv"
columns = {{ building_id = "id", households = "hh", {columns} }}
{line}
""",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_lon_and_lat_of_every_datum_lead_to_the_same_ground(
    write: Write, tmp_path: Path, buildings: gpd.GeoDataFrame, datum: str
) -> None:
    write()
    lonlat_table(buildings, datum).to_csv(tmp_path / "rows.csv", index=False)
    district = read_source(toml(tmp_path, f'datum = "{datum}"'))
    assert district.crs.to_epsg() == 4549
    goal = buildings.geometry.representative_point()
    assert district.buildings.geometry.distance(goal).max() < 1e-5


@pytest.mark.parametrize("epsg", [4326, 4490, 3857, 4549, 4528, 32651, 2249])
def test_communities_of_any_crs_end_in_a_metric_one(
    write: Write, communities: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, epsg: int
) -> None:
    district = read_source(write(communities=communities.to_crs(epsg), buildings=buildings.to_crs(4326)))
    kept = epsg in {4549, 4528, 32651}
    assert district.crs.to_epsg() == (epsg if kept else 4549)
    # The place lies at the rim of UTM zone 51, where a square is 0.2 % larger.
    np.testing.assert_allclose(district.communities.area, 10_000, rtol=3e-3)


def test_working_crs_is_never_web_mercator_nor_a_crs_that_spoils_areas() -> None:
    assert not keeps_areas(PROJ_CRS.from_epsg(3857), 103.8, 1.3)
    assert not keeps_areas(PROJ_CRS.from_epsg(3395), 120.0, 23.0)
    assert not keeps_areas(PROJ_CRS.from_epsg(2249), -71.1, 42.4)
    assert keeps_areas(PROJ_CRS.from_epsg(3414), 103.8, 1.3)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (128.8, 47.7, 4552),
        (126.6, 43.8, 4551),
        (121.47, 31.2, 4549),
        (102.8, 25.0, 4543),
        (2.3, 48.9, 32631),
        (18.4, -33.9, 32734),
    ],
)
def test_zone_of_a_city(lon: float, lat: float, epsg: int) -> None:
    assert zone_of(lon, lat).to_epsg() == epsg


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_layer_without_crs_and_datum_is_refused(
    write: Write, tmp_path: Path, communities: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> None:
    report = check_source(write("nocrs.gpkg", communities=communities.set_crs(None, allow_override=True)))
    assert fault(report, "crs-missing").layer == "communities"
    write()
    lonlat_table(buildings, "wgs84").to_csv(tmp_path / "rows.csv", index=False)
    assert codes(check_source(toml(tmp_path, ""))) >= {"crs-missing"}
    assert check_source(toml(tmp_path, 'crs = "EPSG:4490"')).ok
    assert fault(check_source(toml(tmp_path, 'crs = "EPSG:999999"')), "crs-unknown").params["value"] == "EPSG:999999"


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_wrong_datum_is_reported_with_the_one_that_fits(
    write: Write, tmp_path: Path, buildings: gpd.GeoDataFrame, datum: str
) -> None:
    write()
    lonlat_table(buildings, datum).to_csv(tmp_path / "rows.csv", index=False)
    found = fault(check_source(toml(tmp_path, 'datum = "wgs84"')), "datum-mismatch")
    assert (found.params["fits"], found.params["datum"], found.params["inside_then"]) == ("buildings", datum, "100.0 %")


def test_swapped_columns_are_named(write: Write, tmp_path: Path, buildings: gpd.GeoDataFrame) -> None:
    write()
    lonlat_table(buildings, "wgs84").to_csv(tmp_path / "rows.csv", index=False)
    swapped = toml(tmp_path, 'datum = "wgs84"', 'lon = "y", lat = "x"')
    assert {each.code for each in check_source(swapped).errors} == {"coordinates-swapped"}


def test_coordinates_that_are_no_numbers_or_out_of_range_are_rows_of_a_fault(
    write: Write, tmp_path: Path, buildings: gpd.GeoDataFrame
) -> None:
    write()
    table = lonlat_table(buildings, "wgs84").astype({"x": object})
    table.loc[0, "x"], table.loc[1, "x"], table.loc[2, "x"] = "east", "", 500_110.0
    table.to_csv(tmp_path / "rows.csv", index=False)
    report = check_source(toml(tmp_path, 'datum = "wgs84"'))
    assert fault(report, "text-coordinate").rows == ("row 1",)
    assert fault(report, "coordinates-out-of-range").rows == ("b3",)
    assert fault(report, "empty-geometry").rows == ("b1", "b2")


def test_infinite_coordinates_are_refused(write: Write, buildings: gpd.GeoDataFrame) -> None:
    shapes = [shapely.Point(np.inf, 1), *buildings.geometry[1:]]
    report = check_source(write(buildings=buildings.set_geometry(shapes, crs=CRS)))
    assert fault(report, "coordinates-not-finite").rows == ("b1",)
