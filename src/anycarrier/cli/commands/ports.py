"""Commands for numbers that come from another carrier."""

from __future__ import annotations

from anycarrier.cli.commands.table import command
from anycarrier.cli.options import (
    add_confirmation,
    add_deadline,
    add_file,
    add_journal,
    add_output,
    add_provider,
    add_request_id,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser


@command(
    "portable",
    "whether numbers can be ported in from their carrier",
    "ports:portable",
    "portable +12125550123",
    "portable --from-file numbers.csv --output csv",
)
def _portable(made: ArgumentParser) -> None:
    """Say whether each number can be ported in from its present carrier, and else why not. Changes nothing. Exit code
    1: one of them cannot."""
    made.add_argument(
        "number", metavar="NUMBER", nargs="*", help="such as +12125550123 or 2125550123; several; - reads stdin"
    )
    add_file(made, "numbers")
    made.set_defaults(targets="number")
    add_provider(made)
    add_output(made, raw=True)


@command(
    "port-in",
    "order ports of numbers from their carrier (costs money)",
    "port_in:port_in",
    "port-in order.toml --max-fee 60",
    "port-in order.toml --numbers numbers.csv --request-id move-42 --yes",
    effect="changes",
)
def _port_in(made: ArgumentParser) -> None:
    """Order ports of numbers from their present carrier. What the order says of the subscriber, with account number and
    PIN there, is in FILE, which only you may read (chmod 600), or in the environment: ANYCARRIER_PORT_ACCOUNT_NUMBER,
    ANYCARRIER_PORT_PIN and their like. Every order is on record before it is sent, and none is sent twice. Asks first,
    except with --yes. After exit code 75, run it again with the same --request-id."""
    made.add_argument("file", metavar="FILE", nargs="?", help="TOML of the order (default: the environment alone)")
    made.add_argument("--numbers", dest="of_file", metavar="CSV", help="numbers of the order, instead of FILE's")
    made.add_argument("--max-fee", metavar="AMOUNT", help="at most this for the whole order, such as 60 or 60USD")
    add_deadline(made, 60, "time to find out the outcome when the answer is lost")
    add_request_id(made, "your own id for this order: the same id orders no number twice")
    add_confirmation(made)
    add_journal(made)
    add_provider(made)
    add_output(made)


@command(
    "ports",
    "ports of numbers to the account, or those on record",
    "ports:ports",
    "ports",
    "ports --request-id move-42",
)
def _ports(made: ArgumentParser) -> None:
    """List the ports of the account as its provider states them, present and past; it may leave out the numbers of
    each. With --on-record or --request-id: orders in the journal, with the state of each number, after a look at those
    that are open. Exit code 75: one is open; 1: a number is not coming by its order."""
    made.add_argument("--on-record", action="store_true", help="orders in the journal, with the state of each number")
    add_request_id(made, "the orders of this id, which port-in had")
    add_journal(made)
    add_provider(made)
    add_output(made, raw=True)


@command("port", "one port of the account", "ports:port", "port a3a2a")
def _port(made: ArgumentParser) -> None:
    """Show a port with its numbers, its state and what a person has to do. Exit code 4: the account has none of this
    id."""
    made.add_argument("port_id", metavar="ID", help="the provider's own, as ports lists it")
    add_provider(made)
    add_output(made, raw=True)
