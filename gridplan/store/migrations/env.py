"""Run migrations on the connection, and in the transaction, that `gridplan.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from gridplan.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
