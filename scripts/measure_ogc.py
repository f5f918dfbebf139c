"""
Measure OGC API on a lattice of 3,000 grids and 28,000 units, and trial edits over HTTP on 1,000 units.

    python scripts/measure_ogc.py [--communities 375]

Answers are asked for in this process, so their times are CPU milliseconds of asking and answering together; GDAL reads
in a process of its own from a real port, with all that is made once. Everything else is asked for cold, then again.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "gridplan"))

from measure_edits import community
from measure_store import lattice

from api.app import create_app
from api.ogc.crs import uri_of
from api.settings import Settings
from gridplan.store import Store
from gridplan.store.keys import Keys, Role

READ = """
import sys, time
import pyogrio
address, layer, key = sys.argv[1:]
pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": f"key:{key}", "GDAL_HTTP_AUTH": "BASIC"})
begin = time.perf_counter()
found = pyogrio.read_dataframe(f"OAPIF:{address}", layer=layer)
print(len(found), time.perf_counter() - begin, time.process_time())
"""


def ask(client: TestClient, path: str, **more: Any) -> tuple[float, float, int]:
    """Return CPU milliseconds of an answer, cold and again, and its bytes."""
    taken, size = [], 0
    for _ in range(3):
        begin = time.process_time()
        answer = client.request(more.get("method", "GET"), path, json=more.get("json"))
        taken.append(1000 * (time.process_time() - begin))
        if answer.status_code >= 300:
            raise SystemExit(answer.text)
        size = len(answer.content)
    return taken[0], float(np.median(taken[1:])), size


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application at a real port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}/ogc"
    finally:
        server.should_exit = True
        thread.join()


def maps(client: TestClient, plan: Any) -> None:
    """Print what features and tiles take."""
    east, north = plan.grids.to_crs(3857).geometry.iloc[0].centroid.coords[0]
    half = np.pi * 6_378_137.0
    paths = {f"items, {epsg}": f"/ogc/collections/grids/items?limit=10000&crs={uri_of(epsg)}" for epsg in (4490, 4549)}
    for zoom in (8, 10, 12, 14, 16):
        side = 2 * half / 2**zoom
        for name in ("grids", "units"):
            if name == "grids" or zoom >= 12:
                at = f"{zoom}/{int((half - north) // side)}/{int((east + half) // side)}"
                paths[f"{name}, zoom {zoom}"] = f"/ogc/collections/{name}/tiles/WebMercatorQuad/{at}"
    client.get("/ogc/collections")  # the tables are made before the first answer
    for name, path in paths.items():
        first, again, size = ask(client, path)
        print(f"{name:18s} {first:8.1f} {again:8.1f} {size:10,d}")  # noqa: T201


def edits(client: TestClient, draft: str, plan: Any) -> None:
    """Print what trial edits take."""
    one, two, *_ = plan.grids["grid_code"]
    building = plan.units.loc[plan.units["grid_code"] == one, "building_id"].iloc[0]
    asked = {
        "merge": {"codes": [one, two]},
        "move": {"units": [building], "to": two},
        "split": {"code": one, "into": 2},
        "lock": {"codes": [one]},
    }
    for name, parameters in asked.items():
        body = {"action": name, "parameters": parameters, "force": True, "dry_run": True}
        first, again, size = ask(client, f"/v1/plans/{draft}/edits", method="POST", json=body)
        print(f"try {name:14s} {first:8.1f} {again:8.1f} {size:10,d}")  # noqa: T201


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--communities", type=int, default=375)
    parser.add_argument("--gdal-alone", action="store_true")
    asked = parser.parse_args()
    plan, small = lattice(asked.communities), community()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plans.sqlite"
        with Store.open(path) as store:
            store.publish(plan, by="measure")
            draft = store.save_draft(small, author="measure", scope="230718").plan_id
            key = Keys(store.engine).create(by="measure", role=Role.ADMIN)[1]
            app = create_app(Settings(database_url=str(path), jobs=0))
            print(f"{len(plan.grids)} grids, {len(plan.units)} units; CPU ms: cold, again; bytes")  # noqa: T201
            if not asked.gdal_alone:
                with TestClient(app, headers={"X-API-Key": key}) as client:
                    maps(client, plan)
                    edits(client, draft, small)
        own = {name: value for name, value in os.environ.items() if not name.startswith(("GDAL", "CPL", "OGR"))}
        with served(create_app(Settings(database_url=str(path), jobs=0))) as address:
            for layer in ("grids", "units"):
                command = [sys.executable, "-c", READ, address, layer, key]
                begin = time.process_time()
                done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
                if done.returncode:
                    raise SystemExit(done.stderr)
                count, wall, theirs = done.stdout.split()
                ours = time.process_time() - begin
                told = f"wall s {float(wall):.1f}; CPU s here {ours:.1f}, GDAL {float(theirs):.1f}"
                print(f"GDAL {layer}: {count}; {told}")  # noqa: T201
        print(json.dumps({"load": os.getloadavg()}))  # noqa: T201


if __name__ == "__main__":
    main()
