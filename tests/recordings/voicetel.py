"""Recording recipe of VoiceTel.

A recording needs the values ``gateway`` and ``route_in`` (ids of the account's routes), ``campaign``, ``to_account``,
``elsewhere`` (a number of another carrier) and ``port`` (id of one of the account's ports).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anycarrier.errors import NumberUnavailable, UnexpectedResponse
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    ForwardTo,
    Money,
    NoForward,
    NoTexts,
    OwnedNumber,
    ReleaseState,
    Route,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.number_services import EmergencyAddress, EmergencyRecord
from anycarrier.ports import PortIn, PortOrder, ServiceAddress
from anycarrier.purchase import journal
from anycarrier.testing import SCRUBBED, Step, Steps, Values, standard_steps
from anycarrier_adapters.voicetel import MessagingRoutes, Ordered, VoiceTel

__all__ = ["STEPS"]

ADDRESS = EmergencyAddress(
    name="ACME INC",
    street="411 HACKENSACK AVENUE",
    unit="STE 200",
    city="HACKENSACK",
    state="NJ",
    postal_code="07601",
)
"""The example of the official document."""

DETAILS = {
    "subscriber": "Acme Corp",
    "subscriber_kind": "business",
    "service_address": ServiceAddress(
        street_number="550",
        street="Main",
        street_type="ST",
        street_prefix="N",
        street_suffix="N",
        city="Chicago",
        state="IL",
        postal_code="60601",
    ),
    "account_number": "123456789",
    "pin": "1234",
    "billing_number": "+12015551234",
    "authorized_person": "Jane Smith",
}
"""The example of the official document."""

STANDARD = standard_steps(found=("found", "found2", "found3"))


def _order(phone: Any, values: Values) -> Ordered:
    ordered: Ordered = phone.run(phone.provider.order([values["found2"], values["found3"]]))
    for name, owned in zip(("second", "third"), ordered.numbers, strict=False):
        values[name] = owned.number
    return ordered


def _route(route: Callable[[Values], Route], *, shown: bool = True) -> Step:
    """Route the number that was bought; *shown* where its record states the route."""

    def check(owned: OwnedNumber, values: Values) -> bool:
        return owned.number == values["number"] and (not shown or route(values) in (owned.routes or ()))

    return Step(lambda phone, values: phone.route(values["number"], route(values)), check, effect="changes")


def _bound(*statuses: BindingStatus) -> Callable[[CampaignBinding, Values], bool]:
    def check(binding: CampaignBinding, values: Values) -> bool:
        bound = binding.number == values["number"] and binding.status in statuses
        return bound and binding.campaign_id in (None, values["campaign"])

    return check


def _placed(address: EmergencyAddress) -> bool:
    """Return whether the emergency service's spelling is of :data:`ADDRESS`."""
    return (address.city, address.state, address.postal_code[:5]) == ("HACKENSACK", "NJ", "07601")


def _recorded(record: EmergencyRecord, values: Values) -> bool:
    return record.number == values["number"] and _placed(record.address)


def _port_in(phone: Any, values: Values) -> PortIn:
    order = PortOrder([values["elsewhere"]], **DETAILS, max_fee=Money("6"))
    with journal.open(":memory:") as book:
        made: PortIn = phone.port_in(order, request_id="move-42", journal=book)
    return made


def _bind(phone: Any, values: Values) -> Any:
    return phone.bind_campaign(values["number"], values["campaign"])


