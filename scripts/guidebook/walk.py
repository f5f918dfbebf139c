"""Walk through a guide as its reader does: run its commands, requests and programs, and compare what they print."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn

import gridplan.cli
from api.app import create_app

from .pages import Step, fits

ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:8000"
#: The service's today: half past eight on the day after the year of incidents ends.
NOW = datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
Pictured = Callable[["Walk", str], None]


class GuideError(AssertionError):
    """A guide says what is not so."""


@dataclass
class Walk:
    """
    A walk through one guide.

    Parameters
    ----------
    folder
        Where the reader works.
    picture
        Called with this walk and the name of each picture.
    lang
        Language of the guide.
    """

    folder: Path
    picture: Pictured
    lang: str
    kept: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    servers: list[tuple[uvicorn.Server, threading.Thread, Any]] = field(default_factory=list)

    def take(self, step: Step) -> str:
        """Take a step; return what it printed, and refuse what does not end as the page says."""
        printed = getattr(self, f"_{step.kind}")(step)
        for name, pattern in step.keeps.items():
            match = re.search(pattern, printed)
            if match is None:
                msg = f"line {step.place}: {pattern} is not in what was printed:\n{printed}"
                raise GuideError(msg)
            self.kept[name] = match[1]
        self.said += [step.body, printed]
        return printed

    def compare(self, step: Step, printed: str) -> None:
        """Refuse a step that did not print what the page says."""
        if step.printed is not None and not fits(step.printed, printed):
            msg = f"line {step.place}: {step.body}\nthe page says:\n{step.printed}\nprinted was:\n{printed}"
            raise GuideError(msg)

    def filled(self, text: str) -> str:
        """Put what was kept, and where the service is, into a command or request."""
        for name, value in self.kept.items():
            text = re.sub(rf"\b{name}\b", value, text)
        return text.replace(ADDRESS, self.url or ADDRESS)

    def _console(self, step: Step) -> str:
        command = self.filled(step.body)
        if command.startswith("gridplan "):
            code, printed = _run(shlex.split(command), self.lang)
        else:
            shell = ["/bin/bash", "-c", command]
            ran = subprocess.run(shell, capture_output=True, text=True, check=False)  # noqa: S603  a guide's own
            code, printed = ran.returncode, ran.stdout + ran.stderr
        if code != step.code:
            msg = f"line {step.place}: {command} ended with {code}, not {step.code}:\n{printed}"
            raise GuideError(msg)
        for *_, made in self.servers:
            made.state.watch.look()  # what a reader types next comes later than the service's next look
        return printed.replace(self.url, ADDRESS) if self.url else printed

    def _http(self, step: Step) -> str:
        head, _, body = self.filled(step.body).partition("\n\n")
        first, *rest = head.splitlines()
        method, path = first.split()[:2]
        address = quote(f"{self.url}{path}", safe=":/?&=%")
        headers = dict(line.split(": ", 1) for line in rest)
        asked = urllib.request.Request(address, data=body.encode() or None, headers=headers, method=method)  # noqa: S310  http alone
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
                return f"{answer.status}\n{_pretty(answer.read())}"
        except urllib.error.HTTPError as refused:
            return f"{refused.code}\n{_pretty(refused.read())}"

    def _python(self, step: Step) -> str:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(self.filled(step.body), f"line {step.place}", "exec"), self.names)  # noqa: S102  a guide's own
        return out.getvalue()

    _hand = _python

    def _file(self, step: Step) -> str:
        first, _, rest = step.body.partition("\n")
        path = Path(first.removeprefix("# ").strip())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rest, encoding="utf-8")
        return ""

    def _picture(self, step: Step) -> str:
        self.picture(self, Path(step.body).name)
        return ""

    def office(self, role: str, name: str, scope: str = "230718", **settings: str) -> None:
        """Do what was done before the guide begins: start the service, make a key, kept under its role."""
        os.environ |= {f"GRIDPLAN_{each.upper()}": value for each, value in settings.items()}
        if not self.servers:
            self._console(Step("console", "gridplan serve"))
        made = self._console(Step("console", f"gridplan keys create --role {role} --scope {scope} --name {name}"))
        self.kept[{"dispatcher": "CLERK"}.get(role, role.upper())] = made.strip()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, key: str = "CLERK") -> str:
        """Do over HTTP what another person does meanwhile."""
        sent = "" if body is None else json.dumps(body, ensure_ascii=False)
        head = f"{method} {path}\nX-API-Key: {key}\nContent-Type: application/json"
        return self._http(Step("http", f"{head}\n\n{sent}"))

    def serve(self, *_: Any, **_options: Any) -> None:
        """Stand in for ``uvicorn.run``: the same application at a free port, until the walk ends."""
        made = create_app(clock=lambda: NOW)
        server = uvicorn.Server(uvicorn.Config(made, port=0, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            if not thread.is_alive():
                msg = "the service did not start"
                raise GuideError(msg)
            thread.join(0.05)
        self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        self.servers.append((server, thread, made))

    def stop(self) -> None:
        """End the services that were started."""
        for server, thread, _ in self.servers:
            server.should_exit = True
            thread.join()
        self.servers.clear()


def _run(words: list[str], lang: str) -> tuple[int, str]:
    """Run the command line as its entry point does; return its exit code and what both streams say."""
    out, before, entry = io.StringIO(), sys.argv, sys.modules["__main__"]
    package = entry.__package__
    sys.argv, os.environ["GRIDPLAN_LANG"] = words, lang
    entry.__package__ = None  # or help says `python -m ...`, as this process was begun
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            gridplan.cli.main()
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    finally:
        sys.argv, entry.__package__ = before, package
    return 0, out.getvalue()


def _pretty(raw: bytes) -> str:
    return json.dumps(json.loads(raw), ensure_ascii=False, indent=2)


@contextlib.contextmanager
def walking(folder: Path, picture: Pictured, lang: str) -> Iterator[Walk]:
    """
    Begin a walk in a folder, with a store of its own there.

    Parameters
    ----------
    folder
        Where the reader works.
    picture
        Called for each picture.
    lang
        ``zh`` or ``en``.
    """
    walk, before = Walk(folder, picture, lang), (Path.cwd(), dict(os.environ), list(sys.path), uvicorn.run)
    walk.names |= {"office": walk.office, "ask": walk.ask, "kept": walk.kept}
    os.chdir(folder)
    os.environ |= {"GRIDPLAN_DATABASE_URL": f"sqlite:///{folder / 'store.sqlite'}", "GRIDPLAN_POLL_S": "0.1"}
    os.environ |= {"TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "100"}
    os.environ.pop("GRIDPLAN_ADDRESSES", None)
    sys.path.insert(0, str(ROOT / "notebooks"))
    uvicorn.run = walk.serve  # type: ignore[assignment]
    try:
        yield walk
    finally:
        walk.stop()
        cwd, environment, path, uvicorn.run = before
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = path
