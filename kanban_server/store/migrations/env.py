"""What Alembic runs: the connection is given by `store.migrate`."""

from __future__ import annotations

from alembic import context

from kanban_server.store.indexes import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
    include_name=lambda name, kind, _: kind != "table" or not (name or "").startswith("ticket_search"),
)
with context.begin_transaction():
    context.run_migrations()
