"""What an operator sets: variables of the environment that begin with GRIDPLAN_."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from limits import parse_many
from pydantic import Field, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from api.work_settings import WorkSettings
from gridplan.store.keys import Role

PREFIX = "GRIDPLAN_"
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip


class Settings(WorkSettings):
    """
    Settings of the service; each is also a variable of the environment, ``database_url`` GRIDPLAN_DATABASE_URL.

    Parameters
    ----------
    database_url
        The store; None for a SQLite file in the user's data folder.
    addresses
        Table of standard addresses, of any format that `gridplan.Locator` reads; None answers no address.
    handling
        TOML file of your calendar, categories, deadlines and workflows; None for what is shipped.
    workers
        Table of who answers for which grid, as `gridplan contacts` reads it; names are told from dispatchers on.
    poll_s
        Seconds between two looks at whether a plan was published or a key made or revoked.
    within_m
        Metres outside the plan up to which a point belongs to the nearest grid.
    batch_points
        Points or addresses that one call may ask for.
    body_bytes
        Bytes that a request may bring.
    cors_origins
        Origins of pages that browsers let ask; none unless set. JSON in the environment: a list of texts.
    upload_bytes, upload_unpacked_bytes, upload_rows, upload_vertices
        Bounds on a file that a caller sends: bytes of it and of what it unpacks to, rows, points of its geometries.
    upload_seconds, upload_memory_bytes
        CPU seconds and memory that reading it may take, in a process of its own.
    rate
        How often a key may ask, in each worker: ``600/minute``, several parted by ``;``. Unlimited where empty.
    metrics_from
        Addresses of machines that read ``/metrics`` without a key; this machine's unless set. JSON: a list.
    oidc_issuer, oidc_audience, oidc_jwks
        Who issues bearer tokens, to whom, and the file or URL of the keys that sign them (a JSON Web Key Set). None
        are taken unless all three are set.
    oidc_role_claim, oidc_scope_claim
        Claims with the role, and with the prefix of codes (``*`` for all); ``a.b`` lies inside ``a``.
    oidc_roles
        Role by the value of the claim, where values are not our roles' names. JSON: an object.
    oidc_algorithms
        Signatures that are taken; none with a shared secret can be. JSON: a list.
    basemap_url, basemap_labels, basemap_credit
        Template of a base map's tiles with ``{z}``, ``{x}`` and ``{y}``, of a layer of names above it, and whose map it
        is; none unless set. Browsers ask that server, and no other but this.
    basemap_tiles
        MBTiles file, or folder ``z/x/y.png``, that this service serves as the base map instead.
    log_level
        The least that is logged: ``debug``, ``info``, ``warning`` or ``error``.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    database_url: str | None = None
    addresses: Path | None = None
    handling: Path | None = None
    workers: Path | None = None
    poll_s: float = Field(default=1.0, gt=0, le=3600)
    within_m: float = Field(default=5.0, ge=0)
    batch_points: int = Field(default=10_000, ge=1)
    body_bytes: int = Field(default=4_000_000, ge=1)
    cors_origins: tuple[str, ...] = ()
    upload_bytes: int = Field(default=100_000_000, ge=1)
    upload_unpacked_bytes: int = Field(default=1_000_000_000, ge=1)
    upload_rows: int = Field(default=1_000_000, ge=1)
    upload_vertices: int = Field(default=20_000_000, ge=1)
    upload_seconds: int = Field(default=60, ge=1, le=3600)
    upload_memory_bytes: int = Field(default=2_000_000_000, ge=50_000_000)
    rate: str = ""
    metrics_from: tuple[str, ...] = ("127.0.0.1", "::1")
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_jwks: str | None = None
    oidc_role_claim: str = "gridplan_role"
    oidc_scope_claim: str = "gridplan_scope"
    oidc_roles: dict[str, Role] = Field(default={})
    oidc_algorithms: tuple[Algorithm, ...] = ("RS256", "PS256", "ES256", "EdDSA")
    basemap_url: str | None = None
    basemap_labels: str | None = None
    basemap_credit: str = ""
    basemap_tiles: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("rate")
    @classmethod
    def _readable(cls, rate: str) -> str:
        if rate.strip():
            parse_many(rate)
        return rate

    @model_validator(mode="after")
    def _all_or_none(self) -> Self:
        given = [name for name in ("oidc_issuer", "oidc_audience", "oidc_jwks") if getattr(self, name)]
        if len(given) not in (0, 3):
            raise ValueError(f"expected oidc_issuer, oidc_audience and oidc_jwks, or none; found {', '.join(given)}")
        return self
