"""``wait``: until numbers are set up, bindings of campaigns stand, released numbers are gone, or a port is over."""

from __future__ import annotations

from typing import Any

from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.json_output import owned_facts, owned_view
from anycarrier.cli.numbers import campaign_facts, campaign_view, release_line, release_view, show_each
from anycarrier.cli.ports import port_facts, port_view
from anycarrier.cli.targets import Each, numbers
from anycarrier.exchange import now
from anycarrier.model import BindingStatus, Release, ReleaseState, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import Port, PortState

__all__ = ["wait"]


def wait(context: Context) -> int:
    """Wait for each number in turn; the deadline is that of all of them."""
    args = context.args
    if args.port_id is not None:
        return _port(context)
    found = numbers(context)
    worst: int = Exit.DONE
    with context.chosen() as client:
        began = client.run(now()).monotonic

        def act(number: PhoneNumber) -> Any:
            nonlocal worst
            target: Any = number
            if args.what == "campaign":
                target = client.campaign_of(number)
            elif args.what == "release":
                provider = client.provider
                target = Release(
                    provider=provider.name,
                    account=provider.accounts[0].id,
                    number=number,
                    state=ReleaseState.SCHEDULED,
                )
            left = max(0.0, args.deadline - (client.run(now()).monotonic - began))
            settled: Any = client.wait(target, deadline=left)
            worst = max(worst, _code(settled), key=_WORST.index)
            return settled

        results = Each(context, found, act, goes_on=Each.GOES_ON | {Exit.UNKNOWN})
        if args.what == "campaign":
            code = show_each(context, campaign_view(args.raw), results, campaign_facts)
        elif args.what == "release":
            code = show_each(context, release_view(args.raw), results, line=release_line)
        else:
            code = show_each(context, owned_view(args.raw), results, owned_facts)
    return worst if code == Exit.DONE else code


def _port(context: Context) -> int:
    args, out = context.args, context.out
    with context.chosen() as client:
        settled: Port = client.wait(client.port(args.port_id), deadline=args.deadline)
    if out.form == "table":
        out.facts(port_facts(settled))
    else:
        out.show(port_view(args.raw), [settled])
    return Exit.DONE if settled.state is PortState.COMPLETE else Exit.REFUSED


_WORST: tuple[int, ...] = (Exit.DONE, Exit.UNKNOWN, Exit.REFUSED)


def _code(settled: Any) -> int:
    """The exit code of a final state."""
    status = getattr(settled, "status", None)
    if status in (Status.FAILED, BindingStatus.FAILED):
        return Exit.REFUSED
    return Exit.UNKNOWN if status is Status.NEEDS_ACTION else Exit.DONE
