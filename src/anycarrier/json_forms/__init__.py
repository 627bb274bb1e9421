"""The public JSON form of the library's values: the same in programs, in services and on the command line.

:func:`to_json` makes JSON data of a value, :func:`from_json` the value of JSON data, and :func:`json_schema` describes
the data. Classes with a form are also field types of pydantic models and response models of FastAPI. :class:`Problem`
is an error as RFC 9457 has it, for the answers of an HTTP service.

An object is written with all its members. Numbers are E.164, with ``ten_digit`` beside; amounts are text, times ISO
8601; a route has its class as ``kind``, an error has its class as ``type``. Secrets are never written.

A document has a ``version``; without one it is 1, and one of a later version is refused. What a later release adds
within a version is passed over where a provider or the journal states it (offers, numbers, purchases, errors: unknown
members are left out, unknown words are ``unknown`` or not stated), and refused by name where a program wishes it
(searches, orders, routes, amounts): without it, something else would be done.
"""

from __future__ import annotations

from anycarrier.json_forms.members import VERSION
from anycarrier.json_forms.problems import Problem
from anycarrier.json_forms.reading import from_json
from anycarrier.json_forms.schemas import json_schema
from anycarrier.json_forms.writing import to_json

__all__ = ["VERSION", "Problem", "from_json", "json_schema", "to_json"]
