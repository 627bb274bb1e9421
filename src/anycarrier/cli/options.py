"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import _ActionsContainer, _ArgumentGroup
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

__all__ = [
    "add_confirmation",
    "add_count",
    "add_deadline",
    "add_dry_run",
    "add_file",
    "add_filters",
    "add_journal",
    "add_max_price",
    "add_number",
    "add_option",
    "add_output",
    "add_provider",
    "add_reference",
    "add_request",
    "add_request_id",
    "add_results",
    "add_routes",
    "add_sources",
    "chosen_from",
    "count",
    "is_secret",
    "kind",
    "percent",
    "port",
    "whole",
]

FORMS = ("table", "json", "csv")

_SECRET = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)


def is_secret(setting: str) -> bool:
    """Return whether a setting's name says that its value must not show in a list of processes or a shell's history."""
    return bool(_SECRET.search(setting))


# -- what to do it to


def add_number(made: _ActionsContainer) -> None:
    """Add NUMBER, of which there may be several, and ``--from-file`` in its place."""
    made.add_argument(
        "number", metavar="NUMBER", nargs="*", help="such as +12015550123 or 2015550123; several; - reads stdin"
    )
    add_file(made, "numbers")
    add_results(made)
    made.set_defaults(targets="number")


def add_results(made: _ActionsContainer) -> None:
    """Add ``--results``."""
    made.add_argument(
        "--results", metavar="FILE", help="write a new CSV file with the outcome of each number, as it comes"
    )


def add_file(made: _ActionsContainer, what: str) -> None:
    """Add ``--from-file``."""
    csv = ", or from the column number of a CSV" if what == "numbers" else ""
    made.add_argument("--from-file", metavar="FILE", help=f"read {what} from a file, one a line{csv}; - is stdin")


def add_request(made: _ActionsContainer, said: str) -> None:
    """Add REQUEST, and ``--from-file`` in its place."""
    made.add_argument("request_id", metavar="REQUEST", nargs="?", help=said)
    add_file(made, "request ids")
    made.set_defaults(targets="request_id")


def add_filters(made: _ActionsContainer, *, price: bool) -> _ArgumentGroup:
    """Add the filters of a search; the group that they are in.

    Args:
        made: the parser.
        price: whether the cap on the price is one of them.
    """
    from anycarrier.cli._filters import OPTIONS  # not from search, which loads the model: help does without

    group = made.add_argument_group("filters, all of which must hold")
    for name, option, metavar, said, many, words in OPTIONS:
        if name == "max_price" and not price:
            continue
        more: dict[str, Any] = {"action": "append", "default": []} if many else {}
        if words:
            more |= {"choices": words.split(), "type": _word}
        more_said = "; may be repeated" if many else ""
        group.add_argument(option, dest=name, metavar=metavar, help=said + more_said, **more)
    return group


def _word(text: str) -> str:
    return text.replace("-", "_")


# -- which provider


def add_provider(
    made: _ActionsContainer,
    *,
    several: bool = False,
    title: str = "provider",
    default: bool = True,
    named: bool = False,
) -> None:
    """Add the options that name one provider or account.

    Args:
        several: whether ``all`` is one of the names.
        title: the group's title in the help.
        default: whether ``ANYCARRIER_PROVIDER`` is the default.
        named: whether an argument names the provider already.
    """
    made.set_defaults(uses_provider=True)
    group = made.add_argument_group(title)
    more = "; all: every one that has settings" if several else ""
    default_of = " (default: ANYCARRIER_PROVIDER)" if default else ""
    if not named:
        group.add_argument("--provider", metavar="NAME", help=f"provider{default_of}{more}")
    group.add_argument("--account", metavar="NAME", help="account in the accounts file")
    group.add_argument("--base-url", metavar="URL", help="send requests to this URL, such as a simulator's")
    group.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="settings",
        type=_setting,
        help="a setting that is not secret; may be repeated",
    )


def add_sources(made: _ActionsContainer, title: str, default: str) -> None:
    """Add ``--from`` and ``--account``, each of which may be repeated."""
    made.set_defaults(uses_provider=True)
    group = made.add_argument_group(title)
    for option, said in (
        ("--from", f"provider with settings in the environment{default}; all: every one that has settings"),
        ("--account", "account in the accounts file"),
    ):
        group.add_argument(
            option,
            metavar="NAME",
            action="append",
            dest="sources",
            default=[],
            type=kind(option[2:]),
            help=f"{said}; may be repeated",
        )


def kind(word: str) -> Callable[[str], tuple[str, str]]:
    """A type that puts *word* before the value, for options that share one list."""
    return lambda text: (word, text)


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


def add_option(made: _ActionsContainer) -> None:
    """Add ``--option``."""
    made.add_argument(
        "--option",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="options",
        type=_option,
        help="an option that only this provider has, or PROVIDER.NAME=VALUE of several; a wrong NAME lists them; may "
        "be repeated",
    )


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or not all(part.isidentifier() for part in name.split(".")) or name.count(".") > 1:
        raise argparse.ArgumentTypeError("write NAME=VALUE")
    return name, value


# -- output


def add_output(made: _ActionsContainer, forms: Sequence[str] = FORMS, *, raw: bool = False, said: str = "") -> None:
    """Add ``--output`` and ``--debug``.

    Args:
        forms: the forms that this command has; none leaves the option out.
        raw: whether records come from a provider, who has more to say about them.
        said: more about the forms, for the help.
    """
    group = made.add_argument_group("output")
    if forms:
        group.add_argument(
            "--output",
            metavar="FORM",
            choices=forms,
            default=forms[0],
            help=f"{chosen_from(forms, 'or')} (default: {forms[0]}){said}",
        )
    if raw:
        group.add_argument("--raw", action="store_true", help="in json and csv: add the provider's own record")
    group.add_argument("--debug", action="store_true", help="log each request, and show where an error came from")


