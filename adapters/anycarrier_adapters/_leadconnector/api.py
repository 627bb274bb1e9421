"""LeadConnector's four endpoints: each function returns an exchange for ``client.run``.

Source of every method, path and parameter: SPEC-L and SPEC-3, which agree on them. There are no other public endpoints
for phone numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from attrs import evolve

from anycarrier import adapter
from anycarrier.adapter import (
    Answer,
    Exchange,
    Listing,
    Query,
    Response,
    Rows,
    Success,
    buys,
    load_json,
    numbered,
    reads,
    reads_rows,
    says_failed,
)

from .errors import ERRORS
from .limits import POLICY, Noted
from .options import PAGE_SIZE
from .schemas import AccountRecord, AvailableNumber, Bought, Inventory, NumberPage, NumberPool, NumberPools, NumberRow

__all__ = ["LOCATION", "PAGE_SIZE", "Api", "query_of"]

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


def query_of(search_filter: str | None, include_number_pools: bool) -> Query:
    """Query of a list."""
    return {"searchFilter": search_filter, "skipNumberPool": not include_number_pools}


class Api(adapter.Api):
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
    pools = reads("/phone-system/number-pools", NumberPools, prepare=_pools, envelope=Success)

    def __init__(self, account: str, location_id: str) -> None:
        super().__init__(account, path_values={"locationId": location_id})
        self.location_id = location_id
        self.noted = Noted()

    def note(self, response: Response) -> None:
        self.noted.note(response)

    def available(
        self,
        country: str,
        *,
        types: Sequence[str],
        first_part: str | None = None,
        last_part: str | None = None,
        anywhere: str | None = None,
        sms: bool | None = None,
        mms: bool | None = None,
        voice: bool | None = None,
    ) -> Exchange[Rows[AvailableNumber, Inventory]]:
        """Numbers to buy (``available-numbers``, ``listAvailableNumbersForACountry``), some 30 of them.

        *types* are ``local``, ``tollFree`` and ``mobile``: without any the live API has answered with no numbers
        (issue 278 of GoHighLevel/highlevel-api-docs). *first_part* is without the country code.
        """
        return self.search(
            query={
                "countryCode": country,
                "numberTypes": types,
                "firstPart": first_part,
                "lastPart": last_part,
                "anywhere": anywhere,
                "smsEnabled": sms,
                "mmsEnabled": mms,
                "voiceEnabled": voice,
            }
        )

    def purchase(self, body: bytes) -> Exchange[tuple[Bought | AccountRecord, Answer[dict[str, Any]]]]:
        """Buy (``purchase-phone-number``, ``purchase-number-for-location``), exactly these bytes; sent once.

        The answer is v3's slim record or the legacy account record, whichever it looks like.
        """
        answer = yield from self.buy.answer(body=body)
        kind: type[Bought | AccountRecord] = Bought if "number" in answer.value else AccountRecord
        return answer.read(kind, answer.value), answer

    def numbers(
        self, *, page_size: int = PAGE_SIZE, search_filter: str | None = None, include_number_pools: bool = True
    ) -> Listing[tuple[NumberRow, Mapping[str, Any]]]:
        """Numbers of the location (``active-numbers``), each with its own record, page by page.

        Args:
            page_size: 1 to 1000; always sent, because the documents name two different defaults.
            search_filter: part of a number, such as ``+1201``.
            include_number_pools: whether numbers in a pool are listed too; the provider's own default hides them.
        """
        query = query_of(search_filter, include_number_pools)
        return self.pages(lambda rows: [*rows.pairs()], query=query, size=page_size)

    def number_pools(self) -> Exchange[tuple[NumberPool, ...]]:
        """All number pools of the location (``getNumberPoolList``)."""
        operation = f"{self.provider}.number_pools"
        found = yield from self.pools(query={"locationId": self.location_id}, operation=operation)
        return tuple(found.pools)
