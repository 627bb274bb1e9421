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

import phonenumbers
import pytest
from phonenumbers.phonemetadata import PhoneMetadata

from anycarrier import _nanp
from anycarrier.numbers import PhoneNumber
from support.nanp import LINES, THREE, ours
from support.untraced import untraced

ROOT = Path(__file__).resolve().parents[2]
REGIONS: tuple[str, ...] = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]
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
    with untraced():
        return generator.build()


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
def test_generator_expands_patterns(generator: ModuleType, pattern: str, expected: list[tuple[str, ...]]) -> None:
    assert list(generator.expand(pattern)) == expected


@pytest.mark.parametrize("pattern", ["2?", "2+", "2*", "(2)", "[^2]", "2)", "(?:2", r"\w", "2.", "^2", "2$"])
def test_generator_refuses_what_it_does_not_know(generator: ModuleType, pattern: str) -> None:
    with pytest.raises(SystemExit):
        generator.expand(pattern)


def test_generator_refuses_a_range_of_repetitions(generator: ModuleType) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        generator.expand("2{1,2}")


@pytest.mark.slow
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


@pytest.mark.slow
def test_full_area_codes_have_every_exchange() -> None:
    facts = all_facts()
    for npa in THREE:
        full = all(facts.get((npa, nxx), (None, "ask"))[1] != "ask" for nxx in THREE[200:])
        assert (npa in _nanp.FULL) is full, npa


@pytest.mark.slow
@pytest.mark.usefixtures("without_coverage")
def test_every_pair_of_area_code_and_exchange() -> None:
    """Pairs against the metadata's own regular expressions: all of area codes that have some exchanges and lack others,
    and a quarter, another for each neighbor, of those that have all or none.

    One line number each, of LINES in turn: exchanges that are split by line number have a test of their own, and the
    soak asks phonenumbers about every pair with each of LINES. Area codes beginning with 0 or 1 are left to
    phonenumbers by the code itself, so there the metadata is only asked whether it has any.
    """
    valid = by_metadata()
    for npa in THREE:
        first, step = (0, 1) if npa in _nanp.PARTIAL else (int(npa) % 4, 4)
        for nxx in THREE[first::step]:
            digits = f"{npa}{nxx}{LINES[(int(npa) + int(nxx)) % len(LINES)]}"
            if npa < "200":
                assert not valid(digits), digits
            else:
                assert ours(f"+1{digits}") == (f"+1{digits}" if valid(digits) else None), digits


@pytest.mark.slow
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


@pytest.mark.slow
def test_facts_of_split_exchanges() -> None:
    for (npa, nxx), (_, kind) in all_facts().items():
        if kind == "ask":
            for line in range(0, 10_000, 500):
                text = f"+1{npa}{nxx}{line:04}"
                if ours(text) is not None:
                    assert (PhoneNumber(text).country, PhoneNumber(text).type) == country_and_type(text)


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
