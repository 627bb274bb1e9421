"""The account's numbers, where their calls and texts go, their campaigns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar, overload

from anycarrier.decoding import Record, Rows, stream_rows
from anycarrier.errors import InvalidInput, NotFound
from anycarrier.exchange import Exchange, Listing, Response
from anycarrier.model import Target
from anycarrier.wire import ask
from anycarrier_adapters.voicetel import schemas

from ._base import PROVIDER, Base, Data, checked, error_of, joined, ten_digit

__all__ = ["Numbers"]

T = TypeVar("T")

NUMBER = "/v2.2/numbers/{number}"
UNBINDABLE = "C[A-Z0-9]{6}"
CAMPAIGN = "/v2.2/numbers/{number}/messaging-campaign"


class Numbers(Base):
    """``/v2.2/numbers``."""

    # -- having them

    @overload
    def numbers(self) -> Listing[tuple[schemas.NumberRow, Data]]: ...
    @overload
    def numbers(self, convert: Callable[[Rows[schemas.NumberRow, Record]], Sequence[T]]) -> Listing[T]: ...
    def numbers(
        self, convert: Callable[[Rows[schemas.NumberRow, Record]], Sequence[Any]] | None = None
    ) -> Listing[Any]:
        """Every number on the account (``numbersList``), each with its own record: one document, read in pieces.

        VoiceTel answers 404 when there are none. Records that cannot be read do not hide the others: the listing ends
        in an error that counts them. *convert* turns a piece into the items to emit.
        """
        request = self._request("list", "GET", "/v2.2/numbers", stream=True)
        try:
            response = yield from ask(request, error_of)
        except NotFound:
            return
        yield from stream_rows(
            schemas.NumberRow,
            request,
            response,
            convert or (lambda rows: [*rows.pairs()]),
            provider=PROVIDER,
            at=("data", "numbers"),
            envelope=schemas.Success,
        )

    def number(self, target: Target) -> Exchange[tuple[schemas.NumberRow, Response]]:
        """One number (``numbersGet``)."""
        return self._answer(schemas.NumberRow, self._request("get", "GET", NUMBER, number=ten_digit(target)))

    def add_number(self, target: Target, *, route: int | None = None) -> Exchange[Data]:
        """Put a number on the account (``numbersCreate``), charged by the month. Not the way to buy from the inventory:
        it takes no key, so a lost answer cannot be asked for again."""
        body = {"number": ten_digit(target), "route": route}
        return self._data("voicetel.add_number", "POST", "/v2.2/numbers", (201,), body=body, purpose="purchase")

    def release(self, target: Target) -> Exchange[None]:
        """Back to the network (``numbersRelease``); it cannot be had again."""
        return self._done("release", "POST", f"{NUMBER}/release", number=ten_digit(target))

    def remove(self, target: Target) -> Exchange[None]:
        """Off the account (``numbersDelete``), without giving it back to the network."""
        return self._done("voicetel.remove", "DELETE", NUMBER, number=ten_digit(target))

    def move(self, target: Target, account_id: int, route: int) -> Exchange[tuple[schemas.Moved, Response]]:
        """To another account, at that account's gateway *route* (``numbersMove``)."""
        body = {"accountId": account_id, "route": route}
        request = self._request("transfer", "PATCH", NUMBER, body=body, number=ten_digit(target))
        return self._answer(schemas.Moved, request, account_id=account_id)

    def set_port_out_pin(self, target: Target, pin: str) -> Exchange[Data]:
        """The PIN that another carrier must give to take the number away (``numbersPortOutPinUpdate``)."""
        checked("pin", pin, "[0-9]{4}", "four digits")
        path = f"{NUMBER}/port-out-pin"
        return self._data("voicetel.set_port_out_pin", "PATCH", path, body={"pin": pin}, number=ten_digit(target))

    # -- calls

    def set_route(self, target: Target, gateway: int) -> Exchange[Data]:
        """Calls to a gateway (``numbersRoute``)."""
        return self._data("route", "PUT", f"{NUMBER}/route", body={"route": gateway}, number=ten_digit(target))

    def set_forward(self, target: Target, destination: Target) -> Exchange[Data]:
        """Calls forwarded (``numbersForwardSet``)."""
        body = {"destination": ten_digit(destination)}
        return self._data("route", "PUT", f"{NUMBER}/forward", body=body, number=ten_digit(target))

    def remove_forward(self, target: Target) -> Exchange[None]:
        """Calls not forwarded (``numbersForwardDelete``)."""
        return self._done("route", "DELETE", f"{NUMBER}/forward", number=ten_digit(target))

    def set_translation(self, target: Target, translation: Target) -> Exchange[Data]:
        """Calls shown to the gateway as another number (``numbersTranslation``)."""
        body = {"translation": ten_digit(translation)}
        path = f"{NUMBER}/translation"
        return self._data("voicetel.set_translation", "PUT", path, body=body, number=ten_digit(target))

    def set_cnam(self, target: Target, enabled: bool) -> Exchange[Data]:
        """Whether callers' names are looked up (``numbersCnam``)."""
        body = {"enabled": enabled}
        return self._data("voicetel.set_cnam", "PUT", f"{NUMBER}/cnam", body=body, number=ten_digit(target))

    def set_caller_name(self, target: Target, name: str, *, reference: str | None = None) -> Exchange[Data]:
        """The name that the number shows when it calls (``numbersLidb``), at most 15 characters. Success is in
        ``carrierStatus``, not in the HTTP status."""
        checked("name", name, ".{1,15}", "1 to 15 characters")
        body = {"cnam": name, "customerOrderReference": reference}
        return self._data("voicetel.set_caller_name", "PUT", f"{NUMBER}/lidb", body=body, number=ten_digit(target))

    # -- faxes and texts

    def fax(self, target: Target) -> Exchange[Data]:
        """Where faxes go (``numbersFaxGet``)."""
        return self._data("voicetel.fax", "GET", f"{NUMBER}/fax", number=ten_digit(target))

    def set_fax(self, target: Target, email: str) -> Exchange[Data]:
        """Faxes to a mail address (``numbersFaxSet``)."""
        return self._data("voicetel.set_fax", "PUT", f"{NUMBER}/fax", body={"email": email}, number=ten_digit(target))

    def remove_fax(self, target: Target) -> Exchange[None]:
        """Faxes to nowhere (``numbersFaxDelete``)."""
        return self._done("voicetel.remove_fax", "DELETE", f"{NUMBER}/fax", number=ten_digit(target))

    def sms(self, target: Target) -> Exchange[Data]:
        """Where texts go (``numbersSmsGet``): ``type`` and ``resource``."""
        return self._data("voicetel.sms", "GET", f"{NUMBER}/sms", number=ten_digit(target))

    def set_sms(self, target: Target, kind: Literal["email", "webhook", "sip"], resource: str) -> Exchange[Data]:
        """Where texts go (``numbersSmsSet``): a mail address, an https URL, or the address of a SIP host."""
        body = {"type": kind, "resource": resource}
        return self._data("route", "PUT", f"{NUMBER}/sms", body=body, number=ten_digit(target))

    def remove_sms(self, target: Target) -> Exchange[None]:
        """Texts to nowhere (``numbersSmsDelete``); ``NotFound`` when it was so already."""
        return self._done("route", "DELETE", f"{NUMBER}/sms", number=ten_digit(target))

    def messaging(self, target: Target) -> Exchange[tuple[schemas.MessagingState, Response]]:
        """A number's messaging state, its campaign within (``numbersMessagingGet``)."""
        request = self._request("campaign_of", "GET", f"{NUMBER}/messaging", number=ten_digit(target))
        return self._answer(schemas.MessagingState, request)

    def set_messaging(
        self, target: Target, *, route_in: int | None = None, route_out: int | None = None
    ) -> Exchange[Data]:
        """The ids of the messaging routes (``numbersMessagingPatch``); ``route_in=0`` detaches."""
        if route_in is None and route_out is None:
            raise InvalidInput("give route_in or route_out, or both")
        body = {"routeIn": route_in, "routeOut": route_out}
        return self._data("route", "PATCH", f"{NUMBER}/messaging", body=body, number=ten_digit(target))

    # -- 10DLC

    def assign_campaign(self, target: Target, campaign_id: str) -> Exchange[tuple[schemas.Bound, Response]]:
        """Bind (``numbersMessagingCampaignAssign``). Releases after 2.2.10 also answer 202, and finish later."""
        checked("campaign_id", campaign_id, "[A-Z0-9]{1,64}", "capitals and digits, such as CH5K5IZ")
        body = {"campaignId": campaign_id}
        request = self._request("bind_campaign", "PUT", CAMPAIGN, body=body, number=ten_digit(target))
        return self._answer(schemas.Bound, request, (200, 202), campaign_id=campaign_id)

    def unassign_campaign(self, target: Target, campaign_id: str) -> Exchange[tuple[schemas.Unbound, Response]]:
        """Unbind (``numbersMessagingCampaignUnassign``). Takes a narrower form of ids than binding does."""
        query = {"campaignId": _unbindable(campaign_id)}
        request = self._request("unbind_campaign", "DELETE", CAMPAIGN, query=query, number=ten_digit(target))
        return self._answer(schemas.Unbound, request, campaign_id=campaign_id)

    def unassign_campaign_of_many(self, targets: Sequence[Target], campaign_id: str) -> Exchange[Data]:
        """Unbind several numbers (``numbersMessagingCampaignBulkUnassign``): look at ``failed``."""
        query = {"numbers": joined(targets), "campaignId": _unbindable(campaign_id)}
        path = "/v2.2/numbers/messaging-campaign"
        return self._data("voicetel.unassign_campaign_of_many", "DELETE", path, query=query)


def _unbindable(campaign_id: str) -> str:
    return checked("campaign_id", campaign_id, UNBINDABLE, "C and six capitals or digits, such as CH5K5IZ")
