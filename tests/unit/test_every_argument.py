"""Every public argument of every public class and function, found by itself, given what is wrong.

What does not fit the argument's annotation must be refused with :class:`InvalidInput`, :class:`ConfigurationError` or
:class:`Unsupported` that names it, and nothing may be sent. What fits may be refused, or go on, and raises nothing
else. A new argument is found by its signature: one without a check fails here.
"""

from __future__ import annotations

import asyncio
import builtins
import collections.abc
import importlib
import inspect
import math
import pkgutil
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

import anycarrier
import anycarrier_adapters
from anycarrier import adapter, errors, exchange, model, provider, purchase, search
from anycarrier.client import AsyncClient, Client
from anycarrier.engine import session
from anycarrier.engine.accounts import Secret, StaticToken
from anycarrier.errors import (
    AnyCarrierError,
    ConfigurationError,
    InvalidInput,
    OutcomeUnknown,
    TransportError,
    Unsupported,
)
from anycarrier.exchange import Moment, Request, Response
from anycarrier.failover import Failover
from anycarrier.model import Money, NoTexts, Offer, OwnedNumber
from anycarrier.numbers import InvalidNumber, PhoneNumber
from anycarrier.provider import Attempt, AttemptState, Draft
from anycarrier.purchase import Order
from anycarrier.search import Search
from anycarrier.testing import VirtualClock
from anycarrier_adapters.lc_legacy import LCLegacy
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel
from support.script import Script

N = PhoneNumber("+12015550123")
V = VoiceTel(api_key="0" * 32)
L = Leadping(api_key="lp_x")
LC = LCPhone(token="t", location_id="L1")
LEGACY = LCLegacy(token="t", location_id="L1", account="legacy")


class Went(BaseException):
    """A request would be sent, or a journal written: the arguments were taken."""


def _went(*_: object, **__: object) -> Any:
    raise Went


class Book:
    """A journal that nothing is to be written into."""

    lease = 60.0

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _went


JOURNAL: Any = Book()


class Wire:
    """A transport that nothing is to go through."""

    send = read = close_stream = staticmethod(_went)

    def close(self) -> None: ...


class AsyncWire:
    """The same. What is raised within a task would end the event loop, so it is remembered instead."""

    sent: ClassVar[list[object]] = []

    async def send(self, request: object) -> TransportError:
        self.sent.append(request)
        return TransportError("not sent", kind="connect", maybe_applied=False)

    async def close(self) -> None: ...


class Clock(VirtualClock):
    """Each reading of it takes half a minute."""

    def now(self) -> Moment:
        self.advance(30.0)
        return super().now()


class Performer(Script):
    """Performs what an exchange asks for, up to the first request."""

    def perform(self, effect: Any) -> Any:
        if isinstance(effect, Request | exchange.AwaitRateLimit):
            raise Went
        return super().perform(effect)


# -- the public arguments

INTERNAL: dict[str, str] = {
    "anycarrier.adapter": "for adapters: the kit",
    "anycarrier.engine.async_driver": "performs effects for a client",
    "anycarrier.validation": "the checks themselves",
    "anycarrier.cli": "has its own parser",
    "anycarrier.decoding": "for adapters: reads what providers send",
    "anycarrier.engine.driver": "performs effects for a client",
    "anycarrier.errors": "made by the library",
    "anycarrier.exchange": "for adapters: effects",
    "anycarrier.frames": "within drivers",
    "anycarrier.freezing": "for PyInstaller",
    "anycarrier.hints": "the checks themselves",
    "anycarrier.http": "for adapters: requests and answers",
    "anycarrier.origins": "within transports",
    "anycarrier.processes": "within transports and journals",
    "anycarrier.purchase.reconciliation": "public as anycarrier.purchase",
    "anycarrier.purchase.selection": "public as anycarrier.purchase",
    "anycarrier.purchase.resolution": "within the protocol",
    "anycarrier.purchase.context": "within the protocol",
    "anycarrier.purchase.circuit_breaker": "public as anycarrier.purchase",
    "anycarrier.purchase.journal": "opens files: its own tests",
    "anycarrier.purchase.order": "public as anycarrier.purchase",
    "anycarrier.purchase.provisioning": "public as anycarrier.purchase",
    "anycarrier.purchase.buying": "public as anycarrier.purchase",
    "anycarrier.purchase.sending": "within the protocol",
    "anycarrier.purchase.worker": "within the protocol",
    "anycarrier.purchase.plan": "within the protocol",
    "anycarrier.redaction": "within the session",
    "anycarrier.secret": "within accounts and sessions",
    "anycarrier.registry": "within clients and the command line",
    "anycarrier.engine.backoff": "within the engine and purchases",
    "anycarrier.engine.session": "within clients",
    "anycarrier.engine.request": "within sessions",
    "anycarrier.settings": "within clients and the command line",
    "anycarrier.simulator": "for tests: its own tests say what scenarios refuse",
    "anycarrier.testing": "for adapters' own tests",
    "anycarrier.engine.threads": "within drivers",
    "anycarrier.transports": "made by a client; Timeouts is public as anycarrier",
}
"""Modules whose names are no program's to call, with the reason."""

