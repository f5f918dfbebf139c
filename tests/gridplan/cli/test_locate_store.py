"""``gridplan locate`` from a store: publish two plans one after the other, and ask for points and addresses by day."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from drawn import box, district, houses, plan
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.output import write_plan
from gridplan.plan import Plan

EARLY, LATE = "2026-03-01", "2026-07-01"


def run(*arguments: object) -> Any:
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return done


def answer(*arguments: object) -> dict[str, Any]:
    return dict(json.loads(run("locate", *arguments).stdout))


def grids_of(made: Plan) -> dict[str, str]:
    """Return the grid of each house."""
    units = made.units.dropna(subset=["building_id"])
    return dict(zip(units["building_id"], units["grid_code"], strict=True))


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, Plan]:
    """Publish nine houses of 100 households: three grids from January on, one grid of all from June on."""
    monkeypatch.setenv("GRIDPLAN_DATABASE_URL", f"sqlite:///{tmp_path / 'plans.sqlite'}")
    monkeypatch.setenv("LOGNAME", "lina")
    nine = district(houses(3, 3), 100, box(0, 0, 300, 300))
    made = plan(nine, minimum=300, target=300, maximum=300), plan(nine, minimum=800, target=900, maximum=1000)
    for k, (each, day) in enumerate(zip(made, ("2026-01-01", "2026-06-01"), strict=True)):
        write_plan(each, tmp_path / f"{k}.gpkg")
        run("publish", tmp_path / f"{k}.gpkg", "--valid-from", day)
    return made


def test_points_and_addresses_are_located_in_the_plan_of_the_day(plans: tuple[Plan, Plan], tmp_path: Path) -> None:
    early, late = map(grids_of, plans)
    assert (len(set(early.values())), len(set(late.values()))) == (3, 1)
    frame: gpd.GeoDataFrame = gpd.GeoDataFrame({"name": sorted(early)}, geometry=houses(3, 3), crs=plans[0].grids.crs)
    places = frame.set_geometry(frame.centroid).to_crs("EPSG:4326")
    table = pd.DataFrame(
        {
            "address_id": places["name"],
            "address": [f"黑龙江省林海市东山区河畔街道红星社区光明路{k * 2 + 1}号" for k in range(9)],
            "lon": places.geometry.x,
            "lat": places.geometry.y,
        }
    )
    table.to_csv(tmp_path / "addresses.csv", index=False)
    for day, owner in ((EARLY, early), (LATE, late)):
        asked = ("--addresses", tmp_path / "addresses.csv", "--at", day)
        for row in table.iloc[::8].itertuples(index=False):
            assert answer("--lon", row.lon, "--lat", row.lat, "--at", day)["grid_code"] == owner[str(row.address_id)]
            found = answer("--address", str(row.address)[9:], *asked)
            assert (found["address_id"], found["grid_code"]) == (row.address_id, owner[str(row.address_id)])
        run("locate", "--table", tmp_path / "addresses.csv", "-o", tmp_path / "out.csv", *asked)
        located = pd.read_csv(tmp_path / "out.csv", dtype=str)
        assert located["grid_code"].tolist() == [owner[name] for name in table["address_id"]]
