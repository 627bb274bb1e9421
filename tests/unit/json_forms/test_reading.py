"""JSON that comes from elsewhere: of a later release, by hand, or wrong."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from anycarrier.account_records import Balance
from anycarrier.desired_state import ChangeRecord, Desired
from anycarrier.errors import AnyCarrierError, InvalidInput, OutcomeUnknown, TransportError
from anycarrier.json_forms import from_json, to_json
from anycarrier.model import Line, Money, Offer, OwnedNumber, Route, Status, ToGateway
from anycarrier.purchase import Order
from anycarrier.search import Search

OFFER: dict[str, Any] = {"provider": "acme", "account": "a", "number": "+12015550123"}
CHANGE: dict[str, Any] = {**OFFER, "what": "texts", "id": 1, "outcome": "done", "created": "2025-01-31T12:00:00Z"}


def refused(kind: Any, data: object) -> str:
    with pytest.raises(InvalidInput) as caught:
        from_json(kind, data)
    return caught.value.message


def test_what_a_later_release_adds_to_a_record_is_passed_over() -> None:
    later = {**OFFER, "version": 1, "carbon": "low", "line": "satellite", "features": {"sms": True, "rcs": True}}
    offer = from_json(Offer, later)
    assert (offer.line, offer.features) == (None, {"sms": True})
    assert from_json(OwnedNumber, {**OFFER, "status": "resting", "features": None}).status is Status.UNKNOWN


def test_what_a_later_release_adds_to_a_wish_is_refused_by_name() -> None:
    assert refused(Search, {"area_code": "201", "carbon": "low", "moon": 1}) == (
        "Search has members that this release does not know: carbon, moon"
    )
    assert refused(Order, {"criteria": {"area_code": "201", "carbon": 1}}) == (
        "Order.criteria has members that this release does not know: carbon"
    )
    assert refused(Search, {"line": "satellite"}).startswith("Search: line must be one of local, toll_free")
    assert "does not know: '########'" in refused(Money, {"amount": 1, "20155501": 1})


def test_a_later_version_is_refused_whatever_it_is_of() -> None:
    for kind in (Offer, Search, AnyCarrierError):
        said = refused(kind, {**OFFER, "version": 2, "type": "NotFound", "message": "x"})
        assert said == f"{kind.__name__} has version 2 of the JSON form, and this release reads 1: update it"
    assert refused(Offer, {**OFFER, "version": "1"}) == "Offer.version must be a whole number, not '#'"


def test_a_form_without_a_version_is_the_first() -> None:
    assert from_json(Offer, OFFER) == from_json(Offer, {**OFFER, "version": 1})


def test_what_a_person_writes_is_read() -> None:
    assert from_json(Offer, {**OFFER, "number": "(201) 555-0123"}).number == "+12015550123"
    assert from_json(Money, {"amount": 1.15}) == Money("1.15")
    assert from_json(Route, {"kind": "ToGateway", "gateway": 1000}) == ToGateway(1000)
    assert from_json(Search, {"area_code": ["201", "551"], "line": "local"}) == Search(
        area_code=["201", "551"], line=Line.LOCAL
    )


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (Offer, [], "Offer must be an object, not list"),
        (Offer, {"provider": "acme"}, "Offer lacks account, number"),
        (Offer, {**OFFER, "account": 7}, "Offer.account must be text, not int"),
        (Offer, {**OFFER, "latitude": "north"}, "Offer.latitude must be a number, not 'aaaaa'"),
        (Offer, {**OFFER, "latitude": True}, "Offer.latitude must be a number, not bool"),
        (Offer, {**OFFER, "features": {"sms": "yes"}}, "Offer.features['aaa'] must be true or false, not 'aaa'"),
        (Offer, {**OFFER, "price": {"amount": "free"}}, "Offer.price: amount must be a number, such as 1.15"),
        (Offer, {**OFFER, "price": "1.15 USD"}, "Offer.price must be an object, not '#.## aaa'"),
        (ChangeRecord, {**CHANGE, "created": "today"}, "ChangeRecord.created must be a time, such as '2025-01-31T"),
        (ChangeRecord, {**CHANGE, "created": True}, "ChangeRecord.created must be a number"),
        (OwnedNumber, {**OFFER, "created": "today"}, "OwnedNumber.created must be a time, such as '2025-01-31T"),
        (OwnedNumber, {**OFFER, "routes": {}}, "OwnedNumber.routes must be a list, not dict"),
        (
            OwnedNumber,
            {**OFFER, "routes": [{"kind": "ToMoon"}]},
            "OwnedNumber.routes[0].kind must be 'ToGateway' or 'ForwardTo'",
        ),
        (ToGateway, {"kind": "NoTexts"}, "ToGateway.kind must be 'ToGateway', not 'aaaaaaa'"),
        (ToGateway, {"gateway": "1"}, "ToGateway.kind must be 'ToGateway', not None"),
        (Order, {}, "Order: an order has either criteria or a number: give one of them"),
        (
            Order,
            {"number": "+12015550123", "prefer": "luck"},
            "Order.prefer must be 'given' or 'cheapest' or 'health', not 'aaaa'",
        ),
        (list[Offer], [OFFER, {}], "list[1] lacks provider, account, number"),
        (AnyCarrierError, {"type": 1}, "AnyCarrierError.type must be text, not int"),
        (OutcomeUnknown, {"type": "NotFound", "message": "x"}, "OutcomeUnknown.type must be 'OutcomeUnknown'"),
    ],
)
def test_wrong_data_are_refused_with_their_place_and_without_their_content(kind: Any, data: Any, said: str) -> None:
    assert refused(kind, data).startswith(said)


def test_a_wrong_number_is_not_shown() -> None:
    said = refused(Offer, {**OFFER, "number": "2015550"})
    assert said.startswith("Offer: number: ")
    assert "2015550" not in said


def test_an_error_that_this_release_does_not_know_may_have_been_applied() -> None:
    later = from_json(AnyCarrierError, {"type": "Melted", "message": "it melted", "heat": 9})
    assert type(later) is AnyCarrierError
    assert (later.maybe_applied, later.safe_elsewhere, str(later)) == (True, False, "it melted")
    plain = from_json(AnyCarrierError, {"type": "Melted", "message": "x", "maybe_applied": False})
    assert not plain.maybe_applied


def test_an_outcome_that_is_unknown_stays_so_whatever_its_form_says() -> None:
    form = {**to_json(OutcomeUnknown("perhaps")), "maybe_applied": False, "safe_elsewhere": True}
    again = from_json(AnyCarrierError, form)
    assert (again.maybe_applied, again.safe_elsewhere) == (True, False)
    form = {**to_json(TransportError("lost", maybe_applied=True)), "safe_elsewhere": True}
    assert not from_json(AnyCarrierError, form).safe_elsewhere


def test_a_document_that_is_nested_too_deeply_is_refused() -> None:
    error: dict[str, Any] = {"type": "NotFound", "message": "x"}
    for _ in range(20_000):
        error = {"type": "NotFound", "message": "x", "cause": error}
    assert refused(AnyCarrierError, error) == "AnyCarrierError is nested too deeply"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Offer, {**OFFER, "latitude": 10**5000}),
        (Offer, {**OFFER, "price": {"amount": 10**5000}}),
        (Order, {"number": "+12015550123", "quantity": 10**5000}),
        (Order, {"number": "+12015550123", "deadline": 10**5000}),
        (Route, {"kind": "ToGateway", "gateway": 10**5000}),
        (Offer, {**OFFER, "version": 10**5000}),
        (Balance, {"provider": "acme", "account": "a", "amount": 10**5000}),
    ],
)
def test_a_number_that_is_too_long_is_refused(kind: Any, data: object) -> None:
    assert len(refused(kind, data)) < 200


@pytest.mark.parametrize(
    ("created", "at"),
    [
        ("2025-01-31T12:00:00+00:00", 1738324800.0),
        ("2025-01-31T07:00:00.5-05:00", 1738324800.5),
        ("2025-01-31T12:00:00", 1738324800.0),  # without an offset it is in UTC
        (1738324800.5, 1738324800.5),  # as it was once written
        (0, 0.0),
    ],
)
def test_a_time_that_is_held_in_seconds_is_read_from_a_time(created: object, at: float) -> None:
    assert from_json(ChangeRecord, {**CHANGE, "created": created}).created == at


@pytest.mark.parametrize("at", [float("inf"), float("nan"), 1e15, -1e15])
def test_a_time_that_no_calendar_has_is_not_stated(at: float) -> None:
    record = from_json(ChangeRecord, CHANGE)
    assert to_json(evolve(record, ended=at))["ended"] is None


@pytest.mark.parametrize("kind", [Offer, OwnedNumber, Desired])
@pytest.mark.parametrize("other", ["2015550124", "+12015550123", 2015550123])
def test_ten_digits_of_another_number_are_refused_by_name(kind: type[Any], other: object) -> None:
    data = {name: value for name, value in OFFER.items() if kind is not Desired or name == "number"}
    assert from_json(kind, {**data, "ten_digit": "2015550123"}) == from_json(kind, {**data, "ten_digit": None})
    name = kind.__name__
    with pytest.raises(InvalidInput, match=rf"{name}\.ten_digit is not that of {name}\.number") as caught:
        from_json(kind, {**data, "ten_digit": other})
    assert "0124" not in str(caught.value)


def test_ten_digits_without_a_number_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"Desired\.ten_digit"):
        from_json(Desired, {"campaign": "CB2PATH", "ten_digit": "2015550123"})
    with pytest.raises(InvalidInput, match=r"OwnedNumber\.ten_digit"):
        from_json(OwnedNumber, {**OFFER, "number": "+442079460018", "ten_digit": "2015550123"})
