"""A department's layer of grids, drawn elsewhere, as it came: valid polygons with codes that each stand once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridplan.site import Geometries
from gridplan.sites import Sites
from gridplan.sources.geometry import polygonal


@dataclass(frozen=True)
class Department:
    """
    The grids of one department in the district's CRS.

    Parameters
    ----------
    name
        Name of the department, e.g. ``公安``.
    codes
        One text for each grid, no two equal. A grid whose code is missing is called ``#7`` after its row in the
        file; where several rows have one code each is called ``code#row``, since nobody says that they are one.
    polygons
        Shape (n_grids,): valid Polygons or MultiPolygons.
    mended
        Names of the grids whose geometry was invalid and has been repaired.
    missing
        Names of the grids that have no code.
    repeated
        Codes that stand in several rows.
    dropped
        Rows without a polygon, left out: ``row 3``.
    """

    name: str
    codes: tuple[str, ...]
    polygons: Geometries
    mended: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def make_department(name: str, codes: Sequence[Any], polygons: Geometries) -> Department:
    """
    Make a department of what its layer holds, whatever that is like.

    Parameters
    ----------
    name
        Name of the department.
    codes
        One text for each row; null or blank where it is missing.
    polygons
        Shape (n_rows,): geometries or None, valid or not, in a projected CRS.
    """
    ground = np.asarray(polygons, dtype=object)
    invalid = ~shapely.is_missing(ground) & ~shapely.is_valid(ground)
    ground = ground.copy()
    ground[invalid] = shapely.make_valid(ground[invalid], method="structure", keep_collapsed=False)
    ground = polygonal(ground)
    usable = np.flatnonzero(~shapely.is_missing(ground)).tolist()
    texts = [None if pd.isna(code) or not str(code).strip() else str(code).strip() for code in codes]
    counts = pd.Series([texts[row] for row in usable], dtype=object).value_counts()
    repeated = sorted(str(code) for code in counts.index[counts > 1])
    names = {row: _named(texts[row], row, repeated) for row in usable}
    return Department(
        name,
        tuple(names[row] for row in usable),
        ground[usable],
        mended=tuple(names[row] for row in usable if invalid[row]),
        missing=tuple(names[row] for row in usable if texts[row] is None),
        repeated=tuple(repeated),
        dropped=tuple(f"row {row + 1}" for row in range(len(ground)) if row not in names),
    )


def _named(code: str | None, row: int, repeated: Sequence[str]) -> str:
    return f"{code or ''}#{row + 1}" if code is None or code in repeated else code


def with_departments(sites: Sites, departments: Sequence[Department]) -> Sites:
    """
    Give each community the departments' grids that meet it.

    Parameters
    ----------
    sites
        Communities to be planned.
    departments
        Departments in the CRS of the sites.
    """
    trees = [shapely.STRtree(department.polygons) for department in departments]
    polygons = [department.polygons for department in departments]
    return replace(
        sites,
        sites=tuple(
            replace(
                site,
                departments=tuple(
                    ground[np.sort(tree.query(site.polygon, predicate="intersects"))]
                    for tree, ground in zip(trees, polygons, strict=True)
                ),
            )
            for site in sites.sites
        ),
    )
