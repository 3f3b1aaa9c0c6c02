"""What a scene may ask of a tool. An adapter implements the part that the tool has a public interface for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

TODO, WORKING, DONE = "todo", "working", "done"
"""The three columns that every tool has, under names of its own."""


class Unavailable(Exception):
    """The tool has no interface for this. Its text is the reason."""


@dataclass(frozen=True)
class Claim:
    """A ticket that a worker was told is its own."""

    ticket: str
    worker: str
    token: str = ""
    """What the tool gave the worker to prove the claim with; empty if it gives none."""


@dataclass(frozen=True)
class State:
    """A ticket as a client read it."""

    text: str
    version: str = ""
    """What an edit can name so that it is refused once the ticket has changed; empty if the tool has none."""


@dataclass
class Watch:
    """What a watcher was told so far: facts such as `title@done`, added by a thread of the adapter."""

    stop: Callable[[], None]
    facts: set[str] = field(default_factory=set)
    position: str = ""
    """Where the next watcher can go on; empty if the tool has no such thing."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, fact: str) -> None:
        with self.changed:
            self.facts.add(fact)
            self.changed.notify_all()

    def wait(self, fact: str, seconds: float) -> bool:
        """Wait until the watcher was told the fact; return whether it was."""
        with self.changed:
            return self.changed.wait_for(lambda: fact in self.facts, seconds)


class Peer:
    """A tool with an empty store in a folder of its own."""

    name = ""
    interface = ""
    settings = ""
    """What differs from the defaults, and which of its verbs a scene uses as a claim."""
    serverless = True
    """Whether it works without a running process."""
    strengths: tuple[str, ...] = ()
    """What its kind of storage or interface gives its user that ours does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.deadline = time.monotonic() + 600

    @property
    def seconds_left(self) -> float:
        """Seconds until the scene has to end."""
        return self.deadline - time.monotonic()

    def version(self) -> str:
        raise NotImplementedError

    def start(self) -> None:
        """Create the store, and start what has to run."""

    def kill(self) -> None:
        """`kill -9` to every process of the tool."""

    def restart(self) -> None:
        """Start again after `kill`."""

    def close(self) -> None:
        self.kill()

    def create(self, title: str, key: str = "") -> str:
        """Create a ticket; return its id. `key` names the request, so that the same again is known as such."""
        raise NotImplementedError

    def create_and_kill(self, title: str) -> None:
        """Create a ticket, and kill the tool as soon as it has acknowledged it."""
        self.create(title)
        self.kill()

    def titles(self) -> list[str]:
        """Return the titles of all tickets."""
        raise NotImplementedError

    def free(self) -> list[str]:
        """Return the ids of the tickets that nobody has."""
        _missing("tickets have no holder")

    def claim(self, ticket: str, worker: str) -> Claim | None:
        """Claim a ticket; None if the tool refuses."""
        _missing("no claim, and no assignee to use as one")

    def take(self, worker: str) -> Claim | None:
        """Take the next ticket; None if there is none. Without a verb for it: read what is free, claim the first."""
        for ticket in self.free():
            if (claim := self.claim(ticket, worker)) is not None:
                return claim
        return None

    def take_over(self, claim: Claim, worker: str) -> None:
        """Give a claimed ticket to another worker."""
        _missing("no claim that could be lost")

    def finish(self, claim: Claim) -> bool:
        """Move a ticket to the last column as its holder; return False if it is refused."""
        _missing("no claim that could be lost")

    def move(self, ticket: str, column: str) -> None:
        _missing("no columns")

    def read(self, ticket: str) -> State:
        _missing("tickets can't be edited")

    def edit(self, ticket: str, text: str, before: State) -> bool:
        """Replace the description, as a client that has seen `seen`; return False if it is refused."""
        _missing("tickets can't be edited")

    def watch(self, position: str = "") -> Watch:
        """Start to watch."""
        _missing("nothing to watch with")

    def command(self) -> list[str]:
        """Return the shortest command: it prints the version."""
        _missing("no command line is used here")

    def listing_and_ticket(self, ticket: str) -> tuple[bytes, bytes]:
        """Return what an agent reads: the list of open tickets, and one ticket."""
        _missing("nothing that an agent would read")


def _missing(reason: str) -> NoReturn:
    raise Unavailable(reason)
