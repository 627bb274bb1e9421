"""The kit for adapters: endpoints, error tables, lists of pages, tables of routes, words of purchases and campaigns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from anycarrier import adapter
from anycarrier.adapter import (
    E164,
    AnyCarrierError,
    Attempt,
    BasicAuth,
    BindingStatus,
    Buying,
    CampaignBinding,
    Campaigns,
    ConfigurationError,
    Conflict,
    Draft,
    ErrorTable,
    Exchange,
    ForwardTo,
    InvalidInput,
    InvalidRequest,
    LazyFields,
    Listing,
    NoForward,
    NotAll,
    NoTexts,
    NotFound,
    NumberUnavailable,
    Offer,
    OwnedNumber,
    PhoneNumber,
    ProviderOptions,
    RateLimited,
    Record,
    Request,
    ResolutionPolicy,
    Response,
    Route,
    Routing,
    Rows,
    Search,
    Searching,
    Sent,
    Settings,
    Status,
    Text,
    ToGateway,
    UnexpectedResponse,
    Unsupported,
    Whole,
    build,
    buys,
    can,
    cannot,
    filter_offers,
    first,
    linked,
    means,
    numbered,
    reads,
    reads_rows,
    sent,
    sets,
    streamed,
    writes,
)
from anycarrier.provider import AttemptState
from support.script import drive as play

N1, N2, N3 = (PhoneNumber(f"+1201555010{digit}") for digit in (1, 2, 3))


class Row(Record):
    number: E164
    label: Text = None


class Around(Record):
    next: Text = None
    total: Whole = None
    pages: Whole = None


class Binding(Record):
    number: E164
    campaign: Text = None
    state: Text = None


TABLE = ErrorTable(
    detail=("message", "errors.0.detail"),
    code="code",
    status="status",
    rows=(
        means(NumberUnavailable, code="taken", purpose="purchase"),
        means(Conflict, 422, words="being ported", message="the number is being ported"),
        means(NumberUnavailable, 409, only="POST /orders"),
    ),
)


def named(row: Row) -> str:
    return row.number


class Api(adapter.Api):
    provider = "acme"
    errors = TABLE
    headers = {"version": "7"}  # noqa: RUF012

    number = reads("/{tenant}/numbers/{number}", Row)
    buy = buys("/orders", Row, accept=(201,))
    release = writes("DELETE", "/numbers/{number}", accept=(204,))
    text = writes("POST", "/texts", dict, content="form", origin="texts")
    voice = writes("PUT", "/numbers/{number}/voice", dict, nulls=True)
    webhook = writes("PUT", "/numbers/{number}/webhook", dict, nulls=True)
    campaign = reads("/numbers/{number}/campaign", Binding)
    bind = writes("PUT", "/numbers/{number}/campaign", Binding)
    unbind = writes("DELETE", "/numbers/{number}/campaign", accept=(204,))
    by_number = numbered(
        reads_rows("/numbers", Row, at=("rows",), around=Around),
        number="number",
        name=named,
        size=("per", 2),
        last=lambda page: page.pages,
        total=lambda page: page.total,
    )
    by_cursor = linked(
        reads_rows("/numbers", Row, at=("rows",), around=Around, method="POST"),
        number="number",
        name=named,
        parameter="after",
        cursor=lambda page: page.next,
        total=lambda page: page.total,
        within="body",
    )
    whole = streamed(reads_rows("/all", Row, at=("rows",), stream=True), number="number")

    @reads("/usage", dict, at=("data",))
    def usage(self, days: int) -> Sent:
        """Usage of the last *days*."""
        return sent(query={"days": days})


API = Api("main", origins={"texts": "main.texts"}, path_values={"tenant": "t1"})


def requests(effects: list[Any]) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, Request)]


def said(value: object, status: int = 200, **headers: str) -> Response:
    return Response(status, headers, json.dumps(value).encode())


def rows(*numbers: str, **around: object) -> Response:
    return said({"rows": [{"number": number} for number in numbers], **around})


def numbers(found: Rows[Row, Any]) -> Sequence[PhoneNumber]:
    return [*found.numbers("number")]


# -- endpoints


def test_a_request_is_made_of_its_endpoint_and_its_parameters() -> None:
    row, effects = play(API.number(number=N1, query={"full": True, "empty": None}), said({"number": N1}))
    (request,) = requests(effects)
    assert row == Row(number=N1)
    assert request == Request(
        account="main",
        operation="acme.number",
        method="GET",
        path="/{tenant}/numbers/{number}",
        path_values={"tenant": "t1", "number": N1},
        query=(("full", "true"),),
        headers={"version": "7"},
    )


def test_an_endpoint_that_is_called_like_a_neutral_operation_has_its_name() -> None:
    _, effects = play(API.release(number=N1), Response(204))
    (request,) = requests(effects)
    assert request.operation == "release"
    assert request.purpose == "write"


def test_a_step_of_another_operation_is_named_for_that() -> None:
    error, _ = play(API.number(number=N1, operation="route"), said({"message": "no"}, 400))
    assert error.operation == "route"


def test_a_form_goes_to_another_origin_of_the_account() -> None:
    _, effects = play(API.text(body={"to": N1, "from": None, "body": "a b"}), said({}))
    (request,) = requests(effects)
    assert (request.account, request.body) == ("main.texts", b"to=%2B12015550101&body=a+b")
    assert request.content_type == "application/x-www-form-urlencoded"


def test_a_method_with_typed_parameters_sends_its_endpoint() -> None:
    value, effects = play(API.usage(7), said({"data": {"calls": 3}}))
    (request,) = requests(effects)
    assert value == {"calls": 3}
    assert (request.operation, request.query) == ("acme.usage", (("days", "7"),))
    with pytest.raises(InvalidInput, match="days"):
        raise play(API.usage("7"))[0]  # type: ignore[arg-type]


def test_an_answer_refuses_another_number() -> None:
    answer, _ = play(API.number.answer(number=N1), said({"number": N2}))
    with pytest.raises(UnexpectedResponse, match="another number"):
        answer.about(N1, answer.value.number)
    answer.about(N2, "(201) 555-0102")


def test_a_purchase_that_says_that_it_failed_is_no_record() -> None:
    error, _ = play(API.buy(body={}), said({"number": N1, "success": False}, 201))
    assert isinstance(error, UnexpectedResponse)
    assert error.maybe_applied


# -- errors


def refused(status: int, body: object, purpose: str = "purchase") -> AnyCarrierError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(account="a", operation="buy", method="POST", path="/orders", purpose=purpose)  # type: ignore[arg-type]
    return TABLE.error_of(request, Response(status, {}, raw), provider="acme")


@pytest.mark.parametrize("status", [400, 401, 402, 403, 409, 422])
@pytest.mark.parametrize(
    "body",
    [
        b"<html>no</html>",
        b"",
        {"message": "no"},
        {"message": "no", "status": 500},
        {"status": 409},
        {"message": "no", "code": "unknown"},
        {"message": "the number was purchased", "status": 409},
        {"message": "no", "status": True},
    ],
)
def test_a_purchase_that_something_in_between_refused_may_have_been_carried_out(status: int, body: object) -> None:
    assert refused(status, body).maybe_applied


@pytest.mark.parametrize("status", [400, 401, 402, 403, 409, 422])
def test_a_purchase_that_the_provider_itself_refused_was_not_carried_out(status: int) -> None:
    assert not refused(status, {"message": "no", "status": status}).maybe_applied
    assert not refused(status, {"message": "no", "code": "taken"}).maybe_applied


@pytest.mark.parametrize("status", [408, 425, 429, 499, 500, 503, 302])
def test_no_words_make_a_proof_of_a_status_that_means_later(status: int) -> None:
    assert refused(status, {"message": "no", "status": status}).maybe_applied


def test_a_429_is_a_rate_limit_and_proves_nothing() -> None:
    error = refused(429, {"message": "too many", "status": 429})
    assert isinstance(error, RateLimited)
    assert error.maybe_applied


def test_the_refusals_of_a_table_may_be_fewer() -> None:
    table = ErrorTable(status="status", refusals=frozenset({400}))
    request = Request(account="a", operation="buy", method="POST", path="/orders", purpose="purchase")
    for status, applied in ((400, False), (422, True)):
        error = table.error_of(request, said({"message": "no", "status": status}, status), provider="acme")
        assert error.maybe_applied == applied


def test_a_404_that_is_not_the_providers_own_says_nothing_of_a_number() -> None:
    assert isinstance(refused(404, {"message": "Not Found"}, "read"), UnexpectedResponse)
    assert isinstance(refused(404, b"<html>", "read"), UnexpectedResponse)
    assert isinstance(refused(404, {"message": "no such number", "status": 404}, "read"), NotFound)


def test_rows_of_the_table_decide_by_code_words_and_request() -> None:
    assert isinstance(refused(400, {"message": "gone", "code": "taken"}), NumberUnavailable)
    assert isinstance(refused(400, {"message": "gone", "code": "taken", "status": 400}, "read"), InvalidRequest)
    ported = refused(422, {"errors": [{"detail": "It is Being Ported."}]}, "write")
    assert isinstance(ported, Conflict)
    assert (str(ported.message), ported.detail) == ("the number is being ported", "It is Being Ported.")
    assert isinstance(refused(409, {"message": "no", "status": 409}), NumberUnavailable)
    assert isinstance(refused(409, b"", "write"), Conflict)


# -- lists


def test_pages_by_number_end_with_the_last_one() -> None:
    found, effects = play(API.by_number(numbers), rows(N1, N2, pages=2), rows(N3, pages=2))
    assert found == [N1, N2, N3]
    asked = [dict(effect.query) for effect in effects if isinstance(effect, Request)]
    assert asked == [{"per": "2", "page": "1"}, {"per": "2", "page": "2"}]


def test_a_page_that_is_not_full_is_the_last_one() -> None:
    found, _ = play(API.by_number(numbers), rows(N1, N2), rows(N3))
    assert found == [N1, N2, N3]


def test_a_full_page_that_comes_again_is_not_all() -> None:
    error, _ = play(API.by_number(numbers), rows(N1, N2), rows(N1, N2))
    assert isinstance(error, NotAll)


def test_a_list_that_ends_before_its_total_is_not_all() -> None:
    error, _ = play(API.by_number(numbers), rows(N1, N2, total=4), rows(total=4))
    assert isinstance(error, NotAll)
    assert "2 of the 4" in str(error)


def test_a_row_that_comes_again_is_emitted_once() -> None:
    found, _ = play(API.by_number(numbers), rows(N1, N2, total=3), rows(N2, N3, total=3))
    assert found == [N1, N2, N3]


def test_pages_by_cursor_end_without_one() -> None:
    found, effects = play(API.by_cursor(numbers, body={"owned": True}), rows(N1, next="c"), rows(N2))
    assert found == [N1, N2]
    bodies = [json.loads(effect.body) for effect in effects if isinstance(effect, Request)]
    assert bodies == [{"owned": True}, {"owned": True, "after": "c"}]


@pytest.mark.parametrize(
    "second", [rows(N2, next="c"), rows(N1, next="d"), rows(N2, next="\x00")], ids=["cursor", "page", "not printable"]
)
def test_a_cursor_or_page_that_comes_again_ends_the_list_in_an_error(second: Response) -> None:
    error, _ = play(API.by_cursor(numbers), rows(N1, next="c"), second)
    assert isinstance(error, UnexpectedResponse)


def test_rows_that_cannot_be_read_hide_no_others_and_end_the_list_in_an_error() -> None:
    listing = API.by_cursor(numbers)
    answer = said({"rows": [{"number": 7}, {"number": N1}]})
    got, _ = play(first(listing, lambda number: number == N1), answer)
    assert got == N1
    error, _ = play(API.by_cursor(numbers), answer)
    assert "1 of 2 records cannot be read" in str(error)


def test_unreadable_rows_of_other_numbers_do_not_matter_to_one_number() -> None:
    mine = said({"rows": [{"number": N2, "label": {}}, {"number": N1}]})
    found, _ = play(API.by_cursor(numbers, about=N1), mine)
    assert found == [N1]
    error, _ = play(API.by_cursor(numbers, about=N1), said({"rows": [{"number": N1, "label": {}}]}))
    assert isinstance(error, UnexpectedResponse)


def test_a_list_narrowed_to_one_number_that_has_others_is_not_all() -> None:
    error, _ = play(API.by_cursor(numbers, about=N1, narrowed=True), rows(N1, N2))
    assert isinstance(error, NotAll)


def test_one_document_is_read_while_it_arrives() -> None:
    found, effects = play(API.whole(numbers, about=N2), Response(200, {}, b'{"rows": [{"number": "'))
    assert isinstance(found, UnexpectedResponse)
    found, effects = play(API.whole(numbers, about=N2), rows(N1, N2))
    assert found == [N2]
    assert requests(effects)[0].stream


# -- filters that are sent


def offered(**facts: Any) -> Offer:
    return Offer(provider="acme", account="main", number=N1, **facts)


def test_a_filter_that_was_sent_is_trusted_where_the_answer_does_not_state_it() -> None:
    query = Search(city="Newark", state="NJ")
    silent, right = offered(state="NJ"), offered(city="newark", state="NJ")
    wrong, other = offered(city="Trenton", state="NJ"), offered(city="Newark")
    found = [silent, right, wrong, other]
    assert filter_offers(query, found, {"city"}) == [silent, right]
    assert filter_offers(query, found) == [right]


def test_of_several_features_those_that_are_stated_must_be_there() -> None:
    query = Search(features={"sms", "voice"})
    found = [offered(), offered(features={"sms": True}), offered(features={"sms": False})]
    assert filter_offers(query, found, {"features"}) == found[:2]


# -- the provider class

OWNED = LazyFields[Row, OwnedNumber](OwnedNumber)


class Acme(Searching, Buying, Routing[Api], Campaigns):
    name = "acme"
    title = "Acme"
    rules = ResolutionPolicy()
    supports = {  # noqa: RUF012
        **can(
            "search",
            "search.no_digits",
            "search.city",
            "buy",
            "list",
            "get",
            "route",
            "route.forward",
            "route.texts.none",
        ),
        **cannot("Acme's API has no such route", "route.gateway"),
    }
    trusted = frozenset({"city"})
    order_words = {"done": Status.ACTIVE, "open": Status.PENDING, "failed": Status.FAILED}  # noqa: RUF012
    campaign_words = {"bound": BindingStatus.ACTIVE}  # noqa: RUF012
    routing = (
        sets(ForwardTo, Api.voice, lambda route: {"to": route.number}),
        sets(NoForward, Api.voice, lambda route: {"to": None}),
        sets(NoTexts, Api.webhook, lambda route: {"url": None}, ignore=NotFound),
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
    assert isinstance(error, Unsupported)
    assert not effects


def test_arguments_are_checked_by_their_annotations() -> None:
    with pytest.raises(InvalidInput, match="query must be"):
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
    assert isinstance(failed, NumberUnavailable)
    assert not failed.maybe_applied


@pytest.mark.parametrize("answer", [{"number": N2, "label": "done"}, {"number": N1, "label": "huh"}, {"number": N1}])
def test_an_order_that_is_not_confirmed_may_have_been_carried_out(answer: object) -> None:
    error, _ = play(ACME.place(drafted()), said(answer, 201))
    assert isinstance(error, UnexpectedResponse)
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
    assert isinstance(error, InvalidInput)
    assert not sent_


def test_a_route_that_the_provider_lacks_is_refused_before_anything_is_sent() -> None:
    error, sent_ = routed(NoForward(), ToGateway(7), answers=[])
    assert isinstance(error, Unsupported)
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
        assert isinstance(error, UnexpectedResponse)
        assert error.maybe_applied


def test_another_campaign_is_never_unbound() -> None:
    error, effects = play(ACME.unbind_campaign(N1, "C2"), bound(N1, "C1"))
    assert isinstance(error, NotFound)
    assert "DELETE" not in [effect.method for effect in effects if isinstance(effect, Request)]
    gone, _ = play(ACME.unbind_campaign(N1, "C1"), bound(N1, "C1"), Response(204), bound(N1, None))
    assert gone.status is BindingStatus.UNBOUND


# -- settings


def test_all_problems_of_settings_come_in_one_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
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
    with pytest.raises(ConfigurationError, match="username is missing"):
        settings.done()
