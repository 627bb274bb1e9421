"""Whatever a file holds, it is read, or all that is wrong with it is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anycarrier.desired_state import Desired
from anycarrier.errors import InvalidInput
from anycarrier.number_files import (
    WrongFile,
    desired_from_csv,
    number_in_cell,
    profiles_from_toml,
    read_desired,
    reading,
)

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


@pytest.mark.slow
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


@pytest.mark.slow
@given(st.text(max_size=60))
def test_any_text_is_read_or_named(text: str) -> None:
    for read in (desired_from_csv, profiles_from_toml, number_in_cell):
        try:
            read(text)
        except InvalidInput as error:
            assert error.message


def test_what_is_nested_too_deeply_is_named(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(WrongFile, match=r"deep\.json has 1 problem: it is nested too deeply"):
        read_desired(tmp_path / "deep.json")
    with pytest.raises(WrongFile, match="nested too deeply"):
        profiles_from_toml(f"a = {'[' * 100_000}")


def test_a_file_that_is_too_long_is_named_and_a_hundred_thousand_whole_lines_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = "2015550123,active,gateway 1000,none,webhook https://example.com/texts/by/number,CB2PATH,Front desk,,yes,"
    address = "Acme Incorporated,411 Hackensack Avenue,Suite 100,Hackensack,NJ,07601"
    assert 100_000 * len(state + address) < reading.MOST
    monkeypatch.setattr(reading, "MOST", 20)
    for name, text in (("a.csv", "number\n2015550123\n2015550124\n"), ("a.json", json.dumps([{}] * 20))):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(WrongFile, match="it is too long"):
            read_desired(tmp_path / name)
