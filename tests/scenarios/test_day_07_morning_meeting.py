"""
Day 7, the morning meeting (browser, printed).

Yesterday's and this month's incidents by grid: received, closed, in time, satisfied, each with its denominator; what
rose beyond chance; where it gathers. One click from the district to a grid to an incident; personal data only for
those who may see it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from .browsing import visiting
from .conftest import Run, made_key
from .service import Service, serving

pytestmark = pytest.mark.browser

JUNE = ("--from", "2026-06-01", "--to", "2026-06-30")
NAME, PHONE = "张三丰", "13812345678"


def test_day_7(
    browser: Any, gridplan_command: Run, office: Path, office_plan: Path, tmp_path: Path, papers: Path
) -> None:
    gridplan_command("publish", office_plan, "--by", "王强", "--valid-from", "2025-07-01")
    register = gpd.read_file(office, layer="incidents").to_crs(4326)
    register = register.assign(lon=register.geometry.x, lat=register.geometry.y)
    register = register.assign(reporter=NAME, phone=PHONE)
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
        viewer = made_key(gridplan_command, "viewer", "大屏")
        dispatcher = made_key(gridplan_command, "dispatcher", "指挥中心")
        numbers = service.ask("/v1/stats/grids?from=2026-06-01&to=2026-06-30", key=viewer).body
        busiest = max(numbers["units"], key=lambda unit: unit["received"])
        listed = service.ask(f"/v1/grids/{busiest['code']}/incidents?from=2026-06-01&to=2026-06-30", key=viewer)
        assert listed.body["numberMatched"] == busiest["received"]
        first = listed.body["incidents"][0]["incident_id"]
        seen = service.ask(f"/v1/incidents/{first}", key=viewer)
        assert PHONE not in json.dumps(seen.body)
        assert service.ask(f"/v1/incidents/{first}?personal=true", key=viewer).status == 403

        with visiting(browser, service, viewer) as page:
            to_an_incident(page, busiest)
            assert "张**" in page.inner_text("#person")
            assert NAME not in page.content()
            assert PHONE not in page.content()
            assert page.locator("#button-personal").count() == 0, "a viewer may not ask"
            page.screenshot(path=papers / "incident.png")
        with visiting(browser, service, dispatcher) as page:
            shown = to_an_incident(page, busiest)
            assert PHONE not in page.content(), "not before it is asked for"
            page.click("#button-personal")
            page.wait_for_selector(f"#person >> text={PHONE}")
            assert NAME in page.inner_text("#person")
        every_look_is_on_record(service, shown)


def to_an_incident(page: Any, busiest: dict[str, Any]) -> str:
    """Go from the district to its busiest grid and on to its newest incident, a click each; return its id."""
    page.click("#button-list")
    page.click(f".grid-table tbody tr:has-text('{busiest['code']}') button")
    page.wait_for_selector("#card:not([hidden])")
    assert busiest["code"] in page.inner_text("#card")
    page.click("#card button:has-text('最近的事件')")
    page.click("#card [data-incident] >> nth=0")
    page.wait_for_selector("#person")
    found = re.search(r"[0-9a-f-]{8,}", page.inner_text("dialog .code"))
    assert found, page.inner_text("dialog")
    return found[0]


def every_look_is_on_record(service: Service, incident_id: str) -> None:
    """Who looked at whose data, and at which."""
    [look] = service.ask("/v1/audit?action=incident.read").body["records"]
    assert look["subject"] == incident_id
    assert "指挥中心" in look["actor"]
    assert set(look["details"]["fields"]) >= {"reporter", "phone"}
