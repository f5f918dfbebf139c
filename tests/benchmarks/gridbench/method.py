"""What a method is: a name, a setting, and a function from an instance to labels and seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gridbench.instance import Instance
from gridbench.parts import Part, parts_of
from gridplan.partition.problem import NONE, Labels

# From a part to the call that is timed; what a peer needs its input turned into is made before the clock starts.
Prepare = Callable[[Part], Callable[[], Labels]]


@dataclass(frozen=True)
class Outcome:
    """
    What a method made of an instance.

    Parameters
    ----------
    labels
        Shape (n_units,): grid of each unit, -1 where a part failed.
    wall_s, cpu_s
        Seconds inside the method's own calls.
    failures
        One message for each part that failed.
    proven
        Grids out of the band of which the method itself proves that no connected cut avoids it.
    """

    labels: Labels
    wall_s: float
    cpu_s: float
    failures: list[str] = field(default_factory=list)
    proven: int = 0


Run = Callable[[Instance, int, float], Outcome]


@dataclass(frozen=True)
class Method:
    """
    A solver with a setting.

    Parameters
    ----------
    name
        Name in the table.
    setting
        What was set.
    package
        Package that must be installed, as pip names it.
    run
        Called with the instance, a seed and processor seconds to spend.
    largest
        Units of the largest instance that it is tried on.
    """

    name: str
    setting: str
    package: str
    run: Run
    largest: int = 10**9


class Clock:
    """Wall and processor seconds of the calls made through it."""

    def __init__(self) -> None:
        self.wall_s = self.cpu_s = 0.0

    def timed(self, call: Callable[[], Labels]) -> Labels:
        """Return what the call returns, counting its seconds, also when it fails."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            return call()
        finally:
            self.wall_s += time.perf_counter() - wall
            self.cpu_s += time.process_time() - cpu


def by_parts(prepare: Prepare) -> Run:
    """Return a run that gives a peer one connected part at a time; parts of one grid need no call."""

    def run(instance: Instance, seed: int, budget_s: float) -> Outcome:
        clock, failures, first = Clock(), [], 0
        labels = np.full(instance.problem.n_units, NONE, dtype=np.int32)
        for number, part in enumerate(parts_of(instance.problem, seed=seed, budget_s=budget_s)):
            if part.k == 1:
                labels[part.units] = first
                first += 1
                continue
            try:
                found = np.unique(clock.timed(prepare(part)), return_inverse=True)[1]
            except Exception as error:
                failures.append(f"part {number} of {len(part.units)} units: {type(error).__name__}: {str(error)[:160]}")
                continue
            labels[part.units] = first + found
            first += int(found.max()) + 1
        return Outcome(labels, clock.wall_s, clock.cpu_s, failures)

    return run
