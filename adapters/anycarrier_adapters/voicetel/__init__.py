"""VoiceTel v2.2: the neutral operations.

Rests on the official OpenAPI document 2.2.10; answers of later releases are read too. Nothing here was tried on the
live API. What surprises is on the docs page of this provider.
"""

from __future__ import annotations

import builtins
import os
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from anycarrier.adapter import (
    AnyCarrierError,
    Balance,
    Campaign,
    CampaignBinding,
    Campaigns,
    Conflict,
    Coverage,
    CoverageBy,
    Credentials,
    Exchange,
    ForwardTo,
    InvalidInput,
    Limit,
    Listing,
    MessagingRecord,
    Money,
    NoForward,
    NoTexts,
    NotFound,
    Offer,
    OwnedNumber,
    PhoneNumber,
    ProviderOptions,
    Release,
    ReleaseState,
    Route,
    RouteRow,
    Routing,
    Search,
    Searching,
    Secret,
    SecretStore,
    Settings,
    Support,
    Target,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
    Token,
    Transfer,
    UnexpectedResponse,
    attributed_to,
    can,
    cannot,
    options_of,
    sets,
    shape,
    text,
)

from . import accounts, mapping, searching
from .api import PROVIDER as NAME
from .api import UNBINDABLE, Api
from .auth import KeyByPassword
from .buying import Orders
from .limits import LIMITS, Rate
from .number_services import NumberServices
from .options import MessagingRoutes, Ordered, VoiceTelPurchase, VoiceTelTransfer
from .porting import Porting

__all__ = ["PROVIDER", "MessagingRoutes", "Ordered", "VoiceTel", "VoiceTelPurchase", "VoiceTelTransfer"]

HOST = "api.voicetel.com"


