"""``buy`` and ``wait``."""

from __future__ import annotations

import re
from typing import Any

from anycarrier.capabilities import refuse
from anycarrier.cli.advice import command, resume_command, resume_text
from anycarrier.cli.ask import confirm
from anycarrier.cli.choose import Choice
from anycarrier.cli.context import Context
from anycarrier.cli.exits import Exit
from anycarrier.cli.records import owned_facts, record, ten_digit
from anycarrier.client import Client
from anycarrier.errors import InvalidInput, OutcomeUnknown
from anycarrier.exchange import Exchange, now
from anycarrier.model import OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Attempt, AttemptState, Draft
from anycarrier.purchase.plain import fresh_key

__all__ = ["buy", "wait"]


def buy(context: Context) -> int:
    """Buy one number, or go on with a purchase whose outcome was unknown."""
    args = context.args
    number = PhoneNumber(args.number)
    choice = Choice.of(args)
    with context.client(choice.make()) as client:
        if not hasattr(type(client.provider), "draft"):
            raise refuse(client.provider, "buy")
        if args.resume is not None:
            owned = _resumed(client, number, args.resume, args.deadline)
        else:
            ten = ten_digit(number)
            confirm(
                context,
                f"Buy {number.e164}{f' ({ten})' if ten else ''} from {choice.label}?",
                "It costs money. Giving the number up later does not bring the money back.",
            )
            owned = _bought(context, client, number)
    show(context, owned)
    return Exit.DONE


def _bought(context: Context, client: Client[Any], number: PhoneNumber) -> OwnedNumber:
    args = context.args
    # The key is made here, so that it can be told even when the purchase is interrupted.
    key = args.key or client.run(fresh_key(client.provider.rules))
    began = client.run(_wall())
    try:
        return client.buy(number, deadline=args.deadline, key=key)
    except KeyboardInterrupt as stop:
        text = resume_text(key, began, client.run(_wall()))
        raise KeyboardInterrupt(
            f"interrupted: {number.e164} may have been bought, key {key}; do not buy it again, go on with: "
            f"{resume_command(args, number.e164, text)}"
        ) from stop


def _wall() -> Exchange[float]:
    return (yield from now()).wall


def _resumed(client: Client[Any], number: PhoneNumber, text: str, deadline: float) -> OwnedNumber:
    """Find out about a purchase of another process, from what its message told."""
    provider = client.provider
    key, first_sent, last_sent = _parsed(text)
    if not re.fullmatch(provider.rules.key_form, key):
        raise InvalidInput(f"the key of --resume must match {provider.rules.key_form}", operation="buy")
    # Only looked for, never sent: a new draft may need a search, and the number is not for sale any more.
    draft = Draft(provider=provider.name, account=provider.accounts[0].id, number=number, key=key, body=b"")
    if first_sent is None:
        # Nobody knows when it was sent: too long ago to send it again, and as late as now to believe that it failed.
        first_sent, last_sent = 0.0, client.run(_wall())
    elif provider.rules.replay:
        # The same key and number give the same bytes, which is what a replay has to send.
        draft = client.run(provider.draft(number, key=key))
    attempt = Attempt(draft=draft, state=AttemptState.IN_DOUBT, first_sent=first_sent, last_sent=last_sent)
    error = OutcomeUnknown("resumed", number=number.e164, key=key, attempt=attempt)
    owned: OwnedNumber = client.resolve(error, deadline=deadline)
    return owned


def _parsed(text: str) -> tuple[str, float | None, float]:
    """The key, and when it was first and last sent; ``None`` where only the key is known."""
    key, at, when = text.partition("@")
    if not at:
        return key, None, 0.0
    first, _, span = when.partition("+")
    if not key or not all(part.isascii() and part.isdigit() and len(part) <= 12 for part in (first, span)):
        raise InvalidInput("--resume takes what the message of the purchase showed, such as KEY@1763600000+14")
    return key, float(first), float(first) + float(span)


def wait(context: Context) -> int:
    """Wait until a number is set up or has failed."""
    with context.chosen() as client:
        owned = client.wait(context.args.number, deadline=context.args.deadline)
    show(context, owned)
    return Exit.REFUSED if owned.status is Status.FAILED else Exit.DONE


def show(context: Context, owned: OwnedNumber) -> None:
    """A number on the account."""
    if context.out.as_json:
        context.out.json(record(owned, raw=context.args.raw))
    else:
        context.out.facts(owned_facts(owned))
        if owned.status is Status.PENDING and context.args.command == "buy":
            context.out.line(f"It is being set up; to wait for it: {command(context.args, 'wait', owned.number.e164)}")
