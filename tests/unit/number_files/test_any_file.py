"""Whatever a file holds, it is read, or all that is wrong with it is named."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from anycarrier.desired_state import Desired
from anycarrier.errors import InvalidInput
from anycarrier.number_files import WrongFile, desired_from_csv, number_in_cell, profiles_from_toml

CELLS = st.one_of(
    st.sampled_from(["2015550123", "2.01E+09", "none", "gateway 1000", "webhook https://x.example", "yes", "'=1", ""]),
    st.text(max_size=12),
)
HEADERS = st.lists(
    st.sampled_from(
        ["number", "calls", "texts", "forward", "label", "enabled", "release", "profile", "emergency_name"]
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300)
@given(HEADERS, st.lists(st.lists(CELLS, max_size=7), max_size=5), st.sampled_from(",;\t"))
def test_any_rows_are_read_or_named(header: list[str], rows: list[list[str]], comma: str) -> None:
    text = "\n".join(comma.join(cells) for cells in [header, *rows])
    try:
        found = desired_from_csv(text)
    except WrongFile as wrong:
        assert wrong.problems
        assert all(said.startswith("line ") for said in wrong.problems)
    else:
        assert all(isinstance(one, Desired) and one.number is not None for one in found)


@given(st.text(max_size=60))
def test_any_text_is_read_or_named(text: str) -> None:
    for read in (desired_from_csv, profiles_from_toml, number_in_cell):
        try:
            read(text)
        except InvalidInput as error:
            assert error.message
