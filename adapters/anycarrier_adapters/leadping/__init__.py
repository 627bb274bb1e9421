"""Leadping: the neutral operations.

Rests on the page "Update business phone number settings" and the package ``leadping`` 1.0.5 of June 2026, on the
official OpenAPI document of August, and on the package's release 1.0.83 of October. The setting ``api_version`` names
the one that the server has; answers of all are read. Nothing here was tried on the live API. The provider's page in the
documentation lists the surprises.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from attrs import evolve

from anycarrier.adapter import (
    EMERGENCY_ADDRESSES,
    Answer,
    Attempt,
    Balance,
    Buying,
    Campaign,
    CampaignBinding,
    Cannot,
    Draft,
    Evidence,
    Exchange,
    Limit,
    Listing,
    Money,
    NumberUnavailable,
    Offer,
    OwnedNumber,
    PhoneNumber,
    ProviderOptions,
    Release,
    ResolutionPolicy,
    Search,
    Searching,
    Settings,
    Status,
    Support,
    Target,
    Token,
    Transfer,
    UnexpectedResponse,
    attributed_to,
    can,
    cannot,
    number_of,
    options_of,
    require,
    text,
)

from . import accounts, mapping, searching
from .api import Api, checked_id, is_id
from .api.numbers import Numbers
from .api.update import NOT_IN_UPDATE, changes
from .api.versions import DEFAULT, VERSIONS
from .errors import PROVIDER as NAME
from .options import (
    MAX_NAME,
    NO_OVERRIDE,
    AdminOverride,
    Available,
    LeadpingPurchase,
    LeadpingSearch,
    NoOverride,
    marked,
)
from .schemas import NumberRecord, NumberRow

__all__ = ["NO_OVERRIDE", "PROVIDER", "AdminOverride", "Available", "Leadping", "LeadpingPurchase", "LeadpingSearch"]

HOST = "api.leadping.ai"
_Record: TypeAlias = Answer[NumberRecord]

_HERE = "applied here, over what one request gives"
_NOT_STATED = "Leadping's search takes a number and a location only, and its answer does not state it"
_SUPPORTS: Mapping[str, Support] = {
    **can("search.no_digits", evidence=Evidence.INFERRED, note="both fields of a search may be absent"),
    **can(
        "search.area_code",
        evidence=Evidence.INFERRED,
        note="as the beginning of phoneNumber (+1201), and applied here",
    ),
    **can(
        "search.prefix",
        evidence=Evidence.INFERRED,
        note="as the beginning of phoneNumber (+1201555), and applied here",
    ),
    **can("search.ends_with", "search.contains", "search.spells", "search.excluding", "search.without", note=_HERE),
    **can(
        "search.city",
        evidence=Evidence.INFERRED,
        note="as location.location, and applied here to the city that is stated",
    ),
    **can("search.state", evidence=Evidence.INFERRED, note="as location.state, and applied here"),
    **cannot(_NOT_STATED, "search.rate_center", "search.lata"),
    **cannot(_NOT_STATED, "search.mobile", "search.national", "search.shared_cost"),
    **cannot(f"{_NOT_STATED}; the record of a number that was bought does", "search.features"),
    **cannot(f"{_NOT_STATED}; toll-free numbers alone show it in their area code", "search.local"),
    **can("search.toll_free", evidence=Evidence.INFERRED, note="from the area code, over what one request gives"),
    **can(
        "search.max_price",
        note=f"applied here: the price of each match is requested, of {searching.MAX_PRICED} at most in one search",
    ),
    **can(
        "search.sort_by",
        note=f"sorted here: the price of each match is requested, of {searching.MAX_PRICED} at most in one search",
    ),
    **can("search.country", evidence=Evidence.INFERRED, note="as location.countryCode, and applied here"),
    **can("buy", note="may be pending; wait() until it is active or has failed"),
    **can("get", note="by its id, which is found through the list and remembered"),
    **can("release", note="held by Leadping before it is gone: scheduled, with the date that its record shows"),
    **cannot(NOT_IN_UPDATE, "route", "bind_campaign", "unbind_campaign"),
    **cannot(
        "no request and no record of Leadping's API has an emergency address",
        *EMERGENCY_ADDRESSES,
    ),
    **cannot(
        "no request and no record of a number in Leadping's API has a caller name", "caller_name", "set_caller_name"
    ),
    **cannot("Leadping looks up the numbers of leads alone, and has no operation that looks up a number", "look_up"),
    **can("set_label", note="the name; that of a purchase ends in its key, which a new one takes away"),
    **can("set_enabled", note="not in API version 2026-10"),
    **can("transfer", evidence=Evidence.INFERRED, note="as the owner's id in an update; not in API version 2026-10"),
    **accounts.SUPPORTS,
    **can("campaign_of", note="the statuses are free text; since 2026-08 the campaign is Leadping's application id"),
}
_LEAVING = frozenset({Status.RELEASING, Status.RELEASED})


class Leadping(Searching, Buying):
    """Leadping.

    Args:
        api_key: a business or organization API key (``lp_...``, ``sk_...``) or a user's access token, or a function
            that returns it. A source key (``lp_src_...``) cannot manage numbers.
        api_version: version of the API that the server has: ``2026-06``, ``2026-08`` or ``2026-10``.
        account: alias for logs and journals.
        base_url: for a simulator or proxy.
        allow_custom_base_url: allow a host that is neither Leadping's nor the loopback.

    Raises:
        ConfigurationError: lists everything that is wrong.
    """

    name = NAME
    title = "Leadping"
    supports = _SUPPORTS
    api_class = Api
    option_classes = {"search": LeadpingSearch, "buy": LeadpingPurchase}  # noqa: RUF012
    limits: ClassVar[tuple[Limit, ...]] = (Limit(300, 60.0),)  # for one organization
    rules: ClassVar[ResolutionPolicy] = ResolutionPolicy(
        replay=False,
        settle=300.0,
        looks=3,
        key_form="[A-Za-z0-9_-]{1,128}",
        refusals=frozenset({400, 401, 403}),
    )

    trusted = frozenset({"city"})
    """The search takes a city, and the answer need not state it."""

    def __init__(
        self,
        *,
        api_key: Token | None = None,
        api_version: str = DEFAULT,
        account: str = NAME,
        base_url: str = f"https://{HOST}",
        allow_custom_base_url: bool = False,
    ) -> None:
        settings = Settings(NAME, account, base_url, (HOST,), allow_custom_base_url)
        credentials = settings.bearer("api_key", api_key, "get one from Leadping")
        if isinstance(api_key, str) and api_key.strip().startswith("lp_src_"):
            settings.add("api_key", "is a source key, which only takes leads in: use a business or organization key")
        settings.one_of("api_version", api_version, VERSIONS)
        self.open(settings, credentials)
        self.api_version = VERSIONS[api_version]
        self.api = Api(self.account, self.api_version)
        self._numbers = Numbers(self.api)
        if self.api_version.owner is None:
            reason = f"a request of version {api_version} has no field for the owner; Leadping's staff moves a number"
            self.supports = {**self.supports, "transfer": Cannot(reason)}
        if "enabled" not in self.api_version.update:
            reason = f"an update of version {api_version} has no field for it, and the server would drop it silently"
            self.supports = {**self.supports, "set_enabled": Cannot(reason)}

    # -- searching

    def offers(self, query: Search, options: Sequence[ProviderOptions]) -> Exchange[Sequence[Offer]]:
        return searching.offers(self.api, query, options_of(LeadpingSearch, options) or LeadpingSearch(), self.trusted)

    def availability(self, target: Target) -> Exchange[Available]:
        """Return whether one number can be bought now, and its price (Leadping only): ``client.run(...)``.

        Source: ``PhoneNumbers_IsAvailableForPurchase``.
        """
        return (yield from searching.available(self.api, number_of(target)))

    def price_of(self, number: PhoneNumber, *, options: Sequence[ProviderOptions] = ()) -> Exchange[Money | None]:
        """Price of one number per month, for orders with a price cap: a search states none.

        It includes the number health add-on if the *options* do.
        """
        wishes = options_of(LeadpingPurchase, options) or LeadpingPurchase()
        return wishes.costs((yield from self.availability(number)).price)

    # -- buying

    def order_body(self, number: PhoneNumber, key: str, options: Sequence[ProviderOptions]) -> Mapping[str, Any]:
        # The list shows the name, and the key in it, afterwards.
        wishes = options_of(LeadpingPurchase, options) or LeadpingPurchase()
        values = {
            "name": marked(wishes.name, key),
            "number": number.e164,
            "enabled": True,
            "numberHealthEnabled": wishes.number_health,
        }
        return {name: values[name] for name in self.api_version.purchase}

    def draft(
        self, target: Offer | PhoneNumber, *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Draft]:
        """Prepare the purchase. For a bare number, its availability and price are requested first."""
        draft = yield from super().draft(target, key=key, options=options)
        price = draft.price
        if not isinstance(target, Offer):
            answer = yield from self.availability(draft.number)
            if not answer.available:
                raise NumberUnavailable("the number cannot be bought", provider=NAME, operation="buy")
            price = answer.price
        return evolve(draft, price=(options_of(LeadpingPurchase, options) or LeadpingPurchase()).costs(price))

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        answer = yield from self.api.create.answer(body=draft.body)
        record = answer.value
        answer.about(draft.number, record.number)
        if mapping.status_of(record)[0] in _LEAVING:
            raise answer.wrong("the number just bought is being released")
        if record.id is not None and is_id(record.id):
            self._numbers.ids.remember(draft.number, record.id)
        return mapping.owned(self.account, record, answer.raw())

    def find_purchase(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        """A row whose name holds the key is ours. So is any other row of the number, unless it was released."""
        rows = yield from self._numbers.rows(attempt.draft.number)
        marked = [row for row in rows if attempt.draft.key in (row.label or "")]
        living = [row for row in rows if row.status is not Status.RELEASED]
        if not marked and not living:
            return None
        found = (marked or living)[0]
        if not marked and found.status is Status.RELEASING:
            raise UnexpectedResponse(
                "the number is on the account without the mark of this purchase, and is being released",
                provider=NAME,
                operation="buy",
            )
        return found

    # -- owning

    def numbers(
        self, number: PhoneNumber | None = None, options: Sequence[ProviderOptions] = ()
    ) -> Listing[OwnedNumber]:
        return self._numbers.listing(number)

    def get(self, target: Target) -> Exchange[OwnedNumber]:
        answer = yield from self._numbers.use("get", target, self._numbers.read)
        return mapping.owned(self.account, answer.value, answer.raw())

    def release(self, target: Target) -> Exchange[Release]:
        """Leadping answers that it accepted; the number's record, read afterwards, shows the outcome.

        A record that is gone is ``released``; one that shows no date, or cannot be read, is ``scheduled`` without one.
        """
        return (yield from self._numbers.use("release", target, self._numbers.release))

    def transfer(
        self, target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Transfer]:
        """*to_account* is the id of another business, since August 2026 of an organization. Confirmed only by an answer
        that shows it as the owner."""
        require(self, "transfer")
        number = number_of(target)
        checked_id("to_account", to_account)

        def move(number: PhoneNumber, id: str) -> Exchange[_Record]:
            return self._numbers.put(number, id, {str(self.api_version.owner): to_account}, "transfer")

        answer = yield from self._numbers.use("transfer", target, move)
        self._numbers.ids.forget(number)
        return Transfer(**self.mine, number=number, to_account=to_account, raw=answer.raw())

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

        The number is read, the change made, and everything that a request can set is sent back, because an absent
        member may be reset; then the answer must show the change. A member that requests of the API version do not have
        is ``Unsupported`` before anything is sent, and so is one that no request has: routing, teams, campaigns,
        warm-up.

        Args:
            target: the number.
            name: display name, 1 to 255 characters.
            enabled: whether it is in use.
            business: id of the owner: a business, since August 2026 an organization. See :meth:`transfer`.
            admin_enablement_override: an :class:`AdminOverride`, or :data:`NO_OVERRIDE` to remove one.
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
            return self._numbers.put(number, id, change, "leadping.update")

        answer = yield from self._numbers.use("leadping.update", target, put)
        return mapping.owned(self.account, answer.value, answer.raw())

    # -- account

    def balance(self) -> Exchange[Balance]:
        """The prepaid wallet of the business or organization."""
        return accounts.balance(self.account, (yield from attributed_to("balance", self.api.wallet())))

    def campaigns(self) -> Exchange[builtins.list[Campaign]]:
        """In June the campaigns that numbers of the list are bound to; since August 2026 the 10DLC application of the
        organization, whose numbers no answer states."""
        return attributed_to("campaigns", accounts.campaigns(self.api, self.numbers()))

    def find_campaign(self, campaign_id: str) -> Exchange[Campaign]:
        """One of :meth:`campaigns`: Leadping has no request for a campaign."""
        return attributed_to("campaign", accounts.campaign(self.api, self.numbers(), campaign_id))

    def set_label(self, target: Target, label: str) -> Exchange[OwnedNumber]:
        """The number's name: :meth:`update` of it alone."""
        label = text("label", label, "Main line", MAX_NAME).strip()
        return (yield from attributed_to("set_label", self.update(target, name=label)))

    def set_enabled(self, target: Target, enabled: bool) -> Exchange[OwnedNumber]:
        """:meth:`update` of ``enabled`` alone."""
        require(self, "set_enabled")
        return (yield from attributed_to("set_enabled", self.update(target, enabled=enabled)))

    def is_enabled(self, owned: OwnedNumber) -> bool | None:
        """``enabled`` of the record or of the list's row."""
        return owned.detail.enabled if isinstance(owned.detail, NumberRecord | NumberRow) else None

    # -- 10DLC

    def campaign_of(self, target: Target) -> Exchange[CampaignBinding]:
        """Read from the record's ``tenDlc``; since August 2026 from ``routing.tenDlcApplicationId`` and, as the record
        has no status any more, from the list."""
        answer = yield from self._numbers.use("campaign_of", target, self._numbers.read)
        record = answer.value
        rows: builtins.list[OwnedNumber] = []
        if record.ten_dlc is None and mapping.campaign_id(record) is not None:
            rows = yield from self._numbers.searched(number_of(target))
        words = [row.detail.ten_dlc_campaign_status for row in rows if row.id == record.id]
        return mapping.binding(self.account, record, words, answer.raw())


PROVIDER = Leadping
