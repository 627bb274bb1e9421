"""Credentials are renewed after a 401, once for all callers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from anycarrier.engine.accounts import StaticToken
from anycarrier.errors import AnyCarrierError, AuthenticationFailed, TransportError
from anycarrier.exchange import Done, Exchange, Response, send, sleep, together
from anycarrier.transports.protocol import WireRequest
from support.rigs import Handler, Rig, account, asking, get, ok


class Renewable:
    """Credentials whose value can be exchanged for another by a request, as an OAuth token is."""

    def __init__(self, *, better: bool = True) -> None:
        self.value = 1
        self.renewals = 0
        self.better = better

    def headers(self) -> Exchange[Mapping[str, str]]:
        yield from sleep(0)
        return {"authorization": f"Bearer v{self.value}"}

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        if sent["authorization"] != f"Bearer v{self.value}":
            return True
        self.renewals += 1
        yield from send(get("/token", authenticated=False))
        if self.better:
            self.value += 1
        return self.better

    def secrets(self) -> tuple[str, ...]:
        return ()


def wants(value: str) -> Handler:
    def handler(request: WireRequest) -> Response:
        said = dict(request.headers).get("authorization")
        return Response(200 if said in (value, None) else 401)

    return handler


def test_a_401_renews_once_and_asks_again(rig: Rig) -> None:
    credentials = Renewable()
    made = rig(wants("Bearer v2"), account(credentials=credentials))
    assert made.run(asking()) == 200
    assert credentials.renewals == 1
    assert [wire.url[19:] for wire in made.transport.sent] == ["/things", "/token", "/things"]


def test_a_second_401_is_the_answer(rig: Rig) -> None:
    credentials = Renewable()
    made = rig(wants("Bearer never"), account(credentials=credentials))
    assert made.run(asking()) == 401
    assert credentials.renewals == 1
    assert len(made.transport.sent) == 3


def test_without_other_credentials_a_401_is_the_answer(rig: Rig) -> None:
    credentials = Renewable(better=False)
    made = rig(wants("Bearer never"), account(credentials=credentials))
    assert made.run(asking()) == 401
    assert [wire.url[19:] for wire in made.transport.sent] == ["/things", "/token"]


@pytest.mark.parametrize("breaks", ["/token", "/things"])
def test_a_purchase_that_was_answered_with_401_keeps_that_answer_where_no_second_one_leaves(
    rig: Rig, breaks: str
) -> None:
    """The 401 may be a proxy's page, after the work: what fails afterwards does not make it \"not sent\"."""

    def handler(request: WireRequest) -> Response | TransportError:
        said = dict(request.headers).get("authorization")
        if request.url.endswith(breaks) and said != "Bearer v1":
            return TransportError("refused", kind="connect", maybe_applied=False)
        return Response(401 if said == "Bearer v1" else 200)

    made = rig(handler, account(credentials=Renewable()))
    assert made.run(asking(purpose="purchase")) == 401
    made = rig(handler, account(credentials=Renewable()))
    with pytest.raises(TransportError):
        made.run(asking())


def test_what_fails_before_a_request_is_sent_says_so(rig: Rig) -> None:
    made = rig()
    for request in (get("/{a}", purpose="purchase"), get("/things", account="nobody", purpose="purchase")):
        with pytest.raises(AnyCarrierError) as caught:
            made.run(send(request))
        assert vars(caught.value)["maybe_applied"] is False
    assert not made.transport.sent


def test_a_fixed_token_is_never_renewed(rig: Rig) -> None:
    made = rig(lambda _: Response(401))
    assert made.run(asking(purpose="purchase")) == 401
    assert len(made.transport.sent) == 1


@pytest.mark.parametrize(("tokens", "sent"), [(["one"], 1), (["one", "two"], 2)])
def test_a_token_function_is_asked_again_and_used_only_if_it_differs(rig: Rig, tokens: list[str], sent: int) -> None:
    given = iter([*tokens, *([tokens[-1]] * 5)])
    made = rig(lambda _: Response(401), account(credentials=StaticToken(lambda: next(given))))
    assert made.run(asking()) == 401
    assert len(made.transport.sent) == sent


def test_many_callers_renew_once(rig: Rig) -> None:
    credentials = Renewable()
    made = rig(wants("Bearer v2"), account(credentials=credentials))
    assert made.run_many(*(asking() for _ in range(12))) == [200] * 12
    assert credentials.renewals == 1


def test_many_callers_in_one_exchange_renew_once(rig: Rig) -> None:
    credentials = Renewable()
    made = rig(wants("Bearer v2"), account(credentials=credentials))

    def all_of_them() -> Exchange[list[Any]]:
        return (yield from together(asking() for _ in range(12)))

    assert made.run(all_of_them()) == [Done(200)] * 12
    assert credentials.renewals == 1


def test_a_request_without_credentials_is_not_renewed(rig: Rig) -> None:
    credentials = Renewable()
    made = rig(lambda _: Response(401), account(credentials=credentials))
    assert made.run(asking(authenticated=False)) == 401
    assert credentials.renewals == 0


def test_failing_to_get_credentials_says_that_nothing_was_applied(rig: Rig) -> None:
    def no_token() -> str:
        raise AuthenticationFailed("the vault is closed")

    made = rig(ok, account(credentials=StaticToken(no_token)))
    with pytest.raises(AuthenticationFailed) as raised:
        made.run(asking(purpose="purchase"))
    assert (raised.value.provider, raised.value.operation, raised.value.maybe_applied) == ("fake", "op", False)
    assert made.transport.sent == []
