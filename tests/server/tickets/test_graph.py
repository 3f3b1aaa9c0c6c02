"""The graph of what waits for what finds each cycle, and no other, in whatever order links come and go."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from kanban_server.rules.dependency_graph import DependencyGraph, Edge

TICKETS = st.integers(1, 7)
EDGES = st.tuples(TICKETS, TICKETS)


def reaches(edges: set[Edge], start: int, target: int) -> bool:
    """Whether a ticket is another, or waits for it, be it over others."""
    reached, stack = {start}, [start]
    while stack:
        ticket = stack.pop()
        further = {blocker for waiting, blocker in edges if waiting == ticket} - reached
        reached |= further
        stack += further
    return target in reached


@settings(max_examples=300, deadline=None)
@given(
    first=st.lists(EDGES.filter(lambda edge: edge[0] > edge[1]), max_size=8),
    steps=st.lists(st.tuples(st.booleans(), EDGES), max_size=30),
)
def test_a_link_is_refused_if_and_only_if_it_closes_a_cycle(first: list[Edge], steps: list[tuple[bool, Edge]]) -> None:
    edges = set(first)
    graph = DependencyGraph(edges)
    assert graph.acyclic
    for added, (ticket, blocker) in steps:
        if not added:
            graph.remove(ticket, blocker)
            edges.discard((ticket, blocker))
            continue
        cycle = graph.add(ticket, blocker)
        assert (cycle is not None) == reaches(edges, blocker, ticket)
        if cycle is None:
            edges.add((ticket, blocker))
        else:
            assert cycle[:2] == [ticket, blocker]
            assert cycle[-1] == ticket
            assert set(pairwise(cycle[1:])) <= edges


@settings(max_examples=300, deadline=None)
@given(edges=st.sets(EDGES, max_size=12))
def test_edges_that_form_a_cycle_are_known_by_it(edges: set[Edge]) -> None:
    cyclic = any(reaches(edges, blocker, ticket) for ticket, blocker in edges)
    assert DependencyGraph(edges).acyclic is not cyclic
