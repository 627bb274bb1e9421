"""VoiceTel v2.2: the neutral operations.

Rests on the official OpenAPI document 2.2.10; answers of later releases are read too. Nothing here was tried on the
live API. What surprises is on the docs page of this provider.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from anycarrier.capabilities import require_search
from anycarrier.decoding import Document
from anycarrier.engine.accounts import Account, Credentials, Problems, Secret, StaticToken, Token
from anycarrier.engine.rate_limits import Limit
from anycarrier.errors import (
    AnyCarrierError,
    Conflict,
    InvalidInput,
    NotFound,
    NumberUnavailable,
    OutcomeUnknown,
    ProviderDown,
    RateLimited,
    TransportError,
    UnexpectedResponse,
)
from anycarrier.exchange import Exchange, Listing, exclusive, now
from anycarrier.features import Can, Cannot, Evidence, Support, refusal
from anycarrier.hints import checked_methods
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    Money,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Release,
    ReleaseState,
    Route,
    Target,
    Transfer,
    options_of,
    price_of,
)
from anycarrier.numbers import NANP_COUNTRIES, PhoneNumber
from anycarrier.provider import Attempt, Draft, ResolutionPolicy, attributed_to
from anycarrier.purchase.buying import fresh_key
from anycarrier.search import Search, filter_offers
from anycarrier.validation import shape, text
from anycarrier.wire import says_done, unexpected

from . import mapping
from .api import ORDER_MOST, Api
from .api import PROVIDER as NAME
from .api.numbers import UNBINDABLE
from .login import KeyByPassword
from .options import MessagingRoutes, Ordered, VoiceTelPurchase, VoiceTelTransfer

__all__ = ["PROVIDER", "MessagingRoutes", "Ordered", "VoiceTel", "VoiceTelPurchase", "VoiceTelTransfer"]

HOST = "api.voicetel.com"
SEARCH_MOST = 1000
RATE_FOR = 600.0
"""Seconds for which the account's rate is used without asking again: six questions an hour are allowed."""
RATE_AT_MOST = 3600.0
"""Seconds for which it is used when it cannot be read again."""


