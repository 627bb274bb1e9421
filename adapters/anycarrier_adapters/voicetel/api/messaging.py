"""Texts: sending, reading back, registering brands and campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from anycarrier.errors import InvalidInput
from anycarrier.exchange import Exchange
from anycarrier.model import Target

from ._base import Base, Data, checked, joined, ten_digit

__all__ = ["Messaging"]


class Messaging(Base):
    """``/v2.2/messages``, ``/v2.2/messaging`` and ``/v2.2/numbers/messaging``."""

    def send_message(
        self, sender: Target, receiver: Target, text: str, *, subject: str | None = None,
        media_urls: Sequence[str] | None = None,
    ) -> Exchange[Data]:  # fmt: skip
        """Send a text (``messageSend``); with *media_urls* an MMS. Costs money: sent once, never repeated by itself."""
        body = {
            "fromNumber": ten_digit(sender), "toNumber": ten_digit(receiver), "text": text, "subject": subject,
            "mediaUrls": media_urls and list(media_urls),
        }  # fmt: skip
        return self._data("voicetel.send_message", "POST", "/v2.2/messages", (201,), body=body, purpose="purchase")

    def messages(
        self, target: Target, *, kind: Literal["sms", "mms", "dlr"] | None = None, newest: int | None = None,
        oldest: int | None = None,
    ) -> Exchange[Data]:  # fmt: skip
        """A number's texts (``messageHistory``). Unix seconds, both inclusive: *newest* is now when not given, *oldest*
        a day ago."""
        query = {"number": ten_digit(target), "type": kind, "from": newest, "to": oldest}
        return self._data("voicetel.messages", "GET", "/v2.2/messages", query=query)

    def messaging_states(self, targets: Sequence[Target]) -> Exchange[list[Data]]:
        """The messaging state of up to 1000 numbers (``numbersMessagingList``); ``onAccount`` is false for those of
        others."""
        query = {"numbers": joined(targets)}
        return self._rows("voicetel.messaging_states", "/v2.2/numbers/messaging", "numbers", query=query)

    def campaigns(self, ids: Sequence[str]) -> Exchange[list[Data]]:
        """Status and numbers of up to 100 campaigns (``messagingCampaignStatus``)."""
        if not 1 <= len(ids) <= 100:
            raise InvalidInput(f"give 1 to 100 campaigns, not {len(ids)}")
        query = {"ids": [checked("ids", item, "[A-Z0-9]+", "capitals and digits") for item in ids]}
        return self._rows("voicetel.campaigns", "/v2.2/messaging/campaigns", "campaigns", query=query)

    def register_brand(self, brand_id: str, name: str, *, description: str | None = None) -> Exchange[Data]:
        """Make a brand of the campaign registry known here (``messagingBrandCreate``)."""
        checked("brand_id", brand_id, "B[A-Za-z0-9]+", "B and letters or digits, such as BMQ8L9X")
        body = {
            "messagingBrandId": brand_id, "messagingBrandName": name, "messagingBrandDescription": description,
        }  # fmt: skip
        return self._data("voicetel.register_brand", "POST", "/v2.2/messaging/brands", (201,), body=body)

    def register_campaign(
        self, campaign_id: str, brand_id: str, description: str, *, class_name: str | None = None,
        start: str | None = None,
    ) -> Exchange[Data]:  # fmt: skip
        """Make a campaign of the registry known here (``messagingCampaignCreate``); *start* as in RFC 3339."""
        body = {
            "externalCampaignId": campaign_id, "messagingBrandId": brand_id, "campaignDescription": description,
            "campaignClassName": class_name, "campaignStartDate": start,
        }  # fmt: skip
        return self._data("voicetel.register_campaign", "POST", "/v2.2/messaging/campaigns", (201,), body=body)
