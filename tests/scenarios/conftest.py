"""What the days share: the commands as an office runs them, the bundled district, and where a day leaves its papers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import maps  # noqa: F401  a checkout that is not installed has no entry points

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bundled district of three communities, written once: what the office was given."""
    import gridplan

    folder = tmp_path_factory.mktemp("office")
    gridplan.example("district", folder, households=11_250)
    return folder / "synthetic-district.gpkg"


@pytest.fixture
def papers(request: pytest.FixtureRequest) -> Path:
    """Return the folder in which a day leaves what it printed: build/scenarios/<day>, emptied first."""
    folder = ROOT / "build" / "scenarios" / request.path.stem.removeprefix("test_")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    return folder


@pytest.fixture
def gridplan_command(tmp_path: Path) -> Run:
    """Return the command line, run in the day's own folder with a store of its own."""

    def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from gridplan.cli import main; main()", *map(str, arguments)]
        surroundings = os.environ | {"GRIDPLAN_DATABASE_URL": f"sqlite:///{tmp_path / 'store.sqlite'}"}
        done = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True)
        assert done.returncode == code, f"gridplan {' '.join(map(str, arguments))}\n{done.stdout}\n{done.stderr}"
        return done

    return run
