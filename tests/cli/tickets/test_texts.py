"""Texts in the user's editor, and comments that are changed and deleted."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell


def editor(folder: Path, change: str) -> dict[str, str]:
    """Settings with an editor that changes `text`, the content of the file, by a line of Python."""
    script = folder / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "file = pathlib.Path(sys.argv[1])\n"
        "text = file.read_text()\n"
        f"{change}\n"
        "file.write_text(text)\n"
    )
    return {"EDITOR": f"{sys.executable} {script}", "TMPDIR": str(folder)}


def test_a_tickets_texts_are_edited_in_the_editor(kanban: Shell, sdk: Kanban, own: Board, tmp_path: Path) -> None:
    ticket = sdk.tickets.create("Old title", board=own.id, description="One\n\nTwo", acceptance_criteria="- it runs").id
    change = "text = text.replace('Old', 'New').replace('Two', 'Three') + '- it is tested\\n'"
    output = kanban.terminal("edit", ticket, **editor(tmp_path, change))
    assert "title, description, criteria" in output
    edited = sdk.tickets.get(ticket)
    assert (edited.title, edited.description) == ("New title", "One\n\nThree")
    assert edited.acceptance_criteria == "- it runs\n- it is tested"
    assert not list(tmp_path.glob("kanban-ticket-*"))
    with kanban.screen("edit", ticket, **editor(tmp_path, "pass")) as screen:
        assert screen.code() == 4
    assert "Nothing was saved: the text is unchanged." in screen.shown
    assert sdk.tickets.get(ticket).version == edited.version


def test_a_text_that_is_refused_stays_in_its_file(kanban: Shell, sdk: Kanban, own: Board, tmp_path: Path) -> None:
    ticket = sdk.tickets.create("Contested", board=own.id).id
    meanwhile = [sys.executable, "-m", "kanban_cli", "edit", str(ticket), "-p", "high"]
    change = f"import subprocess; subprocess.run({meanwhile}); text = 'Lost?' + text"
    with kanban.screen("edit", ticket, **editor(tmp_path, change)) as screen:
        assert screen.code() == 5
    (file,) = tmp_path.glob("kanban-ticket-*")
    assert str(file) in screen.shown.replace("\r\n", "")
    assert file.read_text().startswith("Lost?Contested")
    assert sdk.tickets.get(ticket).title == "Contested"


def test_a_comment_is_written_changed_and_deleted(kanban: Shell, sdk: Kanban, own: Board, tmp_path: Path) -> None:
    ticket = sdk.tickets.create("Discussed", board=own.id).id
    kanban.terminal("comment", ticket, **editor(tmp_path, "text = 'From the editor'"))
    (comment,) = sdk.comments.all(ticket)
    assert comment.text == "From the editor"
    assert f"(comment {comment.id})" in kanban.terminal("show", ticket)
    kanban.terminal("comment", ticket, "--edit", comment.id, **editor(tmp_path, "text = text.upper()"))
    assert sdk.comments.all(ticket)[0].text == "FROM THE EDITOR"
    kanban.ok("comment", ticket, "--edit", comment.id, "Typed")
    assert sdk.comments.all(ticket)[0].text == "Typed"
    assert kanban("comment", ticket, "--edit", comment.id, "Not mine", "-u", "bob").code == 7
    assert kanban("comment", ticket, "--edit", 999_999, "x").code == 3
    refused = kanban("comment", ticket, "--delete", comment.id)
    assert (refused.code, "next: kanban comment --help" in refused.err) == (2, True)
    kanban.ok("comment", ticket, "--delete", comment.id, "--yes")
    assert sdk.comments.all(ticket) == []
    assert kanban("comment", ticket).code == 2


def test_several_tickets_are_edited_in_one_request_or_not_at_all(kanban: Shell, sdk: Kanban, own: Board) -> None:
    one, two = (sdk.tickets.create(title, board=own.id, labels=["old"]).id for title in ("One", "Two"))
    edited = kanban.ok("edit", one, two, "-p", "low", "-l", "new", "--remove-label", "old")
    assert edited.rows == [[str(id), "priority low, label +new, label -old"] for id in (one, two)]
    for id in (one, two):
        assert (sdk.tickets.get(id).priority, sdk.tickets.get(id).labels) == ("low", ["new"])
    events = kanban.ok("log", "--json", "-n", 4).json["events"]
    assert len({event["tx"] for event in events}) == 1
    assert kanban("edit", one, 999_999, "-p", "high").code == 3
    assert sdk.tickets.get(one).priority == "low"
    refused = kanban("edit", one, two, "--append", "x")
    assert (refused.code, "next: kanban edit --help" in refused.err) == (2, True)
    assert json.loads(kanban.ok("edit", one, two, "-a", "eve", "--json").out)["succeeded"] == 2


def test_an_edit_says_what_changed(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("Told", board=own.id, assignee="bob").id
    flags = ["-p", "high", "-a", "", "--due", "2030-01-31", "-d", "x", "-l", "bug"]
    assert kanban.ok("edit", ticket, *flags).rows == [
        [
            str(ticket),
            "Not Started",
            "priority high, description, no assignee, due 2030-01-31, label +bug",
            "Told",
        ]
    ]


def test_a_due_date_may_be_said_in_words(kanban: Shell) -> None:
    ticket = kanban.ok("add", "Dated", "--due", "next friday", "--json").json
    assert len(ticket["due_date"]) == len("2030-01-31")
    refused = kanban("edit", ticket["id"], "--due", "soon")
    assert (
        refused.err == "kanban: 'soon' is not a day.\n  next: Write it as 2026-12-24, tomorrow, 3d, or next friday.\n"
    )


def test_the_users_config_has_aliases_and_saved_lists(kanban: Shell, sdk: Kanban, own: Board) -> None:
    config = kanban.folder / "home" / "agent-kanban" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        '[aliases]\nmine = "list --mine --fields id"\nlist = "delete 1"\n[lists]\nurgent = "-p high --fields id"\n'
    )
    one = sdk.tickets.create("One", board=own.id, priority="high").id
    two = sdk.tickets.create("Two", board=own.id, assignee="ada").id
    assert kanban.ok("mine").rows == [[str(two)]]
    assert kanban.ok("list", "urgent").rows == [[str(one)]]
    assert kanban.ok("ls", "urgent", "--json").json["total"] == 1
    assert len(kanban.ok("list").rows) == 2
    (kanban.folder / ".kanban.toml").write_text('[aliases]\nours = "list"\n')
    assert kanban("ours").code == 2
