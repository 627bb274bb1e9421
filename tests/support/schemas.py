"""Answers made from a published schema, and what becomes of them.

hypothesis-jsonschema 0.23.1 fails with the Hypothesis of today, and knows neither ``nullable`` nor ``example``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC
from functools import reduce
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from anycarrier.errors import AnyCarrierError, ProviderError, UnexpectedResponse
from anycarrier.exchange import Response
from support.script import Script

__all__ = ["EXAMPLES", "answered", "judge", "made", "real", "resolved"]

EXAMPLES = 40
"""Answers for each operation and kind of answer."""


def resolved(schema: Any, look: Callable[[str], Any]) -> Any:
    """*schema* standing alone: references looked up, ``allOf`` merged."""
    if isinstance(schema, list):
        return [resolved(one, look) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolved(look(schema["$ref"]), look)
    plain = {name: part if name in ("example", "enum") else resolved(part, look) for name, part in schema.items()}
    parts = plain.pop("allOf", ())
    return reduce(_merged, [*parts, plain]) if parts else plain


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {**one, **other}
    for name in ("properties", "required"):
        if name in one and name in other:
            both[name] = {**one[name], **other[name]} if name == "properties" else [*one[name], *other[name]]
    return both


def made(schema: Any) -> st.SearchStrategy[Any]:
    """Anything that *schema* allows, members that it does not name among it; lists are short.

    An example comes as often as any other value.
    """
    for name in ("oneOf", "anyOf"):
        if name in schema:
            return st.one_of([made(one) for one in schema[name]])
    if "enum" in schema:
        strategy: st.SearchStrategy[Any] = st.sampled_from(schema["enum"])
    else:
        kinds = schema.get("type") or ("object" if "properties" in schema else "array" if "items" in schema else "any")
        strategy = st.one_of([_of_kind(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)])
    if "example" in schema and not isinstance(schema["example"], (dict, list)):
        strategy = st.just(schema["example"]) | strategy
    return st.none() | strategy if schema.get("nullable") else strategy


def _of_kind(kind: str, schema: Any) -> st.SearchStrategy[Any]:
    makers: dict[str, Callable[[Any], st.SearchStrategy[Any]]] = {
        "object": _object,
        "array": _list,
        "string": _string,
        "integer": lambda schema: st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31 - 1)),
        "number": lambda schema: st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
        "boolean": lambda schema: st.booleans(),
        "null": lambda schema: st.none(),
        "any": lambda schema: ANY,
    }
    return makers[kind](schema)


def _object(schema: Any) -> st.SearchStrategy[Any]:
    members = {name: made(part) for name, part in schema.get("properties", {}).items()}
    required = {name: members.pop(name) for name in dict.fromkeys(schema.get("required", ())) if name in members}
    more = schema.get("additionalProperties")
    others = made(more) if isinstance(more, dict) and more else st.none() | st.text(max_size=5)
    some = st.dictionaries(st.text(max_size=5), others, max_size=1)
    known = st.fixed_dictionaries(required, optional=members)
    return st.tuples(some, known).map(lambda both: both[0] | both[1])


def _list(schema: Any) -> st.SearchStrategy[Any]:
    least = schema.get("minItems", 0)
    most = max(least, min(3, schema.get("maxItems", 3)))
    return st.lists(made(schema.get("items", {})), min_size=least, max_size=most)


def _string(schema: Any) -> st.SearchStrategy[Any]:
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=st.just(UTC)).map(lambda time: time.isoformat().replace("+00:00", "Z"))
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    return st.text(min_size=schema.get("minLength", 0), max_size=min(20, schema.get("maxLength", 20)))


ANY: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just([]) | st.just({})
)


def real(answer: Any, members: Mapping[str, Any]) -> None:
    """Put *members* into *answer*, wherever a text has such a name: most numbers that a schema makes are none, because
    it only says that they are text."""
    if isinstance(answer, list):
        for one in answer:
            real(one, members)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            if name in members and isinstance(value, (str, type(members[name]))):
                answer[name] = members[name]
            else:
                real(value, members)


def answered(value: object, status: int) -> Response:
    """An answer of JSON."""
    return Response(status, {"content-type": "application/json"}, json.dumps(value).encode())


def judge(
    answers: st.SearchStrategy[tuple[int, Any]],
    ask: Callable[[], Any],
    *,
    mend: Callable[[Any], None],
    before: tuple[Response, ...] = (),
    after: tuple[Response, ...] = (),
    allowed: tuple[type[AnyCarrierError], ...] = (),
    nothing: tuple[int, ...] = (),
) -> Counter[str]:
    """Answer *ask* with each of *answers* (status and body); each becomes a value or an error.

    A 2xx becomes a value or ``UnexpectedResponse`` (or one of *allowed*), any other status an error of the provider's.

    Args:
        mend: makes an answer fit its request; four of five get it.
        before, after: answers that come before and after.
        nothing: statuses of 300 and more that may mean that there is nothing, as a value.

    Returns:
        How often what came of it.
    """
    seen: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[*HealthCheck],
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
    @given(answers, st.integers(0, 4))
    def check(answer: tuple[int, Any], mended: int) -> None:
        status, body = answer
        if mended:
            mend(body)
        reply = answered(body, status)
        script = Script(*before, *[reply] * (1 if after else 40), *after)
        try:
            value = script.run(ask())
        except AnyCarrierError as error:
            kinds: tuple[type[AnyCarrierError], ...] = (UnexpectedResponse, *allowed)
            assert isinstance(error, kinds if status < 300 else (ProviderError, *kinds)), repr(error)
            assert str(error)
            seen[type(error).__name__] += 1
        else:
            assert repr(value)
            assert status < 300 or (status in nothing and not value), f"{value!r} came of a {status}"
            seen["value"] += 1

    check()
    return seen
