"""``gridplan plan``: exit codes, messages in two languages, rules and seed, and that failure leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.sources.gdal import write_geopackage

CRS = "EPSG:4549"


def frame(geometry: list[shapely.Geometry], **columns: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)


def houses(*households: object) -> gpd.GeoDataFrame:
    """Return houses in a row, 100 m apart, one in each square."""
    places = [shapely.Point(500_050 + 100 * number, 2_500_050) for number in range(len(households))]
    return frame(places, building_id=[f"b{n}" for n in range(len(households))], households=list(households))


def source(folder: Path, *households: object, **layers: gpd.GeoDataFrame) -> Path:
    """Write a community of one row of houses."""
    ground = frame(
        [shapely.box(500_000, 2_500_000, 500_000 + 100 * len(households), 2_500_100)], community_code=["230718001001"]
    )
    path = folder / "source.gpkg"
    write_geopackage(path, {"communities": ground, "buildings": houses(*households), **layers})
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return source(tmp_path, 200, 200, 200, 200)


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """Return a source of 100 households, which fit no grid."""
    return source(tmp_path, 50, 50)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["plan", *map(str, arguments)])


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def report(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "plan.report.json").read_text(encoding="utf-8")))


def test_a_good_source_becomes_a_plan_with_its_report(good: Path, tmp_path: Path) -> None:
    result = run(good, "-o", tmp_path / "plan.gpkg")
    assert result.exit_code == 0, result.output
    assert "1 communities, 800 households, 2 grids; in the band 100.0%; 0 violations" in result.output
    assert files(tmp_path) == ["plan.gpkg", "plan.report.json", "source.gpkg"]
    assert {name for name, _ in pyogrio.list_layers(tmp_path / "plan.gpkg")} == {
        *("grids", "units", "violations", "lineage", "borders", "communities", "edits")
    }


def test_a_map_is_written_beside_it(good: Path, tmp_path: Path) -> None:
    result = run(good, "-o", tmp_path / "plan.gpkg", "--map", tmp_path / "map.html", "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert "地图: " in result.output
    assert (tmp_path / "map.html").read_text(encoding="utf-8").startswith("<!")


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "one building alone"),
        ("zh", "单栋楼的户数已超过网格上限"),
    ],
)
def test_violations_are_told_in_words(tmp_path: Path, lang: str, text: str) -> None:
    result = run(source(tmp_path, 700, 300, 300), "-o", tmp_path / "plan.gpkg", "--lang", lang)
    assert result.exit_code == 0
    assert text in result.output
    assert "(700 / 500)" in result.output


def test_strict_exits_with_1_and_the_plan_is_written(short: Path, tmp_path: Path) -> None:
    assert run(short, "-o", tmp_path / "plan.gpkg", "--strict").exit_code == 1
    assert (tmp_path / "plan.gpkg").exists()


def test_strict_exits_with_0_where_every_rule_is_kept(good: Path, tmp_path: Path) -> None:
    assert run(good, "-o", tmp_path / "plan.gpkg", "--strict").exit_code == 0


def test_a_rules_file_goes_before_the_sources_rules_and_the_seed_before_both(good: Path, tmp_path: Path) -> None:
    described = tmp_path / "gridplan.toml"
    layers = "".join(
        f'[layers.{name}]\npath = "source.gpkg"\nlayer = "{name}"\n' for name in ("communities", "buildings")
    )
    described.write_text(f"[rules]\nminimum = 350\nmaximum = 450\nseed = 5\n{layers}", encoding="utf-8")
    rules = tmp_path / "rules.toml"
    rules.write_text("maximum = 420\nseed = 6\n", encoding="utf-8")
    assert run(described, "-o", tmp_path / "plan.gpkg").exit_code == 0
    assert [report(tmp_path)["rules"][key] for key in ("minimum", "maximum", "seed")] == [350, 450, 5]
    assert run(described, "-o", tmp_path / "plan.gpkg", "--rules", rules, "--seed", 7).exit_code == 0
    assert [report(tmp_path)["rules"][key] for key in ("minimum", "maximum", "seed")] == [350, 420, 7]
    assert report(tmp_path)["seed"] == 7


BAD_RULES = {
    "minimun = 300": "did you mean 'minimum'",
    "minimum = 600": "minimum <= target <= maximum",
    "minimum = ": "no readable TOML",
    "must_join = [['b0', 'nobody']]": "nobody",
    "n_grids = { 230718001001 = 7 }": "7 grids are set",
    "code = '{community}'": "{sequence}",
}


@pytest.mark.parametrize("text", BAD_RULES)
def test_rules_that_cannot_be_used_are_refused(good: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    result = run(good, "-o", tmp_path / "plan.gpkg", "--rules", tmp_path / "rules.toml")
    assert result.exit_code == 2
    assert BAD_RULES[text] in result.output
    assert files(tmp_path) == ["rules.toml", "source.gpkg"]


@pytest.mark.parametrize(
    ("output", "message"),
    [("plan.shp", "ends in .gpkg"), ("plan", "ends in .gpkg"), ("none/plan.gpkg", "does not exist")],
)
def test_outputs_that_cannot_be_written_are_refused_before_any_work(tmp_path: Path, output: str, message: str) -> None:
    result = run(tmp_path / "no source needed.gpkg", "-o", tmp_path / output)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert files(tmp_path) == []


def test_a_map_in_a_folder_that_does_not_exist_is_refused(good: Path, tmp_path: Path) -> None:
    result = run(good, "-o", tmp_path / "plan.gpkg", "--map", tmp_path / "none" / "map.html")
    assert result.exit_code == 2
    assert files(tmp_path) == ["source.gpkg"]


@pytest.mark.parametrize("arguments", [(), ("--effort", "heroic"), ("--jobs", 0), ("--seed", -1), ("--time-limit", -1)])
def test_wrong_usage_exits_with_2(good: Path, tmp_path: Path, arguments: tuple[object, ...]) -> None:
    output = ("-o", tmp_path / "plan.gpkg") if arguments else ()
    assert run(good, *output, *arguments).exit_code == 2
    assert files(tmp_path) == ["source.gpkg"]


@pytest.mark.parametrize(("lang", "word"), [("en", "error: "), ("zh", "错误：")])
def test_bad_input_lists_all_faults_and_writes_nothing(tmp_path: Path, lang: str, word: str) -> None:
    """A negative count, a second building of one id, and a building in no community: three faults at once."""
    bad = houses(100, -3, 100, 100)
    bad["building_id"] = ["b0", "b1", "b0", "b3"]
    bad.geometry = [*bad.geometry[:3], shapely.Point(600_000, 2_500_050)]
    path = source(tmp_path, 1, 1, 1, 1, buildings=bad)
    old = tmp_path / "plan.gpkg"
    old.write_text("old")
    result = run(path, "-o", old, "--lang", lang)
    assert result.exit_code == 2
    assert result.output.count(word) >= 3
    assert all(each in result.output for each in ("b0", "b1", "b3"))
    assert files(tmp_path) == ["plan.gpkg", "source.gpkg"]
    assert old.read_text() == "old"


def test_missing_households_are_refused_until_they_are_to_be_estimated(tmp_path: Path) -> None:
    homes = houses(*[None] * 4)
    homes.geometry = homes.geometry.buffer(20)
    path = source(tmp_path, *[None] * 4, buildings=homes.assign(floors=6))
    assert run(path, "-o", tmp_path / "plan.gpkg").exit_code == 2
    assert run(path, "-o", tmp_path / "plan.gpkg", "--estimate").exit_code == 0
    units = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer="units")
    assert units["estimated"].tolist() == [1] * 4
    assert any("estimates" in notice["en"] for notice in report(tmp_path)["notices"])


def test_an_accepted_fault_and_its_cost_stand_in_the_summary(tmp_path: Path) -> None:
    outside = houses(200, 200, 7)
    outside.geometry = [*outside.geometry[:2], shapely.Point(600_000, 2_500_050)]
    result = run(
        source(tmp_path, 1, 1, buildings=outside), "-o", tmp_path / "plan.gpkg", "--accept", "buildings-outside"
    )
    assert result.exit_code == 0, result.output
    assert "7 households" in " ".join(result.output.split())


def test_a_full_community_exits_with_2(tmp_path: Path) -> None:
    """Today's 999 stands for 100 of 800 households: it is not kept, and no number is left."""
    today = frame([shapely.box(500_000, 2_500_000, 500_010, 2_500_100)], grid_code=["230718001001999"])
    result = run(source(tmp_path, 200, 200, 200, 200, grids=today), "-o", tmp_path / "plan.gpkg")
    assert result.exit_code == 2
    assert "never wrapped or reused" in result.output
    assert files(tmp_path) == ["source.gpkg"]


