"""Keys to the service: made, shown once, expired, revoked, never changed; and the version that tells of all of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from stored import Clock

from gridplan.errors import NotInStoreError, PlanStateError, StoreError
from gridplan.plan import Plan
from gridplan.store import Store
from gridplan.store.engine import reading, writing
from gridplan.store.keys import Keys, Role, id_of
from gridplan.store.published import Version, read_grids, read_version


@pytest.fixture
def ring(store: Store, clock: Clock) -> Keys:
    return Keys(store.engine, clock)


def test_a_key_opens_until_it_expires_or_is_revoked_and_its_secret_is_kept_nowhere(ring: Keys, clock: Clock) -> None:
    key, secret = ring.create(by="王强", role=Role.VIEWER, scope="230718", expires_at=clock.now + timedelta(days=1))
    clock.forward(seconds=1)
    other, _ = ring.create(by="王强", role=Role.ADMIN)
    assert ring.all() == [key, other]
    assert id_of(secret) == key.key_id
    assert key.fits(secret)
    assert not any(key.fits(wrong) for wrong in (secret + "x", secret[:-1], "", "\udcff", other.digest))
    assert secret.split("_", 2)[2] not in repr(ring.all())
    assert (key.valid(clock.now), key.valid(clock.now + timedelta(days=1))) == (True, False)
    revoked = ring.revoke(secret, by="李娜")
    assert (revoked.revoked_by, revoked.valid(clock.now)) == ("李娜", False)
    with pytest.raises(StoreError, match="was revoked by 李娜"):
        ring.revoke(key.key_id, by="王强")
    with pytest.raises(NotInStoreError, match="no key 'nothing'"):
        ring.revoke("nothing", by="王强")


def test_the_first_key_is_made_once(ring: Keys) -> None:
    first = ring.create_first(by="root")
    assert first is not None
    assert (first[0].role, first[0].scope) == (Role.ADMIN, "")
    assert ring.create_first(by="root") is None


def test_a_key_that_could_not_be_right_is_refused(ring: Keys, clock: Clock) -> None:
    with pytest.raises(StoreError, match="no name"):
        ring.create(by=" ", role=Role.VIEWER)
    with pytest.raises(StoreError, match="letters and digits"):
        ring.create(by="x", role=Role.VIEWER, scope="2307%")
    with pytest.raises(StoreError, match="expires after"):
        ring.create(by="x", role=Role.VIEWER, expires_at=clock.now)
    assert ring.all() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE keys SET role = 'admin'",
        "UPDATE keys SET expires_at = NULL",
        "UPDATE keys SET scope = ''",
        "UPDATE keys SET digest = 'x', revoked_by = 'x'",
        "DELETE FROM keys",
    ],
)
def test_a_key_is_changed_by_nobody(ring: Keys, clock: Clock, statement: str) -> None:
    ring.create(by="x", role=Role.VIEWER, scope="2307", expires_at=clock.now + timedelta(days=1))
    before = ring.all()
    with pytest.raises(PlanStateError, match="can be revoked, once"), writing(ring.engine) as connection:
        connection.execute(sa.text(statement))
    assert ring.all() == before


def test_the_version_tells_of_everything_that_a_service_answers_from(
    store: Store, ring: Keys, drawn_plan: Plan
) -> None:
    def version() -> Version:
        with reading(store.engine) as connection:
            return read_version(connection)

    seen = [version()]
    key, _ = ring.create(by="x", role=Role.VIEWER)
    seen.append(version())
    ring.revoke(key.key_id, by="x")
    seen.append(version())
    plan_id = store.publish(drawn_plan, by="x").plan_id
    seen.append(version())
    with reading(store.engine) as connection:
        grids = read_grids(connection, plan_id, store._today())
    columns = list(grids.columns.drop("geometry"))
    assert grids[columns].to_numpy().tolist() == drawn_plan.grids[columns].to_numpy().tolist()
    assert grids.geometry.geom_equals(drawn_plan.grids.geometry).all()
    assert grids.crs == drawn_plan.grids.crs
    store.retire(plan_id, by="x", reason="y")
    seen.append(version())
    assert len(set(seen)) == 5