EXEMPT: dict[str, str] = {
    "purchase.Audit": "a result", "purchase.Choice": "a result", "purchase.Progress": "a result",
    "purchase.Quote": "a result", "purchase.Recovery": "a result", "purchase.Sweep": "a result",
    "purchase.Journal": "made by journal.open()", "purchase.CircuitBreaker": "called by the protocol",
    "rate_limits.Budget": "within the session", "rate_limits.Window": "within the session",
    "accounts.is_same": "for adapters",
    "accounts.refuse_twins": "within failovers and orders",
    "accounts.Credentials": "a Protocol", "provider.attributed_to": "for adapters",
    "model.number_of": "for adapters", "retry.fetch": "for adapters", "retry.retry_after": "for adapters",
    "numbers.country_of": "for adapters", "numbers.is_another": "for adapters",
    "capabilities.require_search": "for adapters", "failover.Offers": "a result",
    "features.Operation": "a row of a table", "search.Filter": "a row of a table",
    "search.features_needed": "for adapters", "search.filters_used": "within the command line",
    "features.in_words": "for messages", "features.refusal": "for adapters", "search.filter_offers": "for adapters",
    "search.matches": "for adapters", "model.options_of": "for adapters", "model.one_of": "for adapters",
    "model.option_objects": "for adapters", "capabilities.require": "for adapters",
    "voicetel.Ordered": "a result", "leadping.Available": "a result",
    "lc_phone.RateLimits": "a result", "lc_legacy.RateLimits": "a result",
}  # fmt: skip
"""Names of public modules that are not for programs to call, with the reason."""

UNCHECKED: dict[tuple[str, str], str] = {}
"""Arguments that stay unchecked, each with the reason."""

OBJECTS: Mapping[str, Any] = {
    "Client(voicetel)": Client(V, transport=Wire(), clock=Clock(), max_wait=None),  # type: ignore[arg-type]
    "Client(leadping)": Client(L, transport=Wire(), clock=Clock(), max_wait=None),  # type: ignore[arg-type]
    "Client(lc_phone)": Client(LC, transport=Wire(), clock=Clock(), max_wait=None),  # type: ignore[arg-type]
    "Client(failover)": Client(Failover([V, L], journal=JOURNAL), transport=Wire(), clock=Clock(), max_wait=None),  # type: ignore[arg-type]
    "AsyncClient(voicetel)": AsyncClient(V, transport=AsyncWire(), clock=Clock(), max_wait=None),  # type: ignore[arg-type]
    "AsyncClient(failover)": AsyncClient(
        Failover([V, L], journal=JOURNAL),
        transport=AsyncWire(),
        clock=Clock(),
        max_wait=None,  # type: ignore[arg-type]
    ),
    "voicetel": V,
    "voicetel.api": V.api,
    "leadping": L,
    "leadping.api": L.api,
    "lc_phone": LC,
    "lc_phone.api": LC.api,
    "lc_legacy": LEGACY,
    "lc_legacy.api": LEGACY.api,
    "failover": Failover([V, L], journal=JOURNAL),
}
"""What methods are called on."""

