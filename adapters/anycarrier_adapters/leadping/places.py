"""Where a number is at home, from Leadping's texts."""

from __future__ import annotations

from collections.abc import Mapping

from anycarrier.numbers import PhoneNumber

__all__ = ["city", "country", "state"]


def city(canonical: str | None, free: str | None) -> str | None:
    """The city: the canonical one, else what the free text has before a comma."""
    return canonical or (free or "").partition(",")[0].strip() or None


def state(stated: str | None) -> str | None:
    """The state or province as two letters, also of one that is spelled out; as it came where it is neither."""
    return stated and _STATES.get(stated.strip().casefold(), stated)


def country(code: str | None, number: PhoneNumber) -> str | None:
    """The country that is stated by a code of two letters, else that of the number."""
    code = (code or "").strip().upper()
    return code if len(code) == 2 else number.country


_STATES: Mapping[str, str] = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO",
    "connecticut": "CT", "delaware": "DE", "district of columbia": "DC", "florida": "FL", "georgia": "GA",
    "hawaii": "HI", "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY",
    "louisiana": "LA", "maine": "ME", "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN",
    "mississippi": "MS", "missouri": "MO", "montana": "MT", "nebraska": "NE", "nevada": "NV", "new hampshire": "NH",
    "new jersey": "NJ", "new mexico": "NM", "new york": "NY", "north carolina": "NC", "north dakota": "ND",
    "ohio": "OH", "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA", "puerto rico": "PR", "rhode island": "RI",
    "south carolina": "SC", "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT",
    "virginia": "VA", "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY", "alberta": "AB",
    "british columbia": "BC", "manitoba": "MB", "new brunswick": "NB", "newfoundland and labrador": "NL",
    "nova scotia": "NS", "northwest territories": "NT", "nunavut": "NU", "ontario": "ON",
    "prince edward island": "PE", "quebec": "QC", "saskatchewan": "SK", "yukon": "YT",
}  # fmt: skip
