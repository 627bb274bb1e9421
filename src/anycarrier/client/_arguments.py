"""Exchanges of a client's operations, their arguments checked once for both modes, before anything is sent."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from types import GeneratorType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from anycarrier import validation
from anycarrier.capabilities import has, lacks
from anycarrier.engine import watch
from anycarrier.errors import AnyCarrierError, InvalidInput, OutcomeUnknown
from anycarrier.exchange import Exchange, Failed, ForClient, Listing, named, together
from anycarrier.features import refusal
from anycarrier.model import (
    CampaignBinding,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Release,
    Route,
    Target,
    Transfer,
    number_of,
    option_objects,
    target_of,
    wanted_of,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.search import Search
from anycarrier.validation import flag, shape, text, whole

if TYPE_CHECKING:
    from anycarrier.account_records import Balance, Campaign, Coverage, Pool
    from anycarrier.number_services import CallerName, EmergencyAddress, EmergencyRecord, LookUp
    from anycarrier.purchase.provisioning import Provisions
    from anycarrier.waiting import Awaited, Settled

T = TypeVar("T")


def exchange(value: object, provider: str, name: str = "exchange", writer: object = None) -> Any:
    """The generator of *value*, if it is an exchange that ``run`` or ``iterate`` can drive, seen by the observer; with
    *writer* for one that is made of a client's own provider."""
    if type(value) is ForClient:
        value = value.make(writer)
    if type(value) is not GeneratorType and not isinstance(value, Generator):
        raise InvalidInput(
            f"{name}: this drives exchanges, such as client.provider.get(number) returns, not {shape(value)}; the "
            "client's own methods drive theirs already"
        )
    if watch.observer is None:
        return iter(value)
    return watch.observer.operation(iter(value), getattr(value, "__name__", name), provider)


def search(provider: object, query: Search, options: Sequence[ProviderOptions]) -> Exchange[list[Offer]]:
    """Search for *query*."""
    from anycarrier.finding import find_offers

    found = find_offers(able_to(provider, "search"), _query(query), options=option_objects(options))
    return named("search", found)


def search_each(
    provider: object, queries: Sequence[Search], limit: int, options: Sequence[ProviderOptions]
) -> Exchange[list[list[Offer] | AnyCarrierError]]:
    """Search for each of *queries*, at most *limit* at once; offers or error of each, in their order."""
    from anycarrier.finding import find_offers

    able = able_to(provider, "search")
    value: object = queries
    if not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray):
        raise InvalidInput(f"queries must be a list of Search, not {shape(value)}")
    asked = [_query(one, f"queries[{at}]") for at, one in enumerate(value)]
    at_once = whole("limit", limit, 1)
    searches = [find_offers(able, one, options=option_objects(options)) for one in asked]
    return named("search_each", _each(searches, at_once))


def _each(searches: list[Exchange[list[Offer]]], limit: int) -> Exchange[list[list[Offer] | AnyCarrierError]]:
    found: list[list[Offer] | AnyCarrierError] = []
    for outcome in (yield from together(searches, limit=limit)):
        if not isinstance(outcome, Failed):
            found.append(outcome.value)
        elif isinstance(outcome.error, AnyCarrierError):
            found.append(outcome.error)
        else:
            raise outcome.error
    return found


def buy(
    provider: object,
    target: Offer | PhoneNumber | str,
    deadline: float,
    key: str | None,
    options: Sequence[ProviderOptions],
) -> Exchange[OwnedNumber]:
    """Buy *target*, at most once."""
    from anycarrier.purchase import buy
    from anycarrier.purchase.protocols import BuysThroughJournal

    able = able_to(provider, "buy")
    wanted = wanted_of(target)
    if issubclass(type(able), BuysThroughJournal):
        return _about("buy", wanted, able.buy(wanted, deadline=deadline, key=key, options=options))
    return _about("buy", wanted, buy(able, wanted, deadline=deadline, key=key, options=options))


def resolve(provider: object, error: OutcomeUnknown, deadline: float) -> Exchange[OwnedNumber]:
    """Find out what became of the purchase that raised *error*."""
    from anycarrier.purchase import resolve
    from anycarrier.purchase.protocols import BuysThroughJournal

    able = able_to(provider, "buy")
    if issubclass(type(able), BuysThroughJournal):
        going_on: Exchange[OwnedNumber] = able.resolve(error, deadline=deadline)
        return named("resolve", going_on)
    return named("resolve", resolve(able, error, deadline=deadline))


