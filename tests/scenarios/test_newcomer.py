"""
The newcomer's path: from the README to a published plan on own data, in at most ten commands.

Three files with other column names, in another datum, and one fault in them. Whatever is typed stands in the README;
the description of the source is the README's own, with the names of the files and columns changed.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import gridplan
from gridplan.datum import from_wgs84

from .conftest import ROOT, Run

MOST = 10
# Typed once, before anything else; each test run stands on it.
INSTALLED = ("make demo", "source .venv/bin/activate")
# What follows, as far as it does not name what is one's own.
TYPED = (
    "gridplan check gridplan.toml",
    "gridplan plan gridplan.toml -o plan.gpkg --map plan.html",
    "gridplan export plan.gpkg --source gridplan.toml --ledger",
    "gridplan publish plan.gpkg",
    "gridplan locate --lon",
    "gridplan plans list",
)
# What a person changes in the README's description: its names, for those of the own files.
OWN = {
    "communities.shp": "shequ.geojson", "SQDM": "社区编码", "SQMC": "社区名称", "households.xlsx": "楼栋.csv",
    'layer = "Sheet1"\n': "", "编号": "楼号", "户数": "住户", "经度": "东经", "纬度": "北纬", "bd09": "gcj02",
    "streets.parquet": "道路.gpkg",
}  # fmt: skip


def own_files(office: Path, folder: Path) -> None:
    """Write what the newcomer has: one building's households are a word, not a number."""
    district = gridplan.read_source(office)
    communities = district.communities[["community_code", "name", "geometry"]].to_crs("EPSG:4490")
    named = communities.rename(columns={"community_code": "社区编码", "name": "社区名称"})
    named.to_file(folder / "shequ.geojson")
    buildings = district.buildings
    points = buildings.representative_point().to_crs("EPSG:4326")
    lon, lat = from_wgs84(points.x.to_numpy(), points.y.to_numpy(), "gcj02")
    table = {"楼号": buildings["building_id"], "住户": buildings["households"].astype(object), "东经": lon, "北纬": lat}
    frame = pd.DataFrame(table)
    frame.loc[20, "住户"] = "三十户"
    frame.to_csv(folder / "楼栋.csv", index=False, encoding="gb18030")
    assert district.barriers is not None
    district.barriers[["geometry"]].to_file(folder / "道路.gpkg")


def description() -> str:
    """Return the README's description of a source, with the own names."""
    text = re.search(r"```toml\n# gridplan.toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert text
    said = text[1]
    for theirs, ours in OWN.items():
        assert theirs in said, f"the README no longer says {theirs}"
        said = said.replace(theirs, ours)
    return said


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_what_is_typed_stands_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert [line for line in (*INSTALLED, *TYPED) if line not in text] == []


def test_a_newcomer_publishes_a_plan(office: Path, gridplan_command: Run, tmp_path: Path, papers: Path) -> None:
    own_files(office, tmp_path)
    (tmp_path / "gridplan.toml").write_text(description(), encoding="utf-8")
    typed = list(INSTALLED)

    def type_(line: str, code: int = 0) -> str:
        typed.append(line)
        done = gridplan_command(*shlex.split(line)[1:], code=code)
        return done.stdout + done.stderr

    # The fault is named with file, row, what was found and what to do; mended in the file, it is gone.
    faults = type_("gridplan check gridplan.toml --lang zh", code=2)
    assert "三十户" in faults, faults
    assert "楼栋.csv" in faults, faults
    table = tmp_path / "楼栋.csv"
    table.write_bytes(table.read_bytes().replace("三十户".encode("gb18030"), b"30"))
    assert "三十户" not in type_("gridplan check gridplan.toml --lang zh")

    type_("gridplan plan gridplan.toml -o plan.gpkg --map plan.html --lang zh")
    assert (tmp_path / "plan.html").is_file()
    type_("gridplan export plan.gpkg --source gridplan.toml --ledger 台账.xlsx")
    type_("gridplan publish plan.gpkg --by 王强 --lang zh")
    grids = gpd.read_file(tmp_path / "plan.gpkg", layer="grids").to_crs("EPSG:4326")
    at = grids.representative_point().iloc[0]
    found = json.loads(type_(f"gridplan locate --lon {at.x} --lat {at.y}"))
    assert found["grid_code"] == grids["grid_code"].iloc[0]
    assert "已发布" in type_("gridplan plans list --lang zh")
    assert all(line.startswith((*INSTALLED, *TYPED)) for line in typed)
    assert len(typed) <= MOST, typed
    (papers / "typed.txt").write_text("\n".join(typed) + "\n", encoding="utf-8")