def chosen_from(words: Iterable[str], last: str) -> str:
    """*words* as a list for people, such as ``a, b or c``."""
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end


# -- money


def add_max_price(made: _ActionsContainer, said: str = "") -> None:
    """Add ``--max-price``."""
    made.add_argument(
        "--max-price",
        metavar="AMOUNT",
        help=f"at most this for the first month{said}, set-up included, such as 1.50 or 1.50USD",
    )


def add_confirmation(made: _ActionsContainer) -> None:
    """Add ``--yes``."""
    made.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def add_dry_run(made: _ActionsContainer, said: str) -> None:
    """Add ``--dry-run``."""
    made.add_argument("--dry-run", action="store_true", help=said)


def add_request_id(
    made: _ActionsContainer, said: str = "your own id for this purchase: the same id never buys again"
) -> None:
    """Add ``--request-id``."""
    made.add_argument("--request-id", metavar="ID", type=_request_id, help=said)


def add_reference(made: _ActionsContainer, reference: str, tag: str) -> None:
    """Add ``--reference`` and ``--tag``, with these helps."""
    made.add_argument("--reference", metavar="NAME", help=f"{reference}, such as tenant-42")
    made.add_argument("--tag", metavar="NAME=VALUE", action="append", default=[], type=_tag, help=tag)


def _tag(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not (found and name and value):
        raise argparse.ArgumentTypeError("must be NAME=VALUE, such as plan=basic")
    return name, value


def add_routes(made: _ActionsContainer) -> None:
    """Add an option for each kind of route; ``routes`` lists their words and values in order."""
    for option, metavar, said in (
        ("--gateway", "ID", "calls to this gateway"),
        ("--forward", "TO", "calls forwarded to this number"),
        ("--no-forward", None, "calls not forwarded"),
        ("--calls-webhook", "URL", "calls handled as this https URL answers"),
        ("--texts-to", "ID", "texts to this messaging application of the provider"),
        ("--texts-webhook", "URL", "texts to this https URL"),
        ("--texts-email", "ADDRESS", "texts to this mail address"),
        ("--texts-sip", "ADDRESS", "texts to this SIP address"),
        ("--no-texts", None, "texts to nowhere"),
    ):
        word = option[2:]
        if metavar is None:
            made.add_argument(option, action="append_const", dest="routes", const=(word, ""), help=said)
        else:
            made.add_argument(
                option, metavar=metavar, action="append", dest="routes", default=[], type=kind(word), help=said
            )


def add_journal(made: _ActionsContainer) -> None:
    """Add ``--journal``."""
    made.add_argument(
        "--journal",
        metavar="PLACE",
        type=_journal,
        help="purchase journal: a file, or postgresql://... (default: ANYCARRIER_JOURNAL)",
    )


def add_deadline(made: _ActionsContainer, default: float, said: str) -> None:
    """Add ``--deadline``."""
    made.add_argument(
        "--deadline", metavar="SECONDS", type=_seconds, default=default, help=f"{said} (default: {default:g})"
    )


def add_count(made: _ActionsContainer, option: str, said: str, default: int | None = None, least: int = 1) -> None:
    """Add an option that takes a whole number."""
    given = "" if default is None else f" (default: {default})"
    made.add_argument(option, metavar="N", type=count if least else whole, default=default, help=f"{said}{given}")


# -- types of values


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError("write seconds, more than 0 and at most 86400")
    return seconds


def _request_id(text: str) -> str:
    if not (0 < len(text) <= 200 and text.isprintable()) or text.startswith("-") or text != text.strip():
        raise argparse.ArgumentTypeError("write 1 to 200 printable characters, the first of them not -")
    return text


def _journal(text: str) -> str:
    # In the address, and also in the settings of PostgreSQL's own library.
    if re.search(r"://[^/?]*:[^/?@]+@|(?i:passwo?r?d|pwd)\s*=\s*\S", text):
        raise argparse.ArgumentTypeError(
            "it holds a password, and others can read command lines: put it in ANYCARRIER_JOURNAL, or the password "
            "in PGPASSWORD or ~/.pgpass"
        )
    if not text.strip():
        raise argparse.ArgumentTypeError("write a file's name or postgresql://...")
    return text


def count(text: str) -> int:
    """A whole number, at least 1."""
    number = whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError("write a whole number, at least 1")
    return number


def percent(text: str) -> int:
    """A whole number from 0 to 100."""
    number = whole(text)
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError("write a whole number from 0 to 100")
    return number


def whole(text: str) -> int:
    """A whole number of at most 9 digits."""
    if re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError("write a whole number of at most 9 digits")
    return int(text)


def ago(text: str) -> float:
    """Seconds before now: ``1d``, ``12h`` or ``30m``; a number alone is days."""
    if not re.fullmatch("[0-9]{1,5}[dhm]?", text, re.ASCII):
        raise argparse.ArgumentTypeError("write how long ago, such as 1d, 12h or 30m")
    return int(text.rstrip("dhm")) * {"h": 3600.0, "m": 60.0}.get(text[-1], 86_400.0)


def days(text: str) -> int:
    """A number of days, two at least, such as ``400d``."""
    if not re.fullmatch("[0-9]{1,5}d?", text, re.ASCII) or int(text.removesuffix("d")) < 2:
        raise argparse.ArgumentTypeError("write a number of days, two at least, such as 400d")
    return int(text.removesuffix("d"))


def port(text: str) -> int:
    """A TCP port; 0 is a free one."""
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError("write a port, 0 to 65535")
    return int(text)
