"""Settings of a folder and of a shell: init, completion."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from kanban_cli import credentials
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import REFUSED, UNEXPECTED
from kanban_cli.invocation import CONFIG, DEFAULT_URL, Invocation
from kanban_cli.options import command
from kanban_cli.render.output import print_line

app = typer.Typer()


@command(
    app, examples=["kanban init -b 2 -u ada", "kanban init --force --url http://127.0.0.1:9000"], without=["lease"]
)
def init(
    invocation: Invocation,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write .kanban.toml: server, board and user of this folder.

    Commands in this folder and below use these settings. Your token may be sent to this server from then on. It is sent
    to a server that somebody else's .kanban.toml names only after a login there.
    """
    settings = {
        "url": invocation.explicit_setting("url") or DEFAULT_URL,
        "board": invocation.explicit_setting("board"),
        "user": invocation.explicit_setting("user"),
    }
    filled_settings = {name: value for name, value in settings.items() if value}
    file = Path(CONFIG)
    try:
        with file.open("w" if force else "x", encoding="utf-8") as target:
            target.writelines(f"{name} = {json.dumps(value)}\n" for name, value in filled_settings.items())
    except FileExistsError as error:
        raise CommandError(REFUSED, f"{CONFIG} exists already.", fix="kanban init --help") from error
    except OSError as error:
        raise CommandError(UNEXPECTED, f"{CONFIG} can't be written: {error}") from error
    with suppress(CommandError):  # otherwise the next command reports it
        credentials.trust_server(str(filled_settings["url"]))
    if invocation.options.json:
        invocation.print_json({"file": str(file.resolve()), **filled_settings})
    else:
        print_line(f"{CONFIG}: {', '.join(f'{name} {value}' for name, value in filled_settings.items())}")


@command(
    app, examples=["kanban completion", "kanban completion fish"], without=["board", "user", "url", "lease", "json"]
)
def completion(
    invocation: Invocation,
    shell: Annotated[
        Literal["bash", "zsh", "fish"] | None,
        typer.Argument(metavar="[SHELL]", help="bash, zsh or fish. Default: your shell."),
    ] = None,
) -> None:
    """Print a script for completion with TAB.

    It completes commands, boards, columns and tickets.

    \b
    bash: add eval "$(kanban completion bash)" to ~/.bashrc
    zsh:  add eval "$(kanban completion zsh)" to ~/.zshrc, after compinit
    fish: kanban completion fish > ~/.config/fish/completions/kanban.fish
    """
    from typer._completion_shared import get_completion_script

    user_shell = Path(invocation.environment.get("SHELL", "bash")).name
    chosen_shell = shell or (user_shell if user_shell in {"bash", "zsh", "fish"} else "bash")
    print(get_completion_script(prog_name="kanban", complete_var="_KANBAN_COMPLETE", shell=chosen_shell))
