"""Setting a shell up: init, completion."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from kanban_cli import logins
from kanban_cli.context import CONFIG, DEFAULT_URL, as_json, asked
from kanban_cli.exits import REFUSED, UNEXPECTED, Stop
from kanban_cli.options import command
from kanban_cli.output import say, say_json

app = typer.Typer()


@command(app, examples=["kanban init -b 2 -u ada", "kanban init --force --url http://127.0.0.1:9000"])
def init(force: Annotated[bool, typer.Option("--force", help="Replace the file that is there.")] = False) -> None:
    """Write .kanban.toml here: the server, the board and the user that commands in this folder mean.

    Your token may go to this server from then on; to one that somebody else's .kanban.toml names, only after a login.
    """
    settings = {"url": asked("url") or DEFAULT_URL, "board": asked("board"), "user": asked("user")}
    known = {name: value for name, value in settings.items() if value}
    file = Path(CONFIG)
    try:
        with file.open("w" if force else "x", encoding="utf-8") as target:
            target.writelines(f"{name} = {json.dumps(value)}\n" for name, value in known.items())
    except FileExistsError as error:
        from kanban_cli.context import typed

        raise Stop(REFUSED, f"{CONFIG} is there already.", fix=typed("--force")) from error
    except OSError as error:
        raise Stop(UNEXPECTED, f"{CONFIG} can't be written: {error}") from error
    with suppress(Stop):  # else the next command says what to do
        logins.trust(str(known["url"]))
    if as_json():
        say_json({"file": str(file.resolve()), **known})
    else:
        say(f"{CONFIG}: {', '.join(f'{name} {value}' for name, value in known.items())}")


@command(app, examples=["kanban completion", "kanban completion fish"])
def completion(
    shell: Annotated[
        Literal["bash", "zsh", "fish"] | None, typer.Argument(help="The shell; the one that you use, if not named.")
    ] = None,
) -> None:
    """Print the script that completes commands, boards, columns and tickets.

    bash: eval "$(kanban completion bash)" in ~/.bashrc. zsh: the same with zsh, behind compinit, in ~/.zshrc.
    fish: kanban completion fish > ~/.config/fish/completions/kanban.fish
    """
    from typer._completion_shared import get_completion_script

    used = Path(os.environ.get("SHELL", "bash")).name
    meant = shell or (used if used in {"bash", "zsh", "fish"} else "bash")
    print(get_completion_script(prog_name="kanban", complete_var="_KANBAN_COMPLETE", shell=meant))
