"""Options that several commands share, and the types of their values."""

from __future__ import annotations

from anycarrier.cli.option_values import (
    count,
    journal_place,
    provider_option,
    request_id_text,
    seconds,
    setting,
    whole,
    word,
)
from anycarrier.cli.option_values import tag as tag_text

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
    "add_timeout",
    "chosen_from",
    "kind",
]

FORMS = ("table", "json", "csv")


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
            more |= {"choices": words.split(), "type": word}
        more_said = "; may be repeated" if many else ""
        group.add_argument(option, dest=name, metavar=metavar, help=said + more_said, **more)
    return group


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
        type=setting,
        help="a setting that is not secret; may be repeated",
    )
    add_timeout(group)


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
    add_timeout(group)


def add_timeout(made: _ActionsContainer) -> None:
    """Add ``--timeout``."""
    made.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=seconds,
        help="longest time of one request, and of one wait for the provider's rate limit (default: 30, and 120); a "
        "purchase has 45 at least, so that its answer is not lost",
    )


def kind(word: str) -> Callable[[str], tuple[str, str]]:
    """A type that puts *word* before the value, for options that share one list."""
    return lambda text: (word, text)


def add_option(made: _ActionsContainer) -> None:
    """Add ``--option``."""
    made.add_argument(
        "--option",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="options",
        type=provider_option,
        help="an option that only this provider has, or PROVIDER.NAME=VALUE of several; a wrong NAME lists them; may "
        "be repeated",
    )


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
    made.add_argument("--request-id", metavar="ID", type=request_id_text, help=said)


def add_reference(made: _ActionsContainer, reference: str, tag: str) -> None:
    """Add ``--reference`` and ``--tag``, with these helps."""
    made.add_argument("--reference", metavar="NAME", help=f"{reference}, such as tenant-42")
    made.add_argument("--tag", metavar="NAME=VALUE", action="append", default=[], type=tag_text, help=tag)


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
        type=journal_place,
        help="purchase journal: a file, or postgresql://... (default: ANYCARRIER_JOURNAL)",
    )


def add_deadline(made: _ActionsContainer, default: float, said: str) -> None:
    """Add ``--deadline``."""
    made.add_argument(
        "--deadline", metavar="SECONDS", type=seconds, default=default, help=f"{said} (default: {default:g})"
    )


def add_count(made: _ActionsContainer, option: str, said: str, default: int | None = None, least: int = 1) -> None:
    """Add an option that takes a whole number."""
    given = "" if default is None else f" (default: {default})"
    made.add_argument(option, metavar="N", type=count if least else whole, default=default, help=f"{said}{given}")
