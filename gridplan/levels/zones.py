"""Zones: whole towns joined into a set number of areas of even weight and short ways, each in one piece."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan import __version__
from gridplan.codes import new_codes, reading_order
from gridplan.errors import RulesError
from gridplan.levels.coding import SEQUENCE_DIGITS
from gridplan.levels.shares import Aims, bettered, decided, seat_of, total_score
from gridplan.levels.towns import Towns, embedded
from gridplan.measures import compactness, spread
from gridplan.partition.breaches import breaches_of
from gridplan.partition.exact_parts import GAVE_UP
from gridplan.partition.problem import NONE, Labels, Problem
from gridplan.partition.solve import EffortName, solve
from gridplan.rule_parts import LARGEST_WEIGHT
from gridplan.rules import Band, Weights

# Zones are few: starts cost milliseconds.
STARTS = 8
# Lengths of the prefixes of Chinese codes that name something: town, county, city, province.
ADMINISTRATIVE = (9, 6, 4, 2)
LEVEL_COLUMNS = [
    "level",
    "code",
    "parent_code",
    "name",
    "kind",
    "weight",
    "towns",
    "travel_mean",
    "travel_max",
    "seat_code",
    "area_m2",
    "compactness",
]


@dataclass(frozen=True)
class ZoneRules:
    """
    What zones are asked for.

    Parameters
    ----------
    number
        Number of zones, >= 1.
    tolerance
        Share by which a zone's weight may differ from the mean, 0..1.
    balance, travel
        Weights of even weights and of short ways inside the tolerance, >= 0.
    code
        Template with ``{parent}`` (what all towns' codes begin with, as far as it names a county or town) and
        ``{sequence}``.
    seed
        Seed of the random numbers, >= 0.
    """

    number: int
    tolerance: float = 0.1
    balance: float = 1.0
    travel: float = 1.0
    code: str = "{parent}Z{sequence:02d}"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.number < 1 or not 0 <= self.tolerance <= 1:
            raise RulesError(f"zones need number >= 1 and tolerance in 0..1; found {self.number}, {self.tolerance}")
        if not all(0 <= weight <= LARGEST_WEIGHT for weight in (self.balance, self.travel)) or self.seed < 0:
            raise RulesError(
                f"weights and seed must not be negative, nor weights above {LARGEST_WEIGHT:,}; "
                f"found {self.balance}, {self.travel}, {self.seed}"
            )
        if "{parent" not in self.code or "{sequence" not in self.code:
            raise RulesError(f"code: {self.code!r} must hold both {{parent}} and {{sequence}}, or codes repeat")


@dataclass(frozen=True)
class Zones:
    """
    Zones and the towns in them.

    Parameters
    ----------
    levels
        One row for each zone (``level`` ``zone``) and each town (``town``), in the shape of the tree of levels:
        ``level, code, parent_code`` (of a town its zone)``, name, kind, weight, towns, travel_mean, travel_max`` (way
        from the zone's seat, by weight and the longest)``, seat_code, area_m2, compactness, geometry``.
    violations
        ``level, rule, grid_code, value, limit, reason, proven, subject``: zones out of the tolerance (rule ``band``),
        zones in several pieces (rule ``connected``).
    report
        Measures and rules; plain JSON values.
    """

    levels: gpd.GeoDataFrame
    violations: pd.DataFrame
    report: dict[str, Any]


def build_zones(towns: Towns, rules: ZoneRules, crs: Any, *, effort: EffortName = "normal") -> Zones:
    """
    Join towns into zones.

    Parameters
    ----------
    towns
        The towns.
    rules
        Number, tolerance, weights, codes.
    crs
        CRS of the towns' polygons.
    effort
        How hard to search.

    Raises
    ------
    RulesError
        If there are fewer towns than zones.

    Notes
    -----
    The solver of the grids cuts the towns in places where their ways are distances (`embedded`), from several starts;
    then any two neighbouring zones are cut anew by the ways themselves, in every way there is where they have at most
    12 towns, until no pair can be bettered. The best by weight out of bounds, then by cost, is taken.
    """
    if rules.number > towns.n_towns:
        raise RulesError(f"{rules.number} zones are set, but there are {towns.n_towns} towns, which are not cut")
    aims = _aims(towns, rules)
    problem = _problem(towns, rules, aims)
    found = []
    for stream in np.random.default_rng(rules.seed).spawn(STARTS):
        first = solve(problem, rng=stream, effort=effort).labels
        labels = bettered(towns, first, rules.number, aims)
        found.append((total_score(towns, labels, rules.number, aims), labels.tolist()))
    labels, impossible = decided(towns, problem, np.array(min(found)[1], dtype=np.int32), aims)
    codes, labels = _coded(towns, labels, rules)
    levels = _levels(towns, labels, codes, crs)
    violations = _violations(towns, labels, codes, problem, aims, impossible=impossible)
    return Zones(levels, violations, _report(towns, levels, violations, rules, aims))


def _aims(towns: Towns, rules: ZoneRules) -> Aims:
    total = int(towns.weight.sum())
    mean = total / rules.number
    low, high = int(np.ceil(mean * (1 - rules.tolerance) - 1e-9)), int(np.floor(mean * (1 + rules.tolerance) + 1e-9))
    way = seat_of(towns, np.arange(towns.n_towns))[1] / total / np.sqrt(rules.number)
    # A mean that is no whole number and a tolerance of nothing would allow no weight at all.
    return Aims(min(low, int(mean)), max(high, int(np.ceil(mean))), mean, rules.balance, rules.travel, way or 1.0)


def _problem(towns: Towns, rules: ZoneRules, aims: Aims) -> Problem:
    """Return the problem for the solver of the grids; a town too heavy for any zone leaves the band unbound."""
    area = shapely.area(towns.polygons)
    places = embedded(towns.travel)
    # The solver keeps places to a tenth of a metre, so ways of any unit are stretched to the size of the ground.
    reach = max(float(np.abs(places).max()), 1e-12)
    bound = bool((towns.weight <= aims.high).all()) and aims.low > 0
    return Problem(
        graph=towns.graph,
        households=towns.weight,
        work=towns.weight,
        persons=np.zeros_like(towns.weight),
        xy=places * (float(np.sqrt(area.sum())) / reach),
        area_m2=area,
        compound=np.full(towns.n_towns, NONE, dtype=np.int32),
        previous=np.full(towns.n_towns, NONE, dtype=np.int32),
        band=Band(aims.low, round(aims.mean), aims.high) if bound else None,
        target=max(round(aims.mean), 1),
        weights=Weights(balance=rules.balance, compactness=rules.travel, boundary=0.1, barriers=0.0, stability=0.0),
        n_regions=rules.number,
    )


def _coded(towns: Towns, labels: Labels, rules: ZoneRules) -> tuple[list[str], Labels]:
    """Return codes in reading order, and the labels in that order."""
    sizes = (len(towns.codes[0]) - SEQUENCE_DIGITS, *ADMINISTRATIVE)
    parent = next((towns.codes[0][:size] for size in sizes if size > 0 and _all_begin(towns.codes, size)), "")
    polygons = [shapely.union_all(towns.polygons[labels == zone]) for zone in range(rules.number)]
    middle = shapely.get_coordinates(shapely.centroid(polygons))
    order = reading_order(middle, float(np.sqrt(shapely.area(polygons).mean())) / 2.0)
    template = rules.code.replace("{parent", "{community")
    codes = new_codes(parent, template, [None] * rules.number, ())
    rank = np.empty(rules.number, dtype=np.int32)
    rank[order] = np.arange(rules.number, dtype=np.int32)
    return codes, rank[labels]


def _all_begin(codes: tuple[str, ...], size: int) -> bool:
    """Tell whether all codes are numbers longer than a size and alike up to it."""
    return len({code[:size] for code in codes}) == 1 and all(code.isdigit() and len(code) > size for code in codes)


def _levels(towns: Towns, labels: Labels, codes: list[str], crs: Any) -> gpd.GeoDataFrame:
    zones, members = [], []
    for zone, code in enumerate(codes):
        mine = np.flatnonzero(labels == zone)
        seat, _ = seat_of(towns, mine)
        weight, way = towns.weight[mine], towns.travel[seat, mine]
        mean = float((weight * way).sum() / weight.sum()) if weight.any() else float(way.mean())
        ground = shapely.coverage_union_all(towns.polygons[mine])
        zones.append(
            _row(
                "zone",
                code,
                None,
                f"{towns.names[seat]}片区",
                int(weight.sum()),
                len(mine),
                (mean, way.max()),
                seat,
                towns,
                ground,
            )
        )
        members += [
            _row(
                "town",
                towns.codes[town],
                code,
                towns.names[town],
                int(towns.weight[town]),
                1,
                (far, far),
                seat,
                towns,
                towns.polygons[town],
            )
            for town, far in zip(mine, way, strict=True)
        ]
    frame = gpd.GeoDataFrame(zones + members, geometry="geometry", crs=crs)
    polygons = np.asarray(frame.geometry.values, dtype=object)
    return frame.assign(area_m2=shapely.area(polygons), compactness=compactness(polygons))[[*LEVEL_COLUMNS, "geometry"]]


def _row(
    level: str,
    code: str,
    parent: str | None,
    name: str,
    weight: int,
    count: int,
    ways: tuple[float, float],
    seat: int,
    towns: Towns,
    ground: shapely.Geometry,
) -> dict[str, Any]:
    return {
        "level": level,
        "code": code,
        "parent_code": parent,
        "name": name,
        "kind": level,
        "weight": weight,
        "towns": count,
        "travel_mean": round(float(ways[0]), 3),
        "travel_max": round(float(ways[1]), 3),
        "seat_code": towns.codes[seat],
        "geometry": ground,
    }


def _violations(
    towns: Towns, labels: Labels, codes: list[str], problem: Problem, aims: Aims, *, impossible: bool
) -> pd.DataFrame:
    found = breaches_of(problem, labels, len(codes))
    if impossible:
        found = tuple(replace(b, reason="no_connected_cut", proven=True) if b.reason == GAVE_UP else b for b in found)
    rows = [
        ("zone", breach.rule, codes[breach.region], breach.value, breach.limit, breach.reason, int(breach.proven), None)
        for breach in found
    ]
    for zone, code in enumerate(codes):
        mine = np.flatnonzero(labels == zone)
        weight = int(towns.weight[mine].sum())
        if problem.band is None and not aims.low <= weight <= aims.high:
            alone = int(towns.weight[mine].max()) > aims.high
            limit = aims.low if weight < aims.low else aims.high
            reason = "unit_over_maximum" if alone else GAVE_UP
            rows.append(("zone", "band", code, weight, limit, reason, int(alone), None))
        pieces = len(shapely.get_parts(shapely.coverage_union_all(towns.polygons[mine])))
        if pieces > 1:
            rows.append(("zone", "connected", code, pieces, 1, "exclave", 1, None))
    columns = ["level", "rule", "grid_code", "value", "limit", "reason", "proven", "subject"]
    return pd.DataFrame(rows, columns=columns).astype({"value": "int64", "limit": "int64", "proven": "int64"})


def _report(
    towns: Towns, levels: gpd.GeoDataFrame, violations: pd.DataFrame, rules: ZoneRules, aims: Aims
) -> dict[str, Any]:
    zones = levels[levels["level"] == "zone"]
    weight, mean = zones["weight"].to_numpy(dtype=float), zones["travel_mean"].to_numpy(dtype=float)
    return {
        "version": __version__,
        "level": "zone",
        "rules": asdict(rules),
        "allowed_weight": [aims.low, aims.high],
        "towns": towns.n_towns,
        "links": [list(pair) for pair in towns.linked],
        "travel_unit": towns.travel_unit,
        "weight": {**spread(zones["weight"]), "total": int(weight.sum())},
        "travel_mean": round(float((weight * mean).sum() / weight.sum()), 3),
        "travel_max": float(zones["travel_max"].max()),
        "violations": len(violations),
    }
