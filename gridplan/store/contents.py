"""The chunks of a plan in the database: written once, shared between revisions and plans, checked when read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from gridplan.errors import NotInStoreError, StoreDamagedError
from gridplan.store.chunks import decode
from gridplan.store.parts import Part, digest_of
from gridplan.store.tables import chunks, parts, plans

Name = tuple[str, int, str]
#: Digest of a plan that was discarded and whose content was swept.
SWEPT = ""
# Digests asked for in one statement; SQLite takes 32,766 values.
AT_ONCE = 1_000
# Fast, and the coordinates of cells gain little from more.
_CODEC = pa.Codec("zstd", compression_level=3)


def write_parts(connection: sa.Connection, plan_id: str, revision: int, found: Sequence[Part]) -> str:
    """
    Make the parts of a plan what they are at a new revision; return the digest of them all.

    Parameters
    ----------
    connection
        A writing transaction.
    plan_id, revision
        The plan, and the number of the revision: 0 for its first.
    found
        All parts of the plan.
    """
    new = {(part.layer, part.position, part.half): part.digest for part in found}
    old = current_parts(connection, plan_id)
    fresh = {name for name, digest in new.items() if old.get(name) != digest}
    _write_chunks(connection, {new[name]: part for part, name in zip(found, new, strict=True) if name in fresh})
    gone = [name for name in old if name in fresh or name not in new]
    if gone:
        end = sa.update(parts).values(until=revision).where(parts.c.plan_id == plan_id, parts.c.until.is_(None))
        keys = [parts.c[key] == sa.bindparam(f"{key}_") for key in ("layer", "position", "half")]
        connection.execute(end.where(*keys), [{"layer_": a, "position_": b, "half_": c} for a, b, c in gone])
    rows = [
        {"plan_id": plan_id, "layer": a, "position": b, "half": c, "since": revision, "digest": new[a, b, c]}
        for a, b, c in sorted(fresh)
    ]
    if rows:
        connection.execute(sa.insert(parts), rows)
    return digest_of((*name, digest) for name, digest in new.items())


def current_parts(connection: sa.Connection, plan_id: str, revision: int | None = None) -> dict[Name, str]:
    """
    Return the digests of a plan's parts by layer, position and half.

    Parameters
    ----------
    connection
        Any transaction.
    plan_id
        The plan.
    revision
        Which of its revisions; None for the newest.
    """
    query = sa.select(parts.c.layer, parts.c.position, parts.c.half, parts.c.digest).where(_at(plan_id, revision))
    return {(layer, position, half): digest for layer, position, half, digest in connection.execute(query)}


def read_parts(
    connection: sa.Connection, plan_id: str, revision: int | None = None, *, layer: str | None = None
) -> list[Part]:
    """
    Return the parts of a plan.

    Parameters
    ----------
    connection, plan_id, revision
        As for `current_parts`.
    layer
        One layer alone; None for all.

    Raises
    ------
    StoreDamagedError
        If a chunk is not what its name says: the disk, or somebody, changed it.
    NotInStoreError
        If the plan was discarded and its content swept.
    """
    query = (
        sa.select(parts.c.layer, parts.c.position, parts.c.half, parts.c.digest, chunks.c.size, chunks.c.data)
        .outerjoin(chunks, chunks.c.digest == parts.c.digest)  # one that is missing is told, and not left out
        .where(_at(plan_id, revision))
    )
    if layer is not None:
        query = query.where(parts.c.layer == layer)
    # All at once: a question that is broken off in the middle keeps a connection of SQLite at its old moment.
    rows = connection.execute(query).all()
    if not rows and connection.scalar(sa.select(plans.c.digest).where(plans.c.plan_id == plan_id)) == SWEPT:
        raise swept(plan_id)
    try:
        return [Part(row.layer, row.position, row.half, open_chunk(row.digest, row.size, row.data)) for row in rows]
    except StoreDamagedError as error:
        raise StoreDamagedError(f"plan {plan_id} is damaged: {error}") from error


def read_layer(connection: sa.Connection, plan_id: str, digest: str, layer: str) -> pd.DataFrame:
    """
    Return one layer of the newest revision of a plan, as it was written or not at all.

    Parameters
    ----------
    connection, plan_id
        As for `current_parts`.
    digest
        Of the plan, as ``plans`` has it.
    layer
        Its name.

    Raises
    ------
    StoreDamagedError
        If a part is missing, or not what was written.
    """
    require_whole(connection, plan_id, digest)
    pieces: dict[int, dict[str, bytes]] = {}
    for part in read_parts(connection, plan_id, layer=layer):
        pieces.setdefault(part.position, {})[part.half] = part.data
    return decode([pieces[place] for place in sorted(pieces)])


def require_whole(connection: sa.Connection, plan_id: str, digest: str) -> None:
    """
    Refuse a plan whose parts are not those that were saved last.

    Parameters
    ----------
    connection, plan_id, digest
        As for `read_layer`.

    Raises
    ------
    StoreDamagedError
        If one was taken out, put in or replaced.
    NotInStoreError
        If the plan was discarded and its content swept.
    """
    if digest == SWEPT:
        raise swept(plan_id)
    names = ((*name, each) for name, each in current_parts(connection, plan_id).items())
    if digest_of(names) != digest:
        raise StoreDamagedError(f"plan {plan_id} is damaged: its parts are not those that were saved; restore a backup")


def swept(plan_id: str) -> NotInStoreError:
    """Return the error for a plan whose content was let go."""
    return NotInStoreError(
        f"{plan_id} was discarded, and its content swept (gridplan db sweep); its history tells when, and a "
        "backup from before has it"
    )


def open_chunk(digest: str, size: int | None, data: bytes | None) -> bytes:
    """
    Return the content of a chunk.

    Parameters
    ----------
    digest, size, data
        As the table ``chunks`` holds them; None where it has no such row.

    Raises
    ------
    StoreDamagedError
        If the content is not what the digest says.
    """
    if data is None:
        raise StoreDamagedError(f"chunk {digest} is missing; restore a backup")
    try:
        content: bytes = _CODEC.decompress(data, decompressed_size=size, asbytes=True)
    except (OSError, pa.ArrowException) as error:
        raise StoreDamagedError(f"chunk {digest} is damaged: {error}; restore a backup") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise StoreDamagedError(f"chunk {digest} is damaged: its content has another digest; restore a backup")
    return content


def _at(plan_id: str, revision: int | None) -> sa.ColumnElement[bool]:
    if revision is None:
        return sa.and_(parts.c.plan_id == plan_id, parts.c.until.is_(None))
    ended = sa.or_(parts.c.until.is_(None), parts.c.until > revision)
    return sa.and_(parts.c.plan_id == plan_id, parts.c.since <= revision, ended)


def _write_chunks(connection: sa.Connection, wanted: dict[str, Part]) -> None:
    missing = set(wanted) - _known(connection, wanted)
    rows = [
        {"digest": name, "size": len(wanted[name].data), "data": _CODEC.compress(wanted[name].data, asbytes=True)}
        for name in sorted(missing)
    ]
    if rows:
        connection.execute(sa.insert(chunks), rows)


def _known(connection: sa.Connection, digests: Iterable[str]) -> set[str]:
    names, known = iter(digests), set[str]()
    while some := list(islice(names, AT_ONCE)):
        known |= set(connection.scalars(sa.select(chunks.c.digest).where(chunks.c.digest.in_(some))))
    return known
