"""The errors: what they tell, what they hide, and that they cross a queue."""

from __future__ import annotations

import copy
import inspect
import json
import pickle

import pytest

from anycarrier import Client, Search, errors
from anycarrier.errors import AnyCarrierError, NotFound, OutcomeUnknown, ProviderDown, Unsupported, masked, printable
from anycarrier.exchange import Response
from anycarrier.features import refusal

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, AnyCarrierError) and value is not Unsupported
]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_can_be_pickled_and_keeps_what_it_knows(kind: type[AnyCarrierError]) -> None:
    error = kind("went wrong", provider="acme", operation="buy", status=500, code="E1", detail="no", number="x")
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is kind
        assert vars(twin) == vars(error)
        assert str(twin) == str(error) == "acme buy: went wrong (no) [HTTP 500]"


def test_unsupported_says_what_and_why_and_can_be_pickled() -> None:
    error = pickle.loads(pickle.dumps(refusal("acme", "release", "there is no such endpoint")))
    assert (error.provider, error.feature, error.reason) == ("acme", "release", "there is no such endpoint")
    assert str(error) == "acme: cannot give a number up: there is no such endpoint"
    assert error.safe_elsewhere


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        ("search.no_digits", "search without an area code or prefix"),
        ("search.city", "search by city"),
        ("route.forward", "route calls to another number"),
        ("leadping.update team", "leadping.update team"),
    ],
)
def test_unsupported_uses_words(feature: str, words: str) -> None:
    error = refusal("acme", feature, "why")
    assert (error.feature, str(error)) == (feature, f"acme: cannot {words}: why")


def test_an_operation_of_a_provider_names_it_once() -> None:
    assert str(NotFound("gone", provider="acme", operation="acme.order")) == "acme.order: gone"
    assert str(NotFound("gone", provider="acme", operation="get")) == "acme get: gone"


def test_what_may_have_been_applied_is_never_safe_elsewhere() -> None:
    assert not ProviderDown("down", maybe_applied=True, safe_elsewhere=True).safe_elsewhere
    assert OutcomeUnknown("lost").maybe_applied
    assert not OutcomeUnknown("lost").safe_elsewhere


def test_every_class_is_documented_and_public() -> None:
    for kind in CLASSES:
        assert kind.__doc__
        assert kind.__name__ in errors.__all__


def test_a_provider_cannot_drive_the_terminal() -> None:
    error = NotFound("not there", detail="\x1b[2J\u202egone\x07", code="\x1b[0m", request_id="a\nb")
    assert "\x1b" not in str(error) + repr(vars(error))
    assert error.detail == "\\u001b[2J\\u202egone\\u0007"
    assert error.request_id == "a\\u000ab"
    assert printable("x" * 400) == "x" * 300 + "…"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Number 2015550123 is gone", "Number 201*****23 is gone"),
        ("+12015550123", "+1201*****23"),
        ("(201) 555-0123 and 201.555.0123", "(201) *****23 and 201.*****23"),
        ("order 42 of 2026", "order 42 of 2026"),
        ("key 13579bdf02468ace", "key 13579bdf02468ace"),  # no key that another test holds
    ],
)
def test_numbers_in_a_providers_words_are_masked(said: str, shown: str) -> None:
    assert masked(said) == shown
    assert AnyCarrierError("no", detail=said).detail == shown


class Gone:
    """Knows no number."""

    def send(self, request: object) -> Response:
        said = {"status": "error", "error": {"code": "NOT_FOUND", "message": "2015550199 is not on this account"}}
        return Response(404, {"content-type": "application/json"}, json.dumps(said).encode())

    def close(self) -> None: ...


@pytest.mark.parametrize("operation", ["get", "release", "campaign_of"])
def test_an_error_about_one_number_carries_it_and_says_it_nowhere(operation: str) -> None:
    client = Client("voicetel", api_key="0" * 32, transport=Gone())  # type: ignore[arg-type]
    with pytest.raises(NotFound) as caught:
        getattr(client, operation)("(201) 555-0199")
    assert caught.value.number == "+12015550199"
    assert "5550199" not in str(caught.value) + repr(caught.value) + str(caught.value.detail)
    assert pickle.loads(pickle.dumps(caught.value)).number == "+12015550199"


def test_an_error_about_no_number_has_none() -> None:
    with pytest.raises(NotFound) as caught:
        Client("voicetel", api_key="0" * 32, transport=Gone()).search(Search(area_code="201"))  # type: ignore[arg-type]
    assert caught.value.number is None


def test_an_error_carries_what_its_class_declares_and_nothing_else() -> None:
    for kind in (errors.OutcomeUnknown, errors.OrderExhausted, errors.SpendLimitExceeded, errors.JournalError):
        assert kind("x").purchase is None
    assert errors.ProviderDown("x", failed={"main": errors.NotFound("y")}).failed.keys() == {"main"}
    with pytest.raises(TypeError, match="NotFound has no attribute 'purchase'"):
        errors.NotFound("x", purchase=None)
