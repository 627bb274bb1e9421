"""What VoiceTel v2.2 sends, as read by the neutral operations (VoiceTel OpenAPI 2.2.10, components/schemas)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter

from anycarrier.schemas import READABLE, Record, TenDigit, Text

T = TypeVar("T")


def _none_when_empty(value: object) -> object:
    return value or None


def _list_when_null(value: object) -> object:
    return [] if value is None else value


class Envelope(Record, Generic[T]):
    """Every 2xx answer with a body."""

    status: Literal["success"]
    data: T


class OfNumber(Record):
    """What is about one number names it: an answer that does not is about nothing we asked for."""

    number: TenDigit


class InventoryRow(OfNumber):
    """A number that can be ordered. All text; ``lata`` too."""

    city: Text = None
    province: Text = None
    rate_center: Text = Field(None, alias="rateCenter")
    lata: Text = None


class Inventory(Record):
    """``GET /v2.2/inventory``. A row that cannot be read is ``None``."""

    numbers: Annotated[list[InventoryRow | None], READABLE]


class Failure(Record):
    """A number that an operation on several did not take."""

    number: str
    reason: Text = None


class Order(Record):
    """``POST /v2.2/orders``. The numbers stay text here: which of them is ours is decided with care."""

    order_id: Text = Field(None, alias="orderId")
    amount_charged: Decimal | None = Field(None, alias="amountCharged")
    numbers_ordered: Annotated[list[str], BeforeValidator(_list_when_null)] = Field(
        default_factory=list[str], alias="numbersOrdered"
    )
    failed: Annotated[list[Failure], BeforeValidator(_list_when_null)] = Field(default_factory=list[Failure])


class NumberRow(OfNumber):
    """A number on the account: an item of the list, or the ``data`` of one.

    Attributes:
        route: id of the gateway or system route that its calls go to; ``gateway`` is that one's address or name.
        translated: the digits that are sent to the gateway instead of the number.
        carrier: id of the carrier that its texts leave by; 0 for none.
        forward: whether calls are forwarded, and ``forward_to`` where to.
        sms_enabled: whether texts go anywhere; ``fax_enabled`` the same for faxes.
        cnam: whether callers' names are looked up.
    """

    route: int | None = None
    gateway: Text = None
    translated: Text = None
    carrier: int | None = None
    forward: bool | None = None
    forward_to: Annotated[TenDigit | None, BeforeValidator(_none_when_empty)] = Field(None, alias="forwardTo")
    sms_enabled: bool | None = Field(None, alias="smsEnabled")
    fax_enabled: bool | None = Field(None, alias="faxEnabled")
    cnam: bool | None = None


NUMBER_ROWS = TypeAdapter(list[NumberRow], config=ConfigDict(defer_build=True))
"""Rows of the list, already decoded."""


class Moved(OfNumber):
    """``PATCH /v2.2/numbers/{number}``."""

    account_id: Text = Field(None, alias="accountId")
    route: int | None = None


class Job(Record):
    """Work that goes on after the answer; came after 2.2.10. ``state``: queued, hosting, ..., done, failed."""

    state: Text = None


class Bound(OfNumber):
    """``PUT /v2.2/numbers/{number}/messaging-campaign``. ``status`` (enabled, already, pending) and ``job`` came after
    2.2.10."""

    campaign_id: Text = Field(None, alias="campaignId")
    status: Text = None
    job: Job | None = None


class Unbound(OfNumber):
    """``DELETE /v2.2/numbers/{number}/messaging-campaign``."""

    campaign_id: Text = Field(None, alias="campaignId")
    unassigned: bool | None = None


class Campaign(Record):
    """The campaign of a number, within its messaging state."""

    id: Text = None
    status: Text = None


class MessagingState(OfNumber):
    """``GET /v2.2/numbers/{number}/messaging``. ``campaign`` is null without a binding; ``pending`` came after 2.2.10,
    and its shape is not documented."""

    on_account: bool | None = Field(None, alias="onAccount")
    campaign: Campaign | None = None
    pending: Any = None


class Key(Record):
    """``POST /v2.2/account/api-key``. The field is ``apikey``, all lower case."""

    apikey: str = Field(pattern=r"^\s*[!-~]+\s*$", repr=False)


AnyAnswer: TypeAlias = Envelope[dict[str, Any]]
InventoryAnswer: TypeAlias = Envelope[Inventory]
OrderAnswer: TypeAlias = Envelope[Order]
NumberAnswer: TypeAlias = Envelope[NumberRow]
MovedAnswer: TypeAlias = Envelope[Moved]
BoundAnswer: TypeAlias = Envelope[Bound]
UnboundAnswer: TypeAlias = Envelope[Unbound]
MessagingAnswer: TypeAlias = Envelope[MessagingState]
KeyAnswer: TypeAlias = Envelope[Key]
