"""Numbers of the account by their ids: addressing, the list, and the requests about one number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, TypeAlias, TypeVar

from anycarrier.adapter import (
    Answer,
    AnyCarrierError,
    Exchange,
    InvalidInput,
    InvalidRequest,
    Listing,
    NotAll,
    NotFound,
    OwnedNumber,
    PhoneNumber,
    Release,
    ReleaseState,
    Status,
    Target,
    UnexpectedResponse,
    attributed_to,
    begins_anew,
    collect,
    mapped,
    number_of,
)
from anycarrier_adapters.leadping import mapping
from anycarrier_adapters.leadping.errors import PROVIDER as NAME
from anycarrier_adapters.leadping.schemas import NumberRecord

from . import Api, checked_id, is_id
from .update import settable, unconfirmed

__all__ = ["IdCache", "Numbers"]

T = TypeVar("T")
_Record: TypeAlias = Answer[NumberRecord]
_Use: TypeAlias = Callable[[PhoneNumber, str], Exchange[T]]

MAX_SIZE = 1000


class IdCache:
    """Ids by number, at most *max_size* of them: the oldest makes room. Safe to share between threads."""

    def __init__(self, max_size: int = MAX_SIZE) -> None:
        self._max_size = max_size
        self._ids: dict[PhoneNumber, str] = {}
        self._lock = Lock()
        begins_anew(self)

    def forked(self) -> None:
        """Replace the lock in a child process: the thread that held it does not exist there."""
        self._lock = Lock()

    def get(self, number: PhoneNumber) -> str | None:
        """Return the id of *number*, or ``None`` if it is not cached."""
        return self._ids.get(number)

    def remember(self, number: PhoneNumber, id: str | None) -> None:
        """Cache *id* for *number*, replacing an earlier one; ``None`` changes nothing."""
        if id is None:
            return
        with self._lock:
            self._ids.pop(number, None)
            self._ids[number] = id
            if len(self._ids) > self._max_size:
                del self._ids[next(iter(self._ids))]

    def forget(self, number: PhoneNumber) -> None:
        """Drop the id of *number*."""
        with self._lock:
            self._ids.pop(number, None)

    def __len__(self) -> int:
        return len(self._ids)


class Numbers:
    """Numbers of one account. Leadping addresses them by ids, which its list states.

    Attributes:
        api: requests of the account.
        ids: ids that are known.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ids = IdCache()

    def use(self, operation: str, target: Target, use: _Use[T]) -> Exchange[T]:
        """Return the result of *use* for the number and its id: the target's own, the cached one, or that of the list.

        Errors are those of *operation*.
        """
        return (yield from attributed_to(operation, self._used(target, use)))

    def _used(self, target: Target, use: _Use[T]) -> Exchange[T]:
        number = number_of(target)
        if (
            isinstance(target, OwnedNumber)
            and target.id
            and (target.provider, target.account) == (NAME, self.api.account)
        ):
            return (yield from use(number, checked_id("phoneNumberId", target.id)))
        known = self.ids.get(number)
        if known is not None:
            try:
                return (yield from use(number, known))
            except NotFound:
                self.ids.forget(number)
        rows = yield from self.rows(number)
        if not rows:
            raise NotFound("not on this account", provider=NAME)
        living = [row for row in rows if row.status is not Status.RELEASED]
        row = (living or rows)[0]
        if row.id is None or not is_id(row.id):
            raise UnexpectedResponse("the list shows the number without a usable id", provider=NAME, operation="list")
        self.ids.remember(number, row.id)
        return (yield from use(number, row.id))

    def rows(self, number: PhoneNumber) -> Exchange[list[OwnedNumber]]:
        """Rows of one number. A search finds it quickly; only the whole list proves that it is absent."""
        try:
            rows = yield from self.searched(number)
        except (InvalidRequest, NotAll):  # the fields that can be searched are not documented
            rows = []
        return rows or (yield from _all_of(self.listing(number)))

    def searched(self, number: PhoneNumber) -> Exchange[list[OwnedNumber]]:
        body = {"search": number.e164, "searchFields": ["number"]}
        return _all_of(self.listing(number, body))

    def listing(self, number: PhoneNumber | None, body: Mapping[str, Any] | None = None) -> Listing[OwnedNumber]:
        """Return the list, or the rows of *number* in it; *body* narrows the request."""
        return self.api.rows(lambda rows: mapping.listed(self.api.account, rows), about=number, body=body)

    # -- requests about a number, by its id

    def read(self, number: PhoneNumber, id: str, operation: str = "get") -> Exchange[_Record]:
        answer = yield from self.api.number.answer(phoneNumberId=id, operation=operation)
        if answer.value.number != number:
            self.ids.forget(number)
        answer.about(number, answer.value.number)
        self.ids.remember(number, id)
        return answer

    def put(self, number: PhoneNumber, id: str, change: Mapping[str, Any], operation: str) -> Exchange[_Record]:
        version = self.api.version
        before = yield from self.read(number, id, operation)
        body = {**settable(version, before.value, id), **change}
        if "enabled" in version.update and "enabled" not in body:
            raise before.wrong(
                "the record does not say whether the number is enabled, and an update without that may disable it"
            )
        owner = before.value.owner
        if operation == "transfer" and owner is not None and owner.id in change.values():
            raise InvalidInput(f"the number is of that {version.noun} already")
        after = yield from self.api.update.answer(phoneNumberId=id, body=body, operation=operation)
        after.about(number, after.value.number)
        if wrong := unconfirmed(body, settable(version, after.value, id), change):
            raise after.wrong(f"it does not show what was set: {', '.join(wrong)}")
        return after

    def release(self, number: PhoneNumber, id: str) -> Exchange[Release]:
        accepted = yield from self.api.delete.answer(phoneNumberId=id)
        self.ids.forget(number)
        state, at = ReleaseState.SCHEDULED, None
        shown = accepted.response.status != 200
        raw: Mapping[str, Any] = {}
        try:
            answer = yield from self.api.number.answer(phoneNumberId=id, operation="release")
        except NotFound as error:
            if error.detail is not None:  # Leadping's own words, and not those of a proxy
                state, shown = ReleaseState.RELEASED, True
        except AnyCarrierError:
            pass
        else:
            raw, record = answer.raw(), answer.value
            at = record.provider_release_scheduled_at
            status = mapping.status_of(record)[0]
            if status is Status.RELEASED or record.provider_released_at is not None:
                state, at = ReleaseState.RELEASED, record.provider_released_at
            shown = shown or state is ReleaseState.RELEASED or status is Status.RELEASING or at is not None
        if not shown:
            raise accepted.wrong("a 200 accepts no release, and the record shows none")
        return Release(provider=NAME, account=self.api.account, number=number, state=state, at=at, raw=raw)


def _all_of(listing: Listing[OwnedNumber]) -> Exchange[list[OwnedNumber]]:
    """Return the rows of *listing*. Others that cannot be read do not hide them."""
    found: list[OwnedNumber] = []

    def keep(page: Sequence[OwnedNumber]) -> Sequence[OwnedNumber]:
        found.extend(page)
        return ()

    try:
        yield from collect(mapped(listing, keep))
    except UnexpectedResponse:
        if not found:
            raise
    return found
