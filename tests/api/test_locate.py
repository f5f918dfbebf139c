"""Lookups by point, by address and by the thousand: what the library answers, in the scope of the key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shapely
from fastapi.testclient import TestClient
from served import OURS, THEIRS, City, middle, our_plan, their_plan

from api.watch import Watch

Asking = Callable[..., TestClient]


def test_a_point_is_in_its_grid_and_in_that_of_the_key_alone(asking: Asking, city: City) -> None:
    lon, lat = middle(our_plan(), 1)
    found = asking().get("/v1/locate", params={"lon": lon, "lat": lat}).json()
    row = our_plan().grids.iloc[1]
    assert found == {
        "grid_code": row["grid_code"],
        "status": "inside",
        "distance_m": 0.0,
        "plan_id": city.ours,
        "name": row["name"],
        "community_code": row["community_code"],
        "at": "2026-11-02",
    }
    assert asking(scope=OURS).get("/v1/locate", params={"lon": lon, "lat": lat}).json() == found
    foreign = asking(scope=THEIRS).get("/v1/locate", params={"lon": lon, "lat": lat}).json()
    assert foreign == {"grid_code": None, "status": "none", "at": "2026-11-02"}
    swapped = asking().get("/v1/locate", params={"lon": lat, "lat": lon}).json()
    assert (swapped["status"], swapped["hint"]) == ("swapped", row["grid_code"])


def test_ground_of_others_near_the_border_is_answered_as_empty_ground_is(asking: Asking) -> None:
    """Two metres beyond our border: in their grid for all, and near ours for us, as though they did not exist."""
    border = shapely.Point(500_000 + 802, 5_280_150)
    lon, lat = (
        our_plan().grids.geometry.iloc[:0].set_crs(4549)._constructor([border], crs=4549).to_crs(4326)[0].coords[0]
    )
    where = {"lon": lon, "lat": lat}
    everybody = asking().get("/v1/locate", params=where).json()
    us = asking(scope=OURS).get("/v1/locate", params=where).json()
    assert everybody["grid_code"].startswith(THEIRS)
    assert us["grid_code"].startswith(OURS)
    assert us["status"] == "near"


def test_a_batch_answers_in_order_what_single_questions_do(asking: Asking) -> None:
    points = [middle(plan, row) for plan in (our_plan(), their_plan()) for row in range(len(plan.grids))]
    points += [(0.0, 0.0), (points[0][1], points[0][0])]
    for scope in ("", OURS, THEIRS):
        client = asking(scope=scope)
        single = [client.get("/v1/locate", params={"lon": x, "lat": y}).json() for x, y in points]
        mixed = [points[0], *({"lon": x, "lat": y} for x, y in points[1:])]
        answer = client.post("/v1/locate/batch", json={"points": [*mixed, [None, 1.0]]}).json()
        assert answer["count"] == len(points) + 1
        for name in ("grid_code", "status"):
            assert [each[name] for each in answer["results"][:-1]] == [each[name] for each in single]
        assert answer["results"][-1] == {"grid_code": None, "status": "invalid", "distance_m": None, "plan_id": None}


@pytest.mark.parametrize("app", [True], indirect=True)
def test_an_address_leads_to_its_grid_and_no_candidate_leads_beyond_the_scope(asking: Asking) -> None:
    ours, theirs = "龙方路3号永乐家园3号楼", "花园街3号永乐家园3号楼"
    found = asking().get("/v1/locate", params={"address": ours}).json()
    assert found["accepted"], found
    assert found["grid_code"].startswith(OURS)
    for scope, text in ((OURS, theirs), (THEIRS, ours)):
        client = asking(scope=scope)
        answers = [client.get("/v1/locate", params={"address": text}).json()]
        answers += client.post("/v1/locate/batch", json={"addresses": [text, "3号楼"]}).json()["results"]
        for answer in answers:
            codes = {answer["grid_code"], *answer["grids"], *(each["grid_code"] for each in answer["candidates"])}
            assert all(code.startswith(scope) for code in codes - {None})


def test_a_publication_is_answered_from_when_it_was_read_and_days_before_stay(
    asking: Asking, city: City, fresh: Callable[[], Watch]
) -> None:
    client = asking()
    lon, lat = middle(our_plan(), 0)
    before = client.get("/v1/locate", params={"lon": lon, "lat": lat}).json()
    city.clock.forward(days=1)
    merged = city.store.begin(city.ours).by("李娜").merge(*our_plan().grids["grid_code"].iloc[:2], force=True)
    later = city.store.publish(merged, by="王强").plan_id
    assert client.get("/v1/locate", params={"lon": lon, "lat": lat}).json() == before, "not looked yet"
    fresh()
    after = client.get("/v1/locate", params={"lon": lon, "lat": lat}).json()
    assert after["plan_id"] == later
    assert client.get("/v1/locate", params={"lon": lon, "lat": lat, "at": "2026-11-02"}).json() == before
    nothing = client.get("/v1/locate", params={"lon": lon, "lat": lat, "at": "2020-01-01"})
    assert (nothing.status_code, nothing.json()["type"]) == (404, "urn:gridplan:problem:no-plan-in-force")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("lon=east&lat=1", "query.lon"),
        ("lon=1", "expected lon and lat, or address alone; found lon"),
        ("", "found none of them"),
        ("lon=1&lat=1&address=x", "found lon and lat and address"),
        ("lon=nan&lat=1", "query.lon"),
        ("lon=1e400&lat=1", "query.lon"),
        ("lon=1&lat=1&datum=mars", "query.datum"),
        ("lon=1&lat=1&at=yesterday", "expected a date such as 2026-03-01"),
        ("lon=1&lat=1&at=20", "query.at"),
        ("lon=1&lat=1&lng=2", "query.lng"),
        ("address=", "query.address"),
    ],
)
def test_bad_questions_are_told_what_was_expected(asking: Asking, query: str, names: str) -> None:
    answer = asking().get(f"/v1/locate?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert names in answer.json()["detail"]
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"points": [[NaN, 1]]}', 400),
        (b'{"points": [[1, 2, 3]]}', 400),
        (b'{"points": [], "addresses": []}', 400),
        (b'{"points": [], "pionts": []}', 400),
        (b'{"points": [' + b"[1,2]," * 10_000 + b"[1,2]]}", 413),
        (b" " * 5_000_000, 413),
    ],
)
def test_bad_batches_are_refused(asking: Asking, body: bytes, status: int) -> None:
    answer = asking().post("/v1/locate/batch", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
