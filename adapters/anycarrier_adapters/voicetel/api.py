"""VoiceTel v2.2, operation by operation: each function returns an exchange for ``client.run``.

Source of every method, path, field and status: the official OpenAPI document, version 2.2.10.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from attrs import frozen

from anycarrier.border import Record, parse, parse_rows
from anycarrier.errors import AnyCarrierError, InvalidInput, ProviderDown, ProviderError
from anycarrier.exchange import Exchange, Listing, Purpose, Request, Response, mapped, send
from anycarrier.numbers import PhoneNumber
from anycarrier.records import body_of, stream_records
from anycarrier.wire import ask, json_body, pairs, status_error, unexpected

from . import schemas

T = TypeVar("T", bound=Record)

PROVIDER = "voicetel"
ORDER_MOST = 100


@frozen
class Api:
    """All requests of one account. ``account`` is its id; the session knows its key."""

    account: str

    # -- searching and buying

    def inventory(
        self,
        tn_mask: str,
        *,
        quantity: int | None = None,
        province: str | None = None,
        rate_center: str | None = None,
        lata: str | None = None,
    ) -> Exchange[tuple[schemas.Inventory, Response]]:
        """Numbers to order (``inventorySearch``); *quantity* 1 to 1000, 10 when not given."""
        query = pairs(tnMask=tn_mask, quantity=quantity, province=province, rateCenter=rate_center, lata=lata)
        request = self._request("search", "GET", "/v2.2/inventory", query=query)
        response = yield from ask(request, error_of)
        return self._data(schemas.Inventory, request, response), response

    def coverage(
        self,
        count_by: str,
        *,
        state: str | None = None,
        city: str | None = None,
        rate_center: str | None = None,
        npa: str | None = None,
        lata: int | None = None,
    ) -> Exchange[list[Mapping[str, Any]]]:
        """How many numbers there are (``coverage``), by state, city, rateCenter, npanxx or block."""
        query = pairs(countBy=count_by, locState=state, city=city, rcAbbre=rate_center, npa=npa, lata=lata)
        data = yield from self._json("voicetel.coverage", "GET", "/v2.2/inventory/coverage", query=query)
        return list(data.get("coverage", ()))

    def order(self, body: bytes, key: str) -> Exchange[tuple[schemas.Order, Request, Response]]:
        """Order numbers (``orderCreate``), exactly these bytes under this Idempotency-Key; sent once."""
        request = self._request(
            "buy", "POST", "/v2.2/orders", body=body, headers={"idempotency-key": key}, purpose="purchase"
        )
        response = yield from send(request)
        if response.status != 201:
            raise error_of(request, response)
        return self._data(schemas.Order, request, response), request, response

    # -- numbers

    def numbers(self) -> Listing[tuple[schemas.NumberRow, Mapping[str, Any]]]:
        """Every number on the account (``numbersList``), each with its own record: one document, read in pieces.

        An account without numbers answers 404 in VoiceTel's envelope; any other 404 is an error.
        """
        request = self._request("list", "GET", "/v2.2/numbers", stream=True)
        response = yield from ask(request, error_of, accept=range(100, 600))
        if response.status != 200:
            whole = yield from body_of(response)
            error = error_of(request, whole)
            if response.status == 404 and _is_envelope(whole):
                return
            raise error

        def rows(records: Sequence[Any]) -> Sequence[tuple[schemas.NumberRow, Mapping[str, Any]]]:
            parsed = parse_rows(schemas.NUMBER_ROWS, records, request, response, provider=PROVIDER)
            return list(zip(parsed, records, strict=True))

        yield from mapped(stream_records(request, response, ("data", "numbers"), provider=PROVIDER), rows)

    def number(self, number: PhoneNumber) -> Exchange[tuple[schemas.NumberRow, Response]]:
        """One number (``numbersGet``)."""
        request = self._request("get", "GET", "/v2.2/numbers/{number}", number)
        response = yield from ask(request, error_of)
        row = self._data(schemas.NumberRow, request, response)
        self._same(request, response, number, row.number)
        return row, response

    def release(self, number: PhoneNumber) -> Exchange[None]:
        """Back to the network (``numbersRelease``); it may never be had again."""
        yield from self._done("release", "POST", "/v2.2/numbers/{number}/release", number)

    def remove(self, number: PhoneNumber) -> Exchange[None]:
        """Off the account (``numbersDelete``), without giving it back to the network."""
        yield from self._done("voicetel.remove", "DELETE", "/v2.2/numbers/{number}", number)

    def move(self, number: PhoneNumber, account_id: int, route: int) -> Exchange[tuple[schemas.Moved, Response]]:
        """To another account, at that account's gateway *route* (``numbersMove``)."""
        return (
            yield from self._changed(
                schemas.Moved, "transfer", "PATCH", "/v2.2/numbers/{number}", number,
                {"accountId": account_id, "route": route},
            )
        )  # fmt: skip

    # -- where calls and texts go

    def set_route(self, number: PhoneNumber, gateway: int) -> Exchange[None]:
        """Calls to a gateway (``numbersRoute``)."""
        yield from self._written("PUT", "/v2.2/numbers/{number}/route", number, {"route": gateway})

    def set_forward(self, number: PhoneNumber, destination: PhoneNumber) -> Exchange[None]:
        """Calls forwarded to a NANP number (``numbersForwardSet``)."""
        body = {"destination": destination.ten_digit}
        yield from self._written("PUT", "/v2.2/numbers/{number}/forward", number, body)

    def remove_forward(self, number: PhoneNumber) -> Exchange[None]:
        """Calls not forwarded (``numbersForwardRemove``)."""
        yield from self._done("route", "DELETE", "/v2.2/numbers/{number}/forward", number)

    def set_sms(self, number: PhoneNumber, kind: str, resource: str) -> Exchange[None]:
        """Texts to an ``email``, ``webhook`` or ``sip`` resource (``numbersSmsSet``)."""
        body = {"type": kind, "resource": resource}
        yield from self._written("PUT", "/v2.2/numbers/{number}/sms", number, body)

    def remove_sms(self, number: PhoneNumber) -> Exchange[None]:
        """Texts to nowhere (``numbersSmsRemove``); 404 says that it was so already."""
        accept = (204, 200, 404)
        yield from self._done("route", "DELETE", "/v2.2/numbers/{number}/sms", number, accept=accept)

    def sms(self, number: PhoneNumber) -> Exchange[Mapping[str, Any]]:
        """Where texts go (``numbersSmsGet``): ``type`` and ``resource``."""
        return (yield from self._json("voicetel.sms", "GET", "/v2.2/numbers/{number}/sms", number))

    def set_messaging(
        self, number: PhoneNumber, *, route_in: int | None = None, route_out: int | None = None
    ) -> Exchange[None]:
        """The messaging route ids (``numbersMessagingPatch``); ``route_in=0`` detaches."""
        if route_in is None and route_out is None:
            raise InvalidInput("give route_in or route_out, or both")
        body = {"routeIn": route_in, "routeOut": route_out}
        yield from self._written("PATCH", "/v2.2/numbers/{number}/messaging", number, body)

    # -- 10DLC

    def messaging(self, number: PhoneNumber) -> Exchange[tuple[schemas.MessagingState, Response]]:
        """A number's messaging state, its campaign within (``numbersMessagingGet``)."""
        request = self._request("campaign_of", "GET", "/v2.2/numbers/{number}/messaging", number)
        response = yield from ask(request, error_of)
        state = self._data(schemas.MessagingState, request, response)
        self._same(request, response, number, state.number)
        return state, response

    def assign_campaign(self, number: PhoneNumber, campaign_id: str) -> Exchange[tuple[schemas.Bound, Response]]:
        """Bind (``numbersMessagingCampaignAssign``). Releases after 2.2.10 also answer 202, finished later."""
        return (
            yield from self._changed(
                schemas.Bound, "bind_campaign", "PUT", "/v2.2/numbers/{number}/messaging-campaign", number,
                {"campaignId": campaign_id}, accept=(200, 202),
            )
        )  # fmt: skip

    def unassign_campaign(self, number: PhoneNumber, campaign_id: str) -> Exchange[tuple[schemas.Unbound, Response]]:
        """Unbind (``numbersMessagingCampaignUnassign``): the campaign goes into the query."""
        request = self._request(
            "unbind_campaign", "DELETE", "/v2.2/numbers/{number}/messaging-campaign", number,
            query=pairs(campaignId=campaign_id), purpose="write",
        )  # fmt: skip
        response = yield from ask(request, error_of)
        answer = self._data(schemas.Unbound, request, response)
        self._same(request, response, number, answer.number)
        return answer, response

    # -- account and gateways

    def account_info(self) -> Exchange[Mapping[str, Any]]:
        """The account (``accountGet``), its balance and rates; six requests an hour together with three others."""
        return (yield from self._json("voicetel.account", "GET", "/v2.2/account"))

    def gateways(self) -> Exchange[list[Mapping[str, Any]]]:
        """All gateways (``gatewaysList``)."""
        data = yield from self._json("voicetel.gateways", "GET", "/v2.2/gateways")
        return list(data.get("gateways", ()))

    # -- how a request is made

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        number: PhoneNumber | None = None,
        *,
        query: tuple[tuple[str, str], ...] = (),
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        purpose: Purpose = "read",
        stream: bool = False,
    ) -> Request:
        return Request(
            account=self.account, operation=operation, method=method, path=path, query=query, body=body,
            path_values={} if number is None else {"number": number.ten_digit}, headers=headers or {},
            purpose=purpose, stream=stream,
        )  # fmt: skip

    def _json(
        self,
        operation: str,
        method: str,
        path: str,
        number: PhoneNumber | None = None,
        *,
        query: tuple[tuple[str, str], ...] = (),
    ) -> Exchange[Mapping[str, Any]]:
        request = self._request(operation, method, path, number, query=query)
        response = yield from ask(request, error_of)
        return parse(schemas.Envelope[dict[str, Any]], request, response, provider=PROVIDER).data

    def _done(
        self, operation: str, method: str, path: str, number: PhoneNumber, *, accept: Sequence[int] = (204, 200)
    ) -> Exchange[None]:
        request = self._request(operation, method, path, number, purpose="write")
        yield from ask(request, error_of, accept=accept)

    def _written(self, method: str, path: str, number: PhoneNumber, body: Mapping[str, Any]) -> Exchange[None]:
        request = self._request("route", method, path, number, body=json_body(body), purpose="write")
        yield from ask(request, error_of)

    def _changed(
        self,
        model: type[T],
        operation: str,
        method: str,
        path: str,
        number: PhoneNumber,
        body: Mapping[str, Any],
        *,
        accept: Sequence[int] = (200,),
    ) -> Exchange[tuple[T, Response]]:
        request = self._request(operation, method, path, number, body=json_body(body), purpose="write")
        response = yield from ask(request, error_of, accept=accept)
        answer = self._data(model, request, response)
        self._same(request, response, number, answer.number)  # type: ignore[attr-defined]
        return answer, response

    def _data(self, model: type[T], request: Request, response: Response) -> T:
        return parse(schemas.Envelope[model], request, response, provider=PROVIDER).data  # type: ignore[valid-type]

    def _same(self, request: Request, response: Response, asked: PhoneNumber, answered: PhoneNumber) -> None:
        if asked != answered:
            raise unexpected(request, response, "it is about another number than was asked", provider=PROVIDER)


