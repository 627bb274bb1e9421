"""Texts: send, read back, register brands and campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from anycarrier.adapter import InvalidInput, Sent, Target, sent

from ._base import Area, changes, checked, gets, joined, lists, pays, ten_digit

__all__ = ["Messaging"]


class Messaging(Area):
    """``/v2.2/messages``, ``/v2.2/messaging`` and ``/v2.2/numbers/messaging``."""

    @pays("POST", "/v2.2/messages", 201)
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

    @gets("/v2.2/messages")
    def messages(
        self,
        target: Target,
        *,
        kind: Literal["sms", "mms", "dlr"] | None = None,
        newest: int | None = None,
        oldest: int | None = None,
    ) -> Sent:
        """A number's texts (``messageHistory``). Unix seconds, both inclusive: without *newest* until now, without
        *oldest* from a day ago."""
        return sent(query={"number": ten_digit(target), "type": kind, "from": newest, "to": oldest})

    @lists("/v2.2/numbers/messaging", "numbers")
    def messaging_states(self, targets: Sequence[Target]) -> Sent:
        """The messaging state of up to 1000 numbers (``numbersMessagingList``); ``onAccount`` is false for those of
        others."""
        return sent(query={"numbers": joined(targets)})

    @lists("/v2.2/messaging/campaigns", "campaigns")
    def campaigns(self, ids: Sequence[str]) -> Sent:
        """Status and numbers of up to 100 campaigns (``messagingCampaignStatus``)."""
        if not 1 <= len(ids) <= 100:
            raise InvalidInput(f"give 1 to 100 campaigns, not {len(ids)}")
        return sent(query={"ids": [checked("ids", item, "[A-Z0-9]+", "capitals and digits") for item in ids]})

    @changes("POST", "/v2.2/messaging/brands", 201)
    def register_brand(self, brand_id: str, name: str, *, description: str | None = None) -> Sent:
        """Register a brand of the campaign registry here (``messagingBrandCreate``)."""
        checked("brand_id", brand_id, "B[A-Za-z0-9]+", "B and letters or digits, such as BMQ8L9X")
        about = {"messagingBrandName": name, "messagingBrandDescription": description}
        return sent(body={"messagingBrandId": brand_id, **about})

    @changes("POST", "/v2.2/messaging/campaigns", 201)
    def register_campaign(
        self,
        campaign_id: str,
        brand_id: str,
        description: str,
        *,
        class_name: str | None = None,
        start: str | None = None,
    ) -> Sent:
        """Register a campaign of the registry here (``messagingCampaignCreate``); *start* as in RFC 3339."""
        ids = {"externalCampaignId": campaign_id, "messagingBrandId": brand_id}
        about = {"campaignDescription": description, "campaignClassName": class_name, "campaignStartDate": start}
        return sent(body={**ids, **about})
