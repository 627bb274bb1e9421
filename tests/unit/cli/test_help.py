"""Help: each command and action has examples that run, ``help COMMAND`` shows it, and each has the options it needs."""

from __future__ import annotations

import shlex

import pytest

from anycarrier.cli import main
from anycarrier.cli.commands import COMMANDS
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.parser import Parser, parse, parser

ALONE = {
    "jobs cancel", "jobs list", "jobs results", "jobs resume", "jobs status",
    "help", "capabilities", "providers", "completion", "demo", "simulate",
    "purchases", "audit", "journal migrate", "journal backup", "journal export", "journal prune",
}  # fmt: skip
"""Commands that talk to no provider."""


def leaves(made: Parser) -> list[Parser]:
    """The parsers below which there is none."""
    found = [leaf for action in made.actions() for sub in action.choices.values() for leaf in leaves(sub)]
    return found or [made]


LEAVES = {leaf.prog.partition(" ")[2]: leaf for leaf in leaves(parser(options=True))}


@pytest.mark.parametrize("words", LEAVES)
def test_each_help_has_examples_of_its_own_and_they_parse(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main([*words.split(), "--help"]) == 0
    shown = capsys.readouterr().out.partition("examples:\n")[2].replace(" \\\n", " ").splitlines()
    assert shown
    for line in shown:
        program, *example = shlex.split(line)
        assert program == "anycarrier"
        assert " ".join(example).startswith(words)
        if example[0] == "help":
            assert main(example) == 0
        else:
            assert parse(example).command == example[0]


@pytest.mark.parametrize("words", ["", "search", "campaign", "campaign bind", "call voicetel set-cnam", "help"])
def test_help_and_a_command_shows_what_the_command_with_help_shows(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["help", *words.split()]) == 0
    shown = capsys.readouterr().out
    assert main([*words.split(), "--help"]) == 0
    assert shown == capsys.readouterr().out


def test_help_of_a_mistyped_command_suggests_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "serach"]) == Exit.USAGE
    assert "did you mean search?" in capsys.readouterr().err


def test_all_that_talks_to_a_provider_has_a_timeout() -> None:
    assert {words for words, leaf in LEAVES.items() if "--timeout" not in leaf.options()} == ALONE | {"call"}
    assert parse(["call", "voicetel", "gateways", "--timeout", "5"]).timeout == 5


def test_every_command_is_known() -> None:
    assert {words.split()[0] for words in LEAVES} == set(COMMANDS)
