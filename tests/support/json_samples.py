"""A value of every class that has a public JSON form, with every member set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from anycarrier import errors
from anycarrier.account_records import Balance, Campaign, CampaignStatus, Coverage, Pool
from anycarrier.attempt import Attempt, AttemptState, Denial, Draft
from anycarrier.desired_state import (
    Applied,
    Change,
    ChangeKind,
    ChangeOutcome,
    ChangeRecord,
    ChangeResult,
    ChangeState,
    Desired,
    NewChange,
    NumberPlan,
    NumberState,
    Obstacle,
    Plan,
)
from anycarrier.json_forms import Problem
from anycarrier.model import (
    BindingStatus,
    CallsToWebhook,
    CampaignBinding,
    Feature,
    ForwardTo,
    Line,
    Money,
    NoForward,
    NoTexts,
    Offer,
    OwnedNumber,
    Receipt,
    Release,
    ReleaseState,
    Status,
    TextsTo,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
    Transfer,
)
from anycarrier.number_services import CallerName, EmergencyAddress, EmergencyRecord, LookUp, MessagingRecord
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import Port, Portability, PortIn, PortRecord, PortState, RecordedNumber
from anycarrier.ports import ServiceAddress
from anycarrier.purchase import Bought, ItemState, Order, OrderItem, Purchase
from anycarrier.search import Search

NUMBER = PhoneNumber("+12015550123")
OTHER = PhoneNumber("+12015550124")
AT = datetime(2025, 1, 31, 12, 30, tzinfo=UTC)
WHERE: dict[str, Any] = {"provider": "acme", "account": "main", "number": NUMBER}
ACCOUNT = {"provider": "acme", "account": "main"}
PRICE, SETUP = Money("1.150"), Money("0.5", "EUR")
ADDRESS = EmergencyAddress(
    name="Acme Inc", street="1 Main St", unit="Ste 2", city="Hackensack", state="NJ", postal_code="07601"
)
OWNED = OwnedNumber(
    **WHERE,
    id="n1",
    status=Status.PORTING_IN,
    provider_status="Porting",
    label="Front desk",
    features={Feature.SMS: True, Feature.FAX: False},
    line=Line.TOLL_FREE,
    routes=(ForwardTo(OTHER), TextsToWebhook("https://example.com/texts")),
    campaign_id="C1",
    created=AT,
    receipt=Receipt(charged=PRICE, order_id="o1", others=("2015550125",)),
)
DRAFT = Draft(**WHERE, key="k1", body=b'{"a": "\xff"}', price=PRICE, setup_price=PRICE)
ATTEMPT = Attempt(
    draft=DRAFT,
    state=AttemptState.IN_DOUBT,
    first_sent=1_700_000_000.5,
    last_sent=1_700_000_001.0,
    sends=2,
    absent=1,
    unknown=3,
    next_at=1_700_000_100.0,
    no_replay=True,
    denial=Denial.TAKEN,
    reason="lost",
    order_id="o1",
)
SEARCH = Search(
    area_code=["201", "551"],
    ends_with="00",
    contains="777",
    spells="TAXI",
    excluding={"551", OTHER},
    without={"4", "13"},
    city="Closter",
    state="NJ",
    postal_code="07624",
    rate_center="CLOSTER",
    lata="224",
    features={Feature.SMS, Feature.VOICE},
    line=Line.LOCAL,
    max_price=PRICE,
    country="US",
    sort_by="price",
    limit=25,
)
ORDER = Order(
    criteria=SEARCH,
    features={Feature.MMS},
    capabilities=["release", "bind_campaign"],
    max_price=PRICE,
    spend_cap=Money("9"),
    quantity=3,
    prefer="cheapest",
    in_doubt="hold",
    deadline=60,
    valid_for=90.5,
    fulfilled_by="placed",
    reference="tenant-42",
    tags={"plan": "basic"},
)
BOUGHT = Bought(**WHERE, key="k1", price=PRICE, setup_price=PRICE, owned=OWNED)
ITEM = OrderItem(
    id="r1#1",
    state=ItemState.ACTIVE,
    bought=BOUGHT,
    reason="why",
    reasons={"main": "no funds"},
    resume_at=1_700_000_000.0,
    setup="done",
)
PURCHASE = Purchase(
    request_id="r1",
    items=(ITEM, OrderItem(id="r1#2", state=ItemState.PARKED, number=OTHER, key="k2")),
    reference="tenant-42",
    tags={"plan": "basic"},
)
BINDING = CampaignBinding(
    **WHERE, campaign_id="C1", registry_id="T1", status=BindingStatus.PENDING, provider_status="Submitted"
)

CHANGE = Change(NUMBER, ChangeKind.CAMPAIGN, False, "C1")
RESULT = ChangeResult(change=CHANGE, state=ChangeState.FAILED, reason="refused")
PLANNED = NumberPlan(
    **WHERE,
    changes=(CHANGE,),
    obstacles=(Obstacle(number=NUMBER, what=None, reason="it is on its way to another carrier"),),
    pending=(ChangeKind.CAMPAIGN,),
    left="it is to stay",
    monthly_before=PRICE,
    monthly_after=PRICE,
)

PORT_RECORD = PortRecord(
    **ACCOUNT,
    request_id="r1",
    port_id="a3a2a",
    state=PortState.COMPLETE,
    numbers=(
        RecordedNumber(number=NUMBER, state=PortState.COMPLETE),
        RecordedNumber(number=OTHER, state=PortState.LEFT_OUT, reason="not there"),
    ),
    due=AT.date(),
    loa_url="https://example.com/loa",
    reason="in part",
    fee=Money("12"),
    reference="move",
    created=1_700_000_000.5,
)

SAMPLES: tuple[Any, ...] = (
    Offer(
        **WHERE,
        city="Closter",
        state="NJ",
        postal_code="07624",
        rate_center="CLOSTER",
        lata="224",
        country="US",
        latitude=40.97,
        longitude=-73.96,
        features={Feature.SMS: True},
        line=Line.LOCAL,
        price=PRICE,
        setup_price=SETUP,
        address_requirement="any",
        purchase={"fingerprintId": "f1"},
    ),
    OWNED,
    Receipt(charged=PRICE, order_id="o1", others=("x",)),
    PRICE,
    SEARCH,
    ORDER,
    Order(number=NUMBER),
    Order(number=NUMBER, setup=Desired(routes=[ToGateway(1000)], campaign="C1", label="Main line")),
    PURCHASE,
    ITEM,
    BOUGHT,
    DRAFT,
    ATTEMPT,
    ToGateway(1000),
    ForwardTo(NUMBER),
    NoForward(),
    CallsToWebhook("https://example.com/calls"),
    TextsTo("MG01"),
    TextsToWebhook("https://example.com/texts"),
    TextsToEmail("texts@example.com"),
    TextsToSip("sip:texts@example.com"),
    NoTexts(),
    Release(**WHERE, state=ReleaseState.SCHEDULED, at=AT),
    Transfer(**WHERE, to_account="1000000002"),
    BINDING,
    Balance(**ACCOUNT, amount=PRICE.amount, currency="USD", as_of=AT),
    Pool(**ACCOUNT, id="p1", name="Sales", numbers=(NUMBER, OTHER), forward_to=OTHER),
    Campaign(
        **ACCOUNT,
        id="C1",
        registry_id="T1",
        status=CampaignStatus.ACTIVE,
        provider_status="Live",
        numbers=(NUMBER,),
    ),
    Coverage(**ACCOUNT, count=7, state="NJ", city="Closter", rate_center="CLOSTER", prefix="201555", lata="224"),
    ADDRESS,
    EmergencyRecord(**WHERE, address=ADDRESS),
    MessagingRecord(number=NUMBER, texts=NoTexts(), binding=BINDING),
    Desired(NUMBER, routes=[ToGateway(1), NoTexts()], campaign="C1", label="Main", caller_name="ACME", enabled=True),
    Desired(NUMBER, campaign=False, emergency=ADDRESS),
    Desired(NUMBER, release=True),
    NumberState(
        **WHERE,
        status=Status.ACTIVE,
        provider_status="Live",
        calls=ToGateway(1),
        forward=NoForward(),
        texts=NoTexts(),
        campaign="C1",
        binding=BindingStatus.ACTIVE,
        label="Main",
        caller_name="ACME",
        emergency=ADDRESS,
        enabled=True,
        service="an IVR",
    ),
    Change(NUMBER, ChangeKind.REPLACE, "acme/main", Search(area_code="201"), cost=PRICE),
    Change(NUMBER, ChangeKind.EMERGENCY, False, ADDRESS),
    Change(NUMBER, ChangeKind.FORWARD, ForwardTo(OTHER), NoForward()),
    Change(NUMBER, ChangeKind.CAMPAIGN, "C1", None),
    Change(NUMBER, ChangeKind.CALLS, None, ToGateway(1), cost=Money("6.00")),
    NewChange(
        **WHERE, what="texts", before=NoTexts(), after=TextsTo("MG01"), plan="p1", item_id="r1#1", reference="t1"
    ),
    ChangeRecord(
        **WHERE,
        what="campaign",
        before="C1",
        after=False,
        plan="p1",
        item_id="r1#1",
        reference="t1",
        id=7,
        outcome=ChangeOutcome.PENDING,
        reason="later",
        created=1_700_000_000.5,
        ended=1_700_000_001.5,
    ),
    ChangeRecord(**WHERE, what="transfer", after="1000000002", id=8, outcome=ChangeOutcome.SENT, created=1.0),
    Obstacle(number=NUMBER, what=ChangeKind.LABEL, after="Main", reason="it cannot", by_hand="in its web app"),
    PLANNED,
    Plan(
        id="0123456789abcdef",
        numbers=(PLANNED,),
        existing={"main": 3},
        undoes="fedcba9876543210",
        holders={"main": "5e884898da28"},
    ),
    RESULT,
    Applied(**WHERE, results=(RESULT,), replaced_by=OTHER),
    CallerName(**WHERE, name="ACME", shows_callers=True),
    LookUp(
        **WHERE,
        carrier="Acme",
        carrier_kind="CLEC",
        ocn="1234",
        lrn="+12015550199",
        rate_center="CLOSTER",
        city="Closter",
        state="NJ",
        lata="224",
        caller_name="ACME",
        cost=PRICE,
    ),
    Portability(**WHERE, is_portable=True, reason="on this network", losing_carrier="Acme", is_toll_free=True),
    Port(
        **ACCOUNT,
        id="a3a2a",
        state=PortState.SCHEDULED,
        provider_status="FOC",
        numbers=(NUMBER, OTHER),
        due=AT.date(),
        loa_url="https://example.com/loa",
        reason="soon",
        by_hand="wait",
        created=AT,
    ),
    PORT_RECORD,
    PORT_RECORD.numbers[1],
    PortIn(
        request_id="r1",
        records=(PORT_RECORD,),
        refused=(Portability(**WHERE, is_portable=False, reason="no"),),
        unsent=(OTHER,),
    ),
    ServiceAddress(
        street_number="411",
        street="Hackensack",
        street_type="AVE",
        street_prefix="N",
        street_suffix="SE",
        building="B",
        floor="2",
        room="21",
        unit="STE 5",
        city="Hackensack",
        state="NJ",
        postal_code="07601",
    ),
    Problem.of(errors.NotFound("not there", provider="acme", operation="get", number=str(NUMBER), code="E1")),
    Problem.of(errors.Unsupported("acme", "release", "it cannot"), instance="/problems/1"),
)
"""Values, which are equal to what their form is read as."""

_COMMON: dict[str, Any] = {
    "provider": "acme",
    "operation": "buy",
    "status": 409,
    "code": "E1",
    "detail": "the provider's words",
    "request_id": "q1",
    "retry_after": 3.5,
    "number": NUMBER.e164,
}
_EXTRA: dict[str, dict[str, Any]] = {
    "ConfigurationError": {"problems": ("no token", "no location")},
    "InvalidNumber": {"reason": "too_short"},
    "RequirementsMissing": {"requirements": ("an address",)},
    "ProviderDown": {"failed": {"main": errors.NotFound("no")}},
    "TransportError": {"kind": "timeout", "maybe_applied": True},
    "OutcomeUnknown": {"key": "k1", "attempt": ATTEMPT, "resume_at": 1_700_000_100.0, "purchase": PURCHASE},
    "StillPending": {"last": OWNED},
    "OrderExhausted": {"reasons": {"main": "no numbers"}, "purchase": PURCHASE},
    "SpendLimitExceeded": {"reasons": {"main": "too dear"}, "purchase": PURCHASE},
    "JournalError": {"purchase": PURCHASE},
}


def error_of(name: str) -> errors.AnyCarrierError:
    """An error of the class *name*, with every attribute set."""
    if name == "Unsupported":
        return errors.Unsupported("acme", "release", "it cannot")
    cls = getattr(errors, name)
    made: errors.AnyCarrierError = cls("it did not work", **_COMMON, **_EXTRA.get(name, {}))
    made.applied = (NoTexts(),)
    made.__cause__ = errors.RateLimited("too many", provider="acme")
    return made


ERRORS: tuple[str, ...] = tuple(
    name
    for name in errors.__all__
    if isinstance(getattr(errors, name), type) and issubclass(getattr(errors, name), errors.AnyCarrierError)
)
