"""What Prometheus reads at ``/metrics``: latency by route, lookups by outcome, jobs, connections, plans held."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

# Names the folder where the workers of one service leave their counts; `gridplan serve --workers` sets it.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)


class Metrics:
    """
    The counts of one application; of several workers, each answers the sums of all.

    Routes are counted by their template, never by path: a path holds codes, and each would be a series of its own.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "gridplan_request_seconds",
            "Seconds until the last byte of an answer, by route and status.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._lookups = Counter(
            "gridplan_lookups", "Places looked up, by kind and outcome.", ("kind", "outcome"), registry=self._registry
        )
        self._flight = self._gauge("gridplan_requests_in_flight", "Requests under way.")
        self._ready = self._gauge("gridplan_ready", "Workers that can read the store.")
        self._plans = self._gauge("gridplan_plans_in_force", "Plans in force today.", mode="mostrecent")
        self._held = self._gauge("gridplan_scopes_held", "Scopes and days held in memory.")
        self._pool = self._gauge("gridplan_pool_connections", "Connections to the store.", ("state",))
        self._jobs = self._gauge("gridplan_jobs", "Jobs in the store, by state.", ("state",), mode="mostrecent")
        self._latency: dict[tuple[str, str, int], Histogram] = {}
        self._outcomes: dict[tuple[str, str], Counter] = {}
        if SHARED not in os.environ:
            ProcessCollector(registry=self._registry)
            PlatformCollector(registry=self._registry)

    def begun(self) -> None:
        """Count a request that came in."""
        self._flight.inc()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._flight.dec()
        key = (method, route, status)
        found = self._latency.get(key)
        if found is None:
            found = self._latency[key] = self._seconds.labels(method, route, str(status))
        found.observe(seconds)

    def looked_up(self, kind: str, outcomes: Iterable[str]) -> None:
        """
        Count lookups.

        Parameters
        ----------
        kind
            ``point`` or ``address``.
        outcomes
            The status of each.
        """
        for outcome in outcomes:
            found = self._outcomes.get((kind, outcome))
            if found is None:
                found = self._outcomes[kind, outcome] = self._lookups.labels(kind, outcome)
            found.inc()

    def observe(self, *, ready: bool, plans: int, held: int, pool: Mapping[str, int]) -> None:
        """
        Take how this worker is now.

        Parameters
        ----------
        ready
            Whether the store can be read.
        plans, held
            Plans in force; scopes and days in memory.
        pool
            Connections by state.
        """
        self._ready.set(int(ready))
        self._plans.set(plans)
        self._held.set(held)
        for state, count in pool.items():
            self._pool.labels(state).set(count)

    def count_jobs(self, jobs: Mapping[str, int]) -> None:
        """Take how many jobs there are in the store, by state."""
        for state, count in jobs.items():
            self._jobs.labels(state).set(count)

    def text(self) -> bytes:
        """Return all of it as Prometheus reads it; of several workers the sums."""
        folder = os.environ.get(SHARED)
        if folder is None:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody, path=folder)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)

    def close(self) -> None:
        """Take what this worker alone is out of the sums; what it counted stays."""
        if SHARED in os.environ:
            mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]

    def _gauge(self, name: str, about: str, labels: tuple[str, ...] = (), *, mode: str = "livesum") -> Gauge:
        return Gauge(name, about, labels, registry=self._registry, multiprocess_mode=mode)  # type: ignore[arg-type]
