"""A load generator of raw sockets: keeps so many requests under way, and tells how long each answer took."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

_LENGTH = b"content-length: "


@dataclass
class Load:
    """
    What came of a run.

    Parameters
    ----------
    seconds
        Wall seconds that it took.
    latency_s
        Of each answer, seconds.
    failures
        Answers that were not 200, and connections that broke.
    """

    seconds: float = 0.0
    latency_s: list[float] = field(default_factory=list)
    failures: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latency_s) / self.seconds

    def percentile_ms(self, share: float) -> float:
        """Return the milliseconds within which a share (0-100) of the answers came."""
        return float(np.percentile(self.latency_s, share)) * 1000


@dataclass
class _Line:
    """A connection with one request under way."""

    sock: socket.socket
    begun: float = 0.0
    taken: bytes = b""
    wanted: int = 0


def run(port: int, requests: Sequence[bytes], seconds: float, connections: int = 16) -> Load:
    """
    Ask a service on this machine as fast as it answers.

    Parameters
    ----------
    port
        Where it listens.
    requests
        Whole requests of HTTP/1.1, asked in turn, round and round.
    seconds
        How long.
    connections
        Requests under way at a time.
    """
    load, selector, turn = Load(), selectors.DefaultSelector(), 0
    for _ in range(connections):
        line = _Line(_connected(port))
        selector.register(line.sock, selectors.EVENT_READ, line)
        turn = _ask(line, requests, turn)
    begun = time.perf_counter()
    end = begun + seconds
    while (now := time.perf_counter()) < end:
        for key, _ in selector.select(1.0):
            line = key.data
            if _answered(line, load):
                turn = _ask(line, requests, turn)
            elif not line.taken:  # it was closed
                load.failures += 1
                selector.unregister(line.sock)
                line.sock.close()
                line.sock = _connected(port)
                selector.register(line.sock, selectors.EVENT_READ, line)
                turn = _ask(line, requests, turn)
    load.seconds = now - begun
    for key in list(selector.get_map().values()):
        key.data.sock.close()
    return load


def _connected(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), timeout=30)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _ask(line: _Line, requests: Sequence[bytes], turn: int) -> int:
    line.taken, line.wanted, line.begun = b"", 0, time.perf_counter()
    line.sock.sendall(requests[turn % len(requests)])
    return turn + 1


def _answered(line: _Line, load: Load) -> bool:
    """Take what came; return whether the answer is whole."""
    try:
        piece = line.sock.recv(1 << 18)
    except OSError:
        piece = b""
    if not piece:
        line.taken = b""
        return False
    line.taken += piece
    if not line.wanted:
        head = line.taken.find(b"\r\n\r\n")
        if head < 0:
            return False
        at = line.taken.lower().find(_LENGTH, 0, head)
        line.wanted = head + 4 + int(line.taken[at + len(_LENGTH) : line.taken.index(b"\r", at)])
    if len(line.taken) < line.wanted:
        return False
    load.latency_s.append(time.perf_counter() - line.begun)
    load.failures += not line.taken.startswith(b"HTTP/1.1 200")
    return True