HOOKS = frozenset({
    "account_at", "address", "bind", "binding", "bought", "campaign", "contradiction", "error_of", "fetch", "note",
    "number_of", "numbers", "offers", "open", "order_body", "pending", "shown", "unbind", "unbound",
})  # fmt: skip
"""Methods between an adapter and the kit, which has checked their arguments already."""

OFFER = Offer(provider="voicetel", account="voicetel", number=N)
OWNED = OwnedNumber(provider="voicetel", account="voicetel", number=N)
DRAFT = Draft(provider="voicetel", account="voicetel", number=N, key="k", body=b"{}")
ATTEMPT = Attempt(draft=DRAFT, state=AttemptState.SENT, first_sent=0.0, last_sent=0.0)
ORDER = Order(criteria=Search(area_code="201"))


def _nothing() -> Iterator[Any]:
    yield from ()


VALID: dict[str, Callable[[], Any]] = {
    "provider: str": lambda: "voicetel",
    "target": lambda: N, "number": lambda: N, "query": lambda: Search(area_code="201"), "order": lambda: ORDER,
    "queries": lambda: [Search(area_code="201")], "error": lambda: OutcomeUnknown("x", attempt=ATTEMPT),
    "exchange": _nothing, "listing": _nothing, "request_id": lambda: "r1", "to_account": lambda: "1000000001",
    "campaign_id": lambda: "CH5K5IZ", "routes": NoTexts, "key": lambda: "k1", "draft": lambda: DRAFT,
    "attempt": lambda: ATTEMPT, "numbers": lambda: [N], "provider": lambda: V, "providers": lambda: [V],
    "journal": lambda: JOURNAL, "amount": lambda: "1.50", "gateway": lambda: 1000, "url": lambda: "https://x.example",
    "address": lambda: "sip:x@x.example", "account": lambda: "main", "state": lambda: "NJ", "body": lambda: b"{}",
    "country": lambda: "US", "types": lambda: ["local"], "text": lambda: "2015550123", "value": lambda: "secret",
    "token": lambda: "t", "base_url": lambda: "https://x.example", "credentials": lambda: StaticToken("t"),
    "requests": lambda: 5, "seconds": lambda: 5.0, "reason": lambda: "none", "enabled": lambda: True,
    "route": lambda: 4, "access_token": lambda: "t", "id": lambda: "id1", "request": lambda: Request(
        account="a", operation="get", method="GET", path="/"), "response": lambda: Response(200, {}, b"{}"),
    "conversation_id": lambda: "c1", "phone_number_id": lambda: "p1", "sender": lambda: N, "receiver": lambda: N,
    "targets": lambda: [N], "ids": lambda: ["C1"], "brand_id": lambda: "BX1", "name": lambda: "main",
    "description": lambda: "x", "username": lambda: "1000", "email": lambda: "x@x.example", "password": lambda:
        Secret("x"), "ranges": lambda: ["192.0.2.0/24"], "tn_mask": lambda: "201", "count_by": lambda: "state",
    "pid": lambda: "AB123", "ticket": lambda: 1, "status": lambda: "closed", "message": lambda: "x",
    "subject": lambda: "x", "caller_name": lambda: "x", "address1": lambda: "x", "city": lambda: "x",
    "zip_code": lambda: "07624", "address_id": lambda: 1, "ani": lambda: N, "account_id": lambda: 1,
    "pin": lambda: "1234", "destination": lambda: N, "translation": lambda: N, "kind": lambda: "email",
    "resource": lambda: "x@x.example", "campaign": lambda: "C1", "first_sent": lambda: 0.0, "last_sent": lambda: 0.0,
}  # fmt: skip
"""A right value of each argument that has to be given, by its name."""

