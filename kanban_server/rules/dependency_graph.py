"""An acyclic graph, kept in topological order while edges are added: which ticket waits for which.

The order is maintained incrementally, after Pearce and Kelly, "A dynamic topological sort algorithm for directed
acyclic graphs" (2006): an edge that agrees with the order costs a comparison, any other one only a walk over the
tickets between its two ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

Edge = tuple[int, int]
"""A ticket that waits, and its blocker."""


class DependencyGraph:
    """Tickets that wait for each other; blockers have a lower rank than the tickets that wait for them."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        """Load all edges at once, in time linear in their number. If they form a cycle, no edge can be added."""
        self._blockers: defaultdict[int, set[int]] = defaultdict(set)
        self._waiting: defaultdict[int, set[int]] = defaultdict(set)
        for ticket, blocker in edges:
            self._link(ticket, blocker)
        self._rank = {ticket: rank for rank, ticket in enumerate(self._topological_order())}
        self.acyclic = len(self._rank) == len(self._blockers.keys() | self._waiting.keys())
        """Whether the initial edges form no cycle."""

    def remove(self, ticket: int, blocker: int) -> None:
        """Remove an edge, if it exists. The order stays valid."""
        self._blockers[ticket].discard(blocker)
        self._waiting[blocker].discard(ticket)

    def add(self, ticket: int, blocker: int) -> list[int] | None:
        """Make a ticket wait for another. Returns the cycle that this would close, in which case nothing changes.

        The cycle begins and ends with `ticket`, and each ticket in it waits for the next.
        """
        if ticket == blocker:
            return [ticket, ticket]
        high = self._rank.setdefault(blocker, len(self._rank))
        low = self._rank.setdefault(ticket, len(self._rank))
        if low < high:
            came_from = self._waiting_up_to(ticket, high)
            if blocker in came_from:
                return self._cycle(came_from, ticket, blocker)
            self._reorder(self._blockers_down_to(blocker, low), came_from)
        self._link(ticket, blocker)
        return None

    def _link(self, ticket: int, blocker: int) -> None:
        self._blockers[ticket].add(blocker)
        self._waiting[blocker].add(ticket)

    def _topological_order(self) -> list[int]:
        """All tickets, each after its blockers."""
        open_blockers = {ticket: len(blockers) for ticket, blockers in self._blockers.items()}
        order = [ticket for ticket in self._waiting if not open_blockers.get(ticket)]
        for ticket in order:
            for waiting in self._waiting.get(ticket, ()):
                open_blockers[waiting] -= 1
                if not open_blockers[waiting]:
                    order.append(waiting)
        return order

    def _waiting_up_to(self, start: int, max_rank: int) -> dict[int, int]:
        """`start` and the tickets up to a rank that wait for it; each with the one that it was reached from."""
        came_from = {start: start}
        stack = [start]
        while stack:
            ticket = stack.pop()
            for waiting in self._waiting.get(ticket, ()):
                if waiting not in came_from and self._rank[waiting] <= max_rank:
                    came_from[waiting] = ticket
                    stack.append(waiting)
        return came_from

    def _blockers_down_to(self, start: int, least: int) -> set[int]:
        """`start` and the tickets down to a rank that it waits for."""
        reached = {start}
        stack = [start]
        while stack:
            for blocker in self._blockers.get(stack.pop(), ()):
                if blocker not in reached and self._rank[blocker] >= least:
                    reached.add(blocker)
                    stack.append(blocker)
        return reached

    def _reorder(self, lower: Iterable[int], upper: Iterable[int]) -> None:
        """Put the tickets of `lower` before those of `upper`, using the ranks that they have now."""
        order = sorted(lower, key=self._rank.__getitem__) + sorted(upper, key=self._rank.__getitem__)
        ranks = sorted(self._rank[ticket] for ticket in order)
        self._rank.update(zip(order, ranks, strict=True))

    def _cycle(self, came_from: dict[int, int], ticket: int, blocker: int) -> list[int]:
        path = [ticket, blocker]
        while path[-1] != ticket:
            path.append(came_from[path[-1]])
        return path
