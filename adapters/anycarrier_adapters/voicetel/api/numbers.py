"""The account's numbers, the routes of their calls and texts, their campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from anycarrier.adapter import (
    InvalidInput,
    Listing,
    Raw,
    Record,
    Sent,
    Target,
    reads_rows,
    sent,
    streamed,
)
from anycarrier_adapters.voicetel import schemas

from ._base import Area, changes, checked, done, gets, joined, pays, ten_digit

__all__ = ["UNBINDABLE", "Numbers"]

NUMBER = "/v2.2/numbers/{number}"
CAMPAIGN = f"{NUMBER}/messaging-campaign"
UNBINDABLE = "C[A-Z0-9]{6}"


class Numbers(Area):
    """``/v2.2/numbers``."""

    pages = streamed(
        reads_rows(
            "/v2.2/numbers",
            schemas.NumberRow,
            at=("data", "numbers"),
            around=Record,
            envelope=schemas.Success,
            stream=True,
            operation="list",
        ),
        number="number",
    )
    one = gets(NUMBER, schemas.NumberRow, operation="get")
    route_calls = changes("PUT", f"{NUMBER}/route", schemas.Routed, operation="route")
    forward_calls = changes("PUT", f"{NUMBER}/forward", schemas.Forwarded, operation="route")
    unforward_calls = done("DELETE", f"{NUMBER}/forward", operation="route")
    route_texts = changes("PUT", f"{NUMBER}/sms", schemas.Sms, operation="route")
    unroute_texts = done("DELETE", f"{NUMBER}/sms", operation="route")
    route_messaging = changes("PATCH", f"{NUMBER}/messaging", schemas.MessagingUpdated, operation="route")

    # -- numbers

    def numbers(self) -> Listing[tuple[schemas.NumberRow, Raw]]:
        """Every number on the account (``numbersList``), each with its own record: one document, read in pieces.

        VoiceTel answers 404 when there are none. Records that cannot be read do not hide the others: the listing ends
        in an error that counts them.
        """
        return self.pages(lambda rows: [*rows.pairs()])

    @one.answering
    def number(self, target: Target) -> Sent:
        """One number (``numbersGet``)."""
        return sent(number=ten_digit(target))

    @pays("POST", "/v2.2/numbers", schemas.Routed, 201)
    def add_number(self, target: Target, *, route: int | None = None) -> Sent:
        """Put a number on the account (``numbersCreate``), charged by the month. Not the way to buy from the inventory:
        it takes no key, so a lost answer cannot be requested again."""
        return sent(body={"number": ten_digit(target), "route": route})

    @done("POST", f"{NUMBER}/release", operation="release")
    def release(self, target: Target) -> Sent:
        """Back to the network (``numbersRelease``); it cannot be had again."""
        return sent(number=ten_digit(target))

    @done("DELETE", NUMBER)
    def remove(self, target: Target) -> Sent:
        """Off the account (``numbersDelete``), without giving it back to the network."""
        return sent(number=ten_digit(target))

    @changes("PATCH", NUMBER, schemas.Moved, operation="transfer").answering
    def move(self, target: Target, account_id: int, route: int) -> Sent:
        """To another account, at that account's gateway *route* (``numbersMove``)."""
        return sent(body={"accountId": account_id, "route": route}, number=ten_digit(target))

    @changes("PATCH", f"{NUMBER}/port-out-pin", schemas.PortOutPin)
    def set_port_out_pin(self, target: Target, pin: str) -> Sent:
        """The PIN that another carrier must give to take the number away (``numbersPortOutPinUpdate``)."""
        return sent(body={"pin": checked("pin", pin, "[0-9]{4}", "four digits")}, number=ten_digit(target))

    # -- calls

    @route_calls
    def set_route(self, target: Target, gateway: int) -> Sent:
        """Calls to a gateway (``numbersRoute``)."""
        return sent(body={"route": gateway}, number=ten_digit(target))

    @forward_calls
    def set_forward(self, target: Target, destination: Target) -> Sent:
        """Calls forwarded (``numbersForwardSet``)."""
        return sent(body={"destination": ten_digit(destination)}, number=ten_digit(target))

    @unforward_calls
    def remove_forward(self, target: Target) -> Sent:
        """Calls not forwarded (``numbersForwardDelete``)."""
        return sent(number=ten_digit(target))

    @changes("PUT", f"{NUMBER}/translation", schemas.Translated)
    def set_translation(self, target: Target, translation: Target) -> Sent:
        """Calls shown to the gateway as another number (``numbersTranslation``)."""
        return sent(body={"translation": ten_digit(translation)}, number=ten_digit(target))

    @changes("PUT", f"{NUMBER}/cnam", schemas.NameLookupSet)
    def set_cnam(self, target: Target, enabled: bool) -> Sent:
        """Lookup of callers' names (``numbersCnam``)."""
        return sent(body={"enabled": enabled}, number=ten_digit(target))

    @changes("PUT", f"{NUMBER}/lidb", schemas.CallerNameSet, operation="voicetel.set_caller_name")
    def set_caller_name(self, target: Target, name: str, *, reference: str | None = None) -> Sent:
        """The name that the number shows when it calls (``numbersLidb``), at most 15 characters. Success is in
        ``carrier_status``, not in the HTTP status."""
        checked("name", name, ".{1,15}", "1 to 15 characters")
        return sent(body={"cnam": name, "customerOrderReference": reference}, number=ten_digit(target))

    # -- faxes and texts

    @gets(f"{NUMBER}/fax", schemas.Fax)
    def fax(self, target: Target) -> Sent:
        """Destination of faxes (``numbersFaxGet``)."""
        return sent(number=ten_digit(target))

    @changes("PUT", f"{NUMBER}/fax", schemas.Fax)
    def set_fax(self, target: Target, email: str) -> Sent:
        """Faxes to a mail address (``numbersFaxSet``)."""
        return sent(body={"email": email}, number=ten_digit(target))

    @done("DELETE", f"{NUMBER}/fax")
    def remove_fax(self, target: Target) -> Sent:
        """Faxes to nowhere (``numbersFaxDelete``)."""
        return sent(number=ten_digit(target))

    @gets(f"{NUMBER}/sms", schemas.Sms)
    def sms(self, target: Target) -> Sent:
        """Destination of texts (``numbersSmsGet``): ``type`` and ``resource``."""
        return sent(number=ten_digit(target))

    @route_texts
    def set_sms(self, target: Target, kind: Literal["email", "webhook", "sip"], resource: str) -> Sent:
        """Texts to a mail address, an https URL, or the address of a SIP host (``numbersSmsSet``)."""
        return sent(body={"type": kind, "resource": resource}, number=ten_digit(target))

    @unroute_texts
    def remove_sms(self, target: Target) -> Sent:
        """Texts to nowhere (``numbersSmsDelete``); ``NotFound`` when it was so already."""
        return sent(number=ten_digit(target))

    @gets(f"{NUMBER}/messaging", schemas.MessagingState, operation="campaign_of").answering
    def messaging(self, target: Target) -> Sent:
        """A number's messaging state, its campaign within (``numbersMessagingGet``)."""
        return sent(number=ten_digit(target))

    @route_messaging
    def set_messaging(self, target: Target, *, route_in: int | None = None, route_out: int | None = None) -> Sent:
        """The ids of the messaging routes (``numbersMessagingPatch``); ``route_in=0`` detaches."""
        if route_in is None and route_out is None:
            raise InvalidInput("give route_in or route_out, or both")
        return sent(body={"routeIn": route_in, "routeOut": route_out}, number=ten_digit(target))

    # -- 10DLC

    @changes("PUT", CAMPAIGN, schemas.Bound, accept=(200, 202), operation="bind_campaign").answering
    def assign_campaign(self, target: Target, campaign_id: str) -> Sent:
        """Bind (``numbersMessagingCampaignAssign``). Releases after 2.2.10 also answer 202, and finish later."""
        checked("campaign_id", campaign_id, "[A-Z0-9]{1,64}", "capitals and digits, such as CH5K5IZ")
        return sent(body={"campaignId": campaign_id}, number=ten_digit(target))

    @changes("DELETE", CAMPAIGN, schemas.Unbound, operation="unbind_campaign").answering
    def unassign_campaign(self, target: Target, campaign_id: str) -> Sent:
        """Unbind (``numbersMessagingCampaignUnassign``). Takes a narrower form of ids than binding does."""
        return sent(query={"campaignId": _unbindable(campaign_id)}, number=ten_digit(target))

    @changes("DELETE", "/v2.2/numbers/messaging-campaign", schemas.Unassigned)
    def unassign_campaign_of_many(self, targets: Sequence[Target], campaign_id: str) -> Sent:
        """Unbind several numbers (``numbersMessagingCampaignBulkUnassign``): look at ``failed``."""
        return sent(query={"numbers": joined(targets), "campaignId": _unbindable(campaign_id)})


def _unbindable(campaign_id: str) -> str:
    return checked("campaign_id", campaign_id, UNBINDABLE, "C and six capitals or digits, such as CH5K5IZ")
