"""The shape of the code, held by tests: who may import whom, how long a file may be, what never appears."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("gridplan", "api", "maps")
MODULES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
)
LONGEST = 350
WEB = {"api", "maps", "folium", "branca", "fastapi", "starlette", "uvicorn", "typer", "rich", "jinja2", "playwright"}

# What the modules under a place never import. The command line alone wires everything.
FORBIDDEN = {
    "gridplan": WEB,
    "gridplan/cli": {"folium", "branca", "playwright"},
    "gridplan/partition": {"geopandas", "pandas", "shapely", "pyproj", "pathlib", "os", "json", "tomllib"},
    "maps": {"api", "fastapi", "starlette", "typer", "gridplan.cli"},
    "api": {"folium", "branca", "typer", "gridplan.cli"},
}
# What one module alone imports: GDAL opens by content and fetches by name, so one place guards it.
SOLE_IMPORTER = {"pyogrio": "gridplan/sources/gdal.py"}
GENERATOR_CALLS = {"Generator", "SeedSequence", "PCG64", "default_rng"}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    """Yield the full names of what a module imports when it runs, at its top or in a function."""
    typing_only = {
        inner
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree_of(path)):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def starts(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def place_of(path: Path) -> str:
    """Return the nearest place that has rules of its own: ``gridplan/cli`` rather than ``gridplan``."""
    name = path.relative_to(ROOT).as_posix()
    return max((place for place in FORBIDDEN if name.startswith(place + "/")), key=len)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_downward(path: Path) -> None:
    upward = {(name, ban) for name in imports_of(path) for ban in FORBIDDEN[place_of(path)] if starts(name, ban)}
    if place_of(path) != "gridplan/cli":
        upward |= {(name, "gridplan.cli") for name in imports_of(path) if starts(name, "gridplan.cli")}
    assert not upward


def test_no_module_imports_itself_round_a_corner() -> None:
    known = {name_of(path): path for path in MODULES}
    graph: dict[str, set[str]] = {}
    for name, path in known.items():
        targets = {
            next((part for part in (full, full.rpartition(".")[0]) if part in known), name) for full in imports_of(path)
        }
        graph[name] = targets - {name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"modules import each other: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize(("library", "owner"), SOLE_IMPORTER.items())
def test_one_module_alone_imports(library: str, owner: str) -> None:
    users = {
        path.relative_to(ROOT).as_posix() for path in MODULES if any(starts(name, library) for name in imports_of(path))
    }
    assert users == {owner}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert ast.get_docstring(tree_of(path))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_star_import_no_print_no_hidden_generator(path: Path) -> None:
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            found.add(f"star import of {node.module}")
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
            found.add("print")
        if isinstance(node, ast.Call) and (
            drawn := re.fullmatch(r"(?:np|numpy)\.random\.(\w+)", ast.unparse(node.func))
        ):
            seeded = drawn[1] in GENERATOR_CALLS and bool(node.args)
            found |= set() if seeded else {ast.unparse(node.func)}
    assert not found
    assert "random" not in set(imports_of(path))


def test_pages_load_nothing_from_a_network() -> None:
    address = re.compile(r"""(?:\b(?:https?|wss?):|["'(])//[\w-]+\.[\w.-]+""")
    own = [path for package in ("api", "maps") for path in (ROOT / package).rglob("*")]
    texts = [path for path in own if path.suffix in {".py", ".js", ".css", ".html", ".json", ".svg"}]
    texts = [path for path in texts if not {"vendor", "node_modules"} & set(path.relative_to(ROOT).parts)]
    assert any(path.suffix == ".js" for path in texts)
    # What standards call their own things: names that look like addresses, and that nothing fetches.
    names = {"http://www.opengis.net"}
    found = {
        f"{path.relative_to(ROOT)}: {match}"
        for path in texts
        for match in address.findall(path.read_text("utf-8"))
        if match not in names
    }
    assert not found


def test_the_checker_shares_no_code_with_the_library() -> None:
    allowed = {
        "planchecker",
        "geopandas",
        "numpy",
        "pandas",
        "pyogrio",
        "pyproj",
        "scipy",
        "shapely",
    } | sys.stdlib_module_names
    checker = sorted((ROOT / "tests" / "checker" / "planchecker").glob("*.py"))
    assert checker
    assert {name.partition(".")[0] for path in checker for name in imports_of(path)} <= allowed
