"""Texts: send, read back, register brands and campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from anycarrier.adapter import InvalidInput, Sent, Target, sent
from anycarrier_adapters.voicetel.schemas import (
    CampaignState,
    MessageHistory,
    MessagingState,
    Registered,
    SentMessage,
)

from ._base import Area, changes, checked, gets, joined, pays, rfc3339, seconds_of, ten_digit

__all__ = ["Messaging"]


class Messaging(Area):
    """``/v2.2/messages``, ``/v2.2/messaging`` and ``/v2.2/numbers/messaging``."""

    @pays("POST", "/v2.2/messages", SentMessage, 201)
    def send_message(
        self,
        sender: Target,
        receiver: Target,
        text: str,
        *,
        subject: str | None = None,
        media_urls: Sequence[str] | None = None,
    ) -> Sent:
        """Send a text (``messageSend``); with *media_urls* an MMS. Costs money: sent once, never repeated."""
        media = media_urls and list(media_urls)
        numbers = {"fromNumber": ten_digit(sender), "toNumber": ten_digit(receiver)}
        return sent(body={**numbers, "text": text, "subject": subject, "mediaUrls": media})

    @gets("/v2.2/messages", MessageHistory)
    def messages(
        self,
        target: Target,
        *,
        kind: Literal["sms", "mms", "dlr"] | None = None,
        newest: datetime | int | None = None,
        oldest: datetime | int | None = None,
    ) -> Sent:
        """A number's texts (``messageHistory``), both ends inclusive: without *newest* until now, without *oldest* from
        a day ago. Numbers are seconds since 1970."""
        ends = {"from": seconds_of("newest", newest), "to": seconds_of("oldest", oldest)}
        return sent(query={"number": ten_digit(target), "type": kind, **ends})

    @gets("/v2.2/numbers/messaging", list[MessagingState], "numbers")
    def messaging_states(self, targets: Sequence[Target]) -> Sent:
        """The messaging state of up to 1000 numbers (``numbersMessagingList``); ``onAccount`` is false for those of
        others."""
        return sent(query={"numbers": joined(targets)})

    @gets("/v2.2/messaging/campaigns", list[CampaignState], "campaigns", operation="voicetel.campaigns")
    def campaigns(self, ids: Sequence[str]) -> Sent:
        """Status and numbers of up to 100 campaigns (``messagingCampaignStatus``)."""
        if not 1 <= len(ids) <= 100:
            raise InvalidInput(f"give 1 to 100 campaigns, not {len(ids)}")
        return sent(query={"ids": [checked("ids", item, "[A-Z0-9]+", "capitals and digits") for item in ids]})

    @changes("POST", "/v2.2/messaging/brands", Registered, "result", accept=(201,))
    def register_brand(self, brand_id: str, name: str, *, description: str | None = None) -> Sent:
        """Register a brand of the campaign registry here (``messagingBrandCreate``)."""
        checked("brand_id", brand_id, "B[A-Za-z0-9]+", "B and letters or digits, such as BMQ8L9X")
        about = {"messagingBrandName": name, "messagingBrandDescription": description}
        return sent(body={"messagingBrandId": brand_id, **about})

    @changes("POST", "/v2.2/messaging/campaigns", Registered, "result", accept=(201,))
    def register_campaign(
        self,
        campaign_id: str,
        brand_id: str,
        description: str,
        *,
        class_name: str | None = None,
        start: datetime | None = None,
    ) -> Sent:
        """Register a campaign of the registry here (``messagingCampaignCreate``); *start* is today without one."""
        ids = {"externalCampaignId": campaign_id, "messagingBrandId": brand_id}
        begins = rfc3339("start", start)
        about = {"campaignDescription": description, "campaignClassName": class_name, "campaignStartDate": begins}
        return sent(body={**ids, **about})
