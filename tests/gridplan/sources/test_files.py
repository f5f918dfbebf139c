"""Files: every format is read alike, encodings are found out and said, what is not what it says is refused."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from source_squares import CRS, fault

from gridplan.sources import check_source, read_source, unpack
from gridplan.sources.gdal import ALLOWED_DRIVERS
from gridplan.sources.sniff import Format, detect

Write = Callable[..., Path]
ROOT = Path(__file__).parents[3]


def toml(folder: Path, file: str, extra: str = "") -> Path:
    path = folder / "s.toml"
    path.write_text(
        f"""[layers.communities]
path = "source.gpkg"
layer = "communities"
[layers.buildings]
path = "{file}"
columns = {{ building_id = "编号", households = "户数" }}
{extra}
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def chinese(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the buildings under Chinese names with Chinese addresses, as points so that any format holds them."""
    points = buildings.set_geometry(buildings.geometry.representative_point())
    points = points.rename(columns={"building_id": "编号", "households": "户数"})
    return points.assign(address=["东风路一号", "东风路二号", "解放街三号", "解放街四号"]).to_crs(4490)


def write_table(frame: gpd.GeoDataFrame, path: Path) -> None:
    plain = pd.DataFrame(frame.drop(columns="geometry")).assign(lon=frame.geometry.x, lat=frame.geometry.y)
    match path.suffix:
        case ".csv":
            plain.to_csv(path, index=False)
        case ".gz":
            path.write_bytes(gzip.compress(plain.to_csv(index=False).encode()))
        case ".xlsx":
            plain.to_excel(path, index=False)
        case ".parquet":
            frame.to_parquet(path)
        case ".json":
            frame.to_file(path, driver="GeoJSON", engine="pyogrio")
        case _:
            frame.to_file(path, engine="pyogrio", encoding="utf-8")


FORMATS = ["b.gpkg", "b.shp", "b.geojson", "b.json", "b.fgb", "b.parquet", "b.csv", "b.csv.gz", "b.xlsx"]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_buildings(
    write: Write, tmp_path: Path, chinese: gpd.GeoDataFrame, name: str
) -> None:
    write()
    write_table(chinese, tmp_path / name)
    source = toml(tmp_path, name, 'datum = "cgcs2000"' if name.split(".")[1] in {"csv", "xlsx"} else "")
    district = read_source(source)
    assert district.buildings["address"].tolist() == chinese["address"].tolist()
    assert district.buildings["households"].tolist() == [10, 20, 30, 40]
    goal = gpd.GeoSeries(chinese.geometry.to_crs(CRS))
    assert district.buildings.geometry.distance(goal).max() < 0.001


ENCODINGS = [
    # written as, what the .cpg says (None for no file), the fault that tells what was decided
    ("gbk", "GBK", "encoding-declared", "gb18030"),
    ("gbk", None, "encoding-chosen", "gb18030"),
    ("utf-8", None, "encoding-chosen", "utf-8"),
    ("gbk", "UTF-8", "encoding-contradicted", "gb18030"),
    ("utf-8", "UTF-8", "encoding-declared", "utf-8"),
]


@pytest.mark.parametrize(("written", "cpg", "code", "encoding"), ENCODINGS)
def test_encoding_of_a_shapefile_is_found_and_said(
    write: Write, tmp_path: Path, chinese: gpd.GeoDataFrame, written: str, cpg: str | None, code: str, encoding: str
) -> None:
    write()
    chinese.to_file(tmp_path / "b.shp", engine="pyogrio", encoding=written)
    dbf = bytearray((tmp_path / "b.dbf").read_bytes())
    assert "东风路一号".encode(written) in dbf
    dbf[29] = 0
    (tmp_path / "b.dbf").write_bytes(dbf)
    (tmp_path / "b.cpg").unlink(missing_ok=True)
    if cpg is not None:
        (tmp_path / "b.cpg").write_text(cpg, encoding="ascii")
    report = check_source(toml(tmp_path, "b.shp"))
    assert report.district is not None, report.errors
    assert report.district.buildings["address"].tolist() == chinese["address"].tolist()
    assert fault(report, code).params["encoding"] == encoding


def test_encoding_of_a_shapefile_is_taken_from_its_language_driver(
    write: Write, tmp_path: Path, chinese: gpd.GeoDataFrame
) -> None:
    write()
    chinese.to_file(tmp_path / "b.shp", engine="pyogrio", encoding="gbk")
    (tmp_path / "b.cpg").unlink(missing_ok=True)
    dbf = bytearray((tmp_path / "b.dbf").read_bytes())
    dbf[29] = 0x4D
    (tmp_path / "b.dbf").write_bytes(dbf)
    assert fault(check_source(toml(tmp_path, "b.shp")), "encoding-declared").params["encoding"] == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encoding_of_csv_is_found(write: Write, tmp_path: Path, chinese: gpd.GeoDataFrame, encoding: str) -> None:
    write()
    write_table(chinese, tmp_path / "b.csv")
    text = (tmp_path / "b.csv").read_text(encoding="utf-8")
    (tmp_path / "b.csv").write_bytes(text.encode(encoding))
    district = read_source(toml(tmp_path, "b.csv", 'datum = "wgs84"'))
    assert district.buildings["address"].tolist() == chinese["address"].tolist()


def test_wrong_encoding_in_the_source_is_refused(write: Write, tmp_path: Path, chinese: gpd.GeoDataFrame) -> None:
    write()
    chinese.to_file(tmp_path / "b.shp", engine="pyogrio", encoding="gbk")
    report = check_source(toml(tmp_path, "b.shp", 'encoding = "utf-8"'))
    assert fault(report, "encoding-wrong").layer == "buildings"


def test_zipped_shapefile_is_read(write: Write, tmp_path: Path, chinese: gpd.GeoDataFrame) -> None:
    write()
    (tmp_path / "in").mkdir()
    chinese.to_file(tmp_path / "in" / "b.shp", engine="pyogrio", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for path in sorted((tmp_path / "in").iterdir()):
            archive.write(path, f"folder/{path.name}")
    assert len(read_source(toml(tmp_path, "b.zip")).buildings) == 4


# --- what is refused ------------------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """Listen on a port of this machine and keep who calls; nobody may."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                calls.append(address)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], calls
        stop.set()
        thread.join()


VRT = """<OGRVRTDataSource><OGRVRTLayer name="passwd"><SrcDataSource>CSV:/etc/passwd</SrcDataSource>
<SrcLayer>passwd</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"""
WFS = "<OGRWFSDataSource><URL>http://127.0.0.1:{port}/wfs</URL></OGRWFSDataSource>"
PIPELINE = '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read http://127.0.0.1:%d/a.geojson"}'
ENTITIES = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><FeatureCollection>&e;</FeatureCollection>'


@pytest.mark.parametrize("suffix", ["geojson", "shp", "gpkg", "gml", "csv", "fgb", "parquet", "xlsx"])
@pytest.mark.parametrize("body", [VRT, WFS, PIPELINE, ENTITIES], ids=["vrt", "wfs", "pipeline", "entities"])
def test_document_under_another_name_is_refused_and_nobody_is_called(
    write: Write, tmp_path: Path, listener: tuple[int, list[object]], body: str, suffix: str
) -> None:
    port, calls = listener
    write()
    text = body.replace("{port}", str(port)).replace("%d", str(port))
    (tmp_path / f"b.{suffix}").write_text(text, encoding="utf-8")
    report = check_source(toml(tmp_path, f"b.{suffix}"))
    assert fault(report, "file-not-what-it-says").severity == "error"
    assert "root:" not in json.dumps(report.to_dict())
    assert calls == []


@pytest.mark.parametrize(
    "path",
    [
        "http://127.0.0.1:{port}/b.geojson",
        "/vsicurl/http://127.0.0.1:{port}/b.geojson",
        "CSV:/etc/passwd",
        "WFS:http://127.0.0.1:{port}/",
    ],
)
def test_path_that_a_reader_would_fetch_is_refused_and_nobody_is_called(
    write: Write, tmp_path: Path, listener: tuple[int, list[object]], path: str
) -> None:
    port, calls = listener
    write()
    report = check_source(toml(tmp_path, path.format(port=port)))
    assert fault(report, "path-refused").severity == "error"
    assert calls == []


def test_only_the_drivers_needed_are_on() -> None:
    """In a process of its own, since another test may have loaded GDAL before gridplan did."""
    ask = "from gridplan.sources.gdal import pyogrio; print(*pyogrio.list_drivers(), sep=chr(10))"
    answer = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    # PDF and PGDUMP only write, MEM is memory.
    assert set(answer.stdout.splitlines()) - {"PDF", "PGDUMP", "MEM"} == ALLOWED_DRIVERS
    assert answer.stderr == ""


def test_zip_bomb_is_refused_by_what_it_unpacks_to(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    monkeypatch.setattr(unpack, "RATIO_FROM_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.geojson", b" " * (4 << 20))
    assert "100 times" in str(fault(check_source(toml(tmp_path, "b.zip")), "archive-refused"))
    monkeypatch.setattr(unpack, "MAX_RATIO", 10**9)
    monkeypatch.setattr(unpack, "MAX_BYTES", 1 << 20)
    assert "1 MiB" in str(fault(check_source(toml(tmp_path, "b.zip")), "archive-refused"))


def test_zip_that_leads_out_is_refused(write: Write, tmp_path: Path) -> None:
    write()
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("../evil.geojson", "{}")
    assert "leads out" in str(fault(check_source(toml(tmp_path, "b.zip")), "archive-refused"))
    assert not (tmp_path.parent / "evil.geojson").exists()


def test_type_further_down_a_json_document_deceives_nobody(tmp_path: Path) -> None:
    path = tmp_path / "b.geojson"
    path.write_text('{"x": {"type": "FeatureCollection"}, "type": "gdal_streamed_alg"}', encoding="utf-8")
    assert detect(path) == (None, "JSON of type gdal_streamed_alg")
    path.write_text('{"crs": {"type": "name"}, "type": "FeatureCollection", "features": []}', encoding="utf-8")
    assert detect(path)[0] is Format.GEOJSON


TOMLS = [
    ("[sorce]\n", "unknown-key", "source"),
    ("[layers.comunities]\npath = 'x'\n", "unknown-key", "communities"),
    ("[layers.communities]\npath = 'x'\ncolums = {}\n", "unknown-key", "columns"),
    ("[layers.communities]\npath = 'x'\ncolumns = { comunity_code = 'x' }\n", "unknown-key", "community_code"),
    ("[layers.communities]\npath = 3\n", "wrong-value", "str"),
    ("[layers.communities]\nlayer = 'x'\n", "path-not-given", "path"),
    ("[layers.communities]\npath = '${NO_SUCH_VARIABLE_HERE}/x.gpkg'\n", "variable-unset", "NO_SUCH_VARIABLE_HERE"),
    ("[layers.communities]\ndatabase = 'DB'\ntable = 't'\n", "database-unsupported", "GeoPackage"),
    ("[source]\ndatum = 'gcj2'\n", "wrong-value", "gcj02"),
    ("[source\n", "toml-broken", "TOML"),
]


@pytest.mark.parametrize(("text", "code", "names"), TOMLS)
def test_faults_of_the_toml_file_name_what_was_meant(tmp_path: Path, text: str, code: str, names: str) -> None:
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    assert names in str(fault(check_source(tmp_path / "s.toml"), code))


def test_missing_files_layers_and_columns_name_the_nearest(write: Write, tmp_path: Path) -> None:
    write()
    assert "source.gpkg" in str(fault(check_source(tmp_path / "sorce.gpkg"), "source-missing"))
    assert "source.gpkg" in str(fault(check_source(toml(tmp_path, "sourc.gpkg")), "file-missing"))
    (tmp_path / "office").mkdir()
    assert "office" in str(fault(check_source(toml(tmp_path, "ofice/source.gpkg")), "file-missing")), "a folder too"
    assert "buildings" in str(
        fault(check_source(toml(tmp_path, "source.gpkg", 'layer = "building"')), "sublayer-missing")
    )
    report = check_source(toml(tmp_path, "source.gpkg", 'layer = "buildings"'))
    assert [each.params["value"] for each in report.errors] == ["编号", "户数"]


def test_constants_and_keep_make_one_layer_of_several_tables(write: Write, tmp_path: Path) -> None:
    write()
    street = gpd.GeoDataFrame(
        {"rank": [1.0, None, 2.0]},
        geometry=gpd.GeoSeries.from_wkt(["LINESTRING (500000 2500000, 500100 2500100)"] * 3),
        crs=CRS,
    )
    street.to_file(tmp_path / "street.gpkg", engine="pyogrio")
    table = '[[layers.barriers]]\npath = "street.gpkg"\nconstants = {{ kind = "{}" }}\nkeep = {{ rank = [{}] }}\n'
    path = tmp_path / "s.toml"
    layers = "".join(
        f'[layers.{name}]\npath = "source.gpkg"\nlayer = "{name}"\n' for name in ("communities", "buildings")
    )
    path.write_text(layers + table.format("primary", 1) + table.format("tertiary", '"", "2"'), encoding="utf-8")
    barriers = read_source(path).barriers
    assert barriers is not None
    assert barriers["kind"].tolist() == ["primary", "tertiary", "tertiary"]


def test_columns_of_an_id_are_joined(write: Write, tmp_path: Path, buildings: gpd.GeoDataFrame) -> None:
    write(blocks=buildings.drop(columns="building_id").assign(block=[1, 1, 2, 2], street=["x", "y", "x", "y"]))
    source = toml(tmp_path, "source.gpkg", 'layer = "blocks"')
    source.write_text(
        source.read_text(encoding="utf-8").replace(
            'building_id = "编号", households = "户数"', 'building_id = ["block", "street"]'
        ),
        encoding="utf-8",
    )
    assert read_source(source).buildings["building_id"].tolist() == ["1 x", "1 y", "2 x", "2 y"]
