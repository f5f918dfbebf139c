"""Keys to the service: who holds one, what it may do, of which codes, and until when; secrets are never kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from gridplan.errors import NotInStoreError, StoreError
from gridplan.store import chain
from gridplan.store.engine import reading, writing
from gridplan.store.reader import Clock, utc_now
from gridplan.store.tables import keys

MARK = "gp"
# A secret of 256 random bits cannot be guessed, so one round of SHA-256 keeps it as well as a slow hash would.
_SECRET_BYTES = 32
_ID_BYTES = 5


class Role(StrEnum):
    """What a key may do; each role may do all that those before it may."""

    VIEWER = "viewer"
    DISPATCHER = "dispatcher"
    PLANNER = "planner"
    ADMIN = "admin"

    def may(self, needed: Role) -> bool:
        """
        Tell whether this role may do what another may.

        Parameters
        ----------
        needed
            The other.
        """
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True)
class Key:
    """
    A key as the store keeps it.

    Parameters
    ----------
    key_id
        Its beginning, which may be shown and names it.
    name
        Whom or what it is for.
    role
        What it may do.
    scope
        Prefix of the codes that it sees; "" for all.
    digest
        SHA-256 of the whole key, hexadecimal.
    created_by, created_at
        Who made it, and when (UTC).
    expires_at
        From when it opens nothing any more, or None.
    revoked_by, revoked_at
        Who revoked it, and when; None where nobody did.
    """

    key_id: str
    name: str
    role: Role
    scope: str
    digest: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_by: str | None = None
    revoked_at: datetime | None = None

    def valid(self, at: datetime) -> bool:
        """
        Tell whether the key opens anything at a moment.

        Parameters
        ----------
        at
            The moment, aware.
        """
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    def fits(self, secret: str) -> bool:
        """
        Tell whether a text is this key; takes as long for one that is not.

        Parameters
        ----------
        secret
            The whole key, as its holder shows it.
        """
        return hmac.compare_digest(self.digest, digest_of(secret))


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a key, hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def id_of(secret: str) -> str:
    """Return the part of a key that may be shown; "" where it is no key."""
    mark, _, rest = secret.partition("_")
    return rest.partition("_")[0] if mark == MARK else ""


class Keys:
    """
    The keys of a store.

    Parameters
    ----------
    engine
        Of the store.
    clock
        Returns the moment, aware.

    Examples
    --------
    >>> key, secret = Keys(store.engine).create(by="王强", role=Role.VIEWER, scope="230718")  # doctest: +SKIP
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self.engine = engine
        self._clock = clock

    def all(self) -> list[Key]:
        """Return all keys, also those that open nothing any more, oldest first."""
        with reading(self.engine) as connection:
            return read_keys(connection)

    def create(
        self, *, by: str, role: Role, scope: str = "", name: str = "", expires_at: datetime | None = None
    ) -> tuple[Key, str]:
        """
        Make a key.

        Parameters
        ----------
        by
            Who makes it.
        role, scope, name, expires_at
            As of `Key`; ``expires_at`` lies ahead.

        Returns
        -------
        key, secret
            The secret is what its holder shows, and is never to be had again.

        Raises
        ------
        StoreError
            If no maker is named, the scope holds anything but letters and digits, or it would have expired already.
        """
        key, secret = self._made(by, role, scope, name, expires_at)
        with writing(self.engine) as connection:
            _insert(connection, key)
        return key, secret

    def create_first(self, *, by: str) -> tuple[Key, str] | None:
        """Make an admin's key to everything where the store has none yet; of two who try at once, one gets it."""
        key, secret = self._made(by, Role.ADMIN, "", "first run", None)
        with writing(self.engine) as connection:
            if connection.scalar(sa.select(sa.func.count()).select_from(keys)):
                return None
            _insert(connection, key)
        return key, secret

    def revoke(self, key_id: str, *, by: str) -> Key:
        """
        Revoke a key, for ever.

        Parameters
        ----------
        key_id
            Its beginning, with or without the mark before it.
        by
            Who revokes it.

        Raises
        ------
        NotInStoreError
            If there is no such key.
        StoreError
            If it is revoked already, or nobody is named.
        """
        _require_name(by)
        wanted = id_of(key_id) or key_id
        with writing(self.engine) as connection:
            found = {key.key_id: key for key in read_keys(connection)}.get(wanted)
            if found is None:
                raise NotInStoreError(f"there is no key {wanted!r}; `gridplan keys list` shows all")
            if found.revoked_at is not None:
                raise StoreError(f"key {wanted} was revoked by {found.revoked_by} at {found.revoked_at.isoformat()}")
            now = self._clock()
            values = {"revoked_by": by.strip(), "revoked_at": now}
            connection.execute(sa.update(keys).where(keys.c.key_id == wanted).values(values))
            chain.append(connection, "key.revoke", by.strip(), wanted, {"name": found.name}, at=now, scope=found.scope)
            return next(key for key in read_keys(connection) if key.key_id == wanted)

    def _made(self, by: str, role: Role, scope: str, name: str, expires_at: datetime | None) -> tuple[Key, str]:
        _require_name(by)
        now = self._clock()
        if scope and not scope.isalnum():
            raise StoreError(f"a scope is the beginning of codes, letters and digits; found {scope!r}")
        if expires_at is not None and expires_at <= now:
            raise StoreError(f"a key expires after it is made; found {expires_at.isoformat()}")
        key_id = secrets.token_hex(_ID_BYTES)
        secret = f"{MARK}_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        return Key(key_id, name, role, scope, digest_of(secret), by.strip(), now, expires_at), secret


def read_keys(connection: sa.Connection) -> list[Key]:
    """Return all keys within a transaction, oldest first."""
    rows = connection.execute(sa.select(keys).order_by(keys.c.created_at, keys.c.key_id))
    return [Key(**{**row._mapping, "role": Role(row.role)}) for row in rows]


def _insert(connection: sa.Connection, key: Key) -> None:
    connection.execute(sa.insert(keys), [{**vars(key), "role": key.role.value}])
    end = None if key.expires_at is None else key.expires_at.isoformat()
    told = {"name": key.name, "role": key.role.value, "expires_at": end, "digest": key.digest}
    chain.append(connection, "key.create", key.created_by, key.key_id, told, at=key.created_at, scope=key.scope)


def _require_name(by: str) -> None:
    if not by.strip():
        raise StoreError("every change of a key is recorded with who made it; no name was given")
