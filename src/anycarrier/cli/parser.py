"""What may be typed. Loads argparse alone, so that help is there at once."""

from __future__ import annotations

import argparse
import re
import sys

from anycarrier.cli.exit_codes import MEANINGS, Exit
from anycarrier.cli.streams import ended, muted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, NoReturn

__all__ = ["is_secret", "parse", "parser"]

COMMANDS = (
    ("providers", "which providers there are, and which have settings"),
    ("capabilities", "what each provider can do, cannot and why"),
    ("search", "find numbers to buy"),
    ("buy", "buy a number (costs money)"),
    ("provision", "buy numbers from several providers, each paid once (costs money)"),
    ("purchases", "what was bought, and what is open: the purchase journal"),
    ("recover", "finish what was interrupted or in doubt"),
    ("reconcile", "compare the journal with what is on the accounts"),
    ("list", "all numbers on the account"),
    ("get", "one number"),
    ("release", "give a number up (cannot be undone)"),
    ("route", "where a number's calls and texts go"),
    ("transfer", "hand a number to another account (cannot be undone)"),
    ("campaign", "bind a number to a 10DLC campaign, unbind it, show it"),
    ("wait", "wait until a new number is set up"),
    ("simulate", "play providers on this machine"),
    ("demo", "all of it, step by step, against a simulator"),
    ("doctor", "check the installation, settings and credentials"),
)

_SECRET = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)


def is_secret(setting: str) -> bool:
    """Whether a setting's name says that its value must not be seen in a list of processes or a shell's history."""
    return bool(_SECRET.search(setting))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What was typed; prints help, or what is wrong, and raises ``SystemExit``."""
    # Only the command that was typed is worth building, unless all of them are listed.
    typed = arguments[0] if arguments and any(arguments[0] == name for name, _ in COMMANDS) else None
    made = parser(typed)
    if not all(map(_is_text, arguments)):
        made.error("an argument is not text in the encoding of this terminal")
    if not arguments:
        made.print_help(sys.stderr)
        raise SystemExit(Exit.USAGE)
    if arguments[0].startswith("-") and arguments[0] not in ("-h", "--help", "-V", "--version"):
        made.error("options come after the command, as in anycarrier list --json")
    parsed, extra = made.parse_known_args(arguments)
    made = made.commands[parsed.command]  # whose help is the right one
    if extra:
        made.error(_extra(extra))
    empty = _empty(parsed)
    if empty:
        # As of a variable that is not set: nothing says which provider, account or number was meant.
        made.error(f"{empty} is empty: give it a value, or leave it out")
    return parsed


def _is_text(argument: str) -> bool:
    """Whether every byte that was typed could be decoded: Python hands on others as halves of surrogate pairs."""
    return not any("\ud800" <= char <= "\udfff" for char in argument)


def _empty(parsed: argparse.Namespace) -> str | None:
    """The option, or argument, that was given without a value; ``None`` when all have one."""
    for name, value in vars(parsed).items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, tuple):  # a kind, and what was given for it; "no-forward" and its like take nothing
                kind, text = one
                if not text.strip() and not kind.startswith("no-"):
                    return f"--set {kind}" if name == "settings" else f"--{kind}"
            elif isinstance(one, str) and not one.strip():
                return _ARGUMENTS.get(name) or f"--{name.replace('_', '-')}"
    return None


_ARGUMENTS = {"number": "NUMBER", "providers": "PROVIDER", "campaign": "CAMPAIGN", "request_id": "REQUEST"}
"""What is typed without an option's name. The option --request-id refuses an empty one itself."""


def _extra(extra: Sequence[str]) -> str:
    # Values are not repeated: what somebody typed here by mistake may be a secret.
    options = [text.partition("=")[0] for text in extra if text.startswith("-")]
    if not options:
        return f"{len(extra)} argument{'s' if len(extra) > 1 else ''} too many"
    said = f"there is no {', '.join(options)}"
    if any(is_secret(option) for option in options):
        said += "; secrets are not given on the command line: use the environment or the accounts file"
    return said


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Our own line breaks, and room for the longest option."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26)


