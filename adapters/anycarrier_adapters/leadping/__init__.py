"""Leadping: the neutral operations.

Rests on the page "Update business phone number settings" and the package ``leadping`` 1.0.5 of June 2026, on the
official OpenAPI document of August, and on the package's release 1.0.83 of October: the setting ``api_version`` says
which of them the server has, and answers of all are read. Nothing here was tried on the live API. What surprises is on
the docs page of this provider.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, TypeAlias, TypeVar

from attrs import evolve

from anycarrier.border import parse
from anycarrier.capabilities import require, require_search
from anycarrier.decoding.pages import NotAll
from anycarrier.decoding.raw import Document
from anycarrier.engine.accounts import Account, Problems, StaticToken, Token
from anycarrier.engine.rate_limits import Limit
from anycarrier.errors import (
    AnyCarrierError,
    InvalidInput,
    InvalidRequest,
    NotFound,
    NumberUnavailable,
    UnexpectedResponse,
)
from anycarrier.exchange import Done, Exchange, Listing, Request, Response, collect, mapped, together
from anycarrier.features import Can, Cannot, Evidence, Support
from anycarrier.hints import checked_methods
from anycarrier.model import (
    CampaignBinding,
    Money,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Release,
    ReleaseState,
    Status,
    Target,
    Transfer,
    number_of,
    options_of,
)
from anycarrier.numbers import NANP_COUNTRIES, PhoneNumber
from anycarrier.provider import Attempt, Draft, ResolutionPolicy, attributed_to
from anycarrier.records import Checked
from anycarrier.search import Search, filter_offers, matches
from anycarrier.wire import json_body, unexpected

from . import mapping, quick
from ._later import schemas
from .api import Api, checked_id, is_id, same
from .errors import PROVIDER as NAME
from .id_cache import IdCache
from .options import (
    NO_OVERRIDE,
    AdminOverride,
    Available,
    LeadpingPurchase,
    LeadpingSearch,
    NoOverride,
    marked,
)
from .update import NOT_IN_UPDATE, changes, settable, unconfirmed
from .versions import DEFAULT, VERSIONS

__all__ = [
    "NO_OVERRIDE", "PROVIDER", "AdminOverride", "Available", "Leadping", "LeadpingPurchase", "LeadpingSearch",
]  # fmt: skip

HOST = "api.leadping.ai"
PRICED_MOST = 100
"""How many numbers one search asks the price of at most: Leadping allows 300 requests in a minute."""
PRICED_AT_ONCE = 4

T = TypeVar("T")
_Record: TypeAlias = "tuple[schemas.NumberRecord, Request, Response]"
_Row: TypeAlias = "tuple[schemas.NumberRow, Mapping[str, Any]]"
_Use: TypeAlias = Callable[[PhoneNumber, str], Exchange[T]]

_NOT_STATED = "Leadping's search takes a number and a location only, and its answer does not state it"


@checked_methods
class Leadping:
    """Leadping.

    Args:
        api_key: a business or organization API key (``lp_...``, ``sk_...``) or a user's access token, or a function
            that returns it. A source key (``lp_src_...``) cannot manage numbers.
        api_version: which of Leadping's contracts the server speaks: ``2026-06``, ``2026-08`` or ``2026-10``.
        account: alias for logs and journals.
        base_url: for a simulator or proxy.
        allow_custom_base_url: allow a host that is neither Leadping's nor the loopback.

    Raises:
        ConfigurationError: lists everything that is wrong.
    """

    name = NAME
    title = "Leadping"

    supports: Mapping[str, Support] = {
        "search": Can(),
        "search.no_digits": Can(Evidence.INFERRED, "both fields of a search may be absent"),
        "search.area_code": Can(Evidence.INFERRED, "as the beginning of phoneNumber (+1201), and applied here"),
        "search.prefix": Can(Evidence.INFERRED, "as the beginning of phoneNumber (+1201555), and applied here"),
        "search.ends_with": Can(note="applied here, over what one request gives"),
        "search.contains": Can(note="applied here, over what one request gives"),
        "search.city": Can(Evidence.INFERRED, "as location.location, and applied here to the city that is stated"),
        "search.state": Can(Evidence.INFERRED, "as location.state, and applied here"),
        "search.rate_center": Cannot(_NOT_STATED),
        "search.lata": Cannot(_NOT_STATED),
        "search.features": Cannot(f"{_NOT_STATED}; the record of a number that was bought does"),
        "search.local": Cannot(f"{_NOT_STATED}; toll-free numbers alone show it in their area code"),
        "search.toll_free": Can(Evidence.INFERRED, "from the area code, over what one request gives"),
        "search.mobile": Cannot(_NOT_STATED),
        "search.max_price": Can(
            note=f"applied here: the price of each match is asked for, of {PRICED_MOST} at most in one search"
        ),
        "search.country": Can(Evidence.INFERRED, "as location.countryCode, and applied here"),
        "buy": Can(note="may be pending; wait() until it is active or has failed"),
        "list": Can(),
        "get": Can(note="by its id, which is found through the list and remembered"),
        "release": Can(note="held by Leadping before it is gone: scheduled, with the date that its record shows"),
        "route": Cannot(NOT_IN_UPDATE),
        "route.gateway": Cannot(NOT_IN_UPDATE),
        "route.forward": Cannot(NOT_IN_UPDATE),
        "route.texts.webhook": Cannot(NOT_IN_UPDATE),
        "route.texts.email": Cannot(NOT_IN_UPDATE),
        "route.texts.sip": Cannot(NOT_IN_UPDATE),
        "route.texts.none": Cannot(NOT_IN_UPDATE),
        "transfer": Can(Evidence.INFERRED, "as the owner's id in an update; not in API version 2026-10"),
        "bind_campaign": Cannot(NOT_IN_UPDATE),
        "unbind_campaign": Cannot(NOT_IN_UPDATE),
        "campaign_of": Can(note="the statuses are free text; since 2026-08 the campaign is Leadping's application id"),
    }

    limits: ClassVar[tuple[Limit, ...]] = (Limit(300, 60.0),)
    """For one organization."""

    rules: ClassVar[ResolutionPolicy] = ResolutionPolicy(
        replay=False,
        settle=300.0,
        looks=3,
        key_form="[A-Za-z0-9_-]{1,128}",
        refusals=frozenset({400, 401, 403}),
    )

    def __init__(
        self,
        *,
        api_key: Token | None = None,
        api_version: str = DEFAULT,
        account: str = NAME,
        base_url: str = f"https://{HOST}",
        allow_custom_base_url: bool = False,
    ) -> None:
        problems = Problems(NAME)
        account = problems.account(account)
        base_url = problems.base_url(base_url, (HOST,), allow_custom_base_url)
        problems.token("api_key", api_key, "get one from Leadping")
        if isinstance(api_key, str) and api_key.strip().startswith("lp_src_"):
            problems.add("api_key", "is a source key, which only takes leads in: use a business or organization key")
        problems.one_of("api_version", api_version, VERSIONS)
        problems.done()
        self.accounts: tuple[Account, ...] = (
            Account(
                id=account,
                provider=NAME,
                base_url=base_url,
                credentials=StaticToken(api_key or ""),
                limits=self.limits,
            ),
        )
        self.api_version = VERSIONS[api_version]
        self.api = Api(account, self.api_version)
        self._ids = IdCache()
        if self.api_version.owner is None:
            reason = f"a request of version {api_version} has no field for the owner; Leadping's staff moves a number"
            self.supports = {**self.supports, "transfer": Cannot(reason)}

    @property
    def account(self) -> str:
        """The account's id."""
        return self.accounts[0].id

    # -- searching

    def search(self, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[builtins.list[Offer]]:
        require_search(self, query)
        nanp = query.country is None or query.country in NANP_COUNTRIES
        place = {"location": query.city, "state": query.state, "countryCode": query.country}
        request, response = yield from self.api.search(
            phone_number=f"+1{query.leading}" if query.leading and nanp else None,
            location={name: value for name, value in place.items() if value is not None},
        )
        offers = quick.offers(self.account, response.body)
        if offers is None:
            found = parse(schemas.Found, request, response, provider=NAME)
            offers = mapping.offers(self.account, found, response)
        if query.max_price is None and not (options_of(LeadpingSearch, options) or LeadpingSearch()).prices:
            return filter_offers(query, offers)
        return (yield from self._priced(query, offers))

    def _priced(self, query: Search, offers: Sequence[Offer]) -> Exchange[builtins.list[Offer]]:
        """The offers that match, each with its price; those that cannot be bought any more are left out."""
        unpriced = evolve(query, max_price=None)
        candidates = [offer for offer in offers if matches(unpriced, offer)][:PRICED_MOST]
        kept: builtins.list[Offer] = []
        while candidates and len(kept) < query.limit:
            batch, candidates = candidates[:PRICED_AT_ONCE], candidates[PRICED_AT_ONCE:]
            asked = yield from together([self.availability(offer.number) for offer in batch], limit=PRICED_AT_ONCE)
            for offer, outcome in zip(batch, asked, strict=True):
                if not isinstance(outcome, Done):
                    raise outcome.error
                if outcome.value.available:
                    kept.append(evolve(offer, price=outcome.value.price))
            kept = filter_offers(query, kept)
        return kept

    def availability(self, target: Target) -> Exchange[Available]:
        """Whether one number can be bought now, and its price (Leadping only): ``client.run(...)``.

        Source: ``PhoneNumbers_IsAvailableForPurchase``.
        """
        number = number_of(target)
        answer, response = yield from self.api.availability(number)
        return mapping.available(number, answer, response)

    def price_of(self, number: PhoneNumber, *, options: Sequence[ProviderOptions] = ()) -> Exchange[Money | None]:
        """The price of one number per month, for orders with a price cap: Leadping states none in its search.

        With the number's health among the *options*, that is in it.
        """
        wishes = options_of(LeadpingPurchase, options) or LeadpingPurchase()
        return wishes.costs((yield from self.availability(number)).price)

    # -- buying

    def draft(
        self, target: Offer | PhoneNumber, *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Draft]:
        """The key goes into the number's name, where the list shows it afterwards. Of a number that no search found it
        is asked first whether it can be bought, and its price."""
        number = number_of(target)
        wishes = options_of(LeadpingPurchase, options) or LeadpingPurchase()
        values = {
            "name": marked(wishes.name, key), "number": number.e164, "enabled": True,
            "numberHealthEnabled": wishes.number_health,
        }  # fmt: skip
        body = json_body({name: values[name] for name in self.api_version.purchase})
        if isinstance(target, Offer):
            price = wishes.costs(target.price)
        else:
            asked = yield from self.availability(number)
            if not asked.available:
                raise NumberUnavailable("the number cannot be bought", provider=NAME, operation="buy")
            price = wishes.costs(asked.price)
        return Draft(provider=NAME, account=self.account, number=number, key=key, body=body, price=price)

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        record, request, response = yield from self.api.create(draft.body)
        same(request, response, draft.number, record.number)
        if mapping.status_of(record)[0] in _LEAVING:
            raise unexpected(request, response, "the number just bought is being given up", provider=NAME)
        if record.id is not None and is_id(record.id):
            self._ids.remember(record.number, record.id)
        return mapping.owned(self.account, record, response)

    def find_purchase(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        """A row whose name holds the key is ours. So is any other row of the number, save one that was released."""
        number, key = attempt.draft.number, attempt.draft.key
        rows = yield from self._rows(number)
        marked = [row for row in rows if key in (row[0].name or "")]
        living = [row for row in rows if mapping.status_of(row[0])[0] is not Status.RELEASED]
        if not marked and not living:
            return None
        row, raw = (marked or living)[0]
        if not marked and mapping.status_of(row)[0] is Status.RELEASING:
            raise UnexpectedResponse(
                "the number is on the account without the mark of this purchase, and is being released",
                provider=NAME, operation="buy",
            )  # fmt: skip
        return mapping.listed(self.account, number, row, raw)

    # -- owning

    def list(self, *, options: Sequence[ProviderOptions] = ()) -> Listing[OwnedNumber]:
        def neutral(rows: Sequence[Any]) -> Sequence[OwnedNumber]:
            if isinstance(rows, Checked) or (rows and isinstance(rows[0], OwnedNumber)):
                return rows
            return [mapping.listed(self.account, row.number, row, raw) for row, raw in rows if row.number is not None]

        return mapped(self.api.rows(swift=partial(quick.page, self.account)), neutral)

    def get(self, target: Target) -> Exchange[OwnedNumber]:
        record, _, response = yield from self._addressed("get", target, self._read)
        return mapping.owned(self.account, record, response)

    def release(self, target: Target) -> Exchange[Release]:
        """Leadping answers that it accepted. What becomes of it is read from the number's record afterwards: a record
        that is gone is ``released``; one that shows no date, or cannot be read, is ``scheduled`` for nobody knows when.
        """
        return (yield from self._addressed("release", target, self._release))

    def transfer(
        self, target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Transfer]:
        """*to_account* is the id of another business, since August 2026 of an organization. Confirmed only by an answer
        that shows it as the owner."""
        require(self, "transfer")
        checked_id("to_account", to_account)
        number = number_of(target)

        def move(number: PhoneNumber, id: str) -> Exchange[_Record]:
            return self._put(number, id, {str(self.api_version.owner): to_account}, "transfer")

        _, _, response = yield from self._addressed("transfer", target, move)
        self._ids.forget(number)
        return Transfer(
            provider=NAME, account=self.account, number=number, to_account=to_account, raw=Document(response.body).at()
        )

    def update(
        self,
        target: Target,
        *,
        name: str | None = None,
        enabled: bool | None = None,
        business: str | None = None,
        admin_enablement_override: AdminOverride | NoOverride | None = None,
        number_health: bool | None = None,
        **others: object,
    ) -> Exchange[OwnedNumber]:
        """Change what Leadping's update can carry (Leadping only): ``client.run(leadping.update(...))``.

        The number is read, the change made, and everything that a request can set is sent back, because what is left
        out may be reset; then the answer must show the change. What a request of the API version has no field for is
        ``Unsupported`` before anything is sent, and so is what none has: routing, teams, campaigns, warm-up.

        Args:
            target: the number.
            name: display name, 1 to 255 characters.
            enabled: whether it is in use.
            business: id of the owner: a business, since August 2026 an organization. See :meth:`transfer`.
            admin_enablement_override: an :class:`AdminOverride`, or :data:`NO_OVERRIDE` to take one away.
            number_health: the add-on of 2 USD a month (October 2026).

        Raises:
            UnexpectedResponse: the answer does not show the change, or shows another one.
        """
        change = changes(
            self.api_version,
            name=name,
            enabled=enabled,
            business=business,
            admin_enablement_override=admin_enablement_override,
            number_health=number_health,
            others=others,
        )

        def put(number: PhoneNumber, id: str) -> Exchange[_Record]:
            return self._put(number, id, change, "leadping.update")

        record, _, response = yield from self._addressed("leadping.update", target, put)
        return mapping.owned(self.account, record, response)

    # -- 10DLC

    def campaign_of(self, target: Target) -> Exchange[CampaignBinding]:
        """Read from the record's ``tenDlc``; since August 2026 from ``routing.tenDlcApplicationId`` and, as the record
        has no status any more, from the list."""
        record, _, response = yield from self._addressed("campaign_of", target, self._read)
        rows: builtins.list[_Row] = []
        if record.ten_dlc is None and mapping.campaign_id(record) is not None:
            rows = yield from self._searched(record.number)
        return mapping.binding(self.account, record, [row for row, _ in rows if row.id == record.id], response)

    # -- a number and its id

    def _addressed(self, operation: str, target: Target, use: _Use[T]) -> Exchange[T]:
        """What *use* makes of the number and its id: the target's own, the one remembered, or the one in the list.

        Whatever goes wrong is an error of *operation*.
        """
        return (yield from attributed_to(operation, self._used(target, use)))

    def _used(self, target: Target, use: _Use[T]) -> Exchange[T]:
        number = number_of(target)
        if isinstance(target, OwnedNumber) and target.id and (target.provider, target.account) == (NAME, self.account):
            return (yield from use(number, target.id))
        known = self._ids.get(number)
        if known is not None:
            try:
                return (yield from use(number, known))
            except NotFound:
                self._ids.forget(number)
        rows = yield from self._rows(number)
        if not rows:
            raise NotFound("not on this account", provider=NAME)
        living = [row for row in rows if mapping.status_of(row[0])[0] is not Status.RELEASED]
        row = (living or rows)[0][0]
        if row.id is None or not is_id(row.id):
            raise UnexpectedResponse("the list shows the number without a usable id", provider=NAME, operation="list")
        self._ids.remember(number, row.id)
        return (yield from use(number, row.id))

    def _rows(self, number: PhoneNumber) -> Exchange[builtins.list[_Row]]:
        """The rows of one number. A search finds it quickly; that it is absent is known only from the whole list."""
        try:
            rows = yield from self._searched(number)
        except (InvalidRequest, NotAll):  # which fields can be searched is not documented
            rows = []
        return rows or (yield from _exactly(number, self.api.rows(about=number)))

    def _searched(self, number: PhoneNumber) -> Exchange[builtins.list[_Row]]:
        return _exactly(number, self.api.rows(containing=number, about=number))

    # -- what is done to a number, by its id

    def _read(self, number: PhoneNumber, id: str, operation: str = "get") -> Exchange[_Record]:
        record, request, response = yield from self.api.number(id, operation=operation)
        if record.number != number:
            self._ids.forget(number)
        same(request, response, number, record.number)
        self._ids.remember(number, id)
        return record, request, response

    def _put(self, number: PhoneNumber, id: str, change: Mapping[str, Any], operation: str) -> Exchange[_Record]:
        before, request, response = yield from self._read(number, id, operation)
        body = {**settable(self.api_version, before, id), **change}
        if "enabled" in self.api_version.update and "enabled" not in body:
            where = "the record does not say whether the number is enabled, and an update without that may disable it"
            raise unexpected(request, response, where, provider=NAME)
        if operation == "transfer" and before.owner is not None and before.owner.id in change.values():
            raise InvalidInput(f"the number is of that {self.api_version.noun} already")
        after, request, response = yield from self.api.update(id, body, operation=operation)
        same(request, response, number, after.number)
        if wrong := unconfirmed(body, settable(self.api_version, after, id), change):
            where = f"it does not show what was set: {', '.join(wrong)}"
            raise unexpected(request, response, where, provider=NAME)
        return after, request, response

    def _release(self, number: PhoneNumber, id: str) -> Exchange[Release]:
        asked, accepted = yield from self.api.delete(id)
        self._ids.forget(number)
        state, at = ReleaseState.SCHEDULED, None
        shown = accepted.status != 200
        raw: Mapping[str, Any] = {}
        try:
            record, _, response = yield from self.api.number(id, operation="release")
        except NotFound as error:
            if error.detail is not None:  # said by Leadping itself, and not by something in between
                state, shown = ReleaseState.RELEASED, True
        except AnyCarrierError:
            pass
        else:
            raw = Document(response.body).at()
            at = record.provider_release_scheduled_at
            status = mapping.status_of(record)[0]
            if status is Status.RELEASED or record.provider_released_at is not None:
                state, at = ReleaseState.RELEASED, record.provider_released_at
            shown = shown or state is ReleaseState.RELEASED or status is Status.RELEASING or at is not None
        if not shown:
            raise unexpected(asked, accepted, "a 200 accepts no release, and the record shows none", provider=NAME)
        return Release(provider=NAME, account=self.account, number=number, state=state, at=at, raw=raw)


PROVIDER = Leadping

_LEAVING = frozenset({Status.RELEASING, Status.RELEASED})


def _exactly(number: PhoneNumber, listing: Listing[_Row]) -> Exchange[list[_Row]]:
    """The rows of *listing* that are of this number. Rows of others that cannot be read do not hide it."""
    found: list[_Row] = []

    def keep(rows: Sequence[_Row]) -> Sequence[_Row]:
        found.extend(row for row in rows if row[0].number == number)
        return ()

    try:
        yield from collect(mapped(listing, keep))
    except UnexpectedResponse:
        if not found:
            raise
    return found
