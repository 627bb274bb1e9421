"""Whatever JSON comes, it is read or refused in one sentence, which shows nothing of it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.json_forms import from_json, to_json
from anycarrier.search import Search
from support.json_samples import ERRORS, SAMPLES, error_of

MARK = "quoted7"
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(max_size=8),
    st.just(MARK),
)
JSON = st.recursive(
    SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=6), one, max_size=3), max_leaves=6
)
FORMS = [(type(one), to_json(one)) for one in SAMPLES] + [(AnyCarrierError, to_json(error_of(one))) for one in ERRORS]


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything in a document."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, held in inner for place in places(held, (*path, key)))]


def put(data: Any, path: tuple[Any, ...], value: object) -> Any:
    if not path:
        return value
    data = copy.deepcopy(data)
    at = data
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return data


@pytest.mark.slow
@settings(max_examples=600)
@given(st.sampled_from(FORMS), st.data())
def test_a_form_with_anything_in_it_is_read_or_refused(form: tuple[type[Any], Any], data: st.DataObject) -> None:
    kind, document = form
    altered = put(document, data.draw(st.sampled_from(places(document))), data.draw(JSON))
    try:
        value = from_json(kind, altered)
    except InvalidInput as error:
        assert MARK not in str(error)
    else:
        again = to_json(value)
        assert to_json(from_json(kind, again)) == again


DIGITS = st.text("0123456789", min_size=1, max_size=4)


@pytest.mark.slow
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "area_code": st.lists(st.sampled_from(["201", "551", "646"]), min_size=1, max_size=3, unique=True),
            "ends_with": DIGITS,
            "contains": DIGITS,
            "without": st.sets(DIGITS, max_size=3),
            "excluding": st.sets(st.sampled_from(["201", "551555", "+12015550123"]), max_size=3),
            "features": st.sets(st.sampled_from(["sms", "voice"])),
            "state": st.sampled_from(["NJ", "ny"]),
            "sort_by": st.just("price"),
            "limit": st.integers(1, 1000),
        },
    )
)
def test_any_search_is_read_back(filters: dict[str, Any]) -> None:
    query = Search(**filters)
    assert from_json(Search, to_json(query)) == query
