"""The neutral operations over the four endpoints, the same for both versions."""

from __future__ import annotations

import builtins
import os
import re
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar, cast

from anycarrier.adapter import (
    EMERGENCY_ADDRESSES,
    PORTS,
    Attempt,
    Draft,
    Evidence,
    Exchange,
    Feature,
    InvalidInput,
    Limit,
    Line,
    Listing,
    Money,
    NotAll,
    NumberUnavailable,
    Offer,
    OwnedNumber,
    Owning,
    PhoneNumber,
    Pool,
    ProviderOptions,
    ResolutionPolicy,
    Rows,
    Search,
    Searching,
    SecretStore,
    Settings,
    Stated,
    Status,
    Support,
    Token,
    UnexpectedResponse,
    attributed_to,
    can,
    cannot,
    country_of,
    first,
    json_body,
    number_of,
    options_of,
    refusal,
    same_number,
    sleep,
)

from . import mapping
from .accounts import HOST, Agency, agency_account, credentials_of
from .api import Api, placed, query_of, search_query
from .auth import Spelling, TokenSource, UserType
from .errors import REFUSALS
from .limits import RateLimits
from .options import LINES, ListOptions, PurchaseOptions
from .schemas import Bought, NumberPage, NumberPool, NumberRow

__all__ = ["HOST", "RULES", "LeadConnector", "declared"]

A = TypeVar("A", bound=Api)

RULES = ResolutionPolicy(
    replay=False, settle=180.0, looks=3, same_number_once=True, fresh_search=True, refusals=REFUSALS
)
"""The effect of a repeated fingerprint is documented nowhere, so a purchase is never repeated: it is looked for."""

FRESH_TRIES = 3
"""Searches for a fingerprint that no purchase has used."""

_PHONE_SETTINGS = "a person does it in the phone settings of the LeadConnector web app"
_BY_HAND = "do it in the phone settings of the LeadConnector web app"
_ROUTING = (
    "LeadConnector's public API has no endpoint that changes where a number's calls or texts go; "
    f"{_PHONE_SETTINGS}, and a number is assigned to a user with the Users API (PUT /users/{{userId}}, lcPhone)"
)
_CAMPAIGN = f"LeadConnector's public API has no endpoint for 10DLC campaigns; {_PHONE_SETTINGS} (Trust Center)"
_CALLER_NAME = "LeadConnector's public API has no endpoint for caller names, and its numbers state none"
_CHANGE = "LeadConnector's public API has no endpoint that changes a number, such as"
_EMERGENCY = "LeadConnector's public API has no endpoint for emergency addresses, and its numbers state none"
_BALANCE = (
    "LeadConnector's API for phone numbers has no endpoint for a balance; its API for wallets has one (v3, GET "
    "/wallet/balance, scope wallet.readonly), which this adapter does not send"
)
_COVERAGE = "LeadConnector's public API has no endpoint that counts numbers: a search finds some 30 of them"
_RESERVE = (
    "LeadConnector's public API has no endpoint that holds a number: a fingerprint of a search marks a purchase only"
)
_TOLL_FREE = "LeadConnector's public API has no endpoint for toll-free verification, nor any for messaging compliance"
_HOSTED = "LeadConnector's public API has no endpoint that hosts a number; its list states numbers of origin hosted"
_WEBHOOKS = "LeadConnector's documents on phone numbers have no endpoint for webhooks and name no event about a number"
_PORTS = "LeadConnector's public API has no endpoint for ports; its list states that a number was ported"
_PORT_BY_HAND = "port numbers in the phone settings of the LeadConnector web app, which asks for a bill and a signature"
_SERVICES = {"ivr": "an IVR", "voice_ai": "a voice AI agent"}
_RELEASE = f"LeadConnector's public API has no endpoint that releases a number; {_PHONE_SETTINGS}"
_TRANSFER = f"LeadConnector's public API has no endpoint that hands a number to another location; {_PHONE_SETTINGS}"