OF: dict[str, dict[str, Callable[[], Any]]] = {
    "ForwardTo": {},
    "Release": {"state": lambda: model.ReleaseState.RELEASED},
    "CampaignBinding": {"status": lambda: model.BindingStatus.ACTIVE},
    "Attempt": {"state": lambda: AttemptState.SENT},
    "buy": {},
    "require_search": {},
    "Bought": {},
    "OrderItem": {"state": lambda: purchase.ItemState.OPEN, "id": lambda: "r1#0"},
    "Purchase": {"items": lambda: ()},
    "MessagingRoutes": {"route_in": lambda: 1},
    "set_messaging": {"route_in": lambda: 1},
    "Failover": {},
    "update": {"name": lambda: "x", "body": dict},
    "port_in": {"order": dict},
    "check_base_url": {},
    "number_of": {"name": lambda: "target"},
    "PhoneNumber": {"number": lambda: "2015550123"},
    "to_ten_digit": {"number": lambda: "2015550123"},
    "LCPhone": {"location_id": lambda: "L1", "token": lambda: "t"},
    "LCLegacy": {"location_id": lambda: "L1", "token": lambda: "t"},
    "VoiceTel": {"api_key": lambda: "0" * 32},
    "Leadping": {"api_key": lambda: "lp_x"},
    "Order": {"criteria": lambda: Search(area_code="201")},
}
"""The same for single functions, and what they need besides, by the function's name."""


def modules() -> Iterator[types.ModuleType]:
    """Every public module of the core and of our adapters."""
    yield anycarrier
    for package in (anycarrier, anycarrier_adapters):
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            name = info.name
            if any(part.startswith("_") for part in name.split(".")):
                continue
            if any(name == one or name.startswith(one + ".") for one in INTERNAL):
                continue
            if name.startswith("anycarrier_adapters.") and name.count(".") > 1:
                continue  # an adapter's own parts: what is public of them stands in its package, or is its api
            yield importlib.import_module(name)


def callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public class, function and method, by a name for people."""
    seen: set[int] = set()
    for module in modules():
        for name in getattr(module, "__all__", ()):
            found = getattr(module, name)
            title = f"{module.__name__.rpartition('.')[2]}.{name}"
            if not callable(found) or id(found) in seen or title in EXEMPT or name in errors.__all__:
                continue
            seen.add(id(found))
            if inspect.isclass(found) and (_is_plain(found) or getattr(found, "_is_protocol", False)):
                continue
            if inspect.isclass(found) or inspect.isfunction(found):
                yield title, found
    for title, one in OBJECTS.items():
        for name in dir(type(one)):
            if name in HOOKS and isinstance(one, adapter.Adapter | adapter.Api):
                continue
            if not name.startswith("_") and inspect.isfunction(inspect.getattr_static(type(one), name)):
                yield f"{title}.{name}", getattr(one, name)


def _is_plain(cls: type[Any]) -> bool:
    """An enumeration, an error, or what has no arguments."""
    return issubclass(cls, types.GenericAlias | BaseException) or hasattr(cls, "__members__") or not arguments_of(cls)


def arguments_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    signature = inspect.signature(function)
    return [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]


NAMESPACE: dict[str, Any] = {}
for _module in (typing, collections.abc, builtins, model, purchase, provider, search, session):
    NAMESPACE.update(vars(_module))
NAMESPACE.update((name, getattr(purchase, name)) for name in purchase.__all__)
NAMESPACE.update(date=date, datetime=datetime, Path=Path)


def hint_of(function: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """The annotation, read where it stands; names that only type checkers import are looked for in the library."""
    hint = parameter.annotation
    if not isinstance(hint, str):
        return Any if hint is inspect.Parameter.empty else hint
    own = inspect.unwrap(function.__init__ if inspect.isclass(function) else function)
    homes = [sys.modules[function.__module__]]
    if inspect.isclass(function):
        homes += [sys.modules[base.__module__] for base in function.__mro__ if base.__module__ in sys.modules]
    found = {**NAMESPACE}
    for home in reversed(homes):
        found.update(vars(home))
    found.update(getattr(own, "__globals__", {}))
    try:
        return eval(hint, found)  # noqa: S307 - our own source
    except TypeError:  # a generic alias whose own parts are only named
        return eval(hint.partition("[")[0], found)  # noqa: S307


# -- what is wrong


class Hostile:
    """Raises whatever is asked of it."""

    def _refuse(self, *_: object) -> Any:
        raise RuntimeError("touched")

    __str__ = __repr__ = __eq__ = __hash__ = __bool__ = __int__ = __float__ = _refuse
    __lt__ = __gt__ = __index__ = __format__ = __bytes__ = _refuse  # type: ignore[assignment]


class Word(str):
    """Text that says something else of itself."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\x00"

    __repr__ = __str__


