"""Who answers for which grid: the operator's list of workers, read again when its file changes."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Lock

from gridplan.errors import GridplanError
from gridplan.situation.workers import DEPUTY, WORKER, Workers, read_workers

logger = logging.getLogger("gridplan.api")


class Roster:
    """
    The workers of grids; names alone, since telephones are for lists that are printed.

    Parameters
    ----------
    path
        Table as of `gridplan.situation.workers.read_workers`.

    Raises
    ------
    InputError
        If it cannot be used; all faults at once.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, Lock()
        self._read, self._workers = _changed(path), read_workers(path)

    def names(self, scope: str) -> dict[str, tuple[str | None, list[str]]]:
        """
        Return the worker, None where there is none, and the deputies of each grid of a scope.

        Parameters
        ----------
        scope
            Prefix of codes; "" for all.
        """
        duties = self._newest().duties
        mine = duties[duties["grid_code"].str.startswith(scope)]
        found: dict[str, tuple[str | None, list[str]]] = {}
        for code, rows in mine.groupby("grid_code", sort=True):
            people = {role: rows.loc[rows["role"] == role, "person"].tolist() for role in (WORKER, DEPUTY)}
            found[str(code)] = (next(iter(people[WORKER]), None), people[DEPUTY])
        return found

    def _newest(self) -> Workers:
        """Return the list as the file has it; one that cannot be used changes nothing, and is logged once."""
        with self._lock:
            try:
                changed = _changed(self._path)
                if changed != self._read:
                    self._read = changed
                    self._workers = read_workers(self._path)
            except (GridplanError, OSError) as error:
                logger.warning("the list of workers cannot be read; the one before stays: %s", error)
            return self._workers


def _changed(path: Path) -> tuple[int, int] | None:
    """Return what changes with the file; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size
