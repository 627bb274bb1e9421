"""Mistakes about what an adapter says: what it declares that it can, and what its errors tell or show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from attrs import evolve

from anycarrier.capabilities import support_of
from anycarrier.errors import AnyCarrierError, ProviderError, Unsupported
from anycarrier.exchange import Exchange, Request
from anycarrier.features import OPERATIONS, Can, Cannot
from anycarrier.model import OwnedNumber, Target, number_of
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own, T

STATUS = "test_a_status_becomes_its_error"


class DeclaresMore(Break):
    def attribute(self, name: str, value: Any) -> Any:
        if name != "supports":
            return value
        cannot = [feature for feature in OPERATIONS if isinstance(support_of(self.provider, feature), Cannot)]
        cannot += [feature for feature, support in value.items() if isinstance(support, Cannot)]
        return {**value, **{feature: Can() for feature in self.struck(cannot[:1])}}


class Error(Break, ABC):
    """Does something to every error."""

    def every(self, own: Own[T], *given: object, **more: object) -> Exchange[T]:
        try:
            return (yield from own(*given, **more))
        except AnyCarrierError as error:
            self.spoil(error)
            raise

    @abstractmethod
    def spoil(self, error: AnyCarrierError) -> None: ...


def _losing(name: str) -> type[Error]:
    def spoil(self: Error, error: AnyCarrierError) -> None:
        if getattr(error, name, None) is not None:
            setattr(error, name, self.struck(None))

    return type("Losing", (Error,), {"spoil": spoil})


class OneClass(Break):
    """Every error is of one class."""

    def every(self, own: Own[T], *given: object, **more: object) -> Exchange[T]:
        try:
            return (yield from own(*given, **more))
        except Unsupported:
            raise
        except ProviderError as error:
            self.strikes += 1
            raise ProviderError(
                error.message,
                provider=error.provider,
                operation=error.operation,
                status=error.status,
                request_id=error.request_id,
                maybe_applied=error.maybe_applied,
            ) from error


class NumberShown(Break):
    def get(self, own: Own[OwnedNumber], target: Target) -> Exchange[OwnedNumber]:
        try:
            return (yield from own(target))
        except AnyCarrierError as error:
            error.message = self.struck(f"{error.message}: {number_of(target).ten_digit}")
            error.args = (error.message,)
            raise


class SecretInUrl(Break):
    def request(self, request: Request) -> Request:
        secrets = [text for account in self.provider.accounts for text in account.credentials.secrets() if text]
        return self.struck(evolve(request, query=(*request.query, ("key", secrets[0])))) if secrets else request


class SecretShown(Error):
    def spoil(self, error: AnyCarrierError) -> None:
        secrets = [text for account in self.provider.accounts for text in account.credentials.secrets() if text]
        error.message = self.struck(f"{error.message} (sent with {', '.join(secrets)})")
        error.args = (error.message,)


ERRORS: dict[str, Mutant] = {
    "declares-more": Mutant(
        means="something is declared that it cannot do",
        way=DeclaresMore,
        cases=["test_it_has_the_operations_that_it_declares", "test_what_it_can_is_not_refused"],
    ),
    "errors-of-one-class": Mutant(means="every error is of one class", way=OneClass, cases=[STATUS]),
    "number-shown": Mutant(
        means="an error message shows the number",
        way=NumberShown,
        cases=["test_numbers_in_logs_are_templates"],
        needs=["get"],
    ),
    "secret-in-url": Mutant(
        means="the credentials are in the URL",
        way=SecretInUrl,
        cases=["test_no_secret_is_shown"],
        never="it has no credentials",
    ),
    "secret-shown": Mutant(
        means="an error message shows the credentials", way=SecretShown, cases=["test_no_secret_is_shown"]
    ),
}
ERRORS.update(
    (f"errors-lose-{name}", Mutant(means=f"errors lose {name}", way=_losing(name), cases=[STATUS]))
    for name in ("status", "request_id", "retry_after", "operation", "provider")
)
