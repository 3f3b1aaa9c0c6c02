"""What the verbs have in common: their flags, how they say what became of them, and how they ask a running server.

A verb works on the database itself. Where a server has the file, the server is asked to do it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kanban_server.rules.refusals import Refusal, not_found
from kanban_server.settings import from_environment
from kanban_server.store.database import database_url, driver_for
from kanban_server.store.drivers import Driver
from kanban_server.store.filelock import KEY_HEADER, FileInUse, Holder
from kanban_server.store.identity import database_id
from kanban_server.store.migrate import MigrationFailed, migrate
from kanban_server.verbs import folders

USAGE, NOT_FOUND, REFUSED, NOT_ALLOWED, UNREACHABLE, UNEXPECTED = 2, 3, 5, 7, 8, 1
"""The exit codes of the command line, as far as verbs need them."""
_CODES = {403: NOT_ALLOWED, 404: NOT_FOUND, 409: REFUSED, 422: USAGE, 503: UNREACHABLE, 507: UNREACHABLE}

Answer = dict[str, Any]


def parser(verb: str, description: str) -> argparse.ArgumentParser:
    """A parser with the flags that every verb takes."""
    made = argparse.ArgumentParser(prog=f"kanban {verb}", description=description)
    made.add_argument("--database", dest="database_url", help="a file, or postgresql://USER@HOST/NAME")
    made.add_argument("--json", action="store_true", help="the answer as JSON")
    made.add_argument("--served-by", metavar="ID", help="the database of the server that is meant, as /health has it")
    return made


def speak(given: argparse.Namespace, work: Callable[[], Answer], line: Callable[[Answer], str]) -> None:
    """Do it, say what became of it, and leave: on stdout what was done, on stderr why it was not, and what to do."""
    try:
        answer = work()
    except Refusal as refusal:
        body = refusal.body()
        if given.json:
            print(json.dumps(body, separators=(",", ":")), file=sys.stderr)
        else:
            print(f"kanban: {refusal.detail}", file=sys.stderr)
            if refusal.fix:
                print(f"  next: {refusal.fix}", file=sys.stderr)
        sys.exit(_CODES.get(refusal.status, UNEXPECTED))
    print(json.dumps(answer, separators=(",", ":")) if given.json else line(answer))
    sys.exit(0)


def identified(database: str | None) -> tuple[str, str | None]:
    """The database that is meant, and its id. Refused: `invalid-request`, and `not-ready` where it does not answer."""
    try:
        settings = from_environment(None, database_url=database)
        url = database_url(settings)
    except ValueError as error:
        raise Refusal("invalid-request", str(error), fix="Name a file, or postgresql://USER@HOST/NAME.") from error
    where = str(Path(str(url.database)).absolute()) if url.get_backend_name() == "sqlite" else url.render_as_string()
    try:
        return where, database_id(settings)
    except ImportError:
        driver_for(settings)  # which says what to install
        raise
    except Exception as error:
        detail = f"{where} does not answer: {str(error).splitlines()[0]}"
        raise Refusal("not-ready", detail, fix="kanban doctor") from error


def check_served(given: argparse.Namespace) -> None:
    """Refused: `not-found`, where a server is known to run, no database is named, and its own is another."""
    if given.served_by is None or given.database_url is not None:
        return
    where, id = identified(None)
    if id != given.served_by:
        detail = f"The server at the URL has another database than {where}."
        raise Refusal("not-found", detail, fix="Name its database with --database, as the server was given it.")


@contextmanager
def database(given: argparse.Namespace, *, new: bool = False) -> Iterator[Driver]:
    """The database that is meant, which nobody else has. Refused: `not-found`, unless it may be `new`; FileInUse."""
    check_served(given)
    try:
        settings = from_environment(None, database_url=given.database_url)
        url = database_url(settings)
    except ValueError as error:
        raise Refusal("invalid-request", str(error), fix="Name a file, or postgresql://USER@HOST/NAME.") from error
    file = Path(str(url.database)).absolute() if url.get_backend_name() == "sqlite" else None
    if file and not new and not file.is_file():
        raise not_found("database", str(file), fix="Name it with --database, as the server is given it.")
    if new:
        folders.offer(settings)
    try:
        driver = driver_for(settings)
    except OSError as error:
        detail = f"{error.filename} can't be opened: {error.strerror}."
        raise Refusal("not-allowed", detail, fix="Run the command as the user that runs the server.") from error
    try:
        yield driver
    finally:
        driver.release()


def make_ready(driver: Driver) -> None:
    """Bring the database to the newest revision. Refused: `not-ready`."""
    try:
        migrate(driver)
    except MigrationFailed as error:
        raise Refusal("not-ready", str(error), fix="kanban doctor") from error


def ask(in_use: FileInUse, path: str, body: Answer) -> Answer:
    """Ask the server that has the file. Refused: whatever it refuses, and `busy` where none answers."""
    if in_use.holder is None:
        raise Refusal("busy", f"Another command has {in_use.path} open.", fix="Try again in a moment.")
    status, answer = _post(in_use.holder, path, body)
    if status >= 400:
        facts = {name: fact for name, fact in answer.items() if name not in {"type", "title", "status", "detail"}}
        raise Refusal(answer["type"], answer["detail"], **facts)
    return answer


def _post(holder: Holder, path: str, body: Answer) -> tuple[int, Answer]:
    at = urlsplit(holder.url)
    connection = http.client.HTTPConnection(at.hostname or "127.0.0.1", at.port)
    headers = {"Host": "localhost", "Content-Type": "application/json", KEY_HEADER: holder.key}
    try:
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        answer: Answer = json.loads(response.read())
        return response.status, answer
    except (OSError, http.client.HTTPException, ValueError) as error:
        detail = f"The server at {holder.url} does not answer ({error})."
        raise Refusal("busy", detail, fix="Look at its log; kanban status") from error
    finally:
        connection.close()
