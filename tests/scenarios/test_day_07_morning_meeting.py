"""
Day 7, the morning meeting (browser, printed).

Yesterday's and this month's incidents by grid: received, closed, in time, satisfied, each with its denominator; what
rose beyond chance; where it gathers. One click from the district to a grid to an incident; personal data only for
those who may see it. What the browser shows is tested with the web map; here is what is printed and what it counts.
"""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest

import gridplan

from .conftest import Run
from .service import serving

JUNE = ("--from", "2026-06-01", "--to", "2026-06-30")
PHONE = "13812345678"


def test_day_7(gridplan_command: Run, office: Path, tmp_path: Path, papers: Path) -> None:
    gridplan.make_plan(office, effort="quick").write(tmp_path / "plan.gpkg")
    gridplan_command("publish", "plan.gpkg", "--by", "王强", "--valid-from", "2025-07-01")
    register = gpd.read_file(office, layer="incidents").to_crs(4326)
    register = register.assign(lon=register.geometry.x, lat=register.geometry.y, phone=PHONE)
    register.drop(columns="geometry").to_csv(tmp_path / "register.csv", index=False)
    brought = ("incidents", "import", "register.csv", "--source", "12345热线", "--by", "李娜")
    gridplan_command(*brought)
    again = gridplan_command(*brought, "--json")
    assert json.loads(again.stdout)["new"] == 0, "twice changes nothing"

    # June: every incident is in a grid or with a person; every rate has its counts.
    told = json.loads(gridplan_command("stats", *JUNE, "--json").stdout)
    counted = sum(unit["received"] for unit in told["units"])
    in_june = register["reported_at"].astype(str).str.startswith("2026-06")
    assert counted + told["unplaced"]["received"] == in_june.sum()
    for unit in told["units"]:
        for name in ("closure", "timeliness", "satisfaction"):
            rate = unit[name]
            assert 0 <= rate["numerator"] <= rate["denominator"]
            assert rate["rate"] == (
                None if not rate["denominator"] else pytest.approx(rate["numerator"] / rate["denominator"], abs=1e-4)
            )

    gridplan_command("report", *JUNE, "-o", "report.pdf")
    page = (tmp_path / "report.pdf").read_bytes()
    assert page.startswith(b"%PDF")
    assert b"FontFile2" in page, "the Chinese font is in the file"
    (tmp_path / "report.pdf").rename(papers / "晨报.pdf")

    # From the district to a grid to an incident; who reported it only for those who may see it.
    with serving(tmp_path) as service:
        done = gridplan_command("keys", "create", "--role", "viewer", "--name", "大屏", "--by", "王强")
        viewer = next(word for word in done.stdout.split() if word.startswith("gp_"))
        numbers = service.ask("/v1/stats/grids?from=2026-06-01&to=2026-06-30", key=viewer).body
        busiest = max(numbers["units"], key=lambda unit: unit["received"])
        listed = service.ask(f"/v1/grids/{busiest['code']}/incidents?from=2026-06-01&to=2026-06-30", key=viewer)
        assert listed.body["numberMatched"] == busiest["received"]
        first = listed.body["incidents"][0]["incident_id"]
        seen = service.ask(f"/v1/incidents/{first}", key=viewer)
        assert PHONE not in json.dumps(seen.body)
        assert service.ask(f"/v1/incidents/{first}?personal=true", key=viewer).status == 403
        assert PHONE in json.dumps(service.ask(f"/v1/incidents/{first}?personal=true").body)
        reads = service.ask("/v1/audit?action=incident.read").body["records"]
        assert [each["subject"] for each in reads] == [first], "every look at personal data is on record"
