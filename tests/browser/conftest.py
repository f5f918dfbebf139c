"""The service on a port, two districts in it, and a browser that lets nothing through but that port."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

# Districts, clocks and keys are those of the tests of the service and of the store.
sys.path.insert(0, str(Path(__file__).parents[1] / "api"))
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
sys.path.insert(0, str(Path(__file__).parents[1] / "gridplan"))
sys.path.insert(0, str(Path(__file__).parent))

from matters import record
from served import addresses, our_plan, their_plan
from stored import Clock
from visiting import Served, Visit

from api.app import create_app
from api.settings import Settings
from gridplan.store import Store

WAIT_MS = 60_000
WORKERS = "网格编码,姓名,AB角,电话\n{code},<b>陈静</b>,A,13900000001\n{code},周洋,B,13900000002\n"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a store of two districts, matters in ours, a draft, and addresses."""
    folder, clock = tmp_path_factory.mktemp("viewer"), Clock()
    addresses().to_csv(folder / "addresses.csv", index=False)
    (folder / "workers.csv").write_text(WORKERS.format(code=our_plan().grids["grid_code"][0]), "utf-8")
    with Store.open(folder / "plans.sqlite", clock=clock) as store:
        ours = store.publish(our_plan(), by="王强").plan_id
        store.publish(their_plan(), by="赵敏")
        store.save_draft(store.begin(ours), author="李娜", name="三季度")
        record(store, our_plan(), ours, clock.now)
        store.backup(folder / "backup.sqlite")
    return folder


@contextmanager
def serving(template: Path, folder: Path, table: Path | None = None) -> Iterator[Served]:
    """Serve a copy of the two districts, with addresses where a table is given."""
    shutil.copy(template / "backup.sqlite", folder / "plans.sqlite")
    clock = Clock()
    url = f"sqlite:///{folder / 'plans.sqlite'}"
    settings = Settings(database_url=url, addresses=table, workers=template / "workers.csv", poll_s=3600)
    app = create_app(settings, clock=clock)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        thread.join(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    with Store.open(url, clock=clock) as store:
        plans = {info.scope: info.plan_id for info in store.plans() if info.number is not None}
        draft = next(info.plan_id for info in store.plans() if info.number is None)
        yield Served(f"http://127.0.0.1:{port}/", store, clock, plans["230718001"], draft, app.state.watch.look)
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def standing(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a service that many tests look at and none changes."""
    with serving(template, tmp_path_factory.mktemp("standing"), template / "addresses.csv") as served:
        yield served


@pytest.fixture
def fresh(template: Path, tmp_path: Path) -> Iterator[Served]:
    """Return a service of one's own, to be changed."""
    with serving(template, tmp_path) as served:
        yield served


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:
    """Open a page of a service; at the end nothing was asked of any other host, and nothing went wrong in it."""
    contexts, visits = [], []

    def opened(served: Served, *, lang: str = "zh-CN", width: int = 1280, height: int = 800) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=lang, reduced_motion="reduce")
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        found = Visit(context.new_page(), served)
        visits.append(found)

        def guard(route: Any) -> None:
            if route.request.url.startswith((served.url, "data:")):
                route.continue_()
            else:
                found.asked.append(route.request.url)
                route.abort()

        context.route("**/*", guard)
        found.page.on("pageerror", lambda error: found.errors.append(f"{error}\n{error.stack}"))
        found.page.on("console", lambda line: _complaint(line) and found.errors.append(line.text))
        return found

    yield opened
    for context in contexts:
        context.close()
    assert [found.asked for found in visits] == [[] for _ in visits]
    assert [found.errors for found in visits] == [[] for _ in visits]


def _complaint(line: Any) -> bool:
    """Tell errors from the browser's notes that a request was refused, which pages answer in words."""
    return line.type == "error" and "Failed to load resource" not in line.text
