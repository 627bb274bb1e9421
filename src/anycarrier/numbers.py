"""Phone numbers as one value type.

:class:`PhoneNumber` is the only form in which the rest of the library holds a number, and parsing is the only way to
get one: a ``PhoneNumber`` was valid when it was made.

``phonenumbers``, the Python edition of libphonenumber, decides whether a number is valid. It is slow to import and to
call, and nearly every number here is North American, so those are decided from a table made of its metadata
(``anycarrier._nanp``); phonenumbers is imported for the first number that the table does not settle. The table agrees
with the release that its ``PHONENUMBERS_VERSION`` names.

Five things are refused on purpose that phonenumbers accepts:

* a doubled country code (``+1 1 201 555 0123``), where it silently drops one of the two;
* digits outside ASCII, which it converts. A number becomes part of URLs and database keys, and two texts that look
  different to every other program should not be the same number;
* letters, be it a number spelled as a word, words around the number, or a ``tel:`` URI;
* an extension (``201-555-0123 x4``), which it sets apart. No carrier sells a number with an extension;
* an international prefix after a plus sign (``+011 201 555 0123``), which it takes for one that was dialled: the rest
  would become a number of Egypt.

White space around a number, a line break included, is ignored; a line break inside one is refused. Within a number,
characters that only format text (zero width, right-to-left marks, soft hyphen, byte order mark) are dropped, and every
Unicode space or dash separates as the ASCII one does.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from anycarrier import _nanp
from anycarrier import _number_refusals as refusals
from anycarrier.errors import InvalidInput, InvalidNumber
from anycarrier.validation import shape

if TYPE_CHECKING:
    from typing import Self

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

# The default region, for a comparison by identity.
_US = "US"

# How a number may be written and still be settled by the table.  phonenumbers drops each of these wherever it
# stands; what else it drops or understands is left to it.
_SEPARATORS = b" ()-."


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

    ``PhoneNumber(text)`` parses, and there is no other way to make one. All the usual ways of writing a number are read
    (``+12015550123``, ``(201) 555-0123``, ``201.555.0123``, ``1-201-555-0123``, ``+44 20 7946 0018``). A number without
    a country code is read as one dialled in ``region``, an ISO 3166 alpha-2 code in capitals; with ``region=None`` the
    number must be in the international form. A ``PhoneNumber`` is returned unchanged.

    It is a ``str``, so that it goes wherever its E.164 text would: ``json.dumps`` writes it, SQL drivers bind it, it is
    equal to its text and finds the same entry of a dict, and it sorts with plain texts. What the methods of ``str``
    return is plain text again. Also a field type for pydantic models. A serialiser that takes no kinds of ``str``, as
    msgspec and PyYAML do not, takes ``number.e164``, or a hook for them: ``msgspec.json.encode(value, enc_hook=str)``
    and ``yaml.SafeDumper.add_multi_representer(str, lambda dumper, text: dumper.represent_str(str(text)))``.

    :raises InvalidNumber: the text is not a valid number; see the module's description for what is refused beyond
        phonenumbers.
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
        """Return whether this is a number of the North American plan, which 25 countries and territories share."""
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
        if self.is_nanp:
            return self[2:]
        from anycarrier._libphonenumber import national_digits

        return national_digits(str.__str__(self))

    @property
    def ten_digit(self) -> str:
        """The number in ten digits (``2015550123``), as North American carriers write it.

        :raises InvalidNumber: not a number of the North American plan (``not_nanp``); or one whose exchange begins with
            0 or 1, or is N11 (like 911) in a geographic area code (``invalid_nxx``). Both pass phonenumbers in some
            area codes, but in the plan an exchange is NXX (200 to 999), and N11 is reserved for services wherever
            numbers are dialled without an area code. Toll-free and other non-geographic codes are always dialled whole,
            so they may have N11 exchanges.
        """
        if len(self) == 12 and self[5] > "1" and self[6:8] != "11" and self[:2] == "+1":
            return self[2:]
        geographic = self.is_nanp and self.type in _LINE_TYPES
        if not self.is_nanp or self[5] < "2" or (self[6:8] == "11" and geographic):
            raise refusals.without_ten_digits(self.masked, self[5:8] if self.is_nanp else None)
        return self[2:]

    @property
    def country(self) -> str | None:
        """The country or territory as an ISO 3166 alpha-2 code; None for a number that belongs to none.

        The region that phonenumbers tells, except that these have none: toll-free numbers, whatever their country code;
        North American numbers that several members of the plan hold in common (area code 900 and the personal 5XX
        codes), of which phonenumbers names the first, the US; and international services such as +800.
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
        """The number for logs, ``+1201*****23``: country code, area code in North America, and the last two digits."""
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
        from anycarrier._libphonenumber import facts as facts_of

        return facts_of(str.__str__(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        # Strict: pydantic would otherwise take bytes for text.
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(strict=True))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, object]:
        return {"type": "string", "format": "phone"}


def to_ten_digit(number: str | PhoneNumber, *, region: str | None = "US") -> str:
    """The ten digits of a North American number, however it is written: ``2015550123``.

    The same as ``PhoneNumber(number, region=region).ten_digit``.

    :raises InvalidNumber: not a valid number, or not one with a ten-digit form; see :attr:`PhoneNumber.ten_digit`.
    """
    return PhoneNumber(number, region=region).ten_digit


def from_ten_digit(text: str) -> PhoneNumber:
    """The number that a North American carrier writes as exactly ten ASCII digits.

    Nothing else is accepted, neither punctuation nor white space around it: this reads what a machine wrote.
    Undoes :func:`to_ten_digit`.

    :raises InvalidNumber: not ten digits, or not a number with a ten-digit form; see :attr:`PhoneNumber.ten_digit`.
    """
    if type(text) is not str:
        text = _plain_text(text)
    # What nearly all are, in one look. In FULL every exchange from 200 on exists; N11 needs the closer look.
    plain = text[:3] in _FULL and text[3:4] > "1" and text[4:6] != "11"
    if plain and len(text) == 10 and text.isdecimal() and text.isascii():
        return _new(PhoneNumber, "+1" + text)
    if not (len(text) == 10 and text.isascii() and text.isdecimal()):
        raise refusals.not_ten_digits(text)
    if text[0] in "01":
        # With +1 put before it, the second 1 would look like a doubled country code.
        raise refusals.no_such_area_code(text)
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
        raise refusals.not_text(text)
    return str.__str__(text)


def _is_nanp_region(region: object) -> bool:
    if region is None:
        return False
    if not isinstance(region, str):
        raise InvalidInput(f"region must be two capitals (ISO 3166), such as 'US', or None, not {shape(region)}")
    return str.__str__(region) in _REGIONS


def _national(text: str, region: str | None) -> str:
    """The ten digits of a text which can be nothing but a North American number; else ``""``.

    Only takes the text apart: what is returned may have other characters than digits.
    """
    nanp = region is _US or _is_nanp_region(region)
    if len(text) > refusals.MAX_LENGTH or not text.isascii():
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
    """The E.164 form of a text that is no number of a plain area code; *national* is from :func:`_national`."""
    from anycarrier._libphonenumber import e164, is_newer_than_table  # phonenumbers itself is not loaded yet

    if national.isdecimal() and national.isascii() and national[0] > "1":
        facts = _exchanges(national[:3]).get(national[3:6])
        if facts is None and not is_newer_than_table():
            raise refusals.no_such_exchange(national)
        if facts is not None and facts[1] != "ask":
            return "+1" + national
    return e164(text, region, lambda text, region: str.__str__(PhoneNumber(text, region=region)))
