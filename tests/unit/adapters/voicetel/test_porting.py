"""Ports at VoiceTel: its words, its odd answers, and what is sent."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from anycarrier import Desired, ToGateway, Unsupported
from anycarrier import errors as e
from anycarrier.model import CallsToWebhook
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import PortDraft, PortState
from support.port_orders import PRIVATE, port_order
from support.script import failing, json_of, lost, play
from support.voicetel_answers import V, html, no, ok

ONE, TWO = PhoneNumber("+13125550150"), PhoneNumber("+18005550151")


def draft(*numbers: Any, **more: Any) -> PortDraft:
    order = port_order(*numbers, **more)
    return PortDraft(numbers=order.lines(), details=order)


def port(**more: Any) -> dict[str, Any]:
    return {
        "id": "8654d228e5f6f004e10edaed574424531da3517e",
        "pid": "y0d36",
        "status": "Complete",
        "createdAt": "2026-05-18T12:00:00Z",
        "foc": "20260601",
        "message": "Operation completed.",
        **more,
    }


def test_each_number_is_asked_for_and_a_refused_one_cannot_be_ported() -> None:
    yes = {"number": "3125550150", "portable": True, "reason": None, "losingCarrier": "Sinch Voice-NSR-10X-Port/1"}
    not_now = {"number": "8005550151", "portable": False, "reason": None, "losingCarrier": None}
    found, requests = play(V.portability([ONE, TWO, ONE]), ok(yes), ok(not_now), no(400, "Number malformed"))
    assert [request.path_values["number"] for request in requests] == ["3125550150", "8005550151", "3125550150"]
    one, two, three = found
    assert (one.is_portable, one.losing_carrier, one.reason, one.is_toll_free) == (
        *(True, "Sinch Voice-NSR-10X-Port/1"),
        *(None, False),
    )
    assert (two.is_portable, two.reason, two.is_toll_free) == (False, "VoiceTel gives no reason", True)
    assert (three.is_portable, three.reason) == (False, "Number malformed")
    assert one.raw == yes


def test_a_question_that_fails_is_no_answer() -> None:
    error, _ = failing(V.portability([ONE]), *[no(502)] * 4)
    assert isinstance(error, e.ProviderDown)
    assert error.operation == "portable"
    with pytest.raises(Unsupported):
        V.portability([PhoneNumber("+442079460123")])


def test_an_order_is_sent_once_with_all_that_travels_along() -> None:
    order = draft(
        Desired(ONE, routes=[ToGateway(1000)], caller_name="ACME", campaign="CH5K5IZ"),
        Desired(TWO, routes=[CallsToWebhook("https://example.com/calls")]),
        due_date=date(2026, 12, 15),
    )
    answer = {"pid": "a3a2a", "portUrl": "https://x.example/port", "loaUrl": "https://x.example/loa", "ticket": 7}
    made, (request,) = play(V.place_port(order), ok(answer, 201))
    assert request.purpose == "purchase"
    body = json_of(request)
    assert body["did"] == ["3125550150", "8005550151"]
    assert (body["name"], body["lcAccountNumber"], body["pin"], body["authPerson"]) == (
        *(PRIVATE[0], PRIVATE[1]),
        *(PRIVATE[2], PRIVATE[3]),
    )
    assert (body["nameType"], body["lcBtn"], body["desiredDueDate"]) == ("business", PRIVATE[6], "2026-12-15")
    assert (body["streetNumber"], body["street"], body["streetType"], body["unitValue"]) == (
        *("411", "Hackensack"),
        *("AVE", "STE 98765"),
    )
    assert (body["city"], body["state"], body["zip"], body["country"]) == ("Closter", "NJ", "07624", "US")
    # A webhook for calls is none of what VoiceTel takes with an order.
    assert body["features"] == [
        {
            "number": "3125550150",
            "routing": {"gatewayId": 1000},
            "lidb": {"name": "ACME"},
            "sms": {"campaignId": "CH5K5IZ"},
        }
    ]
    assert (made.id, made.state, made.loa_url, made.numbers) == (
        *("a3a2a", PortState.NEEDS_LOA),
        *("https://x.example/loa", (ONE, TWO)),
    )
    assert made.by_hand is not None
    assert not [text for text in PRIVATE if text in repr(request)]


def test_an_order_without_a_letter_is_submitted() -> None:
    made, (request,) = play(V.place_port(draft(ONE, pin=None)), ok({"pid": "a3a2a"}, 201))
    assert (made.state, made.by_hand) == (PortState.SUBMITTED, None)
    assert not {"pin", "features", "desiredDueDate"} & json_of(request).keys()


@pytest.mark.parametrize(
    ("outcome", "kind", "maybe"),
    [
        (no(400, "Field Required: zip"), e.InvalidRequest, False),
        (no(402, "accounts.cash insufficient for port-in fee"), e.InsufficientFunds, False),
        (no(401), e.AuthenticationFailed, False),
        (no(500), e.ProviderDown, True),
        (no(502), e.ProviderDown, True),
        (html(502), e.ProviderDown, True),
        (lost(), e.TransportError, True),
        (ok({}, 201), e.UnexpectedResponse, True),
        (ok({"pid": "longer than five"}, 201), e.UnexpectedResponse, True),
        (ok({"pid": "a3a2a"}, 200), e.UnexpectedResponse, True),
    ],
)
def test_an_order_is_never_repeated_and_says_whether_it_was_perhaps_taken(
    outcome: Any, kind: type[e.AnyCarrierError], maybe: bool
) -> None:
    error, script = failing(V.place_port(draft(ONE)), outcome)
    assert isinstance(error, kind)
    assert error.maybe_applied is maybe
    assert error.operation == "port_in"
    assert len(script.requests) == 1
    assert not [text for text in PRIVATE if text in f"{error} {error!r}"]


def test_all_that_voicetel_would_refuse_is_named_before_anything_is_sent() -> None:
    wrong = draft(
        Desired(ONE, routes=[ToGateway("main")], caller_name="A.C.M.E", campaign="ch5"),
        "+442079460123",
        service_address=type(port_order().service_address)(
            street_number="1",
            street="High",
            street_type="ST",
            city="X",
            state="nj",
            postal_code="07624",
            country="usa",
        ),
    )
    with pytest.raises(e.InvalidInput) as caught:
        V.check_port(wrong)
    said = str(caught.value)
    for part in ("numbers[0]: gateway", "numbers[0]: caller_name", "numbers[0]: campaign", "numbers[1]: ", "state must",
                 "country must"):  # fmt: skip
        assert part in said
    with pytest.raises(e.InvalidInput):
        V.place_port(wrong)


@pytest.mark.parametrize(
    ("word", "message", "state"),
    [
        ("Complete", "", PortState.COMPLETE),
        ("COMPLETED", "", PortState.COMPLETE),
        ("Incomplete", "", PortState.UNKNOWN),
        ("Submitted", "Port request a3a2a submitted. Please complete the LOA to proceed.", PortState.NEEDS_LOA),
        ("Submitted", "", PortState.SUBMITTED),
        ("Pending LOA", "", PortState.NEEDS_LOA),
        ("In Progress", "The LOA of port request a3a2a was received.", PortState.SUBMITTED),
        ("FOC", "", PortState.SCHEDULED),
        ("Rejected", "Please complete the LOA", PortState.REJECTED),
        ("Cancelled", "", PortState.REJECTED),
        ("Waltzing", "", PortState.UNKNOWN),
        (None, None, PortState.UNKNOWN),
    ],
)
def test_words_of_states(word: str | None, message: str | None, state: PortState) -> None:
    (found,), _ = play(V.ports(), ok({"ports": [port(status=word, message=message)]}))
    assert (found.state, found.provider_status, found.reason) == (state, word, message or None)
    assert (found.by_hand is not None) is (state in (PortState.NEEDS_LOA, PortState.REJECTED, PortState.UNKNOWN))


def test_a_list_does_not_state_numbers_and_one_port_does() -> None:
    (listed,), _ = play(V.ports(), ok({"ports": [port()]}))
    assert (listed.id, listed.numbers, listed.due) == ("y0d36", None, date(2026, 6, 1))
    found, (request,) = play(V.port("y0d36"), ok({"port": port(numbers=["3125550150", "+18005550151"])}))
    assert request.path_values == {"id": "y0d36"}
    assert found.numbers == (ONE, TWO)
    assert found.created is not None


@pytest.mark.parametrize("numbers", [None, [], ["3125550150", "Acme Inc"], ["3125550150", None]])
def test_half_a_list_of_numbers_is_none(numbers: Any) -> None:
    found, _ = play(V.port("y0d36"), ok({"port": port(numbers=numbers)}))
    assert found.numbers is None


@pytest.mark.parametrize("pid", [None, "", "8654d228e5f6f004e10edaed574424531da3517e"])
def test_a_list_with_a_port_that_cannot_be_read_further_is_refused_whole(pid: str | None) -> None:
    error, _ = failing(V.ports(), ok({"ports": [port(), port(pid=pid)]}))
    assert isinstance(error, e.UnexpectedResponse)
    assert error.operation == "ports"


def test_one_port_is_about_the_port_of_the_request() -> None:
    error, _ = failing(V.port("a3a2a"), ok({"port": port(numbers=["3125550150"])}))
    assert isinstance(error, e.UnexpectedResponse)
    error, _ = failing(V.port("a3a2a"), no(404))
    assert isinstance(error, e.NotFound)
    assert error.operation == "port"
