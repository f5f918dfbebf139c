"""An instance: the solver's problem with what the measures need beside it, kept as one file of arrays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridplan.partition.problem import NONE, Floats, Graph, Ints, Labels, Problem
from gridplan.rules import Band


@dataclass(frozen=True)
class Instance:
    """
    Units of one or several communities, in one graph without edges between communities.

    Parameters
    ----------
    name, about
        Short name, and what it is.
    problem
        What every solver is given.
    community
        Shape (n_units,): number of the community.
    borders
        Shape (n_borders, 2): pairs of units of a community that share an edge, walled or not; each pair once.
    border_m, near_m
        Shape (n_borders,): metres of shared edge, and the part of it near any barrier.
    rim_m
        Shape (n_units,): metres of a unit's edge on no other unit of the instance.
    """

    name: str
    about: str
    problem: Problem
    community: Labels
    borders: Ints
    border_m: Floats
    near_m: Floats
    rim_m: Floats


def joined(name: str, about: str, pieces: Sequence[Instance]) -> Instance:
    """Return the communities of a district as one instance."""
    starts = np.cumsum([0, *(piece.problem.n_units for piece in pieces)])
    problems = [piece.problem for piece in pieces]
    band = problems[0].band
    if any(problem.band != band or problem.target != problems[0].target for problem in problems):
        raise ValueError(f"{name}: the communities of an instance share one band and target")
    shifted = [piece.borders + start for piece, start in zip(pieces, starts, strict=False)]
    return Instance(
        name,
        about,
        _joined_problems(problems, starts),
        np.repeat(np.arange(len(pieces), dtype=np.int32), np.diff(starts)),
        np.concatenate(shifted),
        np.concatenate([piece.border_m for piece in pieces]),
        np.concatenate([piece.near_m for piece in pieces]),
        np.concatenate([piece.rim_m for piece in pieces]),
    )


def _joined_problems(problems: Sequence[Problem], starts: Ints) -> Problem:
    graphs = [problem.graph for problem in problems]
    degrees = np.concatenate([np.diff(graph.indptr) for graph in graphs])
    graph = Graph(
        np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32),
        np.concatenate([g.indices + start for g, start in zip(graphs, starts, strict=False)]).astype(np.int32),
        np.concatenate([g.border_m for g in graphs]),
        np.concatenate([g.open_m for g in graphs]),
    )
    return Problem(
        graph=graph,
        households=np.concatenate([problem.households for problem in problems]),
        work=np.concatenate([problem.work for problem in problems]),
        persons=np.concatenate([problem.persons for problem in problems]),
        xy=np.concatenate([problem.xy for problem in problems]),
        area_m2=np.concatenate([problem.area_m2 for problem in problems]),
        compound=_joined_compounds([problem.compound for problem in problems]),
        previous=np.full(starts[-1], NONE, dtype=np.int32),
        band=problems[0].band,
        target=problems[0].target,
    )


def _joined_compounds(compounds: Sequence[Labels]) -> Labels:
    """Number the compounds of all communities through: one in two communities counts as two."""
    out, first = [], 0
    for compound in compounds:
        out.append(np.where(compound >= 0, compound + first, NONE).astype(np.int32))
        first += int(compound.max(initial=NONE)) + 1
    return np.concatenate(out)


_ARRAYS = ("households", "work", "persons", "xy", "area_m2", "compound", "previous")
_GRAPH = ("indptr", "indices", "border_m", "open_m")
_MEASURED = ("community", "borders", "border_m", "near_m", "rim_m")


def save(instance: Instance, path: Path) -> None:
    """Write an instance as one npz file, complete or not at all."""
    problem = instance.problem
    band = problem.band or Band()
    head = {
        "name": instance.name,
        "about": instance.about,
        "band": [band.minimum, band.target, band.maximum],
        "target": problem.target,
    }
    arrays = {name: getattr(problem, name) for name in _ARRAYS}
    arrays |= {f"graph_{name}": getattr(problem.graph, name) for name in _GRAPH}
    arrays |= {f"measured_{name}": getattr(instance, name) for name in _MEASURED}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, head=np.array(json.dumps(head)), **arrays)
    partial.replace(path)


def load(path: Path) -> Instance:
    """Read an instance that `save` wrote."""
    with np.load(path) as stored:
        arrays: dict[str, NDArray[np.generic]] = {name: stored[name] for name in stored.files}
    head = json.loads(str(arrays["head"]))
    problem = Problem(
        graph=Graph(**{name: arrays[f"graph_{name}"] for name in _GRAPH}),  # type: ignore[arg-type]
        band=Band(*head["band"]),
        target=head["target"],
        **{name: arrays[name] for name in _ARRAYS},  # type: ignore[arg-type]
    )
    measured = {name: arrays[f"measured_{name}"] for name in _MEASURED}
    return Instance(name=head["name"], about=head["about"], problem=problem, **measured)  # type: ignore[arg-type]
