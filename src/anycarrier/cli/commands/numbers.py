"""Commands for the numbers on an account."""

from __future__ import annotations

from anycarrier.cli.commands.table import command
from anycarrier.cli.option_values import percent
from anycarrier.cli.options import (
    add_confirmation,
    add_count,
    add_deadline,
    add_journal,
    add_number,
    add_option,
    add_output,
    add_provider,
    add_results,
    add_routes,
    add_timeout,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from typing import Any

__all__ = ["KINDS"]

KINDS = ("calls", "forward", "texts", "campaign", "label", "caller_name", "emergency", "enabled")
"""Things about a number that a file names; those of :class:`anycarrier.desired_state.ChangeKind` apart from release."""


@command("list", "all numbers on the account", "numbers:list_all", "list", "list --limit 5", "list --output csv")
def _list(made: ArgumentParser) -> None:
    """List all numbers on the account, each as soon as it arrives."""
    add_count(made, "--limit", "stop after this many")
    add_provider(made)
    add_output(made, raw=True, said="; json is one document for each number")


@command("get", "one number", "numbers:get", "get +12015550123", "get --from-file numbers.txt --output json")
def _get(made: ArgumentParser) -> None:
    """Show a number and its status. Exit code 4: it is not on the account."""
    add_number(made)
    add_provider(made)
    add_output(made, raw=True)


@command(
    "wait",
    "wait until a number is set up, bound to its campaign, or gone, or a port is over",
    "wait:wait",
    "wait +12015550123 --deadline 60",
    "wait +12015550123 --for campaign",
    "wait --port a3a2a --deadline 3600",
)
def _wait(made: ArgumentParser) -> None:
    """Wait until each number is set up, or has failed (exit code 1), also one that is being ported in; or until its
    campaign is bound or unbound, or the number is gone after its release. With --port: until that port is complete, or
    was rejected (exit code 1). The provider is read again and again: none tells by a webhook. Exit code 75: the time is
    over."""
    add_number(made)
    made.add_argument("--port", dest="port_id", metavar="ID", help="wait for this port, and for no number")
    made.add_argument(
        "--for",
        dest="what",
        metavar="WHAT",
        choices=("number", "campaign", "release"),
        default="number",
        help="number (the default), campaign or release",
    )
    add_deadline(made, 300, "time to wait")
    add_provider(made)
    add_output(made, raw=True)


@command(
    "route",
    "set where a number's calls and texts go",
    "numbers:route",
    "route +12015550123 --gateway 1000 --texts-webhook https://example.com/texts",
    "route +12015550123 --no-forward --no-texts",
    effect="changes",
)
def _route(made: ArgumentParser) -> None:
    """Set where calls and texts go, in the order of the options. Other routes stay."""
    add_number(made)
    routes = made.add_argument_group("routes")
    add_routes(routes)
    add_option(routes)
    add_journal(made)
    add_provider(made)
    add_output(made, raw=True)


@command(
    "campaign",
    "bind a number to a 10DLC campaign, unbind it, or show its campaign",
    "numbers:campaign",
    "campaign bind +12015550123 CEXMPL1",
    "campaign show +12015550123",
    "campaign unbind +12015550123",
    effect="changes",
)
def _campaign(made: ArgumentParser) -> None:
    """Bind a number to a 10DLC campaign, unbind it, or show its campaign."""
    actions = made.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    for name, said in (
        ("bind", "bind a number to a campaign"),
        ("unbind", "unbind a number from its campaign"),
        ("show", "show the campaign of a number"),
    ):
        action = actions.add_parser(name, help=said, description=f"{said.capitalize()}.")
        add_number(action)
        if name == "bind":
            action.add_argument("campaign", metavar="CAMPAIGN", help="the registry's id, such as CH5K5IZ")
        if name == "unbind":
            action.add_argument("campaign", metavar="CAMPAIGN", nargs="?", help="default: the one that it has")
        if name != "show":
            add_journal(action)
        add_provider(action)
        add_output(action, raw=True)


@command(
    "release",
    "give a number up (cannot be undone)",
    "numbers:release",
    "release +12015550123",
    "release --from-file numbers.txt --yes",
    effect="changes",
)
def _release(made: ArgumentParser) -> None:
    """Give a number up. It may be impossible to get it back. Asks first, except with --yes."""
    add_number(made)
    add_confirmation(made)
    add_journal(made)
    add_provider(made)
    add_output(made, raw=True)


@command(
    "transfer",
    "hand a number to another account (cannot be undone)",
    "numbers:transfer",
    "transfer +12015550123 --to 1000000002",
    effect="changes",
)
def _transfer(made: ArgumentParser) -> None:
    """Hand a number to another account of the same provider. Only that account can give it back. Asks first, except
    with --yes."""
    add_number(made)
    made.add_argument("--to", metavar="ACCOUNT", required=True, help="the provider's account that receives it")
    add_option(made)
    add_confirmation(made)
    add_journal(made)
    add_provider(made)
    add_output(made, raw=True)


@command(
    "dump",
    "what is true of all numbers, as a file to edit",
    "desired:dump",
    "dump",
    "dump --only texts --only campaign",
)
def _dump(made: ArgumentParser) -> None:
    """Print the state of all numbers on the account as a file: CSV with a column for each thing, safe to open in a
    spreadsheet. An empty cell is what the provider does not say. Read again unchanged, it wants nothing else."""
    made.add_argument(
        "--only",
        metavar="COLUMN",
        action="append",
        default=[],
        choices=KINDS,
        help=f"read and print only this, which may save requests: {', '.join(KINDS)}; may be repeated",
    )
    add_provider(made)
    add_output(made, ("csv", "json"), said="; json is one document for each number")


@command(
    "plan",
    "what would make numbers as a file says (changes nothing)",
    "desired:plan",
    "plan numbers.csv",
    "plan numbers.csv -o plan.json",
)
def _plan(made: ArgumentParser) -> None:
    """Compare a file with the account, and show what would be changed, what cannot be, and what a person does instead.
    Writes nothing at the provider; a number that the file does not name is left alone. Exit code 1: something cannot be
    done."""
    made.add_argument(
        "file", metavar="FILE", help="CSV, such as dump prints, or JSON by its name; - reads CSV from stdin"
    )
    made.add_argument("--profiles", metavar="FILE", help="TOML of the profiles (default: beside FILE, with its name)")
    made.add_argument("-o", dest="to", metavar="PLAN", help="write the plan to a new file, for apply")
    add_journal(made)
    add_provider(made)
    add_output(made)


@command(
    "apply",
    "make the changes of a plan, and no other",
    "applying:apply",
    "apply plan.json",
    "apply plan.json --confirm 3f1c2a9be4d05577 --results results.csv",
    "apply plan.json --ports port.toml --confirm 3f1c2a9be4d05577",
    effect="changes",
)
def _apply(made: ArgumentParser) -> None:
    """Make the changes of a plan, and no other. Interrupted, the same command goes on: what is done is not done twice.
    A number that is in another state than the plan says is skipped. A plan that changes a large part of the numbers,
    costs money, or gives a number up, needs a confirmation: on the terminal, or by --confirm with its id. The plan of a
    switch is carried on as far as that is possible now; repeat the command, for days, until its exit code is not 75."""
    made.add_argument("file", metavar="PLAN", help="file that plan or switch plan has written; - reads stdin")
    made.add_argument("--confirm", metavar="ID", help="id of the plan, for one that needs a confirmation")
    ports = made.add_argument_group("ports of a switch")
    _add_ports(ports)
    _add_applying(made)


@command(
    "status",
    "how far a plan has come (changes nothing)",
    "applying:status",
    "status plan.json",
    "status plan.json --output json",
)
def _status(made: ArgumentParser) -> None:
    """Look how far a plan has come, and show what is left of each number. Changes, orders and buys nothing. Exit code
    75: something is left."""
    made.add_argument("file", metavar="PLAN", help="file that plan or switch plan has written; - reads stdin")
    add_results(made)
    add_journal(made)
    add_provider(made)
    add_output(made)


@command(
    "switch",
    "move the numbers of an account to another carrier",
    "switch:switch",
    "switch plan --from old --to new -o plan.json",
    "switch finish plan.json --grace 7",
    effect="changes",
)
def _switch(made: ArgumentParser) -> None:
    """Move the numbers of an account to another carrier: by ports, which keep the number, or by other numbers like
    them. plan writes a plan, which apply carries on over days, status shows and undo takes back; finish gives the old
    numbers up."""
    actions = made.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    said = "say for each number whether it is ported, replaced or left, what it costs, and what a person does"
    planning = actions.add_parser("plan", help=said, description=f"{said.capitalize()}. Changes nothing.")
    planning.add_argument(
        "--from", dest="source", metavar="ACCOUNT", required=True, help="account that the numbers leave, or a provider"
    )
    planning.add_argument("--to", dest="target", metavar="ACCOUNT", required=True, help="account that they come to")
    planning.add_argument(
        "--numbers", dest="numbers_file", metavar="FILE", help="CSV of the numbers, with a column move; default: all"
    )
    planning.add_argument("--rules", metavar="FILE", help="TOML of what becomes of the others, and of profiles")
    planning.add_argument("-o", dest="to", metavar="PLAN", help="write the plan to a new file, for apply")
    _add_by_hand(planning)
    add_timeout(planning)
    add_output(planning)
    said = "show which old numbers may be released, and release them with --confirm"
    finishing = actions.add_parser("finish", help=said, description=f"{said.capitalize()}, for good.")
    finishing.add_argument("file", metavar="PLAN", help="file that switch plan has written; - reads stdin")
    finishing.add_argument("--confirm", metavar="ID", help="id that finish shows without it: release these numbers")
    finishing.add_argument(
        "--grace", metavar="DAYS", type=_days, default=7.0, help="days that a number has served before (default: 7)"
    )
    finishing.add_argument("-o", dest="to", metavar="PLAN", help="write the plan of the releases to a new file")
    _add_by_hand(finishing)
    _add_applying(finishing)


@command(
    "undo",
    "put back what a plan has changed",
    "applying:undo",
    "undo plan.json",
    "undo plan.json -o reverse.json",
    effect="changes",
)
def _undo(made: ArgumentParser) -> None:
    """Put back what a plan has changed, as far as it was made and is still so. Asks first, except with --yes; with -o
    the reverse plan is written to a file for apply, and nothing is changed."""
    made.add_argument("file", metavar="PLAN", help="file that plan has written, or the id of a plan that was applied")
    made.add_argument("-o", dest="to", metavar="PLAN", help="write the reverse plan to a new file, and change nothing")
    add_confirmation(made)
    _add_applying(made)


def _days(text: str) -> float:
    if not (text.isascii() and text.replace(".", "", 1).isdigit()):
        raise ValueError(text)
    return float(text)


def _add_by_hand(made: ArgumentParser) -> None:
    made.add_argument("--by-hand", metavar="FILE", help="write what a person does to a new CSV file")


def _add_ports(made: Any) -> None:
    made.add_argument(
        "--ports",
        metavar="FILE",
        action="append",
        default=[],
        help="TOML (0600) of what port orders need, as port-in reads it; may be repeated; without it none is ordered",
    )
    add_count(made, "--most-ports", "numbers whose ports are ordered by this command, at most", 100)
    made.add_argument(
        "--order-again", action="store_true", help="order those ports anew that were rejected or never arrived"
    )


def _add_applying(made: ArgumentParser) -> None:
    made.add_argument(
        "--most",
        metavar="PERCENT",
        type=percent,
        default=30,
        help="part of an account's numbers that is changed without a confirmation (default: 30)",
    )
    add_count(made, "--at-once", "numbers that are worked on side by side", 16)
    add_results(made)
    add_journal(made)
    add_provider(made)
    add_output(made)
