"""A service over a store with two districts, and keys of every role and scope."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

# Drawn districts and clocks are shared with the tests of the library and of the store.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
sys.path.insert(0, str(Path(__file__).parents[1] / "gridplan"))

from served import OURS, THEIRS, City, addresses, cancelled_job, our_plan, reported, their_plan
from stored import Clock

from api.app import create_app
from api.settings import Settings
from api.watch import Watch
from gridplan.store import Store
from gridplan.store.keys import Role


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Return the two districts, both in force, and a draft of ours; tests take copies of it."""
    folder, clock = tmp_path_factory.mktemp("city"), Clock()
    addresses().to_csv(folder / "addresses.csv", index=False)
    with Store.open(folder / "plans.sqlite", clock=clock) as store:
        ours = store.publish(our_plan(), by="王强").plan_id
        theirs = store.publish(their_plan(), by="赵敏").plan_id
        draft = store.save_draft(store.begin(ours), author="李娜").plan_id
        jobs = [cancelled_job(store, store.info(plan).scope) for plan in (ours, theirs)]
        matters = [reported(store, ours, "王强"), reported(store, theirs, "赵敏")]
        city = City(store, clock, ours, theirs, draft, folder / "addresses.csv", *jobs, *matters)
        secrets = {(str(role), scope): city.key(role, scope) for role in Role for scope in ("", OURS, THEIRS)}
        store.backup(folder / "backup.sqlite")
        return replace(city, secrets=secrets)


@pytest.fixture
def city(template: City, tmp_path: Path) -> Iterator[City]:
    """Return a copy of the two districts, with a clock of its own."""
    shutil.copy(template.addresses.parent / "backup.sqlite", tmp_path / "plans.sqlite")
    clock = Clock()
    with Store.open(tmp_path / "plans.sqlite", clock=clock) as store:
        yield replace(template, store=store, clock=clock)


@pytest.fixture
def app(city: City, request: pytest.FixtureRequest) -> FastAPI:
    """Return the service; with ``@pytest.mark.parametrize("app", [True], indirect=True)`` it has addresses."""
    table = city.addresses if getattr(request, "param", False) else None
    url = city.store.engine.url.render_as_string(hide_password=False)
    # Tests look themselves; an hour is longer than any of them.
    return create_app(Settings(database_url=url, addresses=table, poll_s=3600, jobs=0), clock=city.clock)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def fresh(client: TestClient, app: FastAPI) -> Callable[[], Watch]:
    """Return what lets the service look at its store, and returns what looks."""

    def look() -> Watch:
        watch: Watch = app.state.watch
        watch.look()
        return watch

    return look


@pytest.fixture
def asking(city: City, client: TestClient, fresh: Callable[[], Watch]) -> Callable[..., TestClient]:
    """Return what gives a client a key of a role and a scope."""

    def give(role: Role | str = Role.VIEWER, scope: str = "") -> TestClient:
        client.headers["X-API-Key"] = city.known_key(role, scope)
        fresh()
        return client

    return give
