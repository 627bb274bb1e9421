"""VoiceTel's settings: all that is wrong is listed, and no key is shown."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import errors as e
from support.voicetel import provider


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        ({"api_key": None}, ["api_key is missing"]),
        ({"api_key": ""}, ["api_key is missing"]),
        ({"api_key": "a b"}, ["api_key must be printable"]),
        ({"api_key": None, "username": "1000000001"}, ["api_key is missing", "username and password are set together"]),
        ({"api_key": "k", "username": "1", "password": "p"}, ["username and password are set together"]),
        ({"api_key": None, "base_url": "http://example.com"}, ["base_url must be https", "api_key is missing"]),
        ({"base_url": "https://example.com"}, ["base_url names a host"]),
    ],
)
def test_settings_that_are_wrong_are_all_listed(settings: dict[str, Any], problems: list[str]) -> None:
    with pytest.raises(e.ConfigurationError) as caught:
        provider(**settings)
    assert len(caught.value.problems) == len(problems)
    for expected in problems:
        assert any(expected in problem for problem in caught.value.problems)


def test_the_provider_shows_no_key() -> None:
    key = "f" * 32
    one = provider(api_key=key, account="main")
    assert one.account == "main"
    assert key not in repr(vars(one))
    assert key not in repr(one.accounts)
