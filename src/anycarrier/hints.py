"""Arguments checked by their annotations: a signature holds at run time, and no argument is forgotten.

:func:`checked` wraps a function, :func:`checked_methods` the public methods of a class, and :func:`by_hints` makes the
fields of an attrs class check themselves. An error is :class:`InvalidInput`, names the argument and shows the value's
shape. An annotation is read when the first call comes; ``Any``, ``object`` and type variables let everything pass, and
``Annotated[kind, check]`` is checked by *check*, which is called with the argument's name and the value.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum, StrEnum
from functools import cache, wraps
from inspect import CO_VARARGS, CO_VARKEYWORDS
from typing import Annotated, Any, Literal, ParamSpec, TypeAlias, TypeVar, Union, get_args, get_origin

from attrs import Attribute

from anycarrier.errors import InvalidInput
from anycarrier.validation import flag, real, shape, size_of_int, vars_of, whole_characters

__all__ = ["by_hints", "checked", "checked_methods", "kind_of", "undriven"]

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type[Any])
T = TypeVar("T")

Check: TypeAlias = Callable[[str, Any], object]
"""Raises for a value that is wrong, under the argument's name."""

Fits: TypeAlias = Callable[[object], bool]


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """*function*, which refuses arguments that are not what their annotations say, before anything of it runs."""
    known: dict[str, tuple[Check, bool]] = {}
    code = function.__code__
    first = code.co_varnames[: code.co_argcount]
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    stars = [*code.co_varnames[len(names) :][: bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)]]
    rest = stars.pop(0) if code.co_flags & CO_VARARGS else ""
    others = stars.pop() if stars else ""
    skipped = int(bool(first) and first[0] not in function.__annotations__)  # self
    positional, most = first[skipped:], len(first)

    fits: dict[str, frozenset[type[Any]]] = dict.fromkeys((*names, rest), _NONE)

    def look(name: str, value: object) -> None:
        if name not in known:
            hint = function.__annotations__.get(name if name in names or name == rest else others, Any)
            read = _read(hint, function.__module__)
            known[name] = _check_of(read) or _anything, get_origin(read) in (Iterable, Sequence, tuple)
            fits[name] = _exact(read)[0] - _LOOKED_INTO
        check, several = known[name]
        if not (several and type(value) is tuple and not value):
            check(name, value)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        for name, value in zip(positional, args[skipped:]):  # noqa: B905 - passing strict takes time
            if type(value) not in fits[name]:
                look(name, value)
        for value in args[most:]:
            if type(value) not in fits[rest]:
                look(rest, value)
        for name, value in kwargs.items():
            if type(value) not in fits.get(name, _NONE):
                look(name, value)
        result = function(*args, **kwargs)
        if type(result) is types.GeneratorType:
            return undriven(result, args[0] if args else None, function.__name__)  # type: ignore[return-value, arg-type]
        return result

    return call


_OURS = ("anycarrier.", "anycarrier_adapters.")


def undriven(exchange: Generator[Any, Any, T], owner: object, name: str) -> Generator[Any, Any, T]:
    """*exchange*, which warns when the program that called for it drops it without having driven it.

    Only for callers two frames up that are not of this library: an adapter that calls itself drives what it makes.
    """
    if sys._getframe(2).f_globals["__name__"].startswith(_OURS):  # noqa: SLF001 - an attribute of every interpreter
        return exchange
    return _Undriven(exchange, owner, name)


class _Undriven(Generator[Any, Any, Any]):
    """An exchange that warns when it is dropped without having been driven, as a coroutine does.

    Its iterator is the generator itself: a driver and ``yield from`` work on that directly.
    """

    __slots__ = ("__name__", "_exchange", "_owner")

    def __init__(self, exchange: Generator[Any, Any, Any], owner: object, name: str) -> None:
        self._exchange = exchange
        self._owner = owner
        self.__name__ = name

    def __iter__(self) -> Generator[Any, Any, Any]:
        self._owner = _DRIVEN
        return self._exchange

    def __next__(self) -> Any:
        self._owner = _DRIVEN
        return next(self._exchange)

    def send(self, value: Any) -> Any:
        self._owner = _DRIVEN
        return self._exchange.send(value)

    def throw(self, *error: Any) -> Any:
        self._owner = _DRIVEN
        return self._exchange.throw(*error)

    def close(self) -> None:
        self._owner = _DRIVEN
        self._exchange.close()

    def __del__(self) -> None:
        if self._owner is not _DRIVEN:
            import warnings

            owner = type(self._owner).__name__
            warnings.warn(
                f"{owner}.{self.__name__}() was never driven, so nothing was sent: pass what it returns to "
                "client.run() or client.iterate(), or call it by client.native",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )


