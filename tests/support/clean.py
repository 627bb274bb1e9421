"""Check of cassettes for secrets, and for numbers that are neither fictional nor documented.

Shares nothing with what scrubs recordings.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

DOCUMENTED = frozenset((Path(__file__).parents[1] / "documented_numbers.txt").read_text().split())

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
SECRET_MEMBER = re.compile(
    r"token|secret|password|api_?key|authori[sz]ation|refresh|client_?id|user_?name$", re.IGNORECASE
)
KINDS = re.compile(r"bearer|refresh_token", re.IGNORECASE)
"""Values under such a name that are words of the protocol."""
HARMLESS = re.compile(
    r"ac1_0123456789abcdef0123456789|scrubbed[0-9]*||.*example.*|.*(1234567890abcdef|9876543210fedcba).*|Acme Inc"
)
"""Our own marks, and what the providers' documents put in the place of ids and tokens."""
NANP = re.compile(r"(?<![0-9A-Za-z.])(?:\+?1)?([2-9][0-9]{2}[2-9][0-9]{6})(?![0-9A-Za-z])")
SPELLED = re.compile(r"(?<![0-9])\(?([2-9][0-9]{2})(?:\) ?-?|[-. ])([2-9][0-9]{2})[-. ]([0-9]{4})(?![0-9])")
MAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?!(?:[\w-]+\.)*example\.(?:com|org|net)\b)[\w-]+(?:\.[\w-]+)+")
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
    """Secrets and real numbers in the text of a cassette."""
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
    for match in SPELLED.finditer(plain):
        number = "".join(match.groups())
        if number[3:8] != "55501" and number not in DOCUMENTED:
            found.append(f"a number: {match[0]}")
    found += [f"a number: {match[0]}" for match in OTHER.finditer(plain)]
    found += [f"an address: {match[0]}" for match in MAIL.finditer(plain)]
    for interaction in yaml.safe_load(text)["interactions"]:
        for side in ("request", "response"):
            headers = interaction[side]["headers"]
            found += [f"a header: {name}" for name in headers if SECRET_HEADERS.search(name)]
            body = interaction[side]["body"]
            written = body["string"] if isinstance(body, dict) else body
            given = [*members(decoded(written)), *parse_qsl(urlsplit(interaction["request"]["uri"]).query)]
            for name, value in given:
                secret = SECRET_MEMBER.search(name) and isinstance(value, str) and not HARMLESS.fullmatch(value)
                if secret and not KINDS.fullmatch(value):
                    found.append(f"{name}: {value}")
    return found


def decoded(written: str | bytes | None) -> Any:
    """A body as values: JSON, or a form."""
    text = written.decode("utf-8", "replace") if isinstance(written, bytes) else written or ""
    try:
        value = json.loads(text)
    except ValueError:
        return dict(parse_qsl(text, keep_blank_values=True))
    return value
