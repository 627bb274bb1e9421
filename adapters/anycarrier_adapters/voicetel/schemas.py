"""What VoiceTel v2.2 sends, as read by the neutral operations (VoiceTel OpenAPI 2.2.10, components/schemas)."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter

from anycarrier.border import Record, TenDigit, Text

T = TypeVar("T")


class Envelope(Record, Generic[T]):
    """Every 2xx answer with a body."""

    status: Literal["success"]
    data: T


class InventoryRow(Record):
    """A number that can be ordered. All text; ``lata`` too."""

    number: TenDigit
    city: Text = None
    province: Text = None
    rate_center: Text = Field(None, alias="rateCenter")
    lata: Text = None


class Inventory(Record):
    """``GET /v2.2/inventory``."""

    numbers: list[InventoryRow]


class Failure(Record):
    """A number that an operation on several did not take."""

    number: str
    reason: Text = None


class Order(Record):
    """``POST /v2.2/orders``. The numbers stay text here: which of them is ours is decided with care."""

    order_id: Text = Field(None, alias="orderId")
    amount_charged: Annotated[str | None, BeforeValidator(lambda value: None if value is None else str(value))] = Field(
        None, alias="amountCharged"
    )
    numbers_ordered: list[str] = Field(default_factory=list[str], alias="numbersOrdered")
    failed: list[Failure] = Field(default_factory=list[Failure])


class NumberRow(Record):
    """A number on the account: an item of the list, or the ``data`` of one."""

    number: TenDigit
    route: int | None = None
    gateway: Text = None
    translated: TenDigit | None = None
    carrier: int | None = None
    forward: bool | None = None
    forward_to: Annotated[TenDigit | None, BeforeValidator(lambda value: value or None)] = Field(
        None, alias="forwardTo"
    )
    sms_enabled: bool | None = Field(None, alias="smsEnabled")
    fax_enabled: bool | None = Field(None, alias="faxEnabled")
    cnam: bool | None = None


NUMBER_ROWS = TypeAdapter(list[NumberRow], config=ConfigDict(defer_build=True))
"""Rows of the list, already decoded."""


class Moved(Record):
    """``PATCH /v2.2/numbers/{number}``."""

    number: TenDigit
    account_id: Text = Field(None, alias="accountId")
    route: int | None = None


class Bound(Record):
    """``PUT /v2.2/numbers/{number}/messaging-campaign``. ``status`` came after 2.2.10 (enabled, already, pending)."""

    number: TenDigit
    campaign_id: Text = Field(None, alias="campaignId")
    status: Text = None


class Unbound(Record):
    """``DELETE /v2.2/numbers/{number}/messaging-campaign``."""

    number: TenDigit
    campaign_id: Text = Field(None, alias="campaignId")
    unassigned: bool | None = None


class Campaign(Record):
    """The campaign of a number, within its messaging state."""

    id: Text = None
    status: Text = None
    network: Text = None


class MessagingState(Record):
    """``GET /v2.2/numbers/{number}/messaging``. ``pending`` came after 2.2.10; its shape is not documented."""

    number: TenDigit
    on_account: bool | None = Field(None, alias="onAccount")
    enabled: bool | None = None
    campaign: Campaign | None = None
    pending: object = None


class Key(Record):
    """``POST /v2.2/account/api-key``. The field is ``apikey``, all lower case."""

    apikey: str = Field(min_length=1, repr=False)
