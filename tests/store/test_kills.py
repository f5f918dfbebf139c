"""A short form of ``scripts/trial_kills.py``: planners are killed while they save, edit and publish."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from gridplan.plan import Plan

SCRIPT = Path(__file__).parents[2] / "scripts" / "trial_kills.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("trial_kills", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("kind", "kills"), [("sqlite", 20), pytest.param("postgis", 10, marks=pytest.mark.postgis)])
def test_a_kill_loses_nothing_and_halves_nothing(
    script: ModuleType, new_url: Callable[[str], str], drawn_plan: Plan, kind: str, kills: int
) -> None:
    tally = script.trial(new_url(kind), drawn_plan, kills, seed=5)
    assert tally.kills == kills
    assert sum(tally.reported.values()) > 0, "some work was done between the kills"
