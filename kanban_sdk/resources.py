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
    """Boards, their columns and their logs.

    >>> board = kanban.boards.create("Website", columns=["To do", "Doing", "Done"])
    >>> kanban.boards.edit(board.id, description="The new one", version=board.version)
    >>> kanban.boards.set_columns(board.id, ["To do", "Doing", "Review", "Done"])
    >>> kanban.boards.edit_column(board.id, kanban.boards.get(board.id).column_settings[1].id, limit=3)
    >>> kanban.boards.import_tickets(board.id, [{"source_id": "a-1", "title": "Fix the login race"}])
    >>> kanban.boards.next_ticket(board.id, claim=True).ticket
    >>> state, log = kanban.boards.snapshot(board.id), kanban.boards.events(board.id, after=0)
    >>> kanban.boards.find("Website"), kanban.boards.all(), kanban.boards.columns(board.id)
    >>> kanban.boards.tickets(board.id), kanban.boards.stats(board.id, days=7), kanban.boards.presence(board.id)
    >>> kanban.boards.audit(board.id, limit=10), kanban.boards.archive(board.id, days=30)
    >>> kanban.boards.delete(board.id)
    """

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
    """Tickets.

    >>> ticket = kanban.tickets.create("Fix the login race", board=1, labels=["bug"], acceptance_criteria="It works")
    >>> kanban.tickets.claim(ticket.id, lease_seconds=600), kanban.tickets.renew(ticket.id)
    >>> kanban.tickets.edit(ticket.id, priority="high"), kanban.tickets.append(ticket.id, "It is in line 40.")
    >>> kanban.tickets.add_labels(ticket.id, "ui"), kanban.tickets.remove_labels(ticket.id, "bug")
    >>> kanban.tickets.label(ticket.id, add=["api"], remove=["ui"]), kanban.tickets.link(ticket.id, add=["0123abc"])
    >>> kanban.tickets.check(ticket.id, 1, evidence="It passes."), kanban.tickets.ask(ticket.id, "@ada which region?")
    >>> kanban.tickets.withdraw(ticket.id, note="Found it.")
    >>> kanban.tickets.block(ticket.id, 42), kanban.tickets.why(ticket.id), kanban.tickets.unblock(ticket.id, 42)
    >>> kanban.tickets.move(ticket.id, "In Progress", place="top"), kanban.tickets.release(ticket.id, note="Tomorrow.")
    >>> kanban.tickets.done(ticket.id, note="The race is gone."), kanban.tickets.history(ticket.id)
    >>> kanban.tickets.move_many([42, 43], "Blocked")
    >>> kanban.tickets.batch([{"op": "move", "ticket": 42, "column": "Done"}])
    >>> kanban.tickets.page(1, search="login").items, kanban.tickets.search("login").items
    >>> kanban.tickets.redact(ticket.id, "line 40")
    >>> kanban.tickets.delete(ticket.id), kanban.tickets.restore(ticket.id), kanban.tickets.get(ticket.id)
    """

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
    withdraw = blocking(tickets.withdraw)
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
    withdraw = awaited(tickets.withdraw)
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
    """Comments on tickets.

    >>> comment = kanban.comments.add(42, "Found it.")
    >>> kanban.comments.edit(comment.id, "Found it in line 40."), kanban.comments.all(42)
    >>> kanban.comments.delete(comment.id)
    """

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
    """Comments that mention or ask the client's user, and news of the tickets that they watch.

    >>> unread = kanban.inbox.unread()
    >>> kanban.inbox.read(unread.cursors), kanban.inbox.watch(1), kanban.inbox.watches(1), kanban.inbox.unwatch(1)
    """

    unread = blocking(inbox.unread)
    read = blocking(inbox.read)
    watch = blocking(inbox.watch)
    unwatch = blocking(inbox.unwatch)
    watches = blocking(inbox.watches)


class AsyncInbox(AsyncResource):
    """Comments that mention or ask the client's user, and news of the tickets that they watch."""

    unread = awaited(inbox.unread)
    read = awaited(inbox.read)
    watch = awaited(inbox.watch)
    unwatch = awaited(inbox.unwatch)
    watches = awaited(inbox.watches)


class Webhooks(Resource):
    """Webhooks, which receive a board's events by HTTP.

    >>> webhook = kanban.webhooks.add(1, "https://example.org/hook", events=["ticket_moved"])
    >>> kanban.webhooks.all(1), kanban.webhooks.remove(1, webhook.id)
    """

    all = blocking(webhooks.all)
    add = blocking(webhooks.add)
    remove = blocking(webhooks.remove)


class AsyncWebhooks(AsyncResource):
    """Webhooks, which receive a board's events by HTTP."""

    all = awaited(webhooks.all)
    add = awaited(webhooks.add)
    remove = awaited(webhooks.remove)
