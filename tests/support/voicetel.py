"""Every operation of VoiceTel with arguments: what is sent for them is checked against the official document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from anycarrier import PhoneNumber, Search
from anycarrier.attempt import Draft
from anycarrier.engine.accounts import Secret
from anycarrier.model import ForwardTo, NoForward, NoTexts, TextsToEmail, TextsToSip, TextsToWebhook, ToGateway
from anycarrier_adapters.voicetel import MessagingRoutes, VoiceTel, VoiceTelPurchase, VoiceTelTransfer
from anycarrier_adapters.voicetel.api import Api, OrderLine, PortFeature

KEY = "0123456789abcdef0123456789abcdef"
NUMBER = "2015550123"
OTHER = "2015550124"
N = PhoneNumber(NUMBER)
M = PhoneNumber(OTHER)
CAMPAIGN = "CH5K5IZ"
ADDRESS = {"address1": "411 HACKENSACK AVENUE", "city": "HACKENSACK", "state": "NJ", "zip_code": "07601"}
NOON = datetime(2026, 5, 18, 12, tzinfo=UTC)
PORT: dict[str, Any] = {
    "name": "Acme Corp",
    "name_type": "business",
    "billing_number": NUMBER,
    "account_number": "123456789",
    "street_number": "550",
    "street": "Main",
    "street_type": "ST",
    "city": "Chicago",
    "state": "IL",
    "zip_code": "60601",
    "authorized_person": "Jane Smith",
}
PORT_REST: dict[str, Any] = {
    "country": "CA",
    "street_prefix": "N",
    "street_suffix": "SW",
    "building": "5",
    "floor": "2",
    "room": "7",
    "unit": "APT 3",
    "pin": "1234",
    "desired_due_date": NOON,
    "features": [
        PortFeature(number=NUMBER, gateway=4, caller_name="Acme", campaign_id=CAMPAIGN),
        PortFeature(number=OTHER),
    ],
}

Exchanges = list[Callable[[Api], Any]]

CALLS: dict[str, Exchanges] = {
    "account_info": [lambda api: api.account_info()],
    "update_account": [
        lambda api: api.update_account(timezone="America/Chicago", caller_id=N, notify=False, notify_threshold=0),
        lambda api: api.update_account(sms=True, mms=True, intl=False, e911=True, ccs=10),
    ],
    "create_sub_account": [
        lambda api: api.create_sub_account("1000000001", "Acme Inc", "user@example.com"),
        lambda api: api.create_sub_account("1000000001", "A", "user@example.com", master_account="1000000002"),
    ],
    "sign_up": [lambda api: api.sign_up("Acme Inc", "user@example.com", promo="example")],
    "recover_password": [lambda api: api.recover_password("user@example.com")],
    "api_key": [lambda api: api.api_key("1000000001", Secret("abc1234567"))],
    "credits": [lambda api: api.credits(), lambda api: api.credits("paid"), lambda api: api.credits("unpaid")],
    "payments": [lambda api: api.payments()],
    "cdr": [lambda api: api.cdr(), lambda api: api.cdr(start=1747345200, end=NOON)],
    "recurring_charges": [lambda api: api.recurring_charges()],
    "registration": [lambda api: api.registration()],
    "acl": [lambda api: api.acl()],
    "add_acl": [lambda api: api.add_acl(["203.0.113.0/24", "198.51.100.7/32"])],
    "remove_acl": [lambda api: api.remove_acl(["203.0.113.0/24", "198.51.100.7/32"])],
    "auth": [lambda api: api.auth()],
    "set_auth": [lambda api: api.set_auth(password=Secret("abc1234567")), lambda api: api.set_auth(auth_type=0)],
    "e911_records": [lambda api: api.e911_records()],
    "e911": [lambda api: api.e911(N)],
    "create_e911": [lambda api: api.create_e911(N, "ACME INC", address2="STE 200", **ADDRESS)],
    "validate_e911": [
        lambda api: api.validate_e911(**ADDRESS),
        lambda api: api.validate_e911(address2="STE 200", **ADDRESS),
    ],
    "set_e911": [lambda api: api.set_e911(N, 123456, "ACME INC")],
    "remove_e911": [lambda api: api.remove_e911(N)],
    "gateways": [lambda api: api.gateways()],
    "gateway": [lambda api: api.gateway(1000)],
    "add_gateway": [lambda api: api.add_gateway("203.0.113.10:5060", prefix="9", limit=23)],
    "update_gateway": [lambda api: api.update_gateway(1000, address="203.0.113.20:5060", prefix="9", limit=1000)],
    "remove_gateway": [lambda api: api.remove_gateway(1000)],
    "gateway_numbers": [lambda api: api.gateway_numbers(1000)],
    "inventory": [
        lambda api: api.inventory("201"),
        lambda api: api.inventory("201555", quantity=1000, province="NJ", rate_center="CLOSTER", lata="224"),
    ],
    "coverage": [
        *(lambda api, by=by: api.coverage(by) for by in ("state", "city", "rateCenter", "npanxx", "block")),
        lambda api: api.coverage("block", state="NJ", city="Closter", rate_center="CLOSTER", npa="201", lata=224),
    ],
    "order": [
        lambda api: api.order([N], "ac1_0"),
        lambda api: api.order([N, OrderLine(number=M, route=1000)], "k" * 128),
    ],
    "portability": [lambda api: api.portability(N)],
    "port_in": [lambda api: api.port_in([N], **PORT), lambda api: api.port_in([N, M], **PORT, **PORT_REST)],
    "ports": [lambda api: api.ports()],
    "port": [lambda api: api.port("y0d36")],
    "cnam_lookup": [lambda api: api.cnam_lookup(N)],
    "lrn_lookup": [lambda api: api.lrn_lookup(N, M)],
    "send_message": [
        lambda api: api.send_message(N, M, "Grüße"),
        lambda api: api.send_message(N, M, "x", subject="s", media_urls=["https://example.com/a.png"]),
    ],
    "messages": [
        lambda api: api.messages(N),
        lambda api: api.messages(N, kind="dlr", newest=NOON, oldest=1747258800),
    ],
    "messaging_states": [lambda api: api.messaging_states([N, M])],
    "campaigns": [lambda api: api.campaigns([CAMPAIGN, "ABC123"])],
    "register_brand": [lambda api: api.register_brand("BMQ8L9X", "Acme Inc", description="Acme")],
    "register_campaign": [
        lambda api: api.register_campaign(CAMPAIGN, "BMQ8L9X", "reminders"),
        lambda api: api.register_campaign(CAMPAIGN, "BMQ8L9X", "r", class_name="T", start=NOON),
    ],
    "numbers": [lambda api: api.numbers()],
    "number": [lambda api: api.number(N)],
    "add_number": [lambda api: api.add_number(N), lambda api: api.add_number(N, route=1000)],
    "release": [lambda api: api.release(N)],
    "remove": [lambda api: api.remove(N)],
    "move": [lambda api: api.move(N, 1000000002, 1000)],
    "set_port_out_pin": [lambda api: api.set_port_out_pin(N, "4287")],
    "set_route": [lambda api: api.set_route(N, 1000)],
    "set_forward": [lambda api: api.set_forward(N, M)],
    "remove_forward": [lambda api: api.remove_forward(N)],
    "set_translation": [lambda api: api.set_translation(N, M)],
    "set_cnam": [lambda api: api.set_cnam(N, enabled=False)],
    "set_caller_name": [lambda api: api.set_caller_name(N, "ACME CORP", reference="r-1")],
    "fax": [lambda api: api.fax(N)],
    "set_fax": [lambda api: api.set_fax(N, "fax@example.com")],
    "remove_fax": [lambda api: api.remove_fax(N)],
    "sms": [lambda api: api.sms(N)],
    "set_sms": [lambda api: api.set_sms(N, "webhook", "https://example.com/sms")],
    "remove_sms": [lambda api: api.remove_sms(N)],
    "messaging": [lambda api: api.messaging(N)],
    "set_messaging": [lambda api: api.set_messaging(N, route_in=0), lambda api: api.set_messaging(N, route_out=17)],
    "assign_campaign": [lambda api: api.assign_campaign(N, CAMPAIGN), lambda api: api.assign_campaign(N, "ABC123")],
    "unassign_campaign": [lambda api: api.unassign_campaign(N, CAMPAIGN)],
    "unassign_campaign_of_many": [lambda api: api.unassign_campaign_of_many([N, M], CAMPAIGN)],
    "tickets": [lambda api: api.tickets()],
    "ticket": [lambda api: api.ticket(2114)],
    "create_ticket": [
        lambda api: api.create_ticket("I need help", "Please"),
        lambda api: api.create_ticket("a", "b", email="user@example.com"),
    ],
    "set_ticket_status": [
        *(lambda api, word=word: api.set_ticket_status(2114, word) for word in ("active", "pending", "closed", "spam"))
    ],
    "remove_ticket": [lambda api: api.remove_ticket(2114)],
    "ticket_messages": [lambda api: api.ticket_messages(2114)],
    "reply": [lambda api: api.reply(2114, "Thank you.")],
}
"""By the function's name: calls with as few and with as many arguments as it takes."""

