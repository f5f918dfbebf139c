"""Units whose removal leaves parts that cannot stand alone and do not fit together: proof that no cut exists."""

from __future__ import annotations

import numpy as np

from gridplan.partition.initial import components, subgraph
from gridplan.partition.problem import Graph, Ints
from gridplan.rules import Band

# Only units that weigh something can overflow; the heaviest are looked at first and the rest left to the search.
MOST_LOOKED_AT = 80


def refuting_units(graph: Graph, households: Ints, band: Band) -> Ints:
    """
    Return units that prove a connected graph to have no partition into regions inside the band.

    Parameters
    ----------
    graph
        Connected graph.
    households
        Shape (n_units,), whole numbers >= 0.
    band
        Allowed households of a region.

    Returns
    -------
    units
        Ascending numbers of the units found; empty where none of the heaviest `MOST_LOOKED_AT` proves anything.

    Notes
    -----
    Take a unit away and the rest falls into parts. Whatever of a part does not lie in the unit's own region is cut into
    regions by itself, so a part of T households leaves at least ``_least_joined(T)`` to the unit's region. Where these
    and the unit's own households exceed the maximum, no partition exists: arithmetic, hence proven.
    """
    everyone = np.arange(graph.n_units)
    heaviest = np.argsort(-households, kind="stable")[:MOST_LOOKED_AT]
    found = []
    for unit in np.sort(heaviest[(households[heaviest] > 0) & (np.diff(graph.indptr)[heaviest] > 1)]):
        rest = np.delete(everyone, unit)
        count, parts = components(subgraph(graph, rest))
        if count < 2:
            continue
        totals = np.bincount(parts, households[rest], minlength=count).astype(np.int64)
        if int(households[unit]) + sum(_least_joined(int(total), band) for total in totals) > band.maximum:
            found.append(unit)
    return np.array(found, dtype=np.int64)


def _least_joined(total: int, band: Band) -> int:
    """Return the fewest households of a part that its own regions must leave over."""
    most = total // band.minimum
    return max(total - most * band.maximum, 0) if most else total