class VoiceTel(Searching, Orders, Routing[Api], Campaigns, NumberServices, Porting):
    """VoiceTel v2.2.

    Args:
        api_key: the account's key, 32 hexadecimal digits, or a function that returns it.
        username: with *password*, instead of a key: the key is fetched once, and again only after a 401.
        secret_store: where processes share the key that one of them fetched with the password: a folder, or a
            :class:`~anycarrier.SecretStore`.
        account: alias for logs and journals.
        base_url: for a simulator or proxy.
        allow_custom_base_url: allow a host that is neither VoiceTel's nor the loopback.

    Raises:
        ConfigurationError: lists everything that is wrong.
    """

    name = NAME
    title = "VoiceTel v2.2"
    supports: Mapping[str, Support] = {
        **searching.SUPPORTS,
        **cannot(
            "VoiceTel's documents route calls to gateways and numbers only; a webhook takes a number's texts",
            "route.calls.webhook",
        ),
        **cannot(
            "VoiceTel's documents name no messaging application, and list no ids of messaging routes; MessagingRoutes "
            "takes one that is known",
            "route.texts.id",
        ),
        **can("list", note="one document, read in pieces"),
        **accounts.SUPPORTS,
        **can("release", note="at once; voicetel.remove() takes a number off the account without giving it back"),
        **can("set_emergency_address", note="checked first; then set in one request"),
        **can("numbers_without_emergency_address", note="two requests: all numbers, and all records"),
        **can("caller_name", note="whether callers are shown by name; its own name only look_up() tells, at a price"),
        **can("set_caller_name", note="15 letters, digits and spaces; a carrier that refuses it is an error"),
        **can("look_up", note="two requests, each at the account's rate (rates.lrn, rates.cnam); never repeated"),
        **can("portable", note="one request for each number; good for an hour"),
        **can("port_in", note="6 USD for each number; gateway, caller name and campaign travel along"),
        **can("ports", "port", note="the words for its state are not documented, but for Complete"),
        **cannot("VoiceTel's numbers have no label", "set_label"),
        **cannot("VoiceTel's numbers have no switch; route() changes where their calls go", "set_enabled"),
    }

    limits: ClassVar[tuple[Limit, ...]] = LIMITS
    routing: ClassVar[Sequence[RouteRow[Any]]] = (
        sets(ToGateway, Api.route_calls, mapping.gateway),
        sets(ForwardTo, Api.forward_calls, mapping.destination, note="to NANP numbers"),
        sets(NoForward, Api.unforward_calls),
        sets(TextsToWebhook, Api.route_texts, mapping.webhook),
        sets(TextsToEmail, Api.route_texts, lambda route: {"type": "email", "resource": route.address}),
        sets(TextsToSip, Api.route_texts, lambda route: {"type": "sip", "resource": route.address}),
        sets(NoTexts, Api.unroute_texts, ignore=NotFound),  # so it was already, or the number is not ours: read then
        sets(MessagingRoutes, Api.route_messaging, mapping.messaging_routes),
    )

    unbinds_by_id = True
    api_class = Api
    option_classes = {"buy": VoiceTelPurchase, "transfer": VoiceTelTransfer, "route": MessagingRoutes}  # noqa: RUF012

    def __init__(
        self,
        *,
        api_key: Token | None = None,
        username: str | None = None,
        password: str | None = None,
        secret_store: SecretStore | str | os.PathLike[str] | None = None,
        account: str = NAME,
        base_url: str = f"https://{HOST}",
        allow_custom_base_url: bool = False,
    ) -> None:
        settings = Settings(NAME, account, base_url, (HOST,), allow_custom_base_url)
        settings.text("username", username)
        settings.text("password", password)
        store = settings.secret_store(secret_store)
        owner: str | None = None
        credentials: Credentials
        if api_key is None and username is not None and password is not None:
            settings.done()
            credentials = KeyByPassword(
                settings.account_id, username, Secret(password), base_url=settings.url, store=store
            )
            owner = f"voicetel {username.strip()}"
        else:
            credentials = settings.bearer("api_key", api_key, "set api_key, or username and password")
            if username is not None or password is not None:
                settings.add("username", "and password are set together, or api_key alone")
            if secret_store is not None:
                settings.add("secret_store", "is for a key that is fetched with username and password")
        self.open(settings, credentials, owner=owner)
        self.api = Api(self.account)
        self._rate = Rate(self.api)

    def number_of(self, target: Target, feature: str) -> PhoneNumber:
        return mapping.ours(target, feature)

    def address(self, number: PhoneNumber) -> Exchange[Mapping[str, str]]:
        yield from ()
        return {"number": number.ten_digit}

    # -- search

    def offers(self, query: Search, options: Sequence[ProviderOptions]) -> Exchange[Sequence[Offer]]:
        return searching.offers(self.api, query)

    def price_of(self, number: PhoneNumber, *, options: Sequence[ProviderOptions] = ()) -> Exchange[Money | None]:
        """Monthly price of a number, for orders with a price cap: the account's rate for a DID."""
        return (yield from self._rate.price())

    def price_name(self, number: PhoneNumber, *, options: Sequence[ProviderOptions] = ()) -> str:
        """One rate for every number. Processes that share a journal share it: six requests an hour are allowed."""
        return "did"

    # -- numbers

    def numbers(
        self, number: PhoneNumber | None = None, options: Sequence[ProviderOptions] = ()
    ) -> Listing[OwnedNumber]:
        return self.api.pages(partial(mapping.owned_rows, self.account), about=number)

    def fetch(self, number: PhoneNumber) -> Exchange[OwnedNumber]:
        return mapping.owned(self.account, (yield from self.api.one.answer(number=number.ten_digit)))

    def release(self, target: Target) -> Exchange[Release]:
        """Back to the network, at once and for good; see :meth:`remove`."""
        number = self.number_of(target, "release")
        try:
            yield from self.api.release(number)
        except Conflict:
            # No 404 is documented here: a number that is not ours may answer "failed or porting" too.
            yield from self._not_found_or_unknown(number)
            raise
        return Release(**self.mine, number=number, state=ReleaseState.RELEASED)

    def _not_found_or_unknown(self, number: PhoneNumber) -> Exchange[None]:
        """Raise ``NotFound`` if the number is provably not on the account."""
        try:
            yield from attributed_to("release", self.fetch(number))
        except NotFound:
            raise
        except AnyCarrierError:
            return

    def remove(self, target: Target) -> Exchange[Release]:
        """Take a number off the account without giving it back to the network (VoiceTel only)."""
        number = self.number_of(target, "release")
        yield from self.api.remove(number)
        return Release(**self.mine, number=number, state=ReleaseState.RELEASED)

    def transfer(
        self, target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Transfer]:
        number = self.number_of(target, "transfer")
        if not re.fullmatch("[1-9][0-9]{0,17}", text("to_account", to_account, "1000000001")):
            said = shape(to_account)
            raise InvalidInput(f"to_account must be the digits of a VoiceTel account, such as '1000000001', got {said}")
        route = (options_of(VoiceTelTransfer, options) or VoiceTelTransfer()).route
        answer = yield from self.api.move(number, int(to_account), route)
        moved = answer.value.account_id
        if moved not in (None, to_account):
            raise answer.wrong("it is about another account than the request")
        return Transfer(**self.mine, number=number, to_account=to_account, raw=answer.raw())

    # -- account

    def balance(self) -> Exchange[Balance]:
        """The account's ``cash``: one of six requests an hour, as ``api.account_info`` says."""
        return accounts.balance(self.account, (yield from attributed_to("balance", self.api.account_info())))

    def campaigns(self) -> Exchange[builtins.list[Campaign]]:
        """The campaigns that numbers of the account are bound to, or are being bound to: VoiceTel has no list of all.

        The list of numbers is read, then their messaging states, 500 in a request, then the campaigns, 100 in one.
        """
        return attributed_to("campaigns", accounts.campaigns(self.api, self.numbers()))

    def find_campaign(self, campaign_id: str) -> Exchange[Campaign]:
        return attributed_to("campaign", accounts.campaign(self.api, campaign_id))

    def missing_destinations(self, routes: Sequence[Route]) -> Exchange[Mapping[Route, str]]:
        """Gateways that are neither in the account's list nor a system route of the documents' legend."""
        return attributed_to("route", accounts.missing_gateways(self.api, routes))

    def coverage(self, by: CoverageBy, within: Search) -> Exchange[builtins.list[Coverage]]:
        """Counts of VoiceTel's inventory, up to ten minutes old."""
        return attributed_to("coverage", accounts.coverage(self.api, by, within))

    # -- 10DLC

    def bind(self, number: PhoneNumber, campaign_id: str) -> Exchange[CampaignBinding]:
        answer = yield from self.api.assign_campaign(number, campaign_id)
        status, word = mapping.bound_status(answer)
        bound = answer.value.campaign_id or campaign_id
        tcr_id = accounts.registry_id(bound)
        return self.binding(
            number, answer, stated=answer.value.number, campaign_id=bound, word=word, status=status, registry_id=tcr_id
        )

    def unbind_campaign(self, target: Target, campaign_id: str | None = None) -> Exchange[CampaignBinding]:
        if campaign_id is not None and not re.fullmatch(UNBINDABLE, campaign_id):
            raise InvalidInput("campaign_id must be C and six capitals or digits, such as CH5K5IZ")
        return (yield from super().unbind_campaign(target, campaign_id))

    def unbind(self, number: PhoneNumber, campaign_id: str) -> Exchange[CampaignBinding]:
        if not re.fullmatch(UNBINDABLE, campaign_id):
            raise UnexpectedResponse(
                "the id of the campaign that VoiceTel shows is not one that it takes for unbinding",
                provider=NAME,
                operation="unbind_campaign",
                maybe_applied=False,
            )
        answer = yield from self.api.unassign_campaign(number, campaign_id)
        unbound = answer.value
        if unbound.campaign_id not in (None, campaign_id):
            raise answer.wrong("it is about another campaign than the request")
        if unbound.unassigned:
            return self.binding(number, answer, stated=unbound.number, campaign_id=None)
        return self.binding(
            number,
            answer,
            stated=unbound.number,
            campaign_id=campaign_id,
            word="not unassigned",
            registry_id=accounts.registry_id(campaign_id),
        )

    def messaging(self, numbers: Sequence[PhoneNumber]) -> Exchange[builtins.list[MessagingRecord]]:
        """Destinations of texts, and campaigns, of up to 1000 numbers in a request (``numbersMessagingList``)."""
        states = yield from attributed_to("campaign_of", accounts.messaging_states(self.api, numbers))
        return [mapping.messaging(self.account, state) for state in states if state.on_account is not False]

    def campaign(self, number: PhoneNumber) -> Exchange[CampaignBinding]:
        answer = yield from self.api.messaging(number)
        state = answer.value
        if state.on_account is False:
            raise NotFound("not on this account", provider=NAME, status=answer.response.status)
        status, word = mapping.campaign_status(state)
        bound = state.campaign.id if state.campaign else None
        tcr_id = accounts.registry_id(bound)
        return self.binding(
            number, answer, stated=state.number, campaign_id=bound, word=word, status=status, registry_id=tcr_id
        )


PROVIDER = VoiceTel
