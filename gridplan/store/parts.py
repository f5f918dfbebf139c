"""A plan as named chunks, one for each community and layer, and back; what stays the same is kept once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridplan.errors import StoreError
from gridplan.store.chunks import decode, encode

if TYPE_CHECKING:
    from gridplan.plan import Plan

REPORT = "report"
# Layers that do not follow the communities' order are kept whole beyond this many runs for each community.
MOST_RUNS = 3


@dataclass(frozen=True)
class Part:
    """
    A piece of a layer.

    Parameters
    ----------
    layer
        Name of the layer; ``report`` for the report.
    position
        0, 1, ... from the layer's first row to its last.
    half
        ``values`` or ``shapes``.
    data
        Arrow stream, or JSON for the report.
    """

    layer: str
    position: int
    half: str
    data: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the data."""
        return hashlib.sha256(self.data).hexdigest()


def parts_of(plan: Plan, report: Mapping[str, Any]) -> list[Part]:
    """
    Return a plan's layers and a report in parts.

    Parameters
    ----------
    plan
        Any plan; its edits are kept elsewhere.
    report
        The report to keep; plain JSON values.

    Raises
    ------
    StoreError
        If a value cannot be kept exactly; the message names the layer and the column.
    """
    homes = dict(zip(plan.grids["grid_code"], plan.grids["community_code"], strict=True))
    layers = {item.name: getattr(plan, item.name) for item in fields(plan)}
    parts = [Part(REPORT, 0, "values", _report_bytes(report))]
    for name, frame in layers.items():
        if isinstance(frame, pd.DataFrame):
            parts += _layer_parts(name, frame, homes)
    return parts


def plan_of(found: Iterable[Part], **others: Any) -> Plan:
    """
    Return the plan that parts make.

    Parameters
    ----------
    found
        All parts of one plan, in any order.
    others
        Fields of the plan that are neither layers nor the report.
    """
    from gridplan.plan import Plan

    found = list(found)
    pieces: dict[str, dict[int, dict[str, bytes]]] = {}
    for part in found:
        if part.layer != REPORT:
            pieces.setdefault(part.layer, {}).setdefault(part.position, {})[part.half] = part.data
    layers: dict[str, Any] = {
        name: decode([pieces[name][place] for place in sorted(pieces[name])]) for name in sorted(pieces)
    }
    return Plan(**{**layers, "report": plan_report(found), **others})


def plan_report(found: Iterable[Part]) -> dict[str, Any]:
    """Return the report among parts."""
    report: dict[str, Any] = json.loads(next(part.data for part in found if part.layer == REPORT))
    return report


def digest_of(names: Iterable[tuple[str, int, str, str]]) -> str:
    """
    Return the SHA-256 that names a plan: it changes when anything in the plan does.

    Parameters
    ----------
    names
        ``layer, position, half, digest`` of each part, in any order.
    """
    text = "\n".join("\t".join(map(str, name)) for name in sorted(names))
    return hashlib.sha256(text.encode()).hexdigest()


def _layer_parts(name: str, frame: pd.DataFrame, homes: Mapping[str, str]) -> Iterator[Part]:
    if not frame.index.equals(pd.RangeIndex(len(frame))):
        raise StoreError(
            f"{name}: rows must be numbered 0 to n-1; found another index, so reset_index(drop=True) first"
        )
    for position, piece in enumerate(encode(frame, name, _cuts(frame, homes))):
        for half, data in piece.items():
            yield Part(name, position, half, data)


def _cuts(frame: pd.DataFrame, homes: Mapping[str, str]) -> list[tuple[int, int]]:
    """Return where a layer is cut: where the community changes, if its rows stand by community."""
    whole = [(0, len(frame))]
    if "community_code" in frame:
        home = frame["community_code"].astype(str).to_numpy()
    elif "grid_code" in frame:
        home = frame["grid_code"].map(homes).astype(str).to_numpy()
    else:
        return whole
    if not len(home):
        return whole
    cuts = np.flatnonzero(home[1:] != home[:-1]) + 1
    if len(cuts) >= MOST_RUNS * len(set(home)):
        return whole
    edges = [0, *cuts.tolist(), len(home)]
    return list(pairwise(edges))


def _report_bytes(report: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(dict(report), ensure_ascii=False, default=_plain).encode()
    except TypeError as error:
        raise StoreError(f"report: {error}; expected plain JSON values") from error


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} is a {type(value).__name__}")
