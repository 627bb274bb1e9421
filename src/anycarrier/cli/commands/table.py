"""The table of commands, and the decorator that enters a command."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

    Options = Callable[[ArgumentParser], None]

__all__ = ["COMMANDS", "Command", "command"]


class Command:
    """One command.

    Attributes:
        name: the word that is typed.
        summary: one line for the list of commands.
        runs: module and function, ``"search:search"``; empty where the parser does everything.
        options: adds the command's options to a parser.
        examples: command lines without ``anycarrier``, for the help and the docs.
        effect: ``reads``: it only shows something; ``changes``: interrupted, it may have happened; ``buys``: a purchase
            is on record, and ``recover`` finishes it.
        grows: module and function that adds, in place of ``options``, what depends on the words typed after the
            command; empty where nothing does.
    """

    def __init__(
        self,
        name: str,
        summary: str,
        runs: str,
        options: Options,
        *,
        examples: tuple[str, ...],
        effect: str = "reads",
        grows: str = "",
    ) -> None:
        self.name = name
        self.summary = summary
        self.runs = runs
        self.options = options
        self.examples = examples
        self.effect = effect
        self.grows = grows

    @property
    def description(self) -> str:
        """The text above the options in the help."""
        # Up to Python 3.12 a docstring has the indentation of its function.
        return "\n".join(line.removeprefix("    ") for line in (self.options.__doc__ or f"{self.summary}.").split("\n"))


COMMANDS: dict[str, Command] = {}
"""Every command by its name, in the order of the help."""


def command(
    name: str, summary: str, runs: str, *examples: str, effect: str = "reads", grows: str = ""
) -> Callable[[Options], Options]:
    """Enter the function that follows as the command *name*; the arguments are those of :class:`Command`."""

    def enter(options: Options) -> Options:
        COMMANDS[name] = Command(name, summary, runs, options, examples=examples, effect=effect, grows=grows)
        return options

    return enter
