"""
Processes that read files of callers: one that has all loaded, and a fork of it for each file, killed when it is late.

``python -m api.nursery`` is that process. It has no threads, connections, secrets or environment of the service, and
ends with it. What a fork may do is bound in `api.reading`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from api.problems import UNAVAILABLE, ProblemError

if TYPE_CHECKING:
    from api.reading import UploadLimits

# Seconds that it may take to load, and to say what became of a file beyond those that the file has.
LOAD_S = 120.0
GRACE_S = 10.0
# A file may wait for disks, and for others on the machine, as long as it computes.
PATIENCE = 2
# What a fork would load itself otherwise, for each file anew.
_LOADED = (
    "api.reading", "encodings.gb18030", "encodings.utf_8_sig", "openpyxl.reader.excel", "pandas.io.excel._openpyxl",
    "geopandas.io.arrow", "pyarrow.dataset", "pyarrow.parquet",
)  # fmt: skip
# All that it takes from the environment of the service: where libraries lie.
_KEPT = (
    "PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PROJ_DATA", "GDAL_DATA",
    "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip
_READY = b"ready\n"
_NOT_NOW = "files cannot be read now"


class Nurseries:
    """As many nurseries as files are read at a time; each is begun when it is first needed, and again when it died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Nursery] = []
        self._all: set[Nursery] = set()

    def read(self, path: Path, layer: str | None, limits: UploadLimits) -> int:
        """
        Let a file be read in a process of its own, which is gone when this returns.

        Parameters
        ----------
        path, layer, limits
            As of `api.reading.read_within`.

        Returns
        -------
        code
            With what the process ended: 0, an error, or less than 0 where a signal ended it.

        Raises
        ------
        ProblemError
            If no nursery can be begun, or the nursery itself is gone, as when the machine runs out of memory.
        """
        nursery = self._taken()
        code = nursery.read(path, layer, limits)
        if code is None:
            self._ended(nursery)
            raise ProblemError(UNAVAILABLE, _NOT_NOW)
        with self._lock:
            self._idle.append(nursery)
        return code

    def close(self) -> None:
        """End all of them, and what they read."""
        with self._lock:
            ended, self._idle, self._all = self._all, [], set()
        for nursery in ended:
            nursery.close()

    def _taken(self) -> Nursery:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            nursery = Nursery()
            self._all.add(nursery)
        if not nursery.ready():
            self._ended(nursery)
            raise ProblemError(UNAVAILABLE, _NOT_NOW)
        return nursery

    def _ended(self, nursery: Nursery) -> None:
        with self._lock:
            self._all.discard(nursery)
        nursery.close()


class Nursery:
    """The service's end of one nursery; one file at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "api.nursery"],
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )

    def ready(self) -> bool:
        """Wait until it has loaded all; tell whether it has."""
        return self._line(LOAD_S) == _READY

    def read(self, path: Path, layer: str | None, limits: UploadLimits) -> int | None:
        """Let a file be read; return as `Nurseries.read`, and None where the nursery is gone or says nothing."""
        order = {"path": str(path), "layer": layer, "limits": asdict(limits)}
        try:
            assert self._process.stdin is not None  # noqa: S101 - it is asked for
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            return int(self._line(PATIENCE * limits.seconds + GRACE_S))
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        """End it, and what it reads."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _line(self, patience_s: float) -> bytes:
        """Return what it says, nothing where it is dead or says nothing in time."""
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 - it is asked for
        return bytes(pipe.readline()) if _readable(pipe.fileno(), patience_s) else b""


def _readable(handle: int, patience_s: float) -> bool:
    """Wait until a file descriptor has something; tell whether it has. A service may hold more than `select` takes."""
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    return bool(waiting.poll(patience_s * 1000))


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """
    Read the files that are ordered, one after the other, until no more come.

    Parameters
    ----------
    orders
        One JSON object a line.
    answers
        Gets a line when all is loaded, and one for each order.
    """
    import gc

    from gridplan.catalogue import catalogue

    for name in _LOADED:
        import_module(name)
    catalogue()
    gc.freeze()  # what is loaded stays where it is, so that forks share it
    answers.write(_READY)
    answers.flush()
    for line in orders:
        answers.write(b"%d\n" % _forked(line))
        answers.flush()


def _forked(line: bytes) -> int:
    """Read a file in a fork of this process; return with what the fork ended."""
    from api.reading import UploadLimits, read_within

    order = json.loads(line)
    limits = UploadLimits(**order["limits"])
    child = os.fork()
    if child == 0:
        _alone(lambda: read_within(order["path"], order["layer"], limits))
    # The file descriptor of a process is ready when the process ends, whatever that process does.
    ended = os.pidfd_open(child)
    try:
        if not _readable(ended, PATIENCE * limits.seconds):
            os.kill(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        os.close(ended)


def _alone(work: Callable[[], None]) -> None:
    """Do a work that can speak to nobody, and end this process."""
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        work()
    finally:
        os._exit(1)


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
