"""Leadping's settings and API versions."""

from __future__ import annotations

import pytest

from anycarrier import errors as e
from anycarrier.registry import make
from anycarrier_adapters.leadping import Leadping
from support.leadping import AUGUST


def test_settings_say_all_that_is_wrong_at_once() -> None:
    with pytest.raises(e.ConfigurationError) as caught:
        Leadping(base_url="http://api.leadping.ai", api_version="2025-01")
    told = str(caught.value)
    assert all(word in told for word in ("api_key", "base_url", "2026-06, 2026-08, 2026-10"))
    with pytest.raises(e.ConfigurationError, match="source key"):
        Leadping(api_key="lp_src_0123")


def test_the_api_version_of_june_is_the_default_and_the_environment_can_say_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Leadping(api_key="lp_1").api_version.list_path == "/phone-numbers/all/my"
    monkeypatch.setenv("ANYCARRIER_LEADPING_API_VERSION", AUGUST)
    assert make("leadping", {"api_key": "lp_1"}).api_version.list_path == "/phone-numbers/all/organization"
