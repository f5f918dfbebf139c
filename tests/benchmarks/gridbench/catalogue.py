"""The instances of the benchmark, made once and kept as files."""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from gridbench import cities
from gridbench.districts import from_source
from gridbench.instance import Instance, save
from gridbench.lattice import lattice
from gridplan.synthetic import write_bubenec

ROOT = Path(__file__).parents[3]
DATA = "GRIDPLAN_DATA"

Make = Callable[[], Instance]


def _real(name: str, about: str) -> Instance:
    return from_source(name, about, ROOT / "examples" / name / "gridplan.toml")


def _bubenec() -> Instance:
    with tempfile.TemporaryDirectory() as folder:
        return from_source(
            "bubenec", "Bubenec, Prague: real footprints, households estimated", write_bubenec(Path(folder) / "b.gpkg")
        )


def _lattice(name: str, *, river: bool) -> Instance:
    return lattice(name, np.random.default_rng(1), rows=12, columns=12, blocks=3, river=river)


QUICK: dict[str, Make] = {
    "lattice_144": partial(_lattice, "lattice_144", river=False),
    "lattice_144_river": partial(_lattice, "lattice_144_river", river=True),
}
FULL: dict[str, Make] = {
    "bubenec": _bubenec,
    "tainan_east": partial(_real, "tainan_east", "Tainan East: 45 communities, official statistical areas, no streets"),
    "cambridge": partial(
        _real, "cambridge", "Cambridge MA: 13 neighbourhoods, dwellings by lot, streets, rail and water"
    ),
    "town_1500": partial(cities.town, "town_1500", 18_500, seed=1, barriers=False),
    "town_1500_barriers": partial(cities.town, "town_1500_barriers", 18_500, seed=1, barriers=True),
    "town_5000": partial(cities.town, "town_5000", 62_000, seed=2, barriers=False),
    "town_5000_barriers": partial(cities.town, "town_5000_barriers", 62_000, seed=2, barriers=True),
    "city_100000": partial(cities.town, "city_100000", 1_230_000, seed=3, barriers=False, communities=True),
    "city_100000_barriers": partial(
        cities.town, "city_100000_barriers", 1_230_000, seed=3, barriers=True, communities=True
    ),
}
NEEDS_DATA = ("tainan_east", "cambridge")


def stamp() -> int:
    """Return a number of the sources that make instances; a file's name has it, so that none outlives them."""
    here = [
        Path(__file__).parent / f"{name}.py" for name in ("catalogue", "cities", "districts", "instance", "lattice")
    ]
    library = [path for folder in ("", "sources", "synthetic") for path in (ROOT / "gridplan" / folder).glob("*.py")]
    return zlib.crc32(b"".join(path.read_bytes() for path in [*here, *sorted(library)]))


def stored(name: str, make: Make, folder: Path) -> Path | None:
    """
    Return the file of an instance, making it where it is missing.

    Parameters
    ----------
    name
        Name of the instance.
    make
        What makes it.
    folder
        Where instances are kept.

    Returns
    -------
    path
        The file; None where the real data that it needs are not there.
    """
    path = folder / f"{name}-{stamp():08x}.npz"
    if path.exists():
        return path
    if name in NEEDS_DATA and not (Path(os.environ.get(DATA, "")) / name).is_dir():
        return None
    save(make(), path)
    return path
