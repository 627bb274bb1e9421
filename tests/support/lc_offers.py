"""Offers of LeadConnector for tests of purchases."""

from __future__ import annotations

from typing import Any

from anycarrier import Search
from support.lc import NUMBER, Lc, answer, available

OTHER = "+18705550124"


def offer_of(lc: Lc, **changes: Any) -> Any:
    lc.wire.answers.insert(0, answer(available(NUMBER, **changes)))
    return lc.search(Search())[0]
