"""The command that calls any operation of a provider's own API."""

from __future__ import annotations

from anycarrier.cli.commands.table import command
from anycarrier.cli.options import add_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser


@command(
    "call",
    "call any operation of a provider's own API",
    "call:call",
    "call --list",
    "call --list --output csv",
    effect="changes",
    grows="call_options:grow",
)
def _call(made: ArgumentParser) -> None:
    """Call an operation of a provider's own API, beyond what all providers have in common.

      anycarrier call PROVIDER OPERATION [ARGUMENT]...
      anycarrier call PROVIDER OPERATION --help
      anycarrier call PROVIDER --list

    One that changes something or costs money asks first, except with --yes. Names may be written with - or _, or as in
    the provider's own documents."""
    made.add_argument("--list", action="store_true", help="list the operations of every provider")
    add_output(made)
