"""Plan many communities: here, in several processes or on a cluster, all the same, largest first, with progress."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial

from gridplan.community import CommunityPlan, plan_community
from gridplan.partition.solve import EffortName, never
from gridplan.rules import Rules
from gridplan.site import Site

Progress = Callable[[int, int, str], None]

# Below this many buildings a second process costs more in imports than it saves.
WORTH_A_PROCESS = 3_000
SPACING_M = 4.0


@dataclass(frozen=True)
class Deadline:
    """True from a moment of the wall clock on; can be sent to other processes."""

    at: float

    def __call__(self) -> bool:
        """Tell whether the moment has come."""
        return time.time() >= self.at


def no_progress(done: int, total: int, code: str) -> None:
    """Report nothing."""
    del done, total, code


def spacing_for(rules: Rules) -> float:
    """Return the distance between points on outlines, metres: the rules', or ours."""
    return rules.spacing_m or SPACING_M


def plan_sites(
    sites: Sequence[Site],
    rules: Rules,
    *,
    jobs: int,
    effort: EffortName = "normal",
    deadline: Deadline | None = None,
    progress: Progress = no_progress,
    prove_s: float | None = None,
    cluster: str | None = None,
) -> list[CommunityPlan]:
    """
    Plan communities.

    Parameters
    ----------
    sites
        Communities; the result has their order.
    rules
        Rules of the plan.
    jobs
        Processes to use at most, >= 1.
    effort, deadline
        How hard to search, and until when.
    progress
        Called after each community with the number done, the number of all and the code.
    prove_s
        Seconds for the proof of each connected part; None proves nothing.
    cluster
        Address of a Dask scheduler whose workers plan instead of processes here; None: here.

    Raises
    ------
    RulesError
        As `plan_community`.
    ClusterError
        If the cluster cannot be used.
    """
    size = [len(site.generators.households) for site in sites]
    work = partial(
        plan_community,
        rules=rules,
        spacing_m=spacing_for(rules),
        effort=effort,
        stop=deadline or never,
        prove_s=prove_s,
    )
    order = sorted(range(len(sites)), key=lambda place: (-size[place], place))
    if cluster is not None:
        from gridplan.dask_run import plan_on_cluster

        return plan_on_cluster(work, sites, order, cluster, lambda done, code: progress(done, len(sites), code))
    few = sum(size) < WORTH_A_PROCESS and prove_s is None
    if jobs == 1 or len(sites) == 1 or few:
        plans = {}
        for done, place in enumerate(order, 1):
            plans[place] = work(sites[place])
            progress(done, len(sites), sites[place].code)
        return [plans[place] for place in range(len(sites))]
    return _in_processes(work, sites, order, min(jobs, len(sites)), progress)


def _in_processes(
    work: Callable[[Site], CommunityPlan], sites: Sequence[Site], order: list[int], jobs: int, progress: Progress
) -> list[CommunityPlan]:
    plans: dict[int, CommunityPlan] = {}
    # Spawned, not forked: the same on every system, and no thread or lock is copied half-way.
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(work, sites[place]): place for place in order}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                plans[futures[future]] = future.result()
                progress(done, len(sites), sites[futures[future]].code)
        except BaseException:
            # An error or Ctrl-C: what waits is dropped, what runs is not waited for.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise
    return [plans[place] for place in range(len(sites))]
