"""The provider class: a base and a mixin for each group of neutral operations, with what every adapter repeats."""

from __future__ import annotations

import builtins
import types
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypedDict, TypeVar

from anycarrier.attempt import Attempt, Draft, ResolutionPolicy
from anycarrier.capabilities import require_search
from anycarrier.decoding.json import json_body
from anycarrier.engine.accounts import Account, Credentials
from anycarrier.engine.rate_limits import Limit
from anycarrier.errors import AnyCarrierError, NotFound
from anycarrier.exchange import Exchange, Listing, first
from anycarrier.features import OPERATIONS, Can, Cannot, Evidence, Support
from anycarrier.hints import checked
from anycarrier.model import (
    Offer,
    OwnedNumber,
    ProviderOptions,
    Receipt,
    Route,
    Status,
    Target,
    number_of,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import attributed_to
from anycarrier.search import FILTERS, Search, filter_offers

from ._endpoints import Api
from ._messages import Answer
from ._routes import RouteRow, rows_for
from ._settings import Settings

__all__ = ["Adapter", "Buying", "Owning", "Routing", "Searching", "can", "cannot"]

A = TypeVar("A", bound=Api)

_HOOKS = frozenset({
    "address", "bind", "binding", "bought", "campaign", "fetch", "number_of", "numbers", "offers", "open",
    "many_body", "order_body", "pending", "shown", "unbind", "unbound",
})  # fmt: skip
"""Methods that only the kit and adapters call: their arguments are checked already."""


def can(*features: str, note: str = "", evidence: Evidence = Evidence.DOCUMENTED) -> dict[str, Support]:
    """Rows of ``supports`` for what the provider can do, with one note for all of them."""
    return dict.fromkeys(features, Can(evidence, note))


def cannot(reason: str, *features: str, by_hand: str = "") -> dict[str, Support]:
    """Rows of ``supports`` for what the provider cannot do, with the true reason, and what a person does instead."""
    return dict.fromkeys(features, Cannot(reason, by_hand))


def _implied(kind: type[Any]) -> dict[str, Support]:
    """Rows of ``supports`` for the operations and routes that an adapter's class has."""
    rows: Sequence[RouteRow[Any]] = getattr(kind, "routing", ())
    operations = [one.name for one in OPERATIONS.values() if callable(getattr(kind, one.method, None))]
    return {**{row.kind.feature: row.support for row in reversed(rows)}, **can(*operations)}


class Mine(TypedDict):
    """The two facts that every neutral object repeats."""

    provider: str
    account: str


class Adapter(ABC):  # noqa: B024 - the mixins have the hooks
    """Base of a provider class.

    A subclass declares ``name``, ``title`` and ``supports``, opens its account in ``__init__`` and takes the mixins of
    the operations that its provider has; the operations that no mixin knows (release, transfer, the provider's own) it
    writes as methods that return an exchange. Arguments of public methods are checked by their annotations.

    Attributes:
        name: as in ``Client("acme")``.
        title: for people, with the version of the API.
        supports: every feature, made of :func:`can` and :func:`cannot`. An operation that the class has, and a route
            that ``routing`` has, need a row only if there is something to say about them.
        limits: documented rate limits of the account. A limit that only headers state is declared with the
            documented or observed number and ``stated=Stated(...)``: the headers then correct it.
        accounts: the accounts that requests name: the account itself, then one for each of its other origins.
        api_class: class of the provider's own API, whose operations ``anycarrier call`` and the reference list.
        option_classes: by operation, the class of ``ProviderOptions``, or of a route, that only this provider has: the
            command line takes its fields by ``--option``.
    """

    name: str = ""
    title: str = ""
    supports: Mapping[str, Support] = types.MappingProxyType({})
    limits: ClassVar[tuple[Limit, ...]] = ()
    accounts: tuple[Account, ...] = ()
    api_class: ClassVar[type[Api] | None] = None
    option_classes: ClassVar[Mapping[str, type[ProviderOptions] | type[Route]]] = types.MappingProxyType({})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "supports" in vars(cls):
            cls.supports = {**_implied(cls), **cls.supports}
        for name, member in [*vars(cls).items()]:
            if isinstance(member, types.FunctionType) and not name.startswith("_") and name not in _HOOKS:
                setattr(cls, name, checked(member))

    def open(
        self,
        settings: Settings,
        credentials: Credentials,
        *,
        owner: str | None = None,
        origins: Mapping[str, str] | None = None,
    ) -> None:
        """Make ``accounts`` of *settings*, or raise one ``ConfigurationError`` for all that is wrong with them.

        Args:
            settings: checked settings.
            credentials: of the account, at every origin.
            owner: the provider's own name for the account, after the name of its family, where it has one; no secret.
            origins: base URLs of the account's other origins by name; endpoints name them, and the ids of their
                accounts, for ``Api(origins=...)``, are ``<account>.<name>``.
        """
        settings.done()
        urls = {settings.account_id: settings.url}
        urls.update((f"{settings.account_id}.{name}", url) for name, url in (origins or {}).items())
        self.accounts = tuple(
            Account(
                id=name,
                provider=self.name,
                base_url=url,
                credentials=credentials,
                limits=self.limits,
                owner=owner,
                origin_of=None if name == settings.account_id else settings.account_id,
            )
            for name, url in urls.items()
        )

    @property
    def account(self) -> str:
        """The account's id."""
        return self.accounts[0].id

    @property
    def mine(self) -> Mine:
        """Provider and account, for neutral objects: ``OwnedNumber(**self.mine, number=...)``."""
        return {"provider": self.name, "account": self.accounts[0].id}

    # -- hooks

    def number_of(self, target: Target, feature: str) -> PhoneNumber:
        """The number that *target* names; override it to refuse, for *feature*, what the provider cannot have."""
        return number_of(target)

    def address(self, number: PhoneNumber) -> Exchange[Mapping[str, str]]:
        """The path values by which the provider addresses *number*; override it for numbers that have ids."""
        yield from ()
        return {"number": number.e164}


class Searching(Adapter):
    """The operation ``search``: features are checked first, offers are filtered at the end.

    Attributes:
        trusted: filters that are sent to the provider and that its answer may leave unstated, such as ``city``. An
            offer that does not state the fact is believed to have it; one that states another is left out.
    """

    trusted: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if unknown := cls.trusted - {one.name for one in FILTERS}:
            raise TypeError(f"{cls.__name__}.trusted: no filter is called {', '.join(sorted(unknown))}")

    @abstractmethod
    def offers(self, query: Search, options: Sequence[ProviderOptions]) -> Exchange[Sequence[Offer]]:
        """Hook: send the search and map what it found; need not filter."""

    def search(self, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[builtins.list[Offer]]:
        """Offers that match every filter of *query*."""
        require_search(self, query)
        try:
            found = yield from self.offers(query, options)
        except AnyCarrierError as error:
            error.operation = "search"
            raise
        return filter_offers(query, found, self.trusted) if found else []


class Owning(Adapter):
    """The operations ``list`` and ``get``."""

    @abstractmethod
    def numbers(
        self, number: PhoneNumber | None = None, options: Sequence[ProviderOptions] = ()
    ) -> Listing[OwnedNumber]:
        """Hook: the account's numbers, page by page; with *number* only those that may be it, if the provider filters.

        A listing that ends without an error is complete.
        """

    def fetch(self, number: PhoneNumber) -> Exchange[OwnedNumber]:
        """Hook: the present state of one number; ``NotFound`` for a complete, documented "no".

        Override it where the provider has an endpoint for one number; else the list is read.
        """
        found = yield from self.listed(number)
        if found is None:
            raise NotFound("not on this account", provider=self.name)
        return found

    def listed(self, number: PhoneNumber) -> Exchange[OwnedNumber | None]:
        """Hook: the number as the list has it; ``None`` where the whole list does not have it."""
        found: OwnedNumber | None = yield from first(self.numbers(number), lambda owned: owned.number == number)
        return found

    def list(self, *, options: Sequence[ProviderOptions] = ()) -> Listing[OwnedNumber]:
        """All numbers on the account."""
        return self.numbers(None, options)

    def get(self, target: Target) -> Exchange[OwnedNumber]:
        """Present state of one number."""
        return (yield from attributed_to("get", self.fetch(self.number_of(target, "get"))))

    def find(self, number: PhoneNumber) -> Exchange[OwnedNumber | None]:
        """The number, or ``None`` where it certainly is not on the account.

        Of a list, a "not found" says nothing of a number: it may be the account that was not found.
        """
        if type(self).fetch is Owning.fetch:
            return (yield from attributed_to("get", self.listed(number)))
        try:
            return (yield from attributed_to("get", self.fetch(number)))
        except NotFound:
            return None


class Buying(Owning):
    """The operation ``buy``: :meth:`order_body` and ``place`` are the adapter's, the rest is here.

    ``place`` sends ``draft.body`` once, and confirms the answer with :meth:`bought`::

        def place(self, draft: Draft) -> Exchange[OwnedNumber]:
            answer = yield from self.api.buy.answer(body=draft.body)
            return self.bought(draft, answer, answer.value.number, answer.value.state)

    Attributes:
        rules: how a purchase whose outcome is lost can be resolved, from the provider's documents.
        order_words: the provider's words for an order's state, in small letters: ``Status.ACTIVE``,
            ``Status.PENDING``, or ``Status.FAILED`` for "nothing was bought".
    """

    rules: ClassVar[ResolutionPolicy]
    order_words: ClassVar[Mapping[str, Status]] = types.MappingProxyType({})

    @abstractmethod
    def order_body(
        self, number: PhoneNumber, key: str, options: Sequence[ProviderOptions]
    ) -> Mapping[str, Any] | bytes:
        """Hook: the members of the order's JSON body, or its exact bytes. The same arguments give the same body."""

    @abstractmethod
    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        """Send the order, once."""

    def draft(
        self, target: Offer | PhoneNumber, *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Draft]:
        """The order of one number, ready to be sent."""
        yield from ()  # an exchange without effects
        number = self.number_of(target, "buy")
        body = self.order_body(number, key, options)
        sent = body if isinstance(body, bytes) else json_body(body)
        price, setup_price = (target.price, target.setup_price) if isinstance(target, Offer) else (None, None)
        return Draft(
            provider=self.name, account=self.accounts[0].id, number=number, key=key, body=sent,
            price=price, setup_price=setup_price,
        )  # fmt: skip

    def bought(
        self,
        draft: Draft,
        answer: Answer[Any],
        stated: str | None,
        word: str | None = None,
        *,
        label: str | None = None,
        receipt: Receipt | None = None,
        detail: Any = None,
        raw: Mapping[str, Any] | None = None,
    ) -> OwnedNumber:
        """The number that *answer* confirms as bought.

        Args:
            draft: the order.
            answer: the accepted response to it.
            stated: the number that the response states.
            word: the provider's word for the order's state, where it has any.
            label: see :class:`OwnedNumber`.
            receipt: see :class:`OwnedNumber`.
            detail: see :class:`OwnedNumber`.
            raw: the provider's record; else that of *answer*.

        Raises:
            NumberUnavailable: the word means that nothing was bought.
            UnexpectedResponse: another number, or a word that ``order_words`` does not have: the outcome is unknown.
        """
        answer.about(draft.number, stated)
        status = Status.ACTIVE if not self.order_words else self.order_words.get((word or "").casefold())
        if status is None:
            raise answer.wrong("the order has a status that is not documented")
        if status is Status.FAILED:
            raise answer.not_bought("the order failed, and nothing was bought", code=word)
        return OwnedNumber(
            **self.mine, number=draft.number, status=status, provider_status=word, label=label, receipt=receipt,
            detail=detail, raw=answer.raw() if raw is None else raw,
        )  # fmt: skip

    def pending(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        """Hook: the number of an order that is known by ``attempt.draft.key``, or by ``attempt.order_id``, and not
        fulfilled: its status is pending, or failed. ``None`` for none.

        Override it where the account shows a number only once its order is fulfilled.
        """
        yield from ()
        return None

    def find_purchase(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        """Return whether the number of *attempt* is on the account, or on its way there."""
        found = yield from self.find(attempt.draft.number)
        if found is None:
            found = yield from attributed_to("buy", self.pending(attempt))
        return found


class Routing(Owning, Generic[A]):
    """The operation ``route``, from a table: see :func:`anycarrier.adapter.sets`. ``Routing[Api]`` names the class of
    ``api``.

    All routes are checked, and contradictions refused, before anything is sent. They are set in order; an
    error in the middle has ``applied``. The number is read afterwards.

    Attributes:
        routing: one row for each kind of route.
    """

    routing: ClassVar[Sequence[RouteRow[Any]]] = ()
    api: A

    def route(self, target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        """Set one or more routes and read the number."""
        applied: builtins.list[Route] = []
        try:
            number, _ = yield from self._set_in_turn(target, routes, applied)
            return (yield from attributed_to("route", self.shown(number)))
        except AnyCarrierError as error:
            error.applied = tuple(applied)
            raise

    def check_routes(self, target: Target, *routes: Route) -> None:
        """Raise what is wrong with the routes, or with the number, before anything is sent."""
        self.number_of(target, "route")
        rows_for(self, self.routing, routes)

    def set_routes(self, target: Target, *routes: Route) -> Exchange[None]:
        """Set one or more routes. The number is read only where an answer does not show that it is on the account."""
        applied: builtins.list[Route] = []
        try:
            number, confirmed = yield from self._set_in_turn(target, routes, applied)
            if not confirmed:
                yield from attributed_to("route", self.shown(number))
        except AnyCarrierError as error:
            error.applied = tuple(applied)
            raise

    def _set_in_turn(
        self, target: Target, routes: Sequence[Route], applied: builtins.list[Route]
    ) -> Exchange[tuple[PhoneNumber, bool]]:
        """Set *routes*, and note each in *applied*; returns whether every answer was about a number of the account."""
        number = self.number_of(target, "route")
        steps = rows_for(self, self.routing, routes)
        address = yield from attributed_to("route", self.address(number))
        confirmed = True
        for route, row, body in steps:
            confirmed &= yield from attributed_to("route", row.set(self.api, body, address))
            applied.append(route)
        return number, confirmed

    def shown(self, number: PhoneNumber) -> Exchange[OwnedNumber]:
        """Hook: the number after routes were set; override it where its record does not show them."""
        return self.fetch(number)
