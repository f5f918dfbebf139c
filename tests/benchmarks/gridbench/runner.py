"""Runs methods on instances, each in a process of its own with a time limit, and measures their labels."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gridbench.instance import load
from gridbench.machine import installed
from gridbench.measures import measure
from gridbench.method import Method

SEED = 1
# Where the worker finds gridbench and gridplan.
PATH = os.pathsep.join(str(Path(__file__).parents[up]) for up in (1, 3))
# An anytime method stops itself here, so that it is not cut off with nothing.
ANYTIME_SHARE = 0.8
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}


@dataclass(frozen=True)
class Row:
    """
    One method on one instance.

    Parameters
    ----------
    instance, method, setting
        What ran.
    failure
        Why there are no labels, "" where there are.
    failures
        Messages of the parts that failed.
    proven
        Grids out of the band that the method proves to be unavoidable.
    wall_s, cpu_s
        Seconds in the method's own calls.
    peak_mb
        Largest memory of the process, MB.
    measures
        Fields of `gridbench.measures.Measures`; empty without labels.
    """

    instance: str
    method: str
    setting: str
    failure: str = ""
    failures: list[str] = field(default_factory=list)
    proven: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    measures: Mapping[str, Any] = field(default_factory=dict)


def run(method: Method, name: str, instance: Path, *, limit_s: float) -> Row:
    """
    Run a method on an instance and measure what comes back.

    Parameters
    ----------
    method
        The method.
    name
        Name of the instance.
    instance
        Its file.
    limit_s
        Processor seconds after which the process is stopped.
    """
    if installed(method.package) is None:
        return Row(name, method.name, method.setting, failure="not installed")
    loaded = load(instance)
    if loaded.problem.n_units > method.largest:
        return Row(name, method.name, method.setting, failure=f"not tried above {method.largest:,} units")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "labels.npz"
        failure = _worked(method.name, instance, output, limit_s)
        if failure:
            return Row(name, method.name, method.setting, failure=failure)
        with np.load(output) as found:
            labels, head = found["labels"], json.loads(str(found["head"]))
    return Row(name, method.name, method.setting, measures=asdict(measure(loaded, labels)), **head)


def _worked(method: str, instance: Path, output: Path, limit_s: float) -> str:
    """Run the worker; return why it failed, or nothing."""
    arguments = [method, str(instance), str(output), str(SEED), str(limit_s * ANYTIME_SHARE), str(limit_s)]
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": PATH, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "gridbench.worker", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == -signal.SIGPROF:
        return f"over {limit_s:.0f} CPU s"
    if done.returncode == 0:
        return ""
    last = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
    return f"stopped: {last[0][:160]}"
