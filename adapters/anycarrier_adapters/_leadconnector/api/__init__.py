"""LeadConnector's four endpoints: each function returns an exchange for ``client.run``.

Source of every method, path and parameter: SPEC-L and SPEC-3, which agree on them. There are no other public endpoints
for phone numbers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Literal, TypeAlias

from attrs import evolve

from anycarrier.adapter import (
    Answer,
    Bound,
    Exchange,
    Listing,
    Query,
    Response,
    Success,
    buys,
    load_json,
    numbered,
    reads,
    reads_rows,
    says_failed,
    settled,
)
from anycarrier_adapters._leadconnector.errors import ERRORS
from anycarrier_adapters._leadconnector.limits import POLICY, Noted
from anycarrier_adapters._leadconnector.options import PAGE_SIZE
from anycarrier_adapters._leadconnector.schemas import AvailableNumber, Inventory, NumberPage, NumberPool, NumberRow
from anycarrier_adapters._leadconnector.schemas.details import (
    AccountDetails,
    AvailableDetails,
    BoughtDetails,
    Found,
    NumberDetails,
    NumberList,
    NumberListPage,
    PoolList,
)

from .oauth import OAuthApi

__all__ = ["LOCATION", "PAGE_SIZE", "Api", "NumberType", "placed", "query_of", "search_query"]

NumberType: TypeAlias = Literal["local", "tollFree", "mobile"]
LOCATION = "/phone-system/numbers/location/{locationId}"


def _enveloped(response: Response) -> Response:
    """*response*, of which a bare list becomes an object: some versions of the live API were seen to send one."""
    body = response.body.strip()
    return evolve(response, body=b'{"bare":true,"numbers":' + body + b"}") if body[:1] == b"[" else response


def _pools(response: Response) -> Response:
    """*response* as ``{"pools": [...]}``. The list of pools is ``data``, ``data.numberPools``, ``data.pools``, the same
    at the top, or the body itself."""
    try:
        body = load_json(response.body)
    except ValueError:
        return response
    if says_failed(body, response.status):
        return response
    inner = body.get("data", body) if isinstance(body, dict) else body
    candidates: list[Any] = [inner, body]
    for each in (inner, body):
        if isinstance(each, dict):
            candidates += [each.get("numberPools"), each.get("pools")]
    found = next((each for each in candidates if isinstance(each, list)), None)
    return response if found is None else evolve(response, body=json.dumps({"pools": found}).encode())


def _listed_pools(response: Response) -> Response:
    """*response* with the list of pools as ``data``, wherever it stands."""
    found = _pools(response)
    if found is response:
        return response
    body, pools = load_json(response.body), load_json(found.body)["pools"]
    around = body if isinstance(body, dict) else {}
    kept = {name: around[name] for name in ("success", "total") if name in around}
    return evolve(response, body=json.dumps({**kept, "data": pools}).encode())


def search_query(
    country: str,
    *,
    types: Sequence[str],
    first_part: str | None = None,
    last_part: str | None = None,
    anywhere: str | None = None,
    sms: bool | None = None,
    mms: bool | None = None,
    voice: bool | None = None,
) -> Query:
    """Query of a search."""
    return {
        "countryCode": country,
        "numberTypes": types,
        "firstPart": first_part,
        "lastPart": last_part,
        "anywhere": anywhere,
        "smsEnabled": sms,
        "mmsEnabled": mms,
        "voiceEnabled": voice,
    }


def placed(
    buy: Bound[dict[str, Any]], body: bytes
) -> Exchange[tuple[BoughtDetails | AccountDetails, Answer[dict[str, Any]]]]:
    """Buy, exactly these bytes; sent once. The answer is v3's slim record or the legacy account record, whichever it
    looks like."""
    answer = yield from buy.answer(body=body)
    kind: type[BoughtDetails | AccountDetails] = BoughtDetails if "number" in answer.value else AccountDetails
    return answer.read(kind, answer.value), answer


def query_of(search_filter: str | None, include_number_pools: bool) -> Query:
    """Query of a list."""
    return {"searchFilter": search_filter, "skipNumberPool": not include_number_pools}


class Api(OAuthApi):
    """Requests of one location.

    Attributes:
        noted: rate limits as the last answer stated them.
    """

    errors = ERRORS
    policy = POLICY

    search = reads_rows(f"{LOCATION}/available", AvailableNumber, at=("data?", "numbers"), around=Inventory, some=True)
    buy = buys(f"{LOCATION}/purchase", dict, accept=(201, 200), at=("data?",))
    pages = numbered(
        reads_rows(
            LOCATION, NumberRow, at=("data?", "numbers"), around=NumberPage, operation="list", prepare=_enveloped
        ),
        number="phone_number",
        name=attrgetter("sid", "phone_number"),
        start=0,
        size=("pageSize", PAGE_SIZE),
        stated_size=lambda page: page.page_size,
        total=lambda page: page.total,
    )

    def __init__(self, account: str, location_id: str) -> None:
        super().__init__(account, path_values={"locationId": location_id})
        self.location_id = location_id
        self.noted = Noted()

    def note(self, response: Response) -> None:
        self.noted.note(response)

    _available = reads_rows(f"{LOCATION}/available", AvailableDetails, at=("data?", "numbers"), around=Inventory)
    _page = reads_rows(
        LOCATION, NumberDetails, at=("data?", "numbers"), around=NumberListPage, prepare=_enveloped, operation="list"
    )
    _all_pages = numbered(
        reads_rows(
            LOCATION, NumberDetails, at=("data?", "numbers"), around=NumberPage, operation="list", prepare=_enveloped
        ),
        number="phone_number",
        name=lambda row: (row.sid, row.phone_number),
        start=0,
        size=("pageSize", PAGE_SIZE),
        stated_size=lambda page: page.page_size,
        total=lambda page: page.total,
    )
    _pools_of_location = reads("/phone-system/number-pools", PoolList, prepare=_listed_pools, envelope=Success)

    # -- the four operations, typed

    def available(
        self,
        country: str,
        *,
        types: Sequence[NumberType],
        first_part: str | None = None,
        last_part: str | None = None,
        anywhere: str | None = None,
        sms: bool | None = None,
        mms: bool | None = None,
        voice: bool | None = None,
    ) -> Exchange[Found]:
        """Numbers to buy (``available-numbers``, ``listAvailableNumbersForACountry``), some 30 of them.

        Args:
            country: two letters.
            types: ``local``, ``tollFree`` and ``mobile``: without any the live API has answered with no numbers (issue
                278 of GoHighLevel/highlevel-api-docs).
            first_part: the first digits, without the country code.
            last_part: the last digits.
            anywhere: digits anywhere.
            sms: whether it must take texts.
            mms: whether it must take pictures.
            voice: whether it must take calls.
        """
        query = search_query(
            country,
            types=types,
            first_part=first_part,
            last_part=last_part,
            anywhere=anywhere,
            sms=sms,
            mms=mms,
            voice=voice,
        )
        rows = yield from self._available(query=query, operation=f"{self.provider}.available")
        return Found(fingerprint_id=settled(rows.around).fingerprint_id, numbers=rows.details())

    def numbers(
        self, *, page_size: int = PAGE_SIZE, search_filter: str | None = None, include_number_pools: bool = True
    ) -> Listing[NumberDetails]:
        """Numbers of the location (``active-numbers``), page by page.

        Args:
            page_size: 1 to 1000; always sent, because the documents name two different defaults.
            search_filter: part of a number, such as ``+1201``.
            include_number_pools: whether numbers in a pool are listed too; the provider's own default hides them.
        """
        query = query_of(search_filter, include_number_pools)
        return self._all_pages(lambda rows: rows.details(), query=query, size=page_size)

    def _one_page(self, query: Query) -> Exchange[NumberList]:
        rows = yield from self._page(query=query, operation=f"{self.provider}.number_page")
        around = settled(rows.around)
        return NumberList(
            numbers=rows.details(),
            is_under_ghl=around.is_under_ghl,
            is_under_lc=around.is_under_lc,
            page_size=around.page_size,
            page=around.page,
            account_status=around.account_status,
            total=around.total,
            rcs_sender_ids=around.rcs_sender_ids,
        )

    def number_pools(self) -> Exchange[tuple[NumberPool, ...]]:
        """All number pools of the location (``getNumberPoolList``)."""
        found = yield from self.pool_list()
        return tuple(found.data)

    def pool_list(self) -> Exchange[PoolList]:
        """The same, with what stands around them (``getNumberPoolList``)."""
        query = {"locationId": self.location_id}
        return (yield from self._pools_of_location(query=query, operation=f"{self.provider}.number_pools"))
