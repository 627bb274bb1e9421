"""Acme of docs/adapters.md, written by hand: a class with the methods of the Protocols, and nothing of the kit's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from anycarrier.adapter import (
    Account,
    AnyCarrierError,
    Attempt,
    Can,
    Cannot,
    Draft,
    Emit,
    Exchange,
    InvalidNumber,
    Limit,
    Listing,
    NotFound,
    NumberUnavailable,
    Offer,
    OwnedNumber,
    PhoneNumber,
    ProviderOptions,
    Release,
    ReleaseState,
    Request,
    ResolutionPolicy,
    Response,
    Search,
    StaticToken,
    Status,
    Support,
    Target,
    ask,
    attributed_to,
    json_body,
    load_json,
    matches,
    number_of,
    pairs,
    parse_json,
    price_of,
    require_search,
    stated,
    status_error,
    unexpected,
)
from anycarrier.features import FEATURES

CAN = (
    *("search", "search.area_code", "search.prefix", "search.ends_with", "search.contains"),
    *("buy", "list", "get", "release"),
)
STATES = {"live": Status.ACTIVE, "new": Status.PENDING, "done": Status.ACTIVE, "pending": Status.PENDING}
NAME = "acme"


class AcmeByHand:
    """Acme: search, purchase, list, release."""

    name: str = NAME
    title: str = "Acme, by hand"
    supports: Mapping[str, Support] = {
        **dict.fromkeys(FEATURES, Cannot("this adapter is written by hand, and small")),
        **dict.fromkeys(CAN, Can()),
    }
    rules: ClassVar[ResolutionPolicy] = ResolutionPolicy(
        replay=False, settle=60.0, looks=2, refusals=frozenset({400, 401, 402, 409})
    )

    def __init__(self, *, token: str, base_url: str) -> None:
        limits = (Limit(100, 10.0),)
        account = Account(id=NAME, provider=NAME, base_url=base_url, credentials=StaticToken(token), limits=limits)
        self.accounts = (account,)

    # -- requests

    def _ask(self, operation: str, method: str, path: str, *accept: int, **more: Any) -> Exchange[tuple[Any, Any]]:
        """Send a request; the decoded answer, and the function that makes the error for what is wrong with it."""
        purpose = {"GET": "read"}.get(method, "write")
        request = Request(account=NAME, operation=operation, method=method, path=path, **{"purpose": purpose, **more})
        response = yield from ask(request, _error, accept=accept or (200,))
        body = {} if response.status == 204 else parse_json(request, response, provider=NAME, exact=True)
        return body, lambda where: unexpected(request, response, where, provider=NAME)

    # -- the operations

    def search(self, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[list[Offer]]:
        require_search(self, query)
        body, wrong = yield from self._ask("search", "GET", "/available", query=pairs(area=query.leading[:3]))
        rows = _list(body, "available", wrong)
        offers = []
        for row in rows:
            number = _number(row, "number")
            if number is not None:
                price = price_of(row.get("monthly"))
                offers.append(Offer(provider=NAME, account=NAME, number=number, price=price, raw=row))
        if rows and not offers:
            raise wrong("no row of available can be read")
        return [offer for offer in offers if matches(query, offer)][: query.limit]

    def draft(
        self, target: Offer | PhoneNumber, *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Draft]:
        yield from ()
        number = number_of(target)
        body = json_body({"number": number.e164, "reference": key})
        price = target.price if isinstance(target, Offer) else None
        return Draft(provider=NAME, account=NAME, number=number, key=key, body=body, price=price)

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        order, wrong = yield from self._ask("buy", "POST", "/orders", 201, body=draft.body, purpose="purchase")
        if not isinstance(order, dict) or _number(order, "number") != draft.number or order.get("error"):
            raise wrong("the number that was ordered is not in it")
        status = {"done": Status.ACTIVE, "pending": Status.PENDING}.get(str(order.get("state")))
        if status is None:
            raise wrong("the order has a status that is not documented")
        return OwnedNumber(provider=NAME, account=NAME, number=draft.number, status=status, raw=order)

    def find_purchase(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        number = attempt.draft.number
        try:
            return (yield from attributed_to("buy", self._one(number)))
        except NotFound:
            pass  # not on the account, where an order that is pending has not put it yet
        query = pairs(reference=attempt.draft.key)
        body, wrong = yield from self._ask("buy", "GET", "/orders", query=query)
        orders = [order for order in _list(body, "orders", wrong) if _number(order, "number") == number]
        for order in orders:
            if order.get("state") in ("pending", "failed"):
                status = Status(order["state"])
                return OwnedNumber(provider=NAME, account=NAME, number=number, status=status)
        return None

    def list(self, *, options: Sequence[ProviderOptions] = ()) -> Listing[OwnedNumber]:
        page: int | None = None
        seen: set[Any] = set()
        while True:
            body, wrong = yield from self._ask("list", "GET", "/numbers", query=pairs(page=page))
            numbers = [self._owned(row, wrong) for row in _list(body, "numbers", wrong)]
            yield Emit([one for one in numbers if one.number not in seen])
            seen.update(one.number for one in numbers)
            page = body.get("next")
            if page is None:
                return
            if type(page) is not int or page in seen:
                raise wrong("next is no number of a page, or comes for the second time")
            seen.add(page)

    def get(self, target: Target) -> Exchange[OwnedNumber]:
        return (yield from self._one(number_of(target)))

    def release(self, target: Target) -> Exchange[Release]:
        number = number_of(target)
        yield from self._ask("release", "DELETE", "/numbers/{number}", 204, path_values={"number": number.e164})
        return Release(provider=NAME, account=NAME, number=number, state=ReleaseState.RELEASED)

    # -- answers

    def _one(self, number: PhoneNumber) -> Exchange[OwnedNumber]:
        row, wrong = yield from self._ask("get", "GET", "/numbers/{number}", path_values={"number": number.e164})
        owned = self._owned(row, wrong)
        if owned.number != number:
            raise wrong("it is about another number than the request")
        return owned

    def _owned(self, row: Any, wrong: Any) -> OwnedNumber:
        number = _number(row, "number")
        if number is None:
            raise wrong("number: it cannot be read")
        word = row.get("state") if isinstance(row.get("state"), str) and row["state"].strip() else None
        status = STATES.get(word or "", Status.UNKNOWN)
        return OwnedNumber(provider=NAME, account=NAME, number=number, status=status, provider_status=word, raw=row)


def _list(body: Any, name: str, wrong: Any) -> list[Any]:
    rows = body.get(name) if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise wrong(f"{name}: a list was expected")
    return rows


def _number(row: Any, name: str) -> PhoneNumber | None:
    try:
        return stated(row[name]) if isinstance(row, dict) and isinstance(row.get(name), str) else None
    except InvalidNumber:
        return None


def _error(request: Request, response: Response) -> AnyCarrierError:
    """Acme's own errors repeat the HTTP status beside their words; others prove nothing."""
    try:
        body = load_json(response.body)
    except ValueError:
        body = None
    own = isinstance(body, dict) and body.get("status") == response.status and isinstance(body.get("message"), str)
    taken = own and response.status == 409 and request.purpose == "purchase"
    return status_error(
        request,
        response,
        provider=NAME,
        detail=body["message"] if own else None,
        error_class=NumberUnavailable if taken else None,
        maybe_applied=False if own and response.status in AcmeByHand.rules.refusals else None,
    )
