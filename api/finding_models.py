"""What is asked and answered about what stands out, as the OpenAPI document shows it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from api.incident_models import Name
from api.models import Strict
from gridplan.incidents.store.findings import By


class SpotsQuery(Strict):
    """Which period."""

    start: date | None = Field(
        None, alias="from", description="First day; the first of this month by default.", examples=["2026-10-01"]
    )
    end: date | None = Field(
        None, alias="to", description="Last day, included; today by default.", examples=["2026-10-31"]
    )
    category: Name | None = Field(None, description="A category and those below it.", examples=["noise"])


class RisesQuery(SpotsQuery):
    """Which period, and which series."""

    by: By = Field("category", description="Series that are looked at.", examples=["category"])


class Spot(BaseModel):
    """A grid that stands out."""

    grid_code: str = Field(examples=["230718001001003"])
    count: int = Field(description="Incidents reported.", examples=[31])
    value: float = Field(description="What was looked at: per 100 households, or counts.", examples=[7.2])
    gi: float = Field(description="Standard score of Getis-Ord Gi*.", examples=[4.1])
    gi_p: float = Field(examples=[0.00002])
    gi_q: float = Field(description="p adjusted after Benjamini and Hochberg.", examples=[0.0008])
    spot: Literal["hot", "cold", ""] = Field(examples=["hot"])
    moran: float = Field(description="Local Moran's I.", examples=[3.3])
    moran_p: float = Field(examples=[0.0002])
    moran_q: float = Field(examples=[0.004])
    moran_kind: Literal["high-high", "low-low", "high-low", "low-high", ""] = Field(examples=["high-high"])


class Rise(BaseModel):
    """A series that rose beyond chance."""

    category: str | None = Field(None, description="Where categories are looked at.", examples=["noise"])
    grid_code: str | None = Field(None, description="Where grids are looked at.", examples=[None])
    count: int = Field(description="Incidents reported.", examples=[96])
    expected: float = Field(description="What weekday, season and trend make of the past.", examples=[41.5])
    ratio: float = Field(examples=[2.31])
    p: float = Field(examples=[0.000003])
    q: float = Field(description="p adjusted after Benjamini and Hochberg.", examples=[0.00001])


class _Told(BaseModel):
    start: date = Field(alias="from", examples=["2026-10-01"])
    end: date = Field(alias="to", examples=["2026-10-31"])
    looked_at: int = Field(description="Grids or series looked at.", examples=[212])
    elsewhere: int = Field(description="Incidents in no grid in force: in no table by grid.", examples=[3])
    too_few: str | None = Field(None, description="Why nothing can be told, where it cannot.", examples=[None])


class SpotsTold(_Told):
    """Where incidents gather."""

    found: list[Spot] = Field(description="The surest first.")


class RisesTold(_Told):
    """What rose beyond chance."""

    found: list[Rise] = Field(description="The surest first.")
