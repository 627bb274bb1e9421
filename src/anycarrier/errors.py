"""Errors, all on one screen.

Each error answers the two questions of a caller with money at stake: ``maybe_applied`` (may the provider have carried
the request out?) and ``safe_elsewhere`` (is the same request at another provider safe?). No message or ``repr`` holds a
credential, a request body or an unmasked phone number; the number of a client's call is in the attribute ``number``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anycarrier.json_markers import JsonRecord
from anycarrier.redaction import masked, redacted, redacted_value

if TYPE_CHECKING:
    from anycarrier.attempt import Attempt
    from anycarrier.model import OwnedNumber
    from anycarrier.purchase.order import Purchase
    from anycarrier.purchase.resolution import Timeline

__all__ = [
    "AnyCarrierError",
    "AuthenticationFailed",
    "ConfigurationError",
    "Conflict",
    "InsufficientFunds",
    "InvalidInput",
    "InvalidNumber",
    "InvalidRequest",
    "JournalError",
    "NotFound",
    "NumberUnavailable",
    "OrderExhausted",
    "OutcomeUnknown",
    "PermissionDenied",
    "ProviderDown",
    "ProviderError",
    "RateLimited",
    "RequirementsMissing",
    "SetUpFailed",
    "SpendLimitExceeded",
    "StillPending",
    "TransportError",
    "UnexpectedResponse",
    "Unsupported",
    "masked",
    "printable",
]


def printable(text: object, limit: int = 300) -> str:
    """*text* made safe to print: without secrets, control characters escaped, cut at *limit* characters.

    Text of a provider ends up on terminals and in logs: an escape sequence must not act there, and a credential that
    the text quotes must not show.
    """
    shown = redacted(str(text)[: limit + _MORE])[: limit + 1]
    cleaned = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in shown)
    return cleaned if len(cleaned) <= limit else cleaned[:limit] + "…"


_MORE = 10_000
"""Characters that are searched for secrets beyond those that are shown: half a secret would not be recognized."""

_OURS = frozenset({"number", "key"})
"""Attributes that are made here and hold no secret: they are not redacted."""


class AnyCarrierError(Exception, JsonRecord):
    """Base of all errors of this library.

    Attributes:
        provider: name of the provider; ``None`` when no provider is involved.
        operation: the neutral operation, such as ``"buy"``, or a native one, such as ``"acme.order"``.
        status: HTTP status of the response; ``None`` without a response.
        code: the provider's own error code, as text.
        detail: the provider's own words, printable, with numbers masked; never content of a request.
        request_id: the provider's id of the request, if it sends one.
        retry_after: seconds until the provider wants the next request.
        maybe_applied: whether the provider may have carried the request out.
        safe_elsewhere: whether the same request at another provider cannot lead to two purchases.
        applied: steps of an operation that took effect before this error.
        number: E.164 of the one number that the call concerns, else ``None``. No message contains it.
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
        **extra: object,
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

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.__dict__.copy()))


def _rebuild(cls: type[AnyCarrierError], message: str, state: Mapping[str, object]) -> AnyCarrierError:
    error = cls.__new__(cls, message)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    return error


class ConfigurationError(AnyCarrierError):
    """Settings are missing or wrong; ``problems`` lists all of them. Nothing was sent."""

    problems: Sequence[str] = ()


class InvalidInput(AnyCarrierError, ValueError):
    """An argument is wrong; the message names it and says what would be right. No write was sent; at most a read that
    was needed to validate the argument."""


class InvalidNumber(InvalidInput):
    """The text is not a number that can be used here.

    The message says what is wrong and what would be right.  It shows the text's shape, with ``#`` for every
    digit and ``a`` for every letter, and never the text: a mistyped number may still belong to a person.

    ``reason`` is a short word for programs:

    ==========================  ==================================================================
    ``not_text``                not a ``str``: an ``int`` has lost the sign and any leading zeros
    ``not_a_number``            nothing in it that could be read as a number
    ``letters``                 has letters
    ``non_ascii``               has digits outside ASCII
    ``extension``               has an extension
    ``too_short``               too few digits
    ``too_long``                too many digits, or too long a text
    ``no_region``               no country code, and no (known) region to take one from
    ``invalid_country_code``    begins with a country code that does not exist
    ``invalid_prefix``          begins as a call abroad does in other regions, such as ``00`` in the US
    ``doubled_country_code``    has the country code 1 twice
    ``invalid_npa``             North American, and the area code does not exist
    ``invalid_nxx``             North American, and the area code has no such exchange
    ``not_valid``               of another country, which has no such numbers
    ``not_nanp``                valid, but not a North American number of ten digits
    ==========================  ==================================================================
    """

    reason: str = ""

    def __init__(self, message: str, *, reason: str = "not_a_number", **more: Any) -> None:
        super().__init__(message, reason=reason, **more)


class Unsupported(AnyCarrierError):
    """The provider cannot do this. Raised before any byte is sent.

    Attributes:
        feature: name of the missing feature, in the vocabulary of :data:`anycarrier.features.FEATURES`.
        reason: why the provider cannot do it, and where there is one, how a person can.

    :func:`anycarrier.features.refusal` makes one with the feature's words in its message.
    """

    safe_elsewhere = True
    feature: str
    reason: str

    def __init__(self, provider: str, feature: str, reason: str, *, words: str | None = None, **more: Any) -> None:
        self.feature = feature
        self.reason = redacted(str(reason), words=False)
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


class RequirementsMissing(ProviderError):
    """The provider refuses until a person has supplied something: documents, an address, a registration.

    Attributes:
        requirements: what is missing, in the provider's words; empty where it does not list it.
    """

    safe_elsewhere = True
    requirements: Sequence[str] = ()


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
    """The response breaks the provider's contract; the message says where, and what was expected."""


class OutcomeUnknown(AnyCarrierError):
    """A purchase may have happened and could not be confirmed in time.

    Attributes:
        number: E.164 of the number; of an order of several, all of them, with a comma and a space between them.
        key: idempotency key or other mark of the request.
        attempt: state for ``client.resolve(error)``; holds no secret. ``None`` if the purchase was not of
            ``client.buy()``: the message says how to go on.
        resume_at: Unix time, in seconds, from which another try makes sense; ``None`` for now.
        timeline: clocks of ``attempt``; ``None`` in another process, where they mean nothing.
        purchase: the order, as far as known; ``None`` without a journal.

    A cancellation, a timeout's cause or an interrupt that ends a purchase carries one as its ``outcome_unknown``.
    """

    _json_times = ("resume_at",)
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


class SetUpFailed(AnyCarrierError):
    """Every number of an order was bought, and one cannot be set up as the order says. It stays on the account.

    Attributes:
        purchase: the order; ``reason`` of its items says what cannot be done.
    """

    purchase: Purchase | None = None
    maybe_applied = True


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

    Of an order, ``maybe_applied`` is false only if no attempt was ever begun, in this call or an earlier one; the
    message then says that nothing was sent. Otherwise go on with ``resume()`` or ``recover()`` once the journal works,
    and do not buy again.

    Attributes:
        purchase: the order, as far as known; ``None`` if the error does not concern one order.
    """

    purchase: Purchase | None = None
