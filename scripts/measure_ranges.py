"""
Measure addresses located by streets that carry ranges of numbers, on Cambridge's assessors' addresses.

    gridplan plan examples/cambridge/gridplan.toml -o cambridge.gpkg --effort quick
    python scripts/measure_ranges.py cambridge.gpkg     needs GRIDPLAN_DATA

An answer is right where it is the grid of the address's own lot in the plan; addresses of streets or numbers that no
range has are counted apart.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

import geopandas as gpd
import pandas as pd

from gridplan.locate import PointIndex
from gridplan.locate.streets import COLUMNS, StreetRanges

_COLUMNS = ("Street", "L_From", "L_To", "R_From", "R_To")


def main(plan: str) -> None:
    """Ask for every address of the assessors and print what became of them."""
    folder = Path(os.environ.get("GRIDPLAN_DATA", "../shared/data")) / "cambridge"
    streets = gpd.read_parquet(folder / "streets.parquet").rename(columns=dict(zip(_COLUMNS, COLUMNS, strict=True)))
    units = gpd.read_file(plan, layer="units").dropna(subset=["building_id"])
    own = dict(zip(units["building_id"], units["grid_code"], strict=True))
    asked = pd.read_csv(folder / "tax_addresses.csv.gz", dtype=str).dropna(subset=["ML", "address"])
    asked = asked[asked["ML"].isin(own)].drop_duplicates(["ML", "address"])
    ranges = StreetRanges(streets, PointIndex.from_plan(plan))
    fate: Counter[str] = Counter()
    begun = time.process_time()
    for lot, text in zip(asked["ML"], asked["address"], strict=True):
        found = ranges.match(text)
        sure = "right" if found.grid_code == own[lot] else "wrong"
        fate["in no range" if not found.candidates else sure if found.grid_certain else "unsure"] += 1
    known = fate["right"] + fate["wrong"] + fate["unsure"]
    sys.stdout.write(f"{dict(fate)}, {time.process_time() - begun:.1f} CPU s\n")
    sys.stdout.write(f"of {known}: {100 * fate['unsure'] / known:.2f} % unsure, ")
    sys.stdout.write(f"{100 * fate['right'] / (fate['right'] + fate['wrong']):.2f} % of the others right\n")


if __name__ == "__main__":
    main(sys.argv[1])
