"""Every error that anycarrier raises, on one screen.

Each error answers the two questions a caller with money at stake has: ``maybe_applied`` (may the provider have
carried the request out?) and ``safe_elsewhere`` (may another provider be asked for the same thing instead?).
No message or ``repr`` holds a credential, a request body or an unmasked phone number; the number that a client was
asked about stands in the attribute ``number`` alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anycarrier.redaction import redacted, redacted_value

if TYPE_CHECKING:
    from anycarrier.model import OwnedNumber
    from anycarrier.provider import Attempt
    from anycarrier.purchase.order import Purchase
    from anycarrier.purchase.resolution import Timeline

__all__ = [
    "AnyCarrierError", "AuthenticationFailed", "ConfigurationError", "Conflict", "InsufficientFunds", "InvalidInput",
    "InvalidRequest", "JournalError", "NotFound", "NumberUnavailable", "OrderExhausted", "OutcomeUnknown",
    "PermissionDenied", "ProviderDown", "ProviderError", "RateLimited", "SpendLimitExceeded", "StillPending",
    "TransportError", "UnexpectedResponse", "Unsupported", "masked", "printable",
]  # fmt: skip


def printable(text: object, limit: int = 300) -> str:
    """*text* made safe to print: no secret, control and bidirectional characters escaped, cut at *limit* characters.

    What a provider sends ends up on terminals and in logs; an escape sequence in it must not act there, and a
    credential that it quotes must not show.
    """
    shown = redacted(str(text)[: limit + _MORE])[: limit + 1]
    cleaned = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in shown)
    return cleaned if len(cleaned) <= limit else cleaned[:limit] + "…"


_MORE = 10_000
"""So many characters beyond what is shown are looked at: a secret that is cut would not be known, and it is replaced
by less."""

_DIGITS = re.compile(
    r"(?<![0-9A-Za-z])(\+?[0-9]{3,5})[0-9]{5,10}([0-9]{2})(?![0-9A-Za-z])"
    r"|(\(?[2-9][0-9]{2}\)?[-. ])[0-9]{3}[-. ][0-9]{2}([0-9]{2})(?![0-9])"
)


def masked(text: object) -> str:
    """*text* with whatever looks like a phone number masked: its first digits and the last two stay."""
    return _DIGITS.sub(lambda m: f"{m[1] or m[3]}*****{m[2] or m[4]}", str(text))


_OURS = frozenset({"number", "key"})
"""What programs go on with: made here, and shown as it is."""


class AnyCarrierError(Exception):
    """The root: catch this to catch all of ours.

    Attributes:
        provider: name of the provider; ``None`` when no provider is involved.
        operation: the neutral operation, such as ``"buy"``; a provider's own has its name before it: ``"acme.order"``.
        status: HTTP status of the answer; ``None`` when there was none.
        code: the provider's own error code, as text.
        detail: the provider's own words, made printable, with numbers masked; never a request's content.
        request_id: the provider's id of the request, where it sends one.
        retry_after: seconds after which the provider asks to be called again.
        maybe_applied: whether the provider may have carried the request out.
        safe_elsewhere: whether the same thing may be asked of another provider without risk of having it twice.
        applied: of an operation in several steps, those that took effect before this error.
        number: E.164 of the one number that a client was asked about; ``None`` where there was none. No message has it.
    """

    maybe_applied: bool = False
    safe_elsewhere: bool = False
    applied: Sequence[Any] = ()
    number: str | None = None

    def __init__(
        self,
        message: str,
        *,
        provider: str | None = None,
        operation: str | None = None,
        status: int | None = None,
        code: str | None = None,
        detail: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        maybe_applied: bool | None = None,
        safe_elsewhere: bool | None = None,
        **extra: Any,
    ) -> None:
        message = redacted(str(message), words=False)
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.operation = operation
        self.status = status
        self.code = None if code is None else printable(code, 80)
        # Secrets first: a masked one would not be known any more.
        self.detail = None if detail is None else printable(masked(redacted(str(detail)[: 2 * _MORE])))
        self.request_id = None if request_id is None else printable(request_id, 120)
        self.retry_after = retry_after
        if maybe_applied is not None:
            self.maybe_applied = maybe_applied
        if safe_elsewhere is not None:
            self.safe_elsewhere = safe_elsewhere
        if self.maybe_applied:
            self.safe_elsewhere = False
        for name, value in extra.items():
            if not any(name in vars(cls) for cls in type(self).__mro__):
                raise TypeError(f"{type(self).__name__} has no attribute {name!r}")
            setattr(self, name, value if name in _OURS else redacted_value(value))

    def __str__(self) -> str:
        provider, operation = self.provider, self.operation
        if provider and operation and operation.startswith(f"{provider}."):
            provider = None  # an operation of its own has its name before it
        where = " ".join(part for part in (provider, operation) if part)
        said = f" ({self.detail})" if self.detail and self.detail not in self.message else ""
        status = f" [HTTP {self.status}]" if self.status is not None else ""
        request = f" [request {self.request_id}]" if self.request_id else ""
        return f"{where + ': ' if where else ''}{self.message}{said}{status}{request}"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.message, self.__dict__.copy()))


def _rebuild(cls: type[AnyCarrierError], message: str, state: Mapping[str, Any]) -> AnyCarrierError:
    error = cls.__new__(cls, message)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    return error


class ConfigurationError(AnyCarrierError):
    """Settings are missing or wrong; ``problems`` lists every one. Nothing was sent."""

    problems: Sequence[str] = ()


class InvalidInput(AnyCarrierError, ValueError):
    """An argument is not usable; the message names it and says what would be. Nothing was sent, or nothing but what was
    read to find this out."""


class Unsupported(AnyCarrierError):
    """The provider cannot do this. Raised before any byte is sent.

    Attributes:
        feature: name of the missing feature, in the vocabulary of :data:`anycarrier.features.FEATURES`.
        reason: why the provider cannot do it, and where there is one, how a person can.

    :func:`anycarrier.features.refusal` makes one with the feature's words in its message.
    """

    safe_elsewhere = True

    def __init__(self, provider: str, feature: str, reason: str, *, words: str | None = None, **more: Any) -> None:
        self.feature = feature
        self.reason = reason
        super().__init__(f"cannot {words or feature}: {reason}", **{"provider": provider, "operation": None, **more})


class ProviderError(AnyCarrierError):
    """The provider answered, and the answer is no."""


class AuthenticationFailed(ProviderError):
    """The credentials were not accepted."""

    safe_elsewhere = True


class PermissionDenied(ProviderError):
    """The credentials are good but do not allow this."""

    safe_elsewhere = True


class InvalidRequest(ProviderError):
    """The provider refused the request's content."""

    safe_elsewhere = True


