"""Boundaries that departments already have are cheaper to follow: a community's borders, weighted by their layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from gridplan.ground import Ground
from gridplan.rule_parts import Weights
from gridplan.site import NONE, Geometries, Numbers, Site
from gridplan.uniting.owners import shares_of


def owners_of_units(site: Site, ground: Ground, faces: Geometries) -> Numbers:
    """
    Return the grid of each department that holds most of each unit, shape (n_departments, n_units); -1 for none.

    A unit with buildings is where most of its households are, or most of its buildings where nobody lives; a unit
    without is where most of its ground is.

    Parameters
    ----------
    site
        The community, with its departments' polygons.
    ground
        Its units.
    faces
        Shape (n_faces,): the polygons that the units are made of.
    """
    owners = np.full((len(site.departments), ground.n_units), NONE, dtype=np.int64)
    bare = ~np.isin(np.arange(ground.n_units), ground.unit_of_generator)
    open_faces = np.flatnonzero(bare[ground.unit_of_face])
    area = shapely.area(faces)
    # A household outweighs all buildings without one.
    weight = site.generators.households + 1.0 / (len(site.generators.households) + 1.0)
    for number, polygons in enumerate(site.departments):
        built = shares_of(site.generators.geometry, polygons)
        home = built.owners(len(weight))
        inside = home != NONE
        ground_of = shares_of(faces[open_faces], polygons)
        face = open_faces[ground_of.item]
        unit = np.concatenate([ground.unit_of_generator[inside], ground.unit_of_face[face]])
        row = np.concatenate([home[inside], ground_of.row])
        owners[number] = _heaviest(
            unit, row, np.concatenate([weight[inside], area[face] * ground_of.share]), ground.n_units
        )
    return owners


def _heaviest(unit: Numbers, row: Numbers, weight: NDArray[np.float64], n_units: int) -> Numbers:
    """Return the row of most weight for each unit, the lower one on a tie, -1 for none."""
    found = np.full(n_units, NONE, dtype=np.int64)
    if not len(unit):
        return found
    width = int(row.max()) + 1
    keys, place = np.unique(unit * width + row, return_inverse=True)
    total = np.bincount(place, weight)
    # Written from the lightest to the heaviest, the lower of equals last.
    order = np.lexsort((-keys, total))
    found[keys[order] // width] = keys[order] % width
    return found


def along_departments(ground: Ground, owners: Numbers, weights: Weights) -> Ground:
    """
    Return the ground in which a metre of border also counts as open where departments have no border.

    A boundary between two units costs ``barriers`` for each metre along no barrier, as ever, and ``departments`` for
    each metre times the share of departments that hold both units in one grid: nothing where all are divided anyway.
    Both stand in ``open_m``, by their shares of the weight that `united` gives. The ground keeps it, so that later
    edits of the plan follow the departments too.

    Parameters
    ----------
    ground
        The community's ground.
    owners
        Shape (n_departments, n_units), n_departments >= 1: grid of each unit by department, -1 for none.
    weights
        Weights of the plan.
    """
    total = weights.barriers + weights.departments
    if weights.departments == 0.0:
        return ground
    borders = ground.borders
    agree = (owners[:, borders.first] == owners[:, borders.second]).mean(axis=0)
    open_m = (weights.barriers * borders.open_m + weights.departments * agree * borders.length_m) / total
    return replace(ground, borders=replace(borders, open_m=open_m))


def united(weights: Weights) -> Weights:
    """Return the weights for ground of `along_departments`: its open metres weigh for barriers and departments."""
    return replace(weights, barriers=weights.barriers + weights.departments)
