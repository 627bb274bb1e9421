"""Cases of errors: each failure becomes its error, a hostile answer is no value, and no secret shows."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping

import pytest

from anycarrier.errors import (
    AnyCarrierError,
    AuthenticationFailed,
    Conflict,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    ProviderDown,
    RateLimited,
    TransportError,
    UnexpectedResponse,
)
from anycarrier.features import OPERATIONS
from anycarrier.testing.fakes import AnyClient, Mode, StubTransport
from anycarrier.testing.provider_case import BASE, ProviderCase

__all__ = ["ErrorCases"]

HOSTILE: Mapping[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "an empty object": b"{}",
    "text": b'"x"',
    "truncated": b'{"status": "success", "data": {"numbers": [{"num',
    "nested": b"[" * 3000 + b"]" * 3000,
    "nested objects": b'{"data":' * 3000 + b"1" + b"}" * 3000,
    "not UTF-8": b'{"status": "\xff\xfe"}',
    "NaN": b'{"status": "success", "data": NaN}',
    "a page": b"<!doctype html><title>502</title>",
    "lists for objects": b'{"status": "success", "data": [], "numbers": {}, "items": {}}',
    "objects for rows": b'{"status": "success", "data": {"numbers": [1, null, "x"]}, "numbers": [1], "items": [[]]}',
    "a huge number": b'{"status": "success", "data": ' + b"9" * 5000 + b"}",
}


WRITES = tuple(one.name for one in OPERATIONS.values() if one.writes and one.of_one_number)


class ErrorCases(ProviderCase):
    """Failures, hostile answers and secrets."""

    # -- errors

    @pytest.mark.parametrize(
        ("status", "kinds"),
        [
            (400, (InvalidRequest,)),
            (401, (AuthenticationFailed,)),
            (403, (PermissionDenied,)),
            (404, (NotFound, UnexpectedResponse)),  # a 404 that is not the provider's own says nothing of a number
            (409, (Conflict,)),
            (422, (InvalidRequest,)),
            (429, (RateLimited,)),
            (500, (ProviderDown,)),
            (502, (ProviderDown,)),
            (503, (ProviderDown,)),
            (302, (UnexpectedResponse,)),
            (206, (UnexpectedResponse,)),
        ],
    )
    @pytest.mark.parametrize("body", [b"", b"<html>gateway</html>", b'{"message": "no", "detail": "no"}'])
    def test_a_status_becomes_its_error(
        self, mode: Mode, status: int, kinds: tuple[type[AnyCarrierError], ...], body: bytes
    ) -> None:
        with self.stubbed(mode, status, body, retry_after="7", x_request_id="req-1") as phone:
            with pytest.raises(kinds) as caught:
                phone.search(self.criteria)
            error = caught.value
            assert error.provider == phone.provider.name
            assert error.status == status
            assert error.operation
            assert error.request_id == "req-1"
            assert not error.maybe_applied
            if status == 429:
                assert error.retry_after == 7
                assert phone.clock.slept[:2] == [7, 7]
            if status in (301, 302):
                assert len(phone.sent) == 1, "redirects are not followed: they lead the credentials elsewhere"
            assert len(phone.sent) <= 5, f"a read that fails was sent {len(phone.sent)} times"
            for operation in WRITES:
                if not self.can(operation):
                    continue
                sent = len(phone.sent)
                with pytest.raises(AnyCarrierError) as failed:
                    self.attempt(phone, operation, {})
                if status < 400 or status >= 500:
                    wrote = [one for one in phone.sent[sent:] if one.purpose == "write"]
                    assert failed.value.maybe_applied == bool(wrote), operation
                    assert len(wrote) <= 1

    @pytest.mark.parametrize("name", sorted(HOSTILE))
    def test_a_hostile_answer_is_an_error_or_a_value(self, mode: Mode, name: str) -> None:
        for status in (200, 201, 204, 404, 500):
            with self.stubbed(mode, status, HOSTILE[name]) as phone:
                for operation in OPERATIONS:
                    if operation == "buy" or not self.can(operation):
                        continue
                    try:
                        self.attempt(phone, operation, {})
                    except AnyCarrierError as error:
                        assert str(error)

    @pytest.mark.parametrize("name", sorted(HOSTILE))
    @pytest.mark.parametrize("status", [200, 201, 202])
    def test_a_hostile_answer_is_never_a_purchase(self, mode: Mode, name: str, status: int) -> None:
        offer = self.offer()
        with self.stubbed(mode, status, HOSTILE[name]) as phone, pytest.raises(AnyCarrierError) as caught:
            phone.buy(offer, deadline=0)
        assert caught.value.maybe_applied == _asked_to_buy(phone)

    def test_a_broken_connection_says_whether_it_may_have_happened(self, mode: Mode) -> None:
        offer = self.offer()
        for applied in (False, True):
            broken = TransportError("x", kind="broken", maybe_applied=applied)
            stub = StubTransport(lambda request, broken=broken: broken)  # type: ignore[misc]
            with AnyClient(mode, self.provider(BASE), stub) as phone:
                with pytest.raises(TransportError) as read:
                    phone.search(self.criteria)
                assert not read.value.maybe_applied
                assert len(phone.sent) == 3
                with pytest.raises(AnyCarrierError) as bought:
                    phone.buy(offer, deadline=0)
                assert bought.value.maybe_applied == (applied and _asked_to_buy(phone))

    # -- secrets

    def secrets(self) -> tuple[str, ...]:
        """Every secret that the provider object holds."""
        return tuple(
            secret for account in self.provider(BASE).accounts for secret in account.credentials.secrets() if secret
        )

    def _told(self, error: AnyCarrierError) -> list[str]:
        """All that an error shows, the locals of its frames too; not of the test's own, which hold what was shown."""
        assert error.__traceback__
        deeper = error.__traceback__.tb_next
        frames = traceback.StackSummary.extract(traceback.walk_tb(deeper), capture_locals=True)
        return [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error), *frames.format()]

    def test_no_secret_is_shown(self, mode: Mode, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        shown: list[str] = []
        urls: list[str] = []
        for status, body in ((401, b""), (500, b"<html>"), (200, b"{"), (400, b'{"message": "no"}')):
            with self.stubbed(mode, status, body) as phone:
                shown.append(repr(phone.provider) + repr(phone.provider.accounts))
                for operation in ("search", "list", "get", *(write for write in WRITES if self.can(write)), "buy"):
                    try:
                        self.attempt(phone, operation, {})
                    except AnyCarrierError as error:
                        shown += self._told(error)
                urls += [request.url for request in phone.sent]
        shown += [record.getMessage() + repr(vars(record)) for record in caplog.records]
        for secret in self.secrets():
            assert not [text for text in urls if secret in text], (
                "a credential is in a URL, where logs and proxies keep it"
            )
            assert not [text for text in shown if secret in text]


def _asked_to_buy(phone: AnyClient) -> bool:
    return any(request.purpose == "purchase" for request in phone.sent)