def declared(answers: Evidence) -> dict[str, Support]:
    """Every feature; *answers* is on what the reading of a search's answer rests."""
    hint = "sent, and applied here once more: the server takes it as a hint"
    here = "applied here, over the 30 or so numbers of one answer"
    return {
        **can("search", evidence=answers),
        **can("search.no_digits", "search.local", "search.toll_free", "search.mobile"),
        **cannot(
            "LeadConnector's search takes local, toll-free and mobile numbers only",
            "search.national",
            "search.shared_cost",
        ),
        **can("search.area_code", "search.prefix", "search.ends_with", "search.contains", "search.spells", note=hint),
        **can("search.excluding", "search.without", note=here),
        **can(*HERE, evidence=answers, note=here),
        **can("search.features", note="voice, SMS and MMS; sent, and applied here once more"),
        **can("search.country", note="always sent: the country of the area code unless one is named, else US"),
        **can("buy", note="bound to a search: a fresh one where the offer's fingerprint was used"),
        **can("list", note="numbers in number pools included"),
        **can("get", note="through the list: there is no endpoint for one number"),
        **cannot(_RELEASE, "release", by_hand=_BY_HAND),
        **cannot(_ROUTING, "route", by_hand=_BY_HAND),
        **cannot(_TRANSFER, "transfer", by_hand=_BY_HAND),
        **cannot(_EMERGENCY, *EMERGENCY_ADDRESSES),
        **cannot(_CALLER_NAME, "caller_name", "set_caller_name"),
        **cannot("LeadConnector's public API has no endpoint that looks a number up", "look_up"),
        **cannot(f"{_CHANGE} its name, which friendlyName states", "set_label"),
        **cannot(f"{_CHANGE} whether it works", "set_enabled"),
        **cannot(_CAMPAIGN, "bind_campaign", "unbind_campaign", by_hand=f"{_BY_HAND} (Trust Center)"),
        **cannot(_CAMPAIGN, "campaign_of", "campaigns", "campaign"),
        **cannot(_BALANCE, "balance"),
        **can("pools", evidence=answers),
        **cannot(_COVERAGE, "coverage"),
        **cannot(_PORTS, *PORTS, by_hand=_PORT_BY_HAND),
        **cannot(_RESERVE, "reserve"),
        **cannot(_TOLL_FREE, "verify_toll_free"),
        **cannot(_HOSTED, "host_sms"),
        **cannot(_WEBHOOKS, "number_webhooks"),
    }


HERE = ("search.city", "search.state", "search.rate_center", "search.postal_code", "search.lata", "search.max_price")


