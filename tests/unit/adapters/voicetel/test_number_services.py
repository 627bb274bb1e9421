"""Emergency addresses, caller names and look-ups at VoiceTel, where its answers are odd."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import errors as e
from anycarrier.number_services import EmergencyAddress, LookUp
from support.script import failing, json_of, play
from support.voicetel import NUMBER, N
from support.voicetel_answers import V, no, ok

ADDRESS = EmergencyAddress(
    name="Acme Inc", street="411 Hackensack Avenue", city="Hackensack", state="nj", postal_code="07601"
)
PLACE = {"address1": "411 HACKENSACK AVE", "address2": "", "city": "HACKENSACK", "state": "NJ", "zip": "07601"}
RECORD = {"dn": f"1{NUMBER}", "callername": "ACME INC", **PLACE}
OURS = ok({"number": NUMBER, "route": 4})


def test_an_address_is_checked_before_it_is_set() -> None:
    valid = ok({"address": {"addressid": 7, **PLACE}})
    record, (check, put) = play(V.set_emergency_address(N, ADDRESS), valid, ok({"record": RECORD}))
    assert (check.purpose, put.purpose) == ("read", "write")
    assert json_of(check)["state"] == "NJ"
    assert json_of(put) == {"addressid": 7, "callername": "Acme Inc"}
    assert (record.number, record.address.street, record.address.unit) == (N, "411 HACKENSACK AVE", None)


def test_a_number_without_a_record_needs_the_list_of_all_to_be_sure() -> None:
    assert play(V.emergency_address(N), no(409), OURS, no(404))[0] is None
    found, _ = play(V.emergency_address(N), no(409), OURS, ok({"records": [RECORD]}))
    assert found is not None  # the 409 was a failure
    error, _ = failing(V.emergency_address(N), no(409), OURS, no(401))
    assert isinstance(error, e.AuthenticationFailed)


@pytest.mark.parametrize(("after", "kind"), [(no(404), e.NotFound), (OURS, e.AuthenticationFailed)])
def test_a_401_is_a_number_of_others_or_a_wrong_key(after: Any, kind: type[e.AnyCarrierError]) -> None:
    error, _ = failing(V.emergency_address(N), no(401), after)
    assert type(error) is kind
    assert error.operation == "emergency_address"


@pytest.mark.parametrize("missing", ["address1", "city", "state", "zip", "callername"])
def test_a_record_without_a_part_of_the_address_is_refused(missing: str) -> None:
    record = {name: value for name, value in RECORD.items() if name != missing}
    error, _ = failing(V.emergency_address(N), ok({"record": record}))
    assert isinstance(error, e.UnexpectedResponse)
    assert error.operation == "emergency_address"


def test_an_address_that_cannot_be_set_names_a_number_of_others() -> None:
    valid = ok({"address": {"addressid": 7, **PLACE}})
    for after, kind in ((no(404), e.NotFound), (OURS, e.Conflict), (no(500), e.Conflict)):
        error, _ = failing(V.set_emergency_address(N, ADDRESS), valid, no(409), *[after] * 3)
        assert type(error) is kind
        assert error.operation == "set_emergency_address"


def test_a_record_that_is_there_and_cannot_be_removed_is_a_conflict() -> None:
    error, _ = failing(V.remove_emergency_address(N), no(409), ok({"record": RECORD}))
    assert isinstance(error, e.Conflict)


def test_a_caller_name_that_the_carrier_refuses_is_no_success() -> None:
    for word in ("Success", "success", None):
        name, _ = play(V.set_caller_name(N, "ACME CORP"), ok({"number": NUMBER, "carrierStatus": word}))
        assert name.name == "ACME CORP"
    error, _ = failing(V.set_caller_name(N, "ACME CORP"), ok({"number": NUMBER, "carrierStatus": "Rejected"}))
    assert isinstance(error, e.Conflict)
    assert error.maybe_applied
    assert error.detail == "Rejected"
    error, _ = failing(V.set_caller_name(N, "ACME CORP"), ok({"number": NUMBER, "cnam": "OTHER"}))
    assert isinstance(error, e.UnexpectedResponse)
    assert error.maybe_applied


@pytest.mark.parametrize("name", ["", "A" * 16, "ACME & CO", "É"])
def test_a_caller_name_has_the_documented_form(name: str) -> None:
    error, script = failing(V.set_caller_name(N, name))
    assert isinstance(error, e.InvalidInput)
    assert not script.requests


def test_a_look_up_of_which_the_second_part_fails_has_the_first() -> None:
    route = ok({"destination": NUMBER, "ani": NUMBER, "lrn": {"lec": "EXAMPLE", "lrn": "12125550100"}})
    error, script = failing(V.look_up(N), route, no(402))
    assert isinstance(error, e.InsufficientFunds)
    (paid,) = error.applied
    assert isinstance(paid, LookUp)
    assert (paid.carrier, paid.lrn, paid.caller_name) == ("EXAMPLE", "+12125550100", None)
    assert [request.purpose for request in script.requests] == ["purchase", "purchase"]


def test_a_look_up_that_finds_nothing_is_not_an_error() -> None:
    found, _ = play(V.look_up(N, caller_name=False), ok({"destination": NUMBER, "ani": NUMBER}))
    assert (found.carrier, found.lrn) == (None, None)
    assert found.raw["carrier"]["destination"] == NUMBER
