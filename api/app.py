"""The application: settings in, routes wired, the store opened when it starts and closed when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware

from api.addresses import AddressBook
from api.ahead import Ahead
from api.basemap import basemap_of
from api.documents import document
from api.held_findings import HeldFindings
from api.ids import RequestIds
from api.limits import Limiter
from api.metrics import Metrics
from api.nursery import Nurseries
from api.ogc import features, tiles
from api.problems import handle_problems
from api.quick import Quick
from api.roster import Roster
from api.routes import (
    audit,
    findings,
    grids,
    health,
    imports,
    incidents,
    locate,
    metrics,
    open311,
    pages,
    plans,
    stats,
    viewer,
)
from api.running import ROUTERS, working
from api.settings import Settings
from api.spots import Spots
from api.tokens import Tokens
from api.viewing import Drawings
from api.watch import Watch, observe
from gridplan import __version__
from gridplan.errors import StoreUnavailableError
from gridplan.incidents.handling import read_handling
from gridplan.store import Store
from gridplan.store.engine import database_url, default_url, open_engine
from gridplan.store.reader import Clock, utc_now

_ABOUT = "Which grid (网格) owns a point or an address, now or on a day; the grids and plans themselves."
_WORTH_ZIPPING = 1000
# Level 9, the default, takes eight times as long for coordinates, and saves 7 % of the bytes.
_ZIP_LEVEL = 4


def create_app(settings: Settings | None = None, *, clock: Clock = utc_now) -> FastAPI:
    """
    Make the application; nothing is opened before it starts.

    Parameters
    ----------
    settings
        As given; None reads the environment's.
    clock
        Returns the moment, aware; tests give their own.

    Raises
    ------
    RulesError, InputError
        If the file of how incidents are handled, or the list of workers, is wrong: a service that does otherwise than
        it was told is none.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="gridplan",
        version=__version__,
        description=_ABOUT,
        lifespan=_lifespan,
        # FastAPI's own pages load scripts from foreign hosts.
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings, app.state.clock = settings, clock
    app.state.handling = read_handling(settings.handling)
    app.state.roster = None if settings.workers is None else Roster(settings.workers)
    app.state.drawings, app.state.spots, app.state.basemap = Drawings(), Spots(), basemap_of(settings)
    app.state.findings = HeldFindings()
    app.state.metrics, app.state.limiter, app.state.nurseries = Metrics(), Limiter(settings.rate), Nurseries()
    app.state.tokens = Tokens(settings) if settings.oidc_jwks else None
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    handle_problems(app)
    _wire(app)
    _wrap(app, settings)
    return app


def _wire(app: FastAPI) -> None:
    first = APIRouter(prefix="/v1")
    for module in (locate, plans, imports, incidents, stats, findings, grids, viewer, audit):
        first.include_router(module.router)
    for router in ROUTERS:
        first.include_router(router)
    app.include_router(first)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(open311.router)
    for module in (features, tiles):
        app.include_router(module.router)
    app.include_router(pages.router)
    pages.serve_files(app)


def _wrap(app: FastAPI, settings: Settings) -> None:
    """Put middleware around the routes; what is added last is outermost."""
    app.add_middleware(GZipMiddleware, minimum_size=_WORTH_ZIPPING, compresslevel=_ZIP_LEVEL)
    app.add_middleware(Quick, path="/v1/locate", handler=locate.locate)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["X-API-Key", "X-Request-ID", "If-Match", "If-None-Match", "Content-Type"],
            expose_headers=["ETag", "X-Request-ID"],
        )
    app.add_middleware(RequestIds, body_bytes=settings.body_bytes, metrics=app.state.metrics)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the store, read it, keep looking at it while the application runs."""
    settings: Settings = app.state.settings
    book = None if settings.addresses is None else AddressBook.read(settings.addresses)
    store = Store(open_engine(database_url(settings.database_url or default_url())), clock=app.state.clock)
    with closing(app.state.metrics), closing(app.state.nurseries), store:
        watch = app.state.watch = Watch(store, book, settings.within_m, app.state.clock, app.state.handling)
        # A store that does not answer yet is waited for: the service lives, and is not ready.
        with suppress(StoreUnavailableError):
            await asyncio.to_thread(watch.look)
        with closing(Ahead(watch, app.state.drawings, app.state.spots)) as ahead:

            def looked() -> None:
                observe(app.state.metrics, watch)
                ahead.look()

            looking = asyncio.create_task(watch.keep(settings.poll_s, looked))
            with working(app, store, settings, app.state.clock):
                yield
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
