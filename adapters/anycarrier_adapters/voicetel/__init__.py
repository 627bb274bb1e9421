"""VoiceTel v2.2: the neutral operations.

Rests on the official OpenAPI document 2.2.10; answers of later releases are read too. Nothing here was tried on the
live API. What surprises is on the docs page of this provider.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import ClassVar, TypeVar

from attrs import frozen

from anycarrier.accounts import Account, Credentials, Problems, Secret, StaticToken, Token
from anycarrier.border import Document
from anycarrier.capabilities import Can, Cannot, Evidence, Support, require_routes, require_search
from anycarrier.errors import (
    AnyCarrierError,
    InvalidInput,
    NotFound,
    NumberUnavailable,
    Unsupported,
)
from anycarrier.exchange import Exchange, Listing, Response, mapped
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    ForwardTo,
    Line,
    NoForward,
    NoTexts,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Release,
    ReleaseState,
    Route,
    Search,
    Status,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
    Transfer,
    narrow,
)
from anycarrier.numbers import NANP_COUNTRIES, InvalidNumber, PhoneNumber
from anycarrier.operations import Target, number_of
from anycarrier.purchase import Attempt, Draft, Rules
from anycarrier.wire import json_body, unexpected

from . import schemas
from .api import ORDER_MOST, Api
from .api import PROVIDER as NAME
from .login import KeyByPassword

__all__ = ["PROVIDER", "MessagingRoutes", "Ordered", "VoiceTel", "VoiceTelPurchase", "VoiceTelTransfer"]

HOST = "api.voicetel.com"
DID_ROUTE = 4
"""The system route "DID", where VoiceTel puts a number when an order names no route (OpenAPI, orders)."""

O = TypeVar("O", bound=ProviderOptions)  # noqa: E741 - options


@frozen(kw_only=True)
class VoiceTelPurchase(ProviderOptions):
    """``route``: id of the gateway or system route that calls to the bought number go to."""

    provider: ClassVar[str] = NAME
    route: int


@frozen(kw_only=True)
class VoiceTelTransfer(ProviderOptions):
    """``route``: id of a gateway of the receiving account; 4, the system route for DIDs, when not given."""

    provider: ClassVar[str] = NAME
    route: int = DID_ROUTE


@frozen(kw_only=True)
class MessagingRoutes(Route):
    """The ids of inbound and outbound messaging routes. ``route_in=0`` detaches; ``None`` leaves as it is.

    ``route_in`` is a row id that only VoiceTel's own ``routeIn`` shows; ``route_out`` is a carrier id.
    """

    feature: ClassVar[str] = "route"
    route_in: int | None = None
    route_out: int | None = None


@frozen(kw_only=True)
class Ordered:
    """What became of an order of several numbers: bought, and refused with the provider's reason."""

    order_id: str | None
    amount_charged: str | None
    numbers: tuple[OwnedNumber, ...]
    failed: Mapping[PhoneNumber, str]


