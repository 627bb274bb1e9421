"""A client's session: credentials, rate limits and logging around each request, as one exchange for both drivers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar

from anycarrier.engine import watch
from anycarrier.engine.accounts import Account
from anycarrier.engine.rate_limits import MAX_WAIT, Budget, Ticket
from anycarrier.engine.request import request_id, wire_request
from anycarrier.errors import AnyCarrierError, ConfigurationError, RateLimited, TransportError, printable
from anycarrier.exchange import AwaitRateLimit, Exchange, Moment, Request, Response, exclusive
from anycarrier.secret import Secret
from anycarrier.transports.protocol import WireRequest

__all__ = ["Clock", "Session", "SystemClock"]

T = TypeVar("T")


class Clock(Protocol):
    """Time and chance, injected so that tests decide both."""

    def now(self) -> Moment: ...

    def sleep(self, seconds: float) -> None: ...

    async def async_sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Moment:
        return Moment(time.monotonic(), time.time(), _chance()())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)


@cache
def _chance() -> Callable[[], float]:
    import random

    return random.random


class Session:
    """The accounts of one client, and the handling of each of their requests.

    Args:
        accounts: of the client's provider.
        clock: time and chance; the machine's by default.
        max_wait: longest wait for a rate limit, in seconds; ``None`` to keep none.
        budget_of: gives the budget of an account that other sessions use too; by default that of the account object.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        clock: Clock | None = None,
        *,
        max_wait: float | None = MAX_WAIT,
        budget_of: Callable[[Account], Budget] | None = None,
    ) -> None:
        self.accounts: Mapping[str, Account] = {account.id: account for account in accounts}
        if len(self.accounts) != len(accounts):
            raise ConfigurationError("two accounts have the same id; give each its own, account='...'")
        self.clock: Clock = clock or SystemClock()
        if max_wait is not None and not max_wait >= 0:
            raise ConfigurationError("max_wait must be seconds, or None to keep no rate limits")
        self.max_wait = max_wait
        self._sent_last: dict[str, int] = {}
        self._secrets: dict[Secret, None] = {}
        # An account's own budget counts by the machine's clock; a test's virtual time belongs to its session alone.
        ours = type(self.clock) is SystemClock
        self._all_budgets = {
            one.id: _budget(one, ours=ours) if budget_of is None else budget_of(one) for one in accounts
        }
        # Accounts without limits skip the budget until a 429 comes.
        self._budgets = {
            account: budget for account, budget in self._all_budgets.items() if budget.windows and max_wait is not None
        }

    def limits(self) -> dict[str, Any]:
        """The remaining rate limits of every account, as JSON-able data."""
        at = self.clock.now().monotonic
        return {account: budget.as_dict(at) for account, budget in self._all_budgets.items()}

    def _await_rate_limit(self, effect: AwaitRateLimit) -> Exchange[AnyCarrierError | None]:
        """Reserve a place in the account's rate limit for a purchase."""
        budget, account = self._budgets.get(effect.account), self.accounts.get(effect.account)
        if budget is None or account is None or self.max_wait is None:
            return None
        at_most = self.max_wait if effect.at_most is None else min(effect.at_most, self.max_wait)
        return (yield from _held(budget.reserve(at_most, account.provider, "buy"), account))

    def perform(self, request: Request | AwaitRateLimit) -> Exchange[Response | AnyCarrierError | None]:
        """Perform *request* with its account's credentials; after a 401, once more with renewed ones.

        A failure before the request leaves is an outcome too, with ``maybe_applied`` false. A purchase that was
        answered with 401 is the exception: if no second request is sent, the 401 itself is the outcome, since it may
        come from something between us and the provider.
        """
        if isinstance(request, AwaitRateLimit):
            return (yield from self._await_rate_limit(request))
        account = self.accounts.get(request.account)
        if account is None:
            return ConfigurationError(
                f"no account {request.account!r} in this client", operation=request.operation, maybe_applied=False
            )
        if not request.authenticated:
            for text in account.credentials.secrets():  # its body may have a password or a refresh token
                self._remember(text)
            return (yield from self._send(request, account, {}))
        refused: Response | None = None
        try:
            sent = self._known(account.id, (yield from account.credentials.headers()))
            outcome = yield from self._send(request, account, sent)
            if not (isinstance(outcome, Response) and outcome.status == 401):
                return outcome
            refused = outcome if request.purpose == "purchase" else None
            renewal = account.credentials.renew(outcome, sent)
            if not (yield from exclusive(f"renew {account.id}", renewal)):
                return outcome
            sent = self._known(account.id, (yield from account.credentials.headers()))
        except AnyCarrierError as error:
            if refused is not None:
                return refused
            error.provider = error.provider or account.provider
            error.operation = error.operation or request.operation
            error.maybe_applied = False
            return _untraced(error)
        again = yield from self._send(request, account, sent)
        unsent = isinstance(again, AnyCarrierError) and not again.maybe_applied
        return refused if refused is not None and unsent else again

    def _send(
        self, request: Request, account: Account, credentials: Mapping[str, str]
    ) -> Exchange[Response | AnyCarrierError]:
        try:
            wire = wire_request(request, account, credentials)
        except AnyCarrierError as error:
            error.provider = account.provider
            error.maybe_applied = False
            return _untraced(error)
        budget, ticket = self._budgets.get(account.id), _NO_TICKET
        if budget is not None:
            begun = budget.try_acquire(request, self.clock.now().monotonic)
            if begun is None:
                waited = yield from _held(budget.wait(request, self.max_wait or 0.0, account.provider), account)
                if isinstance(waited, RateLimited):
                    waited.maybe_applied = False
                    return waited
                begun = waited
            ticket = begun
        may_be_barred = request.permit is not None or request.not_after is not None
        if may_be_barred and (barred := (yield from self._barred(request, account))) is not None:
            return barred
        if watch.observer is None and not _is_logged():
            outcome = yield wire
        else:
            outcome = yield from self._observed(wire, request, account)
        if isinstance(outcome, Response):
            if outcome.status == 429 and self.max_wait is not None:
                budget = self._budgets.setdefault(account.id, self._all_budgets[account.id])
            if budget is not None and budget.wants(outcome, ticket):
                moment = self.clock.now()
                budget.observe(request, outcome, ticket, moment.monotonic, moment.wall)
        elif isinstance(outcome, TransportError):
            outcome.provider, outcome.operation = account.provider, request.operation
            if request.purpose == "read":
                outcome.maybe_applied = False
            outcome.safe_elsewhere = not outcome.maybe_applied
        return outcome  # type: ignore[no-any-return]

    def _barred(self, request: Request, account: Account) -> Exchange[AnyCarrierError | None]:
        """The error of a request that may not leave any more, after all waits; ``None`` where it may."""
        if request.permit is not None and (refused := (yield from request.permit())) is not None:
            return refused
        if request.not_after is None or not _passed(request.not_after, self.clock.now()):
            return None
        # Fetching credentials, or a suspended process, took so long that another worker may act by now.
        return TransportError(
            "not sent: its time limit passed before it could leave",
            kind="deadline",
            provider=account.provider,
            operation=request.operation,
            maybe_applied=False,
            safe_elsewhere=True,
        )

    def _observed(self, wire: WireRequest, request: Request, account: Account) -> Exchange[Response | TransportError]:
        """Send *wire*, seen by the observer and the log."""
        sending = _sending(wire)
        if watch.observer is not None:
            sending = watch.observer.request(sending, request, account.provider, wire.origin)
        began = self.clock.now().monotonic
        outcome = yield from sending
        if _is_logged():
            _log(request, account, outcome, self.clock.now().monotonic - began)
        return outcome

    def _known(self, account: str, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """*credentials*, noted as secrets before they are sent, so that answers which quote them are redacted."""
        these = hash((*credentials.items(),))  # a hash, since a session may be printed
        if these != self._sent_last.get(account):
            self._sent_last[account] = these
            for name, value in credentials.items():
                if name.lower() not in _PUBLIC:
                    scheme, _, text = value.rpartition(" ")  # "Bearer x" is known by its x alone
                    self._remember(text)
                    if scheme.lower() == "basic":
                        self._remember(_password(text))
        return credentials

    def _remember(self, text: str) -> None:
        known = self._secrets
        secret = Secret(text)
        known.pop(secret, None)
        known[secret] = None
        if len(known) > _REMEMBERED:
            known.pop(next(iter(known)), None)


def _password(basic: str) -> str:
    """The password that a header for Basic authentication carries."""
    from base64 import b64decode

    try:
        return b64decode(basic).decode("utf-8", "replace").partition(":")[2]
    except ValueError:
        return ""


_REMEMBERED = 64
"""Credentials that a session remembers at most; a function may return another for every request."""

_PUBLIC = frozenset({"accept", "content-type", "user-agent", "version"})
"""Headers that hold no credential."""

_NO_TICKET: Ticket = ()


def _passed(limit: Moment, at: Moment) -> bool:
    return at.monotonic > limit.monotonic or at.wall > limit.wall


def _budget(account: Account, *, ours: bool) -> Budget:
    if ours and isinstance(account, Account):
        return account.budget
    return Budget(getattr(account, "limits", ()))  # a provider may have its own class of accounts


def _untraced(error: AnyCarrierError) -> AnyCarrierError:
    """*error* without its frames: their locals hold credentials, and tools print locals."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


_DEBUG = 10


@cache
def _logger() -> Any:
    import logging

    return logging.getLogger("anycarrier")


def _is_logged() -> bool:
    """Return whether debug lines are wanted; they are not in a program that has not loaded ``logging``."""
    return "logging" in sys.modules and bool(_logger().isEnabledFor(_DEBUG))


def _sending(wire: WireRequest) -> Exchange[Response | TransportError]:
    outcome: Response | TransportError = yield wire
    return outcome


def _held(waiting: Exchange[T], account: Account) -> Exchange[T]:
    """*waiting* for the rate limit of *account*, seen by the observer."""
    if watch.observer is None:
        return waiting
    return watch.observer.held(waiting, account.provider, account.id)


def _log(request: Request, account: Account, outcome: Response | TransportError, seconds: float) -> None:
    fields: dict[str, object] = {
        "anycarrier.operation": request.operation,
        "anycarrier.provider": account.provider,
        "anycarrier.account": account.id,
        "anycarrier.attempt": request.attempt,
        "anycarrier.duration": seconds,
        "http.request.method": request.method,
        "url.template": request.path,
    }
    identity: str | None = None
    if isinstance(outcome, Response):
        came = str(outcome.status)
        fields["http.response.status_code"] = outcome.status
        if identity := request_id(outcome.headers):
            identity = fields["anycarrier.request_id"] = printable(identity, 80)
    else:
        came = fields["error.type"] = outcome.kind
    _logger().debug(
        "%s %s -> %s in %.1f ms (account %s, attempt %d, request id %s)",
        request.method,
        request.path,
        came,
        seconds * 1000,
        account.id,
        request.attempt,
        identity,
        extra=fields,
    )
