"""``list``, ``get``, ``release``, ``route``, ``transfer`` and ``campaign``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from anycarrier.capabilities import require
from anycarrier.cli.accounts import Choice
from anycarrier.cli.confirm import confirm
from anycarrier.cli.context import Context, Ended, close
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import forget, recording, uses
from anycarrier.cli.json_output import (
    HEAD,
    both,
    owned_facts,
    owned_view,
    record_view,
    routes_words,
    status_words,
    ten_digit,
)
from anycarrier.cli.output import View, warn
from anycarrier.cli.provider_options import options_for, routes_for
from anycarrier.cli.table import Column
from anycarrier.cli.targets import Each, listed, numbers
from anycarrier.client import Client
from anycarrier.model import (
    CallsToWebhook,
    CampaignBinding,
    ForwardTo,
    NoForward,
    NoTexts,
    OwnedNumber,
    Release,
    Route,
    TextsTo,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
    Transfer,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Journal

__all__ = ["campaign", "get", "list_all", "release", "route", "route_of", "show_each", "transfer"]


def show_each(
    context: Context,
    view: View,
    results: Each,
    facts: Callable[[Any], dict[str, object]] | None = None,
    line: Callable[[Any], str] | None = None,
) -> int:
    """Show a result for each number; the exit code.

    Args:
        context: of the command.
        view: how a result looks to programs, and in a table.
        results: what was done.
        facts: a result for people, where the number was typed alone.
        line: the line for people about a change; a change is shown at once, not held back for a table.
    """
    out = context.out
    if out.form != "table" or (line is None and not context.args.alone):
        out.show(view, results)
        return results.code
    for result in results:
        if line is not None:
            out.line(line(result))
        if facts is not None and context.args.alone:
            out.facts(facts(result))
        out.flush()
    return results.code


def list_all(context: Context) -> int:
    """List the account's numbers, each as soon as it arrives."""
    with context.chosen() as client:
        found = client.list()
        try:
            view = owned_view(context.args.raw, "No numbers on this account.")
            context.out.show(view, islice(found, context.args.limit))
        finally:
            close(found)
    return Exit.DONE


def get(context: Context) -> int:
    """Show numbers."""
    found = numbers(context)
    with context.chosen() as client:
        return show_each(context, owned_view(context.args.raw), Each(context, found, client.get), owned_facts)


def release(context: Context) -> int:
    """Give numbers up, after a confirmation."""
    found, choice = numbers(context), Choice.of(context.args)
    with _changing(context, choice) as (client, provider, book):
        require(provider, "release")  # no question about what cannot be done
        confirm(
            context,
            f"Give up {listed(found, both)} at {choice.label}?",
            "This cannot be undone: others may get the number.",
        )
        if used := uses(context, book, provider, found):
            confirm(
                context,
                f"The journal says of {'this number' if len(found) == 1 else f'{len(used)} of these numbers'}:\n"
                + "\n".join(used),
                "What it serves stops then. Give it up all the same?",
            )

        def act(number: PhoneNumber) -> Release:
            released: Release = client.release(number)
            if book is None:
                _forget(context, released.provider, released.account, number)
            return released

        return show_each(context, release_view(context.args.raw), Each(context, found, act), line=release_line)


@contextmanager
def _changing(context: Context, choice: Choice) -> Iterator[tuple[Client[Any], Any, Journal | None]]:
    """A client whose writes are on record where there is a journal; its provider, and the journal."""
    provider = choice.make()
    with recording(context) as book, context.client(provider, book) as client:
        yield client, provider, book


def release_view(raw: bool) -> View:
    """The view of releases."""
    return record_view(
        Release,
        (*HEAD, Column("state"), Column("provider"), Column("account")),
        lambda one: (one.number, ten_digit(one.number), one.state.value, one.provider, one.account),
        raw=raw,
    )


def release_line(released: Release) -> str:
    """A release in a line for people."""
    when = f", on {released.at.isoformat()}" if released.at else ""
    return f"{released.number} is {released.state.value}{when}."


def _forget(context: Context, provider: str, account: str, number: PhoneNumber) -> None:
    """Tell the journal that a purchase is over; a journal that fails does not undo what was done."""
    problem = forget(context, provider, account, number)
    if problem:
        warn(f"{context.args.command}: {problem}")


