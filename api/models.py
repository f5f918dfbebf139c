"""What is asked and answered, as the OpenAPI document shows it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from gridplan.address.answer import Level
from gridplan.address.answer import Status as AddressStatus
from gridplan.datum import Datum
from gridplan.errors import LocateError
from gridplan.locate import Status
from gridplan.locate.dated import day_of
from gridplan.store import State

LONGEST_ADDRESS = 500


def _day(value: Any) -> Any:
    """Take a date, or a moment of which the date as written counts; numbers are no dates."""
    try:
        return value if value is None else day_of(value)
    except LocateError as error:
        raise ValueError(str(error)) from error


Day = Annotated[
    date | None,
    BeforeValidator(_day, json_schema_input_type=str),
    Field(description="Day on which the plan was in force; today by default."),
]
Degrees = Annotated[float, Field(allow_inf_nan=False)]
Address = Annotated[str, Field(min_length=1, max_length=LONGEST_ADDRESS)]


class Strict(BaseModel):
    """What is asked; names that do not exist are refused."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="after")
    @classmethod
    def _text(cls, value: Any) -> Any:
        """Refuse what is no text in any database."""
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("expected text without NUL")
        return value


class LocateQuery(Strict):
    """One place: a point, or an address."""

    lon: Degrees | None = Field(None, description="Longitude, degrees.", examples=[129.01])
    lat: Degrees | None = Field(None, description="Latitude, degrees.", examples=[47.72])
    datum: Datum = Field("wgs84", description="Datum of longitude and latitude.")
    address: Address | None = Field(None, description="An address as typed or heard.", examples=["阳光小区3号楼"])
    at: Day = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = (self.lon is not None, self.lat is not None, self.address is not None)
        if given not in {(True, True, False), (False, False, True)}:
            names = [name for name, there in zip(("lon", "lat", "address"), given, strict=True) if there]
            raise ValueError(f"expected lon and lat, or address alone; found {' and '.join(names) or 'none of them'}")
        return self


class BatchPoint(Strict):
    """A point of a batch."""

    lon: Degrees | None = Field(examples=[129.01])
    lat: Degrees | None = Field(examples=[47.72])


class BatchBody(Strict):
    """Many places: points, or addresses; answered in their order."""

    points: list[tuple[Degrees | None, Degrees | None] | BatchPoint] | None = Field(
        None, description="Pairs of longitude and latitude, or objects with lon and lat; null is answered as invalid."
    )
    addresses: list[Annotated[str, Field(max_length=LONGEST_ADDRESS)]] | None = Field(None)
    datum: Datum = "wgs84"
    at: Day = None

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"points": [[129.01, 47.72], {"lon": 129.02, "lat": 47.72}]}]},
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.points is None) == (self.addresses is None):
            found = "neither" if self.points is None else "both"
            raise ValueError(f"expected points or addresses; found {found}")
        return self

    @property
    def size(self) -> int:
        """Number of places."""
        return len(self.points or self.addresses or ())


class Place(BaseModel):
    """Where a point lies."""

    grid_code: str | None = Field(description="The grid that owns it, or null.", examples=["230718001001002"])
    status: Status = Field(description="How it lies; docs/locate.md explains each.", examples=["inside"])
    distance_m: float | None = Field(None, description="Metres to the grid: 0 in it.", examples=[0.0])
    hint: str | None = Field(None, description="For `swapped`: the grid once lon and lat change places.")
    plan_id: str | None = Field(None, description="The plan that answered, where a grid owns it.")
    name: str | None = Field(None, description="Name of the grid.")
    community_code: str | None = Field(None, description="Community of the grid.")
    at: date = Field(description="The day that was answered for.")


class FoundCandidate(BaseModel):
    """A row of the address table that may be meant."""

    address_id: str
    address: str
    grid_code: str | None
    level: Level
    score: float


class FoundSpan(BaseModel):
    """A piece of the text and what it was taken for."""

    kind: str
    text: str
    start: int
    end: int
    meaning: str
    how: str


class FoundAddress(BaseModel):
    """Which address a text means, and its grid; docs/address.md explains each field."""

    query: str
    address_id: str | None
    confidence: float
    accepted: bool
    status: AddressStatus
    level: Level
    normalized: str
    grid_code: str | None
    grid_certain: bool
    candidates: list[FoundCandidate]
    split_by: str
    question: str
    question_en: str
    evidence: list[FoundSpan]
    notes: list[str]
    lon: float | None
    lat: float | None
    grids: list[str]
    at: date


class BatchPlace(BaseModel):
    """Where a point of a batch lies."""

    grid_code: str | None
    status: Status
    distance_m: float | None
    plan_id: str | None


class BatchAnswer(BaseModel):
    """Answers in the order of what was asked."""

    at: date
    count: int
    results: list[BatchPlace] | list[FoundAddress]


class PlanOut(BaseModel):
    """A plan, as far as the key sees it."""

    plan_id: str
    name: str
    scope: str = Field(description="Prefix of the codes that it plans, within the key's.", examples=["230718"])
    state: State
    author: str
    created_at: datetime
    revision: int
    valid_from: date | None = Field(description="First day in force.")
    valid_to: date | None = Field(description="First day no more in force.")
    published_by: str | None
    published_at: datetime | None
    in_force: bool = Field(description="Whether it is in force today.")


class PlanDetail(PlanOut):
    """A plan with sums over its grids, as far as the key sees them."""

    grids: int
    communities: int
    households: int
    work_min: int = Field(description="Minutes of work per month.")
    area_m2: float


class Plans(BaseModel):
    """Plans, oldest first."""

    plans: list[PlanOut]


class DiffPair(BaseModel):
    """What of one grid became part of another."""

    old_code: str | None
    new_code: str | None
    change: str
    households: int
    old_households: int | None
    old_share: float | None
    new_share: float | None


class DiffOut(BaseModel):
    """What became of the grids of one plan in another, as `gridplan diff` says it."""

    old: str
    new: str
    counts: dict[str, int] = Field(description="Households of the new plan by change.")
    households_moved: int
    pairs: list[DiffPair]


class GridProperties(BaseModel):
    """The columns of a grid."""

    grid_code: str
    name: str
    kind: str
    community_code: str
    households: int
    persons: int | None
    units: int = Field(description="Buildings.")
    work_min: int
    area_m2: float
    compactness: float
    locked: int
    plan_id: str


class GridFeature(BaseModel):
    """A grid as a GeoJSON feature, WGS 84."""

    type: str = Field("Feature", examples=["Feature"])
    id: str
    properties: GridProperties
    geometry: dict[str, Any] | None


class Link(BaseModel):
    """Where to go from here."""

    rel: str
    href: str


class GridPage(BaseModel):
    """A page of grids as a GeoJSON feature collection."""

    type: str = Field("FeatureCollection", examples=["FeatureCollection"])
    at: date
    numberMatched: int = Field(description="Grids that meet the filters, on all pages.")  # noqa: N815 - as OGC has it
    numberReturned: int  # noqa: N815 - as OGC has it
    links: list[Link]
    features: list[GridFeature]


class Health(BaseModel):
    """How the service is."""

    status: str = Field(examples=["ready"])
