"""OpenTelemetry spans and metrics of operations, requests, purchases and waits, for the whole process.

Off until :func:`enable` is called; needs the extra ``telemetry``. ``docs/telemetry.md`` has the names.

A span is passed on with the exchange that it belongs to, not by the thread or task: an operation that is worked on by
several has one trace. No attribute holds a secret, a body, a query string or a filled path.
"""

from __future__ import annotations

from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from attrs import evolve

from anycarrier._version import __version__
from anycarrier.attempt import Attempt, AttemptState
from anycarrier.engine import watch
from anycarrier.errors import AnyCarrierError, ConfigurationError, RateLimited, TransportError
from anycarrier.exchange import (
    AsCompleted,
    AwaitRateLimit,
    Call,
    Exchange,
    Exclusive,
    Request,
    Response,
    Sleep,
    Together,
    Within,
)
from anycarrier.hints import checked
from anycarrier.installation import how_to_install

try:
    from opentelemetry import context, metrics, trace
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import SpanKind, StatusCode, TracerProvider
except ImportError:
    raise ConfigurationError(f"telemetry needs OpenTelemetry's API: {how_to_install('telemetry')}") from None

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

__all__ = ["disable", "enable"]

T = TypeVar("T")

SHORT = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Bounds of the histogram of requests, in seconds: those of OpenTelemetry's conventions."""

