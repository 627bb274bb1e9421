"""Endpoints as data: each documented request of a provider is one attribute of a class derived from :class:`Api`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from types import FunctionType
from typing import (
    Any,
    ClassVar,
    Concatenate,
    Generic,
    Literal,
    ParamSpec,
    TypeVar,
    cast,
    get_args,
    get_origin,
    overload,
)

from attrs import define, field

from anycarrier.decoding import Path, Record, read, read_list, read_rows
from anycarrier.decoding.json import json_body, parse_json, unexpected
from anycarrier.decoding.raw import resolved
from anycarrier.decoding.records import Unreadable
from anycarrier.decoding.short_answers import check_envelope
from anycarrier.engine.retry import RetryPolicy, fetch
from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange, Purpose, Request, Response
from anycarrier.features import OPERATIONS
from anycarrier.hints import checked, undriven
from anycarrier.http import error_for, pairs

from ._decoders import Decode, decoded, decoded_error
from ._errors import ErrorTable
from ._messages import Answer, Body, Query, Sent

__all__ = ["Api", "Bound", "Endpoint"]

T = TypeVar("T")
P = ParamSpec("P")
A = TypeVar("A", bound="Api")


@define(eq=False)
class Endpoint(Generic[T]):
    """One documented request, as an attribute of an :class:`Api`; made by ``reads``, ``reads_rows``, ``writes`` and
    ``buys``.

    Attributes:
        method: HTTP method.
        path: template, such as ``/numbers/{number}``; values are quoted.
        record: class of the record in the response, or ``list[...]`` of it; ``dict`` or ``list`` leaves an object or
            an array as the provider sends it; ``None`` where there is nothing to read.
        purpose: ``read`` is repeated after failures, ``write`` only if it never left, ``purchase`` never.
        around: of a list of records, the record around it; else ``None``.
        accept: statuses of a good response.
        at: names that lead to the record, or to the list, within the body; ``"data?"`` may be missing.
        envelope: record of the outermost object, which is only checked: by default ``Success`` for purchases and
            lists, which refuses a body that says that it failed. ``None`` for no check, such as where an order's own
            state stands at the top. Without a record, a 204 has none.
        some: refuse a list of which no row can be read though there are some.
        operation: name for errors and logs; else the attribute's name, if it is a neutral operation, or
            ``<provider>.<attribute>``.
        content: how a body is written; of XML the adapter gives the bytes.
        decode: makes values of JSON's types of a body that is not JSON, in place of the api's; of errors too.
        policy: when the request is repeated, if not as usual.
        stream: read the response piece by piece, for very long lists.
        authenticated: whether the account's credentials are added.
        origin: name of the origin that the request goes to, where the account has several.
        nulls: send ``None`` in a body as null.
        prepare: changes an accepted response before it is read, such as one that is a bare list.
    """

    method: str
    path: str
    record: type[Any] | None
    purpose: Purpose = field(kw_only=True)
    around: type[Record] | None = field(default=None, kw_only=True)
    accept: tuple[int, ...] = field(default=(200,), kw_only=True)
    at: Path = field(default=(), kw_only=True)
    envelope: type[Record] | None = field(default=None, kw_only=True)
    some: bool = field(default=False, kw_only=True)
    operation: str = field(default="", kw_only=True)
    content: Literal["json", "form", "xml"] = field(default="json", kw_only=True)
    decode: Decode | None = field(default=None, kw_only=True)
    policy: RetryPolicy | None = field(default=None, kw_only=True)
    stream: bool = field(default=False, kw_only=True)
    authenticated: bool = field(default=True, kw_only=True)
    origin: str = field(default="", kw_only=True)
    nulls: bool = field(default=False, kw_only=True)
    prepare: Callable[[Response], Response] | None = field(default=None, kw_only=True)
    name: str = field(default="", init=False)
    names: frozenset[str] = field(init=False)
    each: type[Record] | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.each = get_args(self.record)[0] if get_origin(self.record) is list else None
        self.names = frozenset(re.findall(r"\{(\w+)\}", self.path))

    def read(self, request: Request, response: Response, provider: str) -> T:
        """The record of an accepted response."""
        kind: Any = self.record
        found: Any = None
        if self.around is not None:
            found = read_rows(
                kind, request, response, provider=provider, at=self.at, around=self.around, envelope=self.envelope,
                some=self.some,
            )  # fmt: skip
        elif kind is dict or kind is list:
            found = self._unread(request, response, provider)
        elif self.each is not None:
            found = read_list(self.each, request, response, provider=provider, at=self.at, envelope=self.envelope)
        elif kind is None and self.envelope is not None and response.status != 204:
            read(self.envelope, request, response, provider=provider)
        elif kind is not None:
            found = read(kind, request, response, provider=provider, at=self.at, envelope=self.envelope)
        return cast("T", found)

    def _unread(self, request: Request, response: Response, provider: str) -> Any:
        """The object or array that is left as the provider sends it."""
        value = parse_json(request, response, provider=provider)
        if self.envelope is not None:
            try:
                check_envelope(self.envelope, value, response.status, skip=self.at[0].rstrip("?") if self.at else "")
            except Unreadable as error:
                raise unexpected(request, response, str(error), provider=provider) from None
        for step in resolved(self.at, value):
            value = value.get(step) if isinstance(value, dict) else None
        if type(value) is not self.record:
            where = ".".join(self.at) or "the body"
            kind = "an object" if self.record is dict else "a list"
            raise unexpected(request, response, f"{where}: {kind} was expected", provider=provider)
        return value

    def encoded(self, members: Mapping[str, Any]) -> bytes:
        """A body of these members."""
        if self.content == "form":
            from urllib.parse import urlencode  # few providers take forms

            return urlencode([(name, value) for name, value in members.items() if value is not None]).encode()
        if self.content == "xml":
            raise TypeError(f"{self.name}: pass an XML body as its bytes")
        return json_body(members, nulls=self.nulls)

    def __set_name__(self, owner: type[Api], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, api: Api, owner: type[Any]) -> Bound[T]: ...
    @overload
    def __get__(self, api: object, owner: type[Any]) -> Endpoint[T]: ...
    def __get__(self, api: object, owner: type[Any]) -> Endpoint[T] | Bound[T]:
        if not isinstance(api, Api):
            return self
        bound = vars(api)[self.name] = self.bound(api)  # found there from now on, before this descriptor
        return bound

    def bound(self, api: Api) -> Bound[T]:
        """The endpoint of one account."""
        found: Bound[T] | None = api.bounds.get(self)
        if found is None:
            found = api.bounds[self] = Bound(self, api)
        return found

    def __call__(self, method: Callable[Concatenate[A, P], Sent]) -> Callable[Concatenate[A, P], Exchange[T]]:
        """Make a method with typed parameters of the endpoint: *method* only says, by ``sent(...)``, what is sent."""
        asking = self._asking(method)

        @wraps(method)
        def call(api: A, *given: P.args, **named: P.kwargs) -> Exchange[T]:
            return undriven(_value_of(asking(api, *given, **named)), api, method.__name__)

        self._described(call, method, "Exchange[{}]")
        return cast("Callable[Concatenate[A, P], Exchange[T]]", call)

    def answering(self, method: Callable[Concatenate[A, P], Sent]) -> Callable[Concatenate[A, P], Exchange[Answer[T]]]:
        """The same, of a method that gives the :class:`Answer`, for operations that need ``raw`` or ``wrong``."""
        asking = self._asking(method)

        @wraps(method)
        def call(api: A, *given: P.args, **named: P.kwargs) -> Exchange[Answer[T]]:
            return undriven(asking(api, *given, **named), api, method.__name__)

        self._described(call, method, "Exchange[Answer[{}]]")
        return cast("Callable[Concatenate[A, P], Exchange[Answer[T]]]", call)

    def _asking(self, method: Callable[Concatenate[A, P], Sent]) -> Callable[Concatenate[A, P], Exchange[Answer[T]]]:
        self.name, build = method.__name__, checked(method)

        def asking(api: A, /, *given: P.args, **named: P.kwargs) -> Exchange[Answer[T]]:
            one = build(api, *given, **named)
            return self.bound(api).ask(one.query, one.body, one.headers, one.operation, one.values)

        return asking

    def _described(self, call: Callable[..., Any], method: Callable[..., Sent], returns: str) -> None:
        """Give *call* the annotations of what it takes and returns, and this endpoint."""
        call.__annotations__ = {**method.__annotations__, "return": returns.format(self.record_name)}
        vars(call)["endpoint"] = self

    @property
    def record_name(self) -> str:
        """Name of the type of what is read, such as ``list[Gateway]``."""
        if self.each is not None:
            return f"list[{self.each.__name__}]"
        name: str = getattr(self.record, "__name__", "None")
        return name if self.around is None else f"Rows[{name}, {self.around.__name__}]"


def _value_of(exchange: Exchange[Answer[T]]) -> Exchange[T]:
    return (yield from exchange).value


class Bound(Generic[T]):
    """An endpoint of one account. Calling it sends the request and gives the record."""

    __slots__ = ("_account", "_api", "_decode", "_endpoint", "_headers", "_operation", "_values")

    def __init__(self, endpoint: Endpoint[T], api: Api) -> None:
        name = endpoint.name.strip("_")
        self._endpoint = endpoint
        self._api = api
        self._account = api.account_at(endpoint.origin)
        self._operation = endpoint.operation or (name if name in OPERATIONS else f"{api.provider}.{name}")
        self._headers = api.headers
        self._decode: Decode | None = endpoint.decode or type(api).decode
        if endpoint.stream and self._decode is not None:
            raise TypeError(f"{endpoint.name}: only JSON can be read piece by piece, so it takes no decode")
        self._values = {one: value for one, value in api.path_values.items() if one in endpoint.names}

    def __call__(
        self,
        *,
        query: Query | None = None,
        body: Body = None,
        headers: Mapping[str, str] | None = None,
        operation: str | None = None,
        **values: str | int,
    ) -> Exchange[T]:
        """Send the request and read its record.

        Args:
            query: query parameters.
            body: members of the body, or its exact bytes.
            headers: more headers; never a secret.
            operation: name for errors, where it is a step of another operation.
            values: values of the path's names.

        Raises:
            AnyCarrierError: of the api's :class:`ErrorTable`; ``UnexpectedResponse`` where the record does not fit.
        """
        asked = self.ask(query, body, headers, operation, values)
        return undriven(_value_of(asked), self._api, self._endpoint.name)

    def answer(
        self,
        *,
        query: Query | None = None,
        body: Body = None,
        headers: Mapping[str, str] | None = None,
        operation: str | None = None,
        **values: str | int,
    ) -> Exchange[Answer[T]]:
        """The same, with the record's request and response: for ``raw``, and to refuse a record that contradicts."""
        return undriven(self.ask(query, body, headers, operation, values), self._api, self._endpoint.name)

    def ask(
        self,
        query: Query | None,
        body: Body,
        headers: Mapping[str, str] | None,
        operation: str | None,
        values: Mapping[str, str | int],
    ) -> Exchange[Answer[T]]:
        """:meth:`answer` without names."""
        endpoint, api = self._endpoint, self._api
        request = self.request(query, body, headers, operation, values)
        response = yield from fetch(request, endpoint.policy or api.policy)
        if response.status not in endpoint.accept:
            raise (yield from error_for(request, response, api.error_of if self._decode is None else self._error_of))
        api.note(response)
        if self._decode is not None and (endpoint.record or (endpoint.envelope and response.status != 204)):
            response = decoded(self._decode, request, response, provider=api.provider)
        if endpoint.prepare is not None:
            response = endpoint.prepare(response)
        value = endpoint.read(request, response, api.provider)
        if contradiction := api.contradiction(request, value):
            raise unexpected(request, response, contradiction, provider=api.provider)
        return Answer(api.provider, request, response, value, endpoint.at)

    def _error_of(self, request: Request, response: Response) -> AnyCarrierError:
        """The error for a response that was not accepted and is not JSON."""
        assert self._decode is not None  # noqa: S101 - else the api's own function is asked
        return self._api.error_of(request, decoded_error(self._decode, response))

    def request(
        self,
        query: Query | None,
        body: Body,
        headers: Mapping[str, str] | None,
        operation: str | None,
        values: Mapping[str, str | int],
    ) -> Request:
        """The request alone, for an adapter that sends or reads it in a way of its own."""
        endpoint = self._endpoint
        fixed = self._values
        return Request(
            account=self._account,
            operation=operation or self._operation,
            method=endpoint.method,
            path=endpoint.path,
            path_values={**fixed, **{name: str(value) for name, value in values.items()}} if values else fixed,
            query=pairs(**query) if query else (),
            headers={**self._headers, **headers} if headers else self._headers,
            body=body if body is None or isinstance(body, bytes) else endpoint.encoded(body),
            content_type=_CONTENT_TYPES[endpoint.content],
            purpose=endpoint.purpose,
            authenticated=endpoint.authenticated,
            stream=endpoint.stream,
        )


