"""
Measure the service under load, on this machine, beside a bare handler in the same run.

    python scripts/load_service.py [--postgis URL] [--seconds 10] [--addresses 200000] [--soak MINUTES] [--write]

3,000 grids (a lattice), so many invented addresses, one worker. Each row is asked by 16 connections of
`scripts/loadgen.py`, a process of its own that shares the cores; the bare handler, a FastAPI route that returns a
constant, is asked before and after each row, and the ratio is to the mean of the two. CPU is that of the service's
process for each answer: the figure that other work on the machine changes least. ``--write`` renews the tables in
docs/load.md.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from loadgen import Load, run  # noqa: E402

PAGE = ROOT / "docs" / "load.md"
GRIDPLAN = str(Path(sys.executable).with_name("gridplan"))
COMMUNITIES, BATCH = 375, 10_000
BARE = """
from fastapi import FastAPI
app = FastAPI(openapi_url=None)
@app.get("/constant")
async def constant():
    return {"grid_code": "230718001001002", "status": "inside", "distance_m": 0.0}
"""
HEAD = (
    "| store | asked | requests/s | p50 ms | p99 ms | failures | CPU ms | bare requests/s | ratio of rates | of CPU |\n"
    "|---|---|---|---|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True)
class World:
    """A store with a plan in force, its addresses, and a key."""

    url: str
    addresses: Path
    secret: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A measured load and the bare handler's beside it."""

    load: Load
    cpu_ms: float


def world(url: str, folder: Path, n_addresses: int) -> World:
    """Publish the lattice and write the table of addresses."""
    import numpy as np
    from measure_address import invented
    from measure_store import lattice

    from gridplan.store import Store
    from gridplan.store.keys import Keys, Role

    rng, plan, table = np.random.default_rng(1), lattice(COMMUNITIES), folder / "addresses.csv"
    with Store.open(url) as store:
        store.publish(plan, by="x")
        secret = Keys(store.engine).create(by="x", role=Role.VIEWER)[1]
    if not table.exists():
        frame = invented(n_addresses, 1, "north").head(n_addresses)
        west, south, east, north = plan.grids.to_crs(4326).total_bounds
        place = {"lon": rng.uniform(west, east, len(frame)), "lat": rng.uniform(south, north, len(frame))}
        frame[["address_id", "address", "aliases"]].assign(**place).to_csv(table, index=False)
    import pandas as pd

    texts = pd.read_csv(table, usecols=["address"])["address"].sample(2000, random_state=1)
    return World(url, table, secret, tuple(texts))


@contextmanager
def serving(command: Sequence[str], path: str, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Run a service until the block ends; yield its port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    log = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - commands of ours
        [*command, "--port", str(port)], env={**os.environ, **environment}, stdout=log, stderr=log
    )
    try:
        _wait(f"http://127.0.0.1:{port}{path}", process)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("the service ended before it was ready")
        try:
            urllib.request.urlopen(url, timeout=60)  # noqa: S310 - this machine's
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("the service was not ready in 300 s")


def requests_of(world: World) -> dict[str, list[bytes]]:
    """Return what is asked, by its name."""
    import json
    from urllib.parse import quote

    import numpy as np

    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(*_LON, 20_000), rng.uniform(*_LAT, 20_000)
    points = [f"/v1/locate?lon={x:.6f}&lat={y:.6f}" for x, y in zip(lon, lat, strict=True)]
    texts = [f"/v1/locate?address={quote(text)}" for text in world.texts]
    body = json.dumps({"points": np.column_stack([lon, lat])[:BATCH].round(6).tolist()}).encode()
    head = f"Host: a\r\nX-API-Key: {world.secret}\r\n"
    post = (
        f"POST /v1/locate/batch HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return {
        "point": [f"GET {path} HTTP/1.1\r\n{head}\r\n".encode() for path in points],
        "address": [f"GET {path} HTTP/1.1\r\n{head}\r\n".encode() for path in texts],
        f"batch of {BATCH:,}": [post.encode() + body],
    }


# Where the lattice lies, degrees; some of the points lie beside it.
_LON, _LAT = (120.001, 120.43), (45.13, 45.24)