STEPS = Steps(
    provider=VoiceTel,
    settings={"api_key": SCRUBBED},
    values={"area_code": "201"},
    steps={
        "api_key": Step(
            lambda phone, values: phone.run(phone.provider.accounts[0].credentials.headers()),
            lambda headers, values: headers["authorization"].startswith("Bearer "),
            signs_in=lambda: {"api_key": None, "username": SCRUBBED, "password": SCRUBBED},
        ),
        "search": STANDARD["search"],
        "buy": STANDARD["buy"],
        "buy_failed": Step(
            STANDARD["buy"].ask,
            lambda error, values: error.safe_elsewhere,
            effect="documented",
            refused=NumberUnavailable,
        ),
        "order": Step(
            _order,
            lambda ordered, values: (
                {*(owned.number for owned in ordered.numbers), *ordered.failed} == {values["found2"], values["found3"]}
            ),
            effect="costs",
            gains=("second", "third"),
        ),
        "list": STANDARD["list"],
        "list_empty": Step(STANDARD["list"].ask, lambda numbers, values: numbers == [], effect="documented"),
        "list_as_documented": Step(
            STANDARD["list"].ask, lambda error, values: True, effect="documented", refused=UnexpectedResponse
        ),
        "get": STANDARD["get"],
        "campaign_of": STANDARD["campaign_of"],
        "balance": Step(lambda phone, values: phone.balance(), lambda balance, values: balance.amount is not None),
        "campaigns": Step(
            lambda phone, values: phone.campaigns(), lambda found, values: all(one.id and one.raw for one in found)
        ),
        "campaign": Step(
            lambda phone, values: phone.campaign(values["campaign"]),
            lambda found, values: found.id == values["campaign"],
        ),
        "coverage": Step(
            lambda phone, values: phone.coverage("state", area_code=values["area_code"]),
            lambda places, values: all(place.state for place in places),
        ),
        "route_gateway": _route(lambda values: ToGateway(int(values["gateway"]))),
        "route_forward": _route(lambda values: ForwardTo(values.get("forward", "+12015550123"))),
        "route_no_forward": _route(lambda values: NoForward()),
        "route_texts_email": _route(lambda values: TextsToEmail("user@example.com"), shown=False),
        "route_texts_webhook": _route(lambda values: TextsToWebhook("https://example.com/sms"), shown=False),
        "route_texts_sip": _route(lambda values: TextsToSip("203.0.113.10"), shown=False),
        "route_messaging": _route(lambda values: MessagingRoutes(route_in=int(values["route_in"])), shown=False),
        "route_texts_none": _route(lambda values: NoTexts()),
        "check_emergency_address": Step(
            lambda phone, values: phone.check_emergency_address(ADDRESS), lambda valid, values: _placed(valid)
        ),
        "set_emergency_address": Step(
            lambda phone, values: phone.set_emergency_address(values["number"], ADDRESS),
            _recorded,
            effect="changes",
        ),
        "emergency_address": Step(lambda phone, values: phone.emergency_address(values["number"]), _recorded),
        "numbers_without_emergency_address": Step(
            lambda phone, values: phone.every(phone.numbers_without_emergency_address()),
            lambda numbers, values: all(isinstance(one, OwnedNumber) for one in numbers),
        ),
        "remove_emergency_address": Step(
            lambda phone, values: phone.remove_emergency_address(values["number"]),
            lambda nothing, values: nothing is None,
            effect="changes",
        ),
        "set_caller_name": Step(
            lambda phone, values: phone.set_caller_name(values["number"], "ACME CORP"),
            lambda set_, values: (set_.number, set_.name) == (values["number"], "ACME CORP"),
            effect="changes",
        ),
        "caller_name": Step(
            lambda phone, values: phone.caller_name(values["number"]),
            lambda name, values: name.number == values["number"] and name.shows_callers is not None,
        ),
        "look_up": Step(
            lambda phone, values: phone.look_up(values["number"]),
            lambda found, values: (
                found.number == values["number"] and None not in (found.carrier, found.lrn, found.caller_name)
            ),
            effect="costs",
        ),
        "portable": Step(
            lambda phone, values: phone.portable([values["elsewhere"]]),
            lambda found, values: (
                [(one.number, one.is_portable == (one.reason is None)) for one in found]
                == [(values["elsewhere"], True)]
            ),
        ),
        "port_in": Step(  # a person signs its letter, and it moves a number for good: never recorded
            _port_in,
            lambda made, values: (
                [one.number for record in made.records for one in record.numbers] == [values["elsewhere"]]
            ),
            effect="documented",
        ),
        "ports": Step(
            lambda phone, values: phone.ports(), lambda found, values: all(one.id and one.raw for one in found)
        ),
        "port": Step(
            lambda phone, values: phone.port(values["port"]), lambda found, values: found.id == values["port"]
        ),
        "bind_campaign": Step(_bind, _bound(BindingStatus.ACTIVE, BindingStatus.PENDING), effect="changes"),
        "bind_campaign_pending": Step(_bind, _bound(BindingStatus.PENDING), effect="documented"),
        "unbind_campaign": Step(
            lambda phone, values: phone.unbind_campaign(values["number"], values["campaign"]),
            _bound(BindingStatus.UNBOUND),
            effect="changes",
        ),
        "transfer": Step(
            lambda phone, values: phone.transfer(values["second"], values["to_account"]),
            lambda moved, values: (moved.number, moved.to_account) == (values["second"], values["to_account"]),
            effect="changes",
            gives_up="second",
        ),
        "remove": Step(
            lambda phone, values: phone.run(phone.provider.remove(values["third"])),
            lambda gone, values: (gone.number, gone.state) == (values["third"], ReleaseState.RELEASED),
            effect="changes",
            gives_up="third",
        ),
        "release": STANDARD["release"],
    },
)
