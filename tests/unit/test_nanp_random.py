"""The generated table against phonenumbers itself, by random pairs and texts."""

from __future__ import annotations

import random
from unicodedata import category

import phonenumbers
import pytest

from anycarrier import _nanp
from support.nanp import LINES, THREE, ours


def theirs(text: str, region: str | None = "US") -> str | None:
    """The E.164 form according to phonenumbers alone."""
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def refused_on_purpose(text: str, region: str | None) -> bool:
    """The four differences that are meant: only these texts may be refused where phonenumbers accepts.

    1. digits outside ASCII, 2. letters, 3. an extension, 4. the country code 1 written twice.

    An extension after ``~-`` is one whichever dash is written; phonenumbers drops it where the dash is not ASCII's.
    """
    if any(char.isalpha() or (char.isnumeric() and not char.isascii()) for char in text):
        return True
    try:
        parsed = phonenumbers.parse(text, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return False
    if parsed.extension or ("~" in text and theirs(with_plain_dashes(text), region) is None):
        return True
    if parsed.country_code != 1:
        return False
    digits = "".join(char for char in text if char.isdecimal())
    if parsed.country_code_source == phonenumbers.CountryCodeSource.FROM_NUMBER_WITH_IDD:
        digits = digits.removeprefix("00" if region == "GB" else "011")
    return digits == f"11{phonenumbers.national_significant_number(parsed)}"


def with_plain_dashes(text: str) -> str:
    return "".join("-" if category(char) == "Pd" else char for char in text)


def without_marks(text: str) -> str:
    """The text as it looks: characters that only format it are dropped here, and refused by phonenumbers in places."""
    return "".join(char for char in text if category(char) != "Cf")


def compare_random(count: int, seed: int) -> None:
    source = random.Random(seed)
    accepted = meant = 0
    for _ in range(count):
        text, region = random_text(source)
        mine, read = ours(text, region), without_marks(text)
        reference = theirs(read, region)
        if mine != reference:
            assert mine is None, (text, region, mine, reference)
            assert refused_on_purpose(read, region), (text, region, reference)
            meant += 1
        else:
            assert mine is None or not refused_on_purpose(read, region), (text, region)
            accepted += mine is not None
    assert accepted > count // 5, "the generator makes too few valid numbers to prove anything"
    assert meant > count // 100


def random_text(source: random.Random) -> tuple[str, str | None]:
    """A number in one of many shapes, often wrong in one way or another."""
    pick = source.choice
    region = pick(("US", "US", "US", "US", "CA", "AG", "DO", "GB", None))
    npa = pick(THREE) if source.random() < 0.3 else pick(sorted_codes)
    nxx = pick(THREE) if source.random() < 0.7 else f"{source.randint(200, 999)}"
    line = f"{source.randrange(10_000):04}"
    digits = npa + nxx + line
    shape = source.randrange(16)
    if shape < 9:
        text = pick(
            (
                f"+1{digits}",
                digits,
                f"({npa}) {nxx}-{line}",
                f"{npa}-{nxx}-{line}",
                f"1-{npa}-{nxx}-{line}",
                f"1{digits}",
                f"+1 {npa} {nxx} {line}",
                f"+1 ({npa}) {nxx}-{line}",
                f"{npa}.{nxx}.{line}",
                f" {digits}\n",
                f"011 1 {digits}",
            )
        )
    elif shape == 9:
        text = pick(
            (f"+11{digits}", f"11{digits}", f"1 1 {digits}", f"+1 1 {digits}", f"01111{digits}", f"0011{digits}")
        )
    elif shape == 10:
        text = pick(
            (f"{digits} x12", f"{digits},12", f"{digits}#1", f"{digits};ext=1", f"{digits} ext. 3", f"{digits}~9")
        )
    elif shape == 11:
        zero = pick((0x0660, 0x06F0, 0x0966, 0xFF10))
        converted = "".join(chr(zero + int(char)) for char in digits)
        mixed = f"+1 {npa} {converted[3:]}"
        text = pick((converted, f"+1{converted}", f"{digits[:-1]}{converted[-1]}", mixed))
    elif shape == 12:
        text = pick((f"{npa}{nxx}ABCD", f"tel:+1{digits}", f"call {digits}", f"{digits} Ann"))
    elif shape == 13:
        # Any digits, any length, perhaps with a plus: other countries, and lengths that are wrong here.
        text = pick(("", "+", "+1", "1", "0", "00", "011")) + "".join(
            pick("0123456789") for _ in range(source.randint(0, 16))
        )
    elif shape == 14:
        text = "".join(pick("0123456789" * 3 + "+ ()-./x#,;*\t\n\u2013\u00a0\uff0b[]~") for _ in range(14))
    else:
        # A right number with one character too many somewhere.
        at = source.randint(0, len(digits))
        extra = pick(" ()-.+/#*,;x1\n\t\u2013\u00a0\u200b\u200e\u0663_:&")
        text = pick(("", "+1", "1", "+1 ")) + digits[:at] + extra + digits[at:]
    return text, region


sorted_codes = sorted({*_nanp.FULL, *_nanp.PARTIAL})


@pytest.mark.slow
@pytest.mark.usefixtures("without_coverage")
def test_random_pairs_against_phonenumbers_itself() -> None:
    source = random.Random(21)
    for _ in range(50_000):
        text = f"+1{source.randrange(10**10):010}"
        assert ours(text) == theirs(text), text


@pytest.mark.parametrize("dash", "-\u2010\u2013\u2014\uff0d")
def test_an_extension_is_refused_whichever_dash_it_follows(dash: str) -> None:
    text = f"-613271~{dash}4551/"  # phonenumbers reads one number of ten digits where the dash is not ASCII's
    assert ours(text, "AG") is None
    assert refused_on_purpose(text, "AG") or theirs(text, "AG") is None


@pytest.mark.slow
@pytest.mark.usefixtures("without_coverage")
def test_random_texts_against_phonenumbers_itself() -> None:
    compare_random(25_000, seed=22)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("line", LINES)
def test_every_pair_against_phonenumbers_itself(line: str) -> None:
    for npa in THREE:
        for nxx in THREE:
            text = f"+1{npa}{nxx}{line}"
            # "+1 1 1 ..." is an invalid area code here, never a doubled country code: too few digits follow.
            assert ours(text) == theirs(text), text


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_million_random_texts_against_phonenumbers_itself() -> None:
    compare_random(1_000_000, seed=23)
