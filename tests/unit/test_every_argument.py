"""Every public argument of every public class and function, found by itself, given what is wrong.

What does not fit the argument's annotation must be refused with :class:`InvalidInput`, :class:`ConfigurationError` or
:class:`Unsupported` that names it, and nothing may be sent. What fits may be refused, or go on, and raises nothing
else. A new argument is found by its signature: one without a check fails here.
"""

from __future__ import annotations

import asyncio
import collections.abc
import importlib
import inspect
import math
import sys
import types
import typing
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from anycarrier import exchange, model, purchase
from anycarrier.client import Client
from anycarrier.engine import watch
from anycarrier.errors import AnyCarrierError, ConfigurationError, InvalidInput, Unsupported
from anycarrier.exchange import Request
from anycarrier.model import Money, NoTexts, Offer, OwnedNumber
from anycarrier.numbers import InvalidNumber
from anycarrier.search import Search
from support.every_argument import (
    EXEMPT,
    INTERNAL,
    NAMESPACE,
    OF,
    UNCHECKED,
    VALID,
    AsyncWire,
    N,
    Went,
    arguments_of,
    callables,
    hint_of,
    modules,
)
from support.script import Script


class Performer(Script):
    """Performs what an exchange asks for, up to the first request."""

    def perform(self, effect: Any) -> Any:
        if isinstance(effect, Request | exchange.AwaitRateLimit):
            raise Went
        return super().perform(effect)


OFFER = Offer(provider="voicetel", account="voicetel", number=N)
OWNED = OwnedNumber(provider="voicetel", account="voicetel", number=N)


NAMESPACE.update((name, getattr(purchase, name)) for name in purchase.__all__)
NAMESPACE.update(date=date, datetime=datetime, Path=Path)


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
        if isinstance(value, bool):
            return any(value is one for one in inner)
        return isinstance(value, str | int) and value in inner
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
    """The result of a call, driven until something would be sent."""
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
    """The fault of a call's end; ``None`` where all is well."""
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


@pytest.mark.slow
@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize(("title", "function"), EVERY, ids=[title for title, _ in EVERY])
@pytest.mark.filterwarnings("error")
def test_an_argument_that_is_wrong_is_refused_by_its_name(
    title: str, function: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "observer", None)  # telemetry.enable takes all that fits its annotations
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


@pytest.mark.slow
def test_an_argument_without_a_check_is_found() -> None:
    def unchecked(target: str, *, limit: int = 5) -> None: ...

    found = [problems_of("unchecked", unchecked, one) for one in arguments_of(unchecked)]
    assert [bool(one) for one in found] == [True, True]
    assert any("was taken" in one for one in found[1])
