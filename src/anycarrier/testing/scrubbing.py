"""Taking secrets and real numbers out of requests and answers before they are written down."""

from __future__ import annotations

import html
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlencode

from anycarrier.errors import AnyCarrierError
from anycarrier.secret_marks import in_base64

__all__ = ["KEPT_HEADERS", "SCRUBBED", "SECRET_FIELDS", "Scrubber", "known_members"]

KEPT_HEADERS = frozenset(
    {
        "accept",
        "content-type",
        "version",
        "retry-after",
        "x-ratelimit-limit-daily",
        "x-ratelimit-daily-remaining",
        "x-ratelimit-interval-milliseconds",
        "x-ratelimit-max",
        "x-ratelimit-remaining",
    }
)
"""Headers that a recording keeps; all others are left out, whatever they may hold."""

SECRET_FIELDS = re.compile(
    r"token|secret|passw|passphrase|passcode|pwd|pass$|authori[sz]ation|credential|bearer|jwt|refresh|cookie|email"
    r"|(?:api|private|access|auth|signing|encryption|ssh|license|master|shared)_?keys?|(?:^|_)keys?$|(?-i:[a-z0-9]Keys?$)"
    r"|(?:^|_)(?:pin|otp|ssn|pw|pan)$|(?-i:[a-z](?:Pin|Otp|OTP|Ssn|SSN|Pw)$)|mfa|two_?factor|seed$|salt$|signature|csrf"
    r"|card_?(?:no|num)|^cards?$|cvv|cvc|iban|bank|(?:routing|account)_?num|tax_?id|passport|licen[cs]e_?num"
    r"|account_?sid|stripe|payment|client_?id|user_?name|login|session",
    re.IGNORECASE,
)
"""Names of members (of JSON, of a form, of a URL's query) whose text is replaced, whatever it is."""

HOOKS = re.compile(r"hook|callback", re.IGNORECASE)
"""Names of members whose URLs may hold a secret in their path."""

SPOKEN = frozenset(
    {
        "accountStatus",
        "code",
        "data",
        "detail",
        "error",
        "errors",
        "instance",
        "message",
        "msg",
        "status",
        "statusCode",
        "success",
        "title",
        "traceId",
        "type",
    }
)
"""Members in which providers say what became of a request; adapters read them without a schema."""

CURSORS = re.compile(r"(?:continuation|page|next|cursor)_?token|sync_?token", re.IGNORECASE)
"""Names of members that only sound secret: each text gets a stand-in of its own, so that pages stay apart."""

SCRUBBED = "scrubbed"

SHORTEST = 4
"""A secret of fewer characters is not looked for in running text, where it would be found everywhere."""

Secrets = str | Callable[[], Iterable[str]]

_NUMBER = re.compile(r"(?<![0-9])(\+?1?)([2-9][0-9]{2})([2-9][0-9]{6})(?![0-9])")
_SPELLED = re.compile(r"(?<![0-9])([2-9][0-9]{2})(\) ?-?|[-. ])([2-9][0-9]{2})([-. ])([0-9]{4})(?![0-9])")
_OTHER = re.compile(r"(?<![0-9A-Za-z])\+(?!1)[1-9][0-9]{7,14}(?![0-9])")
_ID = re.compile(
    r"\b(?:(?:pi|pm|acct|sk|pk|rk|whsec|cus|ghp|gho|ghs|glpat)[_-][A-Za-z0-9_]{14,}|(?:lp|pit)[_-][A-Za-z0-9_-]{8,}"
    r"|eyJ[\w.-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{20,}|xox[a-z]-[\w-]{8,}|SG\.[\w.-]{16,})"
)
_SCHEME = re.compile(r"\b(Bearer|Basic|Digest)(\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]+-----(?:.*?-----END [A-Z0-9 ]+-----|[^\"]*)", re.DOTALL)
_USERINFO = re.compile(r"(?<=://)[^/@\s\"'?#]+@")
_SSN = re.compile(r"(?<![0-9A-Za-z-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9A-Za-z-])")
_CARD = re.compile(r"(?<![0-9A-Za-z.+-])[2-6](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")
_FICTIONAL_URL = re.compile(
    r"https?://(?:(?:[\w-]+\.)*example(?:\.(?:com|org|net))?|127\.0\.0\.1|localhost)(?::[0-9]+)?(?:[/?#]\S*)?"
)
_WORD = re.compile(r"[A-Za-z0-9_+-]{20,}")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?!(?:[\w-]+\.)*example\.(?:com|org|net)\b)[\w-]+(?:\.[\w-]+)+")
_MEMBER = re.compile(r'"([^"\\]{1,80})"(\s*:\s*)"((?:[^"\\]|\\.)*)"')
_QUERY = re.compile(r"([?&;#])([^=&;#?]+)=([^&;#]*)")
_SAID = re.compile(
    r"""([A-Za-z][\w.-]{1,60})(\\*["']?\]?\s*(?:=>|[:=])\s*)(\\*["'])?((?(3)[^"'\\<>]+|[^\s"'\\,;&<>{}\[\]()]+))"""
)
_TAG = re.compile(r"(<(?:\w+:)?([\w.-]+)(?:\s[^<>]*)?>)([^<>]+)(?=</)")
_INPUT = re.compile(r"""(\bname=["']?([\w.-]+)["']?[^<>]*?\bvalue=["'])([^"'<>]+)""")
_PART = re.compile(r"""(\bname="?([^"\r\n;]+)"?[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)(.*?)(?=\r?\n--)""", re.DOTALL)
_PLAIN = re.compile(rf"null|None|true|false|True|False|[0-9]{{1,3}}|{SCRUBBED}[0-9]*")
_NAMES = ("name", "key", "field", "header", "parameter")
_FORM = re.compile(r"[^=&\s<>\"{}]+=[^=&\s<>\"{}]*(?:&[^=&\s<>\"{}]+=[^=&\s<>\"{}]*)*")


