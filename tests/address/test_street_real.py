"""Real street addresses: what people of Tainan typed, and what the assessors of Cambridge wrote."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridplan.address.answer import Match
from gridplan.address.build import Row
from gridplan.address.street_choice import street_grammar
from gridplan.address.street_match import StreetMatcher
from gridplan.locate import PointIndex
from gridplan.plan import build_plan
from gridplan.rules import rules_from
from gridplan.sources import read_source

EXAMPLE = Path(__file__).parents[2] / "examples" / "tainan_east" / "gridplan.toml"
EXACT = "完全比對"
# Sides of the squares that stand for Cambridge's grids, metres: about as many as a plan has.
SQUARE_M = 400.0

pytestmark = [pytest.mark.real, pytest.mark.slow]


def matcher_of(rows: list[Row]) -> StreetMatcher:
    grammar = street_grammar([row.address for row in rows])
    assert grammar is not None
    return StreetMatcher(rows, grammar)


def confident_grid(match: Match) -> str | None:
    return match.grid_code if match.accepted or match.grid_certain else None


def test_tainan_east_is_found_as_people_typed_it(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDPLAN_DATA", str(real_data))
    district = read_source(EXAMPLE)
    index = PointIndex.from_plan(build_plan(district, rules_from(district.rules), effort="quick"))
    table = gpd.read_file(real_data / "tainan_east" / "tainan_east.gpkg", layer="addresses")
    grid = index.locate_many(table["lon"], table["lat"]).grid_code
    columns = (table["addr_id"], table["full_addr"], grid, table["lon"], table["lat"])
    rows = [Row(name, text, (), code or "", lon, lat) for name, text, code, lon, lat in zip(*columns, strict=True)]
    matcher, address = matcher_of(rows), dict(zip(table["addr_id"], table["full_addr"], strict=True))
    right, accepted, wrong = 0, 0, 0
    exact = (table["match_type"] == EXACT).to_numpy()
    for query, own, code, is_exact in zip(table["query"], table["full_addr"], grid, exact, strict=True):
        found = matcher.match(query)
        same = address.get(found.address_id) == own
        right += is_exact and same
        accepted += is_exact and same and found.accepted
        wrong += not is_exact and confident_grid(found) not in (None, code)
    assert exact.sum() == 507
    assert right >= 0.99 * 507
    assert accepted >= 0.975 * 507
    assert wrong <= 3


def test_the_assessors_addresses_of_cambridge_lie_in_their_lots_grids(real_data: Path) -> None:
    """The table holds one address of each lot; the assessors wrote others, by flat, range and corner."""
    lots = gpd.read_parquet(real_data / "cambridge" / "parcels_units.parquet").to_crs(32619)
    lots = lots[lots.area > 0]
    places = shapely.point_on_surface(lots.geometry.to_numpy())
    squares = np.column_stack([shapely.get_x(places), shapely.get_y(places)]) // SQUARE_M
    grid = {name: f"{x:.0f}-{y:.0f}" for name, (x, y) in zip(lots["ML"], squares, strict=True)}
    known = lots.dropna(subset=["address"])
    matcher = matcher_of(
        [Row(name, text, (), grid[name]) for name, text in zip(known["ML"], known["address"], strict=True)]
    )
    asked = pd.read_csv(real_data / "cambridge" / "tax_addresses.csv.gz", dtype=str).dropna().iloc[::5]
    fate: Counter[str] = Counter()
    for lot, text in zip(asked["ML"], asked["address"], strict=True):
        if lot in grid:
            code = confident_grid(matcher.match(text))
            fate["unsure" if code is None else "right" if code == grid[lot] else "wrong"] += 1
    assert fate["right"] >= 0.99 * (fate["right"] + fate["wrong"]), json.dumps(fate)
    assert fate["unsure"] <= 0.05 * fate.total(), json.dumps(fate)
