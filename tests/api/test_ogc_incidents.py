"""The collection of incidents: to dispatchers alone, of their codes alone, of the days asked for, without a name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from served import OURS, THEIRS, City, listening, middle, our_plan
from test_ogc import QUAD, read

from api.ogc.tiling import HALF_M, Tile
from gridplan.store.keys import Role

Asking = Callable[..., TestClient]
ITEMS = "/ogc/collections/incidents/items"
PERSONAL = ("张三", "13912345678", "太吵")


def items(client: TestClient, **asked: Any) -> dict[str, dict[str, Any]]:
    answer = client.get(ITEMS, params=asked)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["numberMatched"] == len(found["features"])
    return {each["id"]: each for each in found["features"]}


def test_dispatchers_see_the_incidents_of_their_codes_and_no_name(city: City, asking: Asking) -> None:
    everything = items(asking(Role.DISPATCHER))
    assert set(everything) == {city.our_incident, city.their_incident}
    mine = asking(Role.ADMIN, OURS)
    found = items(mine)
    assert set(found) == {city.our_incident}
    assert found[city.our_incident]["geometry"]["coordinates"] == pytest.approx(middle(our_plan(), 0), abs=1e-6)
    assert found[city.our_incident]["properties"]["grid_code"].startswith(OURS)
    text = mine.get(ITEMS).text + mine.get("/ogc/collections").text
    assert not [each for each in (*PERSONAL, THEIRS) if each in text]
    assert mine.get(f"{ITEMS}/{city.their_incident}").status_code == 404
    assert mine.get(f"{ITEMS}/{city.our_incident}").status_code == 200


def test_viewers_and_strangers_are_not_told_that_there_is_such_a_collection(city: City, asking: Asking) -> None:
    viewer = asking(Role.VIEWER)
    assert "incidents" not in [each["id"] for each in viewer.get("/ogc/collections").json()["collections"]]
    unknown = viewer.get("/ogc/collections/nothing/items").json()
    refused = viewer.get(ITEMS)
    assert (refused.status_code, refused.json()["title"]) == (404, unknown["title"])
    assert viewer.get(f"/ogc/tiles/{QUAD}/14/0/0", params={"collections": "incidents"}).status_code == 404
    del viewer.headers["X-API-Key"]
    assert viewer.get(ITEMS).status_code == 401


def test_days_filters_and_what_changed_meanwhile(city: City, asking: Asking) -> None:
    client = asking(Role.DISPATCHER, OURS)
    assert items(client, category="noise")
    assert not items(client, category="water")
    assert not items(client, datetime="2026-10-31"), "it was not reported yet"
    assert items(client, datetime="2026-10-31/2026-11-01")
    path = f"/v1/incidents/{city.our_incident}/transitions"
    for action in ("file", "dispatch", "handle", "check", "close"):
        city.clock.forward(minutes=10)
        assert client.post(path, json={"action": action, "rating": "satisfied"}).status_code == 200
    told = items(client)[city.our_incident]["properties"]
    assert (told["state"], told["closed_at"] is None) == ("closed", False), "closed today: still there today"
    assert not items(client, datetime="2026-12-24")
    assert items(client, datetime="2026-11-01/..")
    assert client.get(ITEMS, params={"reporter": "张三"}).status_code == 400


def test_a_tile_holds_the_points(asking: Asking) -> None:
    client, zoom = asking(Role.DISPATCHER), 12
    side = Tile(zoom, 0, 0).side_m
    found = client.get(ITEMS, params={"crs": "http://www.opengis.net/def/crs/EPSG/0/3857", "limit": 1}).json()
    x, y = found["features"][0]["geometry"]["coordinates"]
    column, row = int((x + HALF_M) // side), int((HALF_M - y) // side)
    path = f"/ogc/collections/incidents/tiles/{QUAD}/{zoom}/{row}/{column}"
    layer = mapbox_vector_tile.decode(client.get(path).content)["incidents"]
    assert found["features"][0]["id"] in {each["properties"]["incident_id"] for each in layer["features"]}


def test_gdal_reads_them_with_a_key(city: City, app: FastAPI, tmp_path: Path) -> None:
    secret = city.key(Role.DISPATCHER, OURS)
    with listening(app) as root:
        found = read(tmp_path, f"{root}/ogc", "incidents", secret)
    assert found["incident_id"].tolist() == [city.our_incident]
    assert found.geometry.iloc[0].coords[0] == pytest.approx(middle(our_plan(), 0), abs=1e-6)
