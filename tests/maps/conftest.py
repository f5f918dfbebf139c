"""A made plan on a bent lattice, and a browser that lets nothing but files and data through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from maps import vendor
from maps.payload import PlanFrames

CRS = "EPSG:4549"  # CGCS2000 / 3-degree Gauss-Krueger CM 120E
ORIGIN = (512_000.0, 3_420_000.0)
SIDE = 60.0


@dataclass(frozen=True)
class Lattice:
    """
    Columns and rows of cells, cut into grids of 4 x 3 cells, those into communities of 5 x 2 grids.

        . . . . | . . . . |      one grid: 4 x 3 cells of about 60 m
        . . . . | . . . . |      nodes and the middles of edges are moved by up to 9 m,
        . . . . | . . . . |      shared by both neighbours, so that the cells tile
        --------+---------+

    The nodes are moved by a seeded generator, so each call gives the same frames.
    """

    columns: int = 40
    rows: int = 30
    nodes: dict[tuple[float, float], tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(7)
        for i in np.arange(0, self.columns + 0.5, 0.5):
            for j in np.arange(0, self.rows + 0.5, 0.5):
                dx, dy = rng.uniform(-9, 9, 2)
                self.nodes[i, j] = (ORIGIN[0] + SIDE * i + dx, ORIGIN[1] + SIDE * j + dy)

    def cell(self, i: int, j: int) -> shapely.Polygon:
        around = [(0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5)]
        return shapely.Polygon([self.nodes[i + di, j + dj] for di, dj in around])

    def line(self, places: list[tuple[float, float]]) -> shapely.LineString:
        return shapely.LineString([self.nodes[place] for place in places])

    def units(self) -> gpd.GeoDataFrame:
        rng = np.random.default_rng(11)
        places = [(i, j) for j in range(self.rows) for i in range(self.columns)]
        households = rng.integers(24, 44, len(places))
        return gpd.GeoDataFrame(
            {
                "unit_id": [f"u{k}" for k in range(len(places))],
                "building_id": [f"b{k}" if k % 9 else None for k in range(len(places))],
                "grid_code": [f"{self.community(i, j)}{self.sequence(i, j):03d}" for i, j in places],
                "households": households,
                "work_min": households * 9,
            },
            geometry=[self.cell(i, j) for i, j in places],
            crs=CRS,
        )

    def community(self, i: int, j: int) -> str:
        return f"330106{2:03d}{(j // 6) * 2 + i // 20 + 1:03d}"

    def sequence(self, i: int, j: int) -> int:
        return (j // 3 % 2) * 5 + i // 4 % 5 + 1

    def barriers(self) -> gpd.GeoDataFrame:
        across = [(i / 2, 12.0) for i in range(2 * self.columns + 1)]
        up = [(20.0, j / 2) for j in range(2 * self.rows + 1)]
        side = [(8.0, j / 2) for j in range(2 * self.rows + 1)]
        rail = [(i / 2, 24.0) for i in range(2 * self.columns + 1)]
        return gpd.GeoDataFrame(
            {"kind": ["river", "primary", "residential", "railway"]},
            geometry=[self.line(across).buffer(14), self.line(up), self.line(side), self.line(rail)],
            crs=CRS,
        )


def lattice_plan(lattice: Lattice | None = None) -> PlanFrames:
    """A whole plan on the lattice: two grids out of the band, one exclusive area, four violations."""
    lattice = lattice or Lattice()
    units = lattice.units()
    grids = units.dissolve(
        "grid_code", aggfunc={"households": "sum", "work_min": "sum"}, method="coverage"
    ).reset_index()
    numbers = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"]
    grids["name"] = [f"第{numbers[int(code[-3:]) - 1]}网格" for code in grids["grid_code"]]
    grids["community_code"] = grids["grid_code"].str[:12]
    grids["kind"] = "basic"
    grids.loc[13, ["kind", "name", "households"]] = ["exclusive", "东门小学", 0]
    grids.loc[[20, 44], "households"] = [612, 233]
    grids["persons"] = (grids["households"] * 2.6).astype("int64")
    grids["units"] = 12
    grids["area_m2"] = grids.area
    grids["compactness"] = 4 * np.pi * grids.area / grids.length**2
    grids["locked"] = 0
    grids["valid_from"] = None
    communities = grids.dissolve("community_code", method="coverage").reset_index()[["community_code", "geometry"]]
    communities["name"] = ["望江", "涌金", "清波", "湖滨", "小营", "长庆", "天水", "潮鸣", "凯旋", "采荷"][
        : len(communities)
    ]
    violations = pd.DataFrame(
        {
            "rule": ["band", "band", "compound", "connected"],
            "grid_code": grids["grid_code"].iloc[[20, 44, 7, 61]].to_list(),
            "value": [612, 233, 2, 2],
            "limit": [500, 300, 1, 1],
            "reason": ["unit_over_maximum", "component_below_minimum", "forced_split", "exclave"],
            "proven": [1, 1, 0, 1],
        }
    )
    return PlanFrames(grids, units, violations, lattice.barriers(), communities)


def report() -> dict[str, Any]:
    """The parts of a plan's report that the page reads."""
    return {
        "rules": {"minimum": 300, "target": 400, "maximum": 500},
        "seconds": {"read": 0.8, "solve": 2.5},
        "seed": 20261122,
        "version": "0.1.0",
        "households_are": "resident",
        "notices": [{"zh": "本图为合成数据，仅作演示。", "en": "Synthetic data, for demonstration only."}],
    }


@pytest.fixture(scope="session", autouse=True)
def _vendored() -> None:
    """The page's JavaScript is fetched by the build; without it nothing here can run."""
    if not vendor.is_complete():
        pytest.fail("maps/static/vendor is missing or changed; run: python -m maps.vendor")


@pytest.fixture(scope="session")
def plan() -> PlanFrames:
    return lattice_plan()


@pytest.fixture(scope="session")
def plan_report() -> dict[str, Any]:
    return report()


@dataclass
class Visit:
    """A page opened in the browser, with all that it asked for and complained of."""

    page: Any
    asked: list[str]
    errors: list[str]


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """Open a page's text from a file; every request but that file and data URIs is blocked and recorded."""
    contexts = []

    def opened(text: str, *, lang: str = "zh-CN", width: int = 1440, height: int = 900) -> Visit:
        file = tmp_path / f"plan{len(contexts)}.html"
        file.write_text(text, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": height}, locale=lang)
        contexts.append(context)
        seen = Visit(context.new_page(), [], [])

        def guard(route: Any) -> None:
            url = route.request.url
            if url == file.as_uri() or url.startswith("data:"):
                route.continue_()
            else:
                seen.asked.append(url)
                route.abort()

        context.route("**/*", guard)
        seen.page.on("pageerror", lambda error: seen.errors.append(f"{error}\n{error.stack}"))
        seen.page.on("console", lambda line: line.type == "error" and seen.errors.append(line.text))
        seen.page.goto(file.as_uri())
        seen.page.wait_for_selector("body[data-ready=yes]")
        return seen

    yield opened
    for context in contexts:
        context.close()
