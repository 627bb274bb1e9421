"""``completion``: a script for the shell, made from the parser by shtab."""

from __future__ import annotations

import argparse

from anycarrier.cli.call_options import grow_names
from anycarrier.cli.commands import COMMANDS
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.parser import Parser, parser
from anycarrier.errors import AnyCarrierError, ConfigurationError
from anycarrier.features import FEATURES
from anycarrier.installation import how_to_install
from anycarrier.model import Feature
from anycarrier.registry import names
from anycarrier.settings import read_accounts

__all__ = ["completion"]


def completion(context: Context) -> int:
    """Print a script that completes commands, options and choices, and this machine's providers and accounts."""
    try:
        import shtab
    except ModuleNotFoundError:
        raise ConfigurationError(f"completion needs shtab, which is not installed: {how_to_install('cli')}") from None
    made = parser(options=True)
    words = {"--provider": names(), "--from": names(), "--account": _accounts(), "--need": [*Feature, *FEATURES]}
    for command in _all(made):
        known = COMMANDS.get(command.prog.partition(" ")[2])
        if known is not None:
            command.description = known.summary
            if known.name == "call":
                grow_names(command)
        for action in command._actions:  # noqa: SLF001 - argparse has no public way
            _complete(action, words, shtab.FILE)
    context.out.text(shtab.complete(made, context.args.shell))
    return Exit.DONE


def _all(made: Parser) -> list[Parser]:
    return [made, *(one for action in made.actions() for sub in action.choices.values() for one in _all(sub))]


def _complete(action: argparse.Action, words: dict[str, list[str]], file: object) -> None:
    """Say what the values of an option are, where the parser itself does not."""
    if action.metavar == "FILE" or "--journal" in action.option_strings:
        setattr(action, "complete", file)  # noqa: B010 - shtab's own attribute
    for option in action.option_strings:
        if words.get(option):
            action.choices = words[option]
    if action.metavar == "PROVIDER" and action.choices is None:
        action.choices = names()


def _accounts() -> list[str]:
    try:
        return sorted(read_accounts())
    except AnyCarrierError:  # the script is of use without them
        return []
