"""
Measure the web map in Chromium: first view, and what a person does, on a large made city.

    python scripts/measure_viewer.py [--grids 3000] [--incidents 100000] [--draft PLAN.gpkg]

A city of bent squares is published in a store of its own, with incidents by a seeded generator; the service runs in a
process of its own. Two figures: what a person waits (performance.now, medians of nine), which other work on the machine
makes longer, and what the page's main thread computes (means). `--draft` measures redrawing on a plan file.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa
from playwright.sync_api import sync_playwright

import gridplan
from gridplan.plan import Plan
from gridplan.planlayers import COLUMNS, canonical
from gridplan.store import Store
from gridplan.store.incident_tables import incidents
from gridplan.store.keys import Keys, Role

SIDE, ORIGIN, CRS, PER_COMMUNITY = 160.0, (500_000.0, 5_280_000.0), "EPSG:4549", 12
CATEGORIES = ("noise", "rubbish", "heating", "parking", "water")
REPEATS = 9


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


PORT = free_port()


def city(n_grids: int, rng: np.random.Generator) -> Plan:
    """Return a plan of about so many grids with some 58 vertices each, tiling the ground."""
    columns = int(np.ceil(np.sqrt(n_grids)))
    steps = 14
    nodes: dict[tuple[int, int], tuple[float, float]] = {}

    def node(i: int, j: int) -> tuple[float, float]:
        if (i, j) not in nodes:
            bend = rng.uniform(-3, 3, 2)
            nodes[i, j] = (ORIGIN[0] + SIDE * i / steps + bend[0], ORIGIN[1] + SIDE * j / steps + bend[1])
        return nodes[i, j]

    def square(place: int) -> shapely.Polygon:
        i, j = steps * (place % columns), steps * (place // columns)
        along = range(steps)
        ring = [*((i + k, j) for k in along), *((i + steps, j + k) for k in along)]
        ring += [*((i + steps - k, j + steps) for k in along), *((i, j + steps - k) for k in along)]
        return shapely.Polygon([node(*each) for each in ring])

    places = np.arange(n_grids)
    homes = [f"230718{home // 20 + 1:03d}{home % 20 + 1:03d}" for home in places // PER_COMMUNITY]
    households = rng.integers(260, 540, n_grids)
    frame = pd.DataFrame({
        "grid_code": [f"{home}{place % PER_COMMUNITY + 1:03d}" for home, place in zip(homes, places, strict=True)],
        "name": [f"第{place % PER_COMMUNITY + 1}网格" for place in places], "kind": "basic", "community_code": homes,
        "households": households, "persons": (households * 2.4).astype(int), "units": 12, "work_min": households * 22,
        "area_m2": SIDE**2, "compactness": 0.7, "locked": 0,
    })  # fmt: skip
    grids = gpd.GeoDataFrame(frame, geometry=[square(place) for place in places], crs=CRS)
    units = grids[["grid_code", "households", "work_min", "geometry"]].assign(
        unit_id=[f"u{place}" for place in places], building_id=[f"b{place}" for place in places]
    )
    communities = pd.DataFrame({"community_code": sorted(set(homes))})
    communities["name"] = [f"社区{place}" for place in range(len(communities))]
    report = {"rules": {"minimum": 300, "target": 400, "maximum": 500}, "source": "made"}
    empty = {name: canonical(name, pd.DataFrame(columns=list(COLUMNS[name]))) for name in ("violations", "lineage")}
    return Plan(
        canonical("grids", grids), canonical("units", units), empty["violations"], empty["lineage"], report,
        communities=canonical("communities", communities),
    )  # fmt: skip


def fill(store: Store, plan: Plan, plan_id: str, n: int, rng: np.random.Generator) -> None:
    """Put incidents of a year into the store, thicker in some places than in others."""
    now = datetime.now(UTC)
    weights = rng.gamma(2.0, size=len(plan.grids))
    home = rng.choice(len(plan.grids), n, p=weights / weights.sum())
    places = plan.grids.geometry.centroid.to_crs(4326)
    codes = plan.grids["grid_code"].to_numpy()
    lon, lat = (places.x.to_numpy()[home] + rng.normal(0, 5e-4, n), places.y.to_numpy()[home] + rng.normal(0, 4e-4, n))
    back, takes = rng.uniform(0, 365 * 24 * 60, n), rng.exponential(3 * 24 * 60, n)
    same = {"source": "made", "digest": "0" * 32, "scope": "", "category_said": "", "level": "general",
            "workflow": "city", "state": "filed", "holder": "grid", "rating": "", "placed_by": "point",
            "match_level": "", "plan_id": plan_id, "sequence": 1}  # fmt: skip
    rows = []
    for place in range(n):
        reported = now - timedelta(minutes=float(back[place]))
        closed = reported + timedelta(minutes=float(takes[place]))
        rows.append({**same, "incident_id": f"m{place}", "source_id": str(place), "category": CATEGORIES[place % 5],
                     "reported_at": reported, "due_at": reported + timedelta(days=5),
                     "closed_at": closed if closed < now else None, "lon": float(lon[place]), "lat": float(lat[place]),
                     "grid_code": codes[home[place]]})  # fmt: skip
    with store.engine.begin() as connection:
        connection.execute(sa.insert(incidents), rows)


def serve(url: str) -> subprocess.Popen[bytes]:
    """Start the service and wait until it answers."""
    program = "from gridplan.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", "--port", str(PORT), "--store", url]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
    for _ in range(600):
        time.sleep(0.2)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health/ready", timeout=2)
        except OSError:
            if process.poll() is not None:
                break
            continue
        return process
    raise SystemExit("the service did not start")


# What a person does, as scripts: each is done again and again.
ACTS = """
const one = (selector) => document.querySelector(selector);
const tell = (node, name, value) => { node.value = value; node.dispatchEvent(new Event(name)); };
const acts = {
  measure: () => tell(one("[name=measure]"), "change", one("[name=measure]").value === "work" ? "received" : "work"),
  pan: () => {
    one("#map").focus();
    one("#map").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", keyCode: 39, bubbles: true }));
  },
  zoom: () => {
    one(`.leaflet-control-zoom-${window.zoomedIn ? "out" : "in"}`).click();
    window.zoomedIn = !window.zoomedIn;
  },
  hover: () => {
    window.at = (window.at || 400) + 7;
    one("#map").dispatchEvent(new MouseEvent("mousemove", { clientX: window.at, clientY: 420, bubbles: true }));
  },
  slide: () => tell(one("[name=slide-from]"), "input", Number(one("[name=slide-from]").value) - 3),
  category: () => {
    const { options, selectedIndex } = one("[name=category]");
    tell(one("[name=category]"), "change", options[(selectedIndex + 1) % options.length].value);
  },
};
"""


class Watch:
    """Milliseconds of an act: as a person waits for it, and as the page's main thread computes."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.found: dict[str, tuple[float, float]] = {}
        self._line = page.context.new_cdp_session(page)
        self._line.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cpu(self) -> float:
        """Return milliseconds that the main thread has computed so far."""
        metrics = {each["name"]: each["value"] for each in self._line.send("Performance.getMetrics")["metrics"]}
        return 1000 * float(metrics["TaskDuration"])

    def act(self, name: str, act: str) -> None:
        """Do an act again and again; note the median wait until its frame is drawn, and the mean of computing."""
        script = f"""(act) => new Promise((done) => {{
            {ACTS}
            const begun = performance.now();
            acts[act]();
            requestAnimationFrame(() => {{
                const {{ port1, port2 }} = new MessageChannel();
                port1.onmessage = () => done(performance.now() - begun);
                port2.postMessage(0);
            }});
        }})"""
        before = self.cpu()
        waits = [self.page.evaluate(script, act) for _ in range(REPEATS)]
        self.found[name] = (statistics.median(waits), (self.cpu() - before) / REPEATS)

    def enter(self, name: str) -> None:
        """Open the page with a key in its tab."""
        before = self.cpu()
        self.page.goto(f"http://127.0.0.1:{PORT}/")
        self.page.wait_for_selector("body[data-ready=yes]", timeout=120_000)
        wait = self.page.evaluate("performance.getEntriesByName('gridplan-ready')[0].startTime")
        now = self.cpu()
        self.found[name] = (wait, now - before if now > before else now)


