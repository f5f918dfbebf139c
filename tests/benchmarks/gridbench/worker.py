"""
One method on one instance in a process of its own: ``python -m gridbench.worker METHOD INSTANCE OUTPUT``.

A process of its own, because the libraries of some peers cannot be loaded beside those of others.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from gridbench.instance import load
from gridbench.lattice import lattice
from gridbench.method import Method
from gridbench.peers import METHODS

# Processor seconds that the libraries may take to load and to compile.
START_UP_S = 60.0


def work(name: str, instance: Path, output: Path, *, seed: int, budget_s: float, limit_s: float) -> None:
    """
    Run a method and write its labels and seconds.

    Parameters
    ----------
    name
        Name of the method.
    instance
        File of the instance.
    output
        File of arrays to write.
    seed, budget_s
        Given to the method.
    limit_s
        Processor seconds after which the system ends this process (SIGPROF, which no library here handles).
    """
    method, loaded = METHODS[name], load(instance)
    signal.setitimer(signal.ITIMER_PROF, START_UP_S)
    warm(method)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    outcome = method.run(loaded, seed, budget_s)
    signal.setitimer(signal.ITIMER_PROF, 0.0)
    head = {
        "wall_s": outcome.wall_s,
        "cpu_s": outcome.cpu_s,
        "failures": outcome.failures,
        "proven": outcome.proven,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }
    np.savez_compressed(output, labels=outcome.labels, head=np.array(json.dumps(head)))


def warm(method: Method) -> None:
    """Let a method load its libraries and compile its kernels on 36 units; what fails there may not fail later."""
    small = lattice("warm", np.random.default_rng(0), rows=6, columns=6, blocks=2)
    with suppress(Exception):
        method.run(replace(small, name="warm"), 0, 1.0)


if __name__ == "__main__":
    _, name, instance, output, seed, budget, limit = sys.argv
    work(name, Path(instance), Path(output), seed=int(seed), budget_s=float(budget), limit_s=float(limit))
