"""LeadConnector's simulator behaves as its documents and its own choices say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anycarrier import Search, Status
from anycarrier import errors as e
from anycarrier.simulator import SimRequest, SimTransport, Simulator, load, read_options
from anycarrier.testing import VirtualClock
from anycarrier_adapters import lc_legacy, lc_phone
from support.lc import BASE, LOCATION, NAMES, PURCHASE, VERSIONS, Lc

PATH = f"/phone-system/numbers/location/{LOCATION}"


def played(name: str, **options: Any) -> tuple[Simulator, Lc]:
    clock = VirtualClock()
    simulator = load(name, now=clock.time, **options)
    return simulator, Lc(name, wire=SimTransport({BASE: simulator}), clock=clock, **simulator.settings)


def asked(simulator: Simulator, method: str, path: str, body: Any = None, query: Any = (), **headers: str) -> Any:
    """A raw request, with good headers unless told otherwise."""
    given = {
        "authorization": f"Bearer {simulator.settings['token']}",
        "version": VERSIONS[simulator.name],
        "user-agent": "test",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    raw = b"" if body is None else json.dumps(body).encode()
    answer = simulator.handle(SimRequest(method, path, tuple(query), {k: v for k, v in given.items() if v}, raw))
    text = answer.body.decode()  # type: ignore[union-attr]
    return answer.status, json.loads(text) if text.startswith(("{", "[")) else text  # type: ignore[union-attr]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kinds", [["local,tollFree"], ["local", "tollFree"]], ids=["commas", "repeated"])
def test_kinds_of_numbers_may_be_one_value_or_several(kinds: list[str], name: str) -> None:
    simulator, _ = played(name)
    query = [("countryCode", "US"), ("firstPart", "800"), *(("numberTypes", kind) for kind in kinds)]
    rows = asked(simulator, "GET", f"{PATH}/available", query=query)[1]["numbers"]
    assert {row["price"]["number_type"] for row in rows} == {"tollFree"}


@pytest.mark.parametrize("name", NAMES)
def test_versions_tokens_and_agents(name: str) -> None:
    simulator, _ = played(name)
    assert asked(simulator, "GET", PATH, version="")[1]["message"] == "version header was not found."
    assert asked(simulator, "GET", PATH, version="v3, v3")[1]["message"] == "version header is invalid"
    assert asked(simulator, "GET", PATH, version="2023-02-21")[0] == 200
    assert asked(simulator, "GET", PATH, authorization="Bearer pit-x")[1]["message"].startswith("Invalid Private")
    assert asked(simulator, "GET", PATH, authorization="Bearer x")[1]["message"] == "Invalid JWT"
    status, page = asked(simulator, "GET", PATH, user_agent="Python-urllib/3.11")
    assert status == 403
    assert "1010" in page
    other = asked(simulator, "GET", "/phone-system/numbers/location/loc123")
    assert other == (
        401,
        {"message": "This location is not accessible from this token!", "statusCode": 401, "error": "Unauthorized"},
    )


@pytest.mark.parametrize("name", NAMES)
def test_what_a_strict_server_refuses(name: str) -> None:
    simulator, _ = played(name)
    status, body = asked(simulator, "GET", PATH, query=[("limit", "5")])
    assert (status, body["message"]) == (422, ["property limit should not exist"])
    assert asked(simulator, "GET", f"{PATH}/available")[1]["message"] == "countryCode is required"
    assert asked(simulator, "GET", f"{PATH}/available", query=[("countryCode", "US")])[1]["numbers"] == []
    assert asked(simulator, "GET", PATH, query=[("pageSize", "1001")])[0] == 400
    assert asked(simulator, "POST", f"{PATH}/purchase", {"phoneNumber": None})[0] == 422
    status, body = asked(simulator, "POST", f"{PATH}/purchase", {"phoneNumber": "+12015550100", "paymentIntentId": "x"})
    assert status == (201 if name == "lc_phone" else 422)


def test_v3s_twelve_fields_can_be_enforced() -> None:
    simulator, lc = played("lc_phone", required="all")
    offer = lc.search(Search(area_code="201"))[0]
    with pytest.raises(e.InvalidRequest, match="should not be empty"):
        lc.run(lc.provider.place(lc.run(lc.provider.draft(offer, key="k"))))
    lc.buy(offer, options=[lc_phone.LCPurchase(**PURCHASE)])
    assert len(simulator.ledger.charges) == 1


@pytest.mark.parametrize("name", NAMES)
def test_states_of_a_location(name: str) -> None:
    with pytest.raises(e.NotFound, match="no phone system"):
        played(name, connected=False)[1].list()
    with pytest.raises(e.ProviderDown, match="suspended"):
        played(name, failing=True, account_status="suspended")[1].list()
    assert {owned.status for owned in played(name, account_status="suspended")[1].list()} == {Status.SUSPENDED}
    with pytest.raises(e.PermissionDenied, match=r"phonenumbers\.write"):
        played(name, scopes=["phonenumbers.read"])[1].buy("+12015550100")
    assert played(name, owned=[])[1].list() == []


@pytest.mark.parametrize("name", NAMES)
def test_pools_and_rcs(name: str) -> None:
    _, lc = played(name)
    module = lc_phone if name == "lc_phone" else lc_legacy
    assert len(lc.list()) == 3
    assert len(lc.list(options=[module.LCList(include_number_pools=False)])) == 2
    (pool,) = lc.run(lc.provider.number_pools())
    assert [each.phone_number for each in pool.numbers] == ["+12125550199"]
    if name == "lc_phone":
        assert [each.number for each in lc.run(lc.provider.api.rcs_sender_ids())] == ["rcs-sender-id"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [{}, {"hints": True}, {"envelope_all": True}])
def test_a_search_in_every_shape(name: str, options: dict[str, Any]) -> None:
    _, lc = played(name, **options)
    offers = lc.search(Search(area_code="201", limit=50))
    assert len(offers) == 30
    assert all(offer.number.npa == "201" for offer in offers)
    lc.run(lc.provider.number_pools())


@pytest.mark.parametrize("name", NAMES)
def test_two_offers_of_one_search_never_share_a_fingerprint(name: str) -> None:
    simulator, lc = played(name)  # it refuses a fingerprint that was used before
    for offer in lc.search(Search(area_code="212", limit=3)):
        lc.buy(offer)
    marks = [charge.mark for charge in simulator.ledger.charges]
    assert len(marks) == len(set(marks)) == 3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "kind", ["reset", "close", "hang", "truncate", "not_json", "error", "redirect", "content_type"]
)
@pytest.mark.parametrize("done", [True, False])
def test_a_purchase_in_trouble_is_charged_once_and_known(name: str, kind: str, done: bool) -> None:
    simulator, lc = played(name, lag=30.0)
    offer = lc.search(Search(area_code="305"))[0]
    simulator.fault(kind, operation="purchase", done=done)
    try:
        owned = lc.buy(offer, deadline=600)
    except Exception as error:  # noqa: BLE001 - whichever it is, it must say that nothing was bought
        assert not done
        assert error.safe_elsewhere  # type: ignore[attr-defined]
    else:
        assert done
        assert owned.number == offer.number
    assert len(simulator.ledger.charges) == int(done)
    assert simulator.ledger.counters.total() < 60


def test_a_purchase_that_commits_late_is_found() -> None:
    simulator, lc = played("lc_legacy")
    offer = lc.search(Search(area_code="305"))[0]
    simulator.fault("late", operation="purchase", seconds=120)
    assert lc.buy(offer, deadline=600).number == offer.number
    assert len(simulator.ledger.charges) == 1


def test_a_short_deadline_ends_in_an_unknown_outcome_that_can_be_resolved() -> None:
    simulator, lc = played("lc_phone", lag=60.0)
    offer = lc.search(Search(area_code="305"))[0]
    simulator.fault("reset", operation="purchase", done=True)
    with pytest.raises(e.OutcomeUnknown) as caught:
        lc.buy(offer, deadline=10)
    assert caught.value.key == offer.purchase["fingerprintId"]
    assert lc.resolve(caught.value, deadline=300).number == offer.number


@pytest.mark.parametrize("name", NAMES)
def test_what_was_sold_is_gone(name: str) -> None:
    _, lc = played(name)
    offer = lc.search(Search(area_code="870"))[0]
    lc.buy(offer)
    lc.provider._used.clear()
    with pytest.raises(e.NumberUnavailable):
        lc.run(lc.provider.draft(offer.number, key="k"))


def test_rate_limits_are_kept() -> None:
    simulator, lc = played("lc_phone", burst=5)
    for _ in range(5):
        lc.list()
    assert lc.provider.rate_limits.remaining == 0
    assert len(lc.list()) == 3  # waited for the interval
    assert sum(lc.clock.slept) == 10.0
    _, lc = played("lc_phone", daily=1)
    lc.list()
    with pytest.raises(e.RateLimited):
        lc.list()
    assert lc.clock.slept == []
    assert simulator.ledger.counters


@pytest.mark.parametrize("name", NAMES)
def test_refused_credentials(name: str) -> None:
    simulator, _ = played(name)
    lc = Lc(name, wire=SimTransport({BASE: simulator}), token="pit-other")
    with pytest.raises(e.AuthenticationFailed):
        lc.list()


@pytest.mark.parametrize("name", NAMES)
def test_an_account_is_filled_with_numbers_of_several_kinds(name: str) -> None:
    simulator, lc = played(name, owned="+12015550101,+12015550102", big=17)
    assert len(lc.list()) == 19
    answer = asked(simulator, "GET", PATH, query=[("skipNumberPool", "false")])[1]
    rows = answer.get("data", answer)["numbers"]
    labels = {row["phoneNumber"]: (row["friendlyName"] or "none").split()[0] for row in rows}
    assert {*labels.values()} == {"none", "Line", "Sales", "Campaign", "Menu", "Support", "Desk", "Agent"}
    assert {pooled.e164 for pool in lc.pools() for pooled in pool.numbers} == {
        number for number, label in labels.items() if label == "Campaign"
    }
    services = {
        labels[row["phoneNumber"]]: row["inboundCallService"]["type"] for row in rows if row["inboundCallService"]
    }
    assert services == {"Menu": "ivr", "Agent": "voice_ai"}
    assert {labels[row["phoneNumber"]] for row in rows if row["type"] == "toll-free"} == {"Support"}
    assert len({number[2:5] for number in labels}) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_numbers_at_the_start_may_have_facts(name: str) -> None:
    facts = {"number": "+18335550101", "name": "Support", "user": "u1", "ring_all": ("u1", "u2"), "origin": "ported"}
    simulator, _ = played(name, accounts={"main": {"owned": [facts, "+12015550101"]}})
    answer = asked(simulator, "GET", PATH)[1]
    (first, second) = answer.get("data", answer)["numbers"]
    assert (first["type"], first["friendlyName"], first["linkedUser"]) == ("toll-free", "Support", "u1")
    assert (first["linkedRingAllUsers"], first["origin"]) == (["u1", "u2"], "ported")
    assert (second["phoneNumber"], second["origin"]) == ("+12015550101", "twilio")
    with pytest.raises(e.InvalidInput, match="color"):
        load(name, owned=[{"number": "+12015550101", "color": "red"}])
    with pytest.raises(e.InvalidInput, match="needs its number"):
        load(name, owned=[{"name": "Sales"}])


@pytest.mark.parametrize("text", ["+12015550101", "12015550101", "+12015550101,+18335550101"])
def test_numbers_at_the_start_may_come_from_a_command_line(text: str) -> None:
    options = read_options([f"owned={text}"], ["lc_phone"])["lc_phone"]
    simulator, lc = played("lc_phone", **options)
    found = [row.number.e164 for row in lc.list()]
    assert found == [one if one.startswith("+") else f"+{one}" for one in text.split(",")]
    assert [*simulator.held()] == found


def test_an_account_cannot_be_filled_with_more_numbers_than_there_are() -> None:
    simulator, _ = played("lc_phone", big=9)
    with pytest.raises(e.InvalidInput, match="are left to fill an account with, not 9999"):
        simulator.fill(9999)  # type: ignore[attr-defined]
    assert simulator.fill(2, kind="tollFree") == ["+18335550189", "+18445550189"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("event", "book"), [("port_out", "ported_out"), ("delete", "releases")])
def test_a_number_leaves_by_an_event(event: str, book: str, name: str) -> None:
    simulator, lc = played(name)
    simulator.happen(event, number="+12125550199")
    assert "+12125550199" not in [row.number.e164 for row in lc.list()]
    assert lc.pools() == []
    books = simulator.ledger.as_dict()
    assert [row["number"] for row in books[book]] == ["+12125550199"]
    assert len(books["ported_out"]) + len(books["releases"]) == 1
    with pytest.raises(e.InvalidInput, match="the location has no number"):
        simulator.happen(event, number="+12125550199")
