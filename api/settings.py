"""What an operator sets: variables of the environment that begin with GRIDPLAN_."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from api.work_settings import WorkSettings

PREFIX = "GRIDPLAN_"


class Settings(WorkSettings):
    """
    Settings of the service; each is also a variable of the environment, ``database_url`` GRIDPLAN_DATABASE_URL.

    Parameters
    ----------
    database_url
        The store; None for a SQLite file in the user's data folder.
    addresses
        Table of standard addresses, of any format that `gridplan.Locator` reads; None answers no address.
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
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    database_url: str | None = None
    addresses: Path | None = None
    poll_s: float = Field(default=1.0, gt=0, le=3600)
    within_m: float = Field(default=5.0, ge=0)
    batch_points: int = Field(default=10_000, ge=1)
    body_bytes: int = Field(default=4_000_000, ge=1)
    cors_origins: tuple[str, ...] = ()
