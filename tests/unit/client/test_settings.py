"""Settings as type checkers see them: those of the constructors."""

from __future__ import annotations

import inspect
from typing import get_type_hints

import pytest

from anycarrier.client import _settings
from anycarrier.registry import provider_class


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("voicetel", _settings.VoiceTelSettings),
        ("leadping", _settings.LeadpingSettings),
        ("lc_phone", _settings.LCSettings),
        ("lc_legacy", _settings.LCSettings),
    ],
)
def test_typed_settings_are_those_of_the_constructor(name: str, settings: type) -> None:
    cls = provider_class(name)
    of_clients = ("timeouts", "clock", "max_wait", "journal", "budget")
    typed = {key: hint for key, hint in get_type_hints(settings).items() if key not in of_clients}
    takes = [one for one in inspect.signature(cls).parameters if one != "self"]
    assert sorted(typed) == sorted(takes)
    hints = get_type_hints(cls.__init__)
    for key, hint in typed.items():
        if key != "account":  # without an alias, LeadConnector's has the provider's name
            assert hint == hints[key], key
