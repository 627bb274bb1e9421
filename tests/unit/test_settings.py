"""Settings from arguments, environment and file: one message lists everything that is wrong, and no secret."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from anycarrier import AsyncClient, Client, ConfigurationError, InvalidInput, Timeouts
from anycarrier.engine.accounts import Problems
from anycarrier.failover import Failover
from anycarrier.registry import account
from anycarrier.settings import build
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel

KEY = "0" * 32
SECRET = "hunter2secret"


def problems(**settings: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        Client("voicetel", **settings)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    assert caught.value.provider == "voicetel"
    return list(caught.value.problems)


def accounts(folder: Path, text: str | bytes) -> Path:
    path = folder / "accounts.toml"
    path.touch(0o600)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


# -- a yes or no


@pytest.mark.parametrize("value", ["false", "true", "", 0, 1, None, 2.5, []])
def test_a_yes_or_no_given_as_an_argument_is_a_bool(value: Any) -> None:
    wanted = ["allow_custom_base_url must be true or false"]
    assert problems(api_key=KEY, base_url="https://elsewhere.example", allow_custom_base_url=value) == [
        *wanted,
        "base_url names a host that is not api.voicetel.com; to send credentials there, say allow_custom_base_url=True",
    ]
    assert problems(api_key=KEY, allow_custom_base_url=value) == wanted
    for cls, more in ((VoiceTel, {}), (Leadping, {}), (LCPhone, {"location_id": "L1"})):
        name = "token" if cls is LCPhone else "api_key"
        with pytest.raises(ConfigurationError, match="allow_custom_base_url must be True or False, not"):
            cls(**{name: KEY, **more}, allow_custom_base_url=value)


@pytest.mark.parametrize(
    ("text", "allowed"), [("false", False), ("No", False), ("0", False), ("TRUE", True), (" yes ", True), ("on", True)]
)
def test_as_text_it_comes_from_environment_and_file(
    text: str, allowed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = "https://elsewhere.example"
    path = accounts(
        tmp_path,
        f'[accounts.main]\nprovider = "voicetel"\napi_key = "{KEY}"\nbase_url = "{elsewhere}"\n'
        f'allow_custom_base_url = "{text}"\n',
    )
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", KEY)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", elsewhere)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_ALLOW_CUSTOM_BASE_URL", text)
    if allowed:
        assert account("main", path).accounts[0].base_url == elsewhere
        Client("voicetel").close()
    else:
        for make in (lambda: account("main", path), lambda: Client("voicetel")):
            with pytest.raises(ConfigurationError, match="base_url names a host that is not"):
                make()
        with pytest.raises(ConfigurationError, match="must be true or false"):
            account("main", path, settings={"allow_custom_base_url": text})


@pytest.mark.parametrize("value", ['"maybe"', "7", "[]", '""'])
def test_what_is_neither_is_a_problem_among_the_others(value: str, tmp_path: Path) -> None:
    path = accounts(
        tmp_path,
        f'[accounts.main]\nprovider = "voicetel"\nallow_custom_base_url = {value}\nbase_url = 7\napikey = "x"\n',
    )
    with pytest.raises(ConfigurationError) as caught:
        account("main", path)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "accounts.main.apikey is not a setting (did you mean api_key?)",
        "allow_custom_base_url must be true or false",
        "base_url must be text, such as 'https",
        "api_key is missing",
    ]
    assert "voicetel takes api_key, username" in str(caught.value)


# -- all of it in one message


def test_unknown_names_do_not_hide_what_else_is_wrong() -> None:
    found = problems(api_keys=SECRET, base_url=None, account="a b", username=5, timeouts=5, max_wait="x")
    assert [problem.split()[0] for problem in found] == [
        "timeouts",
        "max_wait",
        "api_keys",
        "account",
        "base_url",
        "username",
        "api_key",
        "username",
    ]
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"api_key": KEY, "base_url": None}, "base_url must be text, such as 'https://api.example.com', not None"),
        ({"api_key": KEY, "base_url": 7}, "base_url must be text, such as 'https://api.example.com', not int"),
        ({"username": 5, "password": SECRET}, "username must be text, not int"),
        ({"username": "me", "password": 5}, "password must be text, not int"),
        ({"api_key": 5}, "api_key must be text or a function that returns text, not int"),
        ({"api_key": KEY, "account": 5}, "account must be text of 1 to 64 letters, digits, '_', '.' and '-'"),
        ({"api_key": KEY, "account": ""}, "account must be text of 1 to 64"),
        ({"api_key": KEY, "account": "a\nb"}, "account must be text of 1 to 64"),
        ({"api_key": KEY, "account": "a" * 65}, "account must be text of 1 to 64"),
        ({"api_key": KEY, "max_wait": "x"}, "max_wait must be seconds, or None"),
        ({"api_key": KEY, "max_wait": math.nan}, "max_wait must be seconds, or None"),
        ({"api_key": KEY, "max_wait": -1}, "max_wait must be seconds, or None"),
        ({"api_key": KEY, "max_wait": True}, "max_wait must be seconds, or None"),
        ({"api_key": KEY, "timeouts": 5}, "timeouts must be Timeouts, such as Timeouts(read=30.0), not int"),
    ],
)
def test_each_is_named_with_what_would_be_right(settings: dict[str, Any], said: str) -> None:
    (problem,) = problems(**settings)
    assert problem.startswith(said)
    assert SECRET not in problem


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"token": KEY, "location_id": 5}, "location_id must be the id of a location"),
        ({"token": KEY, "location_id": "L1", "account": ""}, "account must be"),
        ({"location_id": "L1", "client_id": 5, "client_secret": SECRET, "token_source": 5}, "client_id must be text"),
        ({"location_id": "L1", "client_id": "a", "client_secret": 5, "token_source": 5}, "client_secret must be text"),
    ],
)
def test_lead_connectors_own(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Client("lc_phone", **settings)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("api_version", [5, None, [], "2025-01"])
def test_leadpings_own(api_version: Any) -> None:
    with pytest.raises(ConfigurationError, match="api_version must be one of"):
        Leadping(api_key=KEY, api_version=api_version)


# -- which provider


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        (None, "provider must be the name of an adapter"),
        (5, "or a provider object, not int"),
        (VoiceTel, r"provider is a class: give its name, or an object of it, such as VoiceTel\(...\)"),
        (int, "provider must be the name"),
        (["voicetel"], "not list"),
        ("", "no provider is called ''"),
    ],
)
def test_what_is_no_provider(provider: Any, said: str) -> None:
    for client in (Client, AsyncClient):
        with pytest.raises(ConfigurationError, match=said):
            client(provider)


def test_settings_beside_a_provider_object_are_refused() -> None:
    for client in (Client, AsyncClient):
        with pytest.raises(ConfigurationError) as caught:
            client(VoiceTel(api_key=KEY), api_key=SECRET, timeout=3, max_wait="x")  # type: ignore[call-overload]
        assert [problem.split()[0] for problem in caught.value.problems] == ["max_wait", "api_key", "timeout"]
        assert "give it to VoiceTel(...)" in str(caught.value)
        assert SECRET not in str(caught.value)


def test_a_class_that_checks_nothing_and_one_that_lists_nothing() -> None:
    class Loose:
        name = "loose"

        def __init__(self, *, token: str = "", fast: bool = False) -> None:
            if token == "bad":
                raise ConfigurationError("the token is bad")
            self.fast = fast

    assert build(Loose, {}, {"fast": "yes"}).fast is True
    with pytest.raises(ConfigurationError, match=r"^the token is bad$"):
        build(Loose, {"token": "bad"}, {})
    with pytest.raises(ConfigurationError) as caught:
        build(Loose, {"token": "bad", "fast": "yes", "slow": 1}, {})
    assert caught.value.problems == ("slow is not a setting", "fast must be true or false", "the token is bad")


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    path = accounts(tmp_path, b'[accounts.main]\nprovider = "voicetel"\n# \xff\n')
    with pytest.raises(ConfigurationError, match="is not UTF-8"):
        account("main", path)
    path.write_bytes(b"[accounts")
    with pytest.raises(ConfigurationError, match=r"is not valid TOML \(at "):
        account("main", path)


# -- timeouts


@pytest.mark.parametrize("value", [-1, 0, "x", "5", None, True, math.nan, math.inf, -math.inf, [], 1j])
@pytest.mark.parametrize("name", ["connect", "read", "write", "pool", "total", "purchase_read", "purchase_total"])
def test_a_timeout_is_a_time(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match=f"^{name} must be a number of seconds"):
        Timeouts(**{name: value})


def test_times_that_are_fine() -> None:
    assert Timeouts(connect=1, read=0.5).read == 0.5


def test_problems_take_what_is_right() -> None:
    one = Problems("acme")
    assert (one.account("main-1.x_Y"), one.text("user", None), one.text("user", " a ")) == ("main-1.x_Y", None, " a ")
    one.done()
    assert one.text("user", " ") is None
    with pytest.raises(ConfigurationError, match="user must not be empty"):
        one.done()


def test_a_failovers_options_are_options() -> None:
    with pytest.raises(InvalidInput, match="options must be a list"):
        Failover([VoiceTel(api_key=KEY)], options="x")  # type: ignore[arg-type]


def test_a_setting_that_is_misspelled_is_told_with_the_one_that_is_meant() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Client("voicetel", api_ky="0" * 32)
    assert "api_ky is not a setting (did you mean api_key?)" in str(caught.value)
