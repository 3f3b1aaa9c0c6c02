"""`kanban hook EVENT --for PROGRAM`: reads the program's payload from stdin and writes its answer to stdout.

It fails open: on any error, and when its time is up, it writes nothing and exits with 0, and the program goes on. It
loads the standard library only, except at the start of a session and for a server on another machine
(docs/decisions/0028-hooks.md).
"""

from __future__ import annotations

import _thread
import os
import sys
import time

from kanban_cli.hook.connection import Away
from kanban_cli.hook.events import ACTIONS, START_DUE, Event, start
from kanban_cli.hook.payload import parse_payload
from kanban_cli.hook.programs import EVENTS, PROGRAMS, Answer, encode, takes_context
from kanban_cli.hook.session import Session
from kanban_cli.hook.settings import load_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

SECONDS = 0.3
"""How long a hook takes at most, with the start of Python. KANBAN_HOOK_SECONDS sets another limit."""
START_SECONDS = 0.05
"""What the start of Python takes of it."""
USAGE = f"usage: kanban hook {{{','.join(EVENTS)}}} --for {{{','.join(PROGRAMS)}}} [--gate off|warn|deny]"


def run(words: list[str]) -> NoReturn:
    """Run a hook in this process, and exit with 0."""
    seconds = max(0.01, _seconds(os.environ) - START_SECONDS)
    deadline = time.monotonic() + seconds
    answering = _thread.allocate_lock()
    _thread.start_new_thread(_exit_after, (seconds, answering))
    try:
        output = respond(words, sys.stdin.buffer.read(), os.environ, deadline)
        with answering:  # an answer is written whole or not at all
            if output:
                sys.stdout.buffer.write(output.encode() + b"\n")
                sys.stdout.buffer.flush()
            os._exit(0)
    except Exception as error:  # whatever it is, the program goes on
        if os.environ.get("KANBAN_HOOK_VERBOSE") or isinstance(error, UsageError):
            print(f"kanban hook: {error or type(error).__name__}", file=sys.stderr, flush=True)
    os._exit(0)


class UsageError(Exception):
    """The command line is wrong. Only a person sees this: the exit code is 0 for all that."""


def respond(words: list[str], data: bytes, environment: Mapping[str, str], deadline: float) -> str:
    """Return what the hook writes to stdout. Raises whatever goes wrong."""
    name, program, gate = parse_words(words)
    payload = parse_payload(data)
    if payload.folder:
        os.chdir(payload.folder)
    settings = load_settings(environment, gate)
    session_name = environment.get("KANBAN_SESSION") or payload.session  # the program's own variables may be inherited
    if settings is None or not session_name:
        return ""
    session = Session(session_name, settings)
    event = Event(program, payload, settings, session, deadline)
    try:
        answer = _with_carried(event, name, ACTIONS[name](event))
    finally:
        session.save()
    return encode(program, name, answer)


def parse_words(words: list[str]) -> tuple[str, str, str | None]:
    """Return the event, the program and the gate of a command line. Raises UsageError."""
    event, program, gate = "", "claude", None
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option == "--for":
            program = value if equals else next(rest, "")
        elif option == "--gate":
            gate = value if equals else next(rest, "")
        elif not event:
            event = word
        else:
            raise UsageError(USAGE)
    if event not in EVENTS or program not in PROGRAMS or gate not in {None, "off", "warn", "deny"}:
        raise UsageError(USAGE)
    return event, program, gate


def _with_carried(event: Event, name: str, answer: Answer) -> Answer:
    """Add what was kept for an event that can carry a text, or keep the text of one that can't."""
    if not takes_context(event.program, name):
        if answer.context:
            event.session.carry(answer.context)
            answer.context = ""
        return answer
    texts = event.session.take_carried()
    if event.session.is_marked(START_DUE):
        try:
            texts.append(start(event).context)
        except Away:
            event.session.mark(START_DUE, done=False)
    answer.context = "\n\n".join(text for text in [*texts, answer.context] if text)
    return answer


def _exit_after(seconds: float, answering: _thread.LockType) -> None:
    time.sleep(seconds)
    if answering.acquire(timeout=1.0):
        os._exit(0)


def _seconds(environment: Mapping[str, str]) -> float:
    try:
        return float(environment.get("KANBAN_HOOK_SECONDS") or SECONDS)
    except ValueError:
        return SECONDS
