"""A plan opened to be worked on has all loaded that an edit needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from drawn import A, box, district, houses, plan

SCRIPT = """
import sys, gridplan
plan = gridplan.read_plan(sys.argv[1])
before = set(sys.modules)
plan.split(plan.grids["grid_code"][0], into=2, force=True)
print(sorted(name for name in set(sys.modules) - before if name.split(".")[0] in ("numba", "sklearn", "llvmlite")))
"""


def test_the_first_split_of_a_session_loads_no_solver(tmp_path: Path) -> None:
    """Loading numba takes longer than any edit may."""
    path = tmp_path / "plan.gpkg"
    plan(district(houses(6, 6), 30, {A: box(0, 0, 600, 600)})).write(path)
    said = subprocess.run([sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
