"""Phone numbers as one value type.

:class:`PhoneNumber` is the only form in which the rest of the library holds a number, and parsing is the only
way to get one: a ``PhoneNumber`` was valid when it was made.

``phonenumbers``, the Python edition of libphonenumber, decides whether a number is valid.  It is slow to import and to
call, and nearly every number here is North American, so those are decided from a table made of its metadata
(``anycarrier._nanp``); phonenumbers is imported for the first number that the table does not settle.  The table
agrees with the release that its ``PHONENUMBERS_VERSION`` names.

Five things are refused on purpose that phonenumbers accepts:

* a doubled country code (``+1 1 201 555 0123``), where it silently drops one of the two;
* digits outside ASCII, which it converts.  A number becomes part of URLs and database keys, and two texts
  that look different to every other program should not be the same number;
* letters, be it a number spelled as a word, words around the number, or a ``tel:`` URI;
* an extension (``201-555-0123 x4``), which it sets apart.  No carrier sells a number with an extension;
* an international prefix after a plus sign (``+011 201 555 0123``), which it takes for one that was dialled: the
  rest would become a number of Egypt.

White space around a number, a line break included, is ignored; a line break inside one is refused.  Within a
number, characters that only format text (zero width, right-to-left marks, soft hyphen, byte order mark) are
dropped, and every Unicode space or dash separates as the ASCII one does.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from anycarrier import _nanp
from anycarrier.errors import InvalidInput
from anycarrier.validation import shape

if TYPE_CHECKING:
    from typing import Self

    import phonenumbers
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

__all__ = [
    "NANP_COUNTRIES",
    "InvalidNumber",
    "NumberType",
    "PhoneNumber",
    "country_of",
    "from_ten_digit",
    "is_another",
    "stated",
    "to_ten_digit",
]

_new = str.__new__
_FULL = _nanp.FULL
_WHOLE = _nanp.WHOLE
_REGIONS = _nanp.REGIONS
NANP_COUNTRIES: frozenset[str] = _nanp.REGIONS
"""ISO 3166 alpha-2 codes of the members of the North American plan."""

# phonenumbers refuses longer texts: so must the table, and what is done before asking it stays cheap.
_MAX_LENGTH = 250

# The default region, for a comparison by identity.
_US = "US"

# What phonenumbers takes for separators and is neither a space nor a dash, and the plus sign that it reads.
_IN_ASCII = str.maketrans(
    {
        "\N{MINUS SIGN}": "-", "\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}": "-", "\N{FULLWIDTH PLUS SIGN}": "+",
        "\N{FULLWIDTH FULL STOP}": ".", "\N{FULLWIDTH SOLIDUS}": "/", "\N{FULLWIDTH LEFT PARENTHESIS}": "(",
        "\N{FULLWIDTH RIGHT PARENTHESIS}": ")", "\N{FULLWIDTH LEFT SQUARE BRACKET}": "[",
        "\N{FULLWIDTH RIGHT SQUARE BRACKET}": "]", "\N{SWUNG DASH}": "-", "\N{TILDE OPERATOR}": "-",
    }
)  # fmt: skip

# How a number may be written and still be settled by the table.  phonenumbers drops each of these wherever it
# stands; what else it drops or understands is left to it.
_SEPARATORS = b" ()-."


class InvalidNumber(InvalidInput):
    """The text is not a number that can be used here.

    The message says what is wrong and what would be right.  It shows the text's shape, with ``#`` for every
    digit and ``a`` for every letter, and never the text: a mistyped number may still belong to a person.

    ``reason`` is a short word for programs:

    ==========================  ==================================================================
    ``not_text``                not a ``str``: an ``int`` has lost the sign and any leading zeros
    ``not_a_number``            nothing in it that could be read as a number
    ``letters``                 has letters
    ``non_ascii``               has digits outside ASCII
    ``extension``               has an extension
    ``too_short``               too few digits
    ``too_long``                too many digits, or too long a text
    ``no_region``               no country code, and no (known) region to take one from
    ``invalid_country_code``    begins with a country code that does not exist
    ``invalid_prefix``          begins as a call abroad does in other regions, such as ``00`` in the US
    ``doubled_country_code``    has the country code 1 twice
    ``invalid_npa``             North American, and the area code does not exist
    ``invalid_nxx``             North American, and the area code has no such exchange
    ``not_valid``               of another country, which has no such numbers
    ``not_nanp``                valid, but not a North American number of ten digits
    ==========================  ==================================================================
    """

    reason: str = ""

    def __init__(self, message: str, *, reason: str = "not_a_number") -> None:
        super().__init__(message, reason=reason)


class NumberType(StrEnum):
    """Use of a number, in the terms of phonenumbers.

    The digits of a North American number do not show whether it is mobile (except in parts of the Caribbean): such
    numbers are ``FIXED_LINE_OR_MOBILE``.
    """

    FIXED_LINE = "fixed_line"
    MOBILE = "mobile"
    FIXED_LINE_OR_MOBILE = "fixed_line_or_mobile"
    TOLL_FREE = "toll_free"
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    VOIP = "voip"
    PERSONAL = "personal"
    PAGER = "pager"
    UAN = "uan"
    VOICEMAIL = "voicemail"
    UNKNOWN = "unknown"


_LINE_TYPES = frozenset({NumberType.FIXED_LINE, NumberType.MOBILE, NumberType.FIXED_LINE_OR_MOBILE})


class PhoneNumber(str):
    """A valid phone number; its text is the E.164 form, such as ``+12015550123``.

    ``PhoneNumber(text)`` parses, and there is no other way to make one.  All the usual ways of writing a
    number are read (``+12015550123``, ``(201) 555-0123``, ``201.555.0123``, ``1-201-555-0123``,
    ``+44 20 7946 0018``).  A number without a country code is read as one dialled in ``region``, an ISO 3166
    alpha-2 code in capitals; with ``region=None`` the number must be in the international form.  A
    ``PhoneNumber`` is returned unchanged.

    It is a ``str``, so that it goes wherever its E.164 text would: ``json.dumps`` writes it, SQL drivers bind
    it, it is equal to its text and finds the same entry of a dict, and it sorts with plain texts.  What the
    methods of ``str`` return is plain text again.  Also a field type for pydantic models.  A serialiser that takes
    no kinds of ``str``, as msgspec and PyYAML do not, takes ``number.e164``, or a hook for them:
    ``msgspec.json.encode(value, enc_hook=str)`` and
    ``yaml.SafeDumper.add_multi_representer(str, lambda dumper, text: dumper.represent_str(str(text)))``.

    :raises InvalidNumber: the text is not a valid number; see the module's description for what is refused
        beyond phonenumbers.
    :raises InvalidInput: the region is no text.
    """

    __slots__ = ()

    def __new__(cls, number: str, *, region: str | None = "US") -> Self:
        if type(number) is not str:
            if isinstance(number, cls):
                return number
            number = _plain_text(number)
        # Every statement up to the return counts: this is to cost a twentieth of asking phonenumbers.
        size = len(number)
        if size == 12 and number[:2] == "+1":
            if number[2:5] in _FULL and number[5] > "1" and number[1:].isdecimal() and number.isascii():
                return _new(cls, number)
            national = number[2:]
        elif size == 10 and (region is _US or _is_nanp_region(region)):
            national = number
        else:
            national = _national(number, region)
        # str.isdecimal alone would let other scripts' digits through.
        if national[:3] in _FULL and national[3] > "1" and national.isdecimal() and national.isascii():
            return _new(cls, "+1" + national)
        if national[3:6] in _settled.get(national[:3], ()) and national.isdecimal() and national.isascii():
            return _new(cls, "+1" + national)
        return _new(cls, _parse(number, national, region))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str.__repr__(self)})"

    # Unpickling parses: a pickle may be old or tampered with, and the default would write the text unseen for
    # the oldest protocols.
    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.__class__, str.__str__(self))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    @property
    def e164(self) -> str:
        """The number in E.164 form, as a plain ``str``."""
        return str.__str__(self)

    @property
    def is_nanp(self) -> bool:
        """Return whether this is a number of the North American Numbering Plan: country code 1 and ten digits.

        The plan is shared by 25 countries and territories.
        """
        return len(self) == 12 and self.startswith("+1")

    @property
    def npa(self) -> str | None:
        """The area code (``201`` of ``+12015550123``); None outside the North American plan."""
        return self[2:5] if self.is_nanp else None

    @property
    def nxx(self) -> str | None:
        """The central office code or exchange (``555`` of ``+12015550123``); None outside the plan."""
        return self[5:8] if self.is_nanp else None

    @property
    def national(self) -> str:
        """The digits after the country code; of a North American number all ten."""
        return self[2:] if self.is_nanp else _ask_national(str.__str__(self))

    @property
    def ten_digit(self) -> str:
        """The number in ten digits (``2015550123``), as North American carriers write it.

        :raises InvalidNumber: not a number of the North American plan (``not_nanp``); or one whose exchange
            begins with 0 or 1, or is N11 (like 911) in a geographic area code (``invalid_nxx``).  Both pass
            phonenumbers in some area codes, but in the plan an exchange is NXX (200 to 999), and N11 is
            reserved for services wherever numbers are dialled without an area code.  Toll-free and other
            non-geographic codes are always dialled whole, so they may have N11 exchanges.
        """
        if len(self) == 12 and self[5] > "1" and self[6:8] != "11" and self[:2] == "+1":
            return self[2:]
        if not self.is_nanp:
            raise InvalidNumber(
                f"{self.masked} has no ten-digit form: it is not a number of the North American plan "
                "(+1 and ten digits); use its E.164 form",
                reason="not_nanp",
            )
        if self[5] < "2":
            raise InvalidNumber(
                f"the exchange (digits four to six) of {self.masked} begins with {self[5]}; "
                "one that can be called from everywhere begins with 2 to 9",
                reason="invalid_nxx",
            )
        if self[6:8] == "11" and self.type in _LINE_TYPES:
            raise InvalidNumber(
                f"the exchange (digits four to six) of {self.masked} is {self[5:8]}, which is a service code "
                "and not an exchange in a geographic area code",
                reason="invalid_nxx",
            )
        return self[2:]

    @property
    def country(self) -> str | None:
        """The country or territory as an ISO 3166 alpha-2 code; None for a number that belongs to none.

        The region that phonenumbers tells, except that these have none: toll-free numbers, whatever their
        country code; North American numbers that several members of the plan hold in common (area code 900
        and the personal 5XX codes), of which phonenumbers names the first, the US; and international
        services such as +800.
        """
        return self._facts()[0]

    @property
    def type(self) -> NumberType:
        """Use of the number, as phonenumbers reads it from the digits."""
        return NumberType(self._facts()[1])

    @property
    def is_toll_free(self) -> bool:
        """Return whether the called party pays."""
        return self._facts()[1] == "toll_free"

    @property
    def masked(self) -> str:
        """The number for logs: ``+1201*****23``.

        Keeps the country code, the area code of a North American number, and the last two digits.
        """
        if self.is_nanp:
            shown = 5
        elif self[1] in "17":
            shown = 2
        elif self[1:3] in _nanp.TWO_DIGIT_COUNTRY_CODES:
            shown = 3
        else:
            shown = 4
        return f"{self[:shown]}{'*' * (len(self) - shown - 2)}{self[-2:]}"

    def _facts(self) -> tuple[str | None, str]:
        """Country and type."""
        if len(self) == 12 and self[:2] == "+1":
            facts = _WHOLE.get(self[2:5])
            if facts is not None:
                return facts
            facts = _exchanges(self[2:5]).get(self[5:8])
            if facts is not None and facts[1] != "ask":
                return facts
        return _ask_facts(str.__str__(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        # Strict: pydantic would otherwise take bytes for text.
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(strict=True))

    @classmethod
    def __get_pydantic_json_schema__(
        cls,
        schema: CoreSchema,
        handler: GetJsonSchemaHandler,
    ) -> dict[str, object]:
        return {"type": "string", "format": "phone"}


def to_ten_digit(number: str | PhoneNumber, *, region: str | None = "US") -> str:
    """The ten digits of a North American number, however it is written: ``2015550123``.

    The same as ``PhoneNumber(number, region=region).ten_digit``.

    :raises InvalidNumber: not a valid number, or not one with a ten-digit form; see
        :attr:`PhoneNumber.ten_digit`.
    """
    return PhoneNumber(number, region=region).ten_digit


def from_ten_digit(text: str) -> PhoneNumber:
    """The number that a North American carrier writes as exactly ten ASCII digits.

    Nothing else is accepted, neither punctuation nor white space around it: this reads what a machine wrote.
    Undoes :func:`to_ten_digit`.

    :raises InvalidNumber: not ten digits, or not a number with a ten-digit form; see
        :attr:`PhoneNumber.ten_digit`.
    """
    if type(text) is not str:
        text = _plain_text(text)
    # What nearly all are, in one look. In FULL every exchange from 200 on exists; N11 needs the closer look.
    plain = text[:3] in _FULL and text[3:4] > "1" and text[4:6] != "11"
    if plain and len(text) == 10 and text.isdecimal() and text.isascii():
        return _new(PhoneNumber, "+1" + text)
    if not (len(text) == 10 and text.isascii() and text.isdecimal()):
        if any(not char.isascii() and char.isnumeric() for char in text):
            problem, reason = "has digits outside ASCII", "non_ascii"
        elif any(char.isalpha() for char in text):
            problem, reason = "has letters", "letters"
        elif not text.isdecimal():
            odd = (char for char in text if not char.isdecimal())
            problem, reason = f"has other characters than digits{_named(*odd)}", "not_a_number"
        else:
            problem, reason = f"has {len(text)} digits", "too_short" if len(text) < 10 else "too_long"
        raise InvalidNumber(
            f"{shape(text)} {problem}; exactly ten digits are expected here, such as 2015550123",
            reason=reason,
        )
    if text[0] in "01":
        # With +1 put before it, the second 1 would look like a doubled country code.
        raise _bad_area_code(text)
    number = PhoneNumber("+1" + text)
    number.ten_digit  # noqa: B018 - refuses what could not be written this way again
    return number


def stated(text: str) -> PhoneNumber:
    """The number that a provider states, in E.164 form or as ten North American digits.

    Carriers sell numbers of new area codes before any table knows them, and own numbers whatever a table says. So a
    North American number that is well formed (its area code and its exchange begin with 2 to 9, and the area code is no
    service code such as 911) is one here, though :class:`PhoneNumber` would refuse it as a typing error.

    :raises InvalidNumber: neither; nor a valid number of another country.
    """
    if type(text) is not str:
        text = _plain_text(text)
    if len(text) == 10 and text.isascii() and text.isdecimal() and text[0] > "1":
        text = "+1" + text
    elif text[:1] != "+":
        raise InvalidNumber(f"{shape(text)} is neither E.164 nor ten digits; such as +12015550123 is expected here")
    return _again(PhoneNumber, text)


def _again(cls: type[PhoneNumber], text: str) -> PhoneNumber:
    """The number whose E.164 form *text* is, also one whose area code is not known here."""
    try:
        return cls(text, region=None)
    except InvalidNumber:
        ten = text[2:] if text[:2] == "+1" and text.isascii() else ""
        if len(ten) == 10 and ten.isdecimal() and ten[0] > "1" < ten[3] and ten[1:3] != "11":
            return _new(cls, text)
        raise


def country_of(area_code: str) -> str | None:
    """The country or territory that a North American area code belongs to; ``None`` where it is not known or several
    share it, as toll-free ones."""
    if area_code in _WHOLE:
        return _WHOLE[area_code][0]
    countries = {country for country, _ in _exchanges(area_code).values() if country is not None}
    return countries.pop() if len(countries) == 1 else None


def is_another(text: object, number: PhoneNumber) -> bool:
    """Return whether *text*, as a provider wrote it, is certainly another number than *number*, by its digits alone."""
    if not isinstance(text, str):
        return False
    digits = "".join(char for char in text if char in "0123456789")
    if not 10 <= len(digits) <= 15 or any(char.isalnum() or char == "*" for char in text if char not in digits):
        return False
    return str.__str__(number)[1:] not in (digits, "1" + digits)


def _plain_text(text: object) -> str:
    if not isinstance(text, str):
        raise InvalidNumber(
            f"a phone number must be text, such as '+12015550123', not {shape(text)}", reason="not_text"
        )
    return str.__str__(text)


def _is_nanp_region(region: object) -> bool:
    if region is None:
        return False
    if not isinstance(region, str):
        raise InvalidInput(
            f"region must be two capitals (ISO 3166 alpha-2), such as 'US', or None, not {shape(region)}"
        )
    return str.__str__(region) in _REGIONS


def _national(text: str, region: str | None) -> str:
    """The ten digits of a text which can be nothing but a North American number; else ``""``.

    Only takes the text apart: what is returned may have other characters than digits.
    """
    nanp = region is _US or _is_nanp_region(region)
    if len(text) > _MAX_LENGTH or not text.isascii():
        return ""
    bare = text.encode().strip().translate(None, _SEPARATORS).decode()
    size = len(bare)
    if size == 12 and bare[:2] == "+1":
        return bare[2:]
    # Without "+", a first 0 may begin the prefix for international calls, and a first 1 is the country code.
    if size == 10 and nanp:
        return bare
    if size == 11 and bare[0] == "1" and nanp:
        return bare[1:]
    return ""


# Both are filled when the first number of an area code comes by.
_expanded: dict[str, dict[str, tuple[str | None, str]]] = {}
_settled: dict[str, frozenset[str]] = {}


def _exchanges(npa: str) -> dict[str, tuple[str | None, str]]:
    """The exchanges of an area code that does not have all of them."""
    exchanges = _expanded.get(npa)
    if exchanges is None:
        exchanges = {}
        for country, kind, ranges in _nanp.PARTIAL.get(npa, ()):
            for pair in ranges.split():
                for code in range(int(pair[:3]), int(pair[-3:]) + 1):
                    exchanges[f"{code:03}"] = (country, kind)
        if exchanges:  # else every wrong area code ever seen would stay here
            _expanded[npa] = exchanges
            _settled[npa] = frozenset(nxx for nxx, facts in exchanges.items() if facts[1] != "ask")
    return exchanges


def _parse(text: str, national: str, region: str | None) -> str:
    """The E.164 form of what is not a number in one of the plain area codes.

    ``national`` is what :func:`_national` made of the text.
    """
    if national.isdecimal() and national.isascii() and national[0] > "1":
        facts = _exchanges(national[:3]).get(national[3:6])
        if facts is None and not _library_is_newer():
            raise _bad_nanp(national)
        if facts is not None and facts[1] != "ask":
            return "+1" + national
    return _ask(text, region)


@cache
def _library_is_newer() -> bool:
    """Return whether the installed phonenumbers may know area codes that the table does not."""
    from importlib.metadata import version  # phonenumbers itself takes long to load

    installed, known = (
        tuple(int(part) for part in text.split(".") if part.isdecimal())
        for text in (version("phonenumbers"), _nanp.PHONENUMBERS_VERSION)
    )
    return installed > known


def _ask(text: str, region: str | None) -> str:
    """The E.164 form according to phonenumbers."""
    if len(text) > _MAX_LENGTH:
        raise InvalidNumber(
            f"a text of {len(text)} characters is not a phone number, which has at most 15 digits",
            reason="too_long",
        )
    if not text.isascii():
        digit = next((char for char in text if not char.isascii() and char.isnumeric()), None)
        if digit is not None:
            raise InvalidNumber(
                f"{shape(text)} has digits outside ASCII{_named(digit)}; write the digits 0 to 9",
                reason="non_ascii",
            )
        plain = _with_ascii_separators(text)
        if plain.isascii():
            return str.__str__(PhoneNumber(plain, region=region))
        text = plain
    import phonenumbers

    letters = any(char.isalpha() for char in text)
    try:
        # A plus sign stands for the international prefix. Given a region, phonenumbers looks for one after it too.
        parsed = phonenumbers.parse(text, None if _has_plus(text) else region)
    except phonenumbers.NumberParseException as error:
        if letters:
            raise _has_letters(text) from None
        raise _of_abroad(text, region) or _unreadable(text, region, error.error_type) from None
    if parsed.extension:
        raise InvalidNumber(
            f"{shape(text)} has an extension; give the number alone, without what to dial afterwards",
            reason="extension",
        )
    if letters:
        raise _has_letters(text)
    if parsed.country_code == 1 and _is_doubled(text, region):
        raise InvalidNumber(
            f"{shape(text)} has the country code 1 twice; write it once, such as +12015550123",
            reason="doubled_country_code",
        )
    if not phonenumbers.is_valid_number(parsed):
        raise _of_abroad(text, region) or _bad_number(text, parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _with_ascii_separators(text: str) -> str:
    """The text without characters that only format it, and with each space, dash and full-width mark in ASCII."""
    from unicodedata import category

    kinds = {"Zs": " ", "Pd": "-", "Cf": ""}
    text = "".join(kinds.get(category(char), char) for char in text if char.isascii() or category(char) != "Cf")
    return text.strip().translate(_IN_ASCII)


def _named(*chars: str) -> str:
    """The first of *chars* that people may not see or not tell apart, in brackets; ``""`` where there is none."""
    odd = next((char for char in chars if not (char.isascii() and char.isprintable())), None)
    if odd is None:
        return ""
    from unicodedata import name

    return f" (U+{ord(odd):04X}{' ' if name(odd, '') else ''}{name(odd, '')})"


def _has_plus(text: str) -> bool:
    """Return whether the first thing in the text that counts is a plus sign."""
    return next((char == "+" for char in text if char == "+" or char.isdecimal()), False)


def _is_doubled(text: str, region: str | None) -> bool:
    """Return whether a text read as country code 1 writes that code twice: no area code begins with 1."""
    from phonenumbers.phonemetadata import PhoneMetadata

    digits = "".join(char for char in text if char.isdecimal())
    if not _has_plus(text):
        metadata = None if region is None else PhoneMetadata.metadata_for_region(region)
        if metadata is not None and metadata.international_prefix:
            import re

            # The prefix may itself end in 1 (as 011 does), so it must go before the ones are counted.
            prefix = re.match(metadata.international_prefix, digits)
            if prefix is not None:
                digits = digits[prefix.end() :]
    return len(digits) == 12 and digits.startswith("11")


def _ask_facts(e164: str) -> tuple[str | None, str]:
    """Country and type according to phonenumbers."""
    import phonenumbers

    parsed = phonenumbers.parse(e164, None)
    kind = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(parsed)).lower()
    if kind == "personal_number":
        kind = NumberType.PERSONAL.value
    country = phonenumbers.region_code_for_number(parsed)
    if kind == NumberType.TOLL_FREE or country == "001":
        return None, kind
    if parsed.country_code == 1:
        holders = [name for name in _REGIONS if phonenumbers.is_valid_number_for_region(parsed, name)]
        if len(holders) != 1:
            return None, kind
    return country, kind


def _has_letters(text: str) -> InvalidNumber:
    return InvalidNumber(
        f"{shape(text)} has letters{_named(*filter(str.isalpha, text))}; write digits only, without words or a tel: "
        "prefix, and convert a number spelled as a word to digits first",
        reason="letters",
    )


def _of_abroad(text: str, region: str | None) -> InvalidNumber | None:
    """That a text begins with the international prefix of another country, if nothing but that is wrong with it."""
    digits = "".join(char for char in text if char.isdecimal())
    prefix = next((prefix for prefix in ("011", "00") if digits.startswith(prefix)), None)
    if prefix is None or _has_plus(text):
        return None
    try:
        PhoneNumber("+" + digits.removeprefix(prefix))
    except InvalidNumber:
        return None
    if region is None:
        problem, reason = f"begins with {prefix}, and without a region that means nothing", "no_region"
    else:
        problem = f"begins with {prefix}, and calls abroad do not begin so in the region {str(region)[:10]!r}"
        reason = "invalid_prefix"
    return InvalidNumber(f"{shape(text)} {problem}; write + in its place", reason=reason)


def _unreadable(text: str, region: str | None, error_type: int) -> InvalidNumber:
    """Why phonenumbers could not read a text at all."""
    from phonenumbers import SUPPORTED_REGIONS, NumberParseException

    shown = shape(text)
    if error_type == NumberParseException.INVALID_COUNTRY_CODE:
        if _has_plus(text):
            digits = "".join(char for char in text if char.isdecimal())
            if digits[0] == "0":
                problem = "has 0 after the plus sign, and no country code begins with 0; write it such as +12015550123"
            else:
                problem = "begins with a country code that does not exist"
            reason = "invalid_country_code"
        elif region is None:
            problem = "has no country code; write the international form, such as +12015550123"
            reason = "no_region"
        elif region not in SUPPORTED_REGIONS:
            problem = (
                f"has no country code, and the region {str(region)[:10]!r} is not known; "
                "write the international form, or give a region by its two capital letters, such as 'US'"
            )
            reason = "no_region"
        else:
            problem = "begins as an international call to a country code that does not exist"
            reason = "invalid_country_code"
    elif error_type in (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD):
        problem, reason = "has too few digits for a phone number", "too_short"
    elif error_type == NumberParseException.TOO_LONG:
        problem, reason = "has too many digits for a phone number", "too_long"
    else:
        problem = f"is not a phone number{_named(*text)}; write it such as +12015550123 or (201) 555-0123"
        reason = "not_a_number"
    return InvalidNumber(f"{shown} {problem}", reason=reason)


def _bad_number(text: str, parsed: phonenumbers.PhoneNumber) -> InvalidNumber:
    """Why phonenumbers does not think that a number it could read is valid."""
    import phonenumbers

    national = phonenumbers.national_significant_number(parsed)
    code = parsed.country_code
    if code == 1:
        if len(national) == 10:
            return _bad_nanp(national)
        problem = f"has {len(national)} digits after the country code 1; a North American number has ten"
        return InvalidNumber(
            f"{shape(text)} {problem}",
            reason="too_short" if len(national) < 10 else "too_long",
        )
    verdict = phonenumbers.is_possible_number_with_reason(parsed)
    if verdict in (
        phonenumbers.ValidationResult.TOO_SHORT,
        phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
    ):
        problem, reason = f"has too few digits for the country code {code}", "too_short"
    elif verdict == phonenumbers.ValidationResult.TOO_LONG:
        problem, reason = f"has too many digits for the country code {code}", "too_long"
    else:
        problem, reason = f"is in no range of numbers that the country code {code} has", "not_valid"
    return InvalidNumber(f"{shape(text)} {problem}", reason=reason)


def _bad_nanp(national: str) -> InvalidNumber:
    """Why ten digits are no North American number."""
    npa = national[:3]
    if npa not in _WHOLE and npa not in _nanp.PARTIAL:
        return _bad_area_code(national)
    return InvalidNumber(
        f"the area code {npa} of {shape(national)} has no exchange (digits four to six) with these digits; "
        "an exchange begins with 2 to 9",
        reason="invalid_nxx",
    )


def _bad_area_code(national: str) -> InvalidNumber:
    npa = national[:3]
    if npa[0] in "01":
        problem = f"begins with {npa[0]}; an area code begins with 2 to 9"
    elif npa[1:] == "11":
        problem = f"is {npa}, which is a service code"
    else:
        problem = f"is {npa}, which is not in use"
    return InvalidNumber(f"the area code of {shape(national)} {problem}", reason="invalid_npa")


def _ask_national(e164: str) -> str:
    import phonenumbers

    return phonenumbers.national_significant_number(phonenumbers.parse(e164))