def wait(
    provider: object, target: Awaited | Sequence[Awaited], deadline: float
) -> Exchange[Settled | list[Settled | AnyCarrierError]]:
    """Wait until *target*, or each of several, is settled."""
    from anycarrier.port_records import Port
    from anycarrier.waiting import until_all_settled

    able = able_to(provider, "get")
    seconds = validation.deadline(deadline)
    if isinstance(target, Port):
        return named("wait", _one(until_all_settled(able, [target], deadline=seconds)))
    if isinstance(target, CampaignBinding | Release):
        return _about("wait", target.number, _one(until_all_settled(able, [target], deadline=seconds)))
    if isinstance(target, Sequence) and not isinstance(target, str):
        known = [one if isinstance(one, CampaignBinding | Release | Port) else target_of(one) for one in target]
        return named("wait", until_all_settled(able, known, deadline=seconds))
    number = target_of(target)
    return _about("wait", number, _one(until_all_settled(able, [number], deadline=seconds)))


def _one(several: Exchange[list[Settled | AnyCarrierError]]) -> Exchange[Settled]:
    (settled,) = yield from several
    if isinstance(settled, AnyCarrierError):
        raise settled
    return settled


def provisions(provider: Any) -> Provisions:
    """*provider*, if it buys through a journal."""
    from anycarrier.purchase.provisioning import Provisions

    if not issubclass(type(provider), Provisions):
        hint = "give the client Failover([...], journal=...), also for one provider"
        raise refusal(provider.name, "buy through a journal", hint)
    return cast("Provisions", provider)


def list_numbers(provider: object, options: Sequence[ProviderOptions]) -> Listing[OwnedNumber]:
    """List the account's numbers."""
    listing: Listing[OwnedNumber] = able_to(provider, "list").list(options=option_objects(options))
    return named("list", listing)


def get(provider: object, target: Target) -> Exchange[OwnedNumber]:
    """Read one number."""
    return _of_one("get", provider, target)


def release(provider: object, target: Target) -> Exchange[Release]:
    """Give a number up."""
    return _of_one("release", provider, target)


def route(provider: object, target: Target, routes: Sequence[Route]) -> Exchange[OwnedNumber]:
    """Set at least one route of a number."""
    able = able_to(provider, "route")
    known = target_of(target)
    if not routes:
        raise InvalidInput("routes: name at least one route")
    for one in routes:
        if not isinstance(one, Route):
            raise InvalidInput(
                f"routes: a route must be an object such as ToGateway(1000) or NoTexts(), not {shape(one)}"
            )
    return _about("route", known, able.route(known, *routes))


def transfer(
    provider: object, target: Target, to_account: str, options: Sequence[ProviderOptions]
) -> Exchange[Transfer]:
    """Hand a number to another account; each provider has a form of its own for its id."""
    return _of_one(
        "transfer", provider, target, text("to_account", to_account, "1000000001"), options=option_objects(options)
    )


def bind_campaign(provider: object, target: Target, campaign_id: str) -> Exchange[CampaignBinding]:
    """Bind a number to a 10DLC campaign."""
    return _of_one("bind_campaign", provider, target, _campaign(campaign_id))


def unbind_campaign(provider: object, target: Target, campaign_id: str | None) -> Exchange[CampaignBinding]:
    """Undo it; without *campaign_id* for the campaign that the number has."""
    campaign = None if campaign_id is None else _campaign(campaign_id)
    return _of_one("unbind_campaign", provider, target, campaign)


def campaign_of(provider: object, target: Target) -> Exchange[CampaignBinding]:
    """Read a number's 10DLC campaign."""
    return _of_one("campaign_of", provider, target)


def emergency_address(provider: object, target: Target) -> Exchange[EmergencyRecord | None]:
    """Read a number's emergency address."""
    return _of_one("emergency_address", provider, target)


def set_emergency_address(provider: object, target: Target, address: EmergencyAddress) -> Exchange[EmergencyRecord]:
    """Set a number's emergency address."""
    return _of_one("set_emergency_address", provider, target, _emergency_address(address))


def remove_emergency_address(provider: object, target: Target) -> Exchange[None]:
    """Remove a number's emergency address."""
    return _of_one("remove_emergency_address", provider, target)


def check_emergency_address(provider: object, address: EmergencyAddress) -> Exchange[EmergencyAddress]:
    """Check an emergency address."""
    able = able_to(provider, "check_emergency_address")
    exchange: Exchange[EmergencyAddress] = able.check_emergency_address(_emergency_address(address))
    return named("check_emergency_address", exchange)


