"""
Day 6, the hotline clerk (API, browser).

"喂，乌玛区那边阳光小区三号楼二单元，水管爆了": find the grid, or the two candidates and the question that decides; open
the
incident, urgent; it reaches the grid worker's list; it is late and goes up to the community, then the street; it is
solved, called back, satisfied. The day's closure rate moves by exactly one.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import pytest

from .browsing import visiting
from .conftest import ON_BOTH, Run, made_key
from .service import Service, serving

pytestmark = pytest.mark.browser

SAID = "喂，乌玛区那边阳光小区三号楼二单元，水管爆了"
MISHEARD = "喂，无码区那边阳光校区三号搂二单员，水管爆了"
PHONE = "13912345678"
# The hotline's own rules: its workflow for all, and seconds where an office has hours, so that the day ends today.
HANDLING = 'default_workflow = "hotline"\nescalate_after = "0.01 minutes"\n'
NOW = datetime.now(ZoneInfo("Asia/Shanghai"))
CALLED = NOW - timedelta(hours=3)
OTHERS, CLOSED = 10, 7


def given(source: Path, folder: Path) -> pd.DataFrame:
    """Write the standard addresses, the hotline's rules and the day's other calls; return the addresses."""
    addresses = gpd.read_file(source, layer="addresses").to_crs("EPSG:4326")
    addresses = addresses.assign(lon=addresses.geometry.x, lat=addresses.geometry.y).drop(columns="geometry")
    addresses.to_csv(folder / "addresses.csv", index=False)
    (folder / "handling.toml").write_text(HANDLING, encoding="utf-8")
    calls = addresses.head(OTHERS)[["address_id", "lon", "lat"]].rename(columns={"address_id": "source_id"})
    closed = [(CALLED + timedelta(minutes=30)).isoformat() if n < CLOSED else None for n in range(OTHERS)]
    calls = calls.assign(reported_at=CALLED.isoformat(), category="噪音扰民", closed_at=closed)
    calls.to_csv(folder / "calls.csv", index=False)
    return pd.DataFrame(addresses)


def closure(service: Service) -> dict[str, Any]:
    """Return the day's closure rate of all grids together."""
    day = CALLED.date().isoformat()
    [everything] = service.ask(f"/v1/stats/grids?from={day}&to={day}&level=all").body["units"]
    rate: dict[str, Any] = everything["closure"]
    return rate


@ON_BOTH
def test_day_6(
    browser: Any,
    whole_district: Path,
    whole_plan: Path,
    gridplan_command: Run,
    store_url: str,
    tmp_path: Path,
    papers: Path,
) -> None:
    addresses = given(whole_district, tmp_path)
    gridplan_command("publish", whole_plan, "--by", "王强", "--valid-from", "2026-01-01")
    brought = ("incidents", "import", "calls.csv", "--source", "12345热线", "--by", "李娜")
    gridplan_command(*brought, "--handling", "handling.toml")
    settings = {"addresses": "addresses.csv", "handling": "handling.toml", "database_url": store_url}
    with serving(tmp_path, **settings) as service:
        clerk = made_key(gridplan_command, "dispatcher", "12345热线")

        # There are two: the clerk is told so, and what to ask. The answer decides.
        for words in (SAID, MISHEARD):
            found = service.ask(f"/v1/locate?address={quote(words)}", key=clerk).body
            assert (found["status"], found["accepted"], found["split_by"]) == ("ambiguous", False, "community")
            assert len(found["grids"]) == 2
            meant = addresses.set_index("address_id").loc[[each["address_id"] for each in found["candidates"]]]
            assert set(meant["building"]) == {"3号楼"}
            assert found["question"].startswith("请问在哪个社区或村：")
            for road in meant["road"] + meant["door"]:
                assert road in found["question"], "a caller knows the road better than the community"
        answered = meant.iloc[0]
        near = f"{answered['community']}阳光小区3号楼2单元"
        again = service.ask(f"/v1/locate?address={quote(near)}", key=clerk).body
        assert again["question"].startswith("请问在哪条路上："), "a community alone, often mistaken, decides nothing"
        exact = f"{answered['road']}{answered['door']}阳光小区3号楼2单元，水管爆了"
        sure = service.ask(f"/v1/locate?address={quote(exact)}", key=clerk).body
        assert sure["accepted"], sure
        assert sure["address_id"] == meant.index[0]
        grid = sure["grid_code"]
        assert grid in found["grids"]

        # Opened, urgent, with two hours; called three hours ago. It is in its grid worker's list, in no other's.
        before = closure(service)
        assert (before["numerator"], before["denominator"]) == (CLOSED, OTHERS)
        call = {"text": exact, "category": "water", "level": "emergency", "reported_at": CALLED.isoformat()}
        call |= {"source": "12345热线", "reporter": "张三", "phone": PHONE}
        opened = service.ask("/v1/incidents", key=clerk, body=call)
        assert opened.status == 201, opened.body
        name = opened.body["incident_id"]
        assert opened.body["grid_code"] == grid
        other = next(code for code in found["grids"] if code != grid)
        for code, listed in ((grid, [name]), (other, [])):
            worker = made_key(gridplan_command, "dispatcher", "网格员", "--scope", code)
            mine = service.ask(f"/v1/grids/{code}/incidents?open=true&level=emergency&holder=grid", key=worker).body
            assert [each["incident_id"] for each in mine["incidents"]] == listed

        # It is late, and goes up to the community, then the street.
        late = service.ask("/v1/incidents/late", key=clerk).body["incidents"]
        assert name in [each["incident_id"] for each in late]
        for holder in ("community", "street"):
            gridplan_command("incidents", "late", "--escalate", "--handling", "handling.toml")
            file = service.ask(f"/v1/incidents/{name}", key=clerk).body
            assert file["holder"] == holder

        # Solved, called back, satisfied: each step is one that the incident says may be taken.
        now = closure(service)
        assert (now["numerator"], now["denominator"]) == (CLOSED, OTHERS + 1)
        steps = (("assign", {}), ("handle", {}), ("answer", {}), ("close", {}), ("call_back", {}))
        for action, details in (*steps, ("rate", {"rating": "satisfied"})):
            assert action in [each["action"] for each in file["legal"]], (action, file["legal"])
            done = service.ask(f"/v1/incidents/{name}/transitions", key=clerk, body={"action": action, **details})
            assert done.status == 200, done.body
            file = done.body
        after = closure(service)
        assert (after["numerator"], after["denominator"]) == (CLOSED + 1, OTHERS + 1), "one more, and no other"

        # The same in the browser: the words as they were said, the question, and the way it took.
        with visiting(browser, service, clerk) as page:
            page.fill("#search-input", SAID)
            page.press("#search-input", "Enter")
            page.wait_for_selector("#hits .question")
            assert page.inner_text("#hits .question") == found["question"]
            page.screenshot(path=papers / "question.png")
            page.fill("#search-input", exact)
            page.press("#search-input", "Enter")
            page.wait_for_selector("#card:not([hidden])")
            assert grid in page.inner_text("#card")
            assert PHONE not in page.content()
            page.screenshot(path=papers / "grid.png")
    (papers / "incident.json").write_text(json.dumps(file, ensure_ascii=False, indent=1), encoding="utf-8")
