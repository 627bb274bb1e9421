"""Requests about the sender of a message or call, as data.

Sources: as in :mod:`anycarrier_adapters.leadping.api`. The names in brackets are the document's operation ids. That no
number can send is ``can_send`` false, and no error.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from anycarrier import adapter
from anycarrier.adapter import Sent, Target, number_of, reads, sent, writes
from anycarrier_adapters.leadping.schemas import Sender

from .ids import checked_id

__all__ = ["Channel", "SenderApi"]

Channel: TypeAlias = Literal["sms", "call"]
_OUTGOING = "/phone-numbers/outgoing"
_CONVERSATION = "/phone-numbers/outgoing/conversation/{conversationId}"


class SenderApi(adapter.Api):
    """Choice of the number that a text or a call goes out from."""

    @reads(_CONVERSATION, Sender, method="POST", operation="leadping.sender")
    def sender_for_conversation(
        self,
        conversation_id: str,
        *,
        recipient: Target | None = None,
        channel: Channel | None = None,
        lead_id: str | None = None,
        campaign_id: str | None = None,
        source_id: str | None = None,
        team_id: str | None = None,
    ) -> Sent:
        """Sender of the next message of a conversation (``PhoneNumbers_GetOutgoingForConversation``).

        Args:
            conversation_id: id of the conversation.
            recipient: number that the message goes to.
            channel: ``sms`` or ``call``.
            lead_id: the lead that is written to.
            campaign_id: campaign of Leadping's own.
            source_id: source of the lead.
            team_id: business; since 2026-08 an organization.
        """
        hints = _hints(conversation_id, recipient, channel, lead_id, campaign_id, source_id, team_id)
        return sent(conversationId=checked_id("conversation_id", conversation_id), body=hints)

    @reads(f"{_OUTGOING}/new", Sender, method="POST", operation="leadping.sender")
    def sender_for_new(
        self,
        *,
        recipient: Target | None = None,
        channel: Channel | None = None,
        conversation_id: str | None = None,
        lead_id: str | None = None,
        campaign_id: str | None = None,
        source_id: str | None = None,
        team_id: str | None = None,
    ) -> Sent:
        """Sender of a first message or call (``PhoneNumbers_GetOutgoingForNewOutbound``); the arguments are those of
        :meth:`sender_for_conversation`."""
        return sent(body=_hints(conversation_id, recipient, channel, lead_id, campaign_id, source_id, team_id))

    @reads(f"{_OUTGOING}/manual-override", Sender, method="POST", operation="leadping.sender")
    def validate_sender(
        self,
        phone_number_id: str,
        *,
        recipient: Target | None = None,
        channel: Channel | None = None,
        conversation_id: str | None = None,
        lead_id: str | None = None,
        campaign_id: str | None = None,
        source_id: str | None = None,
        team_id: str | None = None,
    ) -> Sent:
        """Check whether a number could send (``PhoneNumbers_ValidateManualOverride``)."""
        hints = _hints(conversation_id, recipient, channel, lead_id, campaign_id, source_id, team_id)
        return sent(body={"fromPhoneNumberId": phone_number_id, "selection": hints})

    @writes("POST", f"{_CONVERSATION}/override", Sender)
    def set_sender(
        self,
        conversation_id: str,
        phone_number_id: str,
        *,
        recipient: Target | None = None,
        channel: Channel | None = None,
        lead_id: str | None = None,
        campaign_id: str | None = None,
        source_id: str | None = None,
        team_id: str | None = None,
    ) -> Sent:
        """Set the sender of a conversation (``PhoneNumbers_SetConversationOverride``)."""
        hints = _hints(conversation_id, recipient, channel, lead_id, campaign_id, source_id, team_id)
        body = {"fromPhoneNumberId": phone_number_id, "selection": hints}
        return sent(conversationId=checked_id("conversation_id", conversation_id), body=body)

    @writes("DELETE", f"{_CONVERSATION}/override", Sender, operation="leadping.set_sender")
    def clear_sender(self, conversation_id: str) -> Sent:
        """``PhoneNumbers_ClearConversationOverride``; answers 200 with the sender that is chosen then."""
        return sent(conversationId=checked_id("conversation_id", conversation_id))


def _hints(
    conversation_id: str | None,
    recipient: Target | None,
    channel: Channel | None,
    lead_id: str | None,
    campaign_id: str | None,
    source_id: str | None,
    team_id: str | None,
) -> dict[str, Any]:
    members = {
        "conversationId": conversation_id,
        "leadId": lead_id,
        "recipientPhoneNumber": None if recipient is None else number_of(recipient).e164,
        "channel": channel,
        "campaignId": campaign_id,
        "sourceId": source_id,
        "teamId": team_id,
    }
    return {name: value for name, value in members.items() if value is not None}
