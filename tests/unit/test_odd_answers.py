"""Answers that leave a fact out, or state it twice."""

from __future__ import annotations

import json

from anycarrier import Search, UnexpectedResponse
from anycarrier.exchange import Response
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY
from support.script import drive

NUMBER = "+12015550123"


def said(body: str) -> Response:
    return Response(200, {"content-type": "application/json"}, body.encode())


def test_a_filter_that_was_sent_is_trusted_where_the_answer_does_not_state_it() -> None:
    provider = Leadping(api_key=DUMMY_API_KEY, base_url="http://127.0.0.1:1")
    found, _ = drive(provider.search(Search(city="Newark")), said(json.dumps({"numbers": [{"number": NUMBER}]})))
    assert [offer.number for offer in found] == [NUMBER]


def test_a_doubled_list_is_refused() -> None:
    provider = LCPhone(token="pit-x", location_id="abc")
    rows = json.dumps([{"phoneNumber": NUMBER}])
    answer = said(f'{{"fingerprintId": "1", "numbers": {rows}, "numbers": []}}')
    assert isinstance(drive(provider.search(Search(area_code="201")), answer)[0], UnexpectedResponse)
