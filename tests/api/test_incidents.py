"""Incidents over HTTP: opened from a text, followed by legal steps, masked, recorded, counted; one scope alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from served import OURS, THEIRS, City, middle, our_plan

from gridplan.store.keys import Role

Asking = Callable[..., TestClient]
GRID = our_plan().grids["grid_code"].iloc[0]


def opened(client: TestClient, **body: Any) -> dict[str, Any]:
    lon, lat = middle(our_plan(), 0)
    answer = client.post("/v1/incidents", json={"category": "water", "lon": lon, "lat": lat, **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("app", [True], indirect=True)
def test_the_clerks_day(city: City, asking: Asking) -> None:
    """A call with an address in it: its grid, the worker's list, late, up to the street, solved, called back."""
    clerk = asking(Role.DISPATCHER, OURS)
    day = {"from": "2026-11-02", "to": "2026-11-02"}
    said = "喂，乌马河那边永乐家园3号楼，水管爆了"
    body = {"text": said, "category": "水管爆裂", "level": "emergency", "reporter": "王五", "phone": "13800001111"}
    answer = clerk.post("/v1/incidents", json=body)
    assert answer.status_code == 201, answer.text
    file = answer.json()
    match = clerk.get("/v1/locate", params={"address": said}).json()
    if match["grid_certain"] or match["accepted"]:
        assert file["grid_code"] == match["grid_code"]
    else:
        assert file["review"]["reason"] in {"ambiguous_address", "no_coordinates"}
        assert file["review"]["question"] == " / ".join(filter(None, (match["question"], match["question_en"])))
        code = file["review"]["candidates"][0]["grid_code"]
        assert clerk.post(f"/v1/incidents/{file['incident_id']}/review", json={"grid_code": code}).status_code == 200
    file = clerk.get(f"/v1/incidents/{file['incident_id']}").json()
    path = f"/v1/incidents/{file['incident_id']}"
    mine = clerk.get(f"/v1/grids/{file['grid_code']}/incidents", params={"open": True}).json()
    assert file["incident_id"] in [each["incident_id"] for each in mine["incidents"]]
    before = clerk.get(f"/v1/grids/{file['grid_code']}/stats", params=day).json()["closure"]
    city.clock.forward(hours=3)
    assert file["incident_id"] in [each["incident_id"] for each in clerk.get("/v1/incidents/late").json()["incidents"]]
    for holder in ("community", "street"):
        up = clerk.post(f"{path}/transitions", json={"action": "escalate", "reason": "超时"})
        assert up.json()["holder"] == holder
    refused = clerk.post(f"{path}/transitions", json={"action": "close"})
    assert refused.status_code == 409
    assert "file" in refused.json()["legal"]
    for action in ("file", "dispatch", "handle", "check", "close"):
        city.clock.forward(minutes=10)
        done = clerk.post(f"{path}/transitions", json={"action": action, "rating": "satisfied"})
        assert done.status_code == 200, done.text
    after = clerk.get(f"/v1/grids/{file['grid_code']}/stats", params=day).json()
    assert (after["closure"]["numerator"], after["closure"]["denominator"]) == (
        before["numerator"] + 1,
        before["denominator"],
    )
    assert after["timeliness"]["numerator"] + 1 == after["timeliness"]["denominator"]
    assert clerk.get(path).json()["state"] == "closed"


def test_names_are_masked_and_each_look_at_them_is_recorded(city: City, asking: Asking) -> None:
    path = f"/v1/incidents/{city.our_incident}"
    seen = asking(Role.VIEWER).get(path).json()
    assert seen["person"] == {"reporter": "张*", "phone": "139******78", "address": "", "words": ""}
    assert len(str(seen["lon"]).partition(".")[2]) <= 3
    assert asking(Role.VIEWER).get(path, params={"personal": True}).status_code == 403
    clerk = asking(Role.DISPATCHER, OURS)
    count = len(city.store.audit.entries())
    whole = clerk.get(path, params={"personal": True}).json()
    assert whole["person"]["phone"] == "13912345678"
    entry, *rest = city.store.audit.entries()
    assert len(rest) == count
    assert (entry.action, entry.subject) == ("incident.read", city.our_incident)
    assert "13912345678" not in str(entry)
    listed = asking(Role.ADMIN).get("/v1/incidents").text
    assert "13912345678" not in listed
    assert "张三" not in listed


def test_another_district_is_not_there(city: City, asking: Asking) -> None:
    client = asking(Role.ADMIN, OURS)
    assert client.get("/v1/incidents").json()["numberMatched"] == 1
    assert client.get(f"/v1/incidents/{city.their_incident}").status_code == 404
    for action in ("transitions", "review"):
        body = {"action": "file"} if action == "transitions" else {"grid_code": GRID}
        assert client.post(f"/v1/incidents/{city.their_incident}/{action}", json=body).status_code == 404
    units = client.get("/v1/stats/grids", params={"from": "2026-11-01", "to": "2026-11-30"}).json()["units"]
    assert {unit["code"][:6] for unit in units} == {OURS}
    assert sum(unit["received"] for unit in units) == 1
    foreign = our_plan().grids["grid_code"].iloc[0].replace(OURS, THEIRS)
    assert (
        client.post(
            f"/v1/incidents/{city.our_incident}/transitions", json={"action": "assign", "grid_code": foreign}
        ).status_code
        == 404
    )


