"""The neutral operations over the four endpoints, the same for both versions."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar, cast

from anycarrier.capabilities import require_search
from anycarrier.decoding.pages import NotAll
from anycarrier.decoding.raw import Document
from anycarrier.engine.accounts import Account, Credentials, Problems, Secret, Token
from anycarrier.engine.rate_limits import Limit, Stated
from anycarrier.errors import InvalidInput, NotFound, NumberUnavailable, UnexpectedResponse
from anycarrier.exchange import Exchange, Listing, first, mapped, sleep
from anycarrier.features import Can, Cannot, Evidence, Support, refusal
from anycarrier.hints import checked_methods
from anycarrier.model import (
    Feature,
    Line,
    Money,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Status,
    Target,
    number_of,
    options_of,
)
from anycarrier.numbers import PhoneNumber, country_of
from anycarrier.provider import Attempt, Draft, ResolutionPolicy
from anycarrier.search import Search, filter_offers
from anycarrier.wire import json_body, unexpected

from . import neutral, quick
from ._later import schemas
from .api import Api, Found, Page, same_number
from .errors import REFUSALS
from .limits import RateLimits
from .oauth import OAuthTokens, PrivateToken, Spelling, TokenSource, UserType
from .options import LINES, ListOptions, PurchaseOptions

__all__ = ["HOST", "RULES", "LeadConnector", "declared"]

HOST = "services.leadconnectorhq.com"
A = TypeVar("A", bound=Api)

RULES = ResolutionPolicy(
    replay=False, settle=180.0, looks=3, same_number_once=True, fresh_search=True, refusals=REFUSALS
)  # fmt: skip
"""What a repeated fingerprint does is documented nowhere, so a purchase is never repeated: it is looked for."""

FRESH_TRIES = 3
"""Searches for a fingerprint that no purchase has used."""

_PHONE_SETTINGS = "a person does it in the phone settings of the LeadConnector web app"
_ROUTING = (
    "LeadConnector's public API has no endpoint that changes where a number's calls or texts go; "
    f"{_PHONE_SETTINGS}, and a number is assigned to a user with the Users API (PUT /users/{{userId}}, lcPhone)"
)
_CAMPAIGN = f"LeadConnector's public API has no endpoint for 10DLC campaigns; {_PHONE_SETTINGS} (Trust Center)"


def declared(answers: Evidence) -> dict[str, Support]:
    """Every feature; *answers* is on what the reading of a search's answer rests."""
    here = Can(answers, "applied here, over the 30 or so numbers of one answer")
    hint = Can(note="sent, and applied here once more: the server takes it as a hint")
    return {
        "search": Can(answers),
        "search.no_digits": Can(),
        "search.area_code": hint,
        "search.prefix": hint,
        "search.ends_with": hint,
        "search.contains": hint,
        "search.city": here,
        "search.state": here,
        "search.postal_code": here,
        "search.rate_center": here,
        "search.lata": here,
        "search.features": Can(note="voice, SMS and MMS; sent, and applied here once more"),
        "search.local": Can(),
        "search.toll_free": Can(),
        "search.mobile": Can(),
        "search.max_price": here,
        "search.country": Can(note="always sent: that of the area code where none is asked for, else US"),
        "buy": Can(note="bound to a search: a fresh one where the offer's fingerprint was used"),
        "list": Can(note="numbers in number pools included"),
        "get": Can(note="through the list: there is no endpoint for one number"),
        "release": Cannot(f"LeadConnector's public API has no endpoint that releases a number; {_PHONE_SETTINGS}"),
        "route": Cannot(_ROUTING),
        "route.gateway": Cannot(_ROUTING),
        "route.forward": Cannot(_ROUTING),
        "route.texts.webhook": Cannot(_ROUTING),
        "route.texts.email": Cannot(_ROUTING),
        "route.texts.sip": Cannot(_ROUTING),
        "route.texts.none": Cannot(_ROUTING),
        "transfer": Cannot(
            "LeadConnector's public API has no endpoint that hands a number to another location; " + _PHONE_SETTINGS
        ),
        "bind_campaign": Cannot(_CAMPAIGN),
        "unbind_campaign": Cannot(_CAMPAIGN),
        "campaign_of": Cannot(_CAMPAIGN),
    }


