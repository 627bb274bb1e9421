"""No cassette of any provider holds a secret or a real number."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CASSETTES = sorted((ROOT / "cassettes").rglob("*.yaml"))
DOCUMENTED = frozenset((ROOT / "tests" / "documented_numbers.txt").read_text().split())

SECRET_HEADERS = re.compile(r"auth|cookie|api-?key|token|secret|session", re.IGNORECASE)
SECRET_FORMS = {
    "a bearer token": r"\bbearer\s+[A-Za-z0-9._~+/-]{8,}",
    "a key in hexadecimal": r"(?<![0-9A-Za-z_])[0-9a-f]{32}(?![0-9A-Za-z])",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}",
    "a private integration token": r"\bpit-(?!0{8}-)[0-9a-f]{8}-",
    "a Leadping key": r"\blp_(?!test\b)[A-Za-z0-9_]{8,}",
    "an id of a payment": r"\b(?:pi|pm|acct|sk|pk|rk|whsec)_[A-Za-z0-9]{14,}",
    "an id of Twilio": r"\b(?:AC|SK|PN)[0-9a-f]{32}\b",
    "a private key": r"BEGIN [A-Z ]*PRIVATE KEY",
    "a canary": r"canary",
}
SECRET_MEMBER = re.compile(r"token|secret|password|api_?key|authori[sz]ation", re.IGNORECASE)
HARMLESS = re.compile(r"ac1_0123456789abcdef0123456789|scrubbed||.*example.*|.*(1234567890abcdef|9876543210fedcba).*")
"""Our own marks, and what the providers' documents put in the place of ids and tokens."""
NANP = re.compile(r"(?<![0-9A-Za-z.])(?:\+?1)?([2-9][0-9]{2}[2-9][0-9]{6})(?![0-9A-Za-z])")
OTHER = re.compile(r"(?<![0-9A-Za-z])\+(?!1)[1-9][0-9]{7,14}(?![0-9])")
WORD = re.compile(r"[A-Za-z0-9_+-]{24,}")


def entropy(text: str) -> float:
    """Bits for each character."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


def random_looking(word: str) -> bool:
    """Long, of several kinds of characters, and with more surprise in it than words and names have."""
    kinds = [any(map(kind, word)) for kind in (str.isdigit, str.islower, str.isupper)]
    return sum(kinds) >= 2 and any(map(str.isdigit, word)) and entropy(word) > 3.8


def members(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from members(item, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from members(item, name)
    else:
        yield name, value


def problems(text: str) -> list[str]:
    """What is in a cassette that must not be."""
    plain = unquote(text)
    found = [
        f"{what}: {match[0]}"
        for what, form in SECRET_FORMS.items()
        for match in re.finditer(form, plain, re.IGNORECASE)
        if not HARMLESS.fullmatch(match[0])
    ]
    words = {word for word in WORD.findall(plain) if random_looking(word) and not HARMLESS.fullmatch(word)}
    found += [f"random text: {word}" for word in words]
    for match in NANP.finditer(plain):
        if match[1][3:8] != "55501" and match[1] not in DOCUMENTED:
            found.append(f"a number: {match[0]}")
    found += [f"a number: {match[0]}" for match in OTHER.finditer(plain)]
    for interaction in yaml.safe_load(text)["interactions"]:
        for side in ("request", "response"):
            headers = interaction[side]["headers"]
            found += [f"a header: {name}" for name in headers if SECRET_HEADERS.search(name)]
            body = interaction[side]["body"]
            written = body["string"] if isinstance(body, dict) else body
            try:
                decoded = yaml.safe_load(written or "null")
            except yaml.YAMLError:
                decoded = None
            for name, value in members(decoded):
                if SECRET_MEMBER.search(name) and isinstance(value, str) and not HARMLESS.fullmatch(value):
                    found.append(f"{name}: {value}")
    return found


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_cassette_is_clean(path: Path) -> None:
    assert not problems(path.read_text(encoding="utf-8"))


def test_every_folder_says_where_its_cassettes_come_from() -> None:
    for folder in {path.parent for path in CASSETTES}:
        told = (folder / "PROVENANCE.md").read_text(encoding="utf-8")
        assert re.search("documented|published|recorded", told, re.IGNORECASE), folder


CLEAN = """interactions:
- request: {{body: null, headers: {{accept: application/json{header}}}, method: GET, uri: 'https://example.com/{path}'}}
  response: {{body: {{string: '{body}'}}, headers: {{}}, status: {{code: 200, message: OK}}}}
version: 1
"""


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("header", ", authorization: x"), ("header", ", X-Api-Key: x"), ("header", ", set-cookie: x"),
        ("path", "2014110123"), ("path", "%2B12014110123"), ("body", '{"number": 2014110123}'),
        ("body", '{"to": "+442079460018"}'), ("body", '{"apikey": "0123456789abcdef0123456789abcdef"}'),
        ("body", '{"accessToken": "x"}'), ("body", '{"password": "hunter2"}'), ("body", "Bearer abcdefghijkl"),
        ("body", '{"x": "eyJhbGciOiJIUzI1NiJ9"}'), ("body", '{"x": "pi_3MtwBwLkdIwHu7ix28a3tqPa"}'),
        ("body", '{"x": "Zm9vYmFyOTg3NjU0MzIxQUJDREVGeHl6"}'), ("body", '{"x": "lp_a1b2c3d4e5f6"}'),
    ],
)  # fmt: skip
def test_the_check_finds_what_it_looks_for(where: str, text: str) -> None:
    parts = {"header": "", "path": "", "body": "{}"}
    assert not problems(CLEAN.format(**parts))
    assert problems(CLEAN.format(**parts | {where: text}))
