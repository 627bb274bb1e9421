"""Text that is no phone number is refused, with a message that shows its shape and never its digits."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anycarrier.numbers import InvalidNumber, PhoneNumber


def refusal(text: str, region: str | None = "US") -> InvalidNumber:
    with pytest.raises(InvalidNumber) as caught:
        PhoneNumber(text, region=region)
    return caught.value


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_a_number"),
        ("   ", "not_a_number"),
        ("+", "not_a_number"),
        ("()-", "not_a_number"),
        ("1", "not_a_number"),
        ("201\n5550123", "not_a_number"),
        ("201\r\n555\r\n0123", "not_a_number"),
        ("201\x005550123", "not_a_number"),
        ("201_555_0123", "not_a_number"),
        ("201555012", "too_short"),
        ("5550123", "too_short"),
        ("+1201555012", "too_short"),
        ("(201) 555-012", "too_short"),
        ("+44", "not_a_number"),
        ("+441", "too_short"),
        ("+44 20 794", "too_short"),
        ("20155501234", "too_long"),
        ("+120155501234", "too_long"),
        ("2015550123.0", "too_long"),
        ("+44 20 7946 0018 123 456", "too_long"),
        (f"+1201555{'0' * 20}", "too_long"),
        ("2015550123" + " " * 300, "too_long"),
        ("+999 201 555 0123", "invalid_country_code"),
        ("011 999 201 555", "invalid_country_code"),
        ("+112015550123", "doubled_country_code"),
        ("+1 1 (201) 555-0123", "doubled_country_code"),
        ("+1 1-201-555-0123", "doubled_country_code"),
        ("1 1 201 555 0123", "doubled_country_code"),
        ("112015550123", "doubled_country_code"),
        ("011 1 1 201 555 0123", "doubled_country_code"),
        ("\uff0b112015550123", "doubled_country_code"),
        ("+10115550123", "invalid_npa"),
        ("+11115550123", "invalid_npa"),
        ("+11201555012", "invalid_npa"),
        ("1115550123", "invalid_npa"),
        ("+12115550123", "invalid_npa"),
        ("911-555-0123", "invalid_npa"),
        ("411 555 0123", "invalid_npa"),
        ("+12905550123", "invalid_npa"),
        ("+19995550123", "invalid_npa"),
        ("+12010550123", "invalid_nxx"),
        ("+12011550123", "invalid_nxx"),
        ("(201) 055-0123", "invalid_nxx"),
        ("+12425550123", "invalid_nxx"),
        ("201-555-01AB", "letters"),
        ("1-201-555-01ab", "letters"),
        ("tel:+12015550123", "letters"),
        ("Phone 201-555-0123", "letters"),
        ("201-555-0123 home", "letters"),
        ("201-555-\u0430\u0431\u0432\u0433", "letters"),
        ("201x555x0123", "extension"),
        ("call me", "letters"),
        ("201-555-0123 x4", "extension"),
        ("201-555-0123 ext. 4", "extension"),
        ("201-555-0123 extension 4", "extension"),
        ("201-555-0123,4", "extension"),
        ("2015550123#4", "extension"),
        ("2015550123;4", "extension"),
        ("+12015550123;ext=4", "extension"),
        ("\uff12\uff10\uff11\uff15\uff15\uff15\uff10\uff11\uff12\uff13", "non_ascii"),
        ("+1\u0662\u0660\u06615550123", "non_ascii"),
        ("201555012\u0663", "non_ascii"),
        ("201555012\u00b3", "non_ascii"),
        ("+4\uff14 20 7946 0018", "non_ascii"),
        ("+44 10 7946 0018 0", "too_long"),
        ("+44 60 7946 0018", "not_valid"),
    ],
)
def test_refusals(text: str, reason: str) -> None:
    error = refusal(text)
    assert error.reason == reason, error
    assert isinstance(error, ValueError)
    assert error.__suppress_context__ or error.__context__ is None


def test_a_region_is_needed_without_a_country_code() -> None:
    assert refusal("2015550123", None).reason == "no_region"
    assert refusal("1-201-555-0123", None).reason == "no_region"
    error = refusal("2015550123", "us")
    assert error.reason == "no_region"
    assert "'US'" in str(error)
    assert refusal("020 7946 0018", "ZZ").reason == "no_region"


def test_messages_show_the_shape_only() -> None:
    assert "'###-###-#### a#'" in str(refusal("201-555-0123 x4"))
    assert "'### aaaa'" in str(refusal("201 Anna"))
    assert "'(###) ###-###'" in str(refusal("(201) 555-012"))
    assert len(str(refusal("2" * 249))) < 200
    assert "9 digits" in str(refusal("201555012"))


@pytest.mark.slow
@given(st.text(alphabet="0123456789 +()-.xABab\u0663\uff15", min_size=8, max_size=24))
@settings(max_examples=300, deadline=None)
def test_messages_never_show_the_digits(text: str) -> None:
    try:
        PhoneNumber(text)
    except InvalidNumber as error:
        message = str(error).replace("+12015550123", "").replace("(201) 555-0123", "")
        digits = "".join(char for char in text if char.isdecimal())
        for at in range(len(digits) - 3):
            assert digits[at : at + 4] not in message


def test_invalid_number_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(refusal("201555012")))
    assert type(error) is InvalidNumber
    assert error.reason == "too_short"
    assert str(error) == str(refusal("201555012"))


def test_wrong_area_codes_are_not_remembered() -> None:
    from anycarrier import numbers

    for npa in ("290", "911", "999"):
        refusal(f"+1{npa}5550123")
    assert not {"290", "911", "999"} & numbers._expanded.keys()