class LeadConnector(Searching, Owning, Generic[A]):
    """One location at LeadConnector. The two adapters give it a name, a version and their own options."""

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

    _api: ClassVar[type[Api]]
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
        secret_store: SecretStore | str | os.PathLike[str] | None = None,
        user_type: UserType = "Location",
        agency: Agency[Any, Any] | None = None,
        account: str | None = None,
        base_url: str = f"https://{HOST}",
        allow_custom_base_url: bool = False,
    ) -> None:
        settings = Settings(
            self.name, self.name if account is None else account, base_url, (HOST,), allow_custom_base_url
        )
        location_id = location_id.strip() if isinstance(location_id, str) else ""
        if not re.fullmatch("[A-Za-z0-9]{1,64}", location_id):
            settings.add("location_id", "must be the id of a location (sub-account), 1 to 64 letters and digits")
        settings.one_of("user_type", user_type, ("Location", "Company"))
        credentials = credentials_of(
            settings, location_id, token, client_id, client_secret, token_source, secret_store,
            user_type=user_type, agency=agency, spelling=self._spelling,
        )  # fmt: skip
        owner = f"leadconnector {location_id}"
        self.open(settings, credentials, owner=owner)
        if agency is not None:
            self.accounts += (agency.account_of(agency_account(self.account), owner=owner, origin_of=self.account),)
        self.api: A = cast("A", self._api(self.account, location_id))
        self._used: dict[str, object] = {}

    @property
    def location_id(self) -> str:
        """Id of the location (sub-account) that every request is about."""
        return self.api.location_id

    @property
    def rate_limits(self) -> RateLimits | None:
        """Limits in the last answer that stated any; ``None`` before the first."""
        return self.api.noted.last

    # -- searching

    def offers(self, query: Search, options: Sequence[ProviderOptions]) -> Exchange[Sequence[Offer]]:
        wanted = query.features
        if Feature.FAX in wanted:
            raise refusal(self.name, "search.features", "LeadConnector's search neither takes nor states fax")
        return self._found(
            query.country or country_of(query.leading[:3]) or "US",
            query.line,
            first_part=query.leading,
            last_part=query.ends_with,
            anywhere=query.anywhere or None,
            sms=(Feature.SMS in wanted) or None,
            mms=(Feature.MMS in wanted) or None,
            voice=(Feature.VOICE in wanted) or None,
        )

    def _found(self, country: str, line: Line | None, **asked: Any) -> Exchange[Sequence[Offer]]:
        types = (LINES[line],) if line else tuple(LINES.values())
        rows = yield from self.api.search(query=search_query(country, types=types, **asked))
        return mapping.offers(self.mine, country, line, rows)

    def price_of(self, number: PhoneNumber, *, options: Sequence[ProviderOptions] = ()) -> Exchange[Money | None]:
        """Return the monthly price of *number*, for orders that name it: that of the offer that a search finds."""
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
            "the search gives no fingerprint of its own for this purchase",
            provider=self.name,
            operation="buy",
            maybe_applied=False,
        )

    def _drafted(self, offer: Offer, mark: str, wishes: PurchaseOptions) -> Draft:
        kind = LINES[wishes.number_type] if wishes.number_type else offer.purchase.get("numberType")
        body = {
            "phoneNumber": offer.number.e164,
            "countryCode": wishes.country_code or offer.purchase.get("countryCode"),
            "numberType": kind,
            "fingerprintId": mark,
            **wishes.fields(),
        }
        return Draft(**self.mine, number=offer.number, key=mark, body=json_body(body),
            price=offer.price,
        )  # fmt: skip

    def _take(self, mark: str) -> bool:
        """Claim a fingerprint; return whether it is the first purchase with it through this object."""
        mine = object()
        return self._used.setdefault(mark, mine) is mine

    def _has_address(self, offer: Offer, wishes: PurchaseOptions) -> None:
        wanted = (offer.address_requirement or "none").casefold()
        if wanted != "none" and wishes.address_sid is None:
            kind = type(wishes).__name__
            raise InvalidInput(
                f"this number is sold only with an address (addressRequirements: {offer.address_requirement}): "
                f"give options=[{kind}(address_sid='AD...')]",
                provider=self.name,
                operation="buy",
            )

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
            (digits[:-4], digits[-4:], None),
            (None, None, digits),
            (number.npa or digits[:3], None, None),
        ):
            offers = yield from self._found(country, line, first_part=begins, last_part=ends, anywhere=holds)
            for offer in offers:
                if offer.number == number:
                    return offer
        raise NumberUnavailable(
            "no search finds the number, so it cannot be bought here",
            provider=self.name,
            operation="buy",
            maybe_applied=False,
        )

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        """Send the purchase, once. The answer is v3's record of one number or the legacy record of the account."""
        record, answer = yield from placed(self.api.buy, draft.body)
        number, label = draft.number, None
        if isinstance(record, Bought):
            bought = same_number(number, record.number)
        else:
            bought = any(same_number(number, name) for name in record.numbers)
            label = (record.number_name or {}).get(number.e164) or None
        if not bought:
            raise answer.wrong("the number that was ordered is not in it")
        return OwnedNumber(
            **self.mine, number=number, status=Status.ACTIVE, label=label, detail=record, raw=answer.raw()
        )

    def find_purchase(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        return self.find(attempt.draft.number)

    # -- owning

    def numbers(
        self, number: PhoneNumber | None = None, options: Sequence[ProviderOptions] = ()
    ) -> Listing[OwnedNumber]:
        how = options_of(self._list_options, options) or self._list_options()
        query = query_of(None, how.include_number_pools)
        return self.api.pages(self._owned, query=query, size=how.page_size, about=number)

    def listed(self, number: PhoneNumber) -> Exchange[OwnedNumber | None]:
        """A filtered list that says that there is more than it shows, such as none of one, or that shows other numbers,
        decides nothing: then the list is read without the filter."""
        try:
            return (yield from self._first(number, number.e164))
        except NotAll:
            return (yield from self._first(number, None))

    def _first(self, number: PhoneNumber, search_filter: str | None) -> Exchange[OwnedNumber | None]:
        bare = False

        def convert(rows: Rows[NumberRow, NumberPage]) -> Sequence[OwnedNumber]:
            nonlocal bare
            bare = bare or rows.around.bare
            return self._owned(rows)

        narrowed = search_filter is not None
        pages = self.api.pages(
            convert, query=query_of(search_filter, True), about=number, narrowed=narrowed, operation="get"
        )
        found: OwnedNumber | None = yield from first(pages, lambda owned: True)
        if found is None and bare:
            why = "the list cannot be read to its end: a bare list is not a documented answer"
            raise UnexpectedResponse(why, provider=self.name, operation="get")
        return found

    def service_of(self, owned: OwnedNumber) -> str | None:
        service = getattr(owned.detail, "inbound_call_service", None)
        word = None if service is None else (service.type or "").strip().casefold()
        return None if not word or word == "forward" else _SERVICES.get(word, word)

    def _owned(self, rows: Rows[NumberRow, NumberPage]) -> Sequence[OwnedNumber]:
        return mapping.owned(self.mine, rows)

    def number_pools(self) -> Exchange[tuple[NumberPool, ...]]:
        """The location's number pools (LeadConnector only): ``client.run(client.provider.number_pools())``."""
        return self.api.number_pools()

    # -- account

    def pools(self) -> Exchange[builtins.list[Pool]]:
        found = yield from attributed_to("pools", self.api.pool_list())
        return [mapping.pool(self.mine, record) for record in found.data]
