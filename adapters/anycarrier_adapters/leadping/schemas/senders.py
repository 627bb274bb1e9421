"""Choice of the number that a text or a call goes out from."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anycarrier.adapter import Details, Flag, OneOf, Text

from .fields import Party

__all__ = ["EligibleSender", "Sender"]

EligibleSenderHealthStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "Not Evaluated",
            "Evaluating",
            "Healthy",
            "Needs Attention",
            "Blocked",
            "Not Started",
            "Warming",
            "Paused",
            "Ready",
        )
    ),
]
EligibleSenderSelectionReasonWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "StickyConversation",
            "LeadAssigned",
            "CampaignOrSource",
            "Preferred",
            "LocalArea",
            "HealthyPool",
            "FallbackDefault",
            "ManualOverride",
        )
    ),
]


class EligibleSender(Details):
    """Number that can send."""

    phone_number_id: Text = None
    number: Party = None
    display_number: Text = None
    health_status: EligibleSenderHealthStatusWord = None
    health_label: Text = None
    health_warning: Text = None
    can_send: Flag = None
    selection_reason: EligibleSenderSelectionReasonWord = None
    reason_label: Text = None
    label: Text = None
    campaign_id: Text = None
    source_id: Text = None
    team_id: Text = None
    is_selected: Flag = None


class Sender(Details):
    """Sender that Leadping chooses; ``can_send`` is false where none can."""

    can_send: Flag = None
    setup_message: Text = None
    phone_number_id: Text = None
    number: Party = None
    display_number: Text = None
    health_status: EligibleSenderHealthStatusWord = None
    health_label: Text = None
    health_warning: Text = None
    selection_reason: EligibleSenderSelectionReasonWord = None
    reason_label: Text = None
    was_manually_overridden: Flag = None
    campaign_id: Text = None
    source_id: Text = None
    eligible_numbers: list[EligibleSender] | None = None
