"""Tracebacks and causes that stay when credentials are hidden: bugs are still found, and no password is in sight."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from anycarrier import Client, Search
from anycarrier.engine.accounts import Account, Secret
from anycarrier.engine.session import Session
from anycarrier.errors import AnyCarrierError, ConfigurationError, JournalError
from anycarrier.frames import Hiding, hide
from anycarrier.purchase import journal
from anycarrier.purchase.journal.postgres import PostgresDatabase, PostgresSession
from support.frames import SECRET, Named, Provider, Silent, chain_of, frames_of, made, safe


def test_a_bug_in_an_adapter_is_still_found_by_its_traceback() -> None:
    client = Client(Provider("http://127.0.0.1:9"), transport=Silent())  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="a bug") as raised:
        client.search(Search(area_code="201"))
    names = [frame.f_code.co_qualname for frame in frames_of(raised.value)]
    assert "Provider.search" in names
    assert names.index("Client.search") < names.index("Provider.search")
    assert len(names) == len(set(names)) or names.count("drive") == names.count("perform") + 1


def test_what_the_caller_was_handling_is_left_alone() -> None:
    def callers_own(secret: str) -> None:
        raise LookupError("in the caller's own code")

    client = made(Client, "key", "http://127.0.0.1:9", transport=Silent())
    try:
        callers_own(SECRET)
    except LookupError as mine:
        whole = frames_of(mine)
        with pytest.raises(AnyCarrierError) as raised:
            client.search(Search(area_code="201"))
        assert mine in [*chain_of(raised.value)]
        assert frames_of(mine) == whole


def test_an_instruction_that_belongs_to_no_line_does_not_replace_what_was_raised() -> None:
    def nowhere() -> None:
        raise KeyboardInterrupt

    nowhere.__code__ = nowhere.__code__.replace(co_linetable=b"")
    with pytest.raises(KeyboardInterrupt) as raised, Hiding():
        nowhere()
    assert "nowhere" in [frame.f_code.co_name for frame in frames_of(raised.value)]


def test_causes_and_groups_are_hidden_too() -> None:
    from anycarrier.engine.accounts import Secret

    held = Secret(SECRET)

    def failing(secret: Any) -> None:
        raise ValueError("x")

    def chained(secret: Any) -> None:
        try:
            failing([{"headers": [(b"authorization", secret)]}])
        except ValueError as error:
            raise ExceptionGroup("several", [error, KeyError("y")]) from error

    for value in (SECRET, SECRET.encode(), (SECRET,), {"a": [SECRET]}):
        try:
            chained(value)
        except ExceptionGroup as error:
            assert SECRET in "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
            hide(error)
            for one in chain_of(error):
                assert not [frame for frame in frames_of(one) if SECRET in repr(frame.f_locals.get("secret"))]
    assert held.reveal() == SECRET


PLACES = [
    f"postgresql://ann:{SECRET}@127.0.0.1:1/x",
    f"postgres://ann:{SECRET}@[::1/x",
    f"mysql://ann:{SECRET}@127.0.0.1/x",
    f"host=127.0.0.1 port=1 password={SECRET} dbname=x",
    f"host=127.0.0.1 password='{SECRET} dbname=x",
    f"postgresql://ann@127.0.0.1:1/x?password={SECRET}",
    f"postgresql+asyncpg://ann:{SECRET}@127.0.0.1:1/x",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_journal_that_cannot_be_opened_shows_no_password(place: str) -> None:
    with pytest.raises((ConfigurationError, JournalError)) as caught:
        journal.open(place)
    for one in chain_of(caught.value):
        assert SECRET not in f"{one} {one!r} {vars(one)}"
        for frame in frames_of(one):
            if frame.f_code is not test_a_journal_that_cannot_be_opened_shows_no_password.__code__:
                assert SECRET not in "".join(safe(value) for value in frame.f_locals.values())


def test_what_a_database_holds_in_sight_has_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    for kind in (PostgresDatabase, PostgresSession):
        own = kind.__init__
        monkeypatch.setattr(kind, "__init__", lambda self, *of, own=own: (made.append(self), own(self, *of))[1])
    with pytest.raises(JournalError):
        journal.open(PLACES[0])
    assert len(made) > 1
    assert SECRET not in str([vars(one) for one in made])


def test_a_cause_that_holds_what_could_not_be_read_is_left_out() -> None:
    secret = Secret(SECRET)
    caller = ValueError(SECRET)

    def fail() -> None:
        try:
            f"\xff{SECRET}".encode("latin-1").decode()
        except UnicodeDecodeError as error:
            raise AnyCarrierError("it cannot be read") from error

    try:
        raise caller
    except ValueError:
        with pytest.raises(AnyCarrierError) as caught, Hiding():
            fail()
    assert [type(one) for one in chain_of(caught.value)] == [AnyCarrierError]
    assert SECRET in str(caller)
    assert secret.reveal() == SECRET


def test_a_session_that_is_printed_shows_no_credential_that_it_sent() -> None:
    session = Session([Account(id="main", provider="made_up", base_url="https://x.example", credentials=Named())])
    session._known("main", {"X-Api-Key": SECRET})
    assert SECRET not in str(vars(session))
