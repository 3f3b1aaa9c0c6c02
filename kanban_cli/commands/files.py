"""Files of tickets: attach, files, download, detach."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import TicketId, Yes, command
from kanban_cli.render.output import print_cells, print_json, print_line, print_rows
from kanban_sdk.calls import files as calls

if TYPE_CHECKING:
    from kanban_sdk.wire.files import AttachedFile, File

app = typer.Typer()

FileName = Annotated[str, typer.Argument(metavar="NAME", help="The file's name, as `kanban files` shows it.")]


@command(
    app,
    examples=["kanban attach 12 screenshot.png", "kanban attach 12 - --name build.log"],
    without=["board"],
)
def attach(
    invocation: Invocation,
    ticket: TicketId,
    file: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="The file; - reads stdin.", allow_dash=True, show_default=False)
    ],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="The name on the ticket. Default: the file's own.")
    ] = None,
) -> None:
    """Attach files to a ticket.

    A name that the ticket has already gets a number. Pictures lose their metadata, such as where they were taken. In a
    description or comment, ![](/api/tickets/12/files/NAME) shows a picture.
    """
    if name is not None and len(file) > 1:
        raise CommandError(USAGE, "--name is for one file.", fix="kanban attach --help")
    for path in file:
        try:
            _attach(invocation, ticket, path, name)
        except OSError as error:
            detail = f"{path} can't be read: {error.strerror}."
            raise CommandError(USAGE, detail, fix="kanban attach --help") from error


def _attach(invocation: Invocation, ticket: int, path: Path, name: str | None) -> None:
    def show(attached: "AttachedFile") -> None:
        print_cells(f"file {attached.name}", f"on {attached.ticket_id}", f"{attached.size} bytes", attached.media_type)

    if str(path) != "-":
        if not path.is_file():
            raise CommandError(USAGE, f"There is no file {path}.", fix="kanban attach --help")
        invocation.send_and_print(calls.attach(ticket, path, name=name), show)
        return
    if name is None:
        raise CommandError(USAGE, "What stdin gives needs a name.", fix=f"kanban attach {ticket} - --name NAME")
    with tempfile.NamedTemporaryFile() as spool:  # a file may be larger than the memory
        shutil.copyfileobj(sys.stdin.buffer, spool)
        spool.flush()
        invocation.send_and_print(calls.attach(ticket, spool.name, name=name), show)


@command(app, examples=["kanban files 12", "kanban files 12 --json"], without=["board", "lease"])
def files(invocation: Invocation, ticket: TicketId) -> None:
    """List the files of a ticket, oldest first.

    A row has the name, the bytes, the type, who attached it, and the time.
    """

    def show(known: "list[File]") -> None:
        rows = [[one.name, one.size, one.media_type, one.created_by, f"{one.created_at[:19]}Z"] for one in known]
        print_rows(["name", "bytes", "type", "who", "when"], rows, str(len(rows)))

    invocation.send_and_print(calls.all(ticket), show)


@command(app, examples=["kanban download 12 log.txt", "kanban download 12 log.txt -o copy.txt"], without=["board"])
def download(
    invocation: Invocation,
    ticket: TicketId,
    name: FileName,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="PATH", help="Where to. Default: its name, in this folder; - is stdout."
        ),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the file that is there.")] = False,
) -> None:
    """Download a file of a ticket."""
    if output is not None and str(output) == "-":
        with tempfile.TemporaryFile() as spool:
            invocation.client.save(calls.read(ticket, name), spool)
            spool.seek(0)
            shutil.copyfileobj(spool, sys.stdout.buffer)
        return
    target = output or Path(name)
    if target.is_dir():
        target /= name
    try:
        invocation.client.files.download(ticket, name, target, force=replace)
    except FileExistsError as error:
        raise CommandError(USAGE, f"{target} is there already.", fix="kanban download --help") from error
    except OSError as error:
        detail = f"{target} can't be written: {error.strerror}."
        raise CommandError(USAGE, detail, fix="kanban download --help") from error
    size = target.stat().st_size
    if invocation.options.json:
        print_json({"file": str(target), "bytes": size})
    else:
        print_line(f"{target}, {size} bytes")


@command(app, examples=["kanban detach 12 log.txt --yes", "kanban detach 12 log.txt --yes --json"], without=["board"])
def detach(invocation: Invocation, ticket: TicketId, name: FileName, yes: Yes = False) -> None:
    """Remove a file of yours from a ticket.

    Its content is deleted for ever.
    """
    if not yes:
        detail = f"Confirm with --yes that {name} is to be deleted."
        raise CommandError(USAGE, detail, fix="kanban detach --help")
    invocation.send_and_print(calls.remove(ticket, name), lambda removed: print_line(removed.message))