async def _coroutine() -> None: ...


def _generator() -> Iterator[int]:
    yield 1


def _endless() -> Iterator[int]:
    while True:
        yield 1


WRONG: list[Callable[[], Any]] = [
    lambda: None, lambda: True, lambda: False, lambda: 0, lambda: -1, lambda: 10**30, lambda: 10**5000,
    lambda: -(10**5000), lambda: 1.5, lambda: math.nan, lambda: math.inf, lambda: -math.inf, lambda: 1e308,
    lambda: "", lambda: " ", lambda: "x", lambda: "x" * 300_000, lambda: "\x00", lambda: "a\nb", lambda: "\ud800",
    lambda: "\u202e", lambda: "../..", lambda: "0", lambda: "+12015550123", lambda: Word("x"), lambda: b"x",
    lambda: bytearray(b"x"), list, lambda: ["x"], lambda: [None], lambda: [Hostile()], dict, lambda: {"x": Hostile()},
    lambda: {Money(1): 1}, set, tuple, object, Hostile, lambda: Hostile, lambda: 1j, lambda: Decimal("sNaN"),
    lambda: Decimal(10) ** 30, lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda: range(3), _generator, _endless,
    _coroutine,
    lambda: print, lambda: sys, lambda: model.Status.ACTIVE, lambda: model.Feature.SMS, lambda: Search(area_code="201"),
    lambda: OFFER, lambda: Money(1), lambda: OWNED, NoTexts, lambda: Client, lambda: Ellipsis,
]  # fmt: skip


