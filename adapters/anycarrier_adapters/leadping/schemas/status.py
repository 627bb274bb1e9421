"""Reports on one number: traffic, warm-up, recent events."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anycarrier.adapter import Amount, Details, Flag, Instant, OneOf, Text

from .fields import Figure, Party
from .numbers import Location
from .outbound import NumberCapacity

__all__ = [
    "CallWarmup",
    "MessagingEvent",
    "OptOutMetrics",
    "SmsWarmup",
    "SmsWarmupAction",
    "StatusReport",
    "TrafficMetrics",
    "TrafficPoint",
    "WarmupCall",
    "WarmupLabel",
]

SmsActionKindWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("OutboundMessage", "ReplyMessage", "HealthCheck", "Audit")),
]
SmsActionStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "Scheduled",
            "Sending",
            "Sent",
            "Delivered",
            "Received",
            "Failed",
            "Skipped",
            "Paused",
            "Blocked",
            "Cancelled",
        )
    ),
]
WarmupLabelWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("Not Started", "In Progress", "Paused", "Blocked", "Ready", "Warming", "Healthy", "Needs Attention")),
]
SmsWarmupHealthStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("Not Evaluated", "Evaluating", "Healthy", "Needs Attention", "Blocked")),
]
WarmupCallStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "Created",
            "Scheduled",
            "Placing",
            "Ringing",
            "Answered",
            "Connected",
            "Completed",
            "Failed",
            "Canceled",
            "Skipped",
            "TimedOut",
        )
    ),
]
CallWarmupStageWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("Stage 0", "Stage 1", "Stage 2", "Stage 3", "Stage 4")),
]
CallWarmupStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("Not Started", "Not Eligible", "Warming", "Warmed", "Paused", "Needs Attention", "Blocked")),
]


class SmsWarmupAction(Details):
    """Step of the warm-up of texts (2026-06)."""

    action_type: SmsActionKindWord = None
    body: Text = None
    conversation_id: Text = None
    executed_at: Instant = None
    failure_reason: Text = None
    from_phone_number: Party = None
    id: Text = None
    scheduled_at: Instant = None
    status: SmsActionStatusWord = None
    to_phone_number: Party = None


class WarmupLabel(Details):
    """Words for the state of a warm-up."""

    label: WarmupLabelWord = None
    tone: Text = None
    description: Text = None


class SmsWarmup(Details):
    """Warm-up of texts. 2026-06 has more members than the later versions."""

    phone_number_id: Text = None
    phone_number: Party = None
    status: WarmupLabelWord = None
    health_status: SmsWarmupHealthStatusWord = None
    health_score: Figure = None
    progress_percent: Figure = None
    warmup_enabled: Flag = None
    ui_state: WarmupLabel | None = None
    block_reason: Text = None
    can_pause: Flag = None
    can_resume: Flag = None
    carrier_rejection_count: Figure = None
    completed_at: Instant = None
    delivered_count: Figure = None
    delivery_success_rate: Amount = None
    failure_count: Figure = None
    global_warmup_enabled: Flag = None
    is_approved_test_destination: Flag = None
    is_internal_pool: Flag = None
    is_messaging_program_approved: Flag = None
    last_health_snapshot_at: Instant = None
    last_successful_message_at: Instant = None
    next_scheduled_action_at: Instant = None
    opt_out_signal_count: Figure = None
    pause_reason: Text = None
    received_count: Figure = None
    recent_actions: list[SmsWarmupAction] | None = None
    sent_count: Figure = None
    spam_signal_count: Figure = None
    started_at: Instant = None


class WarmupCall(Details):
    """Call of the warm-up (2026-06)."""

    answered_at: Instant = None
    completed_at: Instant = None
    destination_phone_number: Party = None
    destination_phone_number_id: Text = None
    failure_reason: Text = None
    id: Text = None
    scheduled_at: Instant = None
    source_phone_number: Party = None
    source_phone_number_id: Text = None
    status: WarmupCallStatusWord = None
    target_duration_seconds: Figure = None


class CallWarmup(Details):
    """Warm-up of calls (2026-06)."""

    calls_this_hour: Figure = None
    calls_today: Figure = None
    completed_at: Instant = None
    consecutive_failed_calls: Figure = None
    consecutive_successful_calls: Figure = None
    daily_cap: Figure = None
    failure_reason: Text = None
    hourly_cap: Figure = None
    last_successful_warmup_at: Instant = None
    low_confidence_time_zone: Flag = None
    max_target_duration_seconds: Figure = None
    min_target_duration_seconds: Figure = None
    network_warmup_opt_in: Flag = None
    next_eligible_at: Instant = None
    phone_number: Party = None
    phone_number_id: Text = None
    recent_calls: list[WarmupCall] | None = None
    stage: CallWarmupStageWord = None
    start_at: Instant = None
    status: CallWarmupStatusWord = None
    time_zone_id: Text = None
    total_failed_calls: Figure = None
    total_successful_calls: Figure = None
    warmup_enabled: Flag = None


class OptOutMetrics(Details):
    """People who were written to, and those who opted out."""

    window_days: Figure = None
    window_started_at: Instant = None
    distinct_contacted_count: Figure = None
    opt_out_count: Figure = None
    opt_out_rate_percent: Amount = None


class TrafficPoint(Details):
    """Texts and calls of a part of the time."""

    start_at: Instant = None
    end_at: Instant = None
    label: Text = None
    sms_sent_count: Figure = None
    sms_failed_count: Figure = None
    mms_sent_count: Figure = None
    mms_failed_count: Figure = None
    call_placed_count: Figure = None
    call_failed_count: Figure = None


class TrafficMetrics(Details):
    """Texts and calls of the time."""

    window_days: Figure = None
    window_started_at: Instant = None
    sms_sent_count: Figure = None
    sms_failed_count: Figure = None
    mms_sent_count: Figure = None
    mms_failed_count: Figure = None
    call_placed_count: Figure = None
    call_failed_count: Figure = None
    call_connected_count: Figure = None
    call_short_count: Figure = None
    call_invalid_number_count: Figure = None
    trend: list[TrafficPoint] | None = None


class MessagingEvent(Details):
    """Text that was sent or received lately."""

    id: Text = None
    created_at: Instant = None
    label: Text = None
    event_type: Text = None
    direction: Text = None
    from_phone_number: Party = None
    to_phone_number: Party = None
    text_preview: Text = None
    is_opt_out: Flag = None
    is_demo: Flag = None
    provider_status: Text = None


class StatusReport(Details):
    """Traffic, warm-up and recent events of a number (``PhoneNumberStatusResponse``)."""

    number: Party = None
    messages_possible: Figure = None
    calls_possible: Figure = None
    sms_warmup: SmsWarmup | None = None
    outbound_capacity: NumberCapacity | None = None
    opt_out_metrics: OptOutMetrics | None = None
    traffic_metrics: TrafficMetrics | None = None
    recent_events: list[MessagingEvent] | None = None
    location: Location | None = None
    call_warmup: CallWarmup | None = None
    messages_warmed: Figure = None
    warmup_calls_made: Figure = None
