"""From the neutral model to VoiceTel's requests."""

from __future__ import annotations

import re
from collections.abc import Sequence

from anycarrier.errors import InvalidInput, NotFound
from anycarrier.exchange import Exchange
from anycarrier.features import refusal
from anycarrier.model import (
    ForwardTo,
    NoForward,
    NoTexts,
    Route,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.numbers import InvalidNumber, PhoneNumber
from anycarrier.provider import Target, number_of
from anycarrier.validation import shape, whole
from anycarrier.wire import json_body

from .api import PROVIDER, Api
from .options import MessagingRoutes

__all__ = ["order_body", "ours", "step"]


def ours(target: Target, feature: str) -> PhoneNumber:
    """The number, if it is one that VoiceTel can name."""
    number = number_of(target)
    try:
        number.ten_digit  # noqa: B018 - raises
    except InvalidNumber as error:
        raise refusal(PROVIDER, feature, f"VoiceTel has ten-digit numbers only: {error}") from None
    return number


def order_body(numbers: Sequence[PhoneNumber], route: int | None) -> bytes:
    """The body of an order; the same numbers and route give the same bytes."""
    if route is not None:
        whole("route", route, 0)
    items = [n.ten_digit if route is None else {"number": n.ten_digit, "route": route} for n in numbers]
    return json_body({"numbers": items})


def step(api: Api, number: PhoneNumber, route: Route) -> tuple[str, Exchange[object]]:
    """What *route* is about, and the exchange that sets it: everything is checked before the first is driven."""
    match route:
        case ToGateway(gateway=gateway):
            return "calls", api.set_route(number, _gateway(gateway))
        case ForwardTo(number=destination):
            return "forwarding", api.set_forward(number, ours(destination, "route.forward"))
        case NoForward():
            return "forwarding", api.remove_forward(number)
        case TextsToWebhook(url=url):
            if not url.lower().startswith("https://"):
                raise InvalidInput("url must begin with https://: VoiceTel sends texts to no other URLs")
            return "texts", api.set_sms(number, "webhook", url)
        case TextsToEmail(address=address):
            return "texts", api.set_sms(number, "email", address)
        case TextsToSip(address=address):
            return "texts", api.set_sms(number, "sip", address)
        case NoTexts():
            return "texts", _no_texts(api, number)
        case MessagingRoutes(route_in=route_in, route_out=route_out):
            return "messaging", api.set_messaging(number, route_in=route_in, route_out=route_out)
    if not isinstance(route, Route):
        raise InvalidInput(f"a route must be an object such as ToGateway(1000) or NoTexts(), not {shape(route)}")
    raise refusal(PROVIDER, route.feature, f"VoiceTel has nothing like {type(route).__name__}")


def _no_texts(api: Api, number: PhoneNumber) -> Exchange[None]:
    try:
        yield from api.remove_sms(number)
    except NotFound:  # so it was already, or the number is not ours: reading it at the end tells which
        return


def _gateway(gateway: int | str) -> int:
    if not re.fullmatch("[0-9]{1,9}", str(gateway)):
        raise InvalidInput(f"gateway must be the id of a VoiceTel gateway, such as 1000, got {shape(str(gateway))}")
    return int(gateway)
