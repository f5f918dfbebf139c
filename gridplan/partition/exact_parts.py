"""
The exact model over a whole result: what the search left open is decided, and what it found is held to a bound.

`settled` asks only where the search gave up or split a compound; `proven` bounds every part that is small enough.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from gridplan.partition.breaches import breaches_of
from gridplan.partition.contract import compound_groups, contracted, whole_compounds
from gridplan.partition.exact import prove
from gridplan.partition.exact_annealing import improved
from gridplan.partition.exact_decide import compound_is_forced, decide
from gridplan.partition.exact_model import objective_value
from gridplan.partition.initial import components
from gridplan.partition.portfolio import EFFORTS, REFINING_HOT, EffortName, annealed, oversize_units
from gridplan.partition.problem import Breach, Ints, Labels, Problem, Result
from gridplan.partition.search import compile_problem, restricted
from gridplan.partition.solve import apart_from_oversize

# Units, compounds counted once, of the largest part that a proof is tried on: memory grows with the square.
PROVABLE_UNITS = 210
# Units of the largest part of which is decided whether there is a cut: without an objective the model is easier.
DECIDABLE_UNITS = 500
# Proposals of an annealing on the exact model's objective for each unit, and at most.
PROPOSALS_EACH, MOST_PROPOSALS = 4_000, 400_000
GAVE_UP = "search_gave_up"


@dataclass(frozen=True)
class PartProof:
    """
    What the exact model says of one connected part of a community.

    Parameters
    ----------
    units, grids
        Units, compounds that stay whole counted once, and grids.
    status
        ``optimal`` (nothing better exists), ``time_limit`` (the gap is what stayed open), ``too_large`` (not tried)
        or ``out_of_bounds`` (the plan breaks a bound here, so there is nothing to start from).
    objective, bound
        Best value known of the exact model's objective for this number of grids, and what no partition goes below;
        None where not tried.
    gap
        ``(objective - bound) / bound``.
    plan_objective, plan_gap
        The same objective of the plan's own grids, which serve the product's full objective.
    taken
        Whether grids found from the exact model's were better on the full objective too, and are the plan's now.
    seconds
        Wall time.
    """

    units: int
    grids: int
    status: str
    objective: int | None = None
    bound: int | None = None
    gap: float | None = None
    plan_objective: int | None = None
    plan_gap: float | None = None
    taken: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class _Part:
    """One connected part of a result: its units, its problem, its labels from 0, and the first of its regions."""

    units: Ints
    problem: Problem
    labels: Labels
    regions: Ints

    @property
    def k(self) -> int:
        return len(self.regions)


def _parts(problem: Problem, result: Result) -> list[_Part]:
    parts = []
    for units in _places(problem, result.labels):
        regions, labels = np.unique(result.labels[units], return_inverse=True)
        piece = restricted(problem, units)
        number = None if problem.n_regions is None else len(regions)
        parts.append(_Part(units, replace(piece, n_regions=number), labels.astype(np.int32), regions.astype(np.int64)))
    return parts


def _places(problem: Problem, labels: Labels) -> list[Ints]:
    """Return the units of the parts that were solved by themselves: connected ones, less units above the maximum."""
    count, member = components(problem.graph)
    places: list[Ints] = []
    for part in range(count):
        units = np.flatnonzero(member == part)
        apart = [units[mine] for mine in apart_from_oversize(restricted(problem, units))]
        within = sum(len(np.unique(labels[mine])) for mine in apart) == len(np.unique(labels[units]))
        places += apart if within else [units]
    return places


def settled(
    problem: Problem, result: Result, *, rng: np.random.Generator, effort: EffortName, thorough: bool = False
) -> Result:
    """
    Decide what the search left open: whether there is a cut at all, and whether a compound had to be split.

    Parameters
    ----------
    problem, result
        What was solved, and the solver's answer.
    rng
        The only source of randomness.
    effort
        How hard to search from a cut that the exact model finds.
    thorough
        Whether to ask the exact model about split compounds too, not arithmetic and exhaustion alone.

    Returns
    -------
    result
        The same where nothing was open. A part without any cut has its breaches proven; one with a cut has it.
    """
    if not result.split_compounds and all(breach.reason != GAVE_UP for breach in result.breaches):
        return result
    parts = _parts(problem, result)
    made = [_settled_part(part, result, rng, effort, thorough=thorough) for part in parts]
    if all(new is None for new in made):
        return result
    labels = np.empty_like(result.labels)
    found: list[Breach] = []
    split: list[tuple[int, bool]] = []
    k = 0
    for part, new in zip(parts, made, strict=True):
        mine = _of_part(part, result) if new is None else new
        labels[part.units] = mine.labels + k
        found += [replace(breach, region=breach.region + k) for breach in mine.breaches]
        split += mine.split_compounds
        k += mine.n_regions
    return Result(labels, k, result.objective, tuple(found), tuple(split))


def _of_part(part: _Part, result: Result) -> Result:
    """Return a part's share of a result, regions from 0."""
    place = {int(region): number for number, region in enumerate(part.regions)}
    found = tuple(replace(b, region=place[b.region]) for b in result.breaches if b.region in place)
    inside = set(np.unique(part.problem.compound).tolist())
    split = tuple((compound, shown) for compound, shown in result.split_compounds if compound in inside)
    return Result(part.labels, part.k, 0, found, split)