def measured(port: int, pid: int, requests: list[bytes], seconds: float, connections: int) -> Row:
    """Ask for a while, after a second to warm up, from a process of its own."""
    with ProcessPoolExecutor(1) as pool:
        pool.submit(run, port, requests, 1.0, connections).result()
        before = cpu_s(pid)
        load = pool.submit(run, port, requests, seconds, connections).result()
        spent = cpu_s(pid) - before
    return Row(load, spent / max(1, len(load.latency_s)) * 1000)


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Return the memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def table(kind: str, world: World, seconds: float) -> Iterator[str]:
    """Yield a row of the table for each thing asked, the bare handler's beside it."""
    constant = [b"GET /constant HTTP/1.1\r\nHost: a\r\n\r\n"]
    environment = {"GRIDPLAN_LOG_LEVEL": "warning"}
    command = [GRIDPLAN, "serve", "--store", world.url, "--addresses", str(world.addresses)]
    with (
        serving(command, "/health/ready", environment) as (port, pid),
        serving([sys.executable, "-m", "uvicorn", "bare:app", "--no-access-log"], "/constant", {}) as (plain, bare),
    ):
        for name, asked in requests_of(world).items():
            connections = 1 if name.startswith("batch") else 16
            rows = [
                measured(plain, bare, constant, seconds / 2, 16),
                measured(port, pid, asked, seconds, connections),
                measured(plain, bare, constant, seconds / 2, 16),
            ]
            yield row(kind, name, rows)


def row(kind: str, name: str, rows: list[Row]) -> str:
    """Return a row of the table."""
    first, mine, last = rows
    rate, cpu = (first.load.rate + last.load.rate) / 2, (first.cpu_ms + last.cpu_ms) / 2
    load = mine.load
    times = f"{load.percentile_ms(50):.1f} | {load.percentile_ms(99):.1f}"
    return (
        f"| {kind} | {name} | {load.rate:,.0f} | {times} | {load.failures} | {mine.cpu_ms:.2f} | {rate:,.0f} "
        f"| {load.rate / rate:.2f} | {cpu / mine.cpu_ms:.2f} |"
    )


def soak(world: World, minutes: float) -> str:
    """Ask points and addresses in turn for so long; return how memory grew after the first tenth."""
    command = [GRIDPLAN, "serve", "--store", world.url, "--addresses", str(world.addresses)]
    asked = requests_of(world)
    mixed = [each for pair in zip(asked["point"], asked["address"] * 10, strict=True) for each in pair]
    with serving(command, "/health/ready", {"GRIDPLAN_LOG_LEVEL": "warning"}) as (port, pid):
        first = run(port, mixed, minutes * 6)
        early = resident_mb(pid)
        load = run(port, mixed, minutes * 54)
        late = resident_mb(pid)
    count = len(first.latency_s) + len(load.latency_s)
    grown = (late / early - 1) * 100
    return (
        f"| {minutes:g} | {count:,} | {first.failures + load.failures} | {early:,.0f} | {late:,.0f} | {grown:+.1f} % |"
    )


def main() -> None:
    """Measure; print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgis", metavar="URL", help="an empty database; leave out to measure SQLite alone")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--addresses", type=int, default=200_000)
    parser.add_argument("--soak", type=float, metavar="MINUTES", default=0)
    parser.add_argument("--write", action="store_true", help="renew docs/load.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bare.py").write_text(BARE)
        os.environ["PYTHONPATH"] = os.pathsep.join([folder, str(ROOT)])
        stores = {"SQLite": f"sqlite:///{folder}/a.sqlite"} | ({"PostGIS": asked.postgis} if asked.postgis else {})
        worlds = {kind: world(url, Path(folder), asked.addresses) for kind, url in stores.items()}
        if asked.soak:
            tell("soak", _SOAK_HEAD + "\n".join(soak(each, asked.soak) for each in worlds.values()), asked)
            return
        rows = [line for kind, each in worlds.items() for line in table(kind, each, asked.seconds)]
        tell("load", HEAD + "\n".join(rows), asked)


_SOAK_HEAD = "| minutes | requests | failures | MB after a tenth | MB at the end | grown |\n|---|---|---|---|---|---|\n"


def tell(name: str, text: str, asked: Any) -> None:
    """Print a table, and put it in its place on the page."""
    load = os.getloadavg()[0]
    said = f"Measured {date.today()}, {os.cpu_count()} cores, load of the machine {load:.1f} at the end.\n\n{text}"
    sys.stdout.write(said + "\n")
    if asked.write:
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        page = PAGE.read_text("utf-8")
        PAGE.write_text(re.sub(f"{begin}.*?{end}", lambda _: begin + said + end, page, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    main()
