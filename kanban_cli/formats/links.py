"""The names by which items of a file refer to each other, replaced by their source ids."""

import re

from kanban_cli.formats.ticket import ParsedTicket, TicketFields

_NUMBERED = re.compile(r"(.*[^0-9])?0*([0-9]+)", re.ASCII | re.DOTALL)


class LinkIndex:
    """The source ids of a file's items by all their names. Case is ignored.

    `3` and `task-03` name `task-3`, unless another item has that very name or number.
    """

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._by_number: dict[str, str | None] = {}

    def add(self, parsed: ParsedTicket) -> None:
        """Add an item."""
        source_id = parsed.ticket["source_id"]
        self._ids[source_id.casefold()] = source_id
        for alias in parsed.aliases:
            self._ids.setdefault(alias.casefold(), source_id)
        if match := _NUMBERED.fullmatch(source_id):
            number = match[2]
            self._by_number[number] = None if number in self._by_number else source_id

    def find(self, name: str) -> str:
        """Return the source id of the item with this name; the name itself if there is none."""
        if source_id := self._ids.get(name.casefold()):
            return source_id
        if (match := _NUMBERED.fullmatch(name)) and (source_id := self._by_number.get(match[2])):
            known = _NUMBERED.fullmatch(source_id)
            prefix = (match[1] or "").casefold()
            if known and prefix in ("", (known[1] or "").casefold()):
                return source_id
        return name

    def resolve(self, ticket: TicketFields) -> None:
        """Replace the names in a ticket's blockers and parent. A ticket that names itself is left out."""
        own = ticket["source_id"]
        blockers = ticket.get("blocked_by_sources")
        if blockers is not None:
            ids = dict.fromkeys(map(self.find, blockers))
            ticket["blocked_by_sources"] = [one for one in ids if one != own]
            self._keep_own_name(ticket, "dependencies", [name for name in blockers if self.find(name) == own])
        parent = ticket.get("parent_source")
        if parent is not None:
            parent_id = self.find(parent)
            ticket["parent_source"] = None if parent_id == own else parent_id
            self._keep_own_name(ticket, "parent", [parent] if parent_id == own else [])

    @staticmethod
    def _keep_own_name(ticket: TicketFields, field: str, names: list[str]) -> None:
        """Keep in `extra` the names by which a ticket refers to itself."""
        if names:
            ticket["extra"] = {**ticket.get("extra", {}), field: names}


def normalize_numbers(source_id: str) -> str:
    """Return an id without the zeros before its last number: `task-007` and `task-7` are one."""
    match = _NUMBERED.fullmatch(source_id)
    return f"{match[1] or ''}{match[2]}" if match else source_id
