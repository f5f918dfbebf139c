"""What is asked and answered about incidents, as the OpenAPI document shows it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.models import Degrees, Strict
from gridplan.datum import Datum
from gridplan.incidents.summary import UnitLevel

Text = Annotated[str, Field(max_length=2000)]
Words = Annotated[str, Field(max_length=5000)]
Name = Annotated[str, Field(max_length=100)]
Code = Annotated[str, Field(min_length=1, max_length=40)]


class NewIncident(Strict):
    """A matter that somebody reports."""

    category: Name = Field("", description="Code or name in the tree of categories.", examples=["water"])
    text: Words = Field("", description="What was said; an address is looked for in it where none is given.")
    address: Annotated[str, Field(max_length=500)] = Field("", examples=["阳光小区3号楼2单元"])
    lon: Degrees | None = Field(None, examples=[129.01])
    lat: Degrees | None = Field(None, examples=[47.72])
    datum: Datum = "wgs84"
    level: Name = Field("", description="emergency, key, general or coordination; the category's by default.")
    reported_at: datetime | None = Field(None, description="With its zone; now by default.")
    source: Name = Field("api", description="Register or desk.")
    source_id: Name = Field("", description="Id there; opening it twice opens it once. Made up where empty.")
    community: Name = Field("", description="Community that the reporter names.")
    reporter: Annotated[str, Field(max_length=210)] = ""
    phone: Annotated[str, Field(max_length=150)] = ""


class ImportQuery(Strict):
    """How a register's table is read."""

    source: Annotated[str, Field(min_length=1, max_length=100, description="Name of the register.", examples=["12345"])]
    column: list[Annotated[str, Field(max_length=200)]] = Field(
        [], max_length=40, description="OURS=THEIRS, repeatable; others are recognised.", examples=[["address=位置"]]
    )
    layer: Name = Field("", description="Layer or sheet, where the file has several.")
    zone: Name = Field("", description="Time zone of times that state none; the calendar's by default.")
    datum: Datum = "wgs84"
    dry_run: bool = Field(False, description="Do everything but the writing.")


class Imported(BaseModel):
    """What became of the rows of a table; each is new, changed, same, repeated or rejected."""

    new: int
    changed: int
    same: int
    repeated: int
    rejected: dict[str, list[int]] = Field(description="Rows, from 1, that cannot be incidents, by reason.")
    rows: int
    in_grid: int
    review: dict[str, int] = Field(description="Records that a person has to look at, by reason.")
    remarks: dict[str, int]
    rounding: dict[str, int]
    default_points: list[dict[str, float]]
    on_time: dict[str, int]


class NewStep(Strict):
    """A step to be taken."""

    action: Name = Field(description="One of the incident's `legal` actions.", examples=["file"])
    role: Name = Field("", description="As what; the first role that may by default.")
    reason: Text = ""
    seen: int | None = Field(None, ge=1, description="Refuse if the incident is no more at this sequence.")
    within: Name | None = Field(None, description="With `extend`.", examples=["2 working_days"])
    rating: Literal["satisfied", "basic", "unsatisfied"] | None = None
    minutes: float | None = Field(None, ge=0, lt=1e6, description="Minutes of work that it took.")
    grid_code: Code | None = Field(None, description="With `assign`.")


class Settled(Strict):
    """Where an incident belongs."""

    grid_code: Code
    reason: Text = ""


class IncidentsQuery(Strict):
    """Which incidents."""

    grid_code: Code | None = None
    category: Name | None = None
    state: Name | None = None
    level: Name | None = None
    holder: Literal["grid", "community", "street", "district"] | None = None
    open: bool | None = Field(None, description="Open ones, or closed ones, alone.")
    start: date | None = Field(None, alias="from", description="First day of report.")
    end: date | None = Field(None, alias="to", description="Last day of report, included.")
    limit: int = Field(100, ge=1, le=1000)
    after: Name = Field("", description="Begin behind this id; links of pages have it.")


class StatsQuery(Strict):
    """Which numbers."""

    start: date | None = Field(None, alias="from", description="First day; the first of this month by default.")
    end: date | None = Field(None, alias="to", description="Last day, included; today by default.")
    category: Name | None = Field(None, description="A category and those below it.")
    plan: Code | None = Field(None, description="Restate on the grids of this published plan, each incident once.")


class UnitsQuery(StatsQuery):
    """Which numbers, of which units."""

    level: UnitLevel = "grid"


class StepTold(BaseModel):
    """A step that was taken."""

    sequence: int
    action: str
    state: str
    holder: str
    by: str
    role: str
    at: datetime
    reason: str
    details: dict[str, Any]


class IncidentTold(BaseModel):
    """An incident."""

    incident_id: str
    source: str
    source_id: str
    reported_at: datetime
    category: str
    level: str
    workflow: str
    state: str
    holder: str
    due_at: datetime | None
    closed_at: datetime | None
    rating: str
    grid_code: str | None
    plan_id: str | None
    placed_by: str
    match_level: str
    confidence: float | None
    precision_m: float | None
    sequence: int


class IncidentFile(IncidentTold):
    """An incident with its history."""

    steps: list[StepTold]
    legal: list[dict[str, str]] = Field(description="Actions that may be taken now, with their names.")
    review: dict[str, Any] | None = Field(description="What a person has, or had, to look at.")
    person: dict[str, str] | None = Field(None, description="Who reported it; under a mask unless asked for.")


class IncidentPage(BaseModel):
    """Incidents, the newest first."""

    numberMatched: int  # noqa: N815 - as OGC API names it
    numberReturned: int  # noqa: N815
    incidents: list[IncidentTold]
    links: list[dict[str, str]]


class Rate(BaseModel):
    """A rate with what it is made of, and what chance alone would make of it."""

    numerator: int | None
    denominator: int | None
    rate: float | None
    shrunk: float | None = Field(description="Drawn towards all units, the more the smaller the count.")
    low: float | None
    high: float | None
    flag: Literal["above", "below", "within", "none"] = Field(description="Against the limits of chance, 99.8 %.")
    small: bool = Field(description="Whether the count is too small to be ranked by.")


class UnitNumbers(BaseModel):
    """Numbers of a unit."""

    code: str
    in_force: bool
    received: int
    closed: int
    closure: Rate
    timeliness: Rate
    satisfaction: Rate
    hours_to_close: float | None
    households: int | None
    per_100_households: Rate
    received_before: int
    change: int


class NumbersTold(BaseModel):
    """Numbers of a period."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    judged_at: datetime
    level: UnitLevel
    units: list[UnitNumbers]
    unplaced: dict[str, int] = Field(description="Counts of incidents that have no grid.")
    restated: dict[str, int] | None = None
