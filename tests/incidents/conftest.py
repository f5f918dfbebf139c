"""What the tests of incidents share with those of the library and of the store: stores on both databases."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
sys.path.insert(0, str(Path(__file__).parents[1] / "gridplan"))

from stored import Clock, draw

from gridplan.store import Store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite store with the drawn plan in force."""
    folder = tmp_path_factory.mktemp("template")
    with Store.open(folder / "plans.sqlite", clock=Clock()) as made:
        made.publish(draw(), by="王强")
        made.backup(folder / "backup.sqlite")
    return folder / "backup.sqlite"


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """Return a store, on either database; a SQLite one has the drawn plan in force."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("template"), tmp_path / "plans.sqlite")
        with Store.open(tmp_path / "plans.sqlite", clock=clock) as opened:
            yield opened
        return
    with Store.open(request.getfixturevalue("server")(), clock=clock) as opened:
        yield opened
