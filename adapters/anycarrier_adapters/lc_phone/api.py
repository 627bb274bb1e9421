"""LC Phone v3, operation by operation: each function returns an exchange for ``client.run``.

Source: ``apps/v3/phone-system-v3.json`` of GoHighLevel/highlevel-api-docs (2026-06-19). What v3 shares with the legacy
API is in the private package beside this one.
"""

from __future__ import annotations

from collections.abc import Sequence

from anycarrier.adapter import Exchange, Rows, Target, collect, json_body, number_of, numbered, reads_rows
from anycarrier_adapters._leadconnector import api
from anycarrier_adapters._leadconnector.schemas import RcsPage, RcsRow, RcsSenderId
from anycarrier_adapters._leadconnector.schemas.details import (
    AccountDetails,
    BoughtDetails,
    InstalledLocations,
    NumberList,
)

__all__ = ["PROVIDER", "Api"]

PROVIDER = "lc_phone"


class Api(api.Api):
    """All requests of one location, with ``Version: v3``."""

    provider = PROVIDER
    headers = {"version": "v3"}  # noqa: RUF012
    camel = True

    senders = numbered(
        reads_rows(api.LOCATION, RcsRow, at=("data?", "numbers"), around=RcsPage),
        number="number",
        name=lambda row: row.number,
        start=0,
        size=("pageSize", api.PAGE_SIZE),
        stated_size=lambda page: page.page_size,
        total=lambda page: page.total,
    )

    def rcs_sender_ids(self) -> Exchange[list[RcsSenderId]]:
        """The location's RCS sender ids (``active-numbers`` with ``includeRcsSenderIds``): no phone numbers."""

        def convert(rows: Rows[RcsRow, RcsPage]) -> Sequence[RcsSenderId]:
            return [*(rows.around.rcs_sender_ids or ()), *rows]

        query = {"skipNumberPool": False, "includeRcsSenderIds": True}
        operation = f"{PROVIDER}.rcs_sender_ids"
        found = yield from collect(self.senders(convert, query=query, operation=operation))
        return list({sender.number: sender for sender in found}.values())

    def purchase(
        self,
        target: Target,
        *,
        country_code: str | None = None,
        number_type: api.NumberType | None = None,
        address_sid: str | None = None,
        bundle_sid: str | None = None,
        locality: str | None = None,
        region: str | None = None,
        fingerprint_id: str | None = None,
        skip_location_kyc: bool | None = None,
        payment_intent_id: str | None = None,
        stripe_account_id: str | None = None,
        payment_method_id: str | None = None,
    ) -> Exchange[BoughtDetails | AccountDetails]:
        """Buy a number (``purchase-number-for-location``), at once and without a journal: ``client.buy`` finds out what
        became of a purchase without an answer, and this does not. An absent argument is not sent.

        Args:
            target: the number.
            country_code: two letters.
            number_type: ``local``, ``tollFree`` or ``mobile``.
            address_sid: id of a Twilio address (``AD...``).
            bundle_sid: id of a Twilio regulatory bundle (``BU...``).
            locality: city in which the number is bought.
            region: state or region in which it is bought.
            fingerprint_id: that of the search which found the number.
            skip_location_kyc: whether the agency's own verification stands for the location's.
            payment_intent_id: Stripe's ``pi_...``.
            stripe_account_id: Stripe's ``acct_...``.
            payment_method_id: Stripe's ``pm_...``.
        """
        body = {
            "phoneNumber": number_of(target).e164,
            "countryCode": country_code,
            "numberType": number_type,
            "addressSid": address_sid,
            "bundleSid": bundle_sid,
            "locality": locality,
            "region": region,
            "fingerprintId": fingerprint_id,
            "skipLocationKYC": skip_location_kyc,
            "paymentIntentId": payment_intent_id,
            "stripeAccountId": stripe_account_id,
            "paymentMethodId": payment_method_id,
        }
        record, _ = yield from api.placed(self.buy, json_body(body))
        return record

    def number_page(
        self,
        *,
        page: int = 0,
        page_size: int = api.PAGE_SIZE,
        search_filter: str | None = None,
        skip_number_pool: bool = False,
        include_rcs_sender_ids: bool = False,
    ) -> Exchange[NumberList]:
        """One page of the location's numbers (``active-numbers``), with all that stands around them.

        Args:
            page: 0 for the first.
            page_size: 1 to 1000.
            search_filter: part of a number, such as ``+1201``.
            skip_number_pool: leave out numbers in number pools; the provider's own default is true.
            include_rcs_sender_ids: list RCS sender ids too.
        """
        return self._one_page(
            {
                "page": page,
                "pageSize": page_size,
                "searchFilter": search_filter,
                "skipNumberPool": skip_number_pool,
                "includeRcsSenderIds": include_rcs_sender_ids or None,
            }
        )

    def installed_locations(
        self,
        company_id: str,
        app_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        query: str | None = None,
        is_installed: bool | None = None,
        restrict_to_user_locations: bool | None = None,
        version_id: str | None = None,
        on_trial: bool | None = None,
        plan_id: str | None = None,
        location_id: str | None = None,
    ) -> Exchange[InstalledLocations]:
        """One page of a company's locations, by whether the app is installed there (``get-installed-location``); the
        account's own token must be the agency's, with the scope ``oauth.readonly``.

        Args:
            company_id: the company.
            app_id: the marketplace app.
            page_size: locations of a page; 20 by default.
            page_token: ``pagination.next_page_token`` of the page before.
            query: part of a location's name.
            is_installed: those with the app, or those without.
            restrict_to_user_locations: those of the user alone.
            version_id: version of the app.
            on_trial: those on trial, or the others.
            plan_id: plan of the app.
            location_id: one location.
        """
        return self._listed(
            {
                "companyId": company_id,
                "appId": app_id,
                "pageSize": page_size,
                "pageToken": page_token,
                "query": query,
                "isInstalled": is_installed,
                "restrictToUserLocations": restrict_to_user_locations,
                "versionId": version_id,
                "onTrial": on_trial,
                "planId": plan_id,
                "locationId": location_id,
            }
        )
