"""Answers that contradict their status are told from those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier.decoding.contradictions import says_done


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": "Number purchase successful"}, True),
        ({"a": [{"b": "It was purchased."}]}, True),
        ({"status": " Success "}, True),
        ({"x": {"success": True}}, True),
        ("has been ordered", True),
        ({"message": "The purchase was not successful"}, False),
        ({"message": "unsuccessful"}, False),
        ({"success": False, "status": "error"}, False),
        ({"success": 1, "status": 400}, False),
        (None, False),
        ({"message": "Phone number is no longer available"}, False),
        ({"message": "Purchased +12015550100"}, True),
        ("Your wallet has been charged", True),
        ("You have not been charged", False),
        ("It cannot be purchased", False),
        ("Purchases are disabled", False),
    ],
)
def test_an_error_that_says_at_the_same_time_that_it_was_done(body: Any, said: bool) -> None:
    assert says_done(body) is said
