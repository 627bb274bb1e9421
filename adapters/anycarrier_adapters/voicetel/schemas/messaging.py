"""Texts: sent and received, brands, campaigns, the messaging state of numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, TypeAlias

from anycarrier.adapter import (
    UNSET,
    Details,
    Flag,
    Instant,
    Number,
    NumberOrText,
    OneOf,
    OptionalNumber,
    Rate,
    Text,
    UnixTime,
    UnsetType,
    Whole,
)

from ._base import moment

__all__ = [
    "Bound",
    "Campaign",
    "CampaignState",
    "CarrierDecision",
    "CarrierElection",
    "Enablement",
    "Job",
    "Message",
    "MessageHistory",
    "MessageValue",
    "MessagingState",
    "MessagingUpdated",
    "Registered",
    "SentMessage",
    "UnassignFailure",
    "Unassigned",
    "Unbound",
]

Network: TypeAlias = Annotated[str | None, OneOf(values=("A", "B"))]
PreviousNetwork: TypeAlias = Annotated[str | None, OneOf(values=("A", "B", "unknown"))]
Direction: TypeAlias = Annotated[str | None, OneOf(values=("in", "out"))]
MessageKind: TypeAlias = Annotated[str | None, OneOf(values=("sms", "mms"))]
HistoryKind: TypeAlias = Annotated[str | None, OneOf(values=("sms", "mms", "dlr"))]


class SentMessage(Details):
    """Text that was sent (``messageSendData``).

    Attributes:
        id: the provider's; delivery receipts name it.
        parts: pieces that are billed, of an SMS.
    """

    id: Text = None
    type: MessageKind = None
    from_number: OptionalNumber = None
    to_number: OptionalNumber = None
    parts: Whole = None
    subject: Text = None
    media_urls: list[str] | None = None


class MessageValue(Details):
    """Text, or of a delivery receipt its two numbers.

    Attributes:
        number: number at the far end; text where it is none.
        rate: price in USD.
        source_number: of a delivery receipt, like ``destination_number``.
    """

    direction: Direction = None
    number: NumberOrText = None
    rate: Rate = None
    message: Text = None
    source_number: NumberOrText = None
    destination_number: NumberOrText = None


class Message(Details):
    """Text or delivery receipt. ``key`` ends in its time, in seconds since 1970."""

    id: Text = None
    key: list[str | None] | None = None
    value: MessageValue | None = None

    @property
    def sent_at(self) -> datetime | None:
        """The time of the text or receipt."""
        return moment(self.key)


class MessageHistory(Details):
    """Texts of a number in a time range, newest first. ``from_ts`` is its newer end, and ``to_ts`` the older.

    Attributes:
        type: dlr are delivery receipts.
    """

    number: OptionalNumber = None
    type: HistoryKind = None
    from_ts: UnixTime = None
    to_ts: UnixTime = None
    messages: list[Message] | None = None


class CarrierDecision(Details):
    """Decision of one carrier on a campaign; came after 2.2.10.

    Attributes:
        status: ACTIVE, REJECTED, SUSPENDED, UNSUSPENDED or TERMINATED.
        detail: the reviewer's note.
    """

    carrier: Text = None
    status: Text = None
    detail: Text = None
    updated_at: Instant = None


class CarrierElection(Details):
    """Carriers that look at a campaign; came after 2.2.10.

    Attributes:
        election_complete: each carrier has a reviewer.
        elected_carriers: names of those that have one.
        carriers: the latest decision of each.
    """

    election_complete: Flag = None
    elected_carriers: list[str] | None = None
    carriers: list[CarrierDecision] | None = None


class CampaignState(Details):
    """Campaign at the messaging network.

    Attributes:
        status: CAMPAIGN_DCA_COMPLETE, CAMPAIGN_PENDING_DCA and other words.
        numbers: text where one is no number.
        dca: came after 2.2.10.
    """

    id: Text = None
    status: Text = None
    numbers: list[NumberOrText] | None = None
    dca: CarrierElection | None = None


class Registered(Details):
    """Answer of the network to a brand or campaign: ``status_code`` 200 and ``status`` Success."""

    status_code: Text = None
    status: Text = None


class Campaign(Details):
    """Campaign of a number, within its messaging state.

    Attributes:
        status: ACTIVE, EXPIRED, SUSPENDED and other words.
        network: path of its texts.
        upstream_cnp_id: the provider that the campaign is shared with.
    """

    exact: ClassVar[frozenset[str]] = frozenset({"id", "status"})

    id: Text = None
    status: Text = None
    network: Network = None
    upstream_cnp_id: Text = None


class Enablement(Details):
    """Binding that goes on after the answer; came after 2.2.10. ``state``: queued, hosting, ..., done, failed.

    Attributes:
        message: the latest news, or the reason of a failure.
    """

    state: Text = None
    campaign_id: Text = None
    message: Text = None
    created_at: Instant = None
    updated_at: Instant = None


class Job(Enablement):
    """The same in the answer to a binding, whose outcome it decides."""

    exact: ClassVar[frozenset[str]] = frozenset({"state"})


class MessagingState(Details):
    """Messaging state of a number (``numberMessagingState``).

    Attributes:
        on_account: false for a number of others; missing in most answers.
        campaign: null without a binding.
        enabled: texts can be sent and received.
        carrier: id of the carrier that texts leave by.
        route_in: id of the row that says where texts go; 0 for none. ``resource`` is that place.
        network: path of its texts.
        pending: binding that goes on; came after 2.2.10.
    """

    exact: ClassVar[frozenset[str]] = frozenset({"on_account", "campaign"})

    number: Number
    on_account: Flag = None
    campaign: Campaign | UnsetType | None = UNSET
    enabled: Flag = None
    carrier: Whole = None
    route_in: Whole = None
    resource: Text = None
    network: Network = None
    pending: Enablement | None = None


class MessagingUpdated(Details):
    """Names of the routes that were changed: ``routeIn``, ``routeOut`` or both."""

    number: OptionalNumber = None
    updated: list[str] | None = None


class Bound(Details):
    """``PUT /v2.2/numbers/{number}/messaging-campaign``. From ``status`` (enabled, already, pending) on, members came
    after 2.2.10.

    Attributes:
        carrier: id of the carrier that texts leave by.
        network: path of its texts.
        upstream_cnp_id: the provider that the campaign is shared with.
        previous_network: path that the number was bound to before; ``previous_network_cleared`` if that was undone.
    """

    exact: ClassVar[frozenset[str]] = frozenset({"campaign_id", "status", "job"})

    number: Number
    campaign_id: Text = None
    carrier: Whole = None
    network: Network = None
    upstream_cnp_id: Text = None
    previous_network: PreviousNetwork = None
    previous_network_cleared: Flag = None
    status: Text = None
    job: Job | None = None
    already_assigned: Flag = None
    order_id: Text = None
    warning: Text = None
    message: Text = None


class Unbound(Details):
    """``DELETE /v2.2/numbers/{number}/messaging-campaign``; the rest as in :class:`Bound`."""

    exact: ClassVar[frozenset[str]] = frozenset({"campaign_id", "unassigned"})

    number: Number
    campaign_id: Text = None
    unassigned: Flag = None
    network: Network = None
    upstream_cnp_id: Text = None


class UnassignFailure(Details):
    """Number that was not unbound."""

    number: NumberOrText = None
    reason: Text = None


class Unassigned(Details):
    """Numbers that were unbound, and those that were not; the rest as in :class:`Bound`."""

    campaign_id: Text = None
    unassigned_numbers: list[NumberOrText] | None = None
    failed: list[UnassignFailure] | None = None
    network: Network = None
    upstream_cnp_id: Text = None