class Scrubber:
    """Takes secrets and real numbers out of requests and answers.

    A number is replaced by one of 555-0100 to 555-0199 of its own area code, the same for the same number within one
    scrubber, so that a recording still tells one story; so are long texts that look like chance. Numbers outside the
    North American plan lose their digits. A number that a request carries in several pieces is not recognized.

    Args:
        secrets: texts to remove wherever they stand, plain or quoted; and functions that return such texts, called
            each time, because credentials gain secrets while they are used.
        known: names of the members of an answer that stay in a recording, such as those of :func:`known_members`. Any
            other one becomes its shape: ``x`` for a letter, ``0`` for a digit. With ``None`` all stay whose name is
            not a secret's.
    """

    def __init__(self, secrets: Iterable[Secrets] = (), known: Iterable[str] | None = None) -> None:
        self._given = tuple(secrets)
        self._kept = None if known is None else frozenset(known) | SPOKEN
        self._numbers: dict[str, str] = {}
        self._taken: set[str] = set()
        self._stand_ins: dict[str, str] = {}

    def secrets(self) -> list[str]:
        """Every secret that is known by now, in every form, the longest first."""
        known = {text for given in self._given for text in ([given] if isinstance(given, str) else given()) if text}
        return sorted((form for text in known if len(text) >= SHORTEST for form in _forms(text)), key=len, reverse=True)

    def without_secrets(self, text: str) -> str:
        """*text* without the secrets that are known by now, in capitals or not, within JSON as deep as may be."""
        return _pattern(tuple(self.secrets())).sub(SCRUBBED, text)

    def text(self, text: str) -> str:
        """*text* without secrets and real numbers."""
        text = self.without_secrets(text)
        text = _PEM.sub(SCRUBBED, text)
        text = _SCHEME.sub(rf"\1\2{SCRUBBED}", text)
        for said in (_TAG, _INPUT, _PART):
            text = said.sub(lambda match: match[1] + self._told(match[2], match[3]), text)
        text = self._said(text)
        text = _USERINFO.sub(f"{SCRUBBED}@", text)
        text = _MAIL.sub(f"{SCRUBBED}@example.com", text)
        text = _SSN.sub("000-00-0000", text)
        text = _CARD.sub(lambda match: _zeros(match[0]) if _is_card(match[0]) else match[0], text)
        text = _ID.sub(lambda match: self._stand_in(match[0]), text)
        text = _WORD.sub(lambda match: self._stand_in(match[0]) if _by_chance(match[0]) else match[0], text)
        text = _NUMBER.sub(lambda match: match[1] + self._number(match[2] + match[3]), text)
        text = _SPELLED.sub(self._spelled, text)
        return _OTHER.sub(lambda match: match[0][:3] + "0" * (len(match[0]) - 3), text)

    def body(self, body: bytes | str | None, content_type: str = "", *, answer: bool = True) -> bytes | None:
        """A body: JSON, a form, or any other; members with a secret's name are replaced.

        Args:
            body: as it was sent.
            content_type: of it.
            answer: whether a provider wrote it; of a request, which an adapter wrote, every member is known.
        """
        if body is None:
            return None
        text = body if isinstance(body, str) else body.decode("utf-8", "replace")
        value = _document(text)
        if value is not None:
            kept = self._kept if answer else None
            return self.text(json.dumps(self._value(value, kept=kept), ensure_ascii=False)).encode()
        if "form-urlencoded" in content_type.lower() or _FORM.fullmatch(text):
            pairs = parse_qsl(text, keep_blank_values=True)
            return urlencode([(self.text(name), self.text(self._member(name, one))) for name, one in pairs]).encode()
        # Perhaps JSON that was cut off.
        named = _MEMBER.sub(lambda match: f'"{match[1]}"{match[2]}"{self._member(match[1], match[3])}"', text)
        return self.text(named).encode()

    def url(self, url: str) -> str:
        """A URL; parameters with a secret's name are replaced."""
        return self.text(self._query(url))

    def _query(self, url: str) -> str:
        return _QUERY.sub(
            lambda match: f"{match[1]}{match[2]}={self._parameter(unquote_plus(match[2]), match[3])}", url
        )

    def _parameter(self, name: str, value: str) -> str:
        """The value of a URL's parameter, which may be a document or a URL itself."""
        plain = unquote_plus(value)
        left = self._said(self._query(plain))
        return self._member(name, value if left == plain else quote_plus(left))

    def headers(self, headers: Mapping[str, Any]) -> dict[str, list[str]]:
        """The harmless headers, scrubbed."""
        kept: dict[str, list[str]] = {}
        for name, given in headers.items():
            if name.lower() in KEPT_HEADERS:
                values = [given] if isinstance(given, str) else list(given)
                kept[name.lower()] = [self.text(str(value)) for value in values]
        return kept

    def request(self, request: Any) -> Any:
        """For vcrpy's ``before_record_request``."""
        headers = self.headers(request.headers)
        request.uri = self.url(request.uri)
        request.body = self.body(request.body, "".join(headers.get("content-type", ())), answer=False)
        request.headers.clear()
        request.headers.update({name: values[0] for name, values in headers.items()})
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """For vcrpy's ``before_record_response``."""
        headers = self.headers(response["headers"])
        content_type = "".join(headers.get("content-type", ()))
        return {
            "status": response["status"],
            "headers": headers,
            "body": {"string": self.body(response["body"]["string"], content_type)},
        }

    def _value(self, value: Any, name: str = "", inside: bool = False, *, kept: frozenset[str] | None) -> Any:
        """*inside*: below a member with a secret's name."""
        inside = inside or (_is_secret(name) and not CURSORS.fullmatch(name))
        if isinstance(value, dict):
            names = [value[each] for each in _NAMES if isinstance(value.get(each), str) and "value" in value]
            return {
                key: self._value(item, names[0] if names and key == "value" else key, inside, kept=kept)
                for key, item in value.items()
            }
        if isinstance(value, list):
            if not inside and len(value) == 2 and isinstance(value[0], str) and _is_secret(value[0]):
                return [value[0], self._value(value[1], value[0], inside, kept=kept)]
            return [self._value(item, name, inside, kept=kept) for item in value]
        unknown = kept is not None and name not in kept
        if isinstance(value, str):
            if inside and value:
                return SCRUBBED
            value = self.without_secrets(value)
            if (document := _document(value)) is not None:
                return json.dumps(self._value(document, name, kept=kept), ensure_ascii=False)
            member = self._member(name, value)
            return _shape(member) if unknown and member is value else member
        if (inside or unknown) and isinstance(value, int | float) and abs(value) > 999:
            return 0
        return value

    def _member(self, name: str, value: str) -> str:
        if HOOKS.search(name) and "://" in value and not _FICTIONAL_URL.fullmatch(value):
            return f"https://example.com/{self._stand_in(value)}"
        if not value or not _is_secret(name):
            return self._query(value) if "://" in value else value
        return self._stand_in(value) if CURSORS.fullmatch(name) else SCRUBBED

    def _said(self, text: str) -> str:
        """Running text in which something is said of names: ``name=value``, ``name: value``, ``"name": "value"``."""
        return _SAID.sub(lambda match: f"{match[1]}{match[2]}{match[3] or ''}{self._told(match[1], match[4])}", text)

    def _told(self, name: str, value: str) -> str:
        """*value*, as it stands beside *name* in running text."""
        if CURSORS.fullmatch(name) or _PLAIN.fullmatch(value):
            return value
        return SCRUBBED if _is_secret(name) else self._said(value)

    def _stand_in(self, text: str) -> str:
        if re.fullmatch(rf"{SCRUBBED}[0-9]*", text):
            return text
        return self._stand_ins.setdefault(text, f"{SCRUBBED}{len(self._stand_ins) + 1}")

    def _spelled(self, match: re.Match[str]) -> str:
        number = self._number(match[1] + match[3] + match[5])
        return f"{number[:3]}{match[2]}{number[3:6]}{match[4]}{number[6:]}"

    def _number(self, number: str) -> str:
        if number[3:8] == "55501":
            self._taken.add(number)
            return number
        if number not in self._numbers:
            npa = number[:3]
            free = next((each for line in range(100) if (each := f"{npa}55501{line:02}") not in self._taken), None)
            if free is None:
                raise AnyCarrierError(f"more than a hundred numbers of area code {npa}: search for fewer")
            self._taken.add(free)
            self._numbers[number] = free
        return self._numbers[number]


