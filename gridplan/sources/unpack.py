"""Zip and gzip, unpacked into a folder of ours with every byte counted: headers lie, counted bytes do not."""

from __future__ import annotations

import gzip
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from gridplan.sources.sniff import SUFFIXES, Format

MAX_MEMBERS = 200
MAX_BYTES = 2 << 30
# Real shapefiles of blank-padded attributes reach 1:50; a bomb has 1:1000.
MAX_RATIO = 100
# Below this size a high ratio harms nobody.
RATIO_FROM_BYTES = 64 << 20
_CHUNK = 1 << 20
_SIDECARS = {".dbf", ".shx", ".prj", ".cpg", ".gfs", ".xsd"}
_MAIN = {suffix for suffix, kind in SUFFIXES.items() if kind not in {Format.ZIP, Format.GZIP}}


class UnsafeArchiveError(Exception):
    """An archive that gridplan does not unpack; the text says why."""


def unpack_zip(path: Path, folder: Path, wanted: str | None) -> Path:
    """
    Unpack the members that gridplan reads, flat, and return the one to read.

    Parameters
    ----------
    path
        A zip file.
    folder
        An empty folder of ours.
    wanted
        Stem of the member to read, or None where there is only one.

    Raises
    ------
    UnsafeArchiveError
        If the archive is too large, holds links or paths that lead out, or it is not clear what to read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked_members(archive)
            left = _Budget(path.stat().st_size)
            for member in members:
                with archive.open(member) as stream:
                    left.copy(stream, folder / PurePosixPath(member.filename).name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnsafeArchiveError(str(error)) from error
    return _main_member(folder, wanted)


def unpack_gzip(path: Path, folder: Path) -> Path:
    """
    Unpack a gzip file and return what it held.

    Parameters
    ----------
    path
        A gzip file, e.g. ``rows.csv.gz``.
    folder
        An empty folder of ours.

    Raises
    ------
    UnsafeArchiveError
        If it is broken or too large.
    """
    target = folder / path.stem
    try:
        with gzip.open(path) as stream:
            _Budget(path.stat().st_size).copy(stream, target)
    except (OSError, EOFError, zlib.error) as error:
        raise UnsafeArchiveError(str(error)) from error
    return target


def check_workbook(path: Path) -> None:
    """
    Refuse an Excel workbook that would unpack to too much.

    The zip reader never yields more than a member declares, so here the declared sizes bound the work.

    Parameters
    ----------
    path
        An .xlsx file, which is a zip.

    Raises
    ------
    UnsafeArchiveError
        If it is no workbook, broken or too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = {member.filename for member in archive.infolist()}
            budget = _Budget(path.stat().st_size)
            for member in archive.infolist():
                budget.spend(member.file_size)
    except (zipfile.BadZipFile, OSError) as error:
        raise UnsafeArchiveError(str(error)) from error
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise UnsafeArchiveError("no workbook inside")


class _Budget:
    """Bytes that may still be unpacked."""

    def __init__(self, packed: int) -> None:
        self.packed = max(packed, 1)
        self.spent = 0

    def spend(self, size: int) -> None:
        self.spent += size
        if self.spent > MAX_BYTES:
            msg = f"unpacks to more than {MAX_BYTES >> 20} MiB"
            raise UnsafeArchiveError(msg)
        if self.spent > RATIO_FROM_BYTES and self.spent > MAX_RATIO * self.packed:
            msg = f"unpacks to more than {MAX_RATIO} times its size"
            raise UnsafeArchiveError(msg)

    def copy(self, stream: IO[bytes] | gzip.GzipFile, target: Path) -> None:
        with target.open("xb") as out:
            for chunk in _chunks(stream):
                self.spend(len(chunk))
                out.write(chunk)


def _chunks(stream: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _checked_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    everything = archive.infolist()
    if len(everything) > MAX_MEMBERS:
        msg = f"holds {len(everything)} members, at most {MAX_MEMBERS} are read"
        raise UnsafeArchiveError(msg)
    for member in everything:
        _refuse_escape(member)
    # macOS adds a shadow folder of the same names.
    return [
        member
        for member in everything
        if PurePosixPath(member.filename).suffix.lower() in _MAIN | _SIDECARS
        and not member.filename.startswith("__MACOSX/")
        and not member.is_dir()
    ]


def _refuse_escape(member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or stat.S_ISLNK(member.external_attr >> 16):
        msg = f"holds a path that leads out of it: {member.filename}"
        raise UnsafeArchiveError(msg)


def _main_member(folder: Path, wanted: str | None) -> Path:
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _MAIN)
    chosen = [path for path in found if path.stem == wanted] or found
    if len(chosen) != 1:
        names = ", ".join(path.name for path in found) or "nothing"
        msg = f"holds {names}; it must hold one table, or layer must name it"
        raise UnsafeArchiveError(msg)
    return chosen[0]
