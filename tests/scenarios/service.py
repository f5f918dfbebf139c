"""The service as an operator starts it: a process of its own, asked over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Bounds against a service that hangs; a loaded machine takes its time.
STARTS_S, ENDS_S, ASKS_S = 300, 120, 300


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Service:
    """A running service and its first key."""

    url: str
    admin: str
    process: subprocess.Popen[str]

    def ask(self, path: str, *, key: str | None = None, **more: Any) -> Answer:
        """Ask with a key (the first one by default); ``body`` is sent as JSON, ``method`` is GET or POST by default."""
        body = more.get("body")
        headers = {"X-API-Key": key or self.admin} | more.get("headers", {})
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        method = more.get("method") or ("GET" if data is None else "POST")
        asked = urllib.request.Request(f"{self.url}{path}", data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=ASKS_S) as answer:
                return _answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refused:
            return _answer(refused.code, refused.headers, refused.read())


def _answer(status: int, headers: Any, raw: bytes) -> Answer:
    kind = headers.get("Content-Type", "")
    return Answer(status, {k.lower(): v for k, v in headers.items()}, json.loads(raw) if "json" in kind else raw)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def serving(folder: Path, *arguments: str, before: str = "", **variables: str) -> Iterator[Service]:
    """
    Run ``gridplan serve`` until the block ends, over the store that the day's commands use.

    Parameters
    ----------
    folder
        Where it runs; its log goes to ``serve.log`` there.
    arguments
        Further options.
    before
        Python that the process runs first.
    variables
        Settings without their prefix, e.g. ``addresses="addresses.csv"``.
    """
    port = free_port()
    surroundings = os.environ | {
        "GRIDPLAN_DATABASE_URL": f"sqlite:///{folder / 'store.sqlite'}",
        "GRIDPLAN_POLL_S": "0.2",
    }
    surroundings |= {f"GRIDPLAN_{name.upper()}": value for name, value in variables.items()}
    program = f"{before}\nfrom gridplan.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", "--port", str(port), *arguments]
    log = folder / "serve.log"
    with log.open("a", encoding="utf-8") as out:
        process = subprocess.Popen(command, cwd=folder, env=surroundings, stdout=out, stderr=out, text=True)
    try:
        _await(f"http://127.0.0.1:{port}/health/ready", process, log)
        found = re.search(r"\bgp_[\w-]+", log.read_text(encoding="utf-8"))
        yield Service(f"http://127.0.0.1:{port}", found[0] if found else "", process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(ENDS_S)


def _await(url: str, process: subprocess.Popen[str], log: Path) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < STARTS_S:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(log.read_text(encoding="utf-8"))