class VoiceTel:
    """VoiceTel v2.2.

    Args:
        api_key: the account's key, 32 hexadecimal digits, or a function that returns it.
        username: with *password*, instead of a key: the key is fetched once, and again only after a 401.
        account: alias for logs and journals.
        base_url: for a simulator or proxy.
        allow_custom_base_url: allow a host that is neither VoiceTel's nor the loopback.

    Raises:
        ConfigurationError: lists everything that is wrong.
    """

    name: str = NAME
    title: str = "VoiceTel v2.2"

    _not_stated = "VoiceTel's inventory does not state it"
    supports: Mapping[str, Support] = {
        "search": Can(),
        "search.no_digits": Cannot("VoiceTel's search requires leading digits (tnMask): give area_code or prefix"),
        "search.area_code": Can(),
        "search.prefix": Can(),
        "search.ends_with": Can(note="applied here, over VoiceTel's 1000 at most"),
        "search.contains": Can(note="applied here, over VoiceTel's 1000 at most"),
        "search.city": Can(note="applied here, over VoiceTel's 1000 at most"),
        "search.state": Can(),
        "search.rate_center": Can(),
        "search.lata": Can(),
        "search.features": Cannot(f"{_not_stated}; ask for the messaging state of a number after buying it"),
        "search.local": Cannot(f"{_not_stated}; toll-free numbers alone show it in their area code"),
        "search.toll_free": Can(Evidence.INFERRED, "from the area code"),
        "search.mobile": Cannot(_not_stated),
        "search.max_price": Cannot(f"{_not_stated}; an account's rate is in voicetel.api.account_info()"),
        "search.country": Can(Evidence.INFERRED, "countries of the NANP only, from the area code"),
        "buy": Can(),
        "list": Can(note="one document, read in pieces"),
        "get": Can(),
        "release": Can(note="at once; voicetel.remove() takes a number off the account without giving it back"),
        "route": Can(),
        "route.gateway": Can(),
        "route.forward": Can(note="to NANP numbers"),
        "route.texts.webhook": Can(),
        "route.texts.email": Can(),
        "route.texts.sip": Can(),
        "route.texts.none": Can(),
        "transfer": Can(),
        "bind_campaign": Can(),
        "unbind_campaign": Can(),
        "campaign_of": Can(),
    }

    rules: ClassVar[Rules] = Rules(
        replay=True,
        replay_for=20 * 3600.0,
        settle=120.0,
        looks=2,
        key_form="[A-Za-z0-9_-]{1,128}",
        refusals=frozenset({400, 401, 402, 502}),
    )

    def __init__(
        self,
        *,
        api_key: Token | None = None,
        username: str | None = None,
        password: str | None = None,
        account: str = NAME,
        base_url: str = f"https://{HOST}",
        allow_custom_base_url: bool = False,
    ) -> None:
        problems = Problems(NAME)
        base_url = problems.base_url(base_url, (HOST,), allow_custom_base_url)
        credentials: Credentials
        if api_key is None and username and password:
            credentials = KeyByPassword(account, username, Secret(password))
        else:
            problems.token("api_key", api_key, "set api_key, or username and password, or ANYCARRIER_VOICETEL_API_KEY")
            if username or password:
                problems.add("username", "and password go together, and without an api_key")
            problems.done()
            credentials = StaticToken(api_key or "")
        problems.done()
        self.accounts: tuple[Account, ...] = (
            Account(id=account, provider=NAME, base_url=base_url, credentials=credentials),
        )
        self.api = Api(account)

    @property
    def account(self) -> str:
        """The account's id."""
        return self.accounts[0].id

    # -- searching

    def search(self, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[builtins.list[Offer]]:
        require_search(self, query)
        if query.country is not None and query.country not in NANP_COUNTRIES:
            raise Unsupported(NAME, "search.country", f"VoiceTel sells NANP numbers only, none of {query.country}")
        here = query.ends_with or query.contains or query.city or query.line or query.country
        inventory, response = yield from self.api.inventory(
            query.leading,
            quantity=1000 if here else query.limit,
            province=query.state,
            rate_center=query.rate_center,
            lata=query.lata,
        )
        document = Document(response.body)
        offers = [self._offer(row, document, place) for place, row in enumerate(inventory.numbers)]
        return narrow(query, offers)

    def _offer(self, row: schemas.InventoryRow, document: Document, place: int) -> Offer:
        return Offer(
            provider=NAME, account=self.account, number=row.number, city=row.city, state=row.province,
            rate_center=row.rate_center, lata=row.lata, country=row.number.country,
            line=Line.TOLL_FREE if row.number.is_toll_free else None,
            raw=document.at("data", "numbers", place),
        )  # fmt: skip

    # -- buying

    def draft(
        self, target: Offer | PhoneNumber, *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Draft]:
        number = number_of(target)
        chosen = _option(VoiceTelPurchase, options)
        item: str | dict[str, str | int] = number.ten_digit
        if chosen is not None:
            item = {"number": number.ten_digit, "route": chosen.route}
        body = json_body({"numbers": [item]})
        return Draft(provider=NAME, account=self.account, number=number, key=key, body=body)
        yield  # makes this an exchange: it asks for nothing

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        order, request, response = yield from self.api.order(draft.body, draft.key)
        ordered = any(_is(text, draft.number) for text in order.numbers_ordered)
        failure = next((item for item in order.failed if _is(item.number, draft.number)), None)
        if ordered == (failure is not None):
            both = "both ordered and failed" if ordered else "neither ordered nor failed"
            raise unexpected(request, response, f"the number is {both}", provider=NAME)
        if failure is not None:
            raise NumberUnavailable(
                "the order did not get this number", provider=NAME, operation="buy", status=response.status,
                detail=failure.reason, maybe_applied=False,
            )  # fmt: skip
        return OwnedNumber(
            provider=NAME, account=self.account, number=draft.number, status=Status.ACTIVE,
            raw=Document(response.body).at("data"),
        )  # fmt: skip

    def look(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        try:
            return (yield from self.get(attempt.draft.number))
        except NotFound as error:
            if error.code is None:  # a 404 without VoiceTel's envelope is somebody else's: it proves nothing
                raise
            return None

    def order(self, numbers: Sequence[Target], *, key: str, route: int | None = None) -> Exchange[Ordered]:
        """Order up to 100 numbers in one request (VoiceTel only): ``client.run(voicetel.order([...], key="..."))``.

        Sent once. *key* is the order's Idempotency-Key: after a lost answer (``maybe_applied``) give the same numbers
        and key again within 24 hours, and VoiceTel answers as the first time without charging again.
        """
        wanted = [number_of(target) for target in numbers]
        if not 1 <= len(wanted) <= ORDER_MOST or len(set(wanted)) != len(wanted):
            raise InvalidInput(f"an order takes 1 to {ORDER_MOST} different numbers, got {len(wanted)}")
        items = [n.ten_digit if route is None else {"number": n.ten_digit, "route": route} for n in wanted]
        order, request, response = yield from self.api.order(json_body({"numbers": items}), key)
        bought = {n for n in wanted if any(_is(text, n) for text in order.numbers_ordered)}
        failed = {n: item.reason or "" for item in order.failed for n in wanted if _is(item.number, n)}
        if bought & failed.keys() or bought | failed.keys() != set(wanted):
            raise unexpected(request, response, "not every number is either ordered or failed", provider=NAME)
        raw = Document(response.body).at("data")
        return Ordered(
            order_id=order.order_id, amount_charged=order.amount_charged, failed=failed,
            numbers=tuple(
                OwnedNumber(provider=NAME, account=self.account, number=n, status=Status.ACTIVE, raw=raw)
                for n in wanted if n in bought
            ),
        )  # fmt: skip

    # -- owning

    def list(self, *, options: Sequence[ProviderOptions] = ()) -> Listing[OwnedNumber]:
        return mapped(self.api.numbers(), lambda rows: [self._owned(row, raw) for row, raw in rows])

    def get(self, target: Target) -> Exchange[OwnedNumber]:
        row, response = yield from self.api.number(number_of(target))
        return self._owned(row, Document(response.body).at("data"))

    def release(self, target: Target) -> Exchange[Release]:
        number = number_of(target)
        yield from self.api.release(number)
        return Release(provider=NAME, account=self.account, number=number, state=ReleaseState.RELEASED)

    def remove(self, target: Target) -> Exchange[Release]:
        """Take a number off the account without giving it back to the network (VoiceTel only)."""
        number = number_of(target)
        yield from self.api.remove(number)
        return Release(provider=NAME, account=self.account, number=number, state=ReleaseState.RELEASED)

    def transfer(
        self, target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Transfer]:
        number = number_of(target)
        if not (to_account.isascii() and to_account.isdigit()):
            raise InvalidInput("to_account must be the digits of a VoiceTel account, such as 1000000001")
        route = (_option(VoiceTelTransfer, options) or VoiceTelTransfer()).route
        moved, response = yield from self.api.move(number, int(to_account), route)
        return Transfer(
            provider=NAME, account=self.account, number=number, to_account=moved.account_id or to_account,
            raw=Document(response.body).at("data"),
        )  # fmt: skip

    # -- where calls and texts go

    def route(self, target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        number = number_of(target)
        steps = [(route, self._step(number, route)) for route in routes]
        if not steps:
            raise InvalidInput("name at least one route")
        kinds = [_SLOTS[type(route)] for route in routes]
        if len(set(kinds)) != len(kinds):
            raise InvalidInput("two of the routes contradict each other: each of calls, forwarding, texts once")
        applied: builtins.list[Route] = []
        try:
            for route, step in steps:
                yield from step
                applied.append(route)
            return (yield from self.get(number))
        except AnyCarrierError as error:
            error.applied = tuple(applied)
            raise

    def _step(self, number: PhoneNumber, route: Route) -> Exchange[None]:
        match route:
            case ToGateway(gateway=gateway):
                return self.api.set_route(number, _gateway(gateway))
            case ForwardTo(number=destination):
                if not destination.is_nanp:
                    raise Unsupported(NAME, "route.forward", "VoiceTel forwards to NANP numbers only")
                return self.api.set_forward(number, destination)
            case NoForward():
                return self.api.remove_forward(number)
            case TextsToWebhook(url=resource) | TextsToEmail(address=resource) | TextsToSip(address=resource):
                return self.api.set_sms(number, route.feature.rpartition(".")[2], resource)
            case NoTexts():
                return self.api.remove_sms(number)
            case MessagingRoutes(route_in=route_in, route_out=route_out):
                if route_in is None and route_out is None:
                    raise InvalidInput("MessagingRoutes needs route_in or route_out")
                return self.api.set_messaging(number, route_in=route_in, route_out=route_out)
        require_routes(self, [route])
        raise InvalidInput(f"{type(route).__name__} is not a route that VoiceTel knows")

    # -- 10DLC

    def bind_campaign(self, target: Target, campaign_id: str) -> Exchange[CampaignBinding]:
        number = number_of(target)
        bound, response = yield from self.api.assign_campaign(number, _campaign_id(campaign_id))
        status = _BOUND.get((bound.status or "").casefold(), BindingStatus.UNKNOWN)
        if response.status == 202:
            status = BindingStatus.PENDING
        if bound.campaign_id not in (None, campaign_id):
            status = BindingStatus.UNKNOWN
        return self._binding(number, bound.campaign_id or campaign_id, status, bound.status, response)

    def unbind_campaign(self, target: Target, campaign_id: str | None = None) -> Exchange[CampaignBinding]:
        number = number_of(target)
        if campaign_id is None:
            bound = yield from self.campaign_of(number)
            if bound.campaign_id is None:
                return bound
            campaign_id = bound.campaign_id
        answer, response = yield from self.api.unassign_campaign(number, _campaign_id(campaign_id))
        if answer.unassigned is False:
            return self._binding(number, campaign_id, BindingStatus.UNKNOWN, "unassigned: false", response)
        return self._binding(number, None, BindingStatus.UNBOUND, None, response)

    def campaign_of(self, target: Target) -> Exchange[CampaignBinding]:
        number = number_of(target)
        state, response = yield from self.api.messaging(number)
        if state.on_account is False:
            raise NotFound("not on this account", provider=NAME, operation="campaign_of", status=response.status)
        campaign = state.campaign
        word = None if campaign is None else campaign.status
        if state.pending:
            status = BindingStatus.PENDING
        elif campaign is None or campaign.id is None:
            status = BindingStatus.UNBOUND
        else:
            status = _CAMPAIGN.get((word or "").upper(), BindingStatus.UNKNOWN)
        return self._binding(number, campaign.id if campaign else None, status, word, response)

    # -- from their records to ours

    def _owned(self, row: schemas.NumberRow, raw: Mapping[str, object]) -> OwnedNumber:
        routes: builtins.list[Route] = []
        if row.route is not None:
            routes.append(ToGateway(row.route))
        if row.forward is not None:
            routes.append(ForwardTo(row.forward_to) if row.forward and row.forward_to else NoForward())
        if row.sms_enabled is False:
            routes.append(NoTexts())
        return OwnedNumber(
            provider=NAME, account=self.account, number=row.number, status=Status.ACTIVE,
            line=Line.TOLL_FREE if row.number.is_toll_free else None, routes=tuple(routes) or None, raw=raw,
        )  # fmt: skip

    def _binding(
        self, number: PhoneNumber, campaign_id: str | None, status: BindingStatus, word: str | None, response: Response
    ) -> CampaignBinding:
        return CampaignBinding(
            provider=NAME, account=self.account, number=number, campaign_id=campaign_id, status=status,
            provider_status=word, raw=Document(response.body).at("data"),
        )  # fmt: skip


PROVIDER = VoiceTel

_SLOTS: Mapping[type[Route], str] = {
    ToGateway: "calls", ForwardTo: "forwarding", NoForward: "forwarding", TextsToWebhook: "texts",
    TextsToEmail: "texts", TextsToSip: "texts", NoTexts: "texts", MessagingRoutes: "messaging ids",
}  # fmt: skip

_BOUND = {
    "": BindingStatus.ACTIVE,  # 2.2.10 binds at once and states no status
    "enabled": BindingStatus.ACTIVE,
    "already": BindingStatus.ACTIVE,
    "pending": BindingStatus.PENDING,
}

_CAMPAIGN = {
    "ACTIVE": BindingStatus.ACTIVE,
    "PENDING": BindingStatus.PENDING,
    "EXPIRED": BindingStatus.FAILED,
    "SUSPENDED": BindingStatus.FAILED,
}


def _gateway(gateway: int | str) -> int:
    if isinstance(gateway, str) and not (gateway.isascii() and gateway.isdigit()):
        raise InvalidInput("gateway must be the id of a VoiceTel gateway, such as 1000")
    return int(gateway)


def _campaign_id(text: str) -> str:
    if not (text.isascii() and text.isalnum() and text.upper() == text and len(text) <= 64):
        raise InvalidInput("campaign_id must be a registry's id in capitals and digits, such as CH5K5IZ")
    return text


def _is(text: str, number: PhoneNumber) -> bool:
    try:
        return PhoneNumber(text) == number
    except InvalidNumber:
        return False


def _option(kind: type[O], options: Sequence[ProviderOptions]) -> O | None:
    return next((option for option in options if isinstance(option, kind)), None)
