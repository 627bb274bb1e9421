"""Comparison of an answer that is read in one go with the same answer read by models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import fields
from hypothesis import strategies as st

from anycarrier.decoding import rows
from support.script import Script, answer

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 5), st.integers(), st.floats(), st.text(max_size=4),
    st.sampled_from(["", " ", "\x1c", "1" * 70, int("1" * 70), 1.15, 4.0, "4", "true", '":', "},{", "}]", "\ud800", [],
                     {}, {"a": 1}, [{"a": 1}], [[1]]]),
)  # fmt: skip
"""Values that a member may have by mistake."""


def told(exchange: Any, body: bytes, chunk: int = 65536) -> Any:
    """Everything that comes of an exchange: items with all their fields, and the error."""
    script = Script(answer(body), chunk=chunk)
    error, found = None, []
    try:
        found = script.run(exchange) or []
    except Exception as raised:  # noqa: BLE001 - compared
        error = type(raised), str(raised)
    items = script.emitted or found
    return [(type(item), [plain(getattr(item, one.name)) for one in fields(type(item))]) for item in items], error


def told_items(exchange: Any, body: bytes) -> list[Any]:
    """The items of an exchange that one answer is enough for."""
    script = Script(answer(body))
    found = script.run(exchange) or []
    return script.emitted or found


def plain(value: Any) -> str:
    """*value*, to compare; members of a mapping may come in any order."""
    return repr(sorted(value.items(), key=repr)) if hasattr(value, "items") else repr(value)


def both_ways(run: Callable[[], Any]) -> tuple[Any, Any]:
    """Results of *run* with lists read in one go, and with each row read forgivingly by itself."""
    at_once = run()

    def refuse(*_: Any) -> Any:
        raise ValueError("row by row")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows._Reader, "strictly", lambda *_: None)
        patch.setattr(rows, "_array_of", lambda _: refuse)
        patch.setattr(rows, "_one_of", lambda _: refuse)
        return at_once, run()
