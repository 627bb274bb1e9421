"""Types of an operation of ``client.native`` in both modes: for type checkers alone."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

from anycarrier.exchange import Exchange, Listing

__all__ = ["Awaiting", "Blocking", "ClientOf", "Mode", "Operations", "listing", "operation"]

Q = ParamSpec("Q")
T = TypeVar("T")
P = TypeVar("P", covariant=True)
Mode = TypeVar("Mode")

class Blocking:
    """Mode of :class:`anycarrier.Client`."""

class Awaiting:
    """Mode of :class:`anycarrier.AsyncClient`."""

class ClientOf(Protocol[P]):
    """A client of a provider of this class."""

    @property
    def provider(self) -> P: ...

class Operations(Generic[Mode]):
    """Base of the operations of one provider."""

class _Operation(Generic[Q, T]):
    """Operation with the parameters of the API's method, and the result of the client's mode."""

    @overload
    def __get__(self, instance: Operations[Blocking], owner: Any) -> Callable[Q, T]: ...
    @overload
    def __get__(self, instance: Operations[Awaiting], owner: Any) -> Callable[Q, Coroutine[Any, Any, T]]: ...

class _Listing(Generic[Q, T]):
    """Listing with the parameters of the API's method."""

    @overload
    def __get__(self, instance: Operations[Blocking], owner: Any) -> Callable[Q, Iterator[T]]: ...
    @overload
    def __get__(self, instance: Operations[Awaiting], owner: Any) -> Callable[Q, AsyncIterator[T]]: ...

def operation(method: Callable[Q, Exchange[T]]) -> _Operation[Q, T]:
    """Bind a method of an API, or an endpoint, to the client's mode."""

@overload
def listing(method: Callable[Q, Listing[Any]], item: type[T]) -> _Listing[Q, T]:
    """Bind a method whose exchange is a listing of *item* to the client's mode."""

@overload
def listing(method: Callable[Q, Listing[T]]) -> _Listing[Q, T]: ...
