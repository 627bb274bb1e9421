"""Texts and calls of a number, as its history lists them."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from anycarrier.adapter import Amount, Details, Flag, Instant, OneOf, Text

from .fields import Figure, Party
from .numbers import IdName

__all__ = ["CallEvent", "ConsoleEntry", "Media", "SmsEvent"]

CallEventStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "scheduled",
            "queued",
            "initiated",
            "ringing",
            "in_progress",
            "active",
            "completed",
            "ended",
            "busy",
            "no_answer",
            "failed",
            "canceled",
            "missed",
            "transferred",
            "voicemail",
            "blocked_billing",
            "blocked_phone_number_status",
            "blocked_configuration",
            "blocked_permission",
            "configuration_required",
        )
    ),
]
CallEventOutboundSourceWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("manual", "automation", "campaign", "import", "api", "system_notification", "warmup", "retry")),
]
SmsEventStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "draft",
            "scheduled",
            "queued",
            "sending",
            "sent",
            "received",
            "delivered",
            "failed",
            "undeliverable",
            "opted_out",
            "blocked_compliance",
            "blocked_billing",
            "blocked_missing_campaign",
            "canceled",
        )
    ),
]
SmsEventTrafficTypeWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("RealLead", "Warmup", "Test", "SystemInternal", "FailedAttempt")),
]


class ConsoleEntry(Details):
    """Step in the processing of a text or call."""

    id: Text = None
    stage: Text = None
    status: Text = None
    message: Text = None
    occurred_at: Instant = None


class Media(Details):
    """File of a text."""

    url: Text = None
    content_type: Text = None
    size: Figure = None
    sha256: Text = None
    file_name: Text = None
    file_id: Text = None


class CallEvent(Details):
    """Call from or to a number."""

    id: Text = None
    lead_id: Text = None
    lead_name: Text = None
    organization_id: Text = None
    user_id: Text = None
    user_name: Text = None
    user_email: Text = None
    conversation_id: Text = None
    from_phone_number_id: Text = None
    from_phone_number: Party = None
    to_phone_number: Party = None
    caller_id: Party = None
    status: CallEventStatusWord = None
    status_reason: Text = None
    direction: Text = None
    created_at: Instant = None
    answered_at: Instant = None
    ended_at: Instant = None
    duration: Figure = None
    billable_seconds: Figure = None
    billable_amount: Amount = None
    billing_status: Text = None
    recording_url: Text = None
    console_entries: list[ConsoleEntry] | None = None
    user: Text = None
    organization: Text = None
    organization_name: Text = None
    is_demo: Flag = None
    outbound_source: CallEventOutboundSourceWord = None
    voicemail_url: Text = None
    billing_phone_number_id: Text = None
    business: Text = None
    business_id: Text = None
    metadata: dict[str, Any] | None = None
    provider_status: Text = None
    telnyx_id: Text = None


class SmsEvent(Details):
    """Text from or to a number."""

    id: Text = None
    conversation_id: Text = None
    lead: IdName | None = None
    from_phone_number_id: Text = None
    outbound_phone_number_id: Text = None
    from_phone_number: Party = None
    to_phone_number: Party = None
    text: Text = None
    media: list[Media] | None = None
    status: SmsEventStatusWord = None
    status_reason: Text = None
    direction: Text = None
    created_at: Instant = None
    queued_at: Instant = None
    scheduled_for: Instant = None
    scheduled_reason: Text = None
    sending_started_at: Instant = None
    sent_at: Instant = None
    delivered_at: Instant = None
    failed_at: Instant = None
    undeliverable_at: Instant = None
    received_at: Instant = None
    blocked_at: Instant = None
    canceled_at: Instant = None
    cancel_reason: Text = None
    error_code: Text = None
    error_message: Text = None
    is_automated: Flag = None
    outbound_source: CallEventOutboundSourceWord = None
    traffic_type: SmsEventTrafficTypeWord = None
    billable_amount: Amount = None
    billing_status: Text = None
    compliance_action: Text = None
    console_entries: list[ConsoleEntry] | None = None
    user: Text = None
    actor_user_id: Text = None
    actor_display_name: Text = None
    user_name: Text = None
    sender_name: Text = None
    organization: Text = None
    organization_name: Text = None
    actor_lead_id: Text = None
    is_demo: Flag = None
    business: Text = None
    business_name: Text = None
    is_warmup: Flag = None
    lead_id: Text = None
    lead_name: Text = None
    provider_message_id: Text = None
    telnyx_id: Text = None
    ten_dlc_campaign_id: Text = None