def _is_envelope(response: Response) -> bool:
    return _error_body(response) is not None


def _error_body(response: Response) -> Mapping[str, Any] | None:
    """The error envelope ``{"status": "error", "error": ...}``, else ``None``."""
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) and body.get("status") == "error" else None


def _said(body: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Code and message. ``error`` is an object in the contract; text and a top level are read too."""
    error = body.get("error")
    source = error if isinstance(error, dict) else body
    message = source.get("message") if not isinstance(error, str) else error
    words = [str(part) for part in (message, source.get("requirement")) if part]
    code = source.get("code")
    return (None if code is None else str(code)), ": ".join(words) or None


def error_of(request: Request, response: Response) -> AnyCarrierError:
    """The error of an answer.

    An order was refused only when VoiceTel itself says so, in its envelope: 400, 401, 402, and 502, which is documented
    to come before any write. The same statuses from something in between prove nothing.
    """
    body = _error_body(response)
    code, detail = (None, None) if body is None else _said(body)
    maybe_applied: bool | None = None
    safe_elsewhere: bool | None = None
    error_class: type[ProviderError] | None = None
    if request.purpose == "purchase":
        refused = body is not None and (response.status in (400, 401, 402, 502) or 403 <= response.status < 428)
        maybe_applied = not refused and response.status != 429
        if response.status == 502 and refused:
            error_class, safe_elsewhere = ProviderDown, True
    return status_error(
        request, response, provider=PROVIDER, code=code, detail=detail, error_class=error_class,
        maybe_applied=maybe_applied, safe_elsewhere=safe_elsewhere,
    )  # fmt: skip
