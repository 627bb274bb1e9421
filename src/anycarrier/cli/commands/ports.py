"""Commands for numbers that come from another carrier."""

from __future__ import annotations

from anycarrier.cli.commands.table import command
from anycarrier.cli.options import add_file, add_output, add_provider

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


@command("ports", "all ports of numbers to the account", "ports:ports", "ports", "ports --output json")
def _ports(made: ArgumentParser) -> None:
    """List the ports of the account as its provider states them, present and past. It may leave out the numbers of
    each; port ID has them."""
    add_provider(made)
    add_output(made, raw=True)


@command("port", "one port of the account", "ports:port", "port a3a2a")
def _port(made: ArgumentParser) -> None:
    """Show a port with its numbers, its state and what a person has to do. Exit code 4: the account has none of this
    id."""
    made.add_argument("port_id", metavar="ID", help="the provider's own, as ports lists it")
    add_provider(made)
    add_output(made, raw=True)
