"""The base map below the grids, where the operator has set one: tiles of this service, or of a server that he names."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from api.settings import Settings
from gridplan.errors import RulesError

PATH = "tiles/{z}/{x}/{y}"
MOST_ZOOM = 18
_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")

Reader = Callable[[int, int, int], bytes | None]


@dataclass(frozen=True)
class Basemap:
    """
    Where the tiles come from.

    Parameters
    ----------
    url, labels
        Templates with ``{z}``, ``{x}`` and ``{y}`` in web-mercator tiles (WGS 84 or CGCS2000, never GCJ-02).
    credit
        Whose map it is.
    read
        Returns a tile of this service's own; None where tiles are another server's.
    """

    url: str
    labels: str | None
    credit: str
    read: Reader | None

    @property
    def origins(self) -> tuple[str, ...]:
        """Servers other than this that browsers ask for tiles."""
        parts = [urlsplit(each) for each in (self.url, self.labels) if each and "//" in each]
        return tuple(sorted({f"{part.scheme}://{part.netloc}" for part in parts}))


def basemap_of(settings: Settings) -> Basemap | None:
    """
    Return the base map that is set, or None.

    Parameters
    ----------
    settings
        ``basemap_tiles`` (an MBTiles file, or a folder ``z/x/y.png``) goes before ``basemap_url``.

    Raises
    ------
    RulesError
        If the tiles are not there, or a template has no place for z, x and y.
    """
    if settings.basemap_tiles is not None:
        return Basemap(PATH, None, settings.basemap_credit, reader(settings.basemap_tiles))
    if settings.basemap_url is None:
        return None
    for template in (settings.basemap_url, settings.basemap_labels):
        if template is not None and not all(part in template for part in ("{z}", "{x}", "{y}")):
            raise RulesError(f"the base map's address needs {{z}}, {{x}} and {{y}}; found {template!r}")
    return Basemap(settings.basemap_url, settings.basemap_labels, settings.basemap_credit, None)


def reader(path: Path) -> Reader:
    """
    Return what reads the tiles of a file or folder.

    Parameters
    ----------
    path
        MBTiles file, or folder ``z/x/y`` with a suffix of an image.

    Raises
    ------
    RulesError
        If there is none.
    """
    if path.is_dir():
        return lambda z, x, y: _from_folder(path, z, x, y)
    if path.is_file():
        return lambda z, x, y: _from_file(path, z, x, y)
    raise RulesError(f"{path}: expected an MBTiles file or a folder of tiles; found none")


def media_type(tile: bytes) -> str:
    """Return the type of an image by its first bytes."""
    return next((kind for mark, kind in _TYPES.items() if tile.startswith(mark)), "application/octet-stream")


def _from_folder(folder: Path, z: int, x: int, y: int) -> bytes | None:
    places = (folder / str(z) / str(x) / f"{y}{suffix}" for suffix in _SUFFIXES)
    return next((place.read_bytes() for place in places if place.is_file()), None)


def _from_file(path: Path, z: int, x: int, y: int) -> bytes | None:
    """Read a tile; MBTiles count rows from the south."""
    query = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        row = connection.execute(query, (z, x, 2**z - 1 - y)).fetchone()
    finally:
        connection.close()
    return None if row is None else bytes(row[0])