def _settled_part(
    part: _Part, result: Result, rng: np.random.Generator, effort: EffortName, *, thorough: bool
) -> Result | None:
    """Settle one part; None where nothing was open."""
    old = _of_part(part, result)
    new = old
    if any(breach.reason == GAVE_UP for breach in old.breaches):
        new = _decided(part, old, rng, effort)
    forced = tuple(
        (compound, compound_is_forced(part.problem, compound, exactly=thorough)) for compound, _ in new.split_compounds
    )
    if forced != new.split_compounds:
        new = replace(new, split_compounds=forced)
    return None if new is old else new


def _decided(part: _Part, old: Result, rng: np.random.Generator, effort: EffortName) -> Result:
    """Prove that a part has no cut inside its bounds, or take one."""
    if len(oversize_units(part.problem)) or part.problem.n_units > DECIDABLE_UNITS:
        return old
    answer = decide(part.problem)
    if answer is False:
        shown = [replace(b, reason="no_connected_cut", proven=True) if b.reason == GAVE_UP else b for b in old.breaches]
        return replace(old, breaches=tuple(shown))
    return old if answer is None else _from_cut(part.problem, answer, rng, effort)


def _from_cut(problem: Problem, labels: Labels, rng: np.random.Generator, effort: EffortName) -> Result:
    """Search on from labels inside all bounds, the compounds whole that they leave whole."""
    k = int(labels.max()) + 1
    groups = _whole_groups(problem, labels)
    coarse, start = contracted(problem, groups), _lifted(groups, labels)
    best = annealed(coarse, start, k, np.empty(0, dtype=np.int64), rng, EFFORTS[effort])
    labels = best.labels[groups] if best.rank[0] == 0 else labels
    split = tuple((compound, False) for compound in _torn(problem, labels))
    return Result(labels, k, 0, breaches_of(problem, labels, k), split)


def _whole_groups(problem: Problem, labels: Labels) -> Labels:
    """Return the groups of a contraction that keeps whole every compound that is to be and is."""
    kept = np.setdiff1d(whole_compounds(problem), _torn(problem, labels))
    return compound_groups(problem, kept)


def _torn(problem: Problem, labels: Labels) -> list[int]:
    """Return the compounds of which a connected piece lies in several regions."""
    pieces = compound_groups(problem, whole_compounds(problem))
    regions = np.unique(np.stack([pieces, labels], axis=1), axis=0)[:, 0]
    torn = np.flatnonzero(np.bincount(regions) > 1)
    return [int(compound) for compound in np.unique(problem.compound[np.isin(pieces, torn)])]


def _lifted(groups: Labels, labels: Labels) -> Labels:
    coarse = np.empty(int(groups.max()) + 1, dtype=np.int32)
    coarse[groups] = labels
    return coarse


def proven(
    problem: Problem, result: Result, *, rng: np.random.Generator, effort: EffortName, time_limit_s: float
) -> tuple[Result, tuple[PartProof, ...]]:
    """
    Bound every part of a result by the exact model.

    Parameters
    ----------
    problem, result
        What was solved, and the solver's answer.
    rng
        The only source of randomness.
    effort
        How hard to search on the full objective from the exact model's best.
    time_limit_s
        Seconds of wall time for each part; only it may make two runs differ.

    Returns
    -------
    result, proofs
        The result, with the parts that came out better, and a proof for each part.
    """
    labels, proofs = result.labels.copy(), []
    broken = {breach.region for breach in result.breaches}
    for part in _parts(problem, result):
        began = time.monotonic()
        if broken & set(part.regions.tolist()):
            proofs.append(PartProof(part.problem.n_units, part.k, "out_of_bounds"))
            continue
        better, proof = _proven_part(part, rng, effort, time_limit_s)
        labels[part.units] = part.regions[better]
        proofs.append(replace(proof, seconds=round(time.monotonic() - began, 3)))
    return replace(result, labels=labels), tuple(proofs)


def _proven_part(
    part: _Part, rng: np.random.Generator, effort: EffortName, time_limit_s: float
) -> tuple[Labels, PartProof]:
    """Bound one part; return its labels, better ones where they were found on the way."""
    groups = _whole_groups(part.problem, part.labels)
    coarse, plan = contracted(part.problem, groups), _lifted(groups, part.labels)
    own = objective_value(coarse, plan, part.k)
    if part.k == 1:
        return part.labels, PartProof(coarse.n_units, 1, "optimal", own, own, 0.0, own, 0.0)
    if coarse.n_units > PROVABLE_UNITS:
        return part.labels, PartProof(coarse.n_units, part.k, "too_large")
    proposals = min(PROPOSALS_EACH * coarse.n_units, MOST_PROPOSALS)
    start, _ = improved(coarse, plan, part.k, proposals=proposals, rng=rng)
    found = prove(coarse, part.k, start, time_limit_s=time_limit_s)
    bound = found.value if found.optimal else int(found.bound)
    better = _if_better(coarse, plan, found.labels, part.k, rng, effort)
    plan = plan if better is None else better
    own = objective_value(coarse, plan, part.k)
    return plan[groups], PartProof(
        coarse.n_units,
        part.k,
        "optimal" if found.optimal else "time_limit",
        found.value,
        bound,
        found.value / max(bound, 1) - 1.0,
        own,
        own / max(bound, 1) - 1.0,
        better is not None,
    )


def _if_better(
    problem: Problem, plan: Labels, other: Labels, k: int, rng: np.random.Generator, effort: EffortName
) -> Labels | None:
    """Search on the full objective from other labels; return what beats the plan, or None."""
    none = np.empty(0, dtype=np.int64)
    found = annealed(problem, other, k, none, rng, EFFORTS[effort], REFINING_HOT)
    compiled = compile_problem(problem, k, none)
    return found.labels if found.rank[0] == 0 and compiled.cost(found.labels) < compiled.cost(plan) else None
