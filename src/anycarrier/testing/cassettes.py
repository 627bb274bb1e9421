"""Recordings of a provider: replaying them, and making new ones from which secrets and real numbers are gone.

``python -m anycarrier.testing.cassettes PROVIDER`` records with a real account, whose settings come from the
environment or the accounts file. It scrubs before anything is written. Needs the extra ``testing``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from anycarrier.client import Client
from anycarrier.errors import AnyCarrierError, Unsupported
from anycarrier.model import Search
from anycarrier.registry import make
from anycarrier.settings import account as named_account

__all__ = ["Scrubber", "main", "record", "replayed"]

KEPT_HEADERS = frozenset({
    "accept", "content-type", "version", "retry-after", "x-ratelimit-limit-daily", "x-ratelimit-daily-remaining",
    "x-ratelimit-interval-milliseconds", "x-ratelimit-max", "x-ratelimit-remaining",
})  # fmt: skip
"""Headers that a recording keeps; all others are left out, whatever they may hold."""

SECRET_FIELDS = re.compile(
    r"token|secret|password|api_?key|authori[sz]ation|email|account_?sid|stripe|payment|pin$|client_?id", re.IGNORECASE
)
"""Names of JSON members whose text is replaced, whatever it is."""

SCRUBBED = "scrubbed"

_NUMBER = re.compile(r"(?<![0-9])(\+?1?)([2-9][0-9]{2})([2-9][0-9]{6})(?![0-9])")
_OTHER = re.compile(r"(?<![0-9A-Za-z])\+(?!1)[1-9][0-9]{7,14}(?![0-9])")


class Scrubber:
    """Takes secrets and real numbers out of requests and answers.

    A number is replaced by one of 555-0100 to 555-0199 of its own area code, the same for the same number within one
    scrubber, so that a recording still tells one story. Numbers outside the North American plan lose their digits.

    Args:
        secrets: texts to remove wherever they stand, as they are or quoted for a URL.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({form for text in secrets if text for form in (text, quote(text, safe=""))}, key=len)
        self._numbers: dict[str, str] = {}
        self._used: dict[str, int] = {}

    def text(self, text: str) -> str:
        """*text* without secrets and real numbers."""
        for secret in reversed(self._secrets):
            text = text.replace(secret, SCRUBBED)
        text = _NUMBER.sub(lambda match: match[1] + self._number(match[2], match[3]), text)
        return _OTHER.sub(lambda match: match[0][:3] + "0" * (len(match[0]) - 3), text)

    def body(self, body: bytes | str | None) -> bytes | None:
        """A body, JSON or any other; members with a secret's name are replaced."""
        if body is None:
            return None
        text = body if isinstance(body, str) else body.decode("utf-8", "replace")
        try:
            value = json.loads(text)
        except ValueError:
            return self.text(text).encode()
        return self.text(json.dumps(self._value(value), ensure_ascii=False)).encode()

    def headers(self, headers: Mapping[str, Any]) -> dict[str, list[str]]:
        """The headers that are kept, scrubbed."""
        kept: dict[str, list[str]] = {}
        for name, given in headers.items():
            if name.lower() in KEPT_HEADERS:
                values = [given] if isinstance(given, str) else list(given)
                kept[name.lower()] = [self.text(str(value)) for value in values]
        return kept

    def _value(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._value(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self._value(item, name) for item in value]
        if isinstance(value, str) and value and SECRET_FIELDS.search(name):
            return SCRUBBED
        return value

    def _number(self, npa: str, rest: str) -> str:
        number = npa + rest
        if rest.startswith("55501"):
            return number
        if number not in self._numbers:
            line = self._used.get(npa, 0)
            if line > 99:
                raise AnyCarrierError(f"more than a hundred numbers of area code {npa}: search for fewer")
            self._used[npa] = line + 1
            self._numbers[number] = f"{npa}55501{line:02}"
        return self._numbers[number]

    def request(self, request: Any) -> Any:
        """For vcrpy's ``before_record_request``."""
        request.uri = self.text(request.uri)
        request.body = self.body(request.body)
        kept = {name: values[0] for name, values in self.headers(request.headers).items()}
        request.headers.clear()
        request.headers.update(kept)
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """For vcrpy's ``before_record_response``."""
        return {
            "status": response["status"],
            "headers": self.headers(response["headers"]),
            "body": {"string": self.body(response["body"]["string"])},
        }


def _same_body(one: Any, other: Any) -> None:
    def value(request: Any) -> Any:
        body = request.body or b""
        text = body if isinstance(body, str) else bytes(body).decode()
        try:
            return json.loads(text)
        except ValueError:
            return text

    if value(one) != value(other):
        raise AssertionError("the bodies differ")


def _same_url(one: Any, other: Any) -> None:
    if unquote(one.uri) != unquote(other.uri):
        raise AssertionError("the URLs differ")


def _vcr(**options: Any) -> Any:
    import vcr

    machine = vcr.VCR(match_on=("method", "same_url", "same_body"), **options)
    machine.register_matcher("same_url", _same_url)
    machine.register_matcher("same_body", _same_body)
    return machine


@contextmanager
def replayed(cassette: Path, *, again: bool = False) -> Iterator[Any]:
    """Answer every request from *cassette*; one that is not in it is an error, and nothing reaches the network.

    Args:
        cassette: the file.
        again: whether a recorded answer may be given more than once.
    """
    with _vcr(record_mode="none").use_cassette(str(cassette), allow_playback_repeats=again) as played:
        yield played


def record(provider: Any, folder: Path, *, query: Search, spend: bool = False) -> list[Path]:
    """Record one cassette for each operation of *provider* into *folder*, scrubbed; the paths written.

    Args:
        provider: the provider object of a real account.
        query: what to search for.
        spend: also buy the first number found and release it, where the provider can; this costs money.
    """
    scrubber = Scrubber(
        secret for account in provider.accounts for secret in (*account.credentials.secrets(), *_settings(provider))
    )
    folder.mkdir(parents=True, exist_ok=True)
    machine = _vcr(
        record_mode="all", before_record_request=scrubber.request, before_record_response=scrubber.response,
        decode_compressed_response=True,
    )  # fmt: skip
    written: list[Path] = []

    def taped(name: str, step: Callable[[], Any]) -> Any:
        path = folder / f"{name}.yaml"
        path.unlink(missing_ok=True)
        with machine.use_cassette(str(path)):
            try:
                value = step()
            except Unsupported:
                value = None
        if path.exists():
            written.append(path)
        return value

    with Client(provider, transport="httpx") as phone:
        offers = taped("search", lambda: phone.search(query))
        owned = taped("list", lambda: list(phone.list()))
        if owned:
            taped("get", lambda: phone.get(owned[0].number))
            taped("campaign_of", lambda: phone.campaign_of(owned[0].number))
        if spend and offers:
            bought = taped("buy", lambda: phone.buy(offers[0]))
            taped("release", lambda: phone.release(bought))
    today = datetime.now(UTC).date().isoformat()
    (folder / "PROVENANCE.md").write_text(
        f"""# Recorded

From the real API of {provider.title} on {today}, with `python -m anycarrier.testing.cassettes {provider.name}`.
Secrets are removed; every number is replaced by one of 555-0100 to 555-0199 of its area code.
"""
    )
    return written


def _settings(provider: Any) -> list[str]:
    """Text settings that name the account, such as a location's id."""
    return [value for name in ("location_id", "username") if isinstance(value := getattr(provider, name, None), str)]


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m anycarrier.testing.cassettes",
        description="Record cassettes with a real account, scrubbed as they are written.",
    )
    parser.add_argument("provider", help="its name; settings come from the environment")
    parser.add_argument("--account", help="a name in the accounts file instead")
    parser.add_argument("--area-code", default="201", help="where to search (default: %(default)s)")
    parser.add_argument("--into", type=Path, help="folder (default: cassettes/PROVIDER/recorded)")
    parser.add_argument("--spend", action="store_true", help="also buy a number and release it: costs money")
    given = parser.parse_args(arguments)
    try:
        provider = named_account(given.account) if given.account else make(given.provider, {})
        folder = given.into or Path("cassettes") / given.provider / "recorded"
        written = record(provider, folder, query=Search(area_code=given.area_code, limit=5), spend=given.spend)
    except AnyCarrierError as error:
        print(f"not recorded: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    for path in written:
        print(path)  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
