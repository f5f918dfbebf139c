"""Every notebook runs top to bottom, alone, in a folder of its own, and shows what it promises; nothing is loaded."""

from __future__ import annotations

import asyncio
import html
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jupytext
import pytest
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("[0-9]-*.py"))

ADDRESS = r"""["']?\s*(?:https?:|wss?:)?//[^"')\s]+"""
LOADED = re.compile(rf"(?:\bsrc\s*=\s*|<link\b[^>]*\bhref\s*=\s*|\burl\(|@import\s*|\bfetch\(){ADDRESS}")

# Maps that a notebook shows, and what must hold when it has run.
PROMISES: Mapping[str, tuple[int, str]] = {
    "1-first-plan": (
        2,
        """
        assert plan.report["measures"]["in_band"] == 1.0 and not len(plan.violations)
        [row] = whole.violations.to_dict("records")
        assert (row["reason"], row["proven"]) == ("unit_over_maximum", 1) and row["value"] > 500
        assert gridplan.read_plan("work/first-plan.gpkg") == plan
        """,
    ),
    "2-redraw-by-hand": (
        3,
        """
        read = gridplan.read_plan("work/redrawn.gpkg")
        assert read == plan and read.history["author"].eq("王芳").all()
        assert read.history["action"].tolist() == ["merge", "split", "move", "lock", "replan", "undo"]
        assert read.history["stands"].tolist() == [True, True, True, True, False, False]
        assert again == replanned and again.history["action"].tolist()[-1] == "redo"
        assert read.edits[0].effects.gained and not read.edits[1].effects.gained and read.edits[1].effects.lost
        assert target in set(unchanged) and difference.households_moved > 0
        """,
    ),
    "3-revise-after-census": (
        1,
        """
        assert revised.report["measures"]["in_band"] == 1.0
        assert 0 < 2 * difference.households_moved <= today.compare(fresh).households_moved
        assert restated.sum() == sum(incidents.values()) and set(revised.grids["grid_code"]) <= set(restated.index)
        """,
    ),
    "4-unite-departments": (
        1,
        """
        everyone = united.plan.grids["households"].sum()
        assert united.lineage.groupby("department")["households"].sum().eq(everyone).all()
        assert set(united.lineage["department"]) == set(layers) and united.plan.report["measures"]["in_band"] >= 0.95
        """,
    ),
    "5-workload-and-fairness": (
        2,
        """
        assert today.grids["persons"].min() > 1000 >= relieved.grids["persons"].max()
        assert relieved.grids["persons"].sum() == 4860 and relieved.grids["households"].between(300, 500).all()
        assert found.scenarios["weight"].iloc[0] == "seed" and "special.elderly_alone" in set(found.scenarios["weight"])
        """,
    ),
    "6-your-own-data": (
        1,
        """
        first = gridplan.check_source(folder / "gridplan.toml")
        assert {fault.code for fault in first.errors} == {"null-households", "buildings-outside"}
        assert report.ok and plan.units["estimated"].sum() == 3
        assert set(plan.violations["proven"]) <= {1}
        """,
    ),
}


def read(name: str, suffix: str) -> NotebookNode:
    return jupytext.read(FOLDER / f"{name}{suffix}")


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, NotebookNode]]:
    """Every notebook after its run, in one kernel that forgets all names in between."""
    folder = tmp_path_factory.mktemp("notebooks")
    with ThreadPoolExecutor(1) as apart:  # the shared browser's loop may be running in this thread
        yield apart.submit(lambda: asyncio.run(run_all(folder))).result()
    shutil.rmtree(folder)


async def run_all(folder: Path) -> dict[str, NotebookNode]:
    manager = AsyncKernelManager(kernel_name="python3")
    await manager.start_kernel(env=surroundings(folder), cwd=str(folder))
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=120)
        return {name: await run(name, folder, manager, client) for name in NAMES}
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        manager.context.destroy()


async def run(name: str, folder: Path, manager: AsyncKernelManager, client: Any) -> NotebookNode:
    place = folder / name
    shutil.copytree(FOLDER, place, ignore=shutil.ignore_patterns("work", "*.ipynb", "__pycache__"))
    notebook = read(name, ".ipynb")
    notebook.cells.insert(0, new_code_cell(f"%reset -f\n%cd -q {place}"))
    notebook.cells.append(new_code_cell("\n".join(line.strip() for line in PROMISES[name][1].splitlines())))
    runner = NotebookClient(notebook, km=manager, timeout=300, allow_errors=True)
    runner.kc = client
    return await runner.async_execute()


def surroundings(folder: Path) -> dict[str, str]:
    """As after `make setup`: gridplan can be imported, and its entry points are those of pyproject.toml."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    about = folder / "installed" / "gridplan-0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: gridplan\nVersion: 0\n", encoding="utf-8")
    lines = [f"[{group}]\n" + "".join(f"{key} = {at}\n" for key, at in ones.items()) for group, ones in groups.items()]
    (about / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    paths = os.pathsep.join([str(ROOT), str(about.parent)])
    return {**os.environ, "PYTHONPATH": paths, "IPYTHONDIR": str(folder / "ipython"), "PYTHONWARNINGS": "default"}


def outputs(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_every_notebook_is_promised_something() -> None:
    assert list(PROMISES) == NAMES
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_runs_shows_its_maps_and_loads_nothing(executed: dict[str, NotebookNode], name: str) -> None:
    found = outputs(executed[name])
    assert [output.evalue for output in found if output.output_type == "error"] == []
    assert [output.text for output in found if output.output_type == "stream" and output.name == "stderr"] == []
    # A frame's page is escaped as an attribute, and the attributes in it once more.
    shown = [output.data["text/html"] for output in found if "text/html" in output.get("data", {})]
    pages = [html.unescape(html.unescape(page)) for page in shown]
    maps = [page for page in pages if page.startswith("<iframe srcdoc=")]
    assert len(maps) == PROMISES[name][0]
    assert [match for page in pages for match in LOADED.findall(page)] == []
    assert all("Content-Security-Policy" in page and "default-src 'none'" in page for page in maps)


@pytest.mark.parametrize("name", NAMES)
def test_both_files_hold_the_same_and_no_outputs(name: str) -> None:
    text, stored = read(name, ".py"), read(name, ".ipynb")
    assert [(cell.cell_type, cell.source) for cell in text.cells] == [
        (cell.cell_type, cell.source) for cell in stored.cells
    ], f"jupytext --sync notebooks/{name}.py brings them together"
    assert outputs(stored) == []
    assert not any(cell.get("execution_count") for cell in stored.cells)


@pytest.mark.parametrize("name", NAMES)
def test_it_speaks_chinese_and_english(name: str) -> None:
    for cell in read(name, ".py").cells:
        if cell.cell_type == "markdown":
            assert re.search(r"[\u4e00-\u9fff]{2}", cell.source), cell.source
            assert re.search(r"[A-Za-z]{3} [A-Za-z]+|[A-Za-z]{5}", cell.source), cell.source
