"""a,b-separators: the cuts that make regions of the exact model connected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridplan.partition.problem import Graph, Ints


class Cut(NamedTuple):
    """
    Unit ``unit`` lies in the region of ``centre`` only if one of ``separator`` does.

    Valid for every connected region, since each path from the one to the other meets the separator.
    """

    unit: int
    centre: int
    separator: tuple[int, ...]


def violated_cuts(graph: Graph, centre_of: Ints) -> Iterator[Cut]:
    """
    Yield cuts that forbid every detached piece of an assignment; none where all regions are connected.

    Parameters
    ----------
    graph
        Connected contiguity graph.
    centre_of
        Shape (n_units,): the centre of each unit's region.

    References
    ----------
    Validi, Buchanan, Lykhovyd 2022, "Imposing contiguity constraints in political districting models", section 4:
    minimal separators. Here the cut is written for all centres beyond the separator, not for the one met alone.
    """
    for centre in np.unique(centre_of):
        region = centre_of == centre
        loose = region & ~reached(graph, int(centre), region)
        while loose.any():
            piece = reached(graph, int(np.argmax(loose)), loose)
            loose &= ~piece
            yield from _cuts_of_piece(graph, piece, int(centre))


def _cuts_of_piece(graph: Graph, piece: NDArray[np.bool_], centre: int) -> Iterator[Cut]:
    around = _border(graph, piece) & ~piece
    # Of the piece's border only what the centre's side touches is needed: the fewer, the stronger the cut.
    far = reached(graph, centre, ~around)
    separator = around & _border(graph, far)
    members = tuple(int(u) for u in np.flatnonzero(separator))
    beyond = reached(graph, int(np.argmax(piece)), ~separator)
    centres = np.flatnonzero(~beyond & ~separator)
    for unit in np.flatnonzero(piece):
        for other in centres:
            yield Cut(int(unit), int(other), members)


def reached(graph: Graph, start: int, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the units that a walk from ``start`` over allowed units reaches, itself included."""
    seen = np.zeros(graph.n_units, dtype=np.bool_)
    seen[start] = True
    waiting = [start]
    while waiting:
        u = waiting.pop()
        for v in graph.indices[graph.indptr[u] : graph.indptr[u + 1]].tolist():
            if allowed[v] and not seen[v]:
                seen[v] = True
                waiting.append(v)
    return seen


def _border(graph: Graph, units: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the units that have a neighbour among some units."""
    touched = np.zeros(graph.n_units, dtype=np.bool_)
    touched[graph.indices[units[graph.heads()]]] = True
    return touched
