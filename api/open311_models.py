"""What is asked of Open311 GeoReport v2 and answered, as the OpenAPI document shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from api.incident_models import NewIncident
from api.models import Strict

# Moments that any database can hold and count from.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]
Listed = Annotated[str, Field(max_length=2000)]
Ignored = Annotated[str | None, Field(max_length=500, description="Of the standard; says nothing here.")]


class RequestsQuery(Strict):
    """Which requests."""

    jurisdiction_id: Ignored = None
    service_request_id: Listed | None = Field(None, description="Ids, parted by commas; nothing else then counts.")
    service_code: Listed | None = Field(None, description="Codes of services, parted by commas.", examples=["noise"])
    start_date: Moment | None = Field(None, description="Requested then or later; 90 days before the end by default.")
    end_date: Moment | None = Field(None, description="Requested then or earlier; now by default.")
    status: Annotated[str, Field(pattern="^(open|closed)(,(open|closed))*$")] | None = None
    page: int = Field(1, ge=1, le=1_000_000)
    page_size: int = Field(100, ge=1, le=1000)


class NewRequest(Strict):
    """A matter that somebody reports; it needs a point or an address."""

    jurisdiction_id: Ignored = None
    device_id: Ignored = None
    account_id: Ignored = None
    service_code: str = Field(min_length=1, max_length=100, examples=["water"])
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False, description="WGS 84, degrees.")
    long: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False, description="WGS 84, degrees.")
    address_string: Annotated[str, Field(max_length=500)] = ""
    description: Annotated[str, Field(max_length=4000)] = ""
    email: Annotated[str, Field(max_length=100)] = ""
    first_name: Annotated[str, Field(max_length=100)] = ""
    last_name: Annotated[str, Field(max_length=100)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    media_url: Annotated[str, Field(max_length=500, description="Kept with the words; never fetched.")] = ""

    @model_validator(mode="after")
    def _placed(self) -> NewRequest:
        if (self.lat is None) != (self.long is None):
            raise ValueError("expected lat and long together")
        if self.lat is None and not self.address_string:
            raise ValueError("expected lat and long, or address_string")
        return self

    def incident(self) -> NewIncident:
        """Return the same as an incident to be opened."""
        names = (self.first_name, self.last_name)
        western = "".join(names).isascii()
        values = {
            "category": self.service_code,
            "text": "\n".join(filter(None, (self.description, self.media_url))),
            "address": self.address_string,
            "lon": self.long,
            "lat": self.lat,
            "source": "open311",
            "reporter": " ".join(filter(None, names)) if western else "".join(reversed(names)),
            "phone": " ".join(filter(None, (self.phone, self.email))),
        }
        return NewIncident.model_validate(values)


class Service(BaseModel):
    """A service: a category of incidents."""

    service_code: str
    service_name: str
    description: str
    metadata: bool = Field(description="Whether it asks for attributes; none does.")
    type: str
    keywords: str
    group: str


class Definition(BaseModel):
    """What a service asks for."""

    service_code: str
    attributes: list[Any]


class Taken(BaseModel):
    """A request that was taken."""

    service_request_id: str
    service_notice: str | None
    account_id: str | None


class Token(BaseModel):
    """What a token stands for."""

    service_request_id: str
    token: str


class RequestTold(BaseModel):
    """A request; what was said, the address and the reporter are not told."""

    service_request_id: str
    status: str = Field(description="open or closed.")
    status_notes: str = Field(description="The stage of its workflow.")
    service_name: str
    service_code: str
    description: str | None
    agency_responsible: str | None = Field(description="Code of the grid that has it.")
    service_notice: str | None
    requested_datetime: datetime
    updated_datetime: datetime
    expected_datetime: datetime | None
    address: str | None
    address_id: str | None
    zipcode: str | None
    lat: float | None
    long: float | None
    media_url: str | None


class Fault(BaseModel):
    """What is wrong with a request."""

    code: int
    description: str