NEUTRAL: dict[str, Callable[[VoiceTel], Any]] = {
    "search": lambda v: v.search(Search(area_code="201")),
    "search by all": lambda v: v.search(
        Search(
            area_code="201",
            prefix="201555",
            ends_with="23",
            contains="55",
            city="Closter",
            state="nj",
            rate_center="CLOSTER",
            lata="224",
            country="US",
            limit=1000,
        )
    ),
    "search toll-free": lambda v: v.search(Search(area_code="800", line="toll_free")),
    "buy": lambda v: v.place(_drafted(v)),
    "buy with route": lambda v: v.place(_drafted(v, VoiceTelPurchase(route=1000))),
    "order": lambda v: v.order([N, M], key="ac1_0"),
    "order with route": lambda v: v.order([N, M], key="k" * 128, route=4),
    "list": lambda v: v.list(),
    "get": lambda v: v.get(N),
    "release": lambda v: v.release(N),
    "remove": lambda v: v.remove(N),
    "transfer": lambda v: v.transfer(N, "1000000002"),
    "transfer to route": lambda v: v.transfer(N, "1000000002", options=[VoiceTelTransfer(route=1001)]),
    "to gateway": lambda v: v.route(N, ToGateway(1000)),
    "forward": lambda v: v.route(N, ForwardTo(M)),
    "no forward": lambda v: v.route(N, NoForward()),
    "texts to webhook": lambda v: v.route(N, TextsToWebhook("https://example.com/sms")),
    "texts to mail": lambda v: v.route(N, TextsToEmail("user@example.com")),
    "texts to sip": lambda v: v.route(N, TextsToSip("203.0.113.10")),
    "no texts": lambda v: v.route(N, NoTexts()),
    "messaging routes": lambda v: v.route(N, MessagingRoutes(route_in=1234, route_out=17)),
    "bind": lambda v: v.bind_campaign(N, CAMPAIGN),
    "unbind": lambda v: v.unbind_campaign(N, CAMPAIGN),
    "unbind what it has": lambda v: v.unbind_campaign(N),
    "campaign of": lambda v: v.campaign_of(N),
}
"""The neutral operations, each with all that it can send."""


def provider(**settings: Any) -> VoiceTel:
    return VoiceTel(**({"api_key": KEY} | settings))


def _drafted(v: VoiceTel, *options: VoiceTelPurchase) -> Draft:
    try:
        v.draft(N, key="ac1_0123456789abcdef", options=options).send(None)
    except StopIteration as stop:
        draft: Draft = stop.value
        return draft
    raise AssertionError("drafting asks for nothing")
