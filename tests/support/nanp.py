"""The table's verdicts and those of phonenumbers."""

from __future__ import annotations

from anycarrier.numbers import InvalidNumber, PhoneNumber

THREE = [f"{code:03}" for code in range(1000)]
LINES = ("0000", "0100", "0199", "1212", "9999")


def ours(text: str, region: str | None = "US") -> str | None:
    try:
        return PhoneNumber(text, region=region).e164
    except InvalidNumber:
        return None
