"""Bounds in words: names where there are names, neighbours where there are none, whatever the order of the rows."""

from __future__ import annotations

from dataclasses import replace

from drawn import A, B

from gridplan.exports import Dossier, sides_of
from gridplan.exports.sides import sentence


def test_streets_water_neighbours_and_borders_are_told(dossier: Dossier) -> None:
    sides = sides_of(dossier).set_index("grid_code")
    homes = dossier.grids.set_index("grid_code")["community_code"]
    assert (sides["north"] == "北大街").all()
    assert (sides["south"] == "南河").all()
    west = sides.loc[dossier.grids.set_index("grid_code").bounds["minx"].idxmin()]
    east = sides.loc[dossier.grids.set_index("grid_code").bounds["maxx"].idxmax()]
    assert west["west"] == "规划范围边界"
    assert east["east"] == "铁路"
    assert "@向阳社区边界" in sides.loc[homes == A, "east"].tolist()
    assert "东风社区边界" in sides.loc[homes == B, "west"].tolist()
    assert sentence(west, dossier).endswith("西至规划范围边界，北至北大街。")


def test_without_a_source_neighbours_are_named_alone(dossier: Dossier) -> None:
    bare = replace(dossier, district=None, lang="en")
    sides = sides_of(bare)
    assert set(sides["north"]) == {"the edge of the planned area"}
    names = set(bare.grids["name"])
    assert sum(value in names for value in [*sides["east"], *sides["west"]]) == 4


def test_the_order_of_lines_does_not_matter(dossier: Dossier) -> None:
    assert dossier.district is not None
    assert dossier.district.barriers is not None
    turned = replace(dossier.district, barriers=dossier.district.barriers.iloc[::-1])
    assert sides_of(replace(dossier, district=turned)).equals(sides_of(dossier))
