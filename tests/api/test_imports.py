"""A register's table over HTTP: the same as by command, tried first, recorded, and never more than it may be."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from fastapi.testclient import TestClient
from served import OURS, City, middle, our_plan

from gridplan.store.audit import Filters
from gridplan.store.keys import Role

Asking = Callable[..., TestClient]
PATH = "/v1/incidents/import"
GRID = our_plan().grids["grid_code"].iloc[0]


def register() -> pd.DataFrame:
    """Return four rows of a hotline: in a grid, nowhere, without a time, and the first again."""
    lon, lat = middle(our_plan(), 0)
    rows = [
        ("A1", "2026-11-01 08:00", "噪声", lon, lat, "13912345678"),
        ("A2", "2026-11-01 09:00", "噪声", None, None, ""),
        ("A3", "", "噪声", lon, lat, ""),
        ("A1", "2026-11-01 08:00", "噪声", lon, lat, "13912345678"),
    ]
    return pd.DataFrame(rows, columns=["工单编号", "上报时间", "类别", "经度", "纬度", "联系电话"])


def excel() -> bytes:
    kept = io.BytesIO()
    register().to_excel(kept, index=False)
    return kept.getvalue()


def layer() -> bytes:
    table = register()
    points = [None if pd.isna(x) else shapely.Point(x, y) for x, y in zip(table["经度"], table["纬度"], strict=True)]
    placed = gpd.GeoDataFrame(table.drop(columns=["经度", "纬度"]), geometry=points, crs="EPSG:4326")
    return placed.to_crs("EPSG:4549").to_json(to_wgs84=True).encode()


FILES = {"GBK": register().to_csv(index=False).encode("gbk"), "Excel": excel(), "GeoJSON": layer()}


def sent(client: TestClient, data: bytes, **query: Any) -> Any:
    return client.post(PATH, params={"source": "12345", **query}, content=data)


def recorded(city: City) -> list[tuple[str, int]]:
    """Return the registers that the audit log speaks of, and how many of each were new."""
    found = city.store.audit.entries(Filters(action="incident.import"))
    return [(each.subject, each.details["new"]) for each in found]


def test_a_table_is_tried_brought_in_and_brought_in_again(city: City, asking: Asking) -> None:
    clerk = asking(Role.DISPATCHER)
    for kind, data in FILES.items():
        before = clerk.get("/v1/incidents").json()["numberMatched"]
        tried = sent(clerk, data, source=kind, dry_run=True)
        assert tried.status_code == 200, tried.text
        assert clerk.get("/v1/incidents").json()["numberMatched"] == before
        done = sent(clerk, data, source=kind).json()
        assert done == tried.json()
        assert {name: done[name] for name in ("rows", "new", "repeated", "in_grid")} == {
            "rows": 4, "new": 2, "repeated": 1, "in_grid": 1,
        }  # fmt: skip
        assert (done["rejected"]["no_time"], done["review"]) == ([3], {"no_coordinates": 1})
        assert sent(clerk, data, source=kind).json()["same"] == 2
        assert clerk.get("/v1/incidents").json()["numberMatched"] == before + 2
    found = clerk.get(f"/v1/grids/{GRID}/incidents").json()["incidents"]
    assert {(each["source"], each["source_id"]) for each in found} >= {(kind, "A1") for kind in FILES}
    assert sorted(recorded(city)) == sorted((kind, new) for kind in FILES for new in (2, 0)), "each time, and no trial"


def test_what_cannot_be_brought_in_is_refused_and_nothing_is_written(asking: Asking) -> None:
    clerk = asking(Role.DISPATCHER)
    before = clerk.get("/v1/incidents").json()["numberMatched"]
    roads = gpd.GeoDataFrame({"工单编号": ["A1"]}, geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4326)
    for data, query, status, said in (
        (b"a,b\n1,2\n", {}, 400, "source_id: no column is recognised"),
        (FILES["GBK"], {"zone": "Asia/Beijing"}, 400, "Asia/Shanghai"),
        (FILES["GBK"], {"column": "phone=手机号"}, 400, "手机号"),
        (FILES["Excel"], {"layer": "甲"}, 400, "甲"),
        (roads.to_json().encode(), {}, 400, "expected points"),
        (b"", {}, 400, "expected a file"),
        (b"\x00" * 100, {}, 400, "body"),
    ):
        answer = sent(clerk, data, **query)
        assert answer.status_code == status, answer.text
        assert said in answer.json()["detail"]
        assert "gridplan-upload" not in answer.text
    assert clerk.get("/v1/incidents").json()["numberMatched"] == before


def test_a_key_of_one_district_brings_in_no_register(asking: Asking) -> None:
    """What is known of others would be changed by it, or told as known."""
    answer = sent(asking(Role.ADMIN, OURS), FILES["GBK"])
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:gridplan:problem:forbidden")