class NotFound(ProviderError):
    """The thing is not on this account."""


class NumberUnavailable(ProviderError):
    """The number cannot be had (any more) from this provider."""

    safe_elsewhere = True


class InsufficientFunds(ProviderError):
    """The account's balance does not cover it."""

    safe_elsewhere = True


class Conflict(ProviderError):
    """The thing is in a state that forbids this now, such as a number that is being ported."""


class RateLimited(ProviderError):
    """Too many requests; ``retry_after`` says when to come back, where the provider says."""

    safe_elsewhere = True


class ProviderDown(ProviderError):
    """A 5xx or a gateway's page instead of an answer.

    Attributes:
        failed: of a question to several accounts, the error of each account that did not answer it.
    """

    failed: Mapping[str, AnyCarrierError] = {}


class TransportError(AnyCarrierError):
    """The connection failed. ``maybe_applied`` is false only when the request provably was not sent.

    Attributes:
        kind: ``connect``, ``pool``, ``timeout``, ``deadline``, ``broken``, ``too_large``, ``tls`` or ``closed``.
    """

    kind: str = "broken"


class UnexpectedResponse(AnyCarrierError):
    """The answer is not what the contract says; the message says where and what was expected."""


class OutcomeUnknown(AnyCarrierError):
    """A purchase may have happened and could not be confirmed in time.

    Attributes:
        number: E.164 of the number that was asked for; of an order of several, each of them, with ``, `` between.
        key: the idempotency key or other mark that the request carried.
        attempt: what ``client.resolve(error)`` needs to find out; holds no secret. ``None`` where the purchase was not
            of ``client.buy()``: then the message says how to go on.
        resume_at: Unix time, in seconds, from which it makes sense to ask again; ``None`` for at once.
        timeline: the clocks by which ``attempt`` was timed; ``None`` in another process, where they mean nothing.
        purchase: the order as far as it is known; ``None`` where the purchase is not in a journal.

    A cancellation, a timeout's cause or an interrupt that ends a purchase carries one as its ``outcome_unknown``.
    """

    key: str | None = None
    attempt: Attempt | None = None
    resume_at: float | None = None
    timeline: Timeline | None = None
    purchase: Purchase | None = None
    maybe_applied = True


class StillPending(AnyCarrierError, TimeoutError):
    """A number is ours and its provider has not finished setting it up; ``last`` is the number as last seen."""

    last: OwnedNumber | None = None


class OrderExhausted(AnyCarrierError):
    """Every provider was tried or passed over.

    Attributes:
        reasons: the reason of each account.
        purchase: the order and what was bought for it; ``None`` where nothing was ordered.
    """

    reasons: Mapping[str, str] = {}
    purchase: Purchase | None = None


class SpendLimitExceeded(AnyCarrierError):
    """The order's or the day's spending cap would be exceeded. Nothing was sent.

    Attributes:
        reasons: the reason of each account.
        purchase: the order and what was bought for it.
    """

    reasons: Mapping[str, str] = {}
    purchase: Purchase | None = None


class JournalError(AnyCarrierError):
    """The purchase journal is in use, full, read-only, missing, damaged, of a newer schema, or not reachable.

    While an order is pursued, ``maybe_applied`` is false only where no attempt of the order was ever begun, in this
    call or an earlier one; the message says then that nothing was sent. Else go on with ``resume()`` or ``recover()``
    once the journal works, and do not buy again.

    Attributes:
        purchase: the order under its caller's id, each item as far as it is known; ``None`` where the error is not
            about one order.
    """

    purchase: Purchase | None = None
