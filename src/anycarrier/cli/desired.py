"""``dump``: what is true of an account's numbers, as a file that says what should be."""

from __future__ import annotations

from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.json_output import record
from anycarrier.desired_state import ChangeKind, observe
from anycarrier.number_files import states_to_csv

__all__ = ["dump"]


def dump(context: Context) -> int:
    """Print the state of all numbers of an account, as CSV or JSON."""
    args = context.args
    kinds = [ChangeKind(name) for name in args.only] or [*ChangeKind]
    with context.chosen() as client:
        states = client.run(observe(client.provider, kinds=kinds))
    if context.out.form == "json":
        for state in states.values():
            context.out.json(record(state))
        return Exit.DONE
    for line in states_to_csv(states.values(), only=None if not args.only else kinds):
        context.out.csv_line(line)
    return Exit.DONE
