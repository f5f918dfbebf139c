"""Present grids as first labels: every region connected, every unit in one."""

from __future__ import annotations

import numpy as np

from gridplan.partition.initial import components
from gridplan.partition.problem import NONE, Graph, Ints, Labels, graph_from_edges


def present_labels(graph: Graph, previous: Labels, households: Ints) -> Labels:
    """
    Return connected labels that follow the present grids.

    The heaviest connected piece of each present grid is a region; lesser pieces and units without a grid join the
    region with which they share the longest border, as often as it takes to reach all.

    Parameters
    ----------
    graph
        Connected graph.
    previous
        Shape (n_units,): present grid of each unit or -1; at least one is none of -1.
    households
        Shape (n_units,).

    Returns
    -------
    labels
        Shape (n_units,): regions 0..k-1.
    """
    labels = np.full(graph.n_units, NONE, dtype=np.int64)
    pieces = _pieces(graph, previous)
    # One household more for each unit: of pieces without households the larger stays.
    mass = np.bincount(pieces, households + 1)
    of_piece = np.full(len(mass), NONE, dtype=np.int64)
    of_piece[pieces] = previous
    order = np.lexsort((np.arange(len(mass)), -mass, of_piece))
    order = order[of_piece[order] != NONE]
    first = np.unique(of_piece[order], return_index=True)[1]
    for region, piece in enumerate(order[first]):
        labels[pieces == piece] = region
    return attached(graph, labels, pieces)


def attached(graph: Graph, labels: Ints, pieces: Labels) -> Labels:
    """
    Join pieces without a region to the region beyond their longest border, nearest first.

    Parameters
    ----------
    graph
        Connected graph.
    labels
        Shape (n_units,): region or -1; pieces are labelled as a whole or not at all.
    pieces
        Shape (n_units,): connected piece of each unit.
    """
    labels = labels.copy()
    heads = graph.heads()
    while (labels == NONE).any():
        edge = (labels[heads] == NONE) & (labels[graph.indices] != NONE)
        width = int(labels.max()) + 1
        keys = pieces[heads[edge]].astype(np.int64) * width + labels[graph.indices[edge]]
        pairs, place = np.unique(keys, return_inverse=True)
        border = np.bincount(place, graph.border_m[edge] + 1e-9)
        order = np.lexsort((pairs, -border, pairs // width))
        piece = pairs[order] // width
        best = np.r_[True, piece[1:] != piece[:-1]]
        heir = np.full(int(pieces.max()) + 1, NONE, dtype=np.int64)
        heir[piece[best]] = pairs[order][best] % width
        waiting = (labels == NONE) & (heir[pieces] != NONE)
        labels[waiting] = heir[pieces[waiting]]
    return np.unique(labels, return_inverse=True)[1].astype(np.int32)


def _pieces(graph: Graph, member: Labels) -> Labels:
    """Return the connected piece of each unit inside its group; units in no group are pieces of their own."""
    heads = graph.heads()
    inside = (member[heads] == member[graph.indices]) & (member[heads] != NONE) & (heads < graph.indices)
    loose = graph_from_edges(
        graph.n_units, heads[inside], graph.indices[inside], graph.border_m[inside], graph.open_m[inside]
    )
    return components(loose)[1]


def in_pieces(graph: Graph, labels: Labels) -> Labels:
    """Return labels in which every connected piece of a region is a region of its own."""
    return _pieces(graph, labels)
