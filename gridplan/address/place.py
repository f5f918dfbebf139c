"""A list without geometry (compounds with households and addresses) put on the map by the address table."""

from __future__ import annotations

from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan.address.answer import Match


class Answers(Protocol):
    """What answers an address: a :class:`gridplan.Locator` or any matcher."""

    def match(self, text: str) -> Match:
        """Answer one query."""


def place_by_address(
    frame: pd.DataFrame, locator: Answers, *, address: str = "address", households: str = "households"
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """
    Locate the rows of a list by their addresses; what is not matched for certain is listed, never placed by guess.

    Parameters
    ----------
    frame
        Any list with a column of addresses.
    locator
        The address table.
    address
        Column of addresses.
    households
        Column of households, which the list of unplaced rows keeps in front; may be absent.

    Returns
    -------
    placed
        The rows matched for certain to an address with coordinates, their own columns and ``address_id``,
        ``grid_code``, ``confidence``, ``geometry`` (points, EPSG:4326).
    unplaced
        All other rows: address, households, ``reason`` and ``candidates`` first, then their own columns.
    """
    found = [locator.match(text if isinstance(text, str) else "") for text in frame[address]]
    sure = np.array([each.accepted and each.lon is not None and each.lat is not None for each in found], dtype=bool)
    answers = [each for each, kept in zip(found, sure.tolist(), strict=True) if kept]
    kept_rows = frame[sure]
    told = {
        "address_id": [each.address_id for each in answers],
        "grid_code": [each.grid_code for each in answers],
        "confidence": [each.confidence for each in answers],
    }
    placed = gpd.GeoDataFrame(
        kept_rows.assign(**pd.DataFrame(told, index=kept_rows.index)),
        geometry=shapely.points([[each.lon, each.lat] for each in answers]) if answers else [],
        crs="EPSG:4326",
    )
    others = [each for each, kept in zip(found, sure.tolist(), strict=True) if not kept]
    unplaced = frame[~sure].assign(
        reason=[_reason(each) for each in others],
        candidates=["; ".join(one.address for one in each.candidates[:5]) for each in others],
    )
    first = [name for name in (address, households, "reason", "candidates") if name in unplaced]
    return placed, unplaced[[*first, *(name for name in unplaced if name not in first)]]


def _reason(found: Match) -> str:
    if found.accepted:
        return "地址表中没有坐标 / the address table has no coordinates"
    if found.status == "ambiguous":
        return "符合的地址不止一个 / several addresses fit"
    if found.address_id is not None:
        return "不能确定 / not certain"
    return "地址表中没有 / not in the address table"
