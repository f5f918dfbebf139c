"""``gridplan serve`` as an operator runs it: a real process at a real port, asked like any service."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

PATIENCE_S = 120.0


@dataclass
class Service:
    """A running service and what it said."""

    process: subprocess.Popen[str]
    port: int
    secret: str = ""
    said: list[str] = field(default_factory=list)

    def ask(self, path: str, body: Any = None) -> tuple[int, Any, dict[str, str]]:
        """Return status, JSON and headers of an answer; status 0 where there is none."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-API-Key": self.secret, "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read().decode()
                return answer.status, json.loads(text) if text.startswith(("{", "[")) else text, dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read()), {k.lower(): v for k, v in error.headers.items()}
        except OSError:
            return 0, None, {}

    def until(self, path: str, status: int) -> tuple[int, Any, dict[str, str]]:
        """Ask until an answer has a status."""
        return patiently(lambda: self.ask(path), lambda answer: answer[0] == status)


def patiently(ask: Callable[[], Any], right: Callable[[Any], bool]) -> Any:
    end = time.monotonic() + PATIENCE_S
    while not right(found := ask()):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


@contextmanager
def served(store: str, *arguments: str) -> Iterator[Service]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from gridplan.cli import main; main()", "serve", "--port", str(port)]
    environment = {**os.environ, "GRIDPLAN_POLL_S": "0.1", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*command, "--store", store, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    service = Service(process, port)

    def listen() -> None:
        for line in process.stdout or ():
            service.said.append(line)

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield service
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        listener.join()
        if process.stdout is not None:
            process.stdout.close()
