"""Sweeping: what discarded plans alone were made of is let go; who made, edited and discarded them stays told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gridplan.store.contents import SWEPT
from gridplan.store.drafts import record
from gridplan.store.queries import infos
from gridplan.store.records import State, Step
from gridplan.store.tables import chunks, events, parts, plans


@dataclass(frozen=True)
class Swept:
    """
    What a sweep let go.

    Parameters
    ----------
    plans
        Ids of the discarded plans that have no content any more.
    chunks, size
        Number of chunks that no plan named, and their bytes in the database.
    """

    plans: tuple[str, ...]
    chunks: int
    size: int


def sweep(connection: sa.Connection, step: Step, before: datetime) -> Swept:
    """
    Let go of the content of discarded plans, and of the chunks that no plan names then.

    A chunk that any other plan or revision names stays: the database itself refuses to let go of it, and of anything
    that is published.

    Parameters
    ----------
    connection
        A writing transaction: all of it is done, or nothing.
    step
        Who sweeps, when and why; an event of every plan that is swept.
    before
        Plans discarded at this moment or later keep their content; aware.
    """
    since = sa.select(sa.func.max(events.c.at)).where(events.c.plan_id == plans.c.plan_id, events.c.action == "discard")
    old = infos(
        connection, step.today, plans.c.state == State.DISCARDED.value, plans.c.digest != SWEPT,
        since.scalar_subquery() < before,
    )  # fmt: skip
    for info in old:
        record(connection, info, "sweep", State.DISCARDED, step)
        connection.execute(sa.delete(parts).where(parts.c.plan_id == info.plan_id))
        connection.execute(sa.update(plans).where(plans.c.plan_id == info.plan_id).values(digest=SWEPT))
    unnamed = ~sa.exists().where(parts.c.digest == chunks.c.digest)
    sums = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(sa.func.length(chunks.c.data)), 0))
    count, size = connection.execute(sums.where(unnamed)).one()
    connection.execute(sa.delete(chunks).where(unnamed))
    return Swept(tuple(info.plan_id for info in old), int(count), int(size))