def numbers_without_emergency_address(provider: object) -> Listing[OwnedNumber]:
    """List the numbers that have no emergency address."""
    from anycarrier.client._emergency import without_address

    operation = "numbers_without_emergency_address"
    return named(operation, without_address(able_to(able_to(provider, operation), "list")))


def caller_name(provider: object, target: Target) -> Exchange[CallerName]:
    """Read the names of callers."""
    return _of_one("caller_name", provider, target)


def set_caller_name(provider: object, target: Target, name: str) -> Exchange[CallerName]:
    """Set the name that is shown where a number calls; LIDB has room for 15 characters."""
    return _of_one("set_caller_name", provider, target, text("name", name, "ACME CORP", 15))


def look_up(provider: object, target: Target, carrier: bool, caller_name: bool) -> Exchange[LookUp]:
    """Look a number up."""
    if not (flag("carrier", carrier) | flag("caller_name", caller_name)):
        raise InvalidInput("carrier and caller_name are both False: there is nothing to look up")
    return _of_one("look_up", provider, target, carrier=carrier, caller_name=caller_name)


def set_label(provider: object, target: Target, label: str) -> Exchange[OwnedNumber]:
    """Set a number's label."""
    return _of_one("set_label", provider, target, text("label", label, "Main line"))


def set_enabled(provider: object, target: Target, enabled: bool) -> Exchange[OwnedNumber]:
    """Switch a number on or off."""
    return _of_one("set_enabled", provider, target, flag("enabled", enabled))


def _emergency_address(value: EmergencyAddress) -> EmergencyAddress:
    from anycarrier.number_services import EmergencyAddress

    if not isinstance(value, EmergencyAddress):
        raise InvalidInput(f"address must be an EmergencyAddress, not {shape(value)}")
    return value


def balance(provider: object) -> Exchange[Balance]:
    """Read the account's balance."""
    read: Exchange[Balance] = able_to(provider, "balance").balance()
    return named("balance", read)


def pools(provider: object) -> Exchange[list[Pool]]:
    """List the account's number pools."""
    read: Exchange[list[Pool]] = able_to(provider, "pools").pools()
    return named("pools", read)


def campaigns(provider: object) -> Exchange[list[Campaign]]:
    """List the account's 10DLC campaigns."""
    read: Exchange[list[Campaign]] = able_to(provider, "campaigns").campaigns()
    return named("campaigns", read)


def campaign(provider: object, campaign_id: str) -> Exchange[Campaign]:
    """Read one 10DLC campaign."""
    read: Exchange[Campaign] = able_to(provider, "campaign").find_campaign(_campaign(campaign_id))
    return named("campaign", read)


def coverage(provider: object, by: object, **place: Any) -> Exchange[list[Coverage]]:
    """Count the numbers for sale by place, within *place*: filters of a search."""
    able = able_to(provider, "coverage")
    if not isinstance(by, str) or str.__str__(by) not in _PLACES:
        raise InvalidInput(f"by must be one of {', '.join(_PLACES)}, not {shape(by)}")
    within = Search(**place)
    if isinstance(within.area_code, tuple):
        raise InvalidInput(f"area_code must be one area code, such as '201', not {shape(within.area_code)}")
    read: Exchange[list[Coverage]] = able.coverage(by, within)
    return named("coverage", read)


_PLACES = ("state", "city", "rate_center", "prefix")


def _of_one(operation: str, provider: object, target: Target, *arguments: object, **options: object) -> Exchange[Any]:
    able = able_to(provider, operation)
    known = target_of(target)
    return _about(operation, known, getattr(able, operation)(known, *arguments, **options))


def able_to(provider: Any, operation: str) -> Any:
    """*provider*, if it has *operation*; else ``Unsupported``."""
    if not has(provider, operation):
        raise lacks(provider, operation)
    return provider


def _about(operation: str, target: Target, exchange: Exchange[T]) -> Exchange[T]:
    """*exchange*, under the name of *operation*; its errors carry the number that it concerns."""
    return named(operation, _of_number(target, exchange))


def _of_number(target: Target, exchange: Exchange[T]) -> Exchange[T]:
    try:
        return (yield from exchange)
    except AnyCarrierError as error:
        if error.number is None:
            error.number = number_of(target).e164
        raise


def _query(value: Search, name: str = "query") -> Search:
    if not isinstance(value, Search):
        raise InvalidInput(f"{name} must be a Search, such as Search(area_code='201'), not {shape(value)}")
    return value


def _campaign(value: str) -> str:
    return text("campaign_id", value, "C1A2B3C")
