"""The start of `kanban`. A hook is run before anything else is loaded: agent programs wait for it at each tool call."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def run() -> NoReturn:
    """Run the command of this process and exit with its exit code."""
    words = sys.argv[1:]
    if words[:1] == ["hook"] and not {"-h", "--help"} & {*words}:
        from kanban_cli.hook.main import run as run_hook

        run_hook(words[1:])
    _run_command(words)


def _run_command(words: list[str]) -> NoReturn:
    from kanban_cli import errors, exit_codes
    from kanban_cli.command_line import CommandLine
    from kanban_cli.invocation import Invocation

    code = exit_codes.DONE
    _open_closed_streams()
    invocation = Invocation(environment=dict(os.environ), command_line=CommandLine(words))
    json = not invocation.command_line.options().isdisjoint({"--json", "--jq"})
    try:
        _show_warnings(json=json)
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        from typer import main as typer_main

        from kanban_cli.command_tree import app

        if "_KANBAN_COMPLETE" in invocation.environment:
            from typer._completion_classes import completion_init

            completion_init()
        command = typer_main.get_command(app)
        arguments = list(invocation.command_line.words)
        code = command.main(arguments, prog_name="kanban", standalone_mode=False, obj=invocation) or exit_codes.DONE
        sys.stdout.flush()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else exit_codes.UNEXPECTED
    except BaseException as error:
        code = errors.print_error(error, invocation.command_line, json=json)
    exit_process(code)


def _open_closed_streams() -> None:
    """Give each stream that was closed by the caller (`>&-`) the null device, so that writing to it is no error."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 (open until the process ends)


def _show_warnings(*, json: bool) -> None:
    """Print the server's warnings on stderr; with `--json` they are part of the result."""
    import warnings

    from kanban_cli.invocation import print_notice

    def show(message: Warning | str, *_: object, **__: object) -> None:
        print_notice(str(message))

    def ignore(*_: object, **__: object) -> None:
        pass

    warnings.simplefilter("always", UserWarning)
    warnings.showwarning = ignore if json else show


def exit_process(code: int) -> NoReturn:
    """Exit without Python's shutdown, which takes 15 ms and does nothing needed here."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue
    os._exit(code)