def test_time_limit_is_said_in_the_report(good: Path, tmp_path: Path) -> None:
    assert run(good, "-o", tmp_path / "plan.gpkg", "--time-limit", 0).exit_code == 0
    assert report(tmp_path)["stopped_by"] == "time_limit"
    assert run(good, "-o", tmp_path / "plan.gpkg").exit_code == 0
    assert report(tmp_path)["stopped_by"] == "done"


# Sends itself what Ctrl-C sends, in the middle of the work of the named function.
# A shell starts what it puts in the background with the signal ignored, and Python inherits that: set it right first.
INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import gridplan.{module} as module
from gridplan.cli import app
whole = module.{function}
def interrupted(*arguments, **options):
    made = whole(*arguments, **options)
    os.kill(os.getpid(), signal.SIGINT)
    return made
module.{function} = interrupted
app(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("module", "function"), [("run", "plan_community"), ("output", "write_geopackage")], ids=["planning", "writing"]
)
def test_ctrl_c_leaves_nothing(good: Path, tmp_path: Path, module: str, function: str) -> None:
    program = INTERRUPTED.format(module=module, function=function)
    command = [sys.executable, "-c", program, "plan", str(good), "-o", str(tmp_path / "plan.gpkg"), "--jobs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    assert done.returncode in (130, -signal.SIGINT), done.stderr
    assert "nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert files(tmp_path) == ["source.gpkg"]
