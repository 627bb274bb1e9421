"""The provider class: searches, purchases, routes, campaigns and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from anycarrier import adapter
from anycarrier import errors as e
from anycarrier.adapter import (
    Attempt,
    BasicAuth,
    BindingStatus,
    Buying,
    CampaignBinding,
    Campaigns,
    Can,
    Cannot,
    Draft,
    Exchange,
    ForwardTo,
    LazyFields,
    Listing,
    NoForward,
    NotAll,
    NoTexts,
    Offer,
    OwnedNumber,
    PhoneNumber,
    ProviderOptions,
    Request,
    ResolutionPolicy,
    Response,
    Route,
    Routing,
    Search,
    Searching,
    Settings,
    Status,
    ToGateway,
    build,
    can,
    cannot,
    sets,
)
from anycarrier.attempt import AttemptState
from support.made_up import N1, N2, Api, Row, offered, rows, said
from support.script import drive as play

OWNED = LazyFields[Row, OwnedNumber](OwnedNumber)


class Acme(Searching, Buying, Routing[Api], Campaigns):
    name = "acme"
    title = "Acme"
    rules = ResolutionPolicy()
    supports = {  # noqa: RUF012
        **can("search.no_digits", "search.city"),
        **can("list", note="newest first"),
        **cannot("Acme's API has no such route", "route.gateway"),
    }
    trusted = frozenset({"city"})
    order_words = {"done": Status.ACTIVE, "open": Status.PENDING, "failed": Status.FAILED}  # noqa: RUF012
    campaign_words = {"bound": BindingStatus.ACTIVE}  # noqa: RUF012
    routing = (
        sets(ForwardTo, Api.voice, lambda route: {"to": route.number}, note="to NANP numbers"),
        sets(NoForward, Api.voice, lambda route: {"to": None}),
        sets(NoTexts, Api.webhook, lambda route: {"url": None}, ignore=e.NotFound),
    )

    def __init__(self, *, token: str | None = None, url: str = "https://api.acme.example") -> None:
        settings = Settings("acme", "main", url, ("api.acme.example",), False)
        texts = settings.origin("texts_url", "https://texts.acme.example", ("texts.acme.example",))
        self.open(settings, settings.bearer("token", token, "set token"), origins={"texts": texts})
        self.api = Api(self.account, path_values={"tenant": "t1"})

    def offers(self, query: Search, options: Sequence[ProviderOptions]) -> Exchange[Sequence[Offer]]:
        yield from ()
        return [offered(), offered(city="Trenton")]

    def order_body(self, number: PhoneNumber, key: str, options: Sequence[ProviderOptions]) -> Mapping[str, Any]:
        return {"number": number, "reference": key}

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        answer = yield from self.api.buy.answer(body=draft.body)
        return self.bought(draft, answer, answer.value.number, answer.value.label)

    def numbers(
        self, number: PhoneNumber | None = None, options: Sequence[ProviderOptions] = ()
    ) -> Listing[OwnedNumber]:
        return self.api.by_cursor(
            lambda found: build(OWNED, found, **self.mine, number=found.numbers("number")), about=number
        )

    def bind(self, number: PhoneNumber, campaign_id: str) -> Exchange[CampaignBinding]:
        answer = yield from self.api.bind.answer(number=number, body={"campaign": campaign_id})
        one = answer.value
        return self.binding(number, answer, stated=one.number, campaign_id=one.campaign, word=one.state)

    def campaign(self, number: PhoneNumber) -> Exchange[CampaignBinding]:
        answer = yield from self.api.campaign.answer(number=number)
        one = answer.value
        return self.binding(number, answer, stated=one.number, campaign_id=one.campaign, word=one.state)

    def unbind(self, number: PhoneNumber, campaign_id: str) -> Exchange[None]:
        yield from self.api.unbind(number=number)


ACME = Acme(token="tok-9f8e7d6c5b")


def test_a_search_trusts_what_it_has_sent() -> None:
    found, _ = play(ACME.search(Search(city="Newark")))
    assert found == [offered()]


def test_a_filter_that_is_not_supported_is_refused_before_anything_is_sent() -> None:
    error, effects = play(ACME.search(Search(lata="224")))
    assert isinstance(error, e.Unsupported)
    assert not effects


def test_arguments_are_checked_by_their_annotations() -> None:
    with pytest.raises(e.InvalidInput, match="query must be"):
        ACME.search("201")  # type: ignore[arg-type]


def drafted() -> Draft:
    draft: Draft
    draft, _ = play(ACME.draft(N1, key="k1"))
    return draft


def test_an_order_is_confirmed_by_its_number_and_its_word() -> None:
    draft = drafted()
    assert draft.body == b'{"number":"+12015550101","reference":"k1"}'
    owned, _ = play(ACME.place(draft), said({"number": N1, "label": "Open"}, 201))
    assert (owned.number, owned.status, owned.provider_status) == (N1, Status.PENDING, "Open")
    failed, _ = play(ACME.place(draft), said({"number": N1, "label": "failed"}, 201))
    assert isinstance(failed, e.NumberUnavailable)
    assert not failed.maybe_applied


@pytest.mark.parametrize("answer", [{"number": N2, "label": "done"}, {"number": N1, "label": "huh"}, {"number": N1}])
def test_an_order_that_is_not_confirmed_may_have_been_carried_out(answer: object) -> None:
    error, _ = play(ACME.place(drafted()), said(answer, 201))
    assert isinstance(error, e.UnexpectedResponse)
    assert error.maybe_applied


def test_a_purchase_is_found_in_the_list_and_absence_is_the_whole_list() -> None:
    attempt = Attempt(draft=drafted(), state=AttemptState.SENT, first_sent=0.0, last_sent=0.0)
    found, _ = play(ACME.find_purchase(attempt), rows(N1, N2))
    assert found.number == N1
    absent, _ = play(ACME.find_purchase(attempt), rows(N2))
    assert absent is None
    error, _ = play(ACME.find_purchase(attempt), rows(N2, total=3))
    assert isinstance(error, NotAll)


def routed(*routes: Route, answers: Sequence[Response]) -> tuple[Any, list[Any]]:
    outcome, effects = play(ACME.route(N1, *routes), *answers)
    return outcome, [effect for effect in effects if isinstance(effect, Request)]


def test_routes_are_set_in_order_and_the_number_is_read() -> None:
    owned, sent_ = routed(ForwardTo(N2), NoTexts(), answers=[said({}), said({}), rows(N1)])
    assert owned.number == N1
    assert [(one.method, one.path, one.body) for one in sent_[:2]] == [
        ("PUT", "/numbers/{number}/voice", b'{"to":"+12015550102"}'),
        ("PUT", "/numbers/{number}/webhook", b'{"url":null}'),
    ]


@pytest.mark.parametrize("routes", [(), (ForwardTo(N2), NoForward()), (NoForward(), NoForward())])
def test_contradictions_are_refused_before_anything_is_sent(routes: tuple[Route, ...]) -> None:
    error, sent_ = routed(*routes, answers=[])
    assert isinstance(error, e.InvalidInput)
    assert not sent_


def test_a_route_that_the_provider_lacks_is_refused_before_anything_is_sent() -> None:
    error, sent_ = routed(NoForward(), ToGateway(7), answers=[])
    assert isinstance(error, e.Unsupported)
    assert not sent_


def test_an_error_in_the_middle_keeps_what_was_applied() -> None:
    error, _ = routed(NoForward(), NoTexts(), answers=[said({}), said({"message": "no"}, 400)])
    assert error.applied == (NoForward(),)
    assert error.operation == "route"


def test_an_error_that_means_that_it_was_so_already_is_ignored() -> None:
    owned, _ = routed(NoTexts(), answers=[said({"message": "no texts", "status": 404}, 404), rows(N1)])
    assert owned.number == N1


def bound(number: str, campaign: str | None, state: str = "bound") -> Response:
    return said({"number": number, "campaign": campaign, "state": state})


def test_a_campaign_has_the_providers_word_and_ours() -> None:
    one, _ = play(ACME.bind_campaign(N1, "C1"), bound(N1, "C1", "Bound"))
    assert (one.campaign_id, one.status, one.provider_status) == ("C1", BindingStatus.ACTIVE, "Bound")
    assert play(ACME.campaign_of(N1), bound(N1, "C1", "huh"))[0].status is BindingStatus.UNKNOWN
    assert play(ACME.campaign_of(N1), bound(N1, None))[0].status is BindingStatus.UNBOUND


def test_an_answer_about_another_number_or_campaign_is_refused() -> None:
    for answer in (bound(N2, "C1"), bound(N1, "C2")):
        error, _ = play(ACME.bind_campaign(N1, "C1"), answer)
        assert isinstance(error, e.UnexpectedResponse)
        assert error.maybe_applied


def test_another_campaign_is_never_unbound() -> None:
    error, effects = play(ACME.unbind_campaign(N1, "C2"), bound(N1, "C1"))
    assert isinstance(error, e.NotFound)
    assert "DELETE" not in [effect.method for effect in effects if isinstance(effect, Request)]
    gone, _ = play(ACME.unbind_campaign(N1, "C1"), bound(N1, "C1"), Response(204), bound(N1, None))
    assert gone.status is BindingStatus.UNBOUND


# -- settings


def test_all_problems_of_settings_come_in_one_error() -> None:
    with pytest.raises(e.ConfigurationError) as caught:
        Acme(url="http://elsewhere.example")
    assert len(caught.value.problems) == 2


def test_an_account_has_an_origin_for_each_base_url() -> None:
    assert [(one.id, one.base_url) for one in ACME.accounts] == [
        ("main", "https://api.acme.example"),
        ("main.texts", "https://texts.acme.example"),
    ]


def test_basic_credentials_are_encoded_and_not_shown() -> None:
    settings = Settings("acme", "main", "https://api.acme.example", ("api.acme.example",), False)
    basic = settings.basic("user", lambda: "pw-1a2b3c", "set username and password")
    settings.done()
    headers, _ = play(basic.headers(), lambda effect: adapter.Done(effect.function()))
    assert headers == {"authorization": "Basic dXNlcjpwdy0xYTJiM2M="}
    assert "pw-1a2b3c" not in repr(BasicAuth("user", "pw-1a2b3c"))
    assert "pw-1a2b3c" in BasicAuth("user", "pw-1a2b3c").secrets()
    settings.basic(None, "pw-1a2b3c", "set username and password")
    with pytest.raises(e.ConfigurationError, match="username is missing"):
        settings.done()


def test_what_the_class_has_need_not_be_declared() -> None:
    operations = {"search", "buy", "list", "get", "route", "bind_campaign", "unbind_campaign", "campaign_of"}
    routes = {"route.forward", "route.texts.none"}
    declared = {"search.no_digits", "search.city", "route.gateway"}
    assert Acme.supports.keys() == operations | routes | declared
    assert Acme.supports["route.forward"] == Can(note="to NANP numbers")
    assert Acme.supports["list"] == Can(note="newest first")
    assert isinstance(Acme.supports["route.gateway"], Cannot)


def test_a_trusted_filter_that_does_not_exist_is_a_mistake_of_the_class() -> None:
    with pytest.raises(TypeError, match="no filter is called town"):
        type("Wrong", (Searching,), {"trusted": frozenset({"town"})})
