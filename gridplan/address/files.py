"""Arrays in one file that opens without being read: a header in JSON, then the arrays, mapped into memory."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridplan.errors import LocateError

_KIND = b"GRIDPLAN-ADDRESSES-"
# Raised when what is saved changes: an index of another version is built again, not guessed at.
_MAGIC = _KIND + b"2\n"
_ALIGN = 64
_OTHER_VERSION = "one that another version of gridplan saved: build it again from its table"
Arrays = dict[str, NDArray[Any]]


def write_arrays(path: Path, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """
    Write a header and arrays as one file, complete or not at all.

    Parameters
    ----------
    path
        File to write; replaced where it exists.
    header
        Plain JSON values.
    arrays
        One-dimensional arrays by name.
    """
    place, table = 0, {}
    for name, array in arrays.items():
        table[name] = (array.dtype.str, len(array), place)
        place += -(-array.nbytes // _ALIGN) * _ALIGN
    head = json.dumps({"header": header, "arrays": table}, ensure_ascii=False).encode()
    path = Path(path).absolute()
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + len(head).to_bytes(8, "little") + head)
            file.write(b" " * (-file.tell() % _ALIGN))
            for array in arrays.values():
                file.write(np.ascontiguousarray(array).tobytes())
                file.write(b"\0" * (-array.nbytes % _ALIGN))
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def read_arrays(path: Path) -> tuple[dict[str, Any], Arrays]:
    """
    Open a file of :func:`write_arrays`.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    header
        As written.
    arrays
        Read-only, mapped into memory: what is not used is not read.

    Raises
    ------
    LocateError
        If the file is none of these, is cut short, or was saved by another version.
    """
    try:
        raw = np.memmap(path, dtype=np.uint8, mode="r")
        start = len(_MAGIC) + 8
        _check(raw)
        length = int.from_bytes(raw[len(_MAGIC) : start].tobytes(), "little")
        found = json.loads(raw[start : start + length].tobytes())
        first = -(-(start + length) // _ALIGN) * _ALIGN
        arrays = {name: _mapped(raw, first, *entry) for name, entry in found["arrays"].items()}
    except (OSError, ValueError, KeyError) as error:
        found_instead = str(error) if str(error) == _OTHER_VERSION else "something else or a part of one"
        msg = f"{path}: expected an index of addresses saved by Locator.save; found {found_instead}."
        raise LocateError(msg) from error
    return found["header"], arrays


def _check(raw: NDArray[np.uint8]) -> None:
    if raw[: len(_MAGIC)].tobytes() != _MAGIC:
        raise ValueError(_OTHER_VERSION if raw[: len(_KIND)].tobytes() == _KIND else "")


def _mapped(raw: NDArray[np.uint8], first: int, dtype: str, length: int, place: int) -> NDArray[Any]:
    size = np.dtype(dtype).itemsize * length
    piece = raw[first + place : first + place + size]
    if len(piece) != size:
        raise ValueError
    return np.asarray(piece).view(np.dtype(dtype)) if size else np.empty(0, dtype=np.dtype(dtype))
