"""Prerequisites of desired states: campaigns, destinations of routes and emergency addresses that they name.

Each is looked up once, however many numbers name it, and only where a number is to get it that has not got it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from anycarrier.account_records import CampaignStatus
from anycarrier.desired_state.model import ChangeKind, Desired, NumberState, Value, is_same, kind_of_route
from anycarrier.desired_state.observation import able
from anycarrier.errors import InvalidInput, InvalidRequest, NotFound, printable
from anycarrier.exchange import Exchange, Failed, together
from anycarrier.model import Route
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.provider_abilities import ChecksDestinations

__all__ = ["Prerequisites", "campaign_refused", "look_up_prerequisites", "missing_destinations"]


@frozen
class Prerequisites:
    """Findings about the values that desired states name.

    Attributes:
        refused: the reason for which no number can get a value.
        written: addresses as the emergency service writes them.
    """

    refused: Mapping[tuple[ChangeKind, Value], str]
    written: Mapping[EmergencyAddress, EmergencyAddress]


def look_up_prerequisites(
    member: Any, desired: Mapping[PhoneNumber, Desired], here: Mapping[PhoneNumber, NumberState]
) -> Exchange[Prerequisites]:
    """Look up what the numbers *here* are to get.

    Raises:
        AnyCarrierError: something could not be read.
    """
    wanted: dict[ChangeKind, dict[Value, None]] = {kind: {} for kind in ChangeKind}
    for number, state in here.items():
        for kind, value in desired[number].values():
            if not is_same(kind, state.value(kind), value):
                wanted[kind][value] = None
    refused: dict[tuple[ChangeKind, Value], str] = {}
    campaigns = [one for one in wanted[ChangeKind.CAMPAIGN] if isinstance(one, str)]
    if campaigns and able(member, "campaign") and able(member, "bind_campaign"):
        for campaign in sorted(campaigns):
            if reason := (yield from campaign_refused(member, campaign)):
                refused[ChangeKind.CAMPAIGN, campaign] = reason
    # A destination of calls or texts that a number has is there.
    used = {value for state in here.values() for value in (state.calls, state.forward, state.texts)}
    routes = [one for values in wanted.values() for one in values if isinstance(one, Route) and one not in used]
    for route, reason in (yield from missing_destinations(member, routes)).items():
        refused[kind_of_route(route), route] = reason
    addresses = [one for one in wanted[ChangeKind.EMERGENCY] if isinstance(one, EmergencyAddress)]
    written: dict[EmergencyAddress, EmergencyAddress] = {}
    if addresses and able(member, "check_emergency_address"):
        outcomes = yield from together([member.check_emergency_address(address) for address in addresses])
        for address, outcome in zip(addresses, outcomes, strict=True):
            if not isinstance(outcome, Failed):
                written[address] = outcome.value
            elif isinstance(outcome.error, InvalidRequest | InvalidInput):
                refused[ChangeKind.EMERGENCY, address] = str(outcome.error)
            else:
                raise outcome.error
    return Prerequisites(refused, written)


def campaign_refused(provider: Any, campaign: str) -> Exchange[str]:
    """The reason for which no number can be bound to *campaign*: there is none of this id, or it has failed; empty
    where none shows.

    Raises:
        AnyCarrierError: what ``find_campaign`` raises for another reason.
    """
    try:
        found = yield from provider.find_campaign(campaign)
    except (NotFound, InvalidInput, InvalidRequest) as error:
        return f"no such campaign: {printable(str(error))}"
    return f"the campaign is {found.provider_status}" if found.status is CampaignStatus.FAILED else ""


def missing_destinations(provider: Any, routes: Sequence[Route]) -> Exchange[Mapping[Route, str]]:
    """Those of *routes* whose destination *provider* says that it does not have, with the reason.

    Raises:
        AnyCarrierError: the destinations could not be read.
    """
    if not routes or not issubclass(type(provider), ChecksDestinations):
        return {}
    found: Mapping[Route, str] = yield from provider.missing_destinations(routes)
    return found
