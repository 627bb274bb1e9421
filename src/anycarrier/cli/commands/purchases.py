"""Commands that find and buy numbers, and that finish and list purchases."""

from __future__ import annotations

from anycarrier.cli.commands.table import command
from anycarrier.cli.option_values import ago, days
from anycarrier.cli.options import (
    add_confirmation,
    add_count,
    add_deadline,
    add_dry_run,
    add_filters,
    add_journal,
    add_max_price,
    add_number,
    add_option,
    add_output,
    add_provider,
    add_reference,
    add_request,
    add_request_id,
    add_routes,
    add_sources,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser


@command(
    "search",
    "find numbers to buy",
    "search:search",
    "search --area-code 201 --limit 3",
    "search --provider all --city Newark --feature sms",
    "search --area-code 201 --output csv",
)
def _search(made: ArgumentParser) -> None:
    """Find numbers to buy. A search reserves nothing. A filter that the provider can neither apply nor prove is refused
    (exit code 3), never dropped. With --provider all, every provider that has settings is searched at once."""
    filters = add_filters(made, price=True)
    add_count(filters, "--limit", "at most this many numbers, 1 to 1000", 10, least=0)
    add_provider(made, several=True)
    add_output(made, raw=True)


@command(
    "buy",
    "buy one number (costs money)",
    "buy:buy",
    "buy +12015550123 --dry-run",
    "buy +12015550123 --max-price 1.50",
    "buy --from-file numbers.txt --yes",
    effect="buys",
)
def _buy(made: ArgumentParser) -> None:
    """Buy exactly this number, at most once. Asks first and shows the price, except with --yes. Exit code 75 means
    that the outcome is not known yet: run the command in the message, and do not buy again. From a file, each number is
    an order of its own."""
    add_number(made)
    add_max_price(made)
    add_deadline(made, 60, "time to find out the outcome when the answer is lost")
    add_request_id(made)
    add_option(made)
    add_dry_run(made, "show the number and its price; buy nothing")
    add_confirmation(made)
    add_journal(made)
    add_provider(made)
    add_output(made, raw=True)


@command(
    "provision",
    "buy numbers from several providers, each paid once (costs money)",
    "provision:provision",
    "provision --area-code 201 --account main --dry-run",
    "provision --area-code 201 --count 5 --max-price 1.50 --from all --yes",
    "provision --area-code 201 --texts-webhook https://example.com/texts --campaign CB2PATH",
    effect="buys",
)
def _provision(made: ArgumentParser) -> None:
    """Buy numbers that match, from the first provider that can sell them, else from the next. Each is paid once,
    whatever breaks: every purchase is written to the journal before it is sent, and another provider is tried only
    after the outcome of the last purchase is known. Asks first, except with --yes. With routes, a campaign or a label
    each number is also set up, by a provider that can; a number that cannot be stays, and exit code 1 says so. After
    exit code 75 or a crash: anycarrier recover."""
    filters = add_filters(made, price=False)
    filters.add_argument(
        "--need",
        metavar="FEATURE",
        action="append",
        default=[],
        help="a feature that is required: sms, voice, ... of the number; bind_campaign, route.forward, ... of its "
        "provider, as anycarrier capabilities lists them; may be repeated",
    )
    add_sources(made, "providers, tried in this order", " (default: ANYCARRIER_PROVIDER)")
    made.add_argument(
        "--prefer",
        metavar="ORDER",
        choices=("given", "cheapest", "health"),
        default="given",
        help="order of the providers: as written (the default), cheapest first, or those in good health first",
    )
    add_count(made, "--count", "how many numbers", 1)
    add_max_price(made, " for each")
    made.add_argument(
        "--spend-cap", metavar="AMOUNT", help="at most this for the first month of all together, set-up included"
    )
    made.add_argument(
        "--in-doubt",
        metavar="POLICY",
        choices=("wait", "hold"),
        default="wait",
        help="before another purchase replaces one with an unknown outcome: wait until it can hardly turn up any more "
        "(the default), or hold for a day",
    )
    made.add_argument(
        "--fulfilled-by",
        metavar="STATE",
        choices=("active", "placed"),
        default="active",
        help="state of a number that fulfills the order: active at its provider (the default; one whose set-up fails "
        "is replaced), or placed, as soon as the provider took the order",
    )
    setup = made.add_argument_group("set-up of each number", "what it is to have before the order counts as filled")
    add_routes(setup)
    setup.add_argument("--campaign", metavar="ID", help="bind it to this 10DLC campaign")
    setup.add_argument("--label", metavar="TEXT", help="name that the account's users see")
    setup.add_argument("--caller-name", metavar="NAME", help="name that is shown where it calls")
    add_reference(
        made, "your own name for what the numbers are for", "a fact of yours about the order; may be repeated"
    )
    add_deadline(made, 600, "time until the command reports how things stand")
    add_request_id(made)
    add_option(made)
    add_dry_run(made, "show the numbers and prices; buy nothing")
    add_confirmation(made)
    add_journal(made)
    add_output(made)


@command(
    "purchases",
    "the purchase journal: bought, open, not bought",
    "purchases:purchases",
    "purchases",
    "purchases --open",
    "purchases order-42",
)
def _purchases(made: ArgumentParser) -> None:
    """List the orders in the purchase journal, newest first, or every attempt of one order. Asks no provider, and works
    while another process writes."""
    add_request(made, "show every attempt of this order")
    made.add_argument("--open", action="store_true", help="only orders that are not decided yet")
    add_reference(made, "only orders of this reference", "only orders with this tag; may be repeated")
    made.add_argument(
        "--state",
        metavar="STATE",
        choices=("open", "placed", "active", "set_up", "refused", "exhausted", "cancelled", "parked"),
        help="only orders with a number in this state: open, placed, active, set_up, refused, exhausted, cancelled or "
        "parked",
    )
    add_count(made, "--limit", "at most this many, newest first", 100)
    add_journal(made)
    add_output(made)


@command(
    "audit",
    "writes to numbers that the journal has: what was changed, and what came of it",
    "audit:audit",
    "audit --since 1d",
    "audit +12015550123 --output json",
)
def _audit(made: ArgumentParser) -> None:
    """List the writes to numbers in the journal, oldest first: routes, campaigns, releases, transfers and the rest,
    each with the value before and after, and its outcome. Asks no provider, and works while another process writes."""
    made.add_argument("number", metavar="NUMBER", nargs="?", help="only of this number")
    made.add_argument("--since", metavar="AGO", type=ago, help="only as old as this at most: 1d, 12h or 30m")
    made.add_argument("--reference", metavar="TEXT", help="only of orders with this reference")
    made.add_argument("--plan", metavar="ID", help="only of this plan")
    add_journal(made)
    add_output(made)


@command(
    "recover",
    "finish purchases that were interrupted or have an unknown outcome",
    "recover:recover",
    "recover",
    "recover order-42",
    effect="buys",
)
def _recover(made: ArgumentParser) -> None:
    """Finish every purchase that was interrupted or has an unknown outcome, and look for refused ones that turned up
    after all. Orders go on with their own filters and limits. Run it after a crash, or on a timer. Exit code 75: some
    are still undecided; 1: a number turned up that is not needed."""
    add_request(made, "only this order (default: all that are open)")
    add_deadline(made, 600, "time to try")
    add_option(made)
    add_journal(made)
    add_provider(made, title="provider (default: as in the journal)", default=False)
    add_output(made)


@command(
    "reconcile",
    "compare the journal with the accounts",
    "recover:reconcile",
    "reconcile",
    "reconcile --account main --output csv",
)
def _reconcile(made: ArgumentParser) -> None:
    """Read the accounts to their end and compare them with the journal: numbers that it does not know, and numbers that
    it knows and that are gone. Changes nothing. Exit code 1: something differs."""
    add_sources(made, "accounts (default: all with settings)", "")
    add_journal(made)
    add_output(made)


@command(
    "journal",
    "bring the journal up to date, copy it, print it, or delete old orders",
    "journal_care:care",
    "journal migrate",
    "journal backup FILE",
    "journal export",
    "journal prune --older-than 400d --dry-run",
    effect="changes",
)
def _care(made: ArgumentParser) -> None:
    """Care for the purchase journal. Needs no provider."""
    actions = made.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    migrate = actions.add_parser(
        "migrate",
        help="bring its schema up to this release's",
        description="Bring the journal's schema up to this release's, as opening it does; an older release refuses it "
        "from then on.",
    )
    backup = actions.add_parser(
        "backup",
        help="copy it to a new file, also while it is written to",
        description="Copy the journal to a new file, also while another process writes to it, and check the copy. A "
        "journal on PostgreSQL is copied by pg_dump.",
    )
    backup.add_argument("file", metavar="FILE", help="new file, for its owner alone to read")
    export = actions.add_parser(
        "export",
        help="print all that is in it, as JSON",
        description="Print all that is in the journal, one JSON document a line: orders, attempts to buy, changes of "
        "numbers, ports, switches and jobs; the member record says which. Works while another process writes.",
    )
    add_journal(export)
    add_output(export, forms=())
    prune = actions.add_parser(
        "prune",
        help="delete orders that ended long ago",
        description="Delete orders that ended long ago, with their attempts. An order stays that is undecided or "
        "watched, or whose number is still yours.",
    )
    prune.add_argument(
        "--older-than", metavar="DAYS", type=days, required=True, help="orders that ended before that, such as 400d"
    )
    add_dry_run(prune, "only count them")
    add_confirmation(prune)
    for one in (migrate, backup, prune):
        add_journal(one)
        add_output(one)
