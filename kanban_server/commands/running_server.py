"""What the commands share: flags, output, and requests to a running server.

A command works on the database itself. If a server uses the file, the command asks that server to do the work.
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

from kanban_server.commands import database_folder
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.settings import from_environment
from kanban_server.store.database import database_url, driver_for
from kanban_server.store.database_id import database_id
from kanban_server.store.drivers import Driver
from kanban_server.store.file_lock import KEY_HEADER, FileInUse, Holder
from kanban_server.store.maintenance.migrate import MigrationFailed, migrate

USAGE, NOT_FOUND, REFUSED, NOT_ALLOWED, UNREACHABLE, UNEXPECTED = 2, 3, 5, 7, 8, 1
"""The exit codes of the command line that these commands use."""
_EXIT_CODES = {403: NOT_ALLOWED, 404: NOT_FOUND, 409: REFUSED, 422: USAGE, 503: UNREACHABLE, 507: UNREACHABLE}

JsonObject = dict[str, Any]


def make_parser(command: str, description: str) -> argparse.ArgumentParser:
    """A parser with the flags that every command takes."""
    parser = argparse.ArgumentParser(prog=f"kanban {command}", description=description)
    parser.add_argument("--database", dest="database_url", help="a file, or postgresql://USER@HOST/NAME")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.add_argument("--served-by", metavar="ID", help="the database of the server that is meant, as /health has it")
    return parser


def run_and_print(
    options: argparse.Namespace, run: Callable[[], JsonObject], format_line: Callable[[JsonObject], str]
) -> None:
    """Run a command and exit. The result goes to stdout; a problem and its fix go to stderr."""
    try:
        result = run()
    except Refusal as refusal:
        body = refusal.body()
        if options.json:
            print(json.dumps(body, separators=(",", ":")), file=sys.stderr)
        else:
            print(f"kanban: {refusal.detail}", file=sys.stderr)
            if refusal.fix:
                print(f"  next: {refusal.fix}", file=sys.stderr)
        sys.exit(_EXIT_CODES.get(refusal.status, UNEXPECTED))
    print(json.dumps(result, separators=(",", ":")) if options.json else format_line(result))
    sys.exit(0)


def identified(database: str | None) -> tuple[str, str | None]:
    """The database that the settings name, and its id. Refused: `invalid-request`; `not-ready` if unreachable."""
    try:
        settings = from_environment(None, database_url=database)
        url = database_url(settings)
    except ValueError as error:
        raise Refusal("invalid-request", str(error), fix="Name a file, or postgresql://USER@HOST/NAME.") from error
    where = str(Path(str(url.database)).absolute()) if url.get_backend_name() == "sqlite" else url.render_as_string()
    try:
        return where, database_id(settings)
    except ImportError:
        driver_for(settings)  # raises a refusal that says what to install
        raise
    except Exception as error:
        detail = f"{where} does not answer: {str(error).splitlines()[0]}"
        raise Refusal("not-ready", detail, fix="kanban doctor") from error


def files_path(options: argparse.Namespace) -> Path | None:
    """The folder for the contents of files that the settings name; None means the database."""
    return from_environment(None, database_url=options.database_url).files_path


def check_server_database(options: argparse.Namespace) -> None:
    """Refused: `not-found`, if no database is named and the running server uses another than the default one."""
    if options.served_by is None or options.database_url is not None:
        return
    where, id = identified(None)
    if id != options.served_by:
        detail = f"The server at the URL has another database than {where}."
        raise Refusal("not-found", detail, fix="Name its database with --database, as the server was given it.")


@contextmanager
def open_database(options: argparse.Namespace, *, may_create: bool = False) -> Iterator[Driver]:
    """Open the named database exclusively. Refused: `not-found`, unless `may_create`. Raises FileInUse."""
    check_server_database(options)
    try:
        settings = from_environment(None, database_url=options.database_url)
        url = database_url(settings)
    except ValueError as error:
        raise Refusal("invalid-request", str(error), fix="Name a file, or postgresql://USER@HOST/NAME.") from error
    path = Path(str(url.database)).absolute() if url.get_backend_name() == "sqlite" else None
    if path and not may_create and not path.is_file():
        raise not_found("database", str(path), fix="Name it with --database, as the server is given it.")
    if may_create:
        database_folder.offer(settings)
    try:
        driver = driver_for(settings)
    except OSError as error:
        detail = f"{error.filename} can't be opened: {error.strerror}."
        raise Refusal("not-allowed", detail, fix="Run the command as the user that runs the server.") from error
    try:
        yield driver
    finally:
        driver.release()


def migrate_database(driver: Driver) -> None:
    """Bring the database to the newest revision. Refused: `not-ready`."""
    try:
        migrate(driver)
    except MigrationFailed as error:
        raise Refusal("not-ready", str(error), fix="kanban doctor") from error


def ask_server(in_use: FileInUse, path: str, body: JsonObject) -> JsonObject:
    """Send the request to the server that has the file. Refused: its refusals, and `busy` if it does not answer."""
    if in_use.holder is None:
        raise Refusal("busy", f"Another command has {in_use.path} open.", fix="Try again in a moment.")
    status, response_body = _post(in_use.holder, path, body)
    if status >= 400:
        facts = {
            name: fact for name, fact in response_body.items() if name not in {"type", "title", "status", "detail"}
        }
        raise Refusal(response_body["type"], response_body["detail"], **facts)
    return response_body


def _post(holder: Holder, path: str, body: JsonObject) -> tuple[int, JsonObject]:
    url = urlsplit(holder.url)
    connection = http.client.HTTPConnection(url.hostname or "127.0.0.1", url.port)
    headers = {"Host": "localhost", "Content-Type": "application/json", KEY_HEADER: holder.key}
    try:
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        response_body: JsonObject = json.loads(response.read())
        return response.status, response_body
    except (OSError, http.client.HTTPException, ValueError) as error:
        detail = f"The server at {holder.url} does not answer ({error})."
        raise Refusal("busy", detail, fix="Look at its log; kanban status") from error
    finally:
        connection.close()
