"""The audit log over HTTP, for admins: who did what to what in their scope."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, BeforeValidator, Field
from starlette.concurrency import run_in_threadpool

from api.access import View, ViewOf, needs
from api.answers import path_of
from api.models import Link, Strict
from api.problems import INVALID, ProblemError
from gridplan.store.audit import Filters
from gridplan.store.chain import Entry, canonical
from gridplan.store.keys import Role

router = APIRouter(prefix="/audit", tags=["audit"])


def _moment(text: Any) -> Any:
    """Take a moment, or a day as its beginning; both, where they name no zone, at the place of the service."""
    if text is None or isinstance(text, datetime):
        return text
    try:
        found = datetime.fromisoformat(str(text))
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("expected a moment such as 2026-03-01T08:00+08:00, or a day") from None


Moment = Annotated[datetime | None, BeforeValidator(_moment, json_schema_input_type=str)]


class AuditQuery(Strict):
    """Which records."""

    start: Moment = Field(None, alias="from", description="From this moment or day on.", examples=["2026-11-01"])
    end: Moment = Field(None, alias="to", description="Before this moment or day.", examples=["2026-12-01"])
    actor: str | None = Field(None, max_length=200, description="Exactly this person or key.", examples=["王强"])
    action: str | None = Field(None, max_length=200, description="`plan.publish`; or `plan`, for all of its kind.")
    subject: str | None = Field(None, max_length=200, description="A plan's, a key's or an incident's id.")
    limit: int = Field(100, ge=1, le=1000, description="Records on a page.")
    after: str | None = Field(None, max_length=64, description="Begin behind this record; links of pages have it.")


class AuditRecord(BaseModel):
    """A record. Its number, and the digest of the record before, are told to who sees the whole store alone."""

    id: str = Field(description="The record's SHA-256.")
    number: int | None = Field(None, description="1, 2, ... in the store.")
    at: datetime = Field(description="When, UTC.")
    action: str = Field(examples=["plan.publish"])
    actor: str = Field(examples=["王强"])
    subject: str = Field(examples=["20261101-0f8fad5b"])
    scope: str = Field(description="Prefix of the codes that it concerns.", examples=["230718"])
    details: dict[str, Any]
    request_id: str
    previous: str | None = Field(None, description="SHA-256 of the record before.")


class AuditPage(BaseModel):
    """Records, newest first."""

    records: list[AuditRecord]
    links: list[Link]


@router.get("", response_model=AuditPage, **needs(Role.ADMIN))
async def audit(asked: Annotated[AuditQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return records of the audit log that concern the key's scope alone, newest first, page by page."""
    found = await run_in_threadpool(_read, asked, view)
    page = found[: asked.limit]
    links = [{"rel": "self", "href": path_of(request)}]
    if len(found) > asked.limit:
        links.append({"rel": "next", "href": path_of(request, after=page[-1].digest)})
    values = {"records": [_out(entry, whole=not view.scope) for entry in page], "links": links}
    return Response(canonical(values), media_type="application/json")


def _read(asked: AuditQuery, view: View) -> list[Entry]:
    """Return the records of a page and one more, where there is one."""
    log = view.watch.store.audit
    before = None
    if asked.after is not None:
        before = log.number_of(asked.after, view.scope)
        if before is None:
            raise ProblemError(INVALID, f"query.after: expected the id of a record; found {asked.after!r}")
    filters = Filters(asked.start, asked.end, asked.actor, asked.action, asked.subject, view.scope)
    return log.entries(filters, before=before, limit=asked.limit + 1)


def _out(entry: Entry, *, whole: bool) -> dict[str, Any]:
    """Return a record; numbers would tell how many records of others there are."""
    told = entry.to_dict()
    told["id"] = told.pop("digest")
    return told if whole else {name: value for name, value in told.items() if name not in {"number", "previous"}}
