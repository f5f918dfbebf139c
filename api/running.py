"""What runs beside the answers: drafts in memory, registered sources, and jobs in processes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI

from api.drafts import Drafts
from api.routes import contents, drafts, edits, jobs, steps
from api.work_settings import WorkSettings
from gridplan.jobs import Jobs
from gridplan.jobs.process import Order
from gridplan.jobs.registry import read_registry
from gridplan.jobs.supervisor import Supervisor
from gridplan.store import Store
from gridplan.store.reader import Clock

ROUTERS = (drafts.router, contents.router, edits.router, steps.router, jobs.router)


@contextmanager
def working(app: FastAPI, store: Store, settings: WorkSettings, clock: Clock) -> Iterator[None]:
    """
    Let an application work on plans while the block lasts; jobs under way when it ends wait for the next start.

    Parameters
    ----------
    app
        Gets ``state.drafts`` and ``state.sources``.
    store
        The store.
    settings
        The operator's.
    clock
        Returns the moment, aware.

    Raises
    ------
    RulesError
        If the file of sources cannot be used.
    """
    app.state.drafts, app.state.sources = Drafts(store), read_registry(settings.sources)
    supervisor = Supervisor(Jobs(store.engine, clock), _order(store, settings), at_once=settings.jobs)
    if settings.jobs:
        supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


def _order(store: Store, settings: WorkSettings) -> Order:
    return Order(
        job_id="",
        token="",
        database_url=store.engine.url.render_as_string(hide_password=False),
        sources=None if settings.sources is None else str(settings.sources.absolute()),
        processes=settings.job_processes,
        dask=settings.dask,
    )
