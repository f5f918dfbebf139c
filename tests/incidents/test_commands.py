"""The commands: a register brought in, followed, reviewed and counted; in Chinese and English; refusals end with 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from desk_city import LAYOUT, calls, desk_of
from stored import Clock
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.sources.gdal import write_geopackage
from gridplan.store import Store

RUNNER = CliRunner()


@pytest.fixture
def url(template: Path, tmp_path: Path) -> str:
    import shutil

    shutil.copy(template, tmp_path / "plans.sqlite")
    return str(tmp_path / "plans.sqlite")


def run(url: str, *arguments: str, code: int = 0) -> str:
    done = RUNNER.invoke(app, [*arguments, "--store", url])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.output


def said(url: str, *arguments: str) -> Any:
    return json.loads(run(url, *arguments))


def test_from_a_table_to_the_numbers(url: str, tmp_path: Path) -> None:
    rows = calls(60)
    rows.loc[0, ["经度", "纬度"]] = [None, None]
    rows.to_excel(tmp_path / "calls.xlsx", index=False)
    bring = ["incidents", "import", str(tmp_path / "calls.xlsx"), "--source", "热线", "--by", "李娜"]
    assert said(url, *bring, "--dry-run", "--json")["new"] == 60
    assert "新增 60" in run(url, *bring, "--lang", "zh")
    assert "60 as before" in run(url, *bring)
    listed = said(url, "incidents", "list", "--json", "--limit", "100")
    assert len(listed) == 60
    assert "13900000000" not in json.dumps(listed)
    waiting = run(url, "incidents", "review", "--lang", "zh")
    assert "没有坐标" in waiting
    code = next(each["grid_code"] for each in listed if each["grid_code"])
    assert code in run(url, "incidents", "review", "R00000", "--grid", code, "--reason", "问过")
    assert run(url, "incidents", "review") == ""
    month = ["--from", "2026-10-01", "--to", "2026-10-31"]
    counted = said(url, "stats", *month, "--json")
    inside = [each for each in listed if "2026-09-30T16" <= each["reported_at"] < "2026-10-31T16"]
    assert sum(unit["received"] for unit in counted["units"]) == len(inside)
    assert counted == {**said(url, "incidents", "stats", *month, "--json"), "judged_at": counted["judged_at"]}
    text = run(url, "stats", *month, "--level", "all", "--lang", "zh")
    assert text.splitlines()[0].startswith("编码\t受理")
    assert text.splitlines()[1].split("\t")[1] == str(len(inside))
    run(url, "stats", *month, "-o", str(tmp_path / "stats.csv"))
    assert "closure_shrunk" in (tmp_path / "stats.csv").read_text("utf-8-sig")
    run(url, "incidents", "export", "-o", str(tmp_path / "all.parquet"))
    assert b"13900000000" not in (tmp_path / "all.parquet").read_bytes()


def test_one_matter_to_its_end(url: str, tmp_path: Path, clock: Clock) -> None:
    with Store.open(url) as store:
        desk, ground = desk_of(store)
        rows = calls(1, closed=0.0).assign(类别="暴露垃圾", 受理时间="2026-11-20 08:00")
        desk.bring(rows, LAYOUT, ground, by="x")
    assert "R00000" in run(url, "incidents", "late")
    assert "community" in run(url, "incidents", "late", "--escalate")
    refused = run(url, "incidents", "step", "R00000", "close", code=2)
    assert "may not be done" in refused
    assert "file (立案)" in refused
    for action in ("file", "dispatch", "handle", "check", "close"):
        last = run(url, "incidents", "step", "R00000", action, "--minutes", "5", "--lang", "zh")
    assert "结案" in last
    shown = said(url, "incidents", "show", "R00000")
    assert [step["action"] for step in shown["steps"]] == [
        "import",
        "escalate",
        "file",
        "dispatch",
        "handle",
        "check",
        "close",
    ]
    assert "person" not in shown
    assert said(url, "incidents", "show", "R00000", "--personal", "--by", "王强")["person"]["phone"] == "13900000000"
    with Store.open(url) as store:
        entry = store.audit.entries()[0]
        assert (entry.action, entry.actor) == ("incident.read", "王强")
    assert run(url, "incidents", "late", "--soon") == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["incidents", "import", "none.csv", "--source", "x"], "expected a file"),
        (["incidents", "show", "nothing"], "names none"),
        (["incidents", "review", "x"], "together with --grid"),
        (["stats", "--from", "2026-02-02", "--to", "2026-02-01"], "not before the first"),
        (["stats", "--from", "2026-02-02", "--to", "2026-02-03", "--category", "x"], "a code of the tree"),
        (["stats", "--from", "2026-02-02", "--to", "2026-02-03", "--plan", "x"], "there is no plan"),
    ],
)
def test_what_cannot_be_is_said_and_ends_with_2(url: str, arguments: list[str], said: str) -> None:
    assert said in run(url, *arguments, code=2)


def test_a_mapping_says_what_columns_are(url: str, tmp_path: Path) -> None:
    calls(5).rename(columns={"类别": "K", "受理时间": "T"}).to_csv(tmp_path / "a.csv", index=False)
    bring = ["incidents", "import", str(tmp_path / "a.csv"), "--source", "s", "--json"]
    assert "reported_at: no column is recognised" in run(url, *bring, code=2)
    assert said(url, *bring, "--column", "category=K", "--column", "reported_at=T", "--dry-run")["new"] == 5
    (tmp_path / "map.toml").write_text(
        'source = "r"\nzone = "Asia/Shanghai"\n[columns]\ncategory = "K"\nreported_at = "T"\n'
    )
    assert said(url, *bring, "--mapping", str(tmp_path / "map.toml"))["new"] == 5
    (tmp_path / "map.toml").write_text("colums = 1")
    assert "unknown keys 'colums' (nearest: columns)" in run(
        url, *bring, "--mapping", str(tmp_path / "map.toml"), code=2
    )


def test_a_layer_of_points_is_a_register_too(url: str, tmp_path: Path) -> None:
    rows, file = calls(60), str(tmp_path / "calls.gpkg")
    rows.loc[3, ["经度", "纬度"]] = None
    rows.to_csv(tmp_path / "calls.csv", index=False)
    points = gpd.points_from_xy(rows["经度"].astype(float), rows["纬度"].astype(float), crs=4326)
    shapes = gpd.GeoDataFrame(rows.drop(columns=["经度", "纬度"]).assign(lon="0"), geometry=points)
    shapes.loc[3, "geometry"] = None
    ground = shapes.to_crs(4549)
    layers = {"工单": shapes, "projected": ground, "areas": ground.set_geometry(ground.buffer(9))}
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        write_geopackage(Path(file), {**layers, "nowhere": ground.set_crs(None, allow_override=True)})
    bring = ["incidents", "import", "--source", "12345", "--json"]
    first = said(url, *bring, str(tmp_path / "calls.csv"))
    assert (first["new"], first["review"]) == (60, {"no_coordinates": 1})
    assert said(url, *bring, file, "--layer", "工单")["same"] == 60, "to the last digit, and no column of that name"
    other = said(url, *bring, file, "--layer", "projected", "--source", "other")
    assert (other["new"], other["in_grid"]) == (60, first["in_grid"])
    for layer, part in (("", "projected"), ("工", "工单"), ("areas", "found Polygon"), ("nowhere", "with a CRS")):
        assert part in run(url, *bring, file, "--layer", layer, code=2)