@checked_methods
class LeadConnector(Generic[A]):
    """One location at LeadConnector. The two adapters give it a name, a version and their own options."""

    name: str = ""
    title: str = ""
    supports: Mapping[str, Support] = MappingProxyType({})
    rules: ClassVar[ResolutionPolicy] = RULES
    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(
            100,
            10.0,
            stated=Stated(
                limit="x-ratelimit-max",
                remaining="x-ratelimit-remaining",
                milliseconds="x-ratelimit-interval-milliseconds",
            ),
        ),
        Limit(
            200_000,
            86_400.0,
            stated=Stated(limit="x-ratelimit-limit-daily", remaining="x-ratelimit-daily-remaining"),
        ),
    )
    """For one app and one location (OAUTH, "Rate limits")."""

    _api_class: ClassVar[type[Api]]
    _spelling: ClassVar[Spelling]
    _purchase_options: ClassVar[type[PurchaseOptions]]
    _list_options: ClassVar[type[ListOptions]]

    def __init__(
        self,
        *,
        location_id: str | None = None,
        token: Token | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        token_source: TokenSource | None = None,
        user_type: UserType = "Location",
        account: str | None = None,
        base_url: str = f"https://{HOST}",
        allow_custom_base_url: bool = False,
    ) -> None:
        problems = Problems(self.name)
        account = self.name if account is None else problems.account(account)
        location_id = location_id.strip() if isinstance(location_id, str) else ""
        if not re.fullmatch("[A-Za-z0-9]{1,64}", location_id):
            problems.add("location_id", "must be the id of a location (sub-account), 1 to 64 letters and digits")
        base_url = problems.base_url(base_url, (HOST,), allow_custom_base_url)
        problems.one_of("user_type", user_type, ("Location", "Company"))
        problems.text("client_id", client_id)
        problems.text("client_secret", client_secret)
        oauth = {"client_id": client_id, "client_secret": client_secret, "token_source": token_source}
        if token is None and any(value is not None for value in oauth.values()):
            for setting, value in oauth.items():
                if value is None:
                    problems.add(setting, "is missing: client_id, client_secret and token_source go together")
            if token_source is not None and not (hasattr(token_source, "load") and hasattr(token_source, "save")):
                problems.add("token_source", "must be an object with load() and save(tokens), so it is given in code")
        else:
            problems.token("token", token, "set token, or client_id, client_secret and token_source")
            if any(value is not None for value in oauth.values()):
                problems.add("token", "and client_id, client_secret, token_source exclude each other")
        problems.done()
        credentials: Credentials
        if token is None:
            credentials = OAuthTokens(
                account, cast("str", client_id), Secret(cast("str", client_secret).strip()),
                cast("TokenSource", token_source), user_type, provider=self.name, spelling=self._spelling,
            )  # fmt: skip
        else:
            credentials = PrivateToken(token)
        self.accounts: tuple[Account, ...] = (
            Account(
                id=account,
                provider=self.name,
                base_url=base_url,
                credentials=credentials,
                limits=self.limits,
                owner=f"leadconnector {location_id}",
            ),
        )
        self.api: A = cast("A", self._api_class(account, location_id))
        self._used: dict[str, object] = {}

    @property
    def account(self) -> str:
        """The account's id."""
        return self.accounts[0].id

    @property
    def location_id(self) -> str:
        """Id of the location (sub-account) that every request is about."""
        return self.api.location_id

    @property
    def rate_limits(self) -> RateLimits | None:
        """What the last answer that stated limits said; ``None`` before any did."""
        return self.api.noted.last

    # -- searching

    def search(self, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[builtins.list[Offer]]:
        require_search(self, query)
        if Feature.FAX in query.features:
            raise refusal(self.name, "search.features", "LeadConnector's search neither takes nor states fax")
        country = query.country or country_of(query.leading[:3]) or "US"
        wanted = query.features
        offers = yield from self._found(
            country, query.line, first_part=query.leading, last_part=query.ends_with, anywhere=query.contains,
            sms=(Feature.SMS in wanted) or None, mms=(Feature.MMS in wanted) or None,
            voice=(Feature.VOICE in wanted) or None,
        )  # fmt: skip
        return filter_offers(query, offers)

    def _found(self, country: str, line: Line | None, **asked: Any) -> Exchange[builtins.list[Offer]]:
        types = (LINES[line],) if line else tuple(LINES.values())
        request, response = yield from self.api.available(country, types=types, **asked)
        offers = quick.offers(self.name, self.account, country, line, response.body)
        if offers is None:
            found = self.api.found(request, response)
            offers = [
                self._offer(row, found, place, country, line)
                for place, row in enumerate(found.answer.numbers)
                if row is not None
            ]
        return offers

    def _offer(
        self, row: schemas.AvailableNumber, found: Found, place: int, country: str, asked: Line | None
    ) -> Offer:  # fmt: skip
        price = row.price or schemas.Price()
        line = neutral.line_of_offer(price.number_type, row.phone_number, asked)
        amount = None if price.price is None else str(price.price)
        return Offer(
            provider=self.name, account=self.account, number=row.phone_number, city=row.locality, state=row.region,
            postal_code=row.postal_code, rate_center=row.rate_center, lata=row.lata, country=row.iso_country,
            latitude=neutral.degrees(row.latitude), longitude=neutral.degrees(row.longitude), features=row.capabilities,
            line=line, price=neutral.money(amount, price.price_unit),
            address_requirement=row.address_requirements,
            purchase=neutral.purchase(found.answer.fingerprint_id, row.iso_country or country, line),
            raw=found.document.at(*found.path, "numbers", place),
        )  # fmt: skip

    def price_of(self, number: PhoneNumber, *, options: Sequence[ProviderOptions] = ()) -> Exchange[Money | None]:
        """What a number costs per month, for orders that name it: the price of the offer that a search for it finds."""
        wishes = options_of(self._purchase_options, options) or self._purchase_options()
        return (yield from self._found_afresh(number, None, wishes)).price

    # -- buying

    def draft(
        self, target: Offer | PhoneNumber, *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Draft]:
        number = number_of(target)
        wishes = options_of(self._purchase_options, options) or self._purchase_options()
        offer = target if isinstance(target, Offer) else None
        for tries in range(FRESH_TRIES + 1):
            if offer is not None:
                mark = offer.purchase.get("fingerprintId")
                if mark is not None:
                    self._has_address(offer, wishes)
                    if self._take(mark):
                        return self._drafted(offer, mark, wishes)
            if tries:
                yield from sleep(0.1)  # fingerprints look like milliseconds: the next one is another
            offer = yield from self._found_afresh(number, offer, wishes)
        raise UnexpectedResponse(
            "the search gives no fingerprint of its own for this purchase", provider=self.name, operation="buy",
            maybe_applied=False,
        )  # fmt: skip

    def _drafted(self, offer: Offer, mark: str, wishes: PurchaseOptions) -> Draft:
        kind = LINES[wishes.number_type] if wishes.number_type else offer.purchase.get("numberType")
        body = {
            "phoneNumber": offer.number.e164,
            "countryCode": wishes.country_code or offer.purchase.get("countryCode"),
            "numberType": kind,
            "fingerprintId": mark,
            **wishes.fields(),
        }
        return Draft(
            provider=self.name, account=self.account, number=offer.number, key=mark, body=json_body(body),
            price=offer.price,
        )  # fmt: skip

    def _take(self, mark: str) -> bool:
        """Whether nobody has bought with this fingerprint through this object; now somebody does."""
        mine = object()
        return self._used.setdefault(mark, mine) is mine

    def _has_address(self, offer: Offer, wishes: PurchaseOptions) -> None:
        wanted = (offer.address_requirement or "none").casefold()
        if wanted != "none" and wishes.address_sid is None:
            kind = type(wishes).__name__
            raise InvalidInput(
                f"this number is sold only with an address (addressRequirements: {offer.address_requirement}): "
                f"give options=[{kind}(address_sid='AD...')]",
                provider=self.name, operation="buy",
            )  # fmt: skip

    def _found_afresh(self, number: PhoneNumber, known: Offer | None, wishes: PurchaseOptions) -> Exchange[Offer]:
        """The offer of a search made for *number* alone: narrow first, then wider, because filters are hints."""
        line = (
            wishes.number_type or (known.line if known else None) or (Line.TOLL_FREE if number.is_toll_free else None)
        )
        country = (
            wishes.country_code or (known.purchase.get("countryCode") if known else None) or number.country or "US"
        )
        digits = number.national
        for begins, ends, holds in (
            (digits[:-4], digits[-4:], None), (None, None, digits), (number.npa or digits[:3], None, None)
        ):  # fmt: skip
            offers = yield from self._found(country, line, first_part=begins, last_part=ends, anywhere=holds)
            for offer in offers:
                if offer.number == number:
                    return offer
        raise NumberUnavailable(
            "no search finds the number, so it cannot be bought here", provider=self.name, operation="buy",
            maybe_applied=False,
        )  # fmt: skip

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        record, path, request, response = yield from self.api.purchase(draft.body)
        label: str | None = None
        if isinstance(record, schemas.Bought):
            bought = same_number(record.number, draft.number)
        else:
            bought = any(same_number(text, draft.number) for text in record.numbers)
            label = record.number_name.get(draft.number.e164) or None
        if not bought:
            raise unexpected(request, response, "the number that was asked for is not in it", provider=self.name)
        return OwnedNumber(
            provider=self.name, account=self.account, number=draft.number, status=Status.ACTIVE, label=label,
            detail=record, raw=Document(response.body).at(*path),
        )  # fmt: skip

    def find_purchase(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        return (yield from self._listed(attempt.draft.number))

    # -- owning

    def list(self, *, options: Sequence[ProviderOptions] = ()) -> Listing[OwnedNumber]:
        how = options_of(self._list_options, options) or self._list_options()
        swift = partial(quick.page, self.name, self.account)
        pages = self.api.numbers(page_size=how.page_size, include_number_pools=how.include_number_pools, swift=swift)
        return mapped(pages, self._owned_of)

    def get(self, target: Target) -> Exchange[OwnedNumber]:
        owned = yield from self._listed(number_of(target))
        if owned is None:
            raise NotFound("not in this location", provider=self.name, operation="get")
        return owned

    def number_pools(self) -> Exchange[tuple[schemas.NumberPool, ...]]:
        """The location's number pools (LeadConnector only): ``client.run(client.provider.number_pools())``."""
        return self.api.number_pools()

    def _listed(self, number: PhoneNumber) -> Exchange[OwnedNumber | None]:
        """The number as the list has it now; ``None`` only where a whole list does not have it.

        A filtered list that says that there is more than it shows, such as none of one, or that shows other numbers,
        decides nothing: then the list is read without the filter.
        """
        wanted: Callable[[OwnedNumber], bool] = lambda owned: owned.number == number  # noqa: E731
        try:
            pages = self.api.numbers(search_filter=number.e164, whole=True, operation="get", about=number)
            return (yield from first(mapped(pages, self._owned_of), wanted))
        except NotAll:
            pages = self.api.numbers(whole=True, operation="get", about=number)
            return (yield from first(mapped(pages, self._owned_of), wanted))

    # -- from their records to ours

    def _owned_of(self, pages: Sequence[Page]) -> Sequence[OwnedNumber]:
        page, *others = pages
        if not others and not page.rows:
            return page.owned
        return [
            one
            for page in pages
            for one in (*page.owned, *(self._owned(row, raw, page.account_status) for row, raw in page.rows))
        ]

    def _owned(self, row: schemas.NumberRow, raw: Mapping[str, Any], word: str | None) -> OwnedNumber:
        return OwnedNumber(
            provider=self.name, account=self.account, number=row.phone_number, id=row.sid,
            status=neutral.status_of(word), provider_status=word, label=row.friendly_name, features=row.capabilities,
            line=neutral.line_of(row.type), routes=_routes(row),
            created=row.date_added or row.date_created, detail=row, raw=raw,
        )  # fmt: skip


def _routes(row: schemas.NumberRow) -> neutral.Routes:
    service = row.inbound_call_service or schemas.InboundCallService()
    return neutral.routes(
        row.forwarding_number, service.type, service.value, row.country_code,
        stated="forwarding_number" in row.model_fields_set,
    )  # fmt: skip