def look(secret: str, *, draft: bool) -> dict[str, tuple[float, float]]:
    """Return milliseconds by act, waited for and computed."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True, reduced_motion="reduce")
        page.goto(f"http://127.0.0.1:{PORT}/")
        page.evaluate("(key) => sessionStorage.setItem('gridplan-key', key)", secret)
        watch = Watch(page)
        watch.enter("first view, the service new")
        watch.enter("first view again")
        page.wait_for_selector("[name=measure] option[value=received]", state="attached", timeout=120_000)
        if draft:
            redraw(watch)
        else:
            walk(watch)
        browser.close()
    return watch.found


def walk(watch: Watch) -> None:
    """Do what people do with the map."""
    for name in ("measure", "pan", "zoom", "hover"):
        watch.act(name, name)
    watch.page.click("#button-incidents")
    for mode in ("clusters", "heat"):
        watch.page.click(f"[data-name=spots-{mode}]")
        for name in ("slide", "category", "pan", "zoom"):
            watch.act(f"{name}, with {mode}", name)


def redraw(watch: Watch) -> None:
    """Begin a draft, and pick buildings one after another until the numbers that their move would make are there."""
    page = watch.page
    page.click("#button-redraw")
    page.fill("[name=draft-name]", "measure")
    begun, before = time.perf_counter(), watch.cpu()
    page.press("[name=draft-name]", "Enter")
    page.wait_for_selector("[data-name=units] option", state="attached", timeout=60_000)
    watch.found["draft begun and opened"] = (1000 * (time.perf_counter() - begun), watch.cpu() - before)
    units = page.eval_on_selector_all("[data-name=units] option", "all => all.map((one) => one.value)")[:40]
    script = """(unit) => new Promise((done) => {
        const select = document.querySelector("[data-name=units]");
        for (const one of select.options) one.selected = one.value === unit;
        const begun = performance.now();
        const seen = new MutationObserver(() => {
            if (document.querySelector("#tried")) { seen.disconnect(); done(performance.now() - begun); }
        });
        seen.observe(document.querySelector("#tab-redraw"), {childList: true, subtree: true});
        select.dispatchEvent(new Event("change"));
        setTimeout(() => done(null), 3000);
    })"""
    before = watch.cpu()
    waits = [each for each in (page.evaluate(script, unit) for unit in units) if each is not None]
    watch.found["pick to numbers"] = (statistics.median(waits), (watch.cpu() - before) / len(units))


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--grids", type=int, default=3000)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--draft", type=Path)
    given = parser.parse_args()
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/city.sqlite"
        with Store.open(url) as store:
            plan = gridplan.read_plan(given.draft) if given.draft else city(given.grids, rng)
            plan_id = store.publish(plan, by="measure").plan_id
            fill(store, plan, plan_id, given.incidents, rng)
            secret = Keys(store.engine).create(by="measure", role=Role.PLANNER)[1]
        os.environ["GRIDPLAN_DATABASE_URL"] = url
        process = serve(url)
        try:
            found = look(secret, draft=given.draft is not None)
        finally:
            process.terminate()
            process.wait()
    print(f"{len(plan.grids)} grids, {given.incidents} incidents")  # noqa: T201
    print(f"{'':30} {'waited':>8} {'computed':>9}  ms")  # noqa: T201
    for name, (waited, computed) in found.items():
        print(f"{name:30} {waited:8.0f} {computed:9.0f}")  # noqa: T201


if __name__ == "__main__":
    main()
