"""Outbound capacity: how much can still be sent, and what was held back."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anycarrier.adapter import Details, Flag, Instant, OneOf, Text

from .fields import Figure, Party

__all__ = ["NumberCapacity", "OutboundDecision", "OutboundOverview"]

NumberCapacityHealthStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("unknown", "new", "healthy", "warmup", "limited", "cooling_down", "suspended", "disabled")),
]
NumberCapacitySmsRampDirectionWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("up", "down", "none")),
]
OutboundDecisionChannelWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("sms", "voice", "email", "webhook", "internal_notification")),
]
OutboundDecisionSourceWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("manual", "automation", "campaign", "import", "api", "system_notification", "warmup", "retry")),
]
OutboundDecisionStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("pending", "scheduled", "reserved", "sending", "sent", "failed", "skipped", "blocked", "cancelled")),
]
OutboundDecisionReasonCodeWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "allowed",
            "no_eligible_phone_number",
            "ten_dlc_not_approved",
            "phone_number_daily_limit_reached",
            "phone_number_hourly_limit_reached",
            "phone_number_minute_limit_reached",
            "lead_daily_limit_reached",
            "lead_hourly_limit_reached",
            "lead_recently_contacted",
            "lead_archived",
            "quiet_hours",
            "wallet_insufficient",
            "contact_opted_out",
            "imported_lead_requires_consent",
            "automation_bulk_import_disabled",
            "number_cooling_down",
            "number_health_blocked",
            "provider_failure_backoff",
            "campaign_daily_limit_reached",
            "reservation_unavailable",
            "business_daily_limit_reached",
            "business_hourly_limit_reached",
            "business_minute_limit_reached",
        )
    ),
]


class NumberCapacity(Details):
    """Texts and calls that a number may still send in the minute, the hour and the day."""

    capacity_available: Flag = None
    phone_number_id: Text = None
    phone_number: Party = None
    health_status: NumberCapacityHealthStatusWord = None
    health_reason: Text = None
    sms_approved: Flag = None
    sms_ramping: Flag = None
    sms_remaining_this_minute: Figure = None
    sms_used_this_minute: Figure = None
    sms_limit_this_minute: Figure = None
    sms_minutely_resets_at: Instant = None
    sms_remaining_today: Figure = None
    sms_used_today: Figure = None
    sms_limit_today: Figure = None
    sms_daily_resets_at: Instant = None
    sms_remaining_this_hour: Figure = None
    sms_used_this_hour: Figure = None
    sms_limit_this_hour: Figure = None
    sms_hourly_resets_at: Instant = None
    voice_ramping: Flag = None
    voice_remaining_this_minute: Figure = None
    voice_used_this_minute: Figure = None
    voice_limit_this_minute: Figure = None
    voice_minutely_resets_at: Instant = None
    voice_remaining_today: Figure = None
    voice_used_today: Figure = None
    voice_limit_today: Figure = None
    voice_daily_resets_at: Instant = None
    voice_remaining_this_hour: Figure = None
    voice_used_this_hour: Figure = None
    voice_limit_this_hour: Figure = None
    voice_hourly_resets_at: Instant = None
    sms_ramp_direction: NumberCapacitySmsRampDirectionWord = None
    voice_ramp_direction: NumberCapacitySmsRampDirectionWord = None


class OutboundDecision(Details):
    """Decision over one text or call that was to go out."""

    id: Text = None
    channel: OutboundDecisionChannelWord = None
    source: OutboundDecisionSourceWord = None
    status: OutboundDecisionStatusWord = None
    reason_code: OutboundDecisionReasonCodeWord = None
    reason: Text = None
    scheduled_send_at: Instant = None
    phone_number: Party = None


class OutboundOverview(Details):
    """Capacity of all numbers, and the last decisions."""

    sms_capacity_remaining_today: Figure = None
    voice_capacity_remaining_today: Figure = None
    healthy_phone_numbers: Figure = None
    limited_phone_numbers: Figure = None
    cooling_phone_numbers: Figure = None
    ramping_phone_numbers: Figure = None
    scheduled_count: Figure = None
    blocked_count: Figure = None
    phone_numbers: list[NumberCapacity] | None = None
    recent_decisions: list[OutboundDecision] | None = None
