"""The argument parser. Loads argparse alone, so that the help is there at once."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from anycarrier.cli.commands import COMMANDS
from anycarrier.cli.exit_codes import TABLE, Exit
from anycarrier.cli.help import HelpFormatter, examples
from anycarrier.cli.option_values import is_secret
from anycarrier.cli.options import chosen_from
from anycarrier.cli.streams import ended, muted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

    from anycarrier.cli.commands import Command

__all__ = ["Once", "Parser", "parse", "parser"]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse a command line; prints the help, or what is wrong, and raises ``SystemExit``."""
    program: list[str] = []
    if arguments[:1] == ["simulate"] and "--" in arguments:
        at = [*arguments].index("--")
        arguments, program = arguments[:at], [*arguments[at + 1 :]]
        if not program:
            parser("simulate").error("write a command after --, such as: anycarrier simulate -- pytest tests")
    if arguments[:1] == ["help"] and "-h" not in arguments and "--help" not in arguments:
        arguments = [*arguments[1:], "--help"]
    # Only the command that was typed is worth building, unless all of them are listed.
    typed = arguments[0] if arguments and arguments[0] in COMMANDS else None
    made = parser(typed, words=arguments[1:])
    if not all(map(_is_text, [*arguments, *program])):
        made.error("an argument is not text in the encoding of this terminal")
    if not arguments:
        made.print_help(sys.stderr)
        raise SystemExit(Exit.USAGE)
    if arguments[0].startswith("-") and arguments[0] not in ("-h", "--help", "-V", "--version"):
        made.error("options come after the command, as in: anycarrier list --output json")
    parsed, extra = made.parse_known_args(arguments)
    made = parsed.parser  # of the command or its action: that help is the right one
    if extra:
        made.error(_extra(extra, made))
    empty = _empty(parsed)
    if empty:
        # A shell variable that is not set: it would be a guess which provider, account or number was meant.
        made.error(f"{empty} is empty: write a value, or leave it out")
    _numbers(parsed, made)
    parsed.program = program
    return parsed


def _is_text(argument: str) -> bool:
    """Return whether every byte could be decoded: Python passes others on as halves of surrogate pairs."""
    return not any("\ud800" <= char <= "\udfff" for char in argument)


def _empty(parsed: argparse.Namespace) -> str | None:
    """The option or argument without a value; None when all have one."""
    for name, value in vars(parsed).items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, tuple):  # a word and its value; "no-forward" and its like have none
                kind, text = one
                if not text.strip() and not kind.startswith("no-"):
                    words = {"settings": "--set ", "options": "--option "}
                    return f"{words.get(name, '--')}{kind}"
            elif isinstance(one, str) and not one.strip():
                return _ARGUMENTS.get(name) or f"--{name.rpartition('.')[2].replace('_', '-')}"
    return None


_ARGUMENTS = {
    "number": "NUMBER",
    "providers": "PROVIDER",
    "campaign": "CAMPAIGN",
    "file": "FILE",
    "port_id": "ID",
    "request_id": "REQUEST",
}
"""Arguments without an option's name. The option --request-id refuses an empty value itself."""


def _numbers(parsed: argparse.Namespace, made: Parser) -> None:
    """Refuse a command line with both a number and a file, or with neither."""
    name = parsed.targets
    if name is None:
        return
    if name == "number":
        _several(parsed, made)
    typed = getattr(parsed, name)
    if typed == "-":
        made.error("to read from stdin, write --from-file -")
    # The --request-id of a purchase is no argument in place of the file's lines.
    if typed is not None and parsed.from_file is not None:
        made.error(f"use {_ARGUMENTS[name]} or --from-file, not both")
    parsed.alone = parsed.from_file is None and len(parsed.numbers) < 2


def _several(parsed: argparse.Namespace, made: Parser) -> None:
    """Put what was typed as NUMBER into ``numbers``; ``number`` is the one that is being worked on."""
    typed: list[str] = parsed.number
    if parsed.action == "unbind" and parsed.campaign is None and typed and not _looks_like_number(typed[-1]):
        *typed, parsed.campaign = typed  # campaign unbind NUMBER CAMPAIGN
    if typed == ["-"] and parsed.from_file is None:
        typed, parsed.from_file = [], "-"
    elif "-" in typed:
        made.error("- reads the numbers from stdin: write no others beside it")
    if parsed.port_id is not None and (typed or parsed.from_file is not None):
        made.error("--port waits for a port: write no numbers beside it")
    if not typed and parsed.from_file is None and parsed.port_id is None:
        made.error("NUMBER is missing: write one, or --from-file FILE")
    parsed.numbers, parsed.number = typed, typed[0] if typed else None


def _looks_like_number(text: str) -> bool:
    """Return whether *text* is a number or ``-``, and not the id of a campaign."""
    return text == "-" or (sum(map(str.isdecimal, text)) >= 7 and not any(map(str.isalpha, text)))


def _extra(extra: Sequence[str], made: Parser) -> str:
    from anycarrier.suggestions import meant

    # Values are not repeated: one that was typed here by mistake may be a secret.
    options = [text.partition("=")[0] for text in extra if text.startswith("-")]
    if not options:
        return f"{len(extra)} argument{'s' if len(extra) > 1 else ''} too many"
    said = f"there is no {', '.join(options)}"
    if "--json" in options:
        said += "; write --output json"
    elif any(is_secret(option) for option in options):
        said += "; secrets are not taken from the command line: use the environment or the accounts file"
    else:
        said += meant(options[0], made.options())
    return said


