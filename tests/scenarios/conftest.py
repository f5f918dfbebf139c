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

# Days on which the database matters run on both.
ON_BOTH = pytest.mark.parametrize(
    "store_url", ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)], indirect=True
)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bundled district of three communities, written once: what the office was given."""
    import gridplan

    folder = tmp_path_factory.mktemp("office")
    gridplan.example("district", folder, households=11_250)
    return folder / "synthetic-district.gpkg"


@pytest.fixture(scope="session")
def office_plan(office: Path) -> Path:
    """Return the plan of the bundled district, cut once for all days that only need one."""
    import gridplan

    path = office.parent / "plan.gpkg"
    gridplan.make_plan(office, effort="quick").write(path)
    return path


@pytest.fixture(scope="session")
def whole_district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the whole bundled district: twelve communities, 45,000 households, 152 grids of today."""
    import gridplan

    return gridplan.example("district", tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="session")
def whole_plan(whole_district: Path) -> Path:
    """Return the 152 grids of today of the whole district as a plan, each kept as it is."""
    import gridplan

    layers = ("communities", "buildings", "entrances", "barriers", "exclusive", "grids")
    text = "".join(f'[layers.{name}]\npath = "{whole_district.name}"\nlayer = "{name}"\n' for name in layers)
    today = whole_district.with_name("today.toml")
    today.write_text(f'[source]\nhouseholds_are = "synthetic"\n{text}constants = {{ locked = 1 }}\n', encoding="utf-8")
    path = whole_district.with_name("today.gpkg")
    gridplan.revise(today, effort="quick").write(path)
    return path


@pytest.fixture
def papers(request: pytest.FixtureRequest) -> Path:
    """Return the folder in which a day leaves what it printed: build/scenarios/<day>, emptied first."""
    folder = ROOT / "build" / "scenarios" / request.path.stem.removeprefix("test_")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    return folder


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of the day's empty store: a SQLite file, or a schema of PostGIS where the day asks for it."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    url: str = request.getfixturevalue("server")()
    return url


@pytest.fixture
def gridplan_command(tmp_path: Path, store_url: str) -> Run:
    """
    Return the command line, run in the day's own folder with a store of its own.

    ``code`` is the exit code that must come; ``before`` is Python that the process runs first: another version of
    gridplan, or whoever pulls the plug.
    """

    def run(*arguments: object, code: int = 0, before: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", f"{before}\nfrom gridplan.cli import main; main()", *map(str, arguments)]
        surroundings = os.environ | {"GRIDPLAN_DATABASE_URL": store_url}
        done = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True)
        assert done.returncode == code, f"gridplan {' '.join(map(str, arguments))}\n{done.stdout}\n{done.stderr}"
        return done

    return run


def made_key(run: Run, role: str, name: str, *more: str) -> str:
    """Make a key as the operator does and return its secret, printed once."""
    done = run("keys", "create", "--role", role, "--name", name, "--by", "王强", *more)
    return next(word for word in done.stdout.split() if word.startswith("gp_"))
