"""Error tables: refusals, proofs and rate limits."""

from __future__ import annotations

import json

import pytest

from anycarrier import errors as e
from anycarrier.adapter import ErrorTable, Request, Response, means
from support.made_up import TABLE, said


def refused(status: int, body: object, purpose: str = "purchase") -> e.AnyCarrierError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(account="a", operation="buy", method="POST", path="/orders", purpose=purpose)  # type: ignore[arg-type]
    return TABLE.error_of(request, Response(status, {}, raw), provider="acme")


@pytest.mark.parametrize("status", [400, 401, 402, 403, 409, 422])
@pytest.mark.parametrize(
    "body",
    [
        b"<html>no</html>",
        b"",
        {"message": "no"},
        {"message": "no", "status": 500},
        {"status": 409},
        {"message": "no", "code": "unknown"},
        {"message": "the number was purchased", "status": 409},
        {"message": "no", "status": True},
    ],
)
def test_a_purchase_that_something_in_between_refused_may_have_been_carried_out(status: int, body: object) -> None:
    assert refused(status, body).maybe_applied


@pytest.mark.parametrize("status", [400, 401, 402, 403, 409, 422])
def test_a_purchase_that_the_provider_itself_refused_was_not_carried_out(status: int) -> None:
    assert not refused(status, {"message": "no", "status": status}).maybe_applied
    assert not refused(status, {"message": "no", "code": "taken"}).maybe_applied


@pytest.mark.parametrize("status", [408, 425, 429, 499, 500, 503, 302])
def test_no_words_make_a_proof_of_a_status_that_means_later(status: int) -> None:
    assert refused(status, {"message": "no", "status": status}).maybe_applied


def test_a_429_is_a_rate_limit_and_proves_nothing() -> None:
    error = refused(429, {"message": "too many", "status": 429})
    assert isinstance(error, e.RateLimited)
    assert error.maybe_applied


def test_the_refusals_of_a_table_may_be_fewer() -> None:
    table = ErrorTable(status="status", refusals=frozenset({400}))
    request = Request(account="a", operation="buy", method="POST", path="/orders", purpose="purchase")
    for status, applied in ((400, False), (422, True)):
        error = table.error_of(request, said({"message": "no", "status": status}, status), provider="acme")
        assert error.maybe_applied == applied


def test_a_404_that_is_not_the_providers_own_says_nothing_of_a_number() -> None:
    assert isinstance(refused(404, {"message": "Not Found"}, "read"), e.UnexpectedResponse)
    assert isinstance(refused(404, b"<html>", "read"), e.UnexpectedResponse)
    assert isinstance(refused(404, {"message": "no such number", "status": 404}, "read"), e.NotFound)


def test_rows_of_the_table_decide_by_code_words_and_request() -> None:
    assert isinstance(refused(400, {"message": "gone", "code": "taken"}), e.NumberUnavailable)
    assert isinstance(refused(400, {"message": "gone", "code": "taken", "status": 400}, "read"), e.InvalidRequest)
    ported = refused(422, {"errors": [{"detail": "It is Being Ported."}]}, "write")
    assert isinstance(ported, e.Conflict)
    assert (str(ported.message), ported.detail) == ("the number is being ported", "It is Being Ported.")
    assert isinstance(refused(409, {"message": "no", "status": 409}), e.NumberUnavailable)
    assert isinstance(refused(409, b"", "write"), e.Conflict)


def test_what_is_missing_is_listed_and_no_number_is_shown() -> None:
    row = means(e.RequirementsMissing, 422, code="requirements")
    table = ErrorTable(code="code", requirements="missing", rows=(row,))
    request = Request(account="a", operation="buy", method="POST", path="/orders", purpose="purchase")
    for missing, listed in (
        (["address", {"odd": 1}, " ", "document for +12015550123"], ("address", "document for +1201*****23")),
        ("address", ("address",)),
        (None, ()),
    ):
        body = {"message": "no", "code": "requirements", "missing": missing}
        error = table.error_of(request, said(body, 422), provider="acme")
        assert isinstance(error, e.RequirementsMissing)
        assert (error.requirements, error.maybe_applied, error.safe_elsewhere) == (listed, False, True)
