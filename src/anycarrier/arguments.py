"""The arguments of a client's methods, checked before an exchange is made of them, and so before anything is sent."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from anycarrier.errors import InvalidInput, OutcomeUnknown
from anycarrier.model import Offer, OwnedNumber, Route
from anycarrier.model import option_objects as options
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import Target, number_of
from anycarrier.search import Search
from anycarrier.validation import seconds, shape, text

__all__ = [
    "account",
    "breaker_or_none",
    "campaign",
    "campaign_or_none",
    "deadline",
    "deadline_or_none",
    "exchange",
    "journal",
    "key_or_none",
    "notify_or_none",
    "options",
    "outcome",
    "provider",
    "providers",
    "queries",
    "query",
    "request_id",
    "routes",
    "target",
    "wanted",
]  # fmt: skip


def exchange(given: Any, name: str = "exchange") -> Any:
    """What ``run`` and ``iterate`` drive."""
    if not isinstance(given, Generator):
        raise InvalidInput(
            f"{name}: this drives exchanges, such as client.provider.get(number) returns, not {shape(given)}; the "
            "client's own methods drive theirs already"
        )
    return given


def query(given: Search, name: str = "query") -> Search:
    """What to look for."""
    if not isinstance(given, Search):
        raise InvalidInput(f"{name} must be a Search, such as Search(area_code='201'), not {shape(given)}")
    return given


def queries(given: Any) -> list[Search]:
    """Several of them."""
    if not isinstance(given, Sequence) or isinstance(given, str | bytes | bytearray):
        raise InvalidInput(f"queries must be a list of Search, not {shape(given)}")
    return [query(one, f"queries[{at}]") for at, one in enumerate(given)]


def wanted(given: Offer | PhoneNumber | str) -> Offer | PhoneNumber:
    """What to buy: an offer or a number."""
    if isinstance(given, OwnedNumber):
        raise InvalidInput("target must be an Offer or a number, not an OwnedNumber, which is bought already")
    return given if isinstance(given, Offer) else number_of(given)


def target(given: Target) -> Target:
    """A number of the account, or what has one."""
    return given if isinstance(given, OwnedNumber | Offer) else number_of(given)


def routes(given: Sequence[Route]) -> Sequence[Route]:
    """Where calls and texts shall go, at least one."""
    if not given:
        raise InvalidInput("routes: name at least one route")
    for one in given:
        if not isinstance(one, Route):
            raise InvalidInput(
                f"routes: a route must be an object such as ToGateway(1000) or NoTexts(), not {shape(one)}"
            )
    return given


def outcome(given: OutcomeUnknown) -> OutcomeUnknown:
    """The error to go on from."""
    if not isinstance(given, OutcomeUnknown):
        raise InvalidInput(f"error must be an OutcomeUnknown that client.buy() raised, not {shape(given)}")
    return given


def deadline(given: float) -> float:
    """Seconds."""
    return seconds("deadline", given)


def deadline_or_none(given: float | None) -> float | None:
    """Seconds, where they are given."""
    return None if given is None else deadline(given)


def key_or_none(given: str | None) -> str | None:
    """The mark of a purchase; each provider has a form of its own for it."""
    return None if given is None else text("key", given, "ac1_0123456789")


def journal(given: Any) -> Any:
    """Where purchases are written down."""
    if isinstance(given, type) or not all(callable(getattr(given, name, None)) for name in ("create", "begin", "load")):
        raise InvalidInput(
            f"journal must be a Journal, such as journal.open(path) of anycarrier.purchase gives, not {shape(given)}"
        )
    return given


def notify_or_none(given: Any) -> Any:
    """Who is told of progress."""
    if given is not None and not callable(given):
        raise InvalidInput(f"notify must be a function of one argument, not {shape(given)}")
    return given


def breaker_or_none(given: Any) -> Any:
    """How the accounts have been doing."""
    if given is not None and not callable(getattr(given, "failures", None)):
        raise InvalidInput(f"breaker must be a CircuitBreaker, which several orders may share, not {shape(given)}")
    return given


def provider(given: Any, operation: str) -> Any:
    """Whom to ask."""
    if isinstance(given, str | type | Mapping) or not callable(getattr(given, operation, None)):
        raise InvalidInput(f"provider must be a provider object that has {operation}(), not {shape(given)}")
    return given


def providers(given: Any) -> Sequence[Any]:
    """From whom."""
    if isinstance(given, str | bytes | bytearray) or not isinstance(given, Sequence):
        raise InvalidInput(f"providers must be a list of providers, not {shape(given)}")
    for one in given:
        if isinstance(one, str | type) or not hasattr(one, "accounts"):
            raise InvalidInput(f"providers must be provider objects, such as Failover([...]).members, not {shape(one)}")
    return given


def request_id(given: str) -> str:
    """The caller's own name for an order."""
    return text("request_id", given, "order-1001")


def account(given: str) -> str:
    """The account to hand a number to; each provider has a form of its own for it."""
    return text("to_account", given, "1000000001")


def campaign(given: str) -> str:
    """A 10DLC campaign."""
    return text("campaign_id", given, "C1A2B3C")


def campaign_or_none(given: str | None) -> str | None:
    """A 10DLC campaign, where one is given."""
    return None if given is None else campaign(given)
