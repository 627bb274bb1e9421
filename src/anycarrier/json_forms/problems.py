"""Errors as problems of RFC 9457, for the answers of an HTTP service."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from attrs import frozen

from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.hints import by_hints
from anycarrier.json_forms.members import public_error
from anycarrier.json_forms.writing import to_json
from anycarrier.json_markers import JsonRecord
from anycarrier.validation import shape

__all__ = ["Problem"]

STATUSES: Mapping[str, HTTPStatus] = {
    "InvalidInput": HTTPStatus.UNPROCESSABLE_ENTITY,
    "InvalidRequest": HTTPStatus.UNPROCESSABLE_ENTITY,
    "Unsupported": HTTPStatus.NOT_IMPLEMENTED,
    "NotFound": HTTPStatus.NOT_FOUND,
    "InsufficientFunds": HTTPStatus.PAYMENT_REQUIRED,
    "NumberUnavailable": HTTPStatus.CONFLICT,
    "RequirementsMissing": HTTPStatus.CONFLICT,
    "Conflict": HTTPStatus.CONFLICT,
    "OrderExhausted": HTTPStatus.CONFLICT,
    "SetUpFailed": HTTPStatus.CONFLICT,
    "SpendLimitExceeded": HTTPStatus.CONFLICT,
    "RateLimited": HTTPStatus.TOO_MANY_REQUESTS,
    # The service's own settings, journal and credentials: nothing that its client sent is wrong.
    "ConfigurationError": HTTPStatus.INTERNAL_SERVER_ERROR,
    "JournalError": HTTPStatus.SERVICE_UNAVAILABLE,
    "AuthenticationFailed": HTTPStatus.BAD_GATEWAY,
    "PermissionDenied": HTTPStatus.BAD_GATEWAY,
    "ProviderError": HTTPStatus.BAD_GATEWAY,
    "UnexpectedResponse": HTTPStatus.BAD_GATEWAY,
    "TransportError": HTTPStatus.BAD_GATEWAY,
    "OutcomeUnknown": HTTPStatus.GATEWAY_TIMEOUT,
    "StillPending": HTTPStatus.GATEWAY_TIMEOUT,
}
"""By the class of the error; one derived from it has the same."""

_LATE = frozenset({"timeout", "deadline", "pool"})
"""Kinds of :class:`~anycarrier.errors.TransportError` for which the provider was too slow."""

TYPES = "urn:anycarrier:error:"
_HINTS = ("reason", "feature", "requirements", "reasons")
_OWN = frozenset({"ConfigurationError", "JournalError"})
"""Errors about the service itself, whose words are for its makers alone."""


@frozen(kw_only=True, field_transformer=by_hints)
class Problem(JsonRecord):
    """An error as a problem of RFC 9457: what an HTTP service answers where this library fails.

    It holds no secret, no provider's own words and no setting of the service.

    Attributes:
        type: URI of the kind of problem.
        title: the kind of problem in words, without anything about this one.
        status: HTTP status of the answer.
        detail: what is wrong and what to do; ``None`` where it concerns the service alone.
        instance: URI of this problem, if the service has one.
        error: class of the error, such as ``NumberUnavailable``.
        code: the provider's own error code.
        request_id: the provider's id of the request.
        retry_after: seconds until another try makes sense; never where ``maybe_applied``.
        maybe_applied: whether it may have been done: then the same request again may do it twice.
        safe_elsewhere: whether the same request at another provider cannot lead to two purchases.
        number: E.164 of the one number that the call concerns.
        reason: why a number is not one, or why the provider cannot do it.
        feature: name of the feature that the provider lacks.
        requirements: what a person has to supply first.
        reasons: of an order, the reason of each account.
        order: request id of the order that the error is about.
    """

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    error: str
    provider: str | None = None
    operation: str | None = None
    code: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    maybe_applied: bool = False
    safe_elsewhere: bool = False
    number: str | None = None
    reason: str | None = None
    feature: str | None = None
    requirements: Sequence[str] | None = None
    reasons: Mapping[str, str] | None = None
    order: str | None = None

    @classmethod
    def of(cls, error: AnyCarrierError, *, types: str = TYPES, instance: str | None = None) -> Problem:
        """The problem that *error* is.

        Args:
            error: an error of this library.
            types: beginning of ``type``, before the class of the error: a URI below which a service describes them.
            instance: URI of this problem.
        """
        if not isinstance(error, AnyCarrierError):
            raise InvalidInput(f"error must be an error of this library, not {shape(error)}")
        name = public_error(type(error)).__name__
        order = getattr(error, "purchase", None)
        more = {one: held for one in _HINTS if (held := getattr(error, one, None))}
        return cls(
            type=f"{types}{name}",
            title=_title(name),
            status=int(_status(error)),
            detail=None if name in _OWN else error.message,
            instance=instance,
            error=name,
            provider=error.provider,
            operation=error.operation,
            code=error.code,
            request_id=error.request_id,
            retry_after=None if error.maybe_applied else error.retry_after,
            maybe_applied=error.maybe_applied,
            safe_elsewhere=error.safe_elsewhere,
            number=error.number,
            order=None if order is None else order.request_id,
            **more,
        )

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object of the answer, without what is not stated."""
        return {name: held for name, held in to_json(self).items() if held is not None}

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the answer: its content type, and ``Retry-After`` where another try makes sense."""
        again = {} if self.retry_after is None else {"Retry-After": str(math.ceil(max(0.0, self.retry_after)))}
        return {"Content-Type": "application/problem+json", **again}


def _status(error: AnyCarrierError) -> int:
    if getattr(error, "kind", "") in _LATE:
        return HTTPStatus.GATEWAY_TIMEOUT
    return next((STATUSES[one.__name__] for one in type(error).__mro__ if one.__name__ in STATUSES), 500)


def _title(name: str) -> str:
    """``NumberUnavailable`` as ``Number unavailable``."""
    return "".join(f" {char.lower()}" if char.isupper() and at else char for at, char in enumerate(name))
