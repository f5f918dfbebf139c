"""Files of callers: good ones are read as they are, and no other harms the service, its machine or anyone beyond."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from broken import broken, crafted, points, whole, zipped
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import nursery
from api.app import create_app
from api.nursery import Nurseries
from api.reading import UploadLimits
from api.settings import Settings
from api.uploads import Upload

Limited = Callable[..., TestClient]
FUZZED = 60
LIMITS: dict[str, Any] = {"upload_seconds": 10, "upload_bytes": 20_000_000, "upload_unpacked_bytes": 100_000_000}


def serving(folder: Path, **settings: Any) -> TestClient:
    app: FastAPI = create_app(Settings(database_url=f"sqlite:///{folder / 'a.sqlite'}", **{**LIMITS, **settings}))

    @app.post("/probe")
    async def probe(table: Upload) -> dict[str, Any]:
        names = [str(each) for each in table["name"]] if "name" in table else []
        return {"rows": len(table), "columns": [str(name) for name in table], "gardens": names.count("花园")}

    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("uploads")) as opened:
        yield opened


@pytest.fixture
def limited(client: TestClient) -> Iterator[Limited]:
    """Return what gives the service other limits, for one test."""
    state = client.app.state  # type: ignore[attr-defined]
    before: Settings = state.settings

    def limit(**limits: Any) -> TestClient:
        state.settings = before.model_copy(update=limits)
        return client

    yield limit
    state.settings = before


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return whole()


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """Return the URL of a server on this machine, and what is asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/x", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_each_format_is_read_as_it_is(client: TestClient, files: dict[str, bytes]) -> None:
    assert len(files) == 9
    for name, data in files.items():
        answer = client.post("/probe", content=data, headers={"Content-Type": "text/html"})
        assert answer.status_code == 200, (name, answer.text)
        found = answer.json()
        assert found["rows"] == 40, name
        assert {"id", "n", "name"} <= set(found["columns"])
        assert found["gardens"] == 39, name
        assert ("geometry" in found["columns"]) == (not {"csv", "xlsx"} & set(name.split(".")))


def test_nothing_is_read_fetched_or_unpacked_that_should_not_be(
    client: TestClient, listener: tuple[str, list[str]]
) -> None:
    url, asked = listener
    for name, data in crafted(url).items():
        answer = client.post("/probe", content=data)
        assert answer.status_code in (200, 400, 413), (name, answer.text)
        assert answer.status_code != 200 or name == "csv of a path", (name, answer.text)
        assert "root:" not in answer.text
    assert asked == []
    assert not Path("/tmp/gridplan-climbed.csv").exists()


def test_what_is_broken_is_refused_or_read_and_never_more(client: TestClient, files: dict[str, bytes]) -> None:
    for name, data in itertools.islice(broken(np.random.default_rng(7), files), FUZZED):
        answer = client.post("/probe", content=data)
        assert answer.status_code in (200, 400, 413), (name, answer.text)
        assert "gridplan-upload" not in answer.text, name
    assert client.post("/probe", content=files["a.gpkg"]).status_code == 200


@pytest.mark.parametrize("name", ["upload_rows", "upload_vertices", "upload_bytes"])
def test_what_is_too_large_is_refused_by_its_measure(limited: Limited, files: dict[str, bytes], name: str) -> None:
    most = 1000 if name == "upload_bytes" else 39
    answer = limited(**{name: most}).post("/probe", content=files["a.gpkg"])
    assert answer.status_code == 413, answer.text
    assert f"at most {most}" in answer.json()["detail"]


def test_what_unpacks_to_more_than_may_be_is_refused(limited: Limited, tmp_path: Path) -> None:
    pd.DataFrame({"a": np.zeros(300_000)}).to_parquet(tmp_path / "a.parquet", use_dictionary=False)
    plain = pd.DataFrame({"a": ["x" * 100] * 30_000}).to_csv(index=False).encode()
    client = limited(upload_unpacked_bytes=1_000_000)
    for data in ((tmp_path / "a.parquet").read_bytes(), zipped({"a.csv": plain}), gzip.compress(plain)):
        answer = client.post("/probe", content=data)
        assert answer.status_code == 400
        assert "unpacks to more" in answer.json()["detail"]


def test_a_reader_without_end_is_ended(limited: Limited) -> None:
    many = json.loads(points(2).to_json())
    many["features"] *= 100_000
    huge = json.dumps(many, separators=(",", ":")).encode()
    answer = limited(upload_seconds=1, upload_bytes=10**9).post("/probe", content=huge)
    assert answer.status_code == 400
    assert "within 1 s" in answer.json()["detail"]


def test_a_reader_that_sleeps_is_ended_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It takes no CPU, so no limit of the system ends it: the nursery does."""
    monkeypatch.setattr("api.reading.read_within", lambda *_: time.sleep(3600))
    order = {"path": str(tmp_path / "upload.csv"), "layer": None, "limits": asdict(UploadLimits(1, 1, 1, 0, 1))}
    assert nursery._forked(json.dumps(order).encode()) == -signal.SIGKILL


def test_a_nursery_that_dies_is_begun_again_and_ends_with_the_service(
    tmp_path: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDPLAN_SECRET", "of the service")
    with serving(tmp_path) as client:
        assert client.post("/probe", content=files["a.csv"]).status_code == 200
        [first] = nurseries_of(client)
        assert b"GRIDPLAN" not in Path(f"/proc/{first}/environ").read_bytes(), "it knows no secret"
        os.kill(first, signal.SIGKILL)
        answer = client.post("/probe", content=files["a.csv"])
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert client.post("/probe", content=files["a.csv"]).status_code == 200
        [second] = nurseries_of(client)
    assert not any(Path(f"/proc/{pid}").exists() for pid in (first, second))


def nurseries_of(client: TestClient) -> list[int]:
    held: Nurseries = client.app.state.nurseries  # type: ignore[attr-defined]
    return [each._process.pid for each in held._all]


def test_an_empty_body_is_no_file(client: TestClient) -> None:
    answer = client.post("/probe", content=b"")
    assert (answer.status_code, answer.json()["detail"]) == (400, "body: expected a file; found nothing")


def test_mixed_columns_of_a_workbook_become_text(client: TestClient, tmp_path: Path) -> None:
    pd.DataFrame({"编号": ["a", 12, 3.5, "x"]}).to_excel(tmp_path / "m.xlsx", index=False)
    answer = client.post("/probe", content=(tmp_path / "m.xlsx").read_bytes())
    assert answer.json()["rows"] == 4
