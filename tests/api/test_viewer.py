"""What the map viewer is answered: grids, matters as columns, tiles; in the scope and role of a key."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from served import OURS, THEIRS, City, our_plan, their_plan

from api.ahead import Ahead
from api.app import create_app
from api.settings import Settings
from gridplan.errors import InputError
from gridplan.store.incident_tables import incidents
from maps.geometry import decode

Asking = Callable[..., TestClient]


def put(city: City, plan: Any, plan_id: str, scope: str) -> None:
    """Put a matter into each grid of a plan, reported an hour before the clock's moment."""
    places = plan.grids.geometry.representative_point().to_crs(4326)
    same = {
        "source": "test", "digest": "0" * 32, "scope": scope, "category_said": "", "level": "general",
        "workflow": "city", "state": "filed", "holder": "grid", "rating": "", "precision_m": 1.0, "placed_by": "point",
        "match_level": "", "plan_id": plan_id, "sequence": 1, "reported_at": city.clock.now - timedelta(hours=1),
    }  # fmt: skip
    rows = [
        {**same, "incident_id": f"{code}-i", "source_id": code, "category": "noise", "grid_code": code,
         "lon": at.x, "lat": at.y}
        for code, at in zip(plan.grids["grid_code"], places, strict=True)
    ]  # fmt: skip
    with city.store.engine.begin() as connection:
        connection.execute(sa.insert(incidents), rows)


