"""LeadConnector: whatever comes back is a value or one of our errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anycarrier import AnyCarrierError, OwnedNumber, Search, UnexpectedResponse
from anycarrier.exchange import Response
from anycarrier_adapters.lc_phone import Tokens
from support.lc import AVAILABLE, NAMES, NUMBER, ROW, Lc, answer, available, bought, enveloped, listed

QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["", NUMBER, "+1", "1e999", "NaN", "local", "\ud800", "rcsSenderId", "success", -1, 10**40])
)
words = st.sampled_from([
    "status", "data", "numbers", "number", "phoneNumber", "fingerprintId", "price", "price_unit", "number_type",
    "capabilities", "sid", "pageSize", "page", "total", "accountStatus", "rcsSenderIds", "numberType", "message",
    "error", "code", "pools", "numberPools", "forwardingNumber", "inboundCallService", "type", "value", "dateAdded",
    "linkedRingAllUsers", "number_name", "access_token", "refresh_token", "expires_in", "latitude",
])  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=4), inner, max_size=6),
    max_leaves=14,
)


@st.composite
def spoiled(draw: st.DrawFn, document: Any) -> Any:
    """A documented answer with one to three members exchanged for anything."""
    body = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 3))):
        holder: Any = body
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            deeper = holder[key]
            if isinstance(deeper, dict | list) and deeper and draw(st.booleans()):
                holder = deeper
                continue
            holder[key] = draw(anything)
            break
    return body


def bodies(document: Any) -> st.SearchStrategy[bytes]:
    told = (anything | spoiled(document) | spoiled(enveloped(document))).map(json.dumps).map(str.encode)
    return told | st.binary(max_size=60)


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(body=bodies(AVAILABLE))
def test_search(name: str, body: bytes) -> None:
    try:
        offers = Lc(name, answer(body)).search(Search())
    except UnexpectedResponse as error:
        assert not error.maybe_applied
    else:
        for offer in offers:
            assert offer.number.startswith("+")
            assert isinstance(offer.raw["phoneNumber"], str)


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(body=bodies(listed(ROW, rcsSenderIds=[{"number": "x", "numberType": "rcsSenderId"}], total=1)))
def test_list(name: str, body: bytes) -> None:
    try:
        found = Lc(name, answer(body), answer(listed()), answer(listed())).list()
    except UnexpectedResponse:
        return
    assert all(isinstance(owned, OwnedNumber) and owned.raw["phoneNumber"] for owned in found)


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(body=bodies(json.loads(bought("lc_legacy", NUMBER).body)) | bodies({"number": NUMBER, "id": "x"}))
def test_purchase(name: str, body: bytes) -> None:
    lc = Lc(name, answer(available(NUMBER)), answer(body, 201))
    draft = lc.run(lc.provider.draft(lc.search(Search())[0], key="k"))
    try:
        owned = lc.run(lc.provider.place(draft))
    except UnexpectedResponse as error:
        assert error.maybe_applied
    else:
        assert owned.number == NUMBER
        assert NUMBER in body.decode()


@pytest.mark.slow
@QUICK
@given(body=bodies({"success": True, "data": [{"id": "a", "numbers": [{"phoneNumber": NUMBER}]}], "total": 1}))
def test_number_pools(body: bytes) -> None:
    lc = Lc("lc_phone", answer(body))
    try:
        pools = lc.run(lc.provider.number_pools())
    except UnexpectedResponse:
        return
    assert isinstance(pools, tuple)


@pytest.mark.slow
@QUICK
@given(
    body=bodies({"statusCode": 400, "message": ["x"], "error": {"code": 1, "message": "y"}, "traceId": "t"}),
    status=st.integers(300, 599),
    headers=st.dictionaries(
        st.sampled_from(["x-ratelimit-max", "x-ratelimit-daily-remaining", "retry-after", "cf-ray"]),
        st.text(max_size=9),
    ),
)
def test_errors(body: bytes, status: int, headers: dict[str, str]) -> None:
    lc = Lc("lc_legacy", *[Response(status, headers, body)] * 3)
    with pytest.raises(AnyCarrierError) as caught:
        lc.search(Search())
    assert caught.value.status == status
    assert str(caught.value)


@pytest.mark.slow
@QUICK
@given(body=bodies({"access_token": "a", "refresh_token": "b", "expires_in": 86_399}))
def test_tokens(body: bytes) -> None:
    class Store:
        saved: Any = None

        def load(self) -> Tokens:
            return Tokens(access_token="old", refresh_token="r", expires_at=0)

        def save(self, tokens: Tokens) -> None:
            self.saved = tokens

    store = Store()
    lc = Lc("lc_phone", answer(body), answer(listed()), client_id="id", client_secret="cs-sesame", token_source=store)
    try:
        lc.list()
    except UnexpectedResponse:
        assert store.saved is None
    else:
        assert lc.wire.header("authorization") == [f"Bearer {store.saved.access_token}"]
