"""Errors as problems of RFC 9457."""

from __future__ import annotations

import json

import pytest

from anycarrier import errors as e
from anycarrier.errors import AnyCarrierError
from anycarrier.json_forms import Problem, from_json, to_json
from anycarrier.secret import Secret
from support.json_samples import ERRORS, error_of

STATUSES = {
    "AnyCarrierError": 500,
    "AuthenticationFailed": 502,
    "ConfigurationError": 500,
    "Conflict": 409,
    "InsufficientFunds": 402,
    "InvalidInput": 422,
    "InvalidNumber": 422,
    "InvalidRequest": 422,
    "JournalError": 503,
    "NotFound": 404,
    "NumberUnavailable": 409,
    "OrderExhausted": 409,
    "OutcomeUnknown": 504,
    "PermissionDenied": 502,
    "ProviderDown": 502,
    "ProviderError": 502,
    "RateLimited": 429,
    "RequirementsMissing": 409,
    "SetUpFailed": 409,
    "SpendLimitExceeded": 409,
    "StillPending": 504,
    "TransportError": 504,
    "UnexpectedResponse": 502,
    "Unsupported": 501,
}


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_has_its_status(name: str) -> None:
    problem = Problem.of(error_of(name))
    assert problem.status == problem.body["status"] == STATUSES[name]
    assert problem.body["type"] == f"urn:anycarrier:error:{name}"
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert None not in problem.body.values()
    assert from_json(Problem, json.loads(json.dumps(problem.body))) == problem


def test_a_connection_that_broke_is_another_status_than_one_that_was_too_slow() -> None:
    assert Problem.of(e.TransportError("x", kind="connect")).status == 502
    assert Problem.of(e.TransportError("x", kind="deadline")).status == 504


def test_a_problem_says_what_a_client_may_do() -> None:
    problem = Problem.of(e.RateLimited("too many", provider="acme", operation="search", retry_after=2.2))
    assert problem.headers["Retry-After"] == "3"
    assert problem.body == {
        "version": 1,
        "type": "urn:anycarrier:error:RateLimited",
        "title": "Rate limited",
        "status": 429,
        "detail": "too many",
        "error": "RateLimited",
        "provider": "acme",
        "operation": "search",
        "retry_after": 2.2,
        "maybe_applied": False,
        "safe_elsewhere": True,
    }


def test_no_client_is_told_to_try_again_what_may_have_been_done() -> None:
    problem = Problem.of(error_of("OutcomeUnknown"))
    assert problem.maybe_applied
    assert "Retry-After" not in problem.headers
    assert "retry_after" not in problem.body
    assert problem.order == "r1"


def test_a_service_names_its_own_pages() -> None:
    problem = Problem.of(e.NotFound("x"), types="https://example.com/problems/", instance="/numbers/1")
    assert (problem.type, problem.instance) == ("https://example.com/problems/NotFound", "/numbers/1")


def test_an_error_derived_from_a_public_one_is_that_one() -> None:
    class Melted(e.Conflict):
        pass

    problem = Problem.of(Melted("it melted"))
    assert (problem.status, problem.error, problem.title) == (409, "Conflict", "Conflict")


@pytest.mark.parametrize("name", ERRORS)
def test_neither_a_form_nor_a_problem_holds_a_secret(name: str) -> None:
    secret = Secret("sk-live-0123456789abcdef")
    held = secret.reveal()
    if name == "Unsupported":
        error: AnyCarrierError = e.Unsupported("acme", "release", f"it cannot {held}")
    else:
        more = {"problems": (held,)} if name == "ConfigurationError" else {}
        error = getattr(e, name)(f"with {held}", detail=f"said {held}", code=held, request_id=held, **more)
    error.__cause__ = e.NotFound(f"because of {held}")
    assert held not in json.dumps(to_json(error))
    assert held not in json.dumps(Problem.of(error).body)


def test_what_concerns_the_service_alone_is_not_said_to_its_clients() -> None:
    settings = Problem.of(e.ConfigurationError("ACME_TOKEN is not set", problems=("ACME_TOKEN is not set",)))
    journal = Problem.of(e.JournalError("/var/lib/journal.db is full"))
    assert "ACME" not in json.dumps(settings.body)
    assert "/var" not in json.dumps(journal.body)


def test_only_our_errors_are_problems() -> None:
    with pytest.raises(e.InvalidInput, match="error must be an error of this library"):
        Problem.of(ValueError("x"))  # type: ignore[arg-type]
