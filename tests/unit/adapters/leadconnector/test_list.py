"""LeadConnector: the list, one number of it, number pools, RCS sender ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from anycarrier import Client, Feature, ForwardTo, InvalidInput, Line, NoForward, NotFound, Status, UnexpectedResponse
from anycarrier_adapters import lc_legacy, lc_phone
from support.lc import LOCATION, MODES, NAMES, NUMBER, ROW, VERSIONS, Lc, answer, enveloped, listed

LIST = {"lc_phone": lc_phone.LCList, "lc_legacy": lc_legacy.LCList}


def row(place: int, **changes: Any) -> dict[str, Any]:
    return {**ROW, "phoneNumber": f"+1201555{100 + place:04}", "sid": f"PN{place}", **changes}


def owned_of(**changes: Any) -> Any:
    (owned,) = Lc("lc_legacy", answer(listed({**ROW, **changes}))).list()
    return owned


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_pages_count_from_zero_and_a_short_one_is_the_last(name: str, mode: str) -> None:
    lc = Lc(
        name,
        answer(listed(row(0), row(1))),
        answer(enveloped({"numbers": [row(2)], "accountStatus": "active"})),
        mode=mode,
    )
    found = lc.list(options=[LIST[name](page_size=2)])
    assert [owned.id for owned in found] == ["PN0", "PN1", "PN2"]
    assert [owned.raw["sid"] for owned in found] == ["PN0", "PN1", "PN2"]
    assert lc.wire.query(0) == {"pageSize": "2", "page": "0", "skipNumberPool": "false"}
    assert lc.wire.query(1) == {"pageSize": "2", "page": "1", "skipNumberPool": "false"}
    assert lc.wire.path() == f"/phone-system/numbers/location/{LOCATION}"
    assert lc.wire.header("version") == [VERSIONS[name]]


@pytest.mark.parametrize(
    ("pages", "requests"),
    [
        ([enveloped({"numbers": [row(0), row(1)], "total": 2})], 1),
        (
            [
                enveloped({"numbers": [row(0), row(1)], "total": "4"}),
                enveloped({"numbers": [row(2), row(3)], "total": 4}),
            ],
            2,
        ),
        ([enveloped({"numbers": [row(0), row(1)], "total": 0}), listed()], 2),
        ([listed(row(0), row(1)), listed()], 2),
        ([listed(row(0), row(1)), listed(row(2), row(0)), listed(row(0), row(9)), listed(row(0))], 4),
        ([listed(row(0), row(1), pageSize=1), listed(row(2), pageSize=1), listed(row(3), pageSize=5)], 3),
        ([[row(0), row(1)], [row(2)]], 2),
        ([listed()], 1),
    ],
    ids=[
        "total",
        "total-later",
        "total-of-something-else",
        "empty-page",
        "overlapping",
        "smaller-page",
        "bare-list",
        "nothing",
    ],
)
def test_where_a_list_ends(pages: list[Any], requests: int) -> None:
    lc = Lc("lc_legacy", *[answer(page) for page in pages])
    found = lc.list(options=[lc_legacy.LCList(page_size=2)])
    assert len(lc.wire.requests) == requests
    assert len({owned.number for owned in found}) == len(found)


@pytest.mark.parametrize("name", NAMES)
def test_how_a_list_is_read_can_be_chosen(name: str) -> None:
    lc = Lc(name, answer(listed()))
    lc.list(options=[LIST[name](include_number_pools=False, page_size=1000)])
    assert lc.wire.query() == {"pageSize": "1000", "page": "0", "skipNumberPool": "true"}
    for wrong in (0, 1001):
        with pytest.raises(InvalidInput, match="page_size"):
            LIST[name](page_size=wrong)


def test_all_that_the_record_states() -> None:
    record = {
        **ROW,
        "isDefaultNumber": True,
        "linkedUser": "",
        "linkedRingAllUsers": ["user_123"],
        "inboundCallService": {"type": "voice_ai", "value": "68e3"},
        "forwardingNumber": "+14155550172",
        "isGroupConversationEnabled": True,
        "addressSid": "",
        "bundleSid": None,
        "dateAdded": "Mon, 23 Feb 2026 22:00:52 +0000",
        "dateUpdated": "2023-02-20T14:45:00Z",
        "origin": "twilio",
    }
    (owned,) = Lc("lc_legacy", answer(listed(record))).list()
    assert (owned.number, owned.id, owned.label, owned.line) == (NUMBER, "PN1", "Main line", Line.LOCAL)
    assert owned.features == {Feature.VOICE: True, Feature.SMS: True, Feature.MMS: False, Feature.FAX: False}
    assert owned.routes == (ForwardTo("+14155550172"),)
    assert owned.created == datetime(2026, 2, 23, 22, 0, 52, tzinfo=UTC)
    assert (owned.status, owned.provider_status) == (Status.ACTIVE, "active")
    detail = owned.detail
    assert (detail.is_default_number, detail.linked_user, detail.linked_ring_all_users) == (True, None, ("user_123",))
    assert (detail.address_sid, detail.bundle_sid, detail.origin, detail.country_code) == (None, None, "twilio", "US")
    assert detail.inbound_call_service.type == "voice_ai"
    assert detail.date_updated == datetime(2023, 2, 20, 14, 45, tzinfo=UTC)
    assert owned.campaign_id is None


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2024-01-01T00:00:00.000Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2023-01-15T10:30:00Z", datetime(2023, 1, 15, 10, 30, tzinfo=UTC)),
        ("2023-01-15T10:30:00", datetime(2023, 1, 15, 10, 30, tzinfo=UTC)),
        ("Mon, 23 Feb 2026 17:00:52 -0500", datetime(2026, 2, 23, 22, 0, 52, tzinfo=UTC)),
        ("", None),
        (None, None),
        ({"_seconds": 1}, None),
        ("yesterday", None),
        ("99 Foo 99999999", None),
        (5, None),
    ],
)
def test_dates(text: Any, when: datetime | None) -> None:
    assert owned_of(dateAdded=text).created == when


def test_the_date_of_another_field() -> None:
    assert owned_of(dateCreated="2024-01-01T00:00:00.000Z").created == datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("local", Line.LOCAL),
        ("toll-free", Line.TOLL_FREE),
        ("tollFree", Line.TOLL_FREE),
        ("mobile", Line.MOBILE),
        ("national", Line.NATIONAL),
        ("satellite", None),
        ("", None),
        (None, None),
    ],
)
def test_kinds_of_number(word: str | None, line: Line | None) -> None:
    assert owned_of(type=word).line is line


@pytest.mark.parametrize(
    ("stated", "routes"),
    [
        ({}, None),
        ({"forwardingNumber": ""}, (NoForward(),)),
        ({"forwardingNumber": None}, (NoForward(),)),
        ({"forwardingNumber": "+14155550172"}, (ForwardTo("+14155550172"),)),
        ({"forwardingNumber": "(415) 555-0172"}, (ForwardTo("+14155550172"),)),
        ({"forwardingNumber": "front desk"}, None),
        (
            {"forwardingNumber": "", "inboundCallService": {"type": "forward", "value": "+14155550172"}},
            (ForwardTo("+14155550172"),),
        ),
        ({"forwardingNumber": "", "inboundCallService": {"type": "forward", "value": {"to": "x"}}}, None),
        ({"forwardingNumber": "", "inboundCallService": {"type": "ivr", "value": "flow-123"}}, (NoForward(),)),
        ({"inboundCallService": None}, None),
        ({"inboundCallService": ""}, None),
    ],
)
def test_forwarding_only_where_it_is_stated(stated: dict[str, Any], routes: Any) -> None:
    assert owned_of(**stated).routes == routes


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("active", Status.ACTIVE),
        ("suspended", Status.SUSPENDED),
        ("Suspended", Status.SUSPENDED),
        ("closed", Status.UNKNOWN),
        ("word_nobody_knows", Status.UNKNOWN),
        (None, Status.ACTIVE),
        ("", Status.ACTIVE),
    ],
)
def test_the_status_of_the_account(word: str | None, status: Status) -> None:
    (owned,) = Lc("lc_legacy", answer(listed(ROW, accountStatus=word))).list()
    assert owned.status is status
    assert owned.provider_status == (word or None)


def test_a_record_that_cannot_be_read_does_not_hide_the_others() -> None:
    lc = Lc("lc_phone", answer(listed(row(0), {"phoneNumber": "?"}, row(2), 7)))
    numbers = Client(lc.provider, transport=lc.wire, clock=lc.clock).list()
    assert [next(numbers).id, next(numbers).id] == ["PN0", "PN2"]
    with pytest.raises(UnexpectedResponse, match="2 of 4 records"):
        next(numbers)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_one_number_through_the_list(name: str, mode: str) -> None:
    near = {**ROW, "phoneNumber": "+18705550199"}
    lc = Lc(name, answer(listed(near, ROW)), mode=mode)
    assert lc.get("(870) 555-0123").number == NUMBER
    assert lc.wire.query() == {"pageSize": "250", "page": "0", "searchFilter": NUMBER, "skipNumberPool": "false"}


def test_a_number_on_a_later_page() -> None:
    full = [row(place) for place in range(100)]
    lc = Lc("lc_legacy", answer(listed(*full)), answer(listed(*full)), answer(listed(ROW)))
    assert lc.get(NUMBER).id == "PN1"
    assert lc.wire.query() == {"pageSize": "250", "page": "1", "skipNumberPool": "false"}


def test_a_number_that_is_not_there() -> None:
    with pytest.raises(NotFound) as caught:
        Lc("lc_legacy", answer(listed())).get(NUMBER)
    assert caught.value.code is None


def test_a_filtered_list_of_other_numbers_is_an_answer_to_something_else() -> None:
    lc = Lc("lc_phone", answer(listed(row(0))), answer(listed(row(0), ROW)))
    assert lc.get(NUMBER).id == "PN1"
    assert "searchFilter" not in lc.wire.query()
    with pytest.raises(NotFound):
        Lc("lc_phone", answer(listed(row(0))), answer(listed(row(0)))).get(NUMBER)


@pytest.mark.parametrize(
    "pages",
    [[listed(*[row(place) for place in range(100)])] * 4, [[]], [listed({"phoneNumber": "?"})]],
    ids=["repeated", "bare-list", "unreadable"],
)
def test_absence_is_not_believed_of_a_list_that_is_not_whole(pages: list[Any]) -> None:
    with pytest.raises(UnexpectedResponse):
        Lc("lc_legacy", *[answer(page) for page in pages]).get(NUMBER)


def test_rcs_sender_ids_are_not_numbers() -> None:
    sender = {"number": "rcs-sender-id", "numberType": "rcsSenderId", "friendlyName": "Brand Sender"}
    among = {"phoneNumber": "rcs-other", "numberType": "rcsSenderId"}
    body = enveloped({"numbers": [among, ROW], "rcsSenderIds": [sender], "total": 1})
    (owned,) = Lc("lc_phone", answer(body)).list()
    assert owned.number == NUMBER
    assert owned.raw["sid"] == "PN1"
    lc = Lc("lc_phone", answer(body))
    senders = lc.run(lc.provider.api.rcs_sender_ids())
    assert [(each.number, each.friendly_name) for each in senders] == [
        ("rcs-sender-id", "Brand Sender"),
        ("rcs-other", None),
    ]
    assert lc.wire.query()["includeRcsSenderIds"] == "true"
    assert not hasattr(Lc("lc_legacy").provider.api, "rcs_sender_ids")


POOL = {
    "id": "ve9EPM428h8vShlRW1KT",
    "name": "Sales Team Pool",
    "locationId": "loc123",
    "numbers": [{"phoneNumber": NUMBER, "friendlyName": "Sales Line 1"}],
    "forwardingNumber": "",
    "whisper": True,
    "callRecording": True,
    "isActive": True,
    "inboundCallService": {"type": "voice_ai", "value": "68e3"},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body",
    [
        {"success": True, "data": [POOL], "total": 1},
        enveloped({"numberPools": [POOL]}),
        enveloped({"pools": [POOL]}),
        {"numberPools": [POOL]},
        [POOL],
    ],
    ids=["documented", "enveloped", "pools", "top", "bare"],
)
def test_number_pools(name: str, mode: str, body: Any) -> None:
    lc = Lc(name, answer(body), mode=mode)
    (pool,) = lc.run(lc.provider.number_pools())
    assert (pool.name, pool.whisper, pool.forwarding_number) == ("Sales Team Pool", True, None)
    assert pool.numbers[0].phone_number == NUMBER
    assert pool.inbound_call_service.type == "voice_ai"
    assert lc.wire.path() == "/phone-system/number-pools"
    assert lc.wire.query() == {"locationId": LOCATION}
    assert lc.wire.header("version") == [VERSIONS[name]]


@pytest.mark.parametrize("body", [{}, 5, {"data": {}}, {"data": [5]}, {"data": [{"numbers": [{"phoneNumber": "x"}]}]}])
def test_pools_that_are_none(body: Any) -> None:
    lc = Lc("lc_phone", answer(body))
    with pytest.raises(UnexpectedResponse):
        lc.run(lc.provider.number_pools())


@pytest.mark.parametrize("name", NAMES)
def test_rate_limits_are_read_and_exposed(name: str) -> None:
    headers = {
        "x-ratelimit-limit-daily": "200000",
        "x-ratelimit-daily-remaining": "199999",
        "x-ratelimit-interval-milliseconds": "10000",
        "x-ratelimit-max": "100",
        "x-ratelimit-remaining": "99",
        "x-ratelimit-daily-reset": "soon",
    }
    lc = Lc(
        name, answer(listed(), headers=headers), answer(listed()), answer(listed(), headers={"x-ratelimit-max": "x"})
    )
    assert lc.provider.rate_limits is None
    for _ in range(3):  # an answer without them, or with nonsense, takes nothing back
        lc.list()
        limits = lc.provider.rate_limits
        assert (limits.limit, limits.remaining, limits.interval) == (100, 99, 10.0)
        assert (limits.daily_limit, limits.daily_remaining, limits.daily_reset) == (200_000, 199_999, "soon")
