"""
Files of callers: taken under a name of ours, bounded, and read in a process that can do no harm.

What a caller sends is bytes and nothing else: no path, name or URL of his reaches a reader. The process that reads
has bounds on memory, time and disk, GDAL in it knows the few formats of an allow-list and no network, and archives are
unpacked with every byte counted (`gridplan.sources`).
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from weakref import WeakKeyDictionary

import geopandas as gpd
import pandas as pd
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.nursery import Nurseries
from api.problems import INVALID, TOO_LARGE, ProblemError, Wrong
from api.reading import FAULTS, TABLE, UploadLimits, suffix_of
from api.settings import Settings

# Files read at a time in each worker; others wait.
AT_ONCE = 2
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[Path]:
    """
    Take the body of a request as a file, which is gone afterwards.

    Parameters
    ----------
    request
        Its whole body is the file. Its name and its declared type do not count; the first bytes do.

    Yields
    ------
    path
        The file, under a name of ours that tells its format, in a folder of its own.

    Raises
    ------
    ProblemError
        If it is empty.
    HTTPException
        If it is larger than the setting ``upload_bytes``; no more than that is ever written.
    """
    settings: Settings = request.app.state.settings
    request.scope.setdefault("state", {})["body_bytes"] = settings.upload_bytes
    with tempfile.TemporaryDirectory(prefix="gridplan-upload-") as folder:
        path = Path(folder) / "body"
        with path.open("xb") as file:
            async for piece in request.stream():
                await run_in_threadpool(file.write, piece)
        if path.stat().st_size == 0:
            raise ProblemError(INVALID, "body: expected a file; found nothing")
        yield path.rename(path.with_name("upload" + suffix_of(path)))


async def table_of(request: Request, layer: str | None = None) -> gpd.GeoDataFrame | pd.DataFrame:
    """
    Read the body of a request as one table.

    Parameters
    ----------
    request
        Its whole body is the file: GeoPackage, GeoJSON, FlatGeobuf, GML, GeoParquet, CSV, Excel, or a zip or gzip of
        one; a shapefile as a zip.
    layer
        Layer or sheet in it; None where there is one.

    Returns
    -------
    table
        Its columns as the file has them; a GeoDataFrame in the file's CRS where it has geometry.

    Raises
    ------
    ProblemError
        If it cannot be read, or is larger than the settings allow; every fault is named.
    """
    limits, nurseries = _limits(request.app.state.settings), request.app.state.nurseries
    async with received(request) as path, _gate_of():
        return await run_in_threadpool(_read, nurseries, path, layer, limits)


Upload = Annotated[gpd.GeoDataFrame | pd.DataFrame, Depends(table_of)]


def _read(nurseries: Nurseries, path: Path, layer: str | None, limits: UploadLimits) -> gpd.GeoDataFrame | pd.DataFrame:
    """Read a file in a process of its own, and what that process made of it here."""
    _refuse(path.parent / FAULTS, nurseries.read(path, layer, limits), limits)
    found = path.parent / TABLE
    try:
        return gpd.read_parquet(found)
    except ValueError:  # a table without geometry
        return pd.read_parquet(found)


def _refuse(faults: Path, code: int, limits: UploadLimits) -> None:
    """Raise what the process found wrong, or what ended it."""
    if code == 0 and not faults.exists():
        return
    if not faults.exists():
        raise ProblemError(
            INVALID, f"body: expected a file that can be read within {limits.seconds} s and "
            f"{limits.memory_bytes >> 20} MB; found one that cannot",
        )  # fmt: skip
    told = json.loads(faults.read_text("utf-8"))
    wrong = [Wrong(parameter="body", **each) for each in told["faults"]]
    detail = "; ".join(f"body: expected {each.expected}; found {each.found}" for each in wrong[:5])
    raise ProblemError(TOO_LARGE if told["too_large"] else INVALID, detail)


def _limits(settings: Settings) -> UploadLimits:
    return UploadLimits(
        settings.upload_unpacked_bytes, settings.upload_rows, settings.upload_vertices, settings.upload_seconds,
        settings.upload_memory_bytes,
    )  # fmt: skip


def _gate_of() -> asyncio.Semaphore:
    """Return what lets a few in at a time; one for each event loop."""
    return _gates.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
