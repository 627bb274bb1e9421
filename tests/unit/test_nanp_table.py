"""The generated table against phonenumbers: same tables, same verdicts, same facts."""

from __future__ import annotations

import importlib.util
import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any
from unicodedata import category

import phonenumbers
import pytest
from phonenumbers.phonemetadata import PhoneMetadata

from anycarrier import _nanp
from anycarrier.numbers import InvalidNumber, PhoneNumber
from support.untraced import untraced

ROOT = Path(__file__).resolve().parents[2]
REGIONS: tuple[str, ...] = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]
THREE = [f"{code:03}" for code in range(1000)]
LINES = ("0000", "0100", "0199", "1212", "9999")
# In the order of phonenumbers; fixed_line and mobile last.
KINDS = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "mobile",
)


@pytest.fixture(scope="module")
def generator() -> Iterator[ModuleType]:
    script = ROOT / ".ci" / "make_nanp_table.py"
    if not script.exists():
        pytest.skip("a source distribution is without the generator")
    spec = importlib.util.spec_from_file_location("make_nanp_table", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def fresh_table(generator: ModuleType) -> Any:
    return generator.build()


def ours(text: str, region: str | None = "US") -> str | None:
    try:
        return PhoneNumber(text, region=region).e164
    except InvalidNumber:
        return None


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
    """
    if any(char.isalpha() or (char.isnumeric() and not char.isascii()) for char in text):
        return True
    try:
        parsed = phonenumbers.parse(text, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return False
    if parsed.extension:
        return True
    if parsed.country_code != 1:
        return False
    digits = "".join(char for char in text if char.isdecimal())
    if parsed.country_code_source == phonenumbers.CountryCodeSource.FROM_NUMBER_WITH_IDD:
        digits = digits.removeprefix("00" if region == "GB" else "011")
    return digits == f"11{phonenumbers.national_significant_number(parsed)}"


def by_metadata() -> Callable[[str], bool]:
    """Return whether ten digits after +1 are valid, by the metadata's own regular expressions.

    Does what phonenumbers does, in the same order, without its overhead: the first region that claims the
    number decides.
    """
    rules: list[tuple[Callable[[str], Any] | None, Callable[[str], Any]]] = []
    for name in REGIONS:
        metadata = PhoneMetadata.metadata_for_region(name)
        assert metadata is not None
        descriptions = [getattr(metadata, kind) for kind in KINDS]
        general = metadata.general_desc
        assert general is not None
        assert 10 in general.possible_length
        patterns = "|".join(
            desc.national_number_pattern
            for desc in descriptions
            if desc is not None
            and desc.national_number_pattern
            and (10 in desc.possible_length or not desc.possible_length)
        )
        # The general pattern has to match as well; a lookahead asks both at once.
        valid = re.compile(f"(?=(?:{general.national_number_pattern})$)(?:{patterns})").fullmatch
        leading = None if metadata.leading_digits is None else re.compile(metadata.leading_digits).match
        rules.append((leading, valid))
    first_valid = rules[0][1]
    # By area code, the regions that can claim a number at all: leading digits are at most four.
    claiming = {
        npa: [
            (leading, valid)
            for leading, valid in rules[1:]
            if leading is None or any(leading(f"{npa}{digit}") for digit in range(10))
        ]
        for npa in THREE
    }
    assert rules[0][0] is None

    def verdict(digits: str) -> bool:
        if first_valid(digits):
            return True
        for leading, valid in claiming[digits[:3]]:
            if leading is None:
                if valid(digits):
                    return True
            elif leading(digits):
                return valid(digits) is not None
        return False

    return verdict


def all_facts() -> dict[tuple[str, str], tuple[str | None, str]]:
    """Every pair of area code and exchange in the table."""
    facts = {(npa, nxx): both for npa, both in _nanp.WHOLE.items() for nxx in THREE[200:]}
    for npa, groups in _nanp.PARTIAL.items():
        for country, kind, ranges in groups:
            for run in ranges.split():
                for code in range(int(run[:3]), int(run[-3:]) + 1):
                    assert (npa, f"{code:03}") not in facts
                    facts[npa, f"{code:03}"] = (country, kind)
    return facts


def country_and_type(e164: str) -> tuple[str | None, str]:
    """The rule of PhoneNumber.country and .type, asked of phonenumbers."""
    parsed = phonenumbers.parse(e164, None)
    kind = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(parsed)).lower()
    kind = {"personal_number": "personal"}.get(kind, kind)
    holders = [name for name in REGIONS if phonenumbers.is_valid_number_for_region(parsed, name)]
    if kind == "toll_free" or len(holders) > 1:
        return None, kind
    assert holders == [phonenumbers.region_code_for_number(parsed)]
    return holders[0], kind


@pytest.mark.slow
def test_table_is_what_the_installed_release_says(generator: ModuleType, fresh_table: Any) -> None:
    fresh: str = generator.render(fresh_table)
    committed = generator.TARGET.read_text(encoding="ascii")
    assert generator.without_version(fresh) == generator.without_version(committed), (
        f"phonenumbers {phonenumbers.__version__} has other North American numbers than the committed table, "
        f"which is of {_nanp.PHONENUMBERS_VERSION}; regenerate it with: {generator.COMMAND}"
    )


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("2", [("2",)]),
        (r"2\d", [("2", "0123456789")]),
        ("[2-46]{2}", [("2346", "2346")]),
        ("1(?:2|3[05])|4", [("1", "2"), ("1", "3", "05"), ("4",)]),
    ],
)
def test_generator_expands_patterns(
    generator: ModuleType,
    pattern: str,
    expected: list[tuple[str, ...]],
) -> None:
    assert list(generator.expand(pattern)) == expected


@pytest.mark.parametrize("pattern", ["2?", "2+", "2*", "(2)", "[^2]", "2)", "(?:2", r"\w", "2.", "^2", "2$"])
def test_generator_refuses_what_it_does_not_know(generator: ModuleType, pattern: str) -> None:
    with pytest.raises(SystemExit):
        generator.expand(pattern)


def test_generator_refuses_a_range_of_repetitions(generator: ModuleType) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        generator.expand("2{1,2}")


def test_check_mode(
    generator: ModuleType,
    fresh_table: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(generator, "build", lambda: fresh_table)
    target = tmp_path / "_nanp.py"
    monkeypatch.setattr(generator, "TARGET", target)
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0
    written = target.read_text(encoding="ascii")
    version = f'"{phonenumbers.__version__}"'
    assert version in written
    target.write_text(written.replace(version, '"0.0.0"'), encoding="ascii")
    assert generator.main(["--check"]) == 0, "another release with the same numbers needs no new table"
    target.write_text(written.replace('"201 202', '"202'), encoding="ascii")
    assert generator.main(["--check"]) == 1
    assert generator.COMMAND in capsys.readouterr().err


def test_lists_of_codes() -> None:
    assert frozenset(REGIONS) == _nanp.REGIONS
    codes = {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
    assert {code for code in codes if len(code) == 2} == _nanp.TWO_DIGIT_COUNTRY_CODES
    assert {code for code in codes if len(code) == 1} == {"1", "7"}


def test_full_area_codes_have_every_exchange() -> None:
    facts = all_facts()
    for npa in THREE:
        full = all(facts.get((npa, nxx), (None, "ask"))[1] != "ask" for nxx in THREE[200:])
        assert (npa in _nanp.FULL) is full, npa


@pytest.fixture
def plain() -> Iterator[None]:
    """A million numbers go through the same few lines, which other tests measure."""
    with untraced():
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
def test_every_pair_of_area_code_and_exchange() -> None:
    """The million pairs, against the metadata's own regular expressions.

    Every line number of LINES for the area codes in the table; one for the others, which both refuse whole.
    Area codes beginning with 0 or 1 are left to phonenumbers by the code itself, so there the metadata is
    only asked whether it has any.
    """
    valid = by_metadata()
    for npa in THREE:
        in_table = npa in _nanp.FULL or npa in _nanp.PARTIAL
        for nxx in THREE:
            for line in LINES if in_table else LINES[1:2]:
                digits = f"{npa}{nxx}{line}"
                if npa < "200":
                    assert not valid(digits), digits
                else:
                    assert ours(f"+1{digits}") == (f"+1{digits}" if valid(digits) else None), digits


def test_exchanges_split_by_line_number() -> None:
    """All lines of the exchanges about which phonenumbers itself is asked."""
    split = [pair for pair, (_, kind) in all_facts().items() if kind == "ask"]
    assert len(split) < 20, "too many to leave to phonenumbers"
    valid = by_metadata()
    for npa, nxx in split:
        for line in range(0, 10_000, 37):
            digits = f"{npa}{nxx}{line:04}"
            assert ours(digits) == (f"+1{digits}" if valid(digits) else None), digits


@pytest.mark.slow
def test_facts_of_the_table() -> None:
    """Country and type: every exchange of the restricted area codes, some of each of the others."""
    source = random.Random(20)
    for (npa, nxx), facts in all_facts().items():
        if npa in _nanp.WHOLE and nxx not in ("200", "555", "999"):
            continue
        number = PhoneNumber(f"+1{npa}{nxx}{source.choice(LINES)}") if facts[1] != "ask" else None
        if number is not None:
            assert (number.country, number.type) == facts == country_and_type(number), number


def test_facts_of_split_exchanges() -> None:
    for (npa, nxx), (_, kind) in all_facts().items():
        if kind == "ask":
            for line in range(0, 10_000, 500):
                text = f"+1{npa}{nxx}{line:04}"
                if ours(text) is not None:
                    assert (PhoneNumber(text).country, PhoneNumber(text).type) == country_and_type(text)


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
            (
                f"+11{digits}",
                f"11{digits}",
                f"1 1 {digits}",
                f"+1 1 {digits}",
                f"01111{digits}",
                f"0011{digits}",
            )
        )
    elif shape == 10:
        text = pick(
            (
                f"{digits} x12",
                f"{digits},12",
                f"{digits}#1",
                f"{digits};ext=1",
                f"{digits} ext. 3",
                f"{digits}~9",
            )
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
def test_random_pairs_against_phonenumbers_itself() -> None:
    source = random.Random(21)
    for _ in range(50_000):
        text = f"+1{source.randrange(10**10):010}"
        assert ours(text) == theirs(text), text


@pytest.mark.slow
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


def test_importing_the_table_is_cheap() -> None:
    code = compile(Path(_nanp.__file__).read_text(encoding="ascii"), "_nanp.py", "exec")
    assert not {"re", "phonenumbers"} & set(code.co_names)
    lines = 0

    def count(_: FrameType, event: str, __: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        exec(code, {"__name__": "_nanp"})  # noqa: S102 - what an import does once the byte code is there
    finally:
        sys.settrace(before)
    assert 0 < lines < 5000, "some lines for each area code, and none for each exchange"
