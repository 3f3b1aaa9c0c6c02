"""Shell setup: init, completion."""

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
from kanban_cli.render.output import print_json, print_line

app = typer.Typer()


@command(app, examples=["kanban init -b 2 -u ada", "kanban init --force --url http://127.0.0.1:9000"])
def init(
    invocation: Invocation,
    force: Annotated[bool, typer.Option("--force", help="Replace the file that is there.")] = False,
) -> None:
    """Write .kanban.toml here: the server, the board and the user that commands in this folder mean.

    Your token may go to this server from then on; to one that somebody else's .kanban.toml names, only after a login.
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
        raise CommandError(REFUSED, f"{CONFIG} is there already.", fix="kanban init --help") from error
    except OSError as error:
        raise CommandError(UNEXPECTED, f"{CONFIG} can't be written: {error}") from error
    with suppress(CommandError):  # otherwise the next command reports it
        credentials.trust_server(str(filled_settings["url"]))
    if invocation.options.json:
        print_json({"file": str(file.resolve()), **filled_settings})
    else:
        print_line(f"{CONFIG}: {', '.join(f'{name} {value}' for name, value in filled_settings.items())}")


@command(app, examples=["kanban completion", "kanban completion fish"])
def completion(
    invocation: Invocation,
    shell: Annotated[
        Literal["bash", "zsh", "fish"] | None, typer.Argument(help="The shell; the one that you use, if not named.")
    ] = None,
) -> None:
    """Print the script that completes commands, boards, columns and tickets.

    bash: eval "$(kanban completion bash)" in ~/.bashrc. zsh: the same with zsh, behind compinit, in ~/.zshrc.
    fish: kanban completion fish > ~/.config/fish/completions/kanban.fish
    """
    from typer._completion_shared import get_completion_script

    user_shell = Path(invocation.environment.get("SHELL", "bash")).name
    chosen_shell = shell or (user_shell if user_shell in {"bash", "zsh", "fish"} else "bash")
    print(get_completion_script(prog_name="kanban", complete_var="_KANBAN_COMPLETE", shell=chosen_shell))
