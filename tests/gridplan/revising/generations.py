"""A community revised again and again, each time from the last plan's grids and nothing else."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from drawn import METRIC, A, B, box, district, houses

from gridplan.plan import build_plan
from gridplan.rules import rules_from
from gridplan.sources.canonical import canonical

# Four digits, since a long chain uses up more than the 999 codes of three.
RULES = {"code": "{community}{sequence:04d}", "minimum": 300, "target": 400, "maximum": 500}
LEAST, MOST = 20, 180


class Chain:
    """
    Two communities of twelve houses; each revision gives every row of three houses a new count.

    Attributes
    ----------
    generations
        Revisions made.
    retired
        Codes that were in force once and are no more.
    again
        Codes in force that were retired before: there should never be one.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng, self.rules = rng, rules_from(RULES)
        self.households = rng.integers(60, 140, 24)
        grounds = {A: box(0, 0, 400, 300), B: box(400, 0, 800, 300)}
        self.drawn = district(houses(8, 3), self.households, grounds)
        self.generations, self.retired, self.again = 0, set[str](), set[str]()
        self.plan = build_plan(self.drawn, self.rules, effort="quick")

    def revise(self) -> None:
        """Change the counts, and revise."""
        # Each third of the houses rises or falls together: grids that empty are merged, those that fill are split.
        level = np.repeat(self.rng.choice([LEAST, 70, MOST], 8), 3)
        self.households = np.maximum(level + self.rng.integers(-10, 11, len(level)), 1)
        buildings = self.drawn.buildings.copy()
        number = buildings["building_id"].str.removeprefix("b").astype(int)
        buildings["households"] = self.households[number]
        grids = self.plan.grids.rename(columns={"community_code": "home"}).assign(locked=False)
        today = canonical(grids, "grids", METRIC)
        before = set(self.plan.grids["grid_code"])
        changed = replace(self.drawn, buildings=buildings, grids=today)
        self.plan = build_plan(changed, self.rules, effort="quick", revising=True)
        now = set(self.plan.grids["grid_code"])
        self.generations += 1
        self.again |= now & self.retired
        self.retired |= before - now
