"""Each operation bound twice: `kanban.tickets.move(42, "Done")` blocks, the same on `AsyncKanban` is awaited.

The operations themselves are in `calls`; each name occurs here once per client.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING

from kanban_sdk.binding import AsyncResource, Resource, awaited, blocking
from kanban_sdk.calls import boards, comments, inbox, tickets, webhooks
from kanban_sdk.errors import VersionConflict
from kanban_sdk.wire.limits import PAGE_MOST
from kanban_sdk.wire.tickets import Ticket

if TYPE_CHECKING:
    from typing import Unpack

    from kanban_sdk.calls.tickets import TicketFilters
    from kanban_sdk.wire.bodies import TicketFields


class Boards(Resource):
    """Boards, their columns and their logs."""

    all = blocking(boards.all)
    create = blocking(boards.create)
    get = blocking(boards.get)
    find = blocking(boards.find)
    edit = blocking(boards.edit)
    delete = blocking(boards.delete)
    tickets = blocking(boards.tickets)
    snapshot = blocking(boards.snapshot)
    base = blocking(boards.base)
    events = blocking(boards.events)
    audit = blocking(boards.audit)
    presence = blocking(boards.presence)
    stats = blocking(boards.stats)
    columns = blocking(boards.columns)
    set_columns = blocking(boards.set_columns)
    edit_column = blocking(boards.edit_column)
    next_ticket = blocking(boards.next_ticket)
    import_tickets = blocking(boards.import_tickets)
    archive = blocking(boards.archive)


class AsyncBoards(AsyncResource):
    """Boards, their columns and their logs."""

    all = awaited(boards.all)
    create = awaited(boards.create)
    get = awaited(boards.get)
    find = awaited(boards.find)
    edit = awaited(boards.edit)
    delete = awaited(boards.delete)
    tickets = awaited(boards.tickets)
    snapshot = awaited(boards.snapshot)
    base = awaited(boards.base)
    events = awaited(boards.events)
    audit = awaited(boards.audit)
    presence = awaited(boards.presence)
    stats = awaited(boards.stats)
    columns = awaited(boards.columns)
    set_columns = awaited(boards.set_columns)
    edit_column = awaited(boards.edit_column)
    next_ticket = awaited(boards.next_ticket)
    import_tickets = awaited(boards.import_tickets)
    archive = awaited(boards.archive)


class Tickets(Resource):
    """Tickets."""

    create = blocking(tickets.create)
    get = blocking(tickets.get)
    page = blocking(tickets.page)
    search = blocking(tickets.search)
    move = blocking(tickets.move)
    move_many = blocking(tickets.move_many)
    edit = blocking(tickets.edit)
    add_labels = blocking(tickets.add_labels)
    remove_labels = blocking(tickets.remove_labels)
    append = blocking(tickets.append)
    label = blocking(tickets.label)
    check = blocking(tickets.check)
    done = blocking(tickets.done)
    link = blocking(tickets.link)
    why = blocking(tickets.why)
    ask = blocking(tickets.ask)
    batch = blocking(tickets.batch)
    claim = blocking(tickets.claim)
    renew = blocking(tickets.renew)
    release = blocking(tickets.release)
    block = blocking(tickets.block)
    unblock = blocking(tickets.unblock)
    delete = blocking(tickets.delete)
    restore = blocking(tickets.restore)
    redact = blocking(tickets.redact)
    history = blocking(tickets.history)

    def list(self, board: int, **filters: Unpack[TicketFilters]) -> Iterator[Ticket]:
        """All tickets of a board that match, by column and from the top; the filters are those of `page`.

        Reads a page of 500 when it is needed. A ticket occurs once; one that is moved meanwhile may be missing. For a
        consistent state, use `boards.snapshot`. Raises NotFound, at the first ticket.

        >>> for ticket in kanban.tickets.list(1, label="bug"):
        ...     print(ticket.title)
        """
        number, has_next, seen = 1, True, set[int]()
        while has_next:
            page = self.page(board, page=number, page_size=PAGE_MOST, **filters)
            yield from (ticket for ticket in page.items if ticket.id not in seen)
            seen |= {ticket.id for ticket in page.items}
            number, has_next = number + 1, page.has_next

    def update(self, ticket: int, change: Callable[[Ticket], TicketFields], *, tries: int = 5) -> Ticket:
        """Read a ticket, change it and write it; if it was changed meanwhile, change its new state and write again.

        `change` gets the ticket and returns the new values of its fields, and may be called several times; if it
        returns {}, nothing is written. Raises NotFound, Invalid, and VersionConflict after `tries` attempts.

        >>> kanban.tickets.update(42, lambda ticket: {"labels": sorted({*ticket.labels, "ui"})})
        """
        current = self.get(ticket)
        while fields := change(current):
            try:
                return self.edit(ticket, version=current.version, **fields)
            except VersionConflict as conflict:
                tries -= 1
                if tries < 1:
                    raise
                current = Ticket.read(conflict.current)
        return current


class AsyncTickets(AsyncResource):
    """Tickets."""

    create = awaited(tickets.create)
    get = awaited(tickets.get)
    page = awaited(tickets.page)
    search = awaited(tickets.search)
    move = awaited(tickets.move)
    move_many = awaited(tickets.move_many)
    edit = awaited(tickets.edit)
    add_labels = awaited(tickets.add_labels)
    remove_labels = awaited(tickets.remove_labels)
    append = awaited(tickets.append)
    label = awaited(tickets.label)
    check = awaited(tickets.check)
    done = awaited(tickets.done)
    link = awaited(tickets.link)
    why = awaited(tickets.why)
    ask = awaited(tickets.ask)
    batch = awaited(tickets.batch)
    claim = awaited(tickets.claim)
    renew = awaited(tickets.renew)
    release = awaited(tickets.release)
    block = awaited(tickets.block)
    unblock = awaited(tickets.unblock)
    delete = awaited(tickets.delete)
    restore = awaited(tickets.restore)
    redact = awaited(tickets.redact)
    history = awaited(tickets.history)

    async def list(self, board: int, **filters: Unpack[TicketFilters]) -> AsyncIterator[Ticket]:
        """All tickets of a board that match, by column and from the top; the filters are those of `page`.

        Reads a page of 500 when it is needed. A ticket occurs once; one that is moved meanwhile may be missing. For a
        consistent state, use `boards.snapshot`. Raises NotFound, at the first ticket.

        >>> async for ticket in kanban.tickets.list(1, label="bug"):
        ...     print(ticket.title)
        """
        number, has_next, seen = 1, True, set[int]()
        while has_next:
            page = await self.page(board, page=number, page_size=PAGE_MOST, **filters)
            for ticket in page.items:
                if ticket.id not in seen:
                    yield ticket
            seen |= {ticket.id for ticket in page.items}
            number, has_next = number + 1, page.has_next

    async def update(self, ticket: int, change: Callable[[Ticket], TicketFields], *, tries: int = 5) -> Ticket:
        """Read a ticket, change it and write it; if it was changed meanwhile, change its new state and write again.

        `change` gets the ticket and returns the new values of its fields, and may be called several times; if it
        returns {}, nothing is written. Raises NotFound, Invalid, and VersionConflict after `tries` attempts.
        """
        current = await self.get(ticket)
        while fields := change(current):
            try:
                return await self.edit(ticket, version=current.version, **fields)
            except VersionConflict as conflict:
                tries -= 1
                if tries < 1:
                    raise
                current = Ticket.read(conflict.current)
        return current


class Comments(Resource):
    """Comments on tickets."""

    all = blocking(comments.all)
    add = blocking(comments.add)
    edit = blocking(comments.edit)
    delete = blocking(comments.delete)


class AsyncComments(AsyncResource):
    """Comments on tickets."""

    all = awaited(comments.all)
    add = awaited(comments.add)
    edit = awaited(comments.edit)
    delete = awaited(comments.delete)


class Inbox(Resource):
    """Comments that mention or ask the client's user."""

    unread = blocking(inbox.unread)
    read = blocking(inbox.read)


class AsyncInbox(AsyncResource):
    """Comments that mention or ask the client's user."""

    unread = awaited(inbox.unread)
    read = awaited(inbox.read)


class Webhooks(Resource):
    """Webhooks, which receive a board's events by HTTP."""

    all = blocking(webhooks.all)
    add = blocking(webhooks.add)
    remove = blocking(webhooks.remove)


class AsyncWebhooks(AsyncResource):
    """Webhooks, which receive a board's events by HTTP."""

    all = awaited(webhooks.all)
    add = awaited(webhooks.add)
    remove = awaited(webhooks.remove)
