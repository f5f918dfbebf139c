"""CPU time of each edit on one community of 1,000 units: python scripts/measure_edits.py [REPEATS]."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "gridplan"))

from drawn import A, box, district, houses, line, plan

COLUMNS, ROWS, SIDE = 40, 25, 100


def community() -> Any:
    """Return a plan of 1,000 houses of 4 to 39 households, with streets, a river and fifty grids of today."""
    width, height = COLUMNS * SIDE, ROWS * SIDE
    corners = [(x, y) for x in range(0, width, 400) for y in range(0, height, 500)]
    today = [
        {"grid_code": f"{A}{n:03d}", "geometry": box(x, y, x + 400, y + 500)} for n, (x, y) in enumerate(corners, 1)
    ]
    streets = [("residential", line((x, -9), (x, height + 9))) for x in range(400, width, 400)]
    households = np.random.default_rng(1).integers(4, 40, COLUMNS * ROWS)
    river = ("river", line((-9, 1200), (width + 9, 1200)))
    return plan(
        district(houses(COLUMNS, ROWS), households, box(0, 0, width, height), barriers=[*streets, river], grids=today)
    )


def main() -> None:
    """Print the CPU time of each edit."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    made = community()
    one, two, *_ = made.grids["grid_code"]
    building = made.units.loc[made.units["grid_code"] == one, "building_id"].iloc[0]
    west, south, east, north = made.grids.geometry.iloc[0].bounds
    middle = line(((west + east) / 2 - 500_000, south - 5_280_000), ((west + east) / 2 - 500_000, north - 5_280_000))
    merged = made.merge(one, two, force=True)
    edits: dict[str, Callable[[], Any]] = {
        "merge": lambda: made.merge(one, two, force=True),
        "move": lambda: made.move(building, to=two, force=True),
        "split into 2": lambda: made.split(one, into=2, force=True),
        "split along": lambda: made.split(one, along=middle, force=True),
        "lock": lambda: made.lock(one),
        "rename": lambda: made.rename(one, "x"),
        "change_kind": lambda: made.change_kind(one, kind="micro"),
        "undo": merged.undo,
        "replan": lambda: merged.replan("unlocked", effort="quick"),
    }
    print(f"{len(made.units)} units, {len(made.grids)} grids; CPU ms: first, median of {repeats}")  # noqa: T201
    for name, edit in edits.items():
        taken = []
        for _ in range(1 if name == "replan" else repeats):
            begin = time.process_time()
            edit()
            taken.append(1000 * (time.process_time() - begin))
        print(f"{name:14s} {taken[0]:8.1f} {float(np.median(taken)):8.1f}")  # noqa: T201


if __name__ == "__main__":
    main()
