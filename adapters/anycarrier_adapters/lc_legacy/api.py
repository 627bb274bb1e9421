"""The legacy LC API, operation by operation: each function returns an exchange for ``client.run``.

Source: ``apps/phone-system.json`` of GoHighLevel/highlevel-api-docs (2026-05-01). What it shares with v3 is in the
private package beside this one.
"""

from __future__ import annotations

from anycarrier.adapter import Exchange, Target, json_body, number_of
from anycarrier_adapters._leadconnector import api
from anycarrier_adapters._leadconnector.schemas.details import (
    AccountDetails,
    BoughtDetails,
    InstalledLocations,
    NumberList,
)

__all__ = ["PROVIDER", "Api"]

PROVIDER = "lc_legacy"


class Api(api.Api):
    """All requests of one location, with ``Version: 2021-07-28``."""

    provider = PROVIDER
    headers = {"version": "2021-07-28"}  # noqa: RUF012

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
    ) -> Exchange[BoughtDetails | AccountDetails]:
        """Buy a number (``purchase-phone-number``), at once and without a journal: ``client.buy`` finds out what became
        of a purchase without an answer, and this does not. An absent argument is not sent.

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
    ) -> Exchange[NumberList]:
        """One page of the location's numbers (``active-numbers``), with all that stands around them.

        Args:
            page: 0 for the first.
            page_size: 1 to 1000.
            search_filter: part of a number, such as ``+1201``.
            skip_number_pool: leave out numbers in number pools; the provider's own default is true.
        """
        query = {
            "page": page,
            "pageSize": page_size,
            "searchFilter": search_filter,
            "skipNumberPool": skip_number_pool,
        }
        return self._one_page(query)

    def installed_locations(
        self,
        company_id: str,
        app_id: str,
        *,
        skip: int | None = None,
        limit: int | None = None,
        query: str | None = None,
        is_installed: bool | None = None,
        version_id: str | None = None,
        on_trial: bool | None = None,
        plan_id: str | None = None,
        location_id: str | None = None,
    ) -> Exchange[InstalledLocations]:
        """Some of a company's locations, by whether the app is installed there (``get-installed-location``); the
        account's own token must be the agency's, with the scope ``oauth.readonly``.

        Args:
            company_id: the company.
            app_id: the marketplace app.
            skip: locations to leave out at the beginning.
            limit: locations at most; 20 by default.
            query: part of a location's name.
            is_installed: those with the app, or those without.
            version_id: version of the app.
            on_trial: those on trial, or the others.
            plan_id: plan of the app.
            location_id: one location.
        """
        return self._listed(
            {
                "companyId": company_id,
                "appId": app_id,
                "skip": skip,
                "limit": limit,
                "query": query,
                "isInstalled": is_installed,
                "versionId": version_id,
                "onTrial": on_trial,
                "planId": plan_id,
                "locationId": location_id,
            }
        )
