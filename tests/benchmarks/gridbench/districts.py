"""Instances from sources: the same cells, ground and contiguity that a plan is cut from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from gridbench.instance import Instance, joined
from gridplan.community_problem import CommunityProblem, community_problem, dissolved
from gridplan.district import District
from gridplan.partition.problem import NONE, Ints, Problem
from gridplan.rules import Rules
from gridplan.run import spacing_for
from gridplan.site import Site
from gridplan.sites import build_sites
from gridplan.sources import read_source


def from_source(name: str, about: str, source: Path, rules: Rules | None = None) -> Instance:
    """
    Make an instance of the urban communities of a source.

    Parameters
    ----------
    name, about
        Short name, and what it is.
    source
        GeoPackage or TOML file.
    rules
        Rules of the plan; the defaults (300, 400, 500 households) where None.
    """
    return from_district(name, about, read_source(source), rules or Rules())


def from_district(name: str, about: str, district: District, rules: Rules) -> Instance:
    """Make an instance of the urban communities of a settled district; locked and exclusive ground is left out."""
    spacing = spacing_for(rules)
    sites = [site for site in build_sites(district, rules).sites if not site.rural]
    pieces = [_of_site(site, rules, spacing) for site in sites]
    return joined(name, about, [piece for piece in pieces if piece is not None])


def _of_site(site: Site, rules: Rules, spacing_m: float) -> Instance | None:
    made = community_problem(site, rules=rules, spacing_m=spacing_m)
    if made.problem is None or made.contiguity is None or not made.problem.households.any():
        return None
    if made.problem.n_units != len(made.contiguity.units):
        raise ValueError(f"{site.code}: an instance has no units that must stay together; peers cannot keep them so")
    return _with_borders(site.code, made.problem, made, made.contiguity.units)


def _with_borders(code: str, problem: Problem, made: CommunityProblem, units: Ints) -> Instance:
    """Add the whole borders between the units, and what of their edges is no border."""
    n, ground = problem.n_units, made.ground
    place = np.full(ground.n_units, NONE, dtype=np.int64)
    place[units] = np.arange(n)
    pairs = np.stack([place[ground.borders.first], place[ground.borders.second]], axis=1)
    kept = (pairs != NONE).all(axis=1)
    pairs, length = pairs[kept], ground.borders.length_m[kept]
    around = shapely.length(dissolved(made.cells.faces, ground.unit_of_face, ground.n_units))[units]
    shared = np.bincount(pairs.ravel(), np.repeat(length, 2), minlength=n)
    return Instance(
        code,
        "",
        problem,
        np.zeros(n, dtype=np.int32),
        pairs,
        length,
        ground.borders.near_m[kept],
        np.maximum(around - shared, 0.0),
    )
