"""Open311 GeoReport v2: a matter reported by form, found again in JSON and XML, without a name; errors in its shape."""

from __future__ import annotations

import re
import shlex
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from served import OURS, THEIRS, City, middle, our_plan

from gridplan.store.keys import Role

Asking = Callable[..., TestClient]
ROOT = "/open311/v2"
PERSONAL = ("张三", "13912345678", "太吵")


def post(client: TestClient, form: str = "", **more: Any) -> str:
    lon, lat = middle(our_plan(), 0)
    answer = client.post(
        f"{ROOT}/requests{form}", data={"service_code": "water", "lat": lat, "long": lon, "description": "漏水", **more}
    )
    assert answer.status_code == 201, answer.text
    if form == ".xml":
        return str(ET.fromstring(answer.content).findtext("request/service_request_id"))
    (taken,) = answer.json()
    return str(taken["service_request_id"])


def listed(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get(f"{ROOT}/requests.json", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def ids(client: TestClient, **asked: Any) -> list[str]:
    return [each["service_request_id"] for each in listed(client, **asked)]


def test_a_form_becomes_an_incident_that_is_followed_to_its_end(city: City, asking: Asking) -> None:
    clerk = asking(Role.DISPATCHER, OURS)
    person = {"first_name": "三丰", "last_name": "张", "phone": "13800001111", "email": "a@b.cn"}
    name = post(clerk, device_id="x", media_url="http://127.0.0.1/never-fetched.jpg", **person)
    path = f"/v1/incidents/{name}"
    whole = clerk.get(path, params={"personal": True}).json()
    assert (whole["source"], whole["category"], whole["grid_code"][:6]) == ("open311", "water", OURS)
    assert (whole["person"]["reporter"], whole["person"]["phone"]) == ("张三丰", "13800001111 a@b.cn")
    assert "never-fetched" in whole["person"]["words"]
    (told,) = clerk.get(f"{ROOT}/requests/{name}.json").json()
    assert (told["status"], told["agency_responsible"]) == ("open", whole["grid_code"])
    assert "受理" in told["status_notes"]
    assert (told["lat"], told["long"]) == pytest.approx(middle(our_plan(), 0)[::-1])
    assert told["expected_datetime"] == whole["due_at"]
    for action in ("file", "dispatch", "handle", "check", "close"):
        city.clock.forward(minutes=10)
        assert clerk.post(f"{path}/transitions", json={"action": action, "rating": "satisfied"}).status_code == 200
    (closed,) = clerk.get(f"{ROOT}/requests/{name}").json()
    times = [datetime.fromisoformat(closed[f"{which}_datetime"]) for which in ("requested", "updated")]
    assert closed["status"] == "closed"
    assert (times[1] - times[0]).total_seconds() == 3000
    assert all(each.utcoffset() is not None for each in times)


def test_the_request_of_the_page_is_taken(asking: Asking) -> None:
    """The line of curl, sent as curl would: headers by -H, a form by -d."""
    page = Path(__file__).parents[2] / "docs" / "incidents.md"
    (block,) = re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    program, *words, address = shlex.split(block.replace("\\\n", " "))
    given: dict[str, list[str]] = {"-H": [], "-d": []}
    for flag, value in zip(words[::2], words[1::2], strict=True):
        given[flag].append(value)
    clerk = asking(Role.DISPATCHER, OURS)
    path, form = urlsplit(address).path, dict(pair.split("=", 1) for pair in given["-d"])
    assert (program, given["-H"]) == ("curl", ["X-API-Key: $KEY"])
    answer = clerk.post(path, data=form)
    assert answer.status_code == 201, answer.text
    whole = clerk.get(f"/v1/incidents/{answer.json()[0]['service_request_id']}", params={"personal": True}).json()
    assert (whole["category"], whole["person"]["words"]) == (form["service_code"], form["description"])


def test_xml_says_what_json_says(asking: Asking) -> None:
    clerk = asking(Role.DISPATCHER, OURS)
    name = post(clerk, ".xml")
    for path, root in (
        ("services", "services"),
        ("requests", "service_requests"),
        (f"requests/{name}", "service_requests"),
    ):
        answer = clerk.get(f"{ROOT}/{path}.xml")
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        made = ET.fromstring(answer.content)
        plain = [{name: said(each) for name, each in row.items()} for row in clerk.get(f"{ROOT}/{path}.json").json()]
        assert made.tag == root
        assert [{field.tag: field.text or "" for field in row} for row in made] == plain
    assert clerk.get(f"{ROOT}/services", headers={"Accept": "text/xml"}).content.startswith(b"<?xml")
    definition = ET.fromstring(clerk.get(f"{ROOT}/services/water.xml").content)
    assert (definition.tag, definition.findtext("service_code")) == ("service_definition", "water")
    assert clerk.get(f"{ROOT}/services/water.json").json() == {"service_code": "water", "attributes": []}


def said(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_markup_and_signs_that_xml_cannot_hold_do_no_harm(asking: Asking) -> None:
    answer = asking(Role.VIEWER).get(f"{ROOT}/requests.xml", params={"status": "<a>&\x01\x0b\ufffe"})
    (error,) = ET.fromstring(answer.content)
    assert (answer.status_code, error.findtext("code")) == (400, "400")
    assert "found <a>&" in str(error.findtext("description"))


def test_requests_by_service_day_status_and_page(city: City, asking: Asking) -> None:
    clerk = asking(Role.DISPATCHER, OURS)
    made = []
    for number in range(5):
        city.clock.forward(minutes=1)
        made.append(post(clerk, service_code=["water", "noise"][number % 2]))
    newest = made[::-1]
    assert ids(clerk) == [*newest, city.our_incident]
    assert ids(clerk, page_size=2) + ids(clerk, page_size=2, page=2) == newest[:4]
    assert ids(clerk, page=9) == []
    assert ids(clerk, service_code="water") == newest[::2]
    assert len(ids(clerk, service_code="water,noise", status="open,closed")) == 6
    assert ids(clerk, status="closed") == []
    assert ids(clerk, service_request_id=f"{made[0]},{city.their_incident},nothing") == [made[0]]
    at = listed(clerk, service_request_id=made[2])[0]["requested_datetime"]
    assert ids(clerk, start_date=at, end_date=at) == [made[2]], "both ends are included"
    assert ids(clerk, end_date=at) == [*newest[2:], city.our_incident]
    city.clock.forward(days=91)
    assert ids(clerk) == [], "of the last 90 days by default"
    assert len(ids(clerk, start_date="2026-11-01T00:00:00+08:00")) == 6


def test_one_scope_alone_and_no_name_to_anybody(city: City, asking: Asking) -> None:
    viewer = asking(Role.VIEWER, OURS)
    paths = [f"{ROOT}/requests.{form}" for form in ("json", "xml")] + [f"{ROOT}/requests/{city.our_incident}"]
    for role in (Role.VIEWER, Role.ADMIN):
        text = "".join(asking(role, OURS).get(path).text for path in paths)
        assert city.our_incident in text
        assert not [each for each in (*PERSONAL, THEIRS, city.their_incident) if each in text]
    viewer = asking(Role.VIEWER, OURS)
    (coarse,) = viewer.get(paths[-1]).json()
    assert (coarse["lat"], coarse["long"]) == tuple(round(each, 3) for each in middle(our_plan(), 0)[::-1])
    assert viewer.post(f"{ROOT}/requests", data={"service_code": "noise"}).json()[0]["code"] == 403
    for kind in ("requests", "tokens"):
        answer = viewer.get(f"{ROOT}/{kind}/{city.their_incident}.json")
        assert (answer.status_code, answer.json()[0]["code"]) == (404, 404)
    token = viewer.get(f"{ROOT}/tokens/{city.our_incident}.json").json()
    assert token == [{"service_request_id": city.our_incident, "token": city.our_incident}]


def test_what_is_wrong_is_said_as_the_standard_wants_it(asking: Asking) -> None:
    clerk = asking(Role.DISPATCHER, OURS)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"start_date": "2026-11-01T00:00:00"}, "start_date"),
        ({"status": "late"}, "status"),
        ({"page_size": 0}, "page_size"),
        ({"q": "x"}, "q"),
    ]
    for asked, named in wrong:
        answer = clerk.get(f"{ROOT}/requests.json", params=asked)
        (error,) = answer.json()
        assert (answer.status_code, set(error)) == (400, {"code", "description"})
        assert named in error["description"]
    for body, said_of in [
        ({"service_code": "water"}, "address_string"),
        ({"service_code": "water", "lat": 1}, "together"),
        ({"service_code": "water", "lat": 91, "long": 1}, "lat"),
        ({"service_code": "外星人", "lat": 1, "long": 1}, "category"),
        ({"service_code": "water", "lat": 1, "long": 1, "attribute[x]": 1}, "attribute"),
    ]:
        for sent in ({"data": body}, {"json": body}):
            answer = clerk.post(f"{ROOT}/requests.json", **sent)  # type: ignore[arg-type]
            assert answer.status_code == 400, answer.text
            assert said_of in answer.json()[0]["description"]
    for content, kind in (
        (b"\xff=%ff", "application/x-www-form-urlencoded"),
        (b"[" * 9999, "application/json"),
        (b"", ""),
    ):
        answer = clerk.post(f"{ROOT}/requests.xml", content=content, headers={"Content-Type": kind})
        assert answer.status_code == 400
        assert ET.fromstring(answer.content).findtext("error/code") == "400"
    assert clerk.get(f"{ROOT}/requests", params={"service_code": "nothing"}).status_code == 404
    del clerk.headers["X-API-Key"]
    refused = clerk.get(f"{ROOT}/services.json")
    assert (refused.status_code, refused.json()[0]["code"], refused.headers["www-authenticate"]) == (401, 401, "ApiKey")


def test_json_without_a_point_waits_for_a_person(asking: Asking) -> None:
    clerk = asking(Role.DISPATCHER, OURS)
    body = {"service_code": "noise", "address_string": "哪里", "lat": None, "long": None}
    (taken,) = clerk.post(f"{ROOT}/requests", json=body).json()
    assert "waits" in taken["service_notice"]
    (told,) = clerk.get(f"{ROOT}/requests/{taken['service_request_id']}").json()
    assert (told["lat"], told["agency_responsible"], told["address"]) == (None, None, None)
