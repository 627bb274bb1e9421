"""Records of VoiceTel v2.2 (OpenAPI 2.2.10, components/schemas), as the neutral operations read them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anycarrier.adapter import (
    UNSET,
    Amount,
    Flag,
    Meta,
    OptionalTenDigit,
    Record,
    TenDigit,
    Text,
    UnsetType,
    Whole,
)


class Success(Record):
    """Envelope of every 2xx answer with a body."""

    status: Literal["success"]


class Answer(Success):
    """Answer whose ``data`` is passed on unread."""

    data: dict[str, Any]


class InventoryRow(Record):
    """Number that can be ordered. All text; ``lata`` too."""

    number: TenDigit
    rate_center: Text = None
    city: Text = None
    province: Text = None
    lata: Text = None


class Failure(Record):
    """Number that an operation on several did not take."""

    number: str
    reason: Text = None


class Order(Record):
    """``POST /v2.2/orders``. The numbers stay text: the mapping decides with care which of them was ordered."""

    order_id: Text = None
    amount_charged: Amount = None
    numbers_ordered: list[str] | None = None
    failed: list[Failure] | None = None


class NumberRow(Record):
    """Number on the account: an item of the list, or the ``data`` of one.

    Attributes:
        translated: digits that are sent to the gateway instead of the number.
        route: id of the gateway or system route that its calls go to; ``gateway`` is that one's address or name.
        cnam: callers' names are looked up.
        forward: calls are forwarded, to ``forward_to``.
        carrier: id of the carrier that its texts leave by; 0 for none.
        sms_enabled: texts go somewhere; ``fax_enabled`` is the same for faxes.
    """

    number: TenDigit
    translated: Text = None
    route: Whole = None
    gateway: Text = None
    cnam: Flag = None
    forward: Flag = None
    forward_to: OptionalTenDigit = None
    carrier: Whole = None
    sms_enabled: Flag = None
    fax_enabled: Flag = None


class Moved(Record):
    """``PATCH /v2.2/numbers/{number}``."""

    number: TenDigit
    account_id: Text = None
    route: Whole = None


class Job(Record):
    """Work that goes on after the answer; came after 2.2.10. ``state``: queued, hosting, ..., done, failed."""

    state: Text = None


class Bound(Record):
    """``PUT /v2.2/numbers/{number}/messaging-campaign``. ``status`` (enabled, already, pending) and ``job`` came after
    2.2.10."""

    number: TenDigit
    campaign_id: Text = None
    status: Text = None
    job: Job | None = None


class Unbound(Record):
    """``DELETE /v2.2/numbers/{number}/messaging-campaign``."""

    number: TenDigit
    campaign_id: Text = None
    unassigned: Flag = None


class Campaign(Record):
    """Campaign of a number, within its messaging state."""

    id: Text = None
    status: Text = None


class MessagingState(Record):
    """``GET /v2.2/numbers/{number}/messaging``. ``campaign`` is null without a binding; ``pending`` came after 2.2.10,
    and its shape is not documented."""

    number: TenDigit
    on_account: Flag = None
    campaign: Campaign | UnsetType | None = UNSET
    pending: Any = None


class Key(Record):
    """``POST /v2.2/account/api-key``. The member is ``apikey``, all lower case."""

    apikey: Annotated[str, Meta(pattern=r"^\s*[!-~]+\s*$")]

    def __repr__(self) -> str:
        return "Key(**********)"
