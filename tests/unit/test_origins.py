"""A base URL that a setting accepts is one that requests can go to, and nothing else is accepted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anycarrier import Client, ConfigurationError
from anycarrier.engine.accounts import check_base_url
from anycarrier.transports import Timeouts
from anycarrier.transports._base import Base
from anycarrier.transports.protocol import Origin
from support.ports import wire

SETTINGS: dict[str, Any] = {"token": "pit-x", "location_id": "loc1", "allow_custom_base_url": True}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://@api.example", "user"), ("https://:@api.example", "user"), ("http://@127.0.0.1:80", "user"),
        ("https://u:p@api.example", "user"), ("https://api.example?", "query"), ("https://api.example#", "fragment"),
        ("https://api.example/a?b", "query"), ("https://api.example:0", "port"), ("https://api.example:00/x", "port"),
        ("https://api.example:65536", "port"), ("https://api.example:123456", "port"),
        ("https://api.exam\tple", "spaces or control"), ("https://api.example\n", "spaces or control"),
        (" https://api.example", "spaces or control"), ("https://api.example/\x00", "spaces or control"),
        ("https://api.example/\u200b", "spaces or control"), ("https://api.example:", "a URL such as"),
        ("https://", "a URL such as"), ("https:///x", "a URL such as"), ("ftp://api.example", "a URL such as"),
        ("https://api.example\\@evil.example", "user"), ("https://api.example\\x", "a URL such as"),
        ("https://a%2eexample", "a URL such as"), ("https://\u2100.example", "a URL such as"),
        ("https://[::1", "a URL such as"), ("https://api.example/\xe9", "ASCII"), ("http://api.example", "https"),
        ("//api.example", "a URL such as"), ("api.example", "a URL such as"), ("", "a URL such as"),
    ],
)  # fmt: skip
def test_what_is_no_base_url_is_named(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url must") as caught:
        Client("lc_phone", base_url=url, **SETTINGS)
    assert said in str(caught.value)
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example",
        "HTTPS://API.example:8443/v3/",
        "http://127.0.0.1:8080",
        "http://[::1]:1/x",
        "http://localhost",
        "https://b\xfccher.example",
        "https://api.example/a%20b",
    ],
)
def test_what_is_one(url: str) -> None:
    assert check_base_url(url) is None
    Client("lc_phone", base_url=url, **SETTINGS).close()


def test_the_host_that_is_checked_is_the_one_that_is_connected_to() -> None:
    wide = "https://services.leadconnectorhq.co\uff4d"  # a letter of another width, which is the same name
    Client("lc_phone", base_url=wide, token="pit-x", location_id="loc1").close()
    with pytest.raises(ConfigurationError, match="names a host that is not"):
        Client("lc_phone", base_url="https://services.leadconnectorhq.com.evil.example", token="x", location_id="loc1")


PIECES = st.sampled_from(
    ["https", "http", "://", "//", ":", "/", "@", "?", "#", "api.example", "127.0.0.1", "[::1]", "localhost", "0",
     "80", "99999", "\\", "%41", "%", ".", "..", "\t", "\xe9", "\u2100", "\uff4d", " ", "a", "[", "]", "\x7f"]
)  # fmt: skip


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=20).map("https://api.example".__add__))
def test_requests_can_go_to_whatever_is_accepted(url: str) -> None:
    if check_base_url(url) is not None:
        return
    base = url.rstrip("/")
    origin = Origin(base)
    target = Base(Timeouts())._target(wire(base, "/numbers?q=1"))
    assert target is not None
    assert target[0].same(origin)
    assert target[1].endswith("/numbers?q=1")
