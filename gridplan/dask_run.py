"""
Plan communities on the workers of a Dask scheduler: the same plans as here, whoever fails on the way.

A community travels inside its task, so that the scheduler can give it to another worker when one dies; only as many
are on their way as the workers can soon begin, and a plan leaves its worker as soon as it is there. The scheduler and
each worker thus hold a few communities, however many there are.
"""

from __future__ import annotations

import os
import pickle
import platform
import pydoc
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from gridplan import __version__
from gridplan.community import CommunityPlan
from gridplan.errors import ClusterError
from gridplan.site import Site

if TYPE_CHECKING:
    from distributed import Client, Future

Work = Callable[[Site], CommunityPlan]
Told = Callable[[int, str], None]

# Communities on their way for each worker: one under work, one that waits.
AHEAD = 2
CONNECT_S, JOIN_S, ALONE_S, LOOK_S = 20.0, 30.0, 60.0, 2.0
# What the labels depend on, and where its version stands: the same labels are promised where these are the same.
DECISIVE = {
    "numpy": "numpy.__version__",
    "numba": "numba.__version__",
    "scipy": "scipy.__version__",
    "scikit-learn": "sklearn.__version__",
    "shapely": "shapely.__version__",
    "GEOS": "shapely.geos_version_string",
}

_one_at_a_time = threading.Lock()


def plan_on_cluster(work: Work, sites: Sequence[Site], order: Sequence[int], address: str, told: Told) -> list[Any]:
    """
    Plan communities on a cluster.

    Parameters
    ----------
    work
        Plans one community; can be pickled.
    sites
        Communities; the result has their order.
    order
        Places in ``sites``, in the order in which they are begun.
    address
        Address of the scheduler, e.g. ``tcp://10.0.0.1:8786``.
    told
        Called after each community with the number done and its code.

    Returns
    -------
    list of CommunityPlan
        In the order of the sites.

    Raises
    ------
    ClusterError
        If the extra ``dask`` is missing, no scheduler answers, no worker joins, gridplan differs there, or a community
        ends one worker after another.
    RulesError
        As `gridplan.community.plan_community`.
    """
    with _client(address) as client, client.as_current():
        _require_same(client, address)
        return _gathered(client, work, sites, order, told)


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """Yield a client of a scheduler that has workers."""
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise ClusterError("--dask needs the extra `dask`: pip install 'gridplan[dask]'") from error
    # A large community is a large task, on purpose.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "10GB"}):
        try:
            client = Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ClusterError(
                f"expected a Dask scheduler at {address}; found none ({error}). Start one with `dask scheduler`, or "
                "correct the address (tcp://HOST:8786)"
            ) from error
        try:
            try:
                client.wait_for_workers(1, timeout=JOIN_S)
            except TimeoutError as error:
                raise ClusterError(
                    f"expected workers at the scheduler {address}; found none within {JOIN_S:.0f} s. Start some with "
                    f"`dask worker {address}`"
                ) from error
            yield client
        finally:
            client.close(timeout=5)


@cache
def versions() -> dict[str, str]:
    """Return the versions that decide the labels, by name."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"gridplan": __version__, "Python": python} | {
        name: str(pydoc.locate(place)) for name, place in DECISIVE.items()
    }


def _require_same(client: Client, address: str) -> None:
    """Refuse workers whose gridplan, or what it computes with, is another: their labels might be others."""
    # Found by a function of Python's own, since gridplan may be missing on a worker.
    there = client.run(pydoc.locate, "gridplan.__version__", on_error="return")
    other = {worker: "none" if found is None else str(found) for worker, found in there.items() if found != __version__}
    if other:
        raise ClusterError(_differ("gridplan", __version__, other))
    for worker, found in client.run(versions, on_error="return").items():
        if not isinstance(found, Mapping):
            raise ClusterError(f"the worker {worker} of {address} cannot load gridplan: {found}")
        for name, own in versions().items():
            if found[name] != own:
                raise ClusterError(_differ(name, own, {worker: found[name]}))


def _differ(name: str, own: str, other: Mapping[str, str]) -> str:
    places = ", ".join(f"{worker} has {found}" for worker, found in sorted(other.items())[:5])
    more = f" and {len(other) - 5} more" if len(other) > 5 else ""
    return f"expected {name} {own} on every worker, as here; {places}{more}. Install the same version there"


def _gathered(client: Client, work: Work, sites: Sequence[Site], order: Sequence[int], told: Told) -> list[Any]:
    """Keep the workers busy, and take each plan as it comes."""
    plans: dict[int, CommunityPlan] = {}
    waiting, running = list(reversed(order)), dict[Any, int]()
    try:
        while waiting or running:
            # Workers may come and go.
            for _ in range(min(len(waiting), AHEAD * max(len(client.nthreads()), 1) - len(running))):
                place = waiting.pop()
                running[_submitted(client, work, sites[place], place)] = place
            for future in _finished(client, list(running)):
                place = running.pop(future)
                plans[place] = _result(future, sites[place].code)
                future.release()
                told(len(plans), sites[place].code)
    except BaseException:
        # An error or Ctrl-C: what waits is dropped, and what runs is forgotten when it ends.
        client.cancel(list(running), force=True)
        raise
    return [plans[place] for place in range(len(sites))]


def _submitted(client: Client, work: Work, site: Site, place: int) -> Future:
    key = f"gridplan-{site.code}-{place}-{os.urandom(8).hex()}"
    return client.submit(_planned, work, pickle.dumps(site, pickle.HIGHEST_PROTOCOL), versions(), key=key, pure=False)


def _planned(work: Work, site: bytes, expected: Mapping[str, str]) -> CommunityPlan:
    """Plan a community on a worker: one at a time, that its memory stays small whatever its number of threads."""
    if versions() != expected:
        raise ClusterError(f"a worker joined with other versions: expected {dict(expected)}, found {versions()}")
    with _one_at_a_time:
        return work(pickle.loads(site))  # noqa: S301 - from our own client


def _finished(client: Client, running: list[Future]) -> list[Future]:
    """Return the futures that are done, at least one; an error where all workers stay away."""
    from distributed import wait

    alone_since = None
    while True:
        try:
            done = wait(running, timeout=LOOK_S, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            if client.status != "running":
                raise ClusterError("the connection to the Dask scheduler was lost; nothing was written") from None
            alone_since = None if client.nthreads() else alone_since or time.monotonic()
            if alone_since is not None and time.monotonic() - alone_since > ALONE_S:
                raise ClusterError(
                    f"all Dask workers have been gone for {ALONE_S:.0f} s; nothing was written"
                ) from None
        else:
            return sorted(done, key=lambda future: str(future.key))


def _result(future: Future, code: str) -> CommunityPlan:
    from distributed import CancelledError, KilledWorker

    try:
        plan: CommunityPlan = future.result()
    except KilledWorker as error:
        raise ClusterError(
            f"community {code}: several workers died while they planned it, most likely for want of memory: give the "
            f"workers more, or start fewer on each machine ({error})"
        ) from error
    except CancelledError as error:
        raise ClusterError("the connection to the Dask scheduler was lost; nothing was written") from error
    return plan