LONG = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Bounds of the histograms of operations and waits, in seconds."""

_PURCHASE = context.create_key("anycarrier.purchase")
_OPEN = frozenset({AttemptState.SENT, AttemptState.IN_DOUBT})
_GIVEN_UP = frozenset({AttemptState.REJECTED, AttemptState.REFUTED})


@checked
def enable(
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    numbers: bool = False,
) -> None:
    """Switch spans and metrics on, in every client of this process. Operations that run already are left out.

    Args:
        tracer_provider: OpenTelemetry's; by default the global one.
        meter_provider: likewise.
        numbers: whether spans of purchases and failed operations have the phone number (``anycarrier.number``).
    """
    watch.observer = _Telemetry(
        trace.get_tracer("anycarrier", __version__, tracer_provider),
        metrics.get_meter("anycarrier", __version__, meter_provider),
        numbers=numbers,
    )


def disable() -> None:
    """Switch it off; spans that have begun still end."""
    watch.observer = None


class _Attached:
    """Makes a context the current one, in the thread or task that enters this."""

    __slots__ = ("_context", "_token")

    def __init__(self, of: Context) -> None:
        self._context = of

    def __enter__(self) -> None:
        self._token = context.attach(self._context)

    def __exit__(self, *_: object) -> None:
        context.detach(self._token)


class _Telemetry:
    """The observer of :func:`enable`."""

    def __init__(self, tracer: trace.Tracer, meter: metrics.Meter, *, numbers: bool) -> None:
        self._tracer = tracer
        self._numbers = numbers
        self._operations = meter.create_histogram(
            "anycarrier.operation.duration",
            "s",
            "Duration of an operation",
            explicit_bucket_boundaries_advisory=LONG,
        )
        self._requests = meter.create_histogram(
            "http.client.request.duration",
            "s",
            "Duration of HTTP client requests",
            explicit_bucket_boundaries_advisory=SHORT,
        )
        self._waits = meter.create_histogram(
            "anycarrier.wait.duration", "s", "Duration of a wait", explicit_bucket_boundaries_advisory=LONG
        )
        self._purchases = meter.create_counter("anycarrier.purchases", "{purchase}", "Purchases that were decided")
        self._in_doubt = meter.create_counter(
            "anycarrier.purchases.in_doubt", "{purchase}", "Purchases whose answer was lost"
        )
        self._holds = meter.create_counter(
            "anycarrier.rate_limit.holds", "{request}", "Requests that a rate limit held back"
        )

    def operation(self, exchange: Exchange[T], name: str, provider: str) -> Exchange[T]:
        about = {"anycarrier.operation": name, "anycarrier.provider": provider}
        span = self._tracer.start_span(f"{name} {provider}", attributes=about)
        began = perf_counter()
        failed: BaseException | None = None
        try:
            return (yield from self._carried(exchange, trace.set_span_in_context(span)))
        except GeneratorExit as closing:
            failed = _interrupt(closing)
            raise
        except BaseException as error:
            failed = error
            raise
        finally:
            kind = {} if failed is None else self._fail(span, failed)
            span.end()
            self._operations.record(perf_counter() - began, about | kind)
            failed = None  # it has this frame

    def request(self, sending: Exchange[T], request: Request, provider: str, origin: str) -> Exchange[T]:
        host, port = _address(origin)
        about: dict[str, str | int] = {
            "http.request.method": request.method,
            "server.address": host,
            "server.port": port,
            "anycarrier.provider": provider,
            "anycarrier.operation": request.operation,
        }
        more: dict[str, str | int] = {"url.template": request.path, "anycarrier.account": request.account}
        if request.attempt > 1:
            more["http.request.resend_count"] = request.attempt - 1
        name = f"{request.method} {request.path}"
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=about | more)
        began = perf_counter()
        came: dict[str, str | int] = {"error.type": "interrupted"}
        try:
            with _Attached(trace.set_span_in_context(span)):
                outcome = yield from sending
            came = _outcome(outcome)
            return outcome
        finally:
            span.set_attributes(came)
            if "error.type" in came:
                span.set_status(StatusCode.ERROR)
            span.end()
            self._requests.record(perf_counter() - began, about | came)

    def held(self, waiting: Exchange[T], provider: str, account: str) -> Exchange[T]:
        wait: _Wait | None = None
        outcome: Any = None
        try:
            while True:
                try:
                    effect = waiting.send(outcome)
                except StopIteration as stop:
                    refused = isinstance(stop.value, RateLimited)
                    if refused or wait is not None:
                        result = "refused" if refused else "waited"
                        self._holds.add(1, {"anycarrier.provider": provider, "anycarrier.outcome": result})
                    value: T = stop.value
                    return value
                if wait is None and isinstance(effect, Sleep):
                    wait = _Wait(self._tracer, "rate_limit", {"anycarrier.provider": provider}, account)
                outcome = yield effect
        finally:
            waiting.close()
            if wait is not None:
                wait.end(self._waits)

    def purchase(self, exchange: Exchange[T]) -> Exchange[T]:
        span = self._tracer.start_span("anycarrier.purchase", attributes={"anycarrier.outcome": "not_sent"})
        within = context.set_value(_PURCHASE, span, trace.set_span_in_context(span))
        try:
            return (yield from self._carried(exchange, within))
        finally:
            span.end()

    def attempt(self, before: object, after: object) -> None:
        if not (isinstance(before, Attempt) and isinstance(after, Attempt)):
            return
        draft, outcome = after.draft, after.state.value.lower()
        of_provider = {"anycarrier.provider": draft.provider}
        span: Any = context.get_value(_PURCHASE)
        if span is not None:
            span.set_attributes(of_provider | {"anycarrier.account": draft.account, "anycarrier.outcome": outcome})
            if self._numbers:
                span.set_attribute("anycarrier.number", str(draft.number))
        if before.state in _OPEN and after.state not in _OPEN:
            self._purchases.add(1, of_provider | {"anycarrier.outcome": outcome})
        elif before.state in _GIVEN_UP:
            late = "orphan" if after.state is AttemptState.ORPHAN else "late"
            self._purchases.add(1, of_provider | {"anycarrier.outcome": late})
        elif before.state is AttemptState.SENT and after.sends == 1:
            self._in_doubt.add(1, of_provider)

    def _carried(self, exchange: Exchange[T], within: Context) -> Exchange[T]:
        """*exchange*, each step and effect of it in the context *within*, whichever thread or task that is in."""
        outcome: Any = None
        try:
            while True:
                try:
                    with _Attached(within):
                        effect = exchange.send(outcome)
                except StopIteration as stop:
                    value: T = stop.value
                    return value
                outcome = None  # it may be a token, and this frame may be printed
                match effect:
                    case Request() | AwaitRateLimit() | Call() | Exclusive():
                        outcome = yield Within(effect, _Attached(within))
                    case Sleep():
                        wait = _Wait(self._tracer, effect.reason, {}, within=within)
                        try:
                            outcome = yield effect
                        finally:
                            wait.end(self._waits)
                    case Together() | AsCompleted():
                        several = tuple(self._carried(one, within) for one in effect.exchanges)
                        outcome = yield evolve(effect, exchanges=several)
                    case _:
                        outcome = yield effect
        finally:
            with _Attached(within):
                exchange.close()

    def _fail(self, span: Span, error: BaseException) -> dict[str, str]:
        """Mark *span* as failed, without the words of *error*, which may quote what a provider said."""
        kind = {"error.type": _name(error)}
        span.set_attributes(kind)
        span.set_status(StatusCode.ERROR)
        if self._numbers and isinstance(error, AnyCarrierError) and error.number is not None:
            span.set_attribute("anycarrier.number", error.number)
        return kind


class _Wait:
    """A wait that has begun."""

    def __init__(
        self,
        tracer: trace.Tracer,
        reason: str,
        about: dict[str, str],
        account: str | None = None,
        *,
        within: Context | None = None,
    ) -> None:
        self._about = {"anycarrier.reason": reason} | about
        self._began = perf_counter()
        more = {} if account is None else {"anycarrier.account": account}
        self._span = tracer.start_span("anycarrier.wait", within, attributes=self._about | more)

    def end(self, durations: metrics.Histogram) -> None:
        self._span.end()
        durations.record(perf_counter() - self._began, self._about)


def _interrupt(closing: GeneratorExit) -> BaseException | None:
    """The exception for which an exchange is closed; ``None`` where its caller wants no more of it."""
    interrupt: BaseException | None = closing
    while isinstance(interrupt, GeneratorExit):
        interrupt = interrupt.__context__
    return interrupt


def _name(error: BaseException) -> str:
    kind = type(error)
    ours = isinstance(error, AnyCarrierError) or kind.__module__ == "builtins"
    return kind.__qualname__ if ours else f"{kind.__module__}.{kind.__qualname__}"


def _outcome(outcome: object) -> dict[str, str | int]:
    """The outcome of a request, as attributes."""
    if isinstance(outcome, Response):
        status: dict[str, str | int] = {"http.response.status_code": outcome.status}
        return status if outcome.status < 400 else status | {"error.type": str(outcome.status)}
    return {"error.type": outcome.kind if isinstance(outcome, TransportError) else type(outcome).__name__}


@lru_cache(maxsize=256)
def _address(origin: str) -> tuple[str, int]:
    parts = urlsplit(origin)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