def test_what_could_be_no_incident_is_a_problem(asking: Asking) -> None:
    client = asking(Role.DISPATCHER)
    for body, said in [
        ({"category": "外星人"}, "nearest"),
        ({"category": "noise", "reported_at": "2030-01-01T00:00:00Z"}, "future"),
        ({"category": "noise", "level": "huge"}, "level"),
        ({"category": "noise", "lon": "east"}, "lon"),
        ({"kategory": "noise"}, "kategory"),
    ]:
        answer = client.post("/v1/incidents", json=body)
        assert answer.status_code == 400, answer.text
        assert said in answer.json()["detail"]
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_text_suggests_its_category_or_the_clerk_is_asked(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    class Sure:
        def suggest(self, text: str) -> Any:
            label = "water" if "水管" in text else None
            return type("Suggestion", (), {"label": label})()

    monkeypatch.setattr("gridplan.incidents.suggest.shipped", lambda: (Sure(), Sure()))
    client = asking(Role.DISPATCHER)
    assert opened(client, category="", text="水管爆了")["category"] == "water"
    unsure = client.post("/v1/incidents", json={"text": "你好"})
    assert unsure.status_code == 400
    assert "category: expected one of the tree" in unsure.json()["detail"]


def test_without_a_place_it_waits_for_a_person(asking: Asking) -> None:
    client = asking(Role.DISPATCHER)
    file = opened(client, lon=None, lat=None)
    assert (file["grid_code"], file["review"]["reason"]) == (None, "no_coordinates")
    waiting = client.get("/v1/incidents/review").json()["reviews"]
    assert [each["incident"]["incident_id"] for each in waiting] == [file["incident_id"]]
    assert client.post(f"/v1/incidents/{file['incident_id']}/review", json={"grid_code": "1"}).status_code == 400
    settled = client.post(
        f"/v1/incidents/{file['incident_id']}/review", json={"grid_code": GRID, "reason": "问过"}
    ).json()
    assert (settled["grid_code"], settled["placed_by"]) == (GRID, "person")
    assert settled["review"]["settled_by"] == settled["steps"][-1]["by"]
    assert client.get("/v1/incidents/review").json()["reviews"] == []


def test_opening_twice_and_stepping_on_what_was_not_seen(asking: Asking) -> None:
    client = asking(Role.DISPATCHER)
    one, two = (opened(client, source="市民端", source_id="7") for _ in range(2))
    assert one["incident_id"] == two["incident_id"]
    path = f"/v1/incidents/{one['incident_id']}/transitions"
    assert client.post(path, json={"action": "file", "seen": 1}).status_code == 200
    stale = client.post(path, json={"action": "reject", "seen": 1})
    assert stale.status_code == 409
    assert "read it again" in stale.json()["detail"]


def test_pages_filters_and_periods(city: City, asking: Asking) -> None:
    client = asking(Role.DISPATCHER, OURS)
    for number in range(7):
        city.clock.forward(minutes=1)
        opened(client, category=["noise", "water"][number % 2], source_id=f"n{number}")
    path, seen = "/v1/incidents?limit=3", []
    while path:
        page = client.get(path).json()
        seen += [each["incident_id"] for each in page["incidents"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert len(seen) == len(set(seen)) == page["numberMatched"] == 8
    assert client.get("/v1/incidents", params={"category": "water"}).json()["numberMatched"] == 3
    assert client.get("/v1/incidents", params={"from": "2026-11-02", "to": "2026-11-02"}).json()["numberMatched"] == 7
    assert client.get("/v1/incidents", params={"open": False}).json()["numberMatched"] == 0
    assert client.get("/v1/incidents", params={"holder": "king"}).status_code == 400
    assert client.get(f"/v1/grids/{GRID}/incidents").json()["numberMatched"] == 8
    assert client.get("/v1/grids/nothing/incidents").status_code == 404
    assert client.get("/v1/grids/nothing/stats").status_code == 404


def test_numbers_of_every_level_and_restated(city: City, asking: Asking) -> None:
    client = asking(Role.DISPATCHER, OURS)
    for number in range(5):
        opened(client, source_id=f"n{number}")
    month: dict[str, Any] = {"from": "2026-11-01", "to": "2026-11-30"}
    for level in ("grid", "community", "street", "district", "all"):
        found = client.get("/v1/stats/grids", params={**month, "level": level}).json()
        assert sum(unit["received"] for unit in found["units"]) == 6
    again = client.get("/v1/stats/grids", params={**month, "plan": city.ours}).json()
    assert again["restated"] == {"by_point": 6, "by_code": 0, "outside": 0, "split": 0, "total": 6}
    assert client.get("/v1/stats/grids", params={**month, "plan": city.theirs}).status_code == 404
    assert client.get("/v1/stats/grids", params={**month, "category": "x"}).status_code == 400
    assert client.get("/v1/stats/grids", params={"from": "2026-11-02", "to": "2026-11-01"}).status_code == 400
    empty = client.get("/v1/stats/grids", params={"from": "2001-01-01", "to": "2001-01-31"}).json()
    assert {unit["received"] for unit in empty["units"]} == {0}


def test_the_words_of_handling_are_there_in_both_languages(asking: Asking) -> None:
    rules = asking().get("/v1/incidents/handling").json()
    assert [state["zh"] for state in rules["workflows"]["six_steps"]["states"]] == [
        "吹哨",
        "报到",
        "会商",
        "落实",
        "反馈",
        "评价",
    ]
    assert {each["zh"] for each in rules["levels"]} == {"应急", "重点", "常规", "协调"}
    assert any(each["code"] == "noise" and each["within"] == "3 working_days" for each in rules["categories"])
