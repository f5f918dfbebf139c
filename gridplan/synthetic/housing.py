"""Floors, entrances, households and persons of buildings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# kind: least and greatest floors, least and greatest dwellings per floor and entrance, metres of front per entrance
STOCK = {
    "tower": (18, 33, 4, 6, 17.0),
    "landmark": (33, 33, 6, 6, 24.0),
    "slab": (6, 7, 2, 3, 16.0),
    "estate": (9, 9, 2, 2, 14.0),
    "walkup": (4, 6, 2, 3, 13.0),
    "shophouse": (2, 3, 1, 1, 20.0),
    "bungalow": (1, 1, 1, 1, 20.0),
    "farmhouse": (1, 1, 1, 1, 20.0),
    "hall": (1, 2, 0, 0, 60.0),
    "school": (3, 5, 0, 0, 60.0),
    "market": (2, 2, 0, 0, 60.0),
    "service": (1, 3, 0, 0, 60.0),  # kindergarten, boiler house, property office of an estate
}
SERVICE_SHARE = 0.04
ESTATE_ENTRANCES, ESTATE_HOUSEHOLDS, ESTATE_PERSONS = 108, 1_856, 4_860
LANDMARK_HOUSEHOLDS = (540, 580)
PERSONS_PER_HOUSEHOLD = 2.45
FIXED = ("estate", "landmark", "farmhouse", "bungalow")


def stock(kind: pd.Series, width_m: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """
    Return the dwelling stock of buildings.

    Parameters
    ----------
    kind
        Keys of `STOCK`; some slabs are turned into ``service`` buildings without dwellings.
    width_m
        Length of the front in metres.
    rng
        Source of chance.

    Returns
    -------
    pandas.DataFrame
        ``kind, floors, entrances, dwellings``, same index.
    """
    turned = kind.isin(["slab"]) & (rng.random(len(kind)) < SERVICE_SHARE)
    kind = kind.where(~turned, "service")
    low, high, least, most, front = np.array([STOCK[k] for k in kind]).reshape(-1, 5).T
    floors = np.floor(rng.uniform(low, high + 1)).astype(np.int64)
    per_floor = rng.uniform(least, most)
    entrances = np.where(most > 0, np.maximum(1, np.round(width_m / front)), 0).astype(np.int64)
    entrances[(kind == "estate").to_numpy()] = _estate_entrances(int((kind == "estate").sum()))
    dwellings = np.round(floors * entrances * per_floor).astype(np.int64)
    return pd.DataFrame(
        {"kind": kind, "floors": floors, "entrances": entrances, "dwellings": dwellings}, index=kind.index
    )


def _estate_entrances(buildings: int) -> NDArray[np.int64]:
    """Return 2 or 3 entrances for each building of the estate, 108 in all."""
    if not buildings:
        return np.empty(0, dtype=np.int64)
    base, more = divmod(ESTATE_ENTRANCES, buildings)
    return np.where(np.arange(buildings) % 10 < 10 * more / buildings, base + 1, base)


def households(
    stock: pd.DataFrame, community: NDArray[np.int64], total: int, largest: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """
    Return households by building, so that a town has the total asked for.

    Parameters
    ----------
    stock
        ``kind, entrances, dwellings`` by building.
    community
        Position of each building's community.
    total
        Households of the town.
    largest
        Households that the community with most dwellings must reach; 0 for no such demand.
    rng
        Source of chance.
    """
    kind = stock["kind"].to_numpy()
    dwellings = stock["dwellings"].to_numpy()
    result = np.where(np.isin(kind, ["farmhouse", "bungalow"]), dwellings, 0)
    result[kind == "landmark"] = rng.integers(*LANDMARK_HOUSEHOLDS, int((kind == "landmark").sum()))
    estate = kind == "estate"
    if estate.any():
        doors = stock.loc[estate, "entrances"].to_numpy()
        result[estate] = 15 * doors + rng.multinomial(ESTATE_HOUSEHOLDS - 15 * doors.sum(), doors / doors.sum())
    free = ~np.isin(kind, FIXED)
    share = _lived_in(np.where(free, dwellings, 0), result, community, total, largest)
    result[free] = np.floor(dwellings[free] * share[free] + rng.random(int(free.sum())))
    return result.astype(np.int64)


def _lived_in(
    free: NDArray[np.int64], fixed: NDArray[np.int64], community: NDArray[np.int64], total: int, largest: int
) -> NDArray[np.float64]:
    """Return the share of dwellings lived in, by building; higher where the largest community must be reached."""
    by_free = np.bincount(community, weights=free)
    by_fixed = np.bincount(community, weights=fixed)
    share = np.full(len(by_free), max(0.0, (total - by_fixed.sum()) / max(by_free.sum(), 1)))
    top = int(np.argmax(by_fixed + by_free))
    if largest > by_fixed[top] + share[top] * by_free[top]:
        share[top] = (largest - by_fixed[top]) / by_free[top]
        rest = np.arange(len(share)) != top
        share[rest] = (total - largest - by_fixed[rest].sum()) / max(by_free[rest].sum(), 1)
    return np.asarray(share[community])


def persons(kind: NDArray[np.object_], households: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return persons by building: about 2.45 a household, 4,860 in the estate."""
    result = (
        np.round(households * rng.normal(PERSONS_PER_HOUSEHOLD, 0.2, len(households))).clip(households).astype(np.int64)
    )
    estate = kind == "estate"
    if estate.any():
        own = households[estate]
        result[estate] = own + rng.multinomial(ESTATE_PERSONS - own.sum(), own / own.sum())
    return result


def entrances(buildings: pd.DataFrame) -> pd.DataFrame:
    """
    Return households by entrance (单元), split evenly within a building.

    Parameters
    ----------
    buildings
        ``building_id, households, entrances``.

    Returns
    -------
    pandas.DataFrame
        ``building_id, entrance`` ("1单元", ...), ``number``, ``households``; ``row``, the building's position.
    """
    count = buildings["entrances"].to_numpy()
    row = np.repeat(np.arange(len(buildings)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    base, more = np.divmod(buildings["households"].to_numpy()[row], count[row])
    return pd.DataFrame(
        {
            "building_id": buildings["building_id"].to_numpy()[row],
            "entrance": [f"{n + 1}单元" for n in number],
            "number": number + 1,
            "households": base + (number < more),
            "row": row,
        }
    )