def test_grids_are_drawn_where_they_lie(city: City, asking: Asking) -> None:
    client = asking("viewer", OURS)
    answer = client.get("/v1/viewer/ground")
    found, plan = answer.json(), our_plan()
    assert [row["grid_code"] for row in found["grids"]] == plan.grids["grid_code"].tolist()
    assert [row["households"] for row in found["grids"]] == plan.grids["households"].tolist()
    whole = plan.grids.to_crs(4326)
    for row, bounds in zip(found["grids"], whole.bounds.to_numpy(), strict=True):
        points = np.array([point for part in row["shape"] for ring in part for point in decode(ring)])
        np.testing.assert_allclose([*points.min(axis=0), *points.max(axis=0)], bounds, atol=3e-5)
    again = client.get("/v1/viewer/ground", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_matters_are_told_within_the_scope_and_points_from_dispatchers_on(city: City, asking: Asking) -> None:
    put(city, our_plan(), city.ours, OURS)
    put(city, their_plan(), city.theirs, THEIRS)
    for role, exact in (("viewer", False), ("dispatcher", True)):
        found = asking(role, OURS).get("/v1/viewer/incidents").json()
        assert sorted(found["grids"]) == our_plan().grids["grid_code"].tolist()
        assert (found["lon"] is not None) == exact, role
    plain = asking("dispatcher", OURS).get("/v1/viewer/incidents", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    minutes = np.cumsum(plain.json()["minute"])
    assert (city.clock.now.timestamp() - 3600) / 60 + 8 * 60 in minutes, "by the clocks of the place"


def test_matters_of_grids_that_are_no_more_go_to_the_grid_of_today(city: City, asking: Asking) -> None:
    there = asking("viewer", OURS).get("/v1/viewer/incidents").json()["n"]
    put(city, our_plan(), city.ours, OURS)
    codes = our_plan().grids["grid_code"].tolist()
    draft = city.store.begin(city.ours).merge(codes[0], codes[1], author="x", force=True)
    city.store.publish(draft, by="x", base=city.ours)
    found = asking("viewer", OURS).get("/v1/viewer/incidents").json()
    assert found["n"] == there + len(codes)
    assert set(found["grids"]) == set(draft.grids["grid_code"])


def test_the_page_allows_its_own_scripts_alone_and_names_them_by_content(client: TestClient) -> None:
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    sources = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert sum(source.endswith(".js") for source in sources) > 20
    answers = [client.get(source) for source in sources]
    assert {answer.status_code for answer in answers} == {200}
    assert all("immutable" in answer.headers["cache-control"] for answer in answers)
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>|\son\w+=|style=", page.text), (
        "nothing stands in the page itself"
    )
    assert client.get("/static/" + "0" * 16 + "/viewer/main.js").status_code == 404


@pytest.mark.parametrize("kind", ["folder", "mbtiles"])
def test_tiles_are_served_from_a_folder_or_a_file(kind: str, tmp_path: Path) -> None:
    image = b"\x89PNG\r\n\x1a\n made"
    place = tmp_path / "tiles"
    if kind == "folder":
        (place / "3" / "6").mkdir(parents=True)
        (place / "3" / "6" / "2.png").write_bytes(image)
    else:
        with sqlite3.connect(place) as connection:
            connection.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
            connection.execute("INSERT INTO tiles VALUES (3, 6, 5, ?)", (image,))
    client = TestClient(create_app(Settings(database_url="sqlite:///never-opened.sqlite", basemap_tiles=place)))
    tile = client.get("/tiles/3/6/2")
    assert (tile.content, tile.headers["content-type"]) == (image, "image/png")
    assert [client.get(f"/tiles/{path}").status_code for path in ("3/6/3", "3/9/2", "99/0/0")] == [404] * 3


def test_browsers_may_ask_the_server_of_the_base_map_and_no_other() -> None:
    settings = Settings(
        database_url="sqlite:///never-opened.sqlite", basemap_url="http://tiles.intranet:80/{z}/{x}/{y}"
    )
    policy = TestClient(create_app(settings)).get("/").headers["content-security-policy"]
    assert "img-src 'self' data: http://tiles.intranet:80;" in policy
    assert "connect-src 'self';" in policy


def test_what_keys_see_is_drawn_before_anyone_asks(
    app: FastAPI, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = (("viewer", OURS), ("dispatcher", THEIRS))
    for role, scope in kinds:
        asking(role, scope)
    state = app.state
    with closing(Ahead(state.watch, state.drawings, state.spots)) as ahead:
        assert ahead.draw(state.watch.moment) == 0  # so few grids are drawn while one waits
    with closing(Ahead(state.watch, state.drawings, state.spots, fewest=1)) as ahead:
        # All, ours and theirs; with the true points for dispatchers, without for viewers.
        assert ahead.draw(state.watch.moment) == 6
    monkeypatch.setattr("api.viewing.ground_payload", None)
    monkeypatch.setattr("api.spots.incidents_payload", None)
    for role, scope in kinds:
        client = asking(role, scope)
        grids = client.get("/v1/viewer/ground").json()["grids"]
        assert {grid["grid_code"][: len(scope)] for grid in grids} == {scope}
        assert client.get("/v1/viewer/incidents").status_code == 200


def test_who_cannot_unzip_gets_the_same_plain(asking: Asking) -> None:
    client = asking("viewer", OURS)
    zipped, plain = (client.get("/v1/viewer/ground", headers={"Accept-Encoding": way}) for way in ("gzip", "identity"))
    assert (zipped.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert zipped.json() == plain.json()


def test_who_answers_for_a_grid_is_told_by_name_within_the_scope(
    city: City, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file, ours, theirs = tmp_path / "workers.csv", f"{OURS}001001001", f"{THEIRS}005001001"
    file.write_text(f"网格编码,姓名,AB角,电话\n{ours},陈静,A,13900000001\n{ours},周洋,B,\n{theirs},赵敏,A,\n", "utf-8")
    url = city.store.engine.url.render_as_string(hide_password=False)
    dispatcher, viewer = city.key("dispatcher", OURS), city.key("viewer", OURS)
    with TestClient(create_app(Settings(database_url=url, workers=file, jobs=0), clock=city.clock)) as client:
        client.headers["X-API-Key"] = dispatcher
        expected = {ours: {"worker": "陈静", "deputies": ["周洋"]}}
        assert client.get("/v1/viewer/workers").json() == {"grids": expected}
        assert client.get("/v1/viewer/session").json()["workers"] is True
        file.write_text("nothing", "utf-8")
        assert client.get("/v1/viewer/workers").json() == {"grids": expected}, "a broken list is none"
        assert "the one before stays" in caplog.text
        file.write_text(f"网格编码,姓名,AB角\n{ours},王芳,B\n", "utf-8")
        assert client.get("/v1/viewer/workers").json()["grids"] == {ours: {"worker": None, "deputies": ["王芳"]}}
        client.headers["X-API-Key"] = viewer
        assert client.get("/v1/viewer/session").json()["workers"] is False
    file.write_text(f"网格编码,姓名\n{ours},陈静\n{ours},王芳\n", "utf-8")
    with pytest.raises(InputError, match=ours):
        create_app(Settings(database_url=url, workers=file))