def transfer(context: Context) -> int:
    """Hand numbers to another account, after a confirmation."""
    found, choice, to = numbers(context), Choice.of(context.args), context.args.to
    with _changing(context, choice) as (client, provider, book):
        require(provider, "transfer")
        options = options_for(context.args, [provider], ["transfer"])
        confirm(
            context,
            f"Hand {listed(found, both)} at {choice.label} to account {to}?",
            "This cannot be undone from here: only the account that receives it can give it back.",
        )

        def act(number: PhoneNumber) -> Transfer:
            moved: Transfer = client.transfer(number, to, options=options)
            if book is None:
                _forget(context, provider.name, provider.accounts[0].id, number)
            return moved

        columns = (*HEAD, Column("to account"), Column("provider"))
        view = record_view(
            Transfer,
            columns,
            lambda one: (one.number, ten_digit(one.number), one.to_account, one.provider),
            raw=context.args.raw,
        )
        return show_each(
            context,
            view,
            Each(context, found, act),
            line=lambda moved: f"{moved.number} is on account {moved.to_account} now.",
        )


def route(context: Context) -> int:
    """Set routes in the order of the options."""
    routes = [route_of(kind, text) for kind, text in context.args.routes]
    if not routes and not context.args.options:
        raise Ended("no route is named: add one, such as --gateway ID or --forward NUMBER")
    found = numbers(context)
    alone = context.args.alone

    def line(owned: OwnedNumber) -> str:
        # A provider may not show all of it in the record.
        said = f"Set: {routes_words(routes)}."
        return f"{said} The record now:" if alone else f"{owned.number}: {said}"

    with _changing(context, Choice.of(context.args)) as (client, provider, _):
        routes += routes_for(context.args, provider)
        results = Each(context, found, lambda number: client.route(number, *routes))
        return show_each(context, owned_view(context.args.raw), results, owned_facts, line)


def route_of(kind: str, text: str) -> Route:
    """The route of an option, by its word."""
    match kind:
        case "gateway":
            return ToGateway(text)
        case "forward":
            return ForwardTo(PhoneNumber(text))
        case "no-forward":
            return NoForward()
        case "calls-webhook":
            return CallsToWebhook(text)
        case "texts-to":
            return TextsTo(text)
        case "texts-webhook":
            return TextsToWebhook(text)
        case "texts-email":
            return TextsToEmail(text)
        case "texts-sip":
            return TextsToSip(text)
    return NoTexts()


def campaign_view(raw: bool) -> View:
    """The view of campaigns of numbers."""
    names = ("number", "ten digits", "campaign", "status", "provider")
    return record_view(
        CampaignBinding,
        (*HEAD, Column("campaign"), Column("status", wraps=True), Column("provider")),
        lambda one: tuple(campaign_facts(one)[name] for name in names),
        raw=raw,
    )


def campaign(context: Context) -> int:
    """Bind, unbind or show campaigns."""
    args, found = context.args, numbers(context)
    view = campaign_view(args.raw)
    if args.action == "show":
        with context.chosen() as client:
            return show_each(context, view, Each(context, found, client.campaign_of), campaign_facts)
    with _changing(context, Choice.of(args)) as (client, _, _):

        def act(number: PhoneNumber) -> CampaignBinding:
            if args.action == "bind":
                return client.bind_campaign(number, args.campaign)
            return client.unbind_campaign(number, args.campaign)

        return show_each(context, view, Each(context, found, act), campaign_facts, None if args.alone else _bound)


def _bound(bound: CampaignBinding) -> str:
    return f"{bound.number}: campaign {bound.campaign_id or 'none'}, {bound.status.value}"


def campaign_facts(bound: CampaignBinding) -> dict[str, object]:
    """The campaign of a number, for people."""
    return {
        "number": bound.number.e164,
        "ten digits": ten_digit(bound.number),
        "provider": bound.provider,
        "campaign": bound.campaign_id or "none",
        "registry": bound.registry_id if bound.registry_id != bound.campaign_id else None,
        "status": status_words(bound.status, bound.provider_status),
    }