class _Once(argparse.Action):
    """An option with one value. Of two, the last would win in silence: another provider, or a higher price."""

    is_given = False

    def __call__(
        self, parser: object, namespace: argparse.Namespace, values: Any, option_string: object = None
    ) -> None:
        """Keep the value, and refuse a second one."""
        if self.option_strings and self.is_given:
            raise argparse.ArgumentError(self, "it is given twice")
        self.is_given = True
        setattr(namespace, self.dest, values)


class Parser(argparse.ArgumentParser):
    """One line on stderr for what is wrong, and how to see what is right.

    Attributes:
        commands: the parsers of the commands, by name.
    """

    commands: Mapping[str, Parser]

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_Formatter, **more)
        for kind in (None, "store"):
            self.register("action", kind, _Once)

    def error(self, message: str) -> NoReturn:
        """Print *message* and end with the code for wrong usage."""
        from anycarrier.errors import printable

        # The prog of a sub-parser is "anycarrier search".
        where = self.prog.partition(" ")[2]
        said = f"{where}: {message}" if where else message
        self._print_message(f"anycarrier: {printable(said, 600)} (see {self.prog} --help)\n", sys.stderr)
        raise SystemExit(Exit.USAGE)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write as argparse does, which passes over in silence what cannot be written."""
        stream = file or sys.stderr
        try:
            stream.write(message)
            stream.flush()
        except OSError as error:
            muted(stream)
            if stream is sys.stdout:
                raise SystemExit(ended(Exit.DONE, error, reads=True)) from None


def parser(only: str | None = None) -> Parser:
    """The parser: of all commands, or of *only* one."""
    made = Parser(
        prog="anycarrier", usage="anycarrier COMMAND ... | anycarrier COMMAND --help",
        description="Phone numbers from any provider through one interface.", epilog=_epilog(),
    )  # fmt: skip
    made.add_argument("-V", "--version", action="version", version=_version() if only is None else "")
    commands = made.add_subparsers(
        title="commands", prog="anycarrier", dest="command", metavar="COMMAND", required=True
    )
    for name, said in COMMANDS:
        if only in (None, name):
            _build(commands, name, said)
    made.commands = commands.choices
    return made


def _build(commands: Any, name: str, said: str) -> None:
    description, options = _OPTIONS[name]
    made = commands.add_parser(name, help=said, description=description)
    options(made)


def _version() -> str:
    from anycarrier._version import __version__

    return f"anycarrier {__version__}"


def _epilog() -> str:
    codes = "\n".join(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS)
    return (
        "which provider:\n"
        "  --provider NAME, or ANYCARRIER_PROVIDER; its settings come from the\n"
        "  environment, ANYCARRIER_<PROVIDER>_<SETTING>. Or --account NAME from the\n"
        "  accounts file. Secrets are never given on the command line.\n\n"
        "exit codes:\n" + codes + "\n\nNothing to try it on? anycarrier demo"
    )


# -- options that several commands have


def _shared(made: Any, *, json: str = "print one JSON document") -> None:
    group = made.add_argument_group("output")
    group.add_argument("--json", action="store_true", help=json)
    _debug(group)


def _debug(made: Any) -> None:
    made.add_argument("--debug", action="store_true", help="log each request, and show where an error came from")


def _choosing(made: Any, *, several: bool = False, title: str = "which provider", default: bool = True) -> None:
    group = made.add_argument_group(title)
    more = "; all: each that has settings" if several else ""
    default_of = ", else ANYCARRIER_PROVIDER" if default else ""
    group.add_argument("--provider", metavar="NAME", help=f"provider{default_of}{more}")
    group.add_argument("--account", metavar="NAME", help="account of the accounts file")
    group.add_argument("--base-url", metavar="URL", help="where to send requests, such as a simulator")
    group.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], dest="settings", type=_setting,
        help="a setting that is not secret; may be repeated",
    )  # fmt: skip


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError("write NAME=VALUE")
    if is_secret(name):
        raise argparse.ArgumentTypeError(
            f"{name} looks like a secret, and others can read command lines: "
            f"put it in the environment (ANYCARRIER_<PROVIDER>_{name.upper()}) or in the accounts file"
        )
    return name, value


def _number(made: Any, said: str = "such as +12015550123, 2015550123 or '(201) 555-0123'") -> None:
    made.add_argument("number", metavar="NUMBER", help=said)


def _raw(made: Any) -> None:
    made.add_argument("--raw", action="store_true", help="with --json: also the provider's own record")


def _yes(made: Any) -> None:
    made.add_argument("--yes", action="store_true", help="do not ask")


def _deadline(made: Any, default: float, said: str) -> None:
    made.add_argument("--deadline", metavar="SECONDS", type=_seconds, default=default, help=f"{said} ({default:g})")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError("write seconds, more than 0 and at most 86400")
    return seconds


# -- one function for each command


def _providers(made: Any) -> None:
    _shared(made)


def _capabilities(made: Any) -> None:
    made.add_argument("providers", metavar="PROVIDER", nargs="*", help="by default all that are installed")
    _shared(made)


def _filters(made: Any, *, price: bool) -> Any:
    from anycarrier.search import FILTERS  # loads the model, which other commands' help does without

    filters = made.add_argument_group("filters, all of which must hold")
    for one in FILTERS:
        if one.name == "max_price" and not price:
            continue
        how: dict[str, Any] = {"metavar": one.metavar, "help": one.help}
        if one.many:
            how |= {"action": "append", "default": [], "help": f"{one.help}; may be repeated"}
        filters.add_argument(one.option, dest=one.name, **how)
    return filters


def _search(made: Any) -> None:
    filters = _filters(made, price=True)
    filters.add_argument(
        "--limit", metavar="N", type=_whole, default=10, help="at most so many numbers, 1 to 1000 (10)"
    )
    _choosing(made, several=True)
    _raw(made)
    _shared(made)


def _buy(made: Any) -> None:
    _number(made)
    made.add_argument("--max-price", metavar="AMOUNT", help="at most this per month, such as 1.50 or 1.50USD")
    _deadline(made, 60, "how long to find out what became of a lost answer")
    _named(made)
    made.add_argument("--dry-run", action="store_true", help="show what would be bought, at what price; buy nothing")
    _yes(made)
    _journal(made)
    _choosing(made)
    _raw(made)
    _shared(made)


def _named(made: Any) -> None:
    made.add_argument(
        "--request-id", metavar="ID", type=_request_id,
        help="your own name for this purchase: the same again never buys again",
    )  # fmt: skip


def _request_id(text: str) -> str:
    if not (0 < len(text) <= 200 and text.isprintable()) or text.startswith("-") or text != text.strip():
        raise argparse.ArgumentTypeError("write 1 to 200 printable characters, the first of them not -")
    return text


def _journal(made: Any) -> None:
    made.add_argument(
        "--journal", metavar="WHERE", type=_where,
        help="purchase journal: a file, or postgresql://...; else ANYCARRIER_JOURNAL",
    )  # fmt: skip


def _where(text: str) -> str:
    # Whatever the address is called, and also the settings of PostgreSQL's own library.
    if re.search(r"://[^/?]*:[^/?@]+@|(?i:passwo?r?d|pwd)\s*=\s*\S", text):
        raise argparse.ArgumentTypeError(
            "it holds a password, and others can read command lines: put it in ANYCARRIER_JOURNAL, or the password "
            "in PGPASSWORD or ~/.pgpass"
        )
    if not text.strip():
        raise argparse.ArgumentTypeError("write a file's name or postgresql://...")
    return text


def _sources(made: Any, title: str, default: str) -> None:
    group = made.add_argument_group(title)
    for option, said in (
        ("--from", f"provider with settings in the environment{default}; all: each that has settings"),
        ("--account", "account of the accounts file"),
    ):  # fmt: skip
        group.add_argument(
            option, metavar="NAME", action="append", dest="sources", default=[], type=_kind_of(option[2:]),
            help=f"{said}; may be repeated",
        )  # fmt: skip


def _provision(made: Any) -> None:
    filters = _filters(made, price=False)
    filters.add_argument(
        "--need", metavar="FEATURE", action="append", default=[],
        help="what must be possible: sms, voice, ... of the number; of its provider bind_campaign, route.forward, ..."
        " as in anycarrier capabilities; may be repeated",
    )  # fmt: skip
    _sources(made, "from whom, tried in the order given", ", else ANYCARRIER_PROVIDER")
    made.add_argument(
        "--prefer", choices=("given", "cheapest", "health"), default="given",
        help="which to try first: as given (the default), the cheapest, or whichever works",
    )  # fmt: skip
    made.add_argument("--count", metavar="N", type=_count, default=1, help="how many numbers (1)")
    made.add_argument("--max-price", metavar="AMOUNT", help="at most this per month for each, such as 1.50 or 1.50USD")
    made.add_argument("--spend-cap", metavar="AMOUNT", help="at most this per month for all of them")
    made.add_argument(
        "--in-doubt", choices=("wait", "hold"), default="wait",
        help="when a purchase cannot be confirmed: wait until it can hardly turn up any more (the default), or hold for"
        " a day, before another is tried",
    )  # fmt: skip
    _deadline(made, 600, "how long until you are told how things stand")
    _named(made)
    made.add_argument("--dry-run", action="store_true", help="show what would be bought; buy nothing")
    _yes(made)
    _journal(made)
    _shared(made)


def _purchases(made: Any) -> None:
    made.add_argument("request_id", metavar="REQUEST", nargs="?", help="all that was tried for this one")
    made.add_argument("--open", action="store_true", help="only what is not decided yet")
    made.add_argument("--limit", metavar="N", type=_count, default=100, help="at most so many, newest first (100)")
    _journal(made)
    _shared(made)


def _recover(made: Any) -> None:
    made.add_argument("request_id", metavar="REQUEST", nargs="?", help="only this one; by default all that is open")
    _deadline(made, 600, "how long to try")
    _journal(made)
    _choosing(made, title="which provider, where not every one that the journal names", default=False)
    _shared(made)


def _reconcile(made: Any) -> None:
    _sources(made, "which accounts, where not every one that has settings", "")
    _journal(made)
    _shared(made)


def _list(made: Any) -> None:
    made.add_argument("--limit", metavar="N", type=_count, help="stop after so many")
    _choosing(made)
    _raw(made)
    _shared(made, json="print JSON lines: one object for each number, as they come")


def _count(text: str) -> int:
    count = _whole(text)
    if count < 1:
        raise argparse.ArgumentTypeError("write a whole number, at least 1")
    return count


def _whole(text: str) -> int:
    """A whole number of a size that everything can count with."""
    if re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError("write a whole number of at most 9 digits")
    return int(text)


def _get(made: Any) -> None:
    _number(made)
    _choosing(made)
    _raw(made)
    _shared(made)


def _release(made: Any) -> None:
    _number(made)
    _yes(made)
    _journal(made)
    _choosing(made)
    _raw(made)
    _shared(made)


def _route(made: Any) -> None:
    _number(made)
    routes = made.add_argument_group("routes, set in the order given")

    def add(option: str, metavar: str, said: str) -> None:
        kind = option[2:]
        routes.add_argument(
            option, metavar=metavar, action="append", dest="routes", default=[], type=_kind_of(kind), help=said
        )

    add("--gateway", "ID", "calls to this gateway")
    add("--forward", "NUMBER", "calls forwarded to this number")
    routes.add_argument(
        "--no-forward", action="append_const", dest="routes", const=("no-forward", ""), help="calls not forwarded"
    )
    add("--texts-webhook", "URL", "texts to this https URL")
    add("--texts-email", "ADDRESS", "texts to this mail address")
    add("--texts-sip", "ADDRESS", "texts to this SIP address")
    routes.add_argument(
        "--no-texts", action="append_const", dest="routes", const=("no-texts", ""), help="texts to nowhere"
    )
    _choosing(made)
    _raw(made)
    _shared(made)


def _kind_of(kind: str) -> Callable[[str], tuple[str, str]]:
    return lambda text: (kind, text)


def _transfer(made: Any) -> None:
    _number(made)
    made.add_argument("--to", metavar="ACCOUNT", required=True, help="the provider's account that receives it")
    _yes(made)
    _journal(made)
    _choosing(made)
    _raw(made)
    _shared(made)


def _campaign(made: Any) -> None:
    actions = made.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    for name, said in (
        ("bind", "bind a number to a campaign"), ("unbind", "undo it"), ("show", "the campaign of a number"),
    ):  # fmt: skip
        action = actions.add_parser(name, help=said, description=said[0].upper() + said[1:] + ".")
        _number(action)
        if name == "bind":
            action.add_argument("campaign", metavar="CAMPAIGN", help="the registry's id, such as CH5K5IZ")
        if name == "unbind":
            action.add_argument("campaign", metavar="CAMPAIGN", nargs="?", help="by default the one that it has")
        _choosing(action)
        _raw(action)
        _shared(action)


def _wait(made: Any) -> None:
    _number(made)
    _deadline(made, 300, "how long")
    _choosing(made)
    _raw(made)
    _shared(made)


def _simulate(made: Any) -> None:
    made.add_argument("providers", metavar="PROVIDER", nargs="*", help="by default each that has a simulator")
    made.add_argument(
        "--port", metavar="N", type=_port, default=8085, help="the first one's port (8085); 0 for free ones"
    )
    made.add_argument("--scenario", metavar="FILE", help="faults to play, as TOML")
    made.add_argument("--seed", metavar="N", type=_whole, help="of everything random (0, or the scenario's)")
    _shared(made, json="print one JSON document with addresses and settings when it listens")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError("write a port, 0 to 65535")
    return int(text)


def _demo(made: Any) -> None:
    made.add_argument("--provider", metavar="NAME", help="whose simulator to use; by default the first with a story")
    _debug(made)


def _doctor(made: Any) -> None:
    _choosing(made)
    _shared(made)


_OPTIONS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "providers": ("Which providers are installed, what each is called and which have settings.", _providers),
    "capabilities": ("What each provider can do, cannot and why, and on what evidence.", _capabilities),
    "search": (
        "Find numbers to buy. Finding reserves nothing. A filter that the provider can\nneither take nor prove is"
        " refused (exit code 3) and never dropped. With\n--provider all every provider that has settings is asked at"
        " once.",
        _search,
    ),
    "buy": (
        "Buy exactly this number, at most once. It asks first, with the price, unless\n--yes is given. When it cannot"
        " be known in time whether it was bought, the exit\ncode is 75 and the command that goes on is printed: never"
        " just buy again.",
        _buy,
    ),
    "provision": (
        "Buy numbers that match, from the first provider that can give them, else from\nthe next. Each is paid once,"
        " whatever breaks: every purchase is written down\nbefore it is sent, and one in doubt is found out about"
        " before another is tried.\nIt asks first, unless --yes is given. When the exit code is 75, or it was\nkilled:"
        " anycarrier recover.",
        _provision,
    ),
    "purchases": (
        "What the purchase journal says: every order, newest first, or all that was\ntried for one. Asks no provider,"
        " and works while another process writes.",
        _purchases,
    ),
    "recover": (
        "Finish every purchase that was interrupted or is in doubt, and look for those\nthat were given up and may have"
        " turned up. Orders go on as they were given.\nRun it after a crash, or on a timer. Exit code 75: not all could"
        " be decided;\n1: a number turned up that is not needed.",
        _recover,
    ),
    "reconcile": (
        "Read the accounts to their end and compare them with the journal: numbers that\nit does not know, and numbers"
        " that it knows and that are gone. By default every\naccount that has settings. Changes nothing. Exit code 1:"
        " something differs.",
        _reconcile,
    ),
    "list": ("All numbers on the account, as they come.", _list),
    "get": ("One number as it is now; exit code 4 when it is not on the account.", _get),
    "release": (
        "Give a number up. It may be impossible to get it back. It asks first, unless\n--yes is given.",
        _release,
    ),
    "route": ("Set where calls and texts go; what is not named is left as it is.", _route),
    "transfer": (
        "Hand a number to another account of the same provider. Only that account can\ngive it back. It asks first,"
        " unless --yes is given.",
        _transfer,
    ),
    "campaign": ("10DLC campaigns.", _campaign),
    "wait": ("Wait until a new number is set up, or has failed (exit code 1).", _wait),
    "simulate": (
        "Play providers on 127.0.0.1 until Ctrl-C, and say how to use them. Nothing\nleaves this machine, no account is"
        " needed and no money is spent.",
        _simulate,
    ),
    "demo": (
        "Everything a number goes through, over real HTTP, against a simulator on this\nmachine: no account is needed"
        " and no money is spent.",
        _demo,
    ),
    "doctor": (
        "Check the installation, the accounts file, and of every provider that has\nsettings: the settings, whether it"
        " can be reached and whether it accepts the\ncredentials (by one read). Says what to do. Ends with the code of"
        " the first\nproblem.",
        _doctor,
    ),
}  # fmt: skip