_DRIVEN = object()


def kind_of(operation: Any) -> str | None:
    """``operation`` or ``listing``, by the annotation of what is called; ``None`` for anything else."""
    annotations = getattr(operation, "__annotations__", None) or {}  # an endpoint alone has none
    returns = str(annotations.get("return", ""))
    # A method that an endpoint of the kit decorates has the annotations of what it sends.
    kinds = {"Exchange": "operation", "Sent": "operation", "Listing": "listing"}
    return kinds.get(returns.partition("[")[0])


def checked_methods(cls: C) -> C:
    """*cls*, of whose own public methods each is :func:`checked`."""
    for name, member in [*vars(cls).items()]:
        if isinstance(member, types.FunctionType) and not name.startswith("_"):
            setattr(cls, name, checked(member))
    return cls


def by_hints(cls: type[Any], fields: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """For ``field_transformer`` of an attrs class: a field without a check of its own is checked by its annotation.

    Of containers and texts only the kind: objects of such classes are also made of what providers send.
    """

    def validator(hint: Any) -> Callable[[object, Attribute[Any], Any], None]:
        check: Check | None = None
        exact: frozenset[type[Any]] = frozenset()
        items: frozenset[tuple[type[Any], type[Any]]] = frozenset()

        def validate(_: object, attribute: Attribute[Any], value: Any) -> None:
            nonlocal check, exact, items
            # Nearly always one of these two: such objects are made in great numbers.
            if type(value) in exact:
                return
            if items and type(value) is dict and all((type(key), type(held)) in items for key, held in value.items()):
                return
            if check is None:
                read = _read(hint, cls.__module__)
                check, exact, items = _check_of(read, deep=False) or _anything, *_exact(read)
            check(attribute.name, value)
            if check is _ANY_MAPPING:  # each class that fits is looked up once
                exact |= {type(value)}

        return validate

    return [
        one
        if one.validator is not None or one.converter is not None or one.type is None or not one.init
        else one.evolve(validator=validator(one.type))
        for one in fields
    ]


def _anything(_: str, __: object) -> None: ...


_NONE: frozenset[type[Any]] = frozenset()
_LOOKED_INTO: frozenset[type[Any]] = frozenset({str, int, float, dict})
"""Types of which some values do not fit."""


def _exact(hint: Any) -> tuple[frozenset[type[Any]], frozenset[tuple[type[Any], type[Any]]]]:
    """Types of which every value fits *hint*, and the types of keys and values with which a dict does."""
    exact: set[type[Any]] = set()
    items: set[tuple[type[Any], type[Any]]] = set()
    todo = [hint]
    while todo:
        one = todo.pop()
        origin, inner = get_origin(one), get_args(one)
        if origin is Union or origin is types.UnionType:
            todo += inner
        elif origin is Mapping and all(isinstance(part, type) for part in inner):
            items.add((inner[0], inner[1]))
        elif origin is Mapping and inner[1] is Any:
            exact.add(dict)
        elif one is float:
            exact |= {float, int}
        elif origin is None and isinstance(one, type):
            exact.add(one)
    return frozenset(exact), frozenset(items)


def _read(hint: Any, module: str) -> Any:
    return eval(hint, vars(sys.modules[module])) if isinstance(hint, str) else hint  # noqa: S307 - our own source


@cache
def _check_of(hint: Any, *, deep: bool = True) -> Check | None:
    """Check of a value against *hint*: of all its parts if *deep*, else of its type; ``None`` if every value fits."""
    if hint is Any or hint is object or isinstance(hint, TypeVar):
        return None
    if hint in _DEEP:
        return (_DEEP if deep else _KINDS)[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _all_of(inner[1:])
    if origin is Union or origin is types.UnionType:
        return _either(
            [_check_of(one, deep=deep) for one in inner if one is not types.NoneType], types.NoneType in inner
        )
    if origin is Literal:
        said = " or ".join(map(repr, inner))
        return _kind(
            said, lambda value: isinstance(value, str | int) and not isinstance(value, bool) and value in inner
        )
    if origin is Callable:
        return _kind("a function", callable)
    return _of_class(origin or hint, inner, deep) if isinstance(origin or hint, type) else None


def _of_class(kind: type[Any], inner: tuple[Any, ...], deep: bool) -> Check | None:
    if kind in (Iterable, Sequence, list, tuple, frozenset, set, AbstractSet):
        return _several(kind, _check_of(inner[0], deep=deep) if inner else None)
    if issubclass(kind, Mapping):
        # A record of the provider's is not gone through: it may still have to be decoded.
        if inner[1:] == (Any,):
            return _ANY_MAPPING
        return _mapping(*(_word_of(one) or _check_of(one, deep=deep) for one in inner))
    if getattr(kind, "_is_protocol", False):
        members = [name for name in dir(kind) if not name.startswith("_")]
        return _kind(f"an object with {', '.join(members)}", lambda value: _has_all(value, members))
    article = "an" if kind.__name__[0] in "AEIO" else "a"
    known = f"{kind.__name__}.{next(iter(kind)).name}" if issubclass(kind, Enum) else _EXAMPLES.get(kind.__name__)
    example = f", such as {known}" if known else ""
    return _kind(f"{article} {kind.__name__}{example}", lambda value: isinstance(value, kind))


def _word_of(hint: Any) -> Check | None:
    """Check of a mapping's key: a member of a StrEnum and its text are the same key."""
    if not (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return None
    return _kind(f"one of {', '.join(hint)}", lambda value: isinstance(value, str) and value in frozenset(hint))


def _has_all(value: object, members: list[str]) -> bool:
    kind = type(value)
    return not isinstance(value, type) and all(hasattr(kind, name) or name in vars_of(value) for name in members)


def _kind(said: str, fits: Fits) -> Check:
    def check(name: str, value: object) -> None:
        if not fits(value):
            raise InvalidInput(f"{name} must be {said}, not {shape(value)}")

    return check


def _all_of(checks: Sequence[Check]) -> Check:
    def check(name: str, value: object) -> None:
        for one in checks:
            one(name, value)

    return check


def _either(checks: Sequence[Check | None], optional: bool) -> Check | None:
    alternatives = [one for one in checks if one is not None]
    if len(alternatives) < len(checks):
        return None

    def check(name: str, value: object) -> None:
        if optional and value is None:
            return
        said: list[str] = []
        for one in alternatives:
            try:
                one(name, value)
            except InvalidInput as error:
                said.append(error.message)
            else:
                return
        raise InvalidInput(_best(name, said))

    return check


def _best(name: str, said: list[str]) -> str:
    """One message of those of several kinds: that of the kind which the value is of, else what there is to choose."""
    start, cut = f"{name} must be ", ", not "
    of_kind = [words for words in said if not (words.startswith(start) and cut in words)]
    if of_kind or len(said) == 1:
        return (of_kind or said)[0]
    choices = [words.removeprefix(start).rpartition(cut)[0] for words in said]
    return f"{start}{' or '.join(choices)}{cut}{said[0].rpartition(cut)[2]}"


def _several(kind: type[Any], item: Check | None) -> Check:
    like: dict[Any, Any] = {frozenset: AbstractSet, set: AbstractSet, list: Sequence}
    wanted = like.get(kind, kind)
    said = {Iterable: "a collection", AbstractSet: "a set", tuple: "a tuple"}.get(wanted, "a list")

    def check(name: str, value: Any) -> None:
        if isinstance(value, str | bytes | bytearray | Mapping) or not isinstance(value, wanted):
            raise InvalidInput(f"{name} must be {said}, not {shape(value)}")
        if item is not None and isinstance(value, Sequence | AbstractSet):  # what can be gone through again
            for at, one in enumerate(value):
                item(f"{name}[{at}]", one)

    return check


def _mapping(key: Check | None = None, item: Check | None = None) -> Check:
    def check(name: str, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise InvalidInput(f"{name} must be a dict, not {shape(value)}")
        for one, held in value.items() if key or item else ():
            if key is not None:
                key(f"a key of {name}", one)
            if item is not None:
                item(f"{name}[{shape(one)}]", held)

    return check


_ANY_MAPPING = _mapping()

_EXAMPLES = {
    "Money": "Money('1.50')",
    "Order": "Order(criteria=Search(area_code='201'))",
    "Route": "ToGateway(1000)",
    "Search": "Search(area_code='201')",
    "Timeouts": "Timeouts(read=30.0)",
}
"""By the class's name: a few that callers make most."""

_DEEP: dict[Any, Check] = {str: whole_characters, int: size_of_int, float: real, bool: flag}
_KINDS: dict[Any, Check] = {
    str: _kind("text", lambda value: isinstance(value, str)),
    int: _kind("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    float: _kind("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    bool: flag,
}
