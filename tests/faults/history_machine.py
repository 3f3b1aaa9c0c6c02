"""A state machine that makes random operations on a board, from several users, and checks every response in between."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kanban_sdk import Kanban, Refused
from kanban_sdk.stream.watch import Watch
from tests.faults.board_values import ACTOR, COLUMNS, FIELDS, LINKS, NAMES, PICK, TEXT
from tests.faults.validators import check_dense, check_everything, check_log
from tests.support.servers import Server

People = Callable[[Server], tuple[int, dict[str, str | None]]]
"""Creates a board on a server, and returns the names that act on it, each with its token or None."""


class AnyHistory(RuleBasedStateMachine):
    """A board with random operations. What the server refuses must change nothing, so refusals are ignored."""

    server: Server
    people: People
    restarts: bool

    @initialize()
    def begin(self) -> None:
        self.board, tokens = self.people(self.server)
        self.names = list(tokens)
        self.clients = [self.server.kanban(None if token else name, token=token) for name, token in tokens.items()]
        self.checks = 0
        self.tickets = [self.ada.tickets.create(title, board=self.board).id for title in "abc"]
        self.comments: list[int] = []
        self.seqs: list[int] = []
        self.watch: Watch = self.ada.watch(self.board, after=0)

    @property
    def ada(self) -> Kanban:
        """The first user, an admin of the board."""
        return self.clients[0]

    def client(self, who: int) -> Kanban:
        return self.clients[who % len(self.clients)]

    def attempt(self, operation: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with suppress(Refused):
            return operation(*arguments, **named)

    def ticket(self, pick: int) -> int:
        return self.tickets[pick % len(self.tickets)]

    @rule(who=ACTOR, title=TEXT, column=st.none() | COLUMNS, labels=st.lists(TEXT, max_size=3))
    def create(self, who: int, title: str, column: str | None, labels: list[str]) -> None:
        created = self.attempt(self.client(who).tickets.create, title, board=self.board, column=column, labels=labels)
        if created:
            self.tickets.append(created.id)

    @rule(
        who=ACTOR,
        pick=PICK,
        column=COLUMNS,
        beside=PICK,
        where=st.sampled_from(["before", "after", "top", "bottom", ""]),
    )
    def move(self, who: int, pick: int, column: str, beside: int, where: str) -> None:
        intent: dict[str, Any] = {}
        if where in {"before", "after"}:
            intent[where] = self.ticket(beside)
        elif where:
            intent["place"] = where
        self.attempt(self.client(who).tickets.move, self.ticket(pick), column, **intent)

    @rule(who=ACTOR, pick=PICK, count=st.integers(1, 4), column=COLUMNS, atomic=st.booleans())
    def move_many(self, who: int, pick: int, count: int, column: str, atomic: bool) -> None:
        first = pick % len(self.tickets)
        several = [*self.tickets, *self.tickets][first : first + count]
        self.attempt(self.client(who).tickets.move_many, list(dict.fromkeys(several)), column, atomic=atomic)

    @rule(
        who=ACTOR,
        pick=PICK,
        fields=FIELDS,
        version=st.none() | st.integers(1, 4),
    )
    def edit(self, who: int, pick: int, fields: dict[str, Any], version: int | None) -> None:
        self.attempt(self.client(who).tickets.edit, self.ticket(pick), version=version, **fields)

    @rule(who=ACTOR, pick=PICK, labels=st.lists(TEXT, min_size=1, max_size=2), add=st.booleans())
    def label(self, who: int, pick: int, labels: list[str], add: bool) -> None:
        own = self.client(who).tickets
        self.attempt(own.add_labels if add else own.remove_labels, self.ticket(pick), *labels)

    @rule(who=ACTOR, pick=PICK, number=st.integers(1, 3), done=st.booleans())
    def check(self, who: int, pick: int, number: int, done: bool) -> None:
        self.attempt(self.client(who).tickets.check, self.ticket(pick), number, done=done)

    @rule(who=ACTOR, pick=PICK, add=st.lists(LINKS, max_size=2), remove=st.lists(LINKS, max_size=2))
    def link(self, who: int, pick: int, add: list[str], remove: list[str]) -> None:
        self.attempt(self.client(who).tickets.link, self.ticket(pick), add=add, remove=remove)

    @rule(who=ACTOR, pick=PICK, text=st.sampled_from(["@bob @eve?", "why?"]), column=st.none() | COLUMNS)
    def ask(self, who: int, pick: int, text: str, column: str | None) -> None:
        question = self.attempt(self.client(who).tickets.ask, self.ticket(pick), text, column=column)
        if question:
            self.comments.append(question.comment.id)

    @rule()
    def archive(self) -> None:
        self.attempt(self.ada.boards.archive, self.board, days=0)

    @rule(who=ACTOR, picks=st.lists(PICK, min_size=1, max_size=3), column=COLUMNS, on=PICK, atomic=st.booleans())
    def batch(self, who: int, picks: list[int], column: str, on: int, atomic: bool) -> None:
        operations: list[dict[str, Any]] = [{"op": "create", "board_id": self.board, "title": "of a batch"}]
        for pick in picks:
            ticket = self.ticket(pick)
            operations += [
                {"op": "block", "ticket": ticket, "on": [self.ticket(on)]},
                {"op": "move", "ticket": ticket, "column": column},
                {"op": "comment", "ticket": ticket, "text": "of a batch"},
                {"op": "delete" if pick % 2 else "restore", "ticket": ticket},
            ]
        batched = self.attempt(self.client(who).tickets.batch, operations, atomic=atomic)
        if batched:
            self.tickets.append(batched.results[0].ticket_id)

    @rule(review=st.booleans(), most=st.none() | st.integers(1, 2))
    def set_rules(self, review: bool, most: int | None) -> None:
        self.attempt(self.ada.boards.edit, self.board, review=review, wip_per_user=most)

    @rule(who=ACTOR, pick=PICK, force=st.booleans())
    def claim(self, who: int, pick: int, force: bool) -> None:
        self.attempt(self.client(who).tickets.claim, self.ticket(pick), force=force)

    @rule(who=ACTOR, claim=st.booleans())
    def take_next(self, who: int, claim: bool) -> None:
        self.attempt(self.client(who).boards.next_ticket, self.board, claim=claim)

    @rule(who=ACTOR, pick=PICK, column=st.none() | COLUMNS)
    def release(self, who: int, pick: int, column: str | None) -> None:
        self.attempt(self.client(who).tickets.release, self.ticket(pick), note="n", column=column)

    @rule(who=ACTOR, pick=PICK, on=PICK, blocked=st.booleans())
    def depend(self, who: int, pick: int, on: int, blocked: bool) -> None:
        own = self.client(who).tickets
        self.attempt(own.block if blocked else own.unblock, self.ticket(pick), self.ticket(on))

    @rule(pick=PICK, role=st.sampled_from(["todo", "working", "waiting", "done"]), limit=st.none() | st.integers(1, 3))
    def set_column(self, pick: int, role: str, limit: int | None) -> None:
        settings = self.ada.boards.get(self.board).column_settings
        column = settings[pick % len(settings)].id
        self.attempt(self.ada.boards.edit_column, self.board, column, role=role, limit=limit)

    @rule(who=ACTOR, pick=PICK, back=st.booleans())
    def delete_or_restore(self, who: int, pick: int, back: bool) -> None:
        own = self.client(who).tickets
        self.attempt(own.restore if back else own.delete, self.ticket(pick))

    @rule(who=ACTOR, pick=PICK, text=TEXT)
    def comment(self, who: int, pick: int, text: str) -> None:
        created = self.attempt(self.client(who).comments.add, self.ticket(pick), text)
        if created:
            self.comments.append(created.id)

    @rule(who=ACTOR, pick=PICK, text=st.none() | TEXT)
    def edit_comment(self, who: int, pick: int, text: str | None) -> None:
        if self.comments:
            comment = self.comments[pick % len(self.comments)]
            own = self.client(who).comments
            self.attempt(own.delete, comment) if text is None else self.attempt(own.edit, comment, text)

    @rule(names=st.lists(NAMES, min_size=1, max_size=4, unique=True), move_to=st.none() | NAMES)
    def columns(self, names: list[str], move_to: str | None) -> None:
        self.attempt(self.ada.boards.set_columns, self.board, names, move_to=move_to)

    @rule(pick=PICK, name=NAMES)
    def rename_column(self, pick: int, name: str) -> None:
        settings = self.ada.boards.get(self.board).column_settings
        self.attempt(self.ada.boards.edit_column, self.board, settings[pick % len(settings)].id, name=name)

    @rule(
        who=ACTOR,
        sources=st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True),
        prefer=st.sampled_from([None, "source"]),
        force=st.booleans(),
        title=TEXT,
        text=st.none() | TEXT,
        on=st.none() | st.lists(st.integers(1, 6), max_size=3),
        parent=st.none() | st.integers(1, 6),
    )
    def import_tickets(
        self,
        who: int,
        sources: list[int],
        prefer: Literal["source"] | None,
        force: bool,
        title: str,
        text: str | None,
        on: list[int] | None,
        parent: int | None,
    ) -> None:
        comments = [{"author": "eve", "text": text}] if text else []
        others = {
            "blocked_by_sources": None if on is None else [f"s{n}" for n in on],
            "parent_source": f"s{parent}" if parent else None,
        }
        tickets = [{"source_id": f"s{n}", "title": title, "comments": comments, **others} for n in sources]
        operation = self.client(who).boards.import_tickets
        imported = self.attempt(operation, self.board, tickets, prefer=prefer, force=force)
        if imported:
            self.tickets += [id for id in imported.ids.values() if id not in self.tickets]

    @rule()
    def catch_up(self) -> None:
        """The watch receives all events."""
        head = self.ada.boards.snapshot(self.board).seq
        while not self.seqs or self.seqs[-1] < head:
            self.seqs.append(self.watch.next(timeout=20).seq)

    @rule()
    def reconnect(self) -> None:
        cursor = self.watch.cursor
        self.watch.close()
        self.watch = self.ada.watch(self.board, after=cursor or 0)

    @precondition(lambda self: self.restarts)
    @rule(hard=st.booleans())
    def restart(self, hard: bool) -> None:
        self.server.kill() if hard else self.server.stop()
        self.server.start()

    @invariant()
    def all_responses_agree(self) -> None:
        """Check everything as each user in turn."""
        if hasattr(self, "checks"):
            self.checks += 1
            who = self.checks % len(self.clients)
            check_everything(self.clients[who], self.board, self.names[who])

    def teardown(self) -> None:
        if hasattr(self, "board"):
            self.catch_up()
            self.watch.close()
            check_dense(self.seqs)
            check_log(self.ada, self.board)
            for client in self.clients:
                client.close()


def run(server: Server, people: People, *, examples: int, steps: int, restarts: bool = True) -> None:
    """Run `examples` histories of `steps` operations each; with `restarts`, the server is also stopped and killed."""

    class OnThisServer(AnyHistory):
        pass

    OnThisServer.server = server
    OnThisServer.people = staticmethod(people)
    OnThisServer.restarts = restarts
    run_state_machine_as_test(
        OnThisServer,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # no shrinking: each attempt restarts servers, and the original case is enough
        ),
    )