def fits(value: Any, hint: Any) -> bool:  # noqa: C901 - one case after the other
    """Return whether *value* is what *hint* says: an oracle of its own, not that of the library."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any or hint is object or isinstance(hint, typing.TypeVar) or hint is inspect.Parameter.empty:
        return True
    if origin is typing.Annotated:
        return fits(value, inner[0])
    if origin is typing.Union or origin is types.UnionType:
        return any(fits(value, one) for one in inner)
    if hint is None or hint is type(None):
        return value is None
    if origin is typing.Literal:
        return isinstance(value, str | int) and not isinstance(value, bool) and value in inner
    if hint is bool:
        return isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if origin is collections.abc.Callable or hint is collections.abc.Callable:
        return callable(value)
    kind = origin or hint
    if not isinstance(kind, type):
        return True
    if getattr(kind, "_is_protocol", False):
        names = [name for name in dir(kind) if not name.startswith("_")]
        return not isinstance(value, type) and all(hasattr(type(value), name) for name in names)
    if kind in (list, tuple, set, frozenset) or (issubclass(kind, collections.abc.Iterable) and kind is not str):
        if isinstance(value, str | bytes | bytearray) and not issubclass(kind, str | bytes):
            return False
        kind = {list: collections.abc.Sequence, frozenset: collections.abc.Set}.get(kind, kind)
        if not isinstance(value, kind):
            return False
        if isinstance(value, collections.abc.Mapping) and inner[1:] == (Any,):
            return True  # a provider's own record
        if isinstance(value, collections.abc.Mapping) and len(inner) == 2:
            return all(fits(one, inner[0]) and fits(value[one], inner[1]) for one in value)
        if isinstance(value, collections.abc.Collection) and inner and kind is not bytes:
            return all(fits(one, inner[0]) for one in value)
        return True
    return isinstance(value, kind)


# -- giving it

LOOP = asyncio.new_event_loop()


def performed(title: str, result: Any) -> None:
    """What a call gave, carried on with until something would be sent."""
    if inspect.iscoroutine(result):
        AsyncWire.sent.clear()
        try:
            LOOP.run_until_complete(result)
        finally:
            if AsyncWire.sent:
                raise Went
    elif isinstance(result, collections.abc.Generator) and not title.startswith(("Client", "AsyncClient")):
        Performer().run(result)
    elif inspect.isasyncgen(result) or hasattr(result, "aclose"):
        return
    elif isinstance(result, collections.abc.Generator):
        result.close()


def names_it(error: AnyCarrierError, name: str) -> bool:
    said = [str(error), *getattr(error, "problems", ())]
    return isinstance(error, Unsupported | InvalidNumber) or any(name in one for one in said)


def call_of(title: str, function: Callable[..., Any], parameter: inspect.Parameter, value: Any) -> Callable[[], Any]:
    """*function* with what is wrong as this argument, and what is right as each other that it needs."""
    arguments: list[Any] = []
    more: dict[str, Any] = {}
    own = OF.get(function.__name__, {})
    takes = arguments_of(function)
    by_place = any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in takes)
    for one in takes:
        asked = one.name == parameter.name
        needed = one.default is inspect.Parameter.empty or one.name in own
        maker = own.get(one.name) or VALID.get(f"{one.name}: {one.annotation}") or VALID.get(one.name)
        if not asked and not needed:
            continue
        assert asked or maker is not None, f"say a right value of {one.name} (for {title}) in VALID or OF"
        right = value if asked else maker()  # type: ignore[misc]
        if by_place and one.kind is not inspect.Parameter.KEYWORD_ONLY:
            arguments.append(right)
        else:
            more[one.name] = right
    return lambda: function(*arguments, **more)


def told(call: Callable[[], Any], title: str, name: str, misfit: bool) -> str | None:
    """What is wrong with how a call ends; ``None`` where nothing is."""
    try:
        performed(title, call())
    except (InvalidInput, ConfigurationError, Unsupported) as error:
        return f"not named in {str(error)[:100]!r}" if misfit and not names_it(error, name) else None
    except Went:
        return "was sent" if misfit else None
    except AnyCarrierError as error:
        return f"{type(error).__name__}: {error}" if misfit else None
    except Exception as error:  # noqa: BLE001 - the very thing that must not be
        return f"{type(error).__name__}: {str(error)[:80]}"
    return "was taken" if misfit else None


def problems_of(title: str, function: Callable[..., Any], parameter: inspect.Parameter) -> list[str]:
    hint = hint_of(function, parameter)
    found: list[str] = []
    for at, make in enumerate(WRONG):
        value = make()
        problem = told(call_of(title, function, parameter, value), title, parameter.name, not fits(value, hint))
        if problem is not None:
            found.append(f"{type(value).__name__} (WRONG[{at}]): {problem}")
        if isinstance(value, collections.abc.Generator) or inspect.iscoroutine(value):
            value.close()
    return found


EVERY = [(title, function) for title, function in callables() if arguments_of(function)]


@pytest.mark.parametrize(("title", "function"), EVERY, ids=[title for title, _ in EVERY])
@pytest.mark.filterwarnings("error")
def test_an_argument_that_is_wrong_is_refused_by_its_name(title: str, function: Callable[..., Any]) -> None:
    problems = {
        parameter.name: found
        for parameter in arguments_of(function)
        if (title, parameter.name) not in UNCHECKED and (found := problems_of(title, function, parameter))
    }
    lines = "\n".join(f"{name}: {'; '.join(found[:6])} ({len(found)})" for name, found in problems.items())
    assert not problems, f"{title}\n{lines}"


def test_the_tables_name_what_there_is() -> None:
    """An exemption that has lost its reason goes."""
    there = {f"{module.__name__.rpartition('.')[2]}.{name}" for module in modules() for name in module.__all__}
    assert not EXEMPT.keys() - there
    for name in INTERNAL:
        assert importlib.util.find_spec(name) is not None
    assert not {title for title, _ in UNCHECKED} - {title for title, _ in EVERY}
    assert len(EVERY) > 200


def test_an_argument_without_a_check_is_found() -> None:
    def unchecked(target: str, *, limit: int = 5) -> None: ...

    found = [problems_of("unchecked", unchecked, one) for one in arguments_of(unchecked)]
    assert [bool(one) for one in found] == [True, True]
    assert any("was taken" in one for one in found[1])