_CONTENT_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "xml": "application/xml",
}


class Api:
    """The requests of one account of a provider: a subclass has an :class:`Endpoint` for each.

    ``api.search(query={...})`` sends the request and gives the record; ``api.search.answer(...)`` gives it with its
    request and response. An endpoint that decorates a method gives it typed parameters::

        class Api(adapter.Api):
            provider = "acme"
            errors = ErrorTable(detail=("message",), status="status")

            search = reads("/available", AvailableList)
            buy = buys("/numbers", Owned, accept=(201,))

            @writes("PUT", "/numbers/{number}/cnam", dict)
            def set_cnam(self, target: Target, enabled: bool) -> Sent:
                return sent(number=number_of(target), body={"enabled": enabled})

    Attributes:
        provider: the provider's name.
        errors: how error responses are read.
        headers: sent with every request; never a secret.
        policy: when reads are repeated, if not as usual.
        decode: function that makes values of JSON's types of every body, answers and errors, of a provider that does
            not speak JSON; see :data:`anycarrier.adapter.Decode`.
        account: id of the account that requests name.
        origins: ids of the accounts at the provider's other origins, by the names that endpoints use.
        path_values: values of names that stand in many paths, such as a location's id.
    """

    provider: ClassVar[str] = ""
    errors: ClassVar[ErrorTable] = ErrorTable()
    headers: ClassVar[Mapping[str, str]] = {}
    policy: ClassVar[RetryPolicy | None] = None
    decode: ClassVar[Decode | None] = None

    def __init__(
        self, account: str, *, origins: Mapping[str, str] | None = None, path_values: Mapping[str, str] | None = None
    ) -> None:
        self.account = account
        self.origins = dict(origins or {})
        self.path_values = dict(path_values or {})
        self.bounds: dict[Endpoint[Any], Bound[Any]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, member in [*vars(cls).items()]:
            if name == "decode" and isinstance(member, FunctionType):
                cls.decode = staticmethod(member)
            by_hand = isinstance(member, FunctionType) and "__wrapped__" not in vars(member)
            if by_hand and not name.startswith("_") and name not in vars(Api):
                setattr(cls, name, checked(member))

    def account_at(self, origin: str) -> str:
        """Id of the account at the origin of this name; the main one for ``""``."""
        return self.origins[origin] if origin else self.account

    def error_of(self, request: Request, response: Response) -> AnyCarrierError:
        """The error for a response that was not accepted."""
        self.note(response)
        return self.errors.error_of(request, response, provider=self.provider)

    def contradiction(self, request: Request, record: Any) -> str | None:
        """Hook: the reason to refuse *record* of an accepted response: it names another number than *request*, say."""
        return None

    def note(self, response: Response) -> None:
        """Learn from a response, such as limits that its headers state; every response comes here."""