def known_members(provider: type[Any]) -> frozenset[str]:
    """Names of all members that the records of a provider's adapter have, those that it builds upon included.

    They are looked for in the packages of *provider* and its bases, and in their modules ``schemas``.
    """
    import msgspec
    from pydantic import BaseModel

    names: set[str] = set()
    packages = dict.fromkeys(each.__module__.removesuffix(".provider") for each in provider.__mro__)
    for module in (module for package in packages for module in (package, f"{package}.schemas")):
        try:
            members = vars(import_module(module))
        except ModuleNotFoundError:
            continue
        for kind in members.values():
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                names.update(one.encode_name for one in msgspec.structs.fields(kind))
            elif isinstance(kind, type) and issubclass(kind, BaseModel):
                names.update(_names(kind))
    return frozenset(names)


def _names(model: Any) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for alias in (field.alias, field.validation_alias):
            choices = getattr(alias, "choices", [alias])
            yield from (
                part for choice in choices for part in getattr(choice, "path", [choice]) if isinstance(part, str)
            )


def _is_secret(name: str) -> bool:
    return bool(SECRET_FIELDS.search(name.replace("-", "_")))


def _document(text: str) -> Any:
    """The JSON object or list that *text* is; ``None`` where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, (dict, list)) else None


def _shape(text: str) -> str:
    return "".join("0" if one.isnumeric() else "x" if one.isalpha() else one for one in text)


def _zeros(text: str) -> str:
    """A number with its first digit, so that it stays one in JSON, and zeros."""
    return text[0] + "".join("0" if one.isdigit() else one for one in text[1:])


def _is_card(text: str) -> bool:
    """Return whether the last digit checks the others, as those of cards do (Luhn)."""
    digits = [int(one) for one in text if one.isdigit()][::-1]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * each, 10)) for each in digits[1::2]) % 10


def _forms(text: str) -> Iterator[str]:
    """The ways in which a text may be written: plainly, in a URL, in JSON (each within the other too), in HTML, as
    hexadecimal digits, and in base64, beside whatever."""
    once = {text, *_quoted(text)}
    yield from once
    for form in once:
        yield from _quoted(form)
    data = text.encode()
    yield data.hex()
    yield from in_base64(text)


@lru_cache(maxsize=8)
def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Any of *forms*, wherever it stands."""
    either = (
        "".join(r"\\+" if part[:1] == "\\" else re.escape(part) for part in re.split(r"(\\+)", form)) for form in forms
    )
    return re.compile("|".join(either) or "(?!)", re.IGNORECASE)


def _quoted(text: str) -> Iterator[str]:
    yield from (quote(text, safe=""), quote(text), quote_plus(text))
    for ascii_only in (True, False):
        plain = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (plain, plain.replace("/", "\\/"))
    yield from (html.escape(text), html.escape(text, quote=False), ascii(text)[1:-1])


def _by_chance(word: str) -> bool:
    """Return whether a long word has letters and digits, and more surprise in it than names have."""
    if not (any(map(str.isdigit, word)) and any(map(str.isalpha, word))):
        return False
    return -sum(count / len(word) * math.log2(count / len(word)) for count in Counter(word).values()) > 3.3