class Once(argparse.Action):
    """An option with one value. Of two, the last would win silently: another provider, or a higher price."""

    seen = False

    def __call__(
        self, parser: object, namespace: argparse.Namespace, values: object, option_string: object = None
    ) -> None:
        """Keep the value, and refuse a second one."""
        if self.option_strings and self.seen:
            raise argparse.ArgumentError(self, "it appears twice")
        self.seen = True
        setattr(namespace, self.dest, values)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line on stderr that ends with the help to read."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=HelpFormatter, **more)
        self.color = False  # of Python 3.14 on; nothing else here is colored
        self.set_defaults(parser=self)
        for kind in (None, "store"):
            self.register("action", kind, Once)

    def actions(self) -> list[argparse._SubParsersAction[Parser]]:
        """The arguments whose values have parsers of their own."""
        return [one for one in self._actions if isinstance(one, argparse._SubParsersAction)]  # noqa: SLF001 - no public way

    def options(self) -> list[str]:
        """The long options that this parser and its sub-parsers take."""
        found = [one for action in self._actions for one in action.option_strings if one.startswith("--")]
        return found + [one for action in self.actions() for made in action.choices.values() for one in made.options()]

    def error(self, message: str) -> NoReturn:
        """Print *message* and end with the code for wrong usage."""
        from anycarrier.errors import printable

        # The prog of a sub-parser is "anycarrier search".
        where = self.prog.partition(" ")[2]
        said = f"{where}: {message}" if where else message
        self._print_message(f"anycarrier: {printable(said, 600)} (see {self.prog} --help)\n", sys.stderr)
        raise SystemExit(Exit.USAGE)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a value that is no choice; the value is not repeated, it may be a secret."""
        if action.choices is None or value in action.choices:
            return
        from anycarrier.suggestions import meant, meant_or_all

        known = list(action.choices)
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - argparse has no public way
            what = str(action.dest)
            # Of the commands, one parser may be all that was built.
            known = list(COMMANDS) if what == "command" else known
            self.error(f"there is no such {what}{meant_or_all(value, known)}")
        said = f"it {'takes' if value else 'is empty; it takes'} {chosen_from(known, 'or')}"
        raise argparse.ArgumentError(action, said + meant(value, known))

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write *message*; argparse itself ignores a stream that cannot be written."""
        stream = file or sys.stderr
        try:
            stream.write(message)
            stream.flush()
        except OSError as error:
            muted(stream)
            if stream is sys.stdout:
                raise SystemExit(ended(Exit.DONE, error, reads=True)) from None


def parser(only: str | None = None, *, options: bool = False, words: Sequence[str] = ()) -> Parser:
    """The parser of all commands, or of *only* one.

    Args:
        only: the command whose options are wanted; without it the list of commands is, with *options* or without.
        options: whether to add the options of all commands.
        words: the words after the command, for one whose options depend on them.
    """
    made = Parser(
        prog="anycarrier",
        usage="anycarrier COMMAND ...",
        description="Phone numbers from any provider through one interface. Options: anycarrier COMMAND --help",
        epilog=_epilog(),
    )
    made.set_defaults(**_DEFAULTS)
    made.add_argument("-V", "--version", action="version", version=_version() if only is None else "")
    commands = made.add_subparsers(
        title="commands", prog="anycarrier", dest="command", metavar="COMMAND", required=True
    )
    for command in COMMANDS.values():
        if only in (None, command.name):
            _build(commands, command, options or only is not None, words)
    return made


_DEFAULTS: dict[str, object] = {
    "account": None,
    "action": None,
    "no_queue": False,
    "alone": True,
    "already": False,
    "base_url": None,
    "dry_run": False,
    "from_file": None,
    "journal": None,
    "number": None,
    "numbers": [],
    "operation": None,
    "options": [],
    "order_again": False,
    "ports": [],
    "most_ports": 100,
    "output": "table",
    "port_id": None,
    "provider": None,
    "purpose": None,
    "request_id": None,
    "results": None,
    "settings": [],
    "sources": [],
    "targets": None,
    "timeout": None,
    "uses_provider": False,
}
"""Values of the options that a command does not have, so that every command line has the same names."""


def _build(commands: argparse._SubParsersAction[Parser], command: Command, options: bool, words: Sequence[str]) -> None:
    made = commands.add_parser(
        command.name,
        help=command.summary,
        description=command.description,
        epilog=examples(command.examples),
    )
    if options and command.grows and words and not words[0].startswith("-"):
        module, _, name = command.grows.partition(":")
        getattr(import_module(f"anycarrier.cli.{module}"), name)(made, words)
    elif options:
        command.options(made)
        _give_examples(made, command)


def _give_examples(made: Parser, command: Command) -> None:
    """Put the examples of each action below its own options too."""
    for action in made.actions():
        for name, sub in action.choices.items():
            sub.epilog = examples(one for one in command.examples if one.split()[1:2] == [name])


def _version() -> str:
    from anycarrier._version import __version__

    return f"anycarrier {__version__}"


def _epilog() -> str:
    codes = "\n".join(f"  {meaning.code}  {meaning.text}" for meaning in TABLE)
    return (
        "provider:\n"
        "  --provider NAME, or ANYCARRIER_PROVIDER; its settings come from the environment, "
        "ANYCARRIER_<PROVIDER>_<SETTING>. Or --account NAME from the accounts file. Secrets are never taken from the "
        "command line.\n\n"
        f"exit codes:\n{codes}\n\nNothing to try it on? anycarrier demo"
    )
