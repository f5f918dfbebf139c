"""Instances from sources: the same cells, ground and contiguity that a plan is cut from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from gridbench.instance import Instance, joined
from gridplan.cells import build_cells

# The steps of `gridplan.community.plan_community` in front of the search, so that the problem is the product's own.
from gridplan.community import _cutting_lines, _holdings, dissolved
from gridplan.contiguity import Contiguity, build_contiguity
from gridplan.district import District
from gridplan.ground import Ground
from gridplan.ground import build_ground as ground_of
from gridplan.partition.problem import NONE, Problem
from gridplan.pockets import with_pockets
from gridplan.rules import Rules
from gridplan.run import spacing_for
from gridplan.site import Geometries, Site
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
    spacing = spacing_for(rules, len(district.buildings))
    sites = [site for site in build_sites(district, rules).sites if not site.rural]
    pieces = [_of_site(site, rules, spacing) for site in sites]
    return joined(name, about, [piece for piece in pieces if piece.problem.households.sum() > 0])


def _of_site(site: Site, rules: Rules, spacing_m: float) -> Instance:
    barriers = site.barriers.clipped(site.polygon)
    cells = build_cells(site.polygon, _cutting_lines(site, barriers), site.generators.geometry, spacing_m)
    ground = ground_of(cells, site.generators.geometry, barriers, site.fixed, rules.barriers.tolerance_m)
    holdings = _holdings(site, ground, rules)
    free = np.flatnonzero(with_pockets(ground, holdings.households, site.fixed) == NONE)
    contiguity = build_contiguity(ground, free, holdings.households, rules.band)
    problem = Problem(
        graph=contiguity.graph,
        households=holdings.households[free],
        work=holdings.work[free],
        persons=holdings.persons[free],
        xy=ground.xy[free],
        area_m2=ground.area_m2[free],
        compound=holdings.compound[free].astype(np.int32),
        previous=np.full(len(free), NONE, dtype=np.int32),
        band=rules.band,
        target=rules.target,
    )
    return _with_borders(site.code, problem, ground, contiguity, cells.faces)


def _with_borders(code: str, problem: Problem, ground: Ground, contiguity: Contiguity, faces: Geometries) -> Instance:
    """Add the whole borders between the units, and what of their edges is no border."""
    n = problem.n_units
    place = np.full(ground.n_units, NONE, dtype=np.int64)
    place[contiguity.units] = np.arange(n)
    pairs = np.stack([place[ground.borders.first], place[ground.borders.second]], axis=1)
    kept = (pairs != NONE).all(axis=1)
    pairs, length = pairs[kept], ground.borders.length_m[kept]
    around = shapely.length(dissolved(faces, ground.unit_of_face, ground.n_units))[contiguity.units]
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