@checked_methods
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
        "search.max_price": Cannot(f"{_not_stated}; an order with a price cap uses the account's rate for a DID"),
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

    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(
            6,
            3600.0,
            only=(
                "GET /v2.2/account",
                "GET /v2.2/account/recurring-charges",
                "GET /v2.2/account/cdr",
                "POST /v2.2/account/api-key",
            ),
        ),
    )
    """For one address; no others are documented. That the four share it is said by VoiceTel's own clients."""

    rules: ClassVar[ResolutionPolicy] = ResolutionPolicy(
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
        account = problems.account(account)
        base_url = problems.base_url(base_url, (HOST,), allow_custom_base_url)
        problems.text("username", username)
        problems.text("password", password)
        credentials: Credentials
        if api_key is None and username is not None and password is not None:
            problems.done()
            credentials = KeyByPassword(account, username, Secret(password))
        else:
            problems.token("api_key", api_key, "set api_key, or username and password")
            if username is not None or password is not None:
                problems.add("username", "and password go together, and without an api_key")
            problems.done()
            credentials = StaticToken(api_key or "")
        problems.done()
        self.accounts: tuple[Account, ...] = (
            Account(
                id=account,
                provider=NAME,
                base_url=base_url,
                credentials=credentials,
                limits=self.limits,
                owner=f"voicetel {username.strip()}" if username and isinstance(credentials, KeyByPassword) else None,
            ),
        )
        self.api = Api(account)
        self._rate: Money | None = None
        self._rate_read = float("-inf")

    @property
    def account(self) -> str:
        """The account's id."""
        return self.accounts[0].id

    # -- searching

    def search(self, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[builtins.list[Offer]]:
        require_search(self, query)
        if query.country is not None and query.country not in NANP_COUNTRIES:
            raise refusal(NAME, "search.country", f"VoiceTel sells NANP numbers only, none of {query.country}")
        here = query.ends_with or query.contains or query.city or query.line or query.country
        wanted = {
            "tnMask": query.leading,
            "quantity": SEARCH_MOST if here else query.limit,
            "province": query.state and query.state.strip().upper(),
            "rateCenter": query.rate_center and query.rate_center.strip(),
            "lata": query.lata,
        }
        rows, _ = yield from self.api._found(wanted)  # noqa: SLF001 - of the same adapter
        return filter_offers(query, mapping.offers(self.account, rows))

    def price_of(self, number: PhoneNumber, *, options: Sequence[ProviderOptions] = ()) -> Exchange[Money | None]:
        """What a number costs per month, for orders with a price cap: the account's rate for a DID (``rates.did``).

        The same for every number, and VoiceTel allows six such questions an hour: what was read within ten minutes is
        used, and where it cannot be read again, what was read within the hour.
        """
        return (yield from exclusive(f"rate {self.account}", self._current_rate()))

    def _current_rate(self) -> Exchange[Money | None]:
        moment = (yield from now()).monotonic
        age = moment - self._rate_read
        if age < RATE_FOR:
            return self._rate
        try:
            self._rate = _rate_of((yield from self.api.account_info()))
        except (RateLimited, ProviderDown, TransportError):
            if age < RATE_AT_MOST:
                return self._rate
            raise
        self._rate_read = moment
        return self._rate

    # -- buying

    def draft(
        self, target: Offer | PhoneNumber, *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Draft]:
        yield from ()  # an exchange that asks for nothing
        number = mapping.ours(target, "buy")
        purchase = options_of(VoiceTelPurchase, options)
        body = mapping.order_body([number], purchase.route if purchase else None)
        return Draft(provider=NAME, account=self.account, number=number, key=key, body=body)

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        order, request, response = yield from self.api.order(draft.body, draft.key)
        ordered = mapping.result(self.account, [draft.number], order, request, response)
        if draft.number in ordered.failed:
            if ordered.others or says_done(ordered.failed[draft.number]):
                where = "it says at once that the number was not bought, and that something was"
                raise unexpected(request, response, where, provider=NAME)
            raise NumberUnavailable(
                "the order did not get this number", provider=NAME, operation="buy", status=response.status,
                detail=ordered.failed[draft.number], maybe_applied=False,
            )  # fmt: skip
        bought = ordered.numbers[0]
        if self._rate is not None and bought.receipt is not None and bought.receipt.charged is not None:
            self._rate = bought.receipt.charged  # newer than what was read
        return bought

    def find_purchase(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        try:
            return (yield from self.get(attempt.draft.number))
        except NotFound:  # said by VoiceTel itself: any other 404 is an UnexpectedResponse
            return None

    def order(
        self, numbers: Sequence[Target], *, key: str | None = None, route: int | None = None
    ) -> Exchange[Ordered]:
        """Order up to 100 numbers in one request (VoiceTel only): ``client.run(voicetel.order([...]))``.

        Sent once, under one Idempotency-Key: *key*, or a new one. Where the outcome stays unknown, ``OutcomeUnknown``
        names it: the same numbers, route and key again within 20 hours get VoiceTel's first answer and charge nothing
        more. To such a repetition a refusal proves nothing: then ask for the numbers with ``get``.
        """
        if isinstance(numbers, str) or not isinstance(numbers, Sequence):
            raise InvalidInput(f"numbers must be a list of numbers, not {shape(numbers)}")
        wanted = [mapping.ours(target, "buy") for target in numbers]
        if not 1 <= len(wanted) <= ORDER_MOST or len(set(wanted)) != len(wanted):
            raise InvalidInput(f"an order takes 1 to {ORDER_MOST} different numbers, got {len(wanted)}")
        if key is None:
            key = yield from fresh_key(self.rules)
        elif not re.fullmatch(self.rules.key_form, text("key", key, "ac1_0123456789")):
            raise InvalidInput(f"key must match {self.rules.key_form}", operation="voicetel.order")
        try:
            answer = yield from self.api.order(mapping.order_body(wanted, route), key, operation="voicetel.order")
            return mapping.result(self.account, wanted, *answer)
        except AnyCarrierError as error:
            if not error.maybe_applied:
                raise
            raise OutcomeUnknown(
                "the order may have happened; give the same numbers, route and key again to know", provider=NAME,
                operation="voicetel.order", status=error.status, code=error.code, detail=error.detail,
                request_id=error.request_id, number=", ".join(wanted), key=key,
            ) from error  # fmt: skip

    # -- owning

    def list(self, *, options: Sequence[ProviderOptions] = ()) -> Listing[OwnedNumber]:
        """All numbers on the account. Those that cannot be read do not hide the others: the listing then ends in an
        ``UnexpectedResponse`` that counts them."""

        return self.api.numbers(partial(mapping.owned_rows, self.account))

    def get(self, target: Target) -> Exchange[OwnedNumber]:
        row, response = yield from self.api.number(mapping.ours(target, "get"))
        return mapping.owned(self.account, row, response)

    def release(self, target: Target) -> Exchange[Release]:
        """Back to the network, at once and for good; see :meth:`remove`."""
        number = mapping.ours(target, "release")
        try:
            yield from self.api.release(number)
        except Conflict:
            # No 404 is documented here: a number that is not ours may answer "failed or porting" too.
            yield from self._not_found_or_unknown(number)
            raise
        return Release(provider=NAME, account=self.account, number=number, state=ReleaseState.RELEASED)

    def _not_found_or_unknown(self, number: PhoneNumber) -> Exchange[None]:
        """Raises ``NotFound`` if the number is provably not on the account."""
        try:
            yield from attributed_to("release", self.get(number))
        except NotFound:
            raise
        except AnyCarrierError:
            return

    def remove(self, target: Target) -> Exchange[Release]:
        """Take a number off the account without giving it back to the network (VoiceTel only)."""
        number = mapping.ours(target, "release")
        yield from self.api.remove(number)
        return Release(provider=NAME, account=self.account, number=number, state=ReleaseState.RELEASED)

    def transfer(
        self, target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Transfer]:
        number = mapping.ours(target, "transfer")
        if not re.fullmatch("[1-9][0-9]{0,17}", text("to_account", to_account, "1000000001")):
            raise InvalidInput(
                f"to_account must be the digits of a VoiceTel account, such as '1000000001', got {shape(to_account)}"
            )
        route = (options_of(VoiceTelTransfer, options) or VoiceTelTransfer()).route
        moved, response = yield from self.api.move(number, int(to_account), route)
        return Transfer(
            provider=NAME, account=self.account, number=number, to_account=moved.account_id or to_account,
            raw=Document(response.body).at("data"),
        )  # fmt: skip

    # -- where calls and texts go

    def route(self, target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        number = mapping.ours(target, "route")
        steps = [(route, *mapping.step(self.api, number, route)) for route in routes]
        if not steps:
            raise InvalidInput("name at least one route")
        if len({slot for _, slot, _ in steps}) != len(steps):
            raise InvalidInput("two of the routes contradict each other: each of calls, forwarding, texts once")
        applied: builtins.list[Route] = []
        try:
            for route, _, step in steps:
                yield from step
                applied.append(route)
            return (yield from attributed_to("route", self.get(number)))
        except AnyCarrierError as error:
            error.applied = tuple(applied)
            raise

    # -- 10DLC

    def bind_campaign(self, target: Target, campaign_id: str) -> Exchange[CampaignBinding]:
        number = mapping.ours(target, "bind_campaign")
        bound, response = yield from self.api.assign_campaign(number, campaign_id)
        status = mapping.bound_status(bound, response)
        return mapping.binding(self.account, number, bound.campaign_id or campaign_id, status, response)

    def unbind_campaign(self, target: Target, campaign_id: str | None = None) -> Exchange[CampaignBinding]:
        number = mapping.ours(target, "unbind_campaign")
        if campaign_id is None:
            found = yield from attributed_to("unbind_campaign", self.campaign_of(number))
            if found.campaign_id is None:
                return found
            campaign_id = found.campaign_id
            if not re.fullmatch(UNBINDABLE, campaign_id):
                raise UnexpectedResponse(
                    "the id of the campaign that VoiceTel shows is not one that it takes for unbinding", provider=NAME,
                    operation="unbind_campaign", maybe_applied=False,
                )  # fmt: skip
        answer, response = yield from self.api.unassign_campaign(number, campaign_id)
        if not answer.unassigned:
            unknown = BindingStatus.UNKNOWN, "not unassigned"
            return mapping.binding(self.account, number, campaign_id, unknown, response)
        return mapping.binding(self.account, number, None, (BindingStatus.UNBOUND, None), response)

    def campaign_of(self, target: Target) -> Exchange[CampaignBinding]:
        number = mapping.ours(target, "campaign_of")
        state, response = yield from self.api.messaging(number)
        if state.on_account is False:
            raise NotFound("not on this account", provider=NAME, operation="campaign_of", status=response.status)
        campaign_id = state.campaign.id if state.campaign else None
        return mapping.binding(self.account, number, campaign_id, mapping.campaign_status(state), response)


def _rate_of(account: Mapping[str, Any]) -> Money | None:
    """The rate for a number, if it is stated as an amount that can be one."""
    rates = account.get("rates")
    did = rates.get("did") if isinstance(rates, Mapping) else None
    return price_of(did)


PROVIDER = VoiceTel
