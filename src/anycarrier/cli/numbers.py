"""``list``, ``get``, ``release``, ``route``, ``transfer`` and ``campaign``."""

from __future__ import annotations

from itertools import islice

from anycarrier.capabilities import require
from anycarrier.cli.accounts import Choice
from anycarrier.cli.buy import show
from anycarrier.cli.confirm import confirm
from anycarrier.cli.context import Context, Ended, close
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.json_output import record, routes_words, ten_digit
from anycarrier.cli.output import warn
from anycarrier.model import (
    CampaignBinding,
    ForwardTo,
    NoForward,
    NoTexts,
    OwnedNumber,
    Route,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.numbers import PhoneNumber

__all__ = ["campaign", "get", "list_all", "release", "route", "transfer"]


def list_all(context: Context) -> int:
    """The account's numbers: JSON lines as they come, or a table at the end."""
    out, raw = context.out, context.args.raw
    with context.chosen() as client:
        numbers = client.list()
        try:
            if out.as_json:
                for owned in islice(numbers, context.args.limit):
                    out.json(record(owned, raw=raw))
                return Exit.DONE
            # Only what is shown is kept: an inventory may have a hundred thousand records.
            rows = [_row(owned) for owned in islice(numbers, context.args.limit)]
        finally:
            close(numbers)
    if rows:
        out.table(
            ("number", "ten digits", "status", "routes", "campaign", "label", "provider", "account"), rows
        )  # fmt: skip
    else:
        out.line("No numbers on this account.")
    return Exit.DONE


def _row(owned: OwnedNumber) -> tuple[object, ...]:
    return (
        owned.number.e164, ten_digit(owned.number), owned.status.value, routes_words(owned.routes), owned.campaign_id,
        owned.label, owned.provider, None if owned.account == owned.provider else owned.account,
    )  # fmt: skip


def get(context: Context) -> int:
    """One number."""
    with context.chosen() as client:
        show(context, client.get(context.args.number))
    return Exit.DONE


def _named(number: PhoneNumber) -> str:
    ten = ten_digit(number)
    return f"{number.e164} ({ten})" if ten else number.e164


def release(context: Context) -> int:
    """Give a number up, after asking."""
    number, choice = PhoneNumber(context.args.number), Choice.of(context.args)
    with context.client(choice.make()) as client:
        require(client.provider, "release")  # no question about what cannot be done
        confirm(
            context, f"Give up {_named(number)} at {choice.label}?", "This cannot be undone: others may get the number."
        )
        released = client.release(number)
    _forget(context, released.provider, released.account, number)
    if context.out.as_json:
        context.out.json(record(released, raw=context.args.raw))
    else:
        when = f", on {released.at.isoformat()}" if released.at else ""
        context.out.line(f"{number.e164} is {released.state.value}{when}.")
    return Exit.DONE


def _forget(context: Context, provider: str, account: str, number: PhoneNumber) -> None:
    """A purchase on record is over; should the journal not take the note, what was done is done even so."""
    from anycarrier.cli.journal import forget

    problem = forget(context, provider, account, number)
    if problem:
        warn(f"{context.args.command}: {problem}")


def transfer(context: Context) -> int:
    """Hand a number to another account, after asking."""
    number, choice, to = PhoneNumber(context.args.number), Choice.of(context.args), context.args.to
    with context.client(choice.make()) as client:
        require(client.provider, "transfer")
        confirm(
            context, f"Hand {_named(number)} at {choice.label} to account {to}?",
            "This cannot be undone from here: only the account that receives it can give it back.",
        )  # fmt: skip
        moved = client.transfer(number, to)
        _forget(context, client.provider.name, client.provider.accounts[0].id, number)
    if context.out.as_json:
        context.out.json(record(moved, raw=context.args.raw))
    else:
        context.out.line(f"{number.e164} is on account {moved.to_account} now.")
    return Exit.DONE


def route(context: Context) -> int:
    """Set routes in the order in which they were typed."""
    routes = [_route(kind, text) for kind, text in context.args.routes]
    if not routes:
        raise Ended("say where to, such as --gateway ID or --forward NUMBER")
    with context.chosen() as client:
        owned = client.route(context.args.number, *routes)
    if not context.out.as_json:
        # What was set may not be in the record: not every provider shows all of it.
        context.out.line(f"Set: {routes_words(routes)}. The record now:")
    show(context, owned)
    return Exit.DONE


def _route(kind: str, text: str) -> Route:
    match kind:
        case "gateway":
            return ToGateway(int(text) if text.isascii() and text.isdigit() else text)
        case "forward":
            return ForwardTo(PhoneNumber(text))
        case "no-forward":
            return NoForward()
        case "texts-webhook":
            return TextsToWebhook(text)
        case "texts-email":
            return TextsToEmail(text)
        case "texts-sip":
            return TextsToSip(text)
    return NoTexts()


def campaign(context: Context) -> int:
    """Bind, unbind, or show."""
    args = context.args
    with context.chosen() as client:
        if args.action == "bind":
            bound = client.bind_campaign(args.number, args.campaign)
        elif args.action == "unbind":
            bound = client.unbind_campaign(args.number, args.campaign)
        else:
            bound = client.campaign_of(args.number)
    if context.out.as_json:
        context.out.json(record(bound, raw=args.raw))
    else:
        context.out.facts(_facts(bound))
    return Exit.DONE


def _facts(bound: CampaignBinding) -> dict[str, object]:
    word = bound.provider_status
    said = f" (the provider says {word})" if word and word.casefold() != bound.status.value else ""
    return {
        "number": bound.number.e164, "ten digits": ten_digit(bound.number), "provider": bound.provider,
        "campaign": bound.campaign_id or "none", "status": f"{bound.status.value}{said}",
    }  # fmt: skip
