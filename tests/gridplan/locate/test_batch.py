"""Tables of points and addresses: any format in, the same rows with their grids out, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from gridplan.address.answer import Candidate, Match
from gridplan.errors import LocateError
from gridplan.locate import PointIndex
from gridplan.locate.batch import find_columns, locate_points, match_addresses

PIECE = 7


@pytest.fixture
def points(town: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return points within each grid, and their grids as ``own``; one row without coordinates, one swapped."""
    within = shapely.get_coordinates(shapely.point_on_surface(town.geometry.to_numpy()))
    lon, lat = Transformer.from_crs(town.crs, "EPSG:4326", always_xy=True).transform(*within.T)
    table = pd.DataFrame({"编号": [f"{n:04d}" for n in range(len(town))], "经度": lon, "纬度": lat})
    table["own"] = town["grid_code"].astype(object)
    table.loc[len(table)] = ["none", np.nan, np.nan, None]
    table.loc[len(table)] = ["swap", lat[0], lon[0], None]
    return table


def write(table: pd.DataFrame, path: Path, encoding: str = "utf-8") -> Path:
    if path.suffix == ".parquet":
        table.to_parquet(path)
    elif path.suffix == ".xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_csv(path, index=False, encoding=encoding, sep=";" if path.suffix == ".txt" else ",")
    return path


def read(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    return frame.astype(object).where(frame.notna(), None)


@pytest.mark.parametrize("output", ["out.csv", "out.parquet"])
@pytest.mark.parametrize(
    ("name", "encoding"),
    [("in.csv", "utf-8"), ("in.csv", "gb18030"), ("in.txt", "utf-16"), ("in.parquet", ""), ("in.xlsx", "")],
)
def test_each_format_gives_each_row_its_grid(
    points: pd.DataFrame, index: PointIndex, tmp_path: Path, name: str, encoding: str, output: str
) -> None:
    source = write(points, tmp_path / name, encoding)
    told: list[tuple[int, int | None]] = []
    summary = locate_points(
        source, tmp_path / output, index.locate_many, piece_rows=PIECE, progress=lambda *now: told.append(now)
    )
    out = read(tmp_path / output)
    assert out["grid_code"].tolist() == points["own"].astype(object).where(points["own"].notna(), None).tolist()
    assert out["编号"].tolist() == points["编号"].tolist()
    assert out["status"].tolist()[-2:] == ["invalid", "swapped"]
    assert (summary.rows, summary.columns) == (len(points), {"lon": "经度", "lat": "纬度"})
    assert [done for done, _ in told] == [*range(PIECE, len(points) + 1, PIECE)]
    assert not summary.swapped


def test_a_column_that_the_table_has_is_kept(points: pd.DataFrame, index: PointIndex, tmp_path: Path) -> None:
    source = write(points.rename(columns={"own": "grid_code"}), tmp_path / "in.parquet")
    locate_points(source, tmp_path / "out.parquet", index.locate_many)
    out = read(tmp_path / "out.parquet")
    assert out["grid_code"].tolist() == out["grid_code_located"].tolist()


def test_a_table_of_swapped_columns_says_so(points: pd.DataFrame, index: PointIndex, tmp_path: Path) -> None:
    source = write(points, tmp_path / "in.csv")
    swapped = {"lon": "纬度", "lat": "经度"}
    summary = locate_points(source, tmp_path / "out.csv", index.locate_many, columns=swapped)
    assert summary.swapped
    assert summary.statuses["swapped"] == len(points) - 2


def test_a_table_without_rows_keeps_its_columns(points: pd.DataFrame, index: PointIndex, tmp_path: Path) -> None:
    source = write(points.head(0), tmp_path / "in.csv")
    assert locate_points(source, tmp_path / "out.csv", index.locate_many).rows == 0
    assert [*read(tmp_path / "out.csv")] == [*points, "grid_code", "status", "distance_m"]


def test_an_error_leaves_what_was_there(points: pd.DataFrame, tmp_path: Path) -> None:
    source, output = write(points, tmp_path / "in.csv"), tmp_path / "out.csv"
    output.write_text("before")
    calls = 0

    def fails(*_: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise KeyboardInterrupt
        return PointIndex.from_plan(
            gpd.GeoDataFrame({"grid_code": ["a"]}, geometry=[shapely.box(0, 0, 9, 9)], crs="EPSG:4549")
        ).locate_many([0.0] * PIECE, [0.0] * PIECE)

    with pytest.raises(KeyboardInterrupt):
        locate_points(source, output, fails, piece_rows=PIECE)
    assert output.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.csv", None, "found none"),
        ("a.csv", b"a,b\n1,2\n", "--lon-column.*--lat-column.*columns a, b"),
        ("a.csv", b"\xff\xff,b\n\x81\x20,2\n", "UTF-8 or GB18030"),
        ("a.parquet", b"PAR1", "cannot be read"),
        ("a.csv", b"", "cannot be read"),
        ("a.xlsx", b"text", "expected a table"),
        ("a.gpkg", b"SQLite format 3\x00", "expected a table"),
    ],
)
def test_what_is_no_table_is_refused(
    index: PointIndex, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(LocateError, match=message):
        locate_points(tmp_path / name, tmp_path / "out.csv", index.locate_many)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(("output", "message"), [("out.xls", "csv or .parquet"), ("none/out.csv", "does not exist")])
def test_an_output_that_cannot_be_written_is_refused_first(
    points: pd.DataFrame, index: PointIndex, tmp_path: Path, output: str, message: str
) -> None:
    with pytest.raises(LocateError, match=message):
        locate_points(tmp_path / "none.csv", tmp_path / output, index.locate_many)


def test_columns_are_named_or_recognised() -> None:
    names = ["ID", " Lng", "纬度", "详细地址", "x"]
    wanted = ("lon", "lat", "address")
    assert find_columns(names, wanted, {"lon": "x"}) == {"lon": "x", "lat": "纬度", "address": "详细地址"}
    with pytest.raises(LocateError, match=r"no column 'lgn'; the nearest name is  Lng.*address"):
        find_columns(names[:3], wanted, {"lon": "lgn"})


def test_addresses_get_a_grid_only_where_it_is_certain(tmp_path: Path) -> None:
    rows = (Candidate("a1", "一号", "g1", "door"), Candidate("a2", "二号", "g2", "door"))
    answers = {
        "一号": Match("一号", "a1", 0.99, True, "matched", "door", "一号", "g1", True, rows[:1]),
        "号": Match("号", "a1", 0.4, False, "ambiguous", "door", "一号", "g1", False, rows),
        "": Match(""),
    }

    def match(texts: Sequence[str]) -> list[Match]:
        return [answers[text] for text in texts]

    source = write(pd.DataFrame({"地址": ["一号", "号", None], "n": ["1", "2", "3"]}), tmp_path / "in.csv")
    summary = match_addresses(source, tmp_path / "out.csv", match)
    out = read(tmp_path / "out.csv")
    assert out["grid_code"].tolist() == ["g1", None, None]
    assert out["candidates"].tolist() == ["a1", "a1 a2", None]
    assert summary.statuses == {"matched": 1, "ambiguous": 1, "none": 1}
