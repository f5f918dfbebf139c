"""The grids of one day as the service answers with them: filtered by numpy, written as GeoJSON without new objects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

LONLAT = "EPSG:4326"
PROPERTIES = (
    "name", "kind", "community_code", "households", "persons", "units", "work_min", "area_m2", "compactness", "locked",
)  # fmt: skip


@dataclass(frozen=True)
class GridTable:
    """
    Grids of the plans in force on a day, by code.

    Parameters
    ----------
    codes
        Rising, each once; shape (n,).
    rows
        The columns of contract 3.2 and ``plan_id`` of each, as plain JSON values.
    shapes
        GeoJSON geometries in WGS 84, as text.
    boxes
        West, south, east, north in degrees; shape (n, 4).
    """

    codes: NDArray[np.object_]
    rows: tuple[dict[str, Any], ...]
    shapes: tuple[str, ...]
    boxes: NDArray[np.float64]

    def place(self, code: str) -> int | None:
        """Return the row of a grid, None where there is none."""
        return self._places.get(code)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {str(code): place for place, code in enumerate(self.codes)}

    def of(self, code: str) -> dict[str, Any] | None:
        """Return the columns of a grid, None where there is none."""
        place = self.place(code)
        return None if place is None else self.rows[place]

    def feature(self, place: int, *, geometry: bool = True) -> str:
        """
        Return a grid as the text of a GeoJSON feature.

        Parameters
        ----------
        place
            Its row.
        geometry
            Whether its polygon is given, or null.
        """
        shape = self.shapes[place] if geometry else "null"
        code = json.dumps(self.codes[place], ensure_ascii=False)
        properties = json.dumps(self.rows[place], ensure_ascii=False, allow_nan=False)
        return f'{{"type":"Feature","id":{code},"properties":{properties},"geometry":{shape}}}'

    def where(self, column: str, value: object) -> NDArray[np.bool_]:
        """Return which grids have a value; shape (n,)."""
        return np.fromiter((row[column] == value for row in self.rows), dtype=bool, count=len(self.rows))

    def between(self, column: str, low: int | None, high: int | None) -> NDArray[np.bool_]:
        """Return which grids have a value within bounds, both included; shape (n,)."""
        values = np.fromiter((row[column] for row in self.rows), dtype=float, count=len(self.rows))
        return (values >= (-np.inf if low is None else low)) & (values <= (np.inf if high is None else high))

    def touching(self, box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
        """Return which grids have a bounding box that meets a box (west, south, east, north, degrees); shape (n,)."""
        west, south, east, north = box
        mine = self.boxes
        return (mine[:, 0] <= east) & (mine[:, 2] >= west) & (mine[:, 1] <= north) & (mine[:, 3] >= south)


def table_of(frames: dict[str, gpd.GeoDataFrame]) -> GridTable:
    """
    Make the table of several plans' grids.

    Parameters
    ----------
    frames
        Grids by plan id, each in its own CRS.
    """
    parts = [_lonlat(frame).assign(plan_id=plan_id) for plan_id, frame in frames.items()]
    if not parts:
        return GridTable(np.empty(0, dtype=object), (), (), np.empty((0, 4)))
    frame = pd.concat(parts, ignore_index=True).sort_values("grid_code", ignore_index=True)
    geometry = frame["geometry"].to_numpy()
    plain = frame[["grid_code", *PROPERTIES, "plan_id"]].astype(object)
    records = plain.where(plain.notna(), None).to_dict("records")
    rows = tuple({str(name): _plain(value) for name, value in record.items()} for record in records)
    shapes = tuple(shapely.to_geojson(geometry).tolist())
    return GridTable(frame["grid_code"].to_numpy(dtype=object), rows, shapes, shapely.bounds(geometry))


def _lonlat(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(frame if frame.crs is None else frame.to_crs(LONLAT))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
