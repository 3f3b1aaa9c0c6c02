"""What people type first, in the words of other programs: it works, or its own `fix` leads to something that does."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from typer import main as typer_main

from kanban_cli import errors, exit_codes
from kanban_cli.command_line import CommandLine
from kanban_cli.command_tree import app
from kanban_cli.hints import DESTRUCTIVE_WORDS, IDENTITY_WORDS
from kanban_cli.invocation import Invocation
from kanban_cli.table import ALIASES, COMMANDS, FAMILIAR_WORDS
from tests.support.servers import Server

WORK = (
    "",
    "list",
    "ls",
    "create 'Fix the login race'",
    "new 'Fix the login race' -p high",
    "add 'Fix the login race' --due 'next friday'",
    "show 1",
    "view 1",
    "get 1",
    "edit 1 -p high",
    "edit 1 2 -p low",
    "assign 1 ada",
    "assign 1 me",
    "mv 1 'In Progress'",
    "move 1 2 done",
    "start 1",
    "release 1",
    "close 1",
    "search login",
    "search log race",
    "open 1",
    "open",
    "history 1",
    "log",
    "comment 1 'a text'",
    "list --status done",
    "list --status working",
    "list --status open",
    "list --not-done",
    "list --sort priority",
    "list --sort created --reverse",
    "list --priority high",
    "list --created-by ada",
    "list --since yesterday",
    "list --all",
    "list --due tomorrow",
    "board ls",
    "board create Another",
    "board view",
    "next --peek",
    "prime",
    "whoami",
    "inbox",
    "why 1",
    "claim 1 --force",
    "block 2 --on 1",
    "block 2 --on 1 --json",
    "done 1 -m fixed",
    "undelete 1",
    "stats",
    "board columns",
    "export",
    "list --json",
    "--json list",
    "list --mine",
    "list -a ada",
    "add x --priority urgent",
    "move 2 in_progress",
    "who",
    "status",
    "--version",
    "--help",
)
"""Work as they are."""

CORRECTED = {
    "tickets": "list",
    "issues": "list",
    "boards": "board list",
    "columns": "board columns",
    "describe 1": "show 1",
    "update 1 -p high": "edit 1 -p high",
    "take 2": "claim 2",
    "finish 1": "close 1",
    "find login": "search login",
    "note 1 'a text'": "comment 1 'a text'",
    "help": "--help",
    "version": "--version",
    "web": "open",
    "summary": "status",
    "activity": "log",
    "lst": "list",
    "shwo 1": "show 1",
    "add Fix the login race": "add 'Fix the login race'",
    "add -p high Fix the login race -l bug": "add -p high 'Fix the login race' -l bug",
    "comment 1 a few words": "comment 1 'a few words'",
    "add x --desc y": "add x --description y",
    "add x --body y": "add x --description y",
    "add x --tag bug": "add x --label bug",
    "add x --assign ada": "add x --assignee ada",
    "add x --status Done": "add x --column Done",
    "edit 1 --name x": "edit 1 --title x",
    "edit 1 --labels bug": "edit 1 --add-label bug",
    "edit 1 --status done": "edit 1 --column done",
    "list --open": "list --not-done",
    "list --order-by due": "list --sort due",
    "list --status donee": "list --status Done",
    "list --status nowhere": "board columns",
    "list --column nowhere": "board columns",
    "ticket create x": "create x",
    "task add x": "add x",
    "issue list": "list",
    "ticket 1": "show 1",
    "card rm 1": "--help",
    "comments 1": "show 1",
    "take": "claim --help",
    "use 1": "init --help",
    "config list": "init --help",
    "depends 2 1": "block --help",
    "reopen 1": "move --help",
    "label 1 bug": "edit --help",
    "set 1 priority high": "edit --help",
    "column add Review": "board column --help",
    "my": "list --mine",
    "dashboard": "open",
    "exit": "--help",
    "find": "search --help",
    "list done": "list --help",
    "create": "add --help",
    "start": "claim --help",
    "move 1 to done": "move --help",
    "move 1 inprogress": "move 1 'In Progress'",
    "move 1 doing": "board columns",
    "comment 1": "comment --help",
    "check 1 99": "show 1",
    "rm 1": "delete --help",
    "remove 1": "delete --help",
    "delete 1": "delete --help",
    "show": "show --help",
    "show one": "show --help",
    "show 999999": "list",
    "edit 1": "edit --help",
    "move 1": "move --help",
    "xyzzy": "--help",
    "board lst": "board list",
    "board rename x": "board --help",
}
"""Are refused; the fix succeeds."""


@pytest.fixture(scope="module")
def ada(sqlite: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ada]:
    """Ada, in a folder of her own, at a board with two tickets."""
    folder = tmp_path_factory.mktemp("ada")
    with sqlite.kanban("ada") as sdk, pytest.MonkeyPatch.context() as patch:
        board = sdk.boards.create("First words")
        environment = {"KANBAN_URL": sqlite.url, "KANBAN_BOARD": str(board.id), "KANBAN_USER": "ada"}
        patch.setenv("XDG_CONFIG_HOME", str(folder))
        patch.chdir(folder)
        yield Ada(environment, {str(one): sdk.tickets.create(f"Login {one}", board=board.id).id for one in (1, 2)})


@dataclass
class Ada:
    """A user, and the numbers of her tickets."""

    environment: dict[str, str]
    ids: dict[str, int]

    def words(self, typed: str) -> list[str]:
        """Return the words of a line, with the numbers of her tickets for 1 and 2."""
        return [str(self.ids.get(word, word)) for word in shlex.split(typed)]

    def run(self, words: list[str]) -> tuple[int, str | None]:
        """Run a line in this process; return its exit code and the next command that it names."""
        line = CommandLine(words)
        invocation = Invocation(environment=self.environment, command_line=line)
        try:
            typer_main.get_command(app).main(words, prog_name="kanban", standalone_mode=False, obj=invocation)
        except SystemExit as error:
            return int(str(error.code or 0)), None
        except Exception as error:
            code, problem = errors.classify(error, line)
            return code, str(problem["fix"]) if problem else None
        return exit_codes.DONE, None


@pytest.mark.parametrize("typed", WORK)
def test_what_people_type_first_works(ada: Ada, typed: str) -> None:
    assert ada.run(ada.words(typed)) == (exit_codes.DONE, None)


@pytest.mark.parametrize(("typed", "corrected"), CORRECTED.items())
def test_what_is_refused_names_a_command_that_succeeds(ada: Ada, typed: str, corrected: str) -> None:
    code, fix = ada.run(ada.words(typed))
    assert code in {exit_codes.USAGE, exit_codes.NOT_FOUND}
    assert fix is not None
    assert shlex.split(fix) == ["kanban", *ada.words(corrected)]
    assert ada.run(shlex.split(fix)[1:]) == (exit_codes.DONE, None)


def test_no_suggested_word_destroys_or_changes_who_acts_and_every_one_exists() -> None:
    for words in FAMILIAR_WORDS.values():
        assert not {*words} & (DESTRUCTIVE_WORDS | IDENTITY_WORDS)
        assert words[0] in COMMANDS or words[0].startswith("--")
    assert not FAMILIAR_WORDS.keys() & (COMMANDS.keys() | ALIASES.keys())
    assert not ALIASES.keys() & COMMANDS.keys()
    assert {*ALIASES.values()} <= COMMANDS.keys()
